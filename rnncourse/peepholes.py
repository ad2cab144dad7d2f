"""The way back of the LSTM whose gates look at the cell, for the walk of `bptt`.

Cast: as in `bptt`. One array more comes in, the peepholes p, and so one derivative
more comes out. What is new on the way: a gate that looked at the cell passes its
derivative on to the cell. For o that is the cell after the step, so its share joins
dc' before anything goes through c'; for i and f it is the cell before.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.bptt import Cell, step_arrays
from rnncourse.reference import LSTMState, peephole_lstm_step, sigmoid


class PeepholeGradients(NamedTuple):
    """`bptt.Gradients` with one derivative more.

    Attributes:
        x: By the inputs, `(B, F)` for a step, `(B, T, F)` for a walk.
        state: By the state before the step or the walk, an `LSTMState`.
        W_xh: By the input weights.
        W_hh: By the recurrent weights.
        b: By the bias.
        p: By the peepholes, `(3, H)`.
    """

    x: np.ndarray
    state: LSTMState
    W_xh: np.ndarray
    W_hh: np.ndarray
    b: np.ndarray
    p: np.ndarray


def peephole_lstm_backward(d_new, x, state, W_xh, W_hh, b, p):
    """One step back through c' = f c + i g,  h' = o tanh(c'), with i and f of c and o of c'.

    Args:
        d_new: `(dh', dc')`, each `(B, H)`.
        x: As `reference.peephole_lstm_step` takes it, and so are the others.
        state: The pair `(h, c)`.
        W_xh: `(F, 4H)`, gates in the order i, f, g, o.
        W_hh: `(H, 4H)`.
        b: `(4H,)`.
        p: `[p_i, p_f, p_o]`, `(3, H)`.

    Returns:
        `PeepholeGradients`.

    Raises:
        ValueError: Shapes that do not fit, or a pair that is none.
        TypeError: Anything but numbers.

    >>> zero, weights = np.zeros((1, 1)), (np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    >>> peephole_lstm_backward((zero, [[1.0]]), zero, (zero, [[2.0]]), *weights, np.zeros((3, 1))).p
    array([[0.],
           [1.],
           [0.]])
    """
    new, (dh, dc), x, (h, c), W_xh, W_hh, b, p = step_arrays(
        peephole_lstm_step, d_new, x, state, W_xh, W_hh, b, p
    )
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b, 4, axis=-1)
    i, f, g, o = sigmoid(i + p[0] * c), sigmoid(f + p[1] * c), np.tanh(g), sigmoid(o + p[2] * new.c)
    read = np.tanh(new.c)
    da_o = dh * read * o * (1 - o)
    dc = dc + dh * o * (1 - read**2) + da_o * p[2]
    da_i, da_f, da_g = dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=-1)  # (B, 4H)
    before = LSTMState(da @ W_hh.T, dc * f + da_i * p[0] + da_f * p[1])
    dp = np.stack([(da_i * c).sum(axis=0), (da_f * c).sum(axis=0), (da_o * new.c).sum(axis=0)])
    return PeepholeGradients(da @ W_xh.T, before, x.T @ da, h.T @ da, da.sum(axis=0), dp)


PEEPHOLE_LSTM = Cell(peephole_lstm_step, peephole_lstm_backward, ("W_xh", "W_hh", "b", "p"))
