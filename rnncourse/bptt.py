"""The way back: one step of each cell against time, and the walk, in plain NumPy.

Cast: a cost has looked at the outputs `(B, T, H)` of a walk, and perhaps at its
final state, and says how much it would change with each of their numbers. That
enters at the top. Walked back from the last step to the first, it comes out as
`Gradients`: how much the cost would change with each weight, each input and each
number of the initial state.

A *backward step* takes the derivative of the cost by the new state and all that
its forward step took. It computes the forward step again, so a walk keeps the
states and nothing else. Names, shapes and the order of the gates are those of
`reference`; a derivative has the shape of what it is a derivative by.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from numbers import Integral
from typing import NamedTuple

import numpy as np

from rnncourse.reference import LSTMState, gru_step, lstm_step, rnn_step, sigmoid, unroll
from rnncourse.shapes import require_finite, require_lengths, require_numbers, require_size


class Gradients(NamedTuple):
    """Derivatives of a cost, each of the shape of what it is a derivative by.

    Attributes:
        x: By the inputs, `(B, F)` for a step, `(B, T, F)` for a walk.
        state: By the state before the step or the walk, `(B, H)`, or an
            `LSTMState` of two such arrays.
        W_xh: By the input weights.
        W_hh: By the recurrent weights.
        b: By the bias.
    """

    x: np.ndarray
    state: np.ndarray | LSTMState
    W_xh: np.ndarray
    W_hh: np.ndarray
    b: np.ndarray


@dataclass(frozen=True)
class Cell:
    """A step and its way back: `RNN`, `LSTM`, `GRU`, `GRU_RESET_BEFORE`, or one of your own.

    Attributes:
        step: `(x, state, W_xh, W_hh, b) -> new state`.
        backward: `(d_new, x, state, W_xh, W_hh, b) -> Gradients`.
        weights: The names of the weights, in their order.
    """

    step: Callable
    backward: Callable
    weights: tuple[str, ...] = ("W_xh", "W_hh", "b")


def rnn_backward(d_new, x, state, W_xh, W_hh, b):
    """One step back through h' = tanh(a),  a = x W_xh + h W_hh + b.

    da = dh' (1 - h'²), and from there to everything that a was made of.

    Args:
        d_new: dh', the derivative of the cost by the new state, `(B, H)`.
        x: As `reference.rnn_step` takes it, and so are the others.
        state: h, `(B, H)`.
        W_xh: `(F, H)`.
        W_hh: `(H, H)`.
        b: `(H,)`.

    Returns:
        `Gradients`.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: Anything but numbers.

    Source: Werbos (1990), doi:10.1109/5.58337.

    >>> rnn_backward([[1.0]], [[3.0]], [[0.0]], [[0.0]], [[2.0]], [0.0]).W_xh
    array([[3.]])
    """
    new, dh, x, h, W_xh, W_hh, b = step_arrays(rnn_step, d_new, x, state, W_xh, W_hh, b)
    da = dh * (1 - new**2)  # (B, H)
    return Gradients(da @ W_xh.T, da @ W_hh.T, x.T @ da, h.T @ da, da.sum(axis=0))


def lstm_backward(d_new, x, state, W_xh, W_hh, b):
    """One step back through c' = f c + i g,  h' = o tanh(c').

    Args:
        d_new: `(dh', dc')`, each `(B, H)`: what reaches the new state from later.
            That h' was made from c' is seen to in here.
        x: As `reference.lstm_step` takes it, and so are the others.
        state: The pair `(h, c)`.
        W_xh: `(F, 4H)`, gates in the order i, f, g, o.
        W_hh: `(H, 4H)`.
        b: `(4H,)`.

    Returns:
        `Gradients`, whose `state` is an `LSTMState`.

    Raises:
        ValueError: Shapes that do not fit, or a pair that is none.
        TypeError: Anything but numbers.

    >>> zeros = np.zeros((1, 1))
    >>> weights = np.zeros((1, 4)), np.zeros((1, 4)), [0, 800, 0, 0]
    >>> lstm_backward((zeros, [[7.0]]), zeros, (zeros, zeros), *weights).state.c
    array([[7.]])
    """
    new, (dh, dc), x, (h, c), W_xh, W_hh, b = step_arrays(lstm_step, d_new, x, state, W_xh, W_hh, b)
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b, 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    read = np.tanh(new.c)
    dc = dc + dh * o * (1 - read**2)
    da_i, da_f = dc * g * i * (1 - i), dc * c * f * (1 - f)
    da_g, da_o = dc * i * (1 - g**2), dh * read * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=-1)  # (B, 4H)
    before = LSTMState(da @ W_hh.T, dc * f)
    return Gradients(da @ W_xh.T, before, x.T @ da, h.T @ da, da.sum(axis=0))


def gru_backward(d_new, x, state, W_xh, W_hh, b, reset_after=True):
    """One step back through h' = z h + (1 - z) h̃, in both forms of h̃.

    Args:
        d_new: dh', `(B, H)`.
        x: As `reference.gru_step` takes it, and so are the others.
        state: h, `(B, H)`.
        W_xh: `(F, 3H)`, parts in the order z, r, h̃.
        W_hh: `(H, 3H)`.
        b: `(2, 3H)` if `reset_after`, else `(3H,)`.
        reset_after: Whether r met the state after the multiplication with U_h.

    Returns:
        `Gradients`.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: Anything but numbers.

    >>> zeros = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 3)), np.zeros((1, 3))
    >>> gru_backward([[1.0]], *zeros, np.zeros((2, 3))).state
    array([[0.5]])
    """
    step = partial(gru_step, reset_after=reset_after)
    _, dh, x, h, W_xh, W_hh, b = step_arrays(step, d_new, x, state, W_xh, W_hh, b)
    b_x, b_h = b if reset_after else (b, np.zeros_like(b))
    U_z, U_r, U_h = np.split(W_hh, 3, axis=-1)
    (b_z, b_r, b_h), (a_z, a_r, a_h) = np.split(b_h, 3), np.split(x @ W_xh + b_x, 3, axis=-1)
    z, r = sigmoid(a_z + h @ U_z + b_z), sigmoid(a_r + h @ U_r + b_r)
    recalled = r * (h @ U_h + b_h) if reset_after else (r * h) @ U_h
    new = np.tanh(a_h + recalled)

    da_h = dh * (1 - z) * (1 - new**2)
    da_z = dh * (h - new) * z * (1 - z)
    d_rh = da_h * r if reset_after else da_h @ U_h.T  # by h U_h + b_h, or by r h
    da_r = (da_h * (h @ U_h + b_h) if reset_after else d_rh * h) * r * (1 - r)
    through_r = d_rh @ U_h.T if reset_after else d_rh * r
    before = dh * z + da_z @ U_z.T + da_r @ U_r.T + through_r
    da = np.concatenate([da_z, da_r, da_h], axis=-1)  # (B, 3H)
    if not reset_after:
        dW_hh = np.concatenate([h.T @ da_z, h.T @ da_r, (r * h).T @ da_h], axis=-1)
        return Gradients(da @ W_xh.T, before, x.T @ da, dW_hh, da.sum(axis=0))
    da_state = np.concatenate([da_z, da_r, d_rh], axis=-1)
    db = np.stack([da.sum(axis=0), da_state.sum(axis=0)])
    return Gradients(da @ W_xh.T, before, x.T @ da, h.T @ da_state, db)


RNN = Cell(rnn_step, rnn_backward)
LSTM = Cell(lstm_step, lstm_backward)
GRU = Cell(gru_step, gru_backward)
GRU_RESET_BEFORE = Cell(*(partial(f, reset_after=False) for f in (gru_step, gru_backward)))


def backpropagate(
    cell, weights, xs, state, d_outputs=None, d_state=None, lengths=None, window=None
) -> Gradients:
    """Backpropagation through time: the terms of all steps, summed.

    Args:
        cell: `RNN`, `LSTM`, `GRU`, `GRU_RESET_BEFORE`, or a `Cell` of your own.
        weights: As `cell.weights` names them, `(W_xh, W_hh, b)`.
        xs: Inputs, `(B, T, F)`.
        state: State before the first step, `(B, H)`, or the pair `(h, c)`.
        d_outputs: Derivative of the cost by every output, `(B, T, H)`, zero where it
            does not look; `None` if it looks at none. What stands behind a length
            is not looked at, NaN included.
        d_state: The same by the final state; `None` if the cost does not look there.
        lengths: Valid steps of each sequence, `(B,)`. Past its length a row passes
            the derivative of its state on unchanged, and adds nothing.
        window: Steps between the places where the way back is cut, as
            `unroll.chunked_rnn` cuts it; `None` for none.

    Returns:
        `Gradients` of the whole walk.

    Raises:
        ValueError: Shapes that do not fit, nothing to start from, NaN or infinity
            within a length, `window` no positive integer.
        TypeError: Anything but numbers, or a cell that is none.

    Source: Werbos (1990), doi:10.1109/5.58337; with a window, Williams & Peng (1990).

    >>> weights = [[1.0]], [[0.5]], [0.0]
    >>> backpropagate(RNN, weights, np.zeros((1, 3, 1)), [[0.0]], d_state=[[1.0]]).x.ravel()
    array([0.25, 0.5 , 1.  ])
    """
    steps = terms(cell, weights, xs, state, d_outputs, d_state, lengths, window)
    weights = (sum(parts) for parts in list(zip(*steps))[2:])
    return type(steps[0])(np.stack([term.x for term in steps], axis=1), steps[0].state, *weights)


def terms(
    cell, weights, xs, state, d_outputs=None, d_state=None, lengths=None, window=None
) -> list[Gradients]:
    """What each step adds to the gradient: T `Gradients`, in the order of time.

    Takes what `backpropagate` takes and refuses what it refuses; of the weights,
    that gives the sum of these. `state` is what has come back to the state before
    the step, zero where a window cuts it off.

    >>> weights = [[1.0]], [[0.5]], [0.0]
    >>> walk = terms(RNN, weights, [[[0.0], [0.0]]], [[0.0]], d_state=[[1.0]])
    >>> [float(term.b[0]) for term in walk]
    [0.5, 1.0]
    """
    weights, visited = _checked(cell, weights, window), []

    def noted(x, before):
        visited.append((x, before))
        return cell.step(x, before, *weights)

    outputs, final = unroll(noted, xs, state, lengths)
    batch, steps, _ = outputs.shape
    lengths = require_lengths(np.full(batch, steps) if lengths is None else lengths, batch, steps)
    valid = (np.arange(steps) < lengths[:, None])[..., None]  # (B, T, 1)
    d_outputs, d_state = _checked_upstream(d_outputs, d_state, outputs, final, valid)

    walk = []
    for t in reversed(range(steps)):
        here = _each(lambda d, live: np.where(live, d, 0), d_state, valid[:, t])
        past = _each(lambda d, live: np.where(live, 0, d), d_state, valid[:, t])
        pair = isinstance(here, LSTMState)
        d_new = LSTMState(here.h + d_outputs[:, t], here.c) if pair else here + d_outputs[:, t]
        term = cell.backward(d_new, *visited[t], *weights)
        cut = window is not None and t > 0 and t % window == 0
        d_state = _each(lambda d, p, cut=cut: (d + p) * (not cut), term.state, past)
        walk.append(term._replace(state=d_state))
    return walk[::-1]


def _each(function, state, *others):
    """`function` of a state, or of h and of c; an array among `others` goes to both."""
    if not isinstance(state, LSTMState):
        return function(state, *others)
    pairs = (o if isinstance(o, LSTMState) else (o, o) for o in others)
    return LSTMState(*(function(*parts) for parts in zip(state, *pairs, strict=True)))


def _like(name, derivative, state):
    """`derivative` as numbers of the shape of `state`, a pair where that is a pair."""
    if not isinstance(state, LSTMState):
        derivative = require_numbers(name, derivative)
        require_size(name, derivative.shape, state.shape, "one derivative for each number of it")
        return derivative
    if not isinstance(derivative, tuple | list) or len(derivative) != 2:
        raise ValueError(
            f"`{name}` of an LSTM must be the pair (dh, dc), each of shape {state.h.shape}, "
            f"got {type(derivative).__name__}: pass zeros for the one the cost does not look at"
        )
    return LSTMState(*(_like(name, d, s) for d, s in zip(derivative, state, strict=True)))


def step_arrays(step, d_new, x, state, *weights):
    """The new state, and all arguments as arrays; `step` refuses what does not fit."""
    new = step(x, state, *weights)
    state = LSTMState(*map(np.asarray, state)) if isinstance(new, LSTMState) else np.asarray(state)
    return new, _like("d_new", d_new, new), np.asarray(x), state, *map(np.asarray, weights)


def _checked(cell, weights, window):
    """The weights as arrays."""
    if not (isinstance(cell, Cell) and callable(cell.step) and callable(cell.backward)):
        raise TypeError(
            f"`cell` must be RNN, LSTM, GRU, GRU_RESET_BEFORE or a Cell(step, backward), got "
            f"{type(cell).__name__}: pass bptt.RNN, say, and the weights beside it"
        )
    if not isinstance(weights, tuple | list) or len(weights) != len(cell.weights):
        raise ValueError(
            f"`weights` must be the arrays ({', '.join(cell.weights)}), got "
            f"{type(weights).__name__} of length "
            f"{len(weights) if hasattr(weights, '__len__') else 1}: cell.get_weights() has them so"
        )
    whole = isinstance(window, Integral) and not isinstance(window, bool)
    if window is not None and not (whole and window >= 1):
        raise ValueError(f"`window` must be an integer ≥ 1, got {window!r}: it counts time steps")
    arrays = [require_numbers(name, w) for name, w in zip(cell.weights, weights)]
    for name, array in zip(cell.weights, arrays):
        require_finite(name, array)
    return arrays


def _checked_upstream(d_outputs, d_state, outputs, final, valid):
    """Both derivatives as arrays, zeros for the one that is `None` and behind each length."""
    if d_outputs is None and d_state is None:
        raise ValueError(
            "`d_outputs` or `d_state` must hold the derivative of the cost, got None for both: "
            "the way back starts from there"
        )
    d_outputs = np.zeros_like(outputs) if d_outputs is None else d_outputs
    d_outputs = np.where(valid, _like("d_outputs", d_outputs, outputs), 0)
    require_finite("d_outputs", d_outputs)
    d_state = _like("d_state", _each(np.zeros_like, final) if d_state is None else d_state, final)
    _each(lambda d: require_finite("d_state", d), d_state)
    return d_outputs, d_state
