"""Self-checks of lesson 09, Remember for longer.

Cast: a number, a function or two matrices from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.data.distances import mixed_scales
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_returned,
    require_whole,
)


@check
def check_steps_back(steps):
    """After how many steps back is a gradient below a millionth: sigmoids at ½, radius 2?

    Args:
        steps: An integer.
    """
    steps = require_whole("steps", steps)
    hints = {
        10: "at rest the sigmoid's derivative is a quarter, and the loop gives back the double of "
        "that: a half at each step, not a quarter",
        19: "the half to the power of 19 is still 1.9 millionths",
        7: "a radius of 2 doubles what the sigmoid leaves, it does not halve it",
        6: "a radius of 2 doubles what the sigmoid leaves, it does not halve it",
        21: "one step less is enough: the half to the power of 20 is 0.95 millionths",
    }
    if steps != 20:
        hint = hints.get(steps, "equation 9.3: what is radius times derivative, at ½?")
        raise Miss(f"got {steps}: {hint}")
    return "a half at each step: a radius of 2 is not enough, it would take 4"


@check
def check_clip(clip):
    """Does `clip(gradients, limit)` shorten the whole gradient to `limit`, if it is longer?

    Args:
        clip: A function of a list of arrays and a number that returns a list of arrays.
    """
    require_function(clip, "clip(gradients, limit)")
    rng = np.random.default_rng(9)
    long = [3 * rng.normal(size=(4, 5)), rng.normal(size=7)]
    short = [0.01 * g for g in long]
    for gradients, limit in ((long, 1.0), (long, 5.0), (short, 1.0)):
        norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
        scale = min(1.0, limit / norm)
        got = require_returned(clip([g.copy() for g in gradients], limit))
        got = [np.asarray(g, float) for g in got]
        if [g.shape for g in got] != [g.shape for g in gradients]:
            raise Miss(f"expected arrays of shapes (4, 5) and (7,), got {[g.shape for g in got]}")
        if _same(got, [scale * g for g in gradients]):
            continue
        if scale == 1:
            raise Miss(
                f"a gradient of length {norm:.2g} under a limit of {limit:g} came back changed: "
                "what is short enough stays as it is"
            )
        slips = {
            "each number was cut off at the limit, which turns the gradient into another "
            "direction": [np.clip(g, -limit, limit) for g in gradients],
            "each array was shortened by itself, so they no longer stand in proportion: one length "
            "for all of them together": [
                g * min(1.0, limit / np.linalg.norm(g)) for g in gradients
            ],
            "the sum of squares wants a root before it is a length": [
                g * min(1.0, limit / norm**2) for g in gradients
            ],
            "it came back as it was": gradients,
        }
        found = [hint for hint, slip in slips.items() if _same(got, slip)]
        length = np.sqrt(sum(np.sum(g**2) for g in got))
        raise Miss(
            found[0]
            if found
            else f"its length is {length:.3g} under a limit of {limit:g}: "
            "multiply all arrays by one number, limit divided by length"
        )
    return "one number for all arrays: shorter, and in the same direction"


@check
def check_copy_baseline(loss):
    """Eight symbols, ten of them to copy after 40 steps: the loss of somebody who forgot them all.

    Args:
        loss: Mean cross-entropy over all 60 steps, in nats.
    """
    right = 10 * np.log(8) / 60
    slips = {
        np.log(8): "that is the cost of one symbol; the mean is over all 60 steps, and 50 are free",
        10 * np.log(8): "that is the sum over the steps, not their mean",
        10 * np.log(8) / 50: "count the steps: 10 to hear, 40 to wait, 10 to say",
        10 * np.log(8) / 40: "count the steps: 10 to hear, 40 to wait, 10 to say",
        10
        * np.log(10)
        / 60: "two of the ten classes are no symbols, and it knows that: 8 are left",
        10 * np.log(9) / 60: "it knows that it is not to be silent now: 8 classes are left",
        10 * 3 / 60: "that is in bits; with the natural logarithm a symbol costs log 8",
        1 / 6: "that is the adding task's; here the loss is a cross-entropy",
    }
    why = "at how many of the 60 steps does it not know what to say?"
    require_near("loss", loss, right, slips, why, near=6e-4)
    return f"{right:.3f} nats: below that, something has been remembered"


@check
def check_matrices(explodes, vanishes):
    """Break the rule of small weights: two matrices of 8 × 8 that do what their entries deny.

    Args:
        explodes: No entry larger than 0.2 in size, and the gradient grows without end.
        vanishes: No entry of the 28 above the diagonal smaller than 5 in size, and the gradient
            dies.
    """
    radii = []
    for name, W in (("explodes", explodes), ("vanishes", vanishes)):
        W = require_array(name, W, (8, 8))
        radii.append(np.abs(np.linalg.eigvals(W)).max())
    largest = np.abs(explodes).max()
    if largest > 0.2 + 1e-12:
        raise Miss(f"`explodes` has an entry of {largest:.3g}: none may be larger than 0.2")
    if radii[0] <= 1:
        raise Miss(
            f"the spectral radius of `explodes` is {radii[0]:.3g}: small entries add up if they "
            "all pull the same way"
        )
    above = np.abs(np.asarray(vanishes, float)[np.triu_indices(8, 1)])
    if above.min() < 5:
        raise Miss(
            f"above the diagonal of `vanishes` stands an entry of {above.min():.3g}: none may be "
            "smaller than 5"
        )
    # Rounding lets the eigenvalues of a nilpotent matrix wander; its powers tell.
    with np.errstate(over="ignore", invalid="ignore"):
        left = np.linalg.norm(np.linalg.matrix_power(np.asarray(vanishes, float), 10_000))
    if not left < 1e-6:
        raise Miss(
            f"`vanishes` to the power of 10,000 still has norm {left:.2g}: with which numbers on "
            "and below the diagonal can nothing ever come round again?"
        )
    return (
        "entries of 0.2 that explode, entries of 5 that vanish in the end: what comes round counts"
    )


@check
def check_look_back(window):
    """Does `window(past)` give the last five months, weeks and days?

    Args:
        window: A function of daily values `(N, D)` that returns `(N, 15)`; a month has 20
            days, a week 5, and the oldest comes first in each group.
    """
    require_function(window, "window(past)")
    past = np.cumsum(np.random.default_rng(3).normal(size=(3, 130)), axis=1)
    expected = mixed_scales(past)
    got = np.asarray(require_returned(window(past.copy())), float)
    if got.shape != (3, 15):
        raise Miss(f"expected 15 numbers for each of 3 rows, shape (3, 15), got {got.shape}")
    groups = {"months": slice(0, 5), "weeks": slice(5, 10), "days": slice(10, 15)}
    for name, part in groups.items():
        if np.allclose(got[:, part], expected[:, part]):
            continue
        if np.allclose(got[:, part], expected[:, part][:, ::-1]):
            raise Miss(f"the {name} run backward: the oldest comes first")
        size = {"months": 20, "weeks": 5, "days": 1}[name]
        early = past[:, : 5 * size].reshape(3, 5, size).mean(axis=2)
        if np.allclose(got[:, part], early):
            raise Miss(f"these are the first five {name} of the series: count from its end")
        ends = past[:, -5 * size :].reshape(3, 5, size)
        if np.allclose(got[:, part], ends[:, :, -1]):
            raise Miss(f"of the {name} only the last days came through: take the mean of each")
        if np.allclose(got[:, part], ends.sum(axis=2)):
            raise Miss(f"the {name} are sums: on one scale with the days they would be means")
        raise Miss(f"the {name} are off: the first row should be {expected[0, part].round(2)}")
    return "a hundred days in fifteen numbers"


def _same(got, expected):
    return all(np.allclose(g, e, rtol=1e-6) for g, e in zip(got, expected, strict=True))
