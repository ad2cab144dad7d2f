"""Is an LSTM faster if h and c are two tensors, or one? Forward and back, timed side by side.

Cast: `PackedLSTMCell` is an `LSTMCell` whose state is one tensor, c and h side by side, as
TensorFlow 1 kept it with `state_is_tuple=False`; `time_both` runs the two in turns.
"""

import time

import keras
import tensorflow as tf
from keras import ops

from rnncourse.cells import LSTMCell
from rnncourse.reproduce.experiments import Sweep


class PackedLSTMCell(keras.layers.Layer):
    """An `LSTMCell` with one state `(B, 2H)`: c, then h.

    Args:
        units: H.
    """

    def __init__(self, units):
        super().__init__()
        self.cell = LSTMCell(units)
        self.output_size, self.state_size = units, 2 * units

    def build(self, input_shape):
        """Create the weights of the cell within."""
        self.cell.build(input_shape)

    def call(self, inputs, states):
        """One step: `(B, F)`, `[(c, h)]` → `h', [(c', h')]`."""
        c, h = ops.split(states[0], 2, axis=-1)
        output, (h, c) = self.cell(inputs, [h, c])
        return output, [ops.concatenate([c, h], axis=-1)]

    def get_initial_state(self, batch_size=None):
        """Zeros, `(B, 2H)`."""
        return [ops.zeros((batch_size, self.state_size), dtype=self.compute_dtype)]


def time_both(config: dict, seeds) -> list[dict]:
    """Seconds of a forward and backward pass over a batch of sequences, for both kinds of state.

    Args:
        config: `batch` B, `steps` T, `units` H (and F), and `calls` in a row.
        seeds: Repetitions; in each the two take turns.

    Returns:
        For each seed `apart`, `packed`: seconds of the fastest of its calls.
    """
    x = tf.random.stateless_normal([config[name] for name in ("batch", "steps", "units")], [0, 1])
    passes = {}
    for name, kind in (("apart", LSTMCell), ("packed", PackedLSTMCell)):
        layer = keras.layers.RNN(kind(config["units"]))
        layer.build(x.shape)
        passes[name] = _compiled(layer, x)
        passes[name]()
    results = []
    for _ in seeds:
        times: dict = {name: [] for name in passes}
        for _ in range(config["calls"]):
            for name, run in passes.items():
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
        results.append({name: round(min(seconds), 6) for name, seconds in times.items()})
    return results


def _compiled(layer, x):
    variables = [v.value for v in layer.trainable_variables]

    @tf.function
    def graph():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(layer(x) ** 2)
        return [tf.reduce_sum(g) for g in tape.gradient(loss, variables)]

    return lambda: [total.numpy() for total in graph()]


SWEEPS = (
    Sweep(
        "packed-state",
        {"batch": 32, "steps": 50, "units": 128, "calls": 5},
        time_both,
        kind="timing",
    ),
)
