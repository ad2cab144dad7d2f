"""Self-checks of lesson 10, Open the LSTM.

Cast: a number, a function or the weights of one unit from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_number,
    require_returned,
    require_whole,
)
from rnncourse.reference import lstm_step, peephole_lstm_step, sigmoid


@check
def check_bias(bias):
    """Which forget bias lets half of a cell survive sixty steps?

    Args:
        bias: A number.
    """
    f = 0.5 ** (1 / 60)
    slips = {
        round(f, 4): "that is f itself; which sum does the sigmoid turn into it?",
        round(np.log(59), 2): "with it a share of 1/e is left after 60 steps, not a half",
        round(np.log(60), 2): "with it a share of 1/e is left after 60 steps, not a half",
        0.0: "with it half is left after one step",
        1.0: "with it half is left after 2.2 steps",
        5.0: "with it half is left after 103 steps",
        60.0: "that is the number of steps; the bias is what the sigmoid turns into f",
        -np.log(f / (1 - f)): "the sign: a negative bias forgets",
    }
    why = "f to the power of 60 is a half; then ask for the sum that gives this f"
    number = require_number("bias", bias)
    if 0 < number < 30:
        steps = np.log(2) / np.log1p(np.exp(-number))
        slips.setdefault(number, f"with it half is left after {steps:.3g} steps; {why}")
    require_near("bias", bias, np.log(f / (1 - f)), slips, why, near=0.02, near_slip=0.005)
    return f"a bias of {np.log(f / (1 - f)):.2f} makes f {f:.4f}, and sixty of those make a half"


@check
def check_radius(radius):
    """At which spectral radius of g's recurrent weights does an LSTM's gradient stop dying?

    The network rests at zero: i = o = ½, and f = σ(1).

    Args:
        radius: A number.
    """
    f = float(sigmoid(np.array(1.0)))
    slips = {
        1.0: "that is the border of a plain network; here i and o stand in the way, and f helps",
        1 - f: "that is what i · o · radius must add to f; i and o are a half each",
        2 * (1 - f): "the way through h passes two gates, i and o",
        2.0: "that is the border at a bias of 0, where f is a half",
        4.0: "that would do without f",
        f: "that is f",
    }
    why = "what is f + i · o · radius, and when is it 1?"
    require_near("radius", radius, 4 * (1 - f), slips, why, near=0.01)
    return f"beyond {4 * (1 - f):.2f} it explodes, through h, with f below one all the time"


@check
def check_peephole_step(step):
    """Is `step(x, h, c, W_xh, W_hh, b, p)` one step of an LSTM whose gates look at the cell?

    Args:
        step: A function of arrays `(B, F)`, `(B, H)`, `(B, H)`, `(F, 4H)`, `(H, 4H)`, `(4H,)`
            and `(3, H)` that returns the new `(h, c)`.
    """
    require_function(step, "step(x, h, c, W_xh, W_hh, b, p)")
    rng = np.random.default_rng(10)
    x, h, c = rng.normal(size=(2, 3)), rng.normal(size=(2, 4)), 2 * rng.normal(size=(2, 4))
    weights = rng.normal(size=(3, 16)), rng.normal(size=(4, 16)), rng.normal(size=16)
    p = rng.normal(size=(3, 4))
    got = require_returned(step(x, h, c, *(w.copy() for w in weights), p.copy()))
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Miss(f"expected the pair (h, c), got {type(got).__name__}")
    got = [np.asarray(part, float) for part in got]
    if any(part.shape != (2, 4) for part in got):
        raise Miss(f"expected h and c of shape (2, 4), got {[part.shape for part in got]}")
    right = peephole_lstm_step(x, (h, c), *weights, p)
    if _same(got, right):
        return "i and f look at what the cell was, o at what it has become"
    i, f, g, o = np.split(x @ weights[0] + h @ weights[1] + weights[2], 4, axis=-1)
    old_c = sigmoid(f + p[1] * c) * c + sigmoid(i + p[0] * c) * np.tanh(g)
    looks_back = sigmoid(o + p[2] * c) * np.tanh(old_c), old_c
    swapped = peephole_lstm_step(x, (h, c), *weights, p[[1, 0, 2]])
    looks_at_h = peephole_lstm_step(x, (h, h), *weights, p)
    new_c = sigmoid(f + p[1] * h) * c + sigmoid(i + p[0] * h) * np.tanh(g)
    looks_at_h = sigmoid(o + p[2] * h) * np.tanh(new_c), new_c
    slips = {
        "the gates do not look yet: this is the LSTM itself": lstm_step(x, (h, c), *weights),
        "o looks at the old cell: by then the new one is there": looks_back,
        "the peepholes of i and f are swapped: the rows of p are i, f, o": swapped,
        "the gates look at h, which they knew before: let them look at c": looks_at_h,
        "h and c came back in the other order": (right[1], right[0]),
    }
    for blind in ("i", "f", "o", "if", "io", "fo"):
        seeing = p * [[gate not in blind] for gate in "ifo"]
        one = "does" if len(blind) == 1 else "do"
        slips[f"{' and '.join(blind)} {one} not look yet"] = peephole_lstm_step(
            x, (h, c), *weights, seeing
        )
    for hint, slip in slips.items():
        if _same(got, slip):
            raise Miss(hint)
    if np.allclose(got[1], right[1]):
        raise Miss("c is right and h is off: what does o see, and what does it let through?")
    raise Miss("c is off: i and f look at the old c, and then c' = f c + i g")


@check
def check_latch(W_xh, b):
    """One LSTM unit, wired by hand: it takes the value when told to, and keeps it 1,000 steps.

    Args:
        W_xh: `(2, 4)`: from (write, value) to i, f, g, o.
        b: `(4,)`.
    """
    W_xh, b = require_array("W_xh", W_xh, (2, 4)), require_array("b", b, (4,))
    value = np.random.default_rng(3).choice([-1.0, 1.0], (4, 1001))
    value[:, 0], value[:, 500] = [1, -1, 1, -1], [1, 1, -1, -1]
    write = np.zeros((4, 1001))
    write[:, 0] = 1
    for again in (False, True):
        write[:, 500] = again
        state, seen = (np.zeros((4, 1)), np.zeros((4, 1))), []
        for t in range(1001):
            x = np.stack([write[:, t], value[:, t]], axis=1)
            state = lstm_step(x, state, W_xh, np.zeros((1, 4)), b)
            seen.append(state.c[:, 0])
        wanted = value[:, 500] if again else value[:, 0]
        after, last = seen[0] * value[:, 0], state.c[:, 0] * wanted
        if after.min() < 0.5:
            raise Miss(
                f"told to take +1 or −1, the cell holds {seen[0].round(2).tolist()} one step "
                "later for 1, −1, 1, −1: open i when told to write, and let g follow the value"
            )
        if last.min() < 0.5 and again:
            raise Miss(
                "told to take a second value, it did not let go of the first: what must f do "
                f"when it is told to write? The cells hold {state.c[:, 0].round(2).tolist()} for "
                f"{wanted.astype(int).tolist()}"
            )
        if np.abs(state.c).max() > 1.5:
            raise Miss(
                f"after 1,000 steps the cells hold {state.c[:, 0].round(1).tolist()}: values "
                "leak in that nobody told it to take; close i further"
            )
        if last.min() < 0.5:
            raise Miss(
                f"after 1,000 steps the cells hold {state.c[:, 0].round(3).tolist()} instead of "
                f"{wanted.astype(int).tolist()}: which f to the power of 1,000 leaves half?"
            )
    return "two values taken, 1,000 steps kept, and a thousand others ignored"


@check
def check_units(units):
    """The largest LSTM with no more weights than 150 plain neurons on rows of 28 pixels.

    Args:
        units: An integer.
    """
    units = require_whole("units", units)
    if units < 1:
        raise Miss(f"got {units}: a layer has at least one unit")
    budget, count = 150 * (28 + 150 + 1), 4 * units * (28 + units + 1)
    hints = {
        37: "a quarter of the neurons has far fewer than a quarter of the weights",
        38: "a quarter of the neurons has far fewer than a quarter of the weights",
        75: "half of the neurons would do if only the recurrent weights counted",
        150: "then it has four times as many weights",
        69: "69 have 27,048 weights, 198 too many",
    }
    if units != 68:
        hint = hints.get(units, f"an LSTM of {units} has {count:,} weights; {budget:,} are allowed")
        raise Miss(f"got {units}: {hint}")
    return "68 units, 26,384 weights: who compares 150 with 150 compares a network with one of four"


def _same(got, expected):
    return all(np.allclose(g, e, atol=1e-9) for g, e in zip(got, expected, strict=True))
