"""Readers of reviews side by side, with words of their own and with borrowed ones.

Cast: `lend` trains vectors on a text without verdicts; `start` gives each network a table
of vectors, its own or a lent one; `learn` trains all of them at once, each on labelled
reviews of its own; `answers` asks them. A *case* says how many reviews are labelled,
whose vectors, whether they are trained further, and at what rate.

N networks stand side by side: every weight has a leading axis N. Each is an embedding, a
GRU as in Keras, and a logit of "good" from its last state.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.training.loop import train
from rnncourse.word_vectors.skip_gram import train_skip_gram

SPREAD = 0.3  # standard deviation of the numbers in every table that training begins with


def lend(texts, size: int, config: dict, seed) -> np.ndarray:
    """Skip-gram vectors `(V, D)` of texts of ids, as `config["lending"]` says."""
    return train_skip_gram(texts, size, seed=seed, **config["lending"])


def start(config: dict, tables, tuned: bool, seeds) -> dict[str, tf.Variable]:
    """Weights, name → `(N, …)`: `E` is trained only if `tuned`.

    Args:
        config: Has `units`.
        tables: What the embeddings begin with, `(N, V, D)`; each is scaled to `SPREAD`.
        tuned: Whether training goes on with them.
        seeds: N of them, for the other weights: Glorot uniform, biases 0.
    """
    H, D = config["units"], tables.shape[-1]

    def glorot(rng, rows, columns):
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    drawn = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 4])
        drawn.append(
            {
                "W": glorot(rng, D, 3 * H),
                "U": glorot(rng, H, 3 * H),
                "b": np.zeros((1, 3 * H)),
                "c": np.zeros((1, 3 * H)),
                "W_hy": glorot(rng, H, 1),
                "b_y": np.zeros((1, 1)),
            }
        )
    w = {n: tf.Variable(np.stack([d[n] for d in drawn]), dtype="float32") for n in drawn[0]}
    tables = SPREAD * tables / np.std(tables, axis=(1, 2), keepdims=True)
    flat = tables.reshape(-1, D)  # row n · V + i is word i of network n
    return w | {"E": tf.Variable(flat, dtype="float32", trainable=tuned)}


def logits(w: dict, ids, lengths):
    """`(N, B, T)` ids and `(N, B)` lengths → `(N, B)`, positive for good."""
    N, B, T = ids.shape
    V, H = w["E"].shape[0] // N, w["U"].shape[1]
    x = tf.gather(w["E"], ids + V * tf.range(N)[:, None, None])
    sums = tf.reshape(tf.reshape(x, (N, B * T, -1)) @ w["W"] + w["b"], (N, B, T, 3 * H))
    h = tf.zeros((N, B, H))
    for t, inputs in enumerate(tf.unstack(sums, axis=2)):
        x_z, x_r, x_h = tf.split(inputs, 3, axis=-1)
        h_z, h_r, h_h = tf.split(h @ w["U"] + w["c"], 3, axis=-1)
        z, r = tf.sigmoid(x_z + h_z), tf.sigmoid(x_r + h_r)
        new = z * h + (1 - z) * tf.tanh(x_h + r * h_h)
        h = tf.where((t < lengths)[..., None], new, h)
    return (h @ w["W_hy"] + w["b_y"])[..., 0]


def learn(config: dict, w: dict, ids, lengths, good, seeds, rate: float, after_call=None):
    """Train all networks with Adam, each on its own reviews, drawn with replacement.

    Args:
        config: Has `batch`, `updates`, `every`: updates between two calls of `after_call`.
        w: As `start` makes them; changed in place.
        ids: Texts of each network, `(N, M, T)`.
        lengths: `(N, M)`.
        good: 1 or 0, `(N, M)`.
        seeds: N of them, for the draw.
        rate: Of learning.
        after_call: `after_call(updates)`.
    """
    M = good.shape[1]
    rngs = [np.random.default_rng([seed, 5]) for seed in seeds]
    drawn = [rng.integers(M, size=(config["updates"], config["batch"])) for rng in rngs]
    drawn = tf.constant(np.stack(drawn, axis=1), tf.int32)  # (updates, N, B)
    ids, lengths = tf.constant(ids, tf.int32), tf.constant(lengths, tf.int32)
    good = tf.constant(good, tf.float32)

    def loss(step):
        at = drawn[step]
        x, n, y = (tf.gather(part, at, batch_dims=1) for part in (ids, lengths, good))
        losses = tf.nn.sigmoid_cross_entropy_with_logits(y, logits(w, x, n))
        # A sum over networks: each descends its own mean loss.
        return tf.reduce_sum(tf.reduce_mean(losses, axis=-1))

    train(
        loss,
        list(w.values()),
        keras.optimizers.Adam(rate),
        config["updates"],
        steps_per_call=config["every"],
        progress=False,
        after_call=after_call and (lambda step, _: after_call(step)),
    )


def ask(w: dict):
    """A function of the same texts for all networks, ids `(M, T)` and lengths `(M,)` → `(N, M)`."""
    N = w["b"].shape[0]
    said = tf.function(lambda ids, lengths: logits(w, ids, lengths), autograph=False)

    def answers(ids, lengths):
        parts = (np.broadcast_to(part, (N, *part.shape)) for part in (ids, lengths))
        return said(*(tf.constant(part, tf.int32) for part in parts)).numpy()

    return answers
