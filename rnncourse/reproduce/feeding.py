"""How words get into a step: an array in the graph, arrays handed over, or a pipeline.

The same step, the same windows, the same model; what differs is who fetches the next
window. `many a call` is the course's loop, which also saves the way back to Python.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from rnncourse.networks.language_models import LanguageModel, stream_loss
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.training.loop import train

WAYS = ("array in the graph", "handed over", "tf.data", "many a call")


def seconds(config: dict, seed: int) -> dict:
    """Seconds of an update for each of `WAYS`, the median over its rounds.

    Args:
        config: `cases` with `vocabulary` and `units`; `batch`, `steps`, `updates`, `rounds`.
        seed: Of weights and words.
    """
    return {"update": [_case(config | case, seed) for case in config["cases"]]}


def _case(config, seed):
    keras.utils.set_random_seed(seed)
    model = LanguageModel(config["vocabulary"], config["units"], dropout=0.5)
    shape = (config["updates"], config["batch"], config["steps"])
    x, y = np.random.default_rng(seed).integers(
        config["vocabulary"], size=(2, *shape), dtype=np.int32
    )
    loss, state = stream_loss(model, x, y)
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)

    def update(words, wanted):
        with tf.GradientTape() as tape:
            logits, last = model(words, state, training=True)
            value = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))
        optimizer.apply(tape.gradient(value, model.trainable_variables))
        state.assign(last)
        return value

    in_graph = tf.constant(x), tf.constant(y)
    from_array = tf.function(lambda k: update(in_graph[0][k], in_graph[1][k]), autograph=False)
    of_batch = tf.function(update, autograph=False)
    queue = tf.data.Dataset.from_tensor_slices((x, y)).prefetch(2)

    def array():
        for k in range(len(x)):
            from_array(tf.constant(k))

    def handed_over():
        for words, wanted in zip(x, y):
            of_batch(tf.constant(words), tf.constant(wanted))

    def pipeline():
        for words, wanted in queue:
            of_batch(words, wanted)

    def many():
        marks.clear()
        train(
            loss,
            [model],
            keras.optimizers.SGD(0.1),
            2 * len(x),
            carry=[state],
            steps_per_call=len(x),
            after_call=lambda step, losses: marks.append(time.perf_counter()),
            progress=False,
        )
        return marks[1] - marks[0]  # the first call also compiles

    marks, rounds = [], []
    for once in (array, handed_over, pipeline):
        once()
    for _ in range(config["rounds"]):
        rounds.append([])
        for once in (array, handed_over, pipeline):
            start = time.perf_counter()
            once()
            rounds[-1].append(time.perf_counter() - start)
    return [*(np.median(rounds, axis=0) / len(x)).tolist(), many() / len(x)]


SWEEPS = (
    Sweep(
        "text-feeding",
        {
            "ways": list(WAYS),
            "cases": [
                {"vocabulary": 45, "units": 48},
                {"vocabulary": 2000, "units": 128},
            ],
            "batch": 20,
            "steps": 20,
            "updates": 40,
            "rounds": 5,
        },
        one_by_one(seconds),
        seeds=(0, 1, 2),
        kind="timing",
    ),
)
