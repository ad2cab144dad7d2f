"""A cell over rows of unequal length, as fast as XLA can have it.

Cast: padded ids `(B, T)` are checked by `as_ids` and counted by `lengths_of`; the vectors
of their words `(B, T, F)` go through `walk`, which multiplies all of them with the input
weights at once (`project`) and leaves to the loop what cannot be done beforehand
(`advance`). It gives the numbers of `unroll.dynamic_rnn`, in less time and for our own GRU
and LSTM alone. `Dropout` is Keras's with faster random numbers.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.cells import GRUCell
from rnncourse.translation.batches import PAD

__all__ = ["Dropout", "advance", "as_ids", "lengths_of", "project", "walk"]


class Dropout(keras.layers.Layer):
    """`keras.layers.Dropout` with random numbers that XLA draws fast on a processor.

    What TensorFlow chooses by itself there, and Keras leaves to it, takes twenty times as
    long: more than all the rest of a small network.

    Args:
        rate: Share dropped in training; what stays is divided by 1 - rate.
    """

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seeds = rate, keras.random.SeedGenerator()
        self.built = True

    def call(self, inputs, training=False):
        """Zeros in the place of some numbers, if `training`."""
        if not training or not self.rate:
            return inputs
        seed = tf.cast(self.seeds.next(), tf.int32)
        draws = tf.random.stateless_uniform(tf.shape(inputs), seed, alg="philox")
        return tf.where(draws >= self.rate, inputs / (1 - self.rate), tf.zeros_like(inputs))


def walk(cell, vectors, state, lengths, say=None):
    """A cell over time, the product with the inputs taken out of the loop.

    The loop ends with the longest row, however wide the batch is: padding costs nothing,
    also under XLA, which must know the width.

    Args:
        cell: A `GRUCell` (`reset_after=True`) or an `LSTMCell` of `rnncourse.cells`, built.
        vectors: `(B, T, F)`.
        state: `(h,)` or `(h, c)`, each `(B, H)`.
        lengths: Valid steps of each row, `(B,)`; past them a state stands still.
        say: What to make of h at each step, `(B, H)` → `(B, O)`; `None` keeps h.

    Returns:
        `(outputs, state)`: `(B, T, O)`, zeros after the longest row and anything after the
        end of a shorter one; and the state after the last valid step.
    """
    batch, width = vectors.shape[0], vectors.shape[1]
    total = tf.shape(vectors)[1]
    # Where B is not known, an output that was never written would have no shape.
    steps = total if batch is None else tf.reduce_max(lengths)
    projected = tf.transpose(project(cell, vectors), (1, 0, 2))  # (T, B, GH)
    xs = tf.TensorArray(projected.dtype, total, element_shape=projected.shape[1:])
    xs = xs.unstack(projected)
    say = say or (lambda h: h)
    size = say(tf.zeros((1, cell.units), projected.dtype)).shape[-1]
    outputs = tf.TensorArray(projected.dtype, total, element_shape=(batch, size))

    def body(t, state, outputs):
        new = advance(cell, xs.read(t), state)
        live = (t < lengths)[:, None]
        state = tuple(tf.where(live, n, o) for n, o in zip(new, state))
        return t + 1, state, outputs.write(t, say(new[0]))

    _, state, outputs = tf.while_loop(
        lambda t, *_: t < steps, body, (0, tuple(state), outputs), maximum_iterations=width
    )
    outputs = tf.transpose(outputs.stack(), (1, 0, 2))  # (T, B, O) -> (B, T, O)
    outputs.set_shape((batch, width, size))
    return outputs, state


def lengths_of(ids):
    """The words of each row of padded ids, `(B, T)` → `(B,)` int32."""
    return tf.reduce_sum(tf.cast(tf.not_equal(ids, PAD), tf.int32), axis=1)


def as_ids(name, ids, size):
    """Padded ids `(B, T)` as an int32 tensor; values are checked where they can be seen.

    Raises:
        ValueError: Wrong rank, no row or column, an id that no word has, padding before a word.
        TypeError: No integers.

    >>> as_ids("source", [[1, -1], [7, 2]], 5)
    Traceback (most recent call last):
    ValueError: `source` must lie in 0 … 4, or be -1 for padding, got 7: use its own vocabulary
    """
    if not tf.is_tensor(ids):
        try:
            ids = np.asarray(ids)
        except ValueError:
            raise ValueError(
                f"`{name}` must have shape (B, T), got rows of unequal length: pad them with {PAD}"
            ) from None
    if len(ids.shape) != 2 or 0 in tuple(ids.shape):
        raise ValueError(
            f"`{name}` must have shape (B, T) with B ≥ 1 and T ≥ 1, got {tuple(ids.shape)}: "
            "one row of ids for each sentence"
        )
    if not tf.as_dtype(ids.dtype).is_integer:
        raise TypeError(f"`{name}` must be integers, got {ids.dtype}: encode the words first")
    if not tf.is_tensor(ids) or hasattr(ids, "numpy"):
        seen = np.asarray(ids)
        wrong = seen[(seen < PAD) | (seen >= size)]
        if wrong.size:
            raise ValueError(
                f"`{name}` must lie in 0 … {size - 1}, or be {PAD} for padding, got {wrong[0]}: "
                "use its own vocabulary"
            )
        if ((seen[:, :-1] == PAD) & (seen[:, 1:] != PAD)).any():
            raise ValueError(f"`{name}` must be padded on the right, got {PAD} before a word")
    return tf.cast(ids, tf.int32)


def project(cell, vectors):
    """What the inputs add to the sums of the gates, `(..., F)` → `(..., GH)`; see `walk`."""
    bias = cell.bias[0] if len(cell.bias.shape) == 2 else cell.bias
    return tf.tensordot(vectors, tf.convert_to_tensor(cell.kernel), 1) + bias


def advance(cell, projected, state):
    """One step of a cell from projected inputs `(B, GH)`: the new state."""
    recurrent = tf.convert_to_tensor(cell.recurrent_kernel)
    if isinstance(cell, GRUCell):
        (h,) = state
        recalled = tf.matmul(h, recurrent) + cell.bias[1]
        x_zr, x_h = projected[:, : 2 * cell.units], projected[:, 2 * cell.units :]
        h_zr, h_h = recalled[:, : 2 * cell.units], recalled[:, 2 * cell.units :]
        z, r = tf.split(tf.sigmoid(x_zr + h_zr), 2, axis=-1)
        new = tf.tanh(x_h + r * h_h)
        return (new + z * (h - new),)
    h, c = state
    i, f, g, o = tf.split(projected + tf.matmul(h, recurrent), 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c
