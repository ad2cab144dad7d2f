"""What an update costs: all words of a vocabulary in the loss, or a few that are drawn.

Cast: `seconds` times updates of word vectors under either loss; `time_cases` does so for
several sizes of the vocabulary and several numbers of noise words, in turn.
"""

import time

import numpy as np
import tensorflow as tf

from rnncourse.reproduce.experiments import Sweep, one_by_one

RATE = 0.1


def updater(config: dict, size: int, negatives: int):
    """A compiled function of ids `(B,)`, `(B,)` that takes one step down the gradient.

    Args:
        config: `dimensions`.
        size: V.
        negatives: k noise words; 0 is the softmax over all V.
    """
    rng = np.random.default_rng(0)
    shape = (size, config["dimensions"])
    vectors = tf.Variable(rng.uniform(-1, 1, shape).astype(np.float32))
    rows = tf.Variable(rng.uniform(-0.1, 0.1, shape).astype(np.float32))
    biases = tf.Variable(tf.zeros(size))

    @tf.function
    def update(words, neighbours):
        with tf.GradientTape() as tape:
            inputs = tf.nn.embedding_lookup(vectors, words)
            if negatives:
                labels = tf.cast(neighbours[:, None], tf.int64)
                loss = tf.nn.nce_loss(rows, biases, labels, inputs, negatives, size)
            else:
                logits = tf.matmul(inputs, rows, transpose_b=True) + biases
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(neighbours, logits)
            loss = tf.reduce_mean(loss)
        for table, slope in zip(
            (vectors, rows, biases), tape.gradient(loss, [vectors, rows, biases])
        ):
            if isinstance(slope, tf.IndexedSlices):
                table.scatter_sub(tf.IndexedSlices(RATE * slope.values, slope.indices))
            else:
                table.assign_sub(RATE * slope)
        return loss

    return update


def seconds(config: dict, size: int, negatives: int, rng) -> float:
    """The median time of an update on `batch` pairs."""
    update, times = updater(config, size, negatives), []
    for _ in range(config["repeats"] + 1):  # the first call compiles
        words, neighbours = (
            tf.constant(rng.integers(0, size, config["batch"]), tf.int32) for _ in "ab"
        )
        begun = time.perf_counter()
        update(words, neighbours).numpy()
        times.append(time.perf_counter() - begun)
    return float(np.median(times[1:]))


def time_cases(config: dict, seed: int) -> dict:
    """One round over all sizes and numbers of noise words.

    Returns:
        `softmax`: seconds of an update for each size; `nce`: for each size and each number.
    """
    rng = np.random.default_rng(seed)
    softmax = [seconds(config, size, 0, rng) for size in config["sizes"]]
    nce = [[seconds(config, size, k, rng) for k in config["negatives"]] for size in config["sizes"]]
    return {"softmax": softmax, "nce": nce}


SWEEPS = (
    Sweep(
        "nce-cost",
        {
            "sizes": [200, 5000, 50_000],
            "negatives": [5, 100],
            "dimensions": 150,
            "batch": 128,
            "repeats": 5,
        },
        one_by_one(time_cases),
        seeds=tuple(range(5)),
        kind="timing",
    ),
)
