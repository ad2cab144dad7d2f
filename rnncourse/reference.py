"""The oracle: one step of each cell and the walk over time, in plain NumPy.

Cast: a batch of inputs `x` of shape `(B, F)` meets the state the batch left
behind one step ago; out comes the new state. `unroll` lets a step walk along
`xs` of shape `(B, T, F)`.

Weights carry the names of the equations: `W_xh` takes inputs to the state,
`W_hh` takes the old state to the new one, `b` is added. Vectors are rows, so it
is `x @ W_xh`. They are the very arrays that Keras calls `kernel`,
`recurrent_kernel` and `bias`. Gates lie side by side along the last axis: i, f,
g, o for the LSTM, z, r, h̃ for the GRU.

Nothing here is fast. It is what everything fast is compared with.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnncourse.shapes import (
    require_finite,
    require_lengths,
    require_numbers,
    require_rank,
    require_size,
)


class LSTMState(NamedTuple):
    """What an LSTM carries from step to step.

    Attributes:
        h: The hidden state, which is also the output, `(B, H)`.
        c: The cell, the conveyor belt behind it, `(B, H)`.
    """

    h: np.ndarray
    c: np.ndarray


def sigmoid(a: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-a)), without overflow for large |a|.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))


def rnn_step(x, state, W_xh, W_hh, b):
    """One step of the simple recurrent layer: h' = tanh(x W_xh + h W_hh + b).

    Args:
        x: Inputs at this step, `(B, F)`.
        state: State h after the step before, `(B, H)`.
        W_xh: Input weights, `(F, H)`.
        W_hh: Recurrent weights, `(H, H)`.
        b: Bias, `(H,)`, added to every row.

    Returns:
        The new state, which is also the output, `(B, H)`.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: Anything but numbers.

    Source: Elman (1990), the simple recurrent network.

    >>> rnn_step([[1.0]], [[0.0]], [[0.5]], [[2.0]], [0.0]).round(3)
    array([[0.462]])
    """
    x, state, W_xh, W_hh, b = _checked(x, state, W_xh, W_hh, b, gates=1)
    return np.tanh(x @ W_xh + state @ W_hh + b)


def lstm_step(x, state, W_xh, W_hh, b):
    """One step of the LSTM.

    i, f, g, o = σ, σ, tanh, σ of the four parts of x W_xh + h W_hh + b;
    c' = f c + i g;  h' = o tanh(c').

    Args:
        x: Inputs at this step, `(B, F)`.
        state: `LSTMState(h, c)` or the pair `(h, c)`, each `(B, H)`.
        W_xh: Input weights, `(F, 4H)`, gates in the order i, f, g, o.
        W_hh: Recurrent weights, `(H, 4H)`.
        b: Bias, `(4H,)`. Nothing is added to it: a forget bias is part of it.

    Returns:
        `LSTMState(h, c)`, each `(B, H)`.

    Raises:
        ValueError: Shapes that do not fit, or a state that is no pair.
        TypeError: Anything but numbers.

    Source: Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000).

    >>> x, one = [[1.0]], np.ones((1, 4))
    >>> lstm_step(x, ([[0.0]], [[0.0]]), one, one, np.zeros(4)).c.round(3)
    array([[0.557]])
    """
    x, h, c, W_xh, W_hh, b = _checked_lstm(x, state, W_xh, W_hh, b)
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return LSTMState(sigmoid(o) * np.tanh(c), c)


def peephole_lstm_step(x, state, W_xh, W_hh, b, p):
    """One step of the LSTM whose gates look at the cell.

    As `lstm_step`, with p_i c added to the sum of i, p_f c to that of f, and
    p_o c' to that of o: i and f look at the cell as it was, o at the cell as it is.

    Args:
        x: Inputs at this step, `(B, F)`.
        state: `LSTMState(h, c)` or the pair `(h, c)`, each `(B, H)`.
        W_xh: Input weights, `(F, 4H)`, gates in the order i, f, g, o.
        W_hh: Recurrent weights, `(H, 4H)`.
        b: Bias, `(4H,)`.
        p: Peepholes `[p_i, p_f, p_o]`, `(3, H)`: a gate sees its own unit's cell alone.

    Returns:
        `LSTMState(h, c)`, each `(B, H)`.

    Raises:
        ValueError: Shapes that do not fit, or a state that is no pair.
        TypeError: Anything but numbers.

    Source: Gers & Schmidhuber (2000), doi:10.1109/IJCNN.2000.861302.

    >>> zeros = np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)
    >>> peephole_lstm_step([[0.0]], ([[0.0]], [[1.0]]), *zeros, [[0], [800], [0]]).c
    array([[1.]])
    """
    x, h, c, W_xh, W_hh, b = _checked_lstm(x, state, W_xh, W_hh, b)
    p = require_numbers("p", p)
    require_size("p", p.shape, (3, h.shape[1]), "one weight for each unit, for i, f and o")
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b, 4, axis=-1)
    i, f = sigmoid(i + p[0] * c), sigmoid(f + p[1] * c)
    c = f * c + i * np.tanh(g)
    return LSTMState(sigmoid(o + p[2] * c) * np.tanh(c), c)


def gru_step(x, state, W_xh, W_hh, b, reset_after=True):
    """One step of the GRU: h' = z h + (1 - z) h̃.

    z = σ(x W_z + h U_z + b_z);  r = σ(x W_r + h U_r + b_r);
    h̃ = tanh(x W_h + b_x + r (h U_h + b_h))  if `reset_after`,
    h̃ = tanh(x W_h + (r h) U_h + b)          otherwise.

    Args:
        x: Inputs at this step, `(B, F)`.
        state: State h after the step before, `(B, H)`.
        W_xh: `[W_z, W_r, W_h]` side by side, `(F, 3H)`.
        W_hh: `[U_z, U_r, U_h]` side by side, `(H, 3H)`.
        b: Bias `(2, 3H)` if `reset_after` (row 0 goes with the inputs, row 1
            with the state), else `(3H,)`.
        reset_after: Whether r meets the state after the multiplication with U_h
            (Keras's default and cuDNN's only form) or before it.

    Returns:
        The new state, which is also the output, `(B, H)`.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: Anything but numbers.

    Source: Cho et al. (2014), arXiv:1406.1078; `reset_after=False` is its version 3.

    >>> gru_step([[1.0]], [[1.0]], np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((2, 3)))
    array([[0.5]])
    """
    x, h, W_xh, W_hh, b = _checked(x, state, W_xh, W_hh, b, gates=3, biases=2 if reset_after else 1)
    units = h.shape[-1]
    b_x, b_h = b if reset_after else (b, np.zeros_like(b))
    a_x = x @ W_xh + b_x
    a_h = h @ W_hh[:, : 2 * units] + b_h[: 2 * units]
    z, r = np.split(sigmoid(a_x[:, : 2 * units] + a_h), 2, axis=-1)
    U_h = W_hh[:, 2 * units :]
    recalled = r * (h @ U_h + b_h[2 * units :]) if reset_after else (r * h) @ U_h
    return z * h + (1 - z) * np.tanh(a_x[:, 2 * units :] + recalled)


def unroll(step: Callable, xs, state, lengths=None):
    """Let `step` walk along time.

    Args:
        step: `(x, state) -> new state`, with its weights already bound:
            `lambda x, h: rnn_step(x, h, W_xh, W_hh, b)`.
        xs: Inputs, `(B, T, F)`.
        state: State before the first step: `(B, H)`, or a pair `(h, c)` of those.
        lengths: Valid steps of each sequence, `(B,)` integers between 0 and T.
            Past its length a row's output is zero and its state stands still;
            what `xs` holds there is not looked at, NaN included.

    Returns:
        `(outputs, final_state)`: the states h after every step, `(B, T, H)`, and
        the state after the last valid one.

    Raises:
        ValueError: Wrong rank, empty axes, NaN or infinity within a length,
            lengths of wrong count or out of range.
        TypeError: Text instead of numbers, or lengths that are not integers.

    >>> add = lambda x, h: x + h
    >>> outputs, final = unroll(add, np.ones((1, 4, 1)), np.zeros((1, 1)), lengths=[3])
    >>> outputs.ravel(), final.ravel()
    (array([1., 2., 3., 0.]), array([3.]))
    """
    xs = require_numbers("xs", xs)
    require_rank("xs", xs.shape, "BTF")
    batch, steps = xs.shape[:2]
    lengths = require_lengths(np.full(batch, steps) if lengths is None else lengths, batch, steps)
    valid = np.arange(steps) < lengths[:, None]  # (B, T)
    xs = np.where(valid[..., None], xs, 0)
    require_finite("xs", xs)
    pair = _is_pair(state)
    state = (
        LSTMState(*(_batch_state(s, batch) for s in state)) if pair else _batch_state(state, batch)
    )

    outputs = []
    for t in range(steps):
        live = valid[:, t, None]  # (B, 1)
        new = step(xs[:, t], state)
        h = new[0] if pair else new
        outputs.append(np.where(live, h, 0))
        if pair:
            state = LSTMState(*(np.where(live, n, o) for n, o in zip(new, state, strict=True)))
        else:
            state = np.where(live, new, state)
    return np.stack(outputs, axis=1), state


def _is_pair(state) -> bool:
    """Two arrays `(B, H)`, rather than one that is written as nested lists."""
    if not isinstance(state, tuple | list) or len(state) != 2:
        return False
    return all(require_numbers("state", part).ndim == 2 for part in state)


def _batch_state(state, batch: int) -> np.ndarray:
    state = require_numbers("state", state)
    require_rank("state", state.shape, "BH")
    require_size("state", state.shape, (batch, "H"), "one row of state for each sequence")
    require_finite("state", state)
    return state


def _checked(x, state, W_xh, W_hh, b, gates: int, biases: int = 1):
    """The five arrays of a step as arrays of floats, their shapes consistent."""
    names = ("x", "state", "W_xh", "W_hh", "b")
    x, state, W_xh, W_hh, b = (
        require_numbers(name, array)
        for name, array in zip(names, (x, state, W_xh, W_hh, b), strict=True)
    )
    require_rank("x", x.shape, "BF")
    require_rank("state", state.shape, "BH")
    (batch, features), units = x.shape, state.shape[1]
    wide = gates * units
    require_size("state", state.shape, (batch, units), "one row of state for each row of x")
    require_size("W_xh", W_xh.shape, (features, wide), f"F = {features} inputs to {wide} sums")
    require_size("W_hh", W_hh.shape, (units, wide), f"H = {units} state values to {wide} sums")
    expected = (2, wide) if biases == 2 else (wide,)
    require_size("b", b.shape, expected, "one number for each sum, shared by all rows")
    return x, state, W_xh, W_hh, b


def _checked_lstm(x, state, W_xh, W_hh, b):
    """The same with h and c for the state."""
    if not isinstance(state, tuple | list) or len(state) != 2:
        raise ValueError(
            "`state` of an LSTM must be the pair (h, c), each of shape (B, H), "
            f"got {type(state).__name__}: start from LSTMState(zeros, zeros)"
        )
    c = require_numbers("c", state[1])
    x, h, *weights = _checked(x, state[0], W_xh, W_hh, b, gates=4)
    require_size("c", c.shape, h.shape, "h and c go together")
    return x, h, c, *weights
