"""Self-checks of lesson 11, Simplify it: the GRU.

Cast: a number, a function, arrays or a few weights from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.data.counting import wind_ups
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_returned,
    require_whole,
)
from rnncourse.reference import LSTMState, gru_step, lstm_step, sigmoid, unroll


@check
def check_kept(left):
    """The bias of z is 3, nothing else reaches the gate, h̃ is 0: what is left after 20 steps?

    Args:
        left: Share of the state before, between 0 and 1.
    """
    z = float(sigmoid(np.array(3.0)))
    slips = {
        (1 - z) ** 20: "that is what is left if 1 opens the input; here z multiplies the state",
        z: "that is one step; z multiplies twenty times",
        1 - z**20: "that is what is lost",
        0.95**20: "0.95 is σ(3) rounded, and the rounding is multiplied twenty times too",
        1 - 0.95**20: "that is what is lost, and of a gate at 0.95 sharp",
        20 * z: "twenty multiplications, not twenty times one",
        1.0: "0.95 is near 1, but twenty of them are not",
        (1 - z) * 20: "that adds up what each step lets in",
        3.0**20: "3 is the bias; the gate is its sigmoid",
    }
    why = "h' = z h, twenty times, and z is σ(3)"
    require_near("left", left, z**20, slips, why, share=True)
    return f"{z**20:.2f}: a gate at 0.95 forgets more than half in twenty steps"


@check
def check_units(units):
    """The most units of a Keras GRU with no more parameters than an LSTM of 128 on 64 inputs.

    Args:
        units: An integer.
    """
    units = require_whole("units", units, "a layer has whole units")
    if units < 1:
        raise Miss(f"got {units}: a layer has at least one unit")
    lstm = 4 * 128 * (64 + 128 + 1)
    gru = 3 * units * (64 + units + 2)
    hints = {
        128: "equal units leave parameters over: three parts instead of four",
        170: "four thirds of 128 would be right if parameters grew with H; most of them grow with "
        "H · H",
        171: "four thirds of 128 would be right if parameters grew with H; most of them grow with "
        "H · H",
        147: "the square root of 4/3 is close, but the input weights grow with H alone",
        148: "the square root of 4/3 is close, but the input weights grow with H alone",
    }
    if units != 151:
        hint = f"a GRU of {units} has {gru:,} parameters, the LSTM {lstm:,}"
        raise Miss(f"got {units}: " + (hints.get(units, hint)))
    return "151: on equal terms the simpler cell is the larger one"


@check
def check_turned(turn):
    """Does `turn(kernel, recurrent_kernel, bias)` make a GRU of one whose gate turns the other way?

    Args:
        turn: A function of the weights of a GRU with h' = (1 - z) h + z h̃, reset before the
            multiplication, parts z, r, h̃; it returns three arrays for h' = z h + (1 - z) h̃.
    """
    require_function(turn, "turn(kernel, recurrent_kernel, bias)")
    rng = np.random.default_rng(11)
    F, H = 3, 4
    weights = [rng.normal(size=s) for s in ((F, 3 * H), (H, 3 * H), (3 * H,))]
    x, h = rng.normal(size=(5, F)), rng.normal(size=(5, H))
    expected = _other_way(x, h, *weights)
    got = require_returned(turn(*(w.copy() for w in weights)))
    if not isinstance(got, tuple | list) or len(got) != 3:
        raise Miss(f"expected three arrays, got {type(got).__name__}: return all of them")
    names = ("kernel", "recurrent_kernel", "bias")
    got = [require_array(name, w, finite=False) for name, w in zip(names, got, strict=True)]
    if [w.shape for w in got] != [w.shape for w in weights]:
        raise Miss(
            f"expected the shapes {[w.shape for w in weights]}, got {[w.shape for w in got]}: only "
            "signs change"
        )
    if np.allclose(gru_step(x, h, *got, reset_after=False), expected):
        return "the same network: what was called 1 is called 0 now"
    z_only = [w[..., :H] for w in got]
    before = [w[..., :H] for w in weights]
    slips = {
        "they came back as they were": np.allclose(got[0], weights[0])
        and np.allclose(got[1], weights[1])
        and np.allclose(got[2], weights[2]),
        "all signs are turned; r and h̃ are the same in both": all(
            np.allclose(g, -w) for g, w in zip(got, weights)
        ),
        "the bias of z has kept its sign": np.allclose(z_only[0], -before[0])
        and np.allclose(z_only[2], before[2]),
        "the recurrent weights of z have kept their sign": np.allclose(z_only[0], -before[0])
        and np.allclose(z_only[1], before[1]),
        "r was turned, or h̃; z stands in the first H columns": np.allclose(z_only[0], before[0]),
        "1 - w is not what makes 1 - σ(w)": np.allclose(z_only[0], 1 - before[0]),
    }
    found = [hint for hint, slip in slips.items() if slip]
    raise Miss(found[0] if found else "the new state is another one: 1 - σ(a) = σ(?)")


@check
def check_same_in_both(W_xh, W_hh, b):
    """Break the difference: weights for which both forms of the reset gate answer alike.

    Args:
        W_xh: `(2, 9)`, parts z, r, h̃ of 3 units.
        W_hh: `(3, 9)`, no zero on the diagonal of U_h.
        b: `(9,)`; the form that resets afterwards gets it as its first row, and zeros as the
            second. r must move: it may not be the same for all inputs and states.
    """
    shapes = {"W_xh": (2, 9), "W_hh": (3, 9), "b": (9,)}
    arrays = {}
    for (name, shape), value in zip(shapes.items(), (W_xh, W_hh, b), strict=True):
        arrays[name] = require_array(name, value, shape)
    W_xh, W_hh, b = arrays.values()
    U_h = W_hh[:, 6:]
    if (np.abs(np.diag(U_h)) < 1e-3).any():
        raise Miss("a diagonal of U_h with a zero: then that unit does not hear its own past")
    rng = np.random.default_rng(12)
    x, h = rng.normal(size=(50, 2)), rng.uniform(-1, 1, (50, 3))
    r = sigmoid(x @ W_xh[:, 3:6] + h @ W_hh[:, 3:6] + b[3:6])
    if (r.std(axis=0) < 1e-3).any():
        raise Miss("r stands still, at least in one unit: let it hear x or h")
    before = gru_step(x, h, W_xh, W_hh, b, reset_after=False)
    after = gru_step(x, h, W_xh, W_hh, np.stack([b, np.zeros(9)]))
    gap = np.abs(before - after).max()
    if gap > 1e-9:
        off = U_h - np.diag(np.diag(U_h))
        hint = (
            "U_h still mixes the units: r of one unit meets what another one sent"
            if np.abs(off).max() > 0
            else "when is r (h U_h) the same as (r h) U_h?"
        )
        raise Miss(f"the two forms differ by up to {gap:.2g}: {hint}")
    return "(r h) U_h is r (h U_h) where no unit hears another, or where all share one r"


@check
def check_counter(W_xh, b):
    """Does one LSTM unit of these weights hold the number of hops a toy has left in its c?

    Args:
        W_xh: `(2, 4)`: turn and hop to i, f, g, o; the recurrent weights are zero.
        b: `(4,)`.
    """
    W_xh, b = require_array("W_xh", W_xh, (2, 4)), require_array("b", b, (4,))
    x, _ = wind_ups([100])
    cells, state = [], LSTMState(np.zeros((1, 1)), np.zeros((1, 1)))
    unroll(
        lambda x_t, s: cells.append(lstm_step(x_t, s, W_xh, np.zeros((1, 4)), b)) or cells[-1],
        x,
        state,
    )
    c = np.array([s.c.item() for s in cells])
    change = x[0, :, 0] - x[0, :, 1]
    wanted = np.cumsum(change)
    wrong = np.flatnonzero(np.abs(c - wanted) > 0.1)
    if not wrong.size:
        return "up by one, down by one, a hundred times: f and i are both open"
    t = int(wrong[0])
    where = f"after {t + 1} of 200 steps c is {c[t]:.3g} and should be {wanted[t]:.0f}"
    a = x[0, : t + 1] @ W_xh + b
    i, f, g = *sigmoid(a[:, :2]).T, np.tanh(a[:, 2])
    # The error is the sum of what g, i and f have each done to c in all steps so far.
    errors = np.stack([g - change[: t + 1], (i - 1) * g, (f - 1) * np.r_[0, c[:t]]])
    part = np.abs(errors.sum(axis=1)).argmax()
    s = np.abs(errors[part]).argmax()
    if part == 2:
        raise Miss(f"{where}: the forget gate stands at {_open(f[s])}: the count leaks")
    if part == 1:
        raise Miss(f"{where}: the input gate stands at {_open(i[s])}: not all of the step comes in")
    hint = "what does a turn add to c, and what a hop?"
    if g[s] * change[s] > 0:
        hint = f"a sum of {a[s, 2]:.3g} makes a g of {g[s]:.3f}, and a step counts one"
    elif g[s] and change[s] > 0:
        hint = "a turn should add, a hop take away"
    elif g[s]:
        hint = "hops have to count down: g must be −1 there"
    raise Miss(f"{where}: {hint}")


def _open(gate):
    """0.731, but 0.99995 in full: it would look like 1."""
    return f"{gate:.3f}" if gate < 0.999 else f"{gate:.6g}"


def _other_way(x, h, kernel, recurrent_kernel, bias):
    """h' = (1 - z) h + z h̃, reset before the multiplication."""
    W_z, W_r, W_h = np.split(kernel, 3, axis=1)
    U_z, U_r, U_h = np.split(recurrent_kernel, 3, axis=1)
    b_z, b_r, b_h = np.split(bias, 3)
    z, r = sigmoid(x @ W_z + h @ U_z + b_z), sigmoid(x @ W_r + h @ U_r + b_r)
    return (1 - z) * h + z * np.tanh(x @ W_h + (r * h) @ U_h + b_h)
