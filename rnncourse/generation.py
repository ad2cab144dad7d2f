"""A trained network goes on by itself: what it says is what it hears next.

Cast: a forecaster `(B, T, F) → (B, T, F)` and the beginning of B series `(B, T, F)`
come in; `continue_series` asks for the next value, appends it, asks again, and
returns what was said, `(B, steps, F)`. There are two ways to go on. With a `window`
the network is run again on so many last values at each step, from a state of zeros,
as it was trained. Without one its state is carried, and each value is read once.

The first value is the same both ways. The second is not in general: a window has
forgotten what lies before it, a carried state may not have.
"""

from numbers import Integral

import tensorflow as tf

from rnncourse.tensors import as_tensor, finite

__all__ = ["continue_series"]


def continue_series(network, beginning, steps, window=None):
    """Let `network` go on with series whose beginning is given.

    Args:
        network: A built forecaster `(B, T, F) → (B, T, F)`, its output at step t a guess
            at the input of step t + 1. Without `window` it also needs a method
            `walk(inputs, states) -> (outputs, states)`, as `Forecaster` has.
        beginning: `(B, T, F)`: an instance, or zeros.
        steps: How many values to add to each series.
        window: Run the network anew on so many last values at each step, 1 … T; `None`
            carries its state.

    Returns:
        What was added, `(B, steps, F)`, without the beginning.

    Raises:
        ValueError: Wrong rank, NaN or infinity in the beginning, `steps` or `window` out of
            range, outputs that cannot be inputs, series that grew beyond all numbers.
        TypeError: No network, one without a state to carry, a beginning that holds no numbers.

    Source: the creative RNN of source C, which runs the network anew on its last 20 values.

    >>> from rnncourse.networks.forecasters import Forecaster
    >>> import keras
    >>> network = Forecaster(keras.layers.SimpleRNNCell(5))
    >>> added = continue_series(network, tf.zeros((2, 20, 1)), steps=300)
    >>> added.shape
    TensorShape([2, 300, 1])
    """
    _require_network(network, window)
    _require_count("steps", steps, None, "ask for at least one value")
    dtype = getattr(network, "compute_dtype", "float32")
    beginning = finite("beginning", as_tensor("beginning", beginning, "BTF", dtype))
    if window is not None:
        most = beginning.shape[1]
        _require_count("window", window, most, "make the beginning longer or the window shorter")
    said = _carried(network, beginning) if window is None else _again(network, beginning, window)
    features = beginning.shape[-1]
    first = said[0]
    if first.shape[-1] != features:
        raise ValueError(
            f"`network` must say as many numbers as it hears, got {features} in and "
            f"{first.shape[-1]} out: it cannot feed on its own outputs"
        )
    loop = _loop_with_state if window is None else _loop_with_window
    added = tf.transpose(loop(network, *said, int(steps)), (1, 0, 2))  # (steps, B, F) -> (B, ...)
    if not bool(tf.reduce_all(tf.math.is_finite(added))):
        fine = tf.reduce_all(tf.math.is_finite(added), axis=(0, 2)).numpy()
        raise ValueError(
            f"`network` must stay finite, got infinity at step {int(fine.argmin())}: "
            "its own outputs drive it ever further; ask for fewer steps"
        )
    return added


def _carried(network, beginning):
    outputs, states = network.walk(beginning)
    return outputs[:, -1], states


def _again(network, beginning, window):
    last = beginning[:, -int(window) :]
    return network(last)[:, -1], last


def _loop_with_state(network, first, states, steps):
    @tf.function(autograph=False)
    def loop(first, states):
        def body(t, value, states, said):
            outputs, new = network.walk(value[:, None], states)
            states = tf.nest.pack_sequence_as(states, tf.nest.flatten(new))
            return t + 1, outputs[:, 0], states, said.write(t, value)

        said = tf.TensorArray(first.dtype, steps, element_shape=first.shape)
        *_, said = tf.while_loop(lambda t, *_: t < steps, body, (0, first, states, said))
        return said.stack()

    return loop(first, states)


def _loop_with_window(network, first, last, steps):
    @tf.function(autograph=False)
    def loop(first, last):
        def body(t, value, last, said):
            last = tf.concat([last[:, 1:], value[:, None]], axis=1)
            last = tf.ensure_shape(last, shape)
            return t + 1, network(last)[:, -1], last, said.write(t, value)

        shape = last.shape
        said = tf.TensorArray(first.dtype, steps, element_shape=first.shape)
        *_, said = tf.while_loop(lambda t, *_: t < steps, body, (0, first, last, said))
        return said.stack()

    return loop(first, last)


def _require_network(network, window):
    if not callable(network):
        raise TypeError(
            f"`network` must be a network, got {network!r}: make one, for instance "
            "Forecaster(keras.layers.SimpleRNN(100, return_sequences=True))"
        )
    if window is None and not hasattr(network, "walk"):
        raise TypeError(
            f"`network` must have a method `walk` to carry its state, got {network!r}: "
            "use a Forecaster, or pass `window`"
        )


def _require_count(name, value, most, remedy):
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < 1 or (most is not None and value > most):
        limit = "≥ 1" if most is None else f"from 1 to T = {most}"
        raise ValueError(f"`{name}` must be an integer {limit}, got {value!r}: {remedy}")
