"""A trained network goes on by itself: what it says is what it hears next.

Cast: a forecaster `(B, T, F) → (B, T, F)` and the beginning of B series `(B, T, F)`
come in; `continue_series` asks for the next value, appends it, asks again, and
returns what was said, `(B, steps, F)`. There are two ways to go on. With a `window`
the network is run again on so many last values at each step, from a state of zeros,
as it was trained. Without one its state is carried, and each value is read once.

The first value is the same both ways. The second is not in general: a window has
forgotten what lies before it, a carried state may not have.

Words go on alike, but one word must be chosen where a network says how likely each is:
`step(id, state) → (logits (V,), state)` and the ids of a prompt come in, `continue_words`
returns the ids that follow. A language model's step carries its state; `windowed` makes
a step of a network that reads the last few words anew each time.
"""

from numbers import Real

import numpy as np
import tensorflow as tf

from rnncourse.shapes import require_integer
from rnncourse.tensors import as_tensor, finite

__all__ = ["continue_series", "continue_words", "windowed"]


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
    steps = require_integer("steps", steps, 1, "ask for at least one value")
    dtype = getattr(network, "compute_dtype", "float32")
    beginning = finite("beginning", as_tensor("beginning", beginning, "BTF", dtype))
    if window is not None:
        most = beginning.shape[1]
        remedy = "make the beginning longer or the window shorter"
        window = require_integer("window", window, 1, remedy)
        if window > most:
            raise ValueError(f"`window` must be at most T = {most}, got {window}: {remedy}")
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


def continue_words(step, prompt, length, *, state=None, temperature=0.0, seed=0):
    """Let `step` go on with a text whose beginning is given.

    Each id of the prompt is read once. Of the logits after the last one a word is chosen
    and read in turn, and so on; the last word said is not read any more.

    Args:
        step: `step(id, state) -> (logits, state)`, logits `(V,)`: of what comes next.
        prompt: Ids, `(N,)`, N ≥ 1.
        length: How many words to add.
        state: What the first call of `step` is given.
        temperature: 0 takes the likeliest word, the lowest id of several; above that one
            is drawn from softmax(logits / temperature).
        seed: What the draws follow from, an integer ≥ 0. A draw depends on the seed and
            its place alone: a shorter continuation is the beginning of a longer one.

    Returns:
        The ids added, `(length,)` int32, without the prompt.

    Raises:
        ValueError: An empty prompt, numbers out of range, ids that have no logit, logits
            of another rank or with NaN.
        TypeError: No function, ids that are no integers.

    >>> def circle(i, state):
    ...     return np.eye(5)[(i + 1) % 5], state
    >>> continue_words(circle, prompt=[2], length=6).tolist()
    [3, 4, 0, 1, 2, 3]
    """
    if not callable(step):
        raise TypeError(
            f"`step` must be a function, got {step!r}: write step(id, state) -> (logits, state)"
        )
    length = require_integer("length", length, 1, "ask for at least one word")
    seed = require_integer("seed", seed, 0, "choose another")
    if not (_is_number(temperature) and 0 <= temperature < np.inf):
        raise ValueError(
            f"`temperature` must be a number ≥ 0, got {temperature!r}: 0 takes the likeliest word"
        )
    prompt = _as_ids(prompt)
    draws = np.random.default_rng(seed).random(length)
    for id in prompt:
        logits, state = _read(step, int(id), state)
    words = np.empty(length, np.int32)
    for place, draw in enumerate(draws):
        if place:
            logits, state = _read(step, int(words[place - 1]), state)
        elif prompt.max() >= len(logits):
            raise ValueError(
                f"`prompt` must lie in 0 … {len(logits) - 1}, got {prompt.max()}: "
                "`step` knows only so many words"
            )
        words[place] = _choose(logits, float(temperature), draw)
    return words


def windowed(network, words):
    """A step for `continue_words`: its state is the last ids, and `network` reads them anew.

    Args:
        network: `(1, T)` ids → logits `(1, V)`.
        words: The window, T ≤ `words`; until so many ids have come, it is shorter.

    Returns:
        `step(id, state) -> (logits, state)`; the first state is `None`.

    Raises:
        ValueError: A window that is no integer ≥ 1.

    >>> says_the_first_again = windowed(lambda ids: np.eye(9)[ids[:, 0]], words=3)
    >>> continue_words(says_the_first_again, [1, 2, 3], 5).tolist()
    [1, 2, 3, 1, 2]
    """
    words = require_integer("words", words, 1, "one word is the least")

    def step(id, state):
        seen = (*(state or ()), id)[-words:]
        return network(np.array([seen], np.int32))[0], seen

    return step


def _as_ids(prompt):
    try:
        ids = np.asarray(prompt)
    except (ValueError, TypeError) as error:
        raise TypeError(f"`prompt` must hold ids, got {prompt!r}: encode the words") from error
    if ids.ndim != 1 or ids.size == 0:
        raise ValueError(
            f"`prompt` must have shape (N,) with N ≥ 1, got {ids.shape}: pass at least one id"
        )
    if ids.dtype.kind not in "iu":
        raise TypeError(f"`prompt` must hold integer ids, got dtype {ids.dtype}: encode the words")
    if ids.min() < 0:
        raise ValueError(f"`prompt` must hold ids ≥ 0, got {ids.min()}: encode the words")
    return ids


def _read(step, id, state):
    """Logits `(V,)` in float64 and the new state, or an error that names what `step` returned."""
    said = step(id, state)
    if not isinstance(said, tuple) or len(said) != 2:
        raise ValueError(
            f"`step` must return (logits, state), got {type(said).__name__}: return a pair"
        )
    logits, state = np.asarray(said[0], np.float64), said[1]
    if logits.ndim != 1 or logits.size == 0:
        raise ValueError(
            f"`step` must return logits of shape (V,), got {logits.shape}: "
            "take the last step of the first row"
        )
    if np.isnan(logits).any() or not logits.max() > -np.inf or logits.max() == np.inf:
        raise ValueError(
            f"`step` must return logits below infinity, got {logits.min()} … {logits.max()} "
            f"after id {id}: has the training diverged?"
        )
    return logits, state


def _choose(logits, temperature, draw):
    """The id at which the cumulated probabilities pass `draw`, 0 ≤ draw < 1."""
    if temperature == 0:
        return int(np.argmax(logits))
    with np.errstate(over="ignore"):
        odds = np.exp((logits - logits.max()) / temperature)
    steps = np.cumsum(odds)
    return int(np.searchsorted(steps, draw * steps[-1], side="right"))


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


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
