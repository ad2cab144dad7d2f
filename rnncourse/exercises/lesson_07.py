"""Self-checks of lesson 07, Predict a series, then invent one.

Cast: a function, a number or a few numbers from the reader in, `Feedback` out.
Series are drawn here, so that an answer made for one series does not pass.
"""

import numpy as np

from rnncourse.data.series import next_step_windows
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_near,
    require_returned,
)


@check
def check_windows(cut):
    """Does `cut(series, length)` give all windows and their targets, one step later?

    Args:
        cut: A function of a series `(N,)` and a number of steps L that returns inputs and
            targets, `(N - L, L)` each.
    """
    require_function(cut, "cut(series, length)")
    for steps, length in ((12, 5), (9, 8), (30, 20)):
        series = np.random.default_rng(steps).integers(100, 1000, steps)
        wanted = [w[..., 0] for w in next_step_windows(series, length)]
        got = require_returned(cut(series.copy(), length))
        if not (isinstance(got, tuple | list) and len(got) == 2):
            raise Miss("expected two arrays, the inputs and the targets")
        for name, array, right in zip(("inputs", "targets"), got, wanted):
            array = np.asarray(array)
            if array.shape == (steps - length + 1, length):
                raise Miss(
                    f"{len(array)} windows in the {name}: the last one has no target, for "
                    "nothing comes after it"
                )
            apart = array.ndim == 2 and array.shape[1] == length and len(array) <= steps // length
            if apart and array.shape != right.shape:
                raise Miss(
                    f"{len(array)} windows in the {name}, side by side: they may overlap, and each "
                    "begins one step after the one before"
                )
            if name == "targets" and array.shape in ((steps - length,), (steps - length, 1)):
                raise Miss("every value of a window has a target of its own, not the last alone")
            if array.shape != right.shape:
                raise Miss(f"expected {name} of shape {right.shape}, got {array.shape}")
            if not np.array_equal(array, right):
                _name_the_slip(name, array, *wanted)
    return "three series agree: every target is the input of the next step"


def _name_the_slip(name, array, inputs, targets):
    other = {"inputs": targets, "targets": inputs}[name]
    if np.array_equal(array, other):
        raise Miss(
            f"these {name} are the {'targets' if name == 'inputs' else 'inputs'}: a network that "
            "repeats what it hears would be perfect"
        )
    if name == "targets" and np.array_equal(array[:, :-2], targets[:, 1:-1]):
        raise Miss("the targets are two steps ahead of the inputs: shift by one")
    raise Miss(
        f"the first window of the {name} should be {(inputs, targets)[name == 'targets'][0]}, "
        f"got {array[0]}"
    )


@check
def check_rule(coefficients):
    """Does a linear rule continue 3·sin(2t) + t, looked at every tenth, for any start?

    Args:
        coefficients: Of the last value, the one before it, and so on, `(K,)`; as few as
            will do.
    """
    if coefficients is None:
        raise Miss("expected a row of numbers, got None")
    c = np.asarray(coefficients, float)
    if c.ndim != 1 or not c.size:
        raise Miss(f"expected a row of numbers, got shape {c.shape}")
    if not np.isfinite(c).all():
        raise Miss(f"expected a row of numbers, got {c[~np.isfinite(c)][0]} among them")
    t = 0.1 * np.arange(60)

    parts = {"the wave 3·sin(2t)": 3 * np.sin(2 * t), "the line t": t}
    missed = [name for name, values in parts.items() if worst_of(c, values) > 1e-6]
    if missed:
        backward = c[::-1]
        polynomial = np.r_[1, -c]
        if len(c) == 5 and abs(abs(c[0]) - 1) < 1e-9:
            raise Miss("the leading 1 belongs to the next value: leave it out, and turn the signs")
        right = -np.polymul([1, -2 * np.cos(0.2), 1], [1, -2, 1])[1:]
        if len(c) == 4 and np.max(np.abs(c - right)) < 6e-3:
            raise Miss("nearly: these look rounded; give all digits")
        if not any(worst_of(-c, values) > 1e-6 for values in parts.values()):
            raise Miss("all signs are turned: what stands on the other side changes its sign")
        if not any(worst_of(backward, values) > 1e-6 for values in parts.values()):
            raise Miss("the order is turned: the last value's coefficient comes first")
        raise Miss(
            f"{' and '.join(missed)} not continued, by a rule of {len(c)}: the roots of "
            f"its polynomial are {np.round(np.roots(polynomial), 2)}"
        )
    if len(c) > 4:
        raise Miss(f"it is right with {len(c)} values, and four would do")
    return "four numbers: two for the wave, two for the line"


def worst_of(coefficients, values) -> float:
    """The largest miss of a linear rule, the last value's coefficient first.

    >>> worst_of([2.0, -1.0], np.arange(9.0))
    0.0
    """
    k = len(coefficients)
    heard = np.lib.stride_tricks.sliding_window_view(np.asarray(values, float), k)[:-1, ::-1]
    return float(np.max(np.abs(heard @ np.asarray(coefficients, float) - values[k:])))


@check
def check_one_value(error):
    """The least mean squared error of the next value of sin(t) from one value, a tenth later.

    Args:
        error: A number.
    """
    delta = 0.1
    right = np.sin(delta) ** 2 / 2
    slips = {
        np.sin(delta) ** 2: "that is at x = 0, where rising and falling differ most: take the "
        "mean over all values",
        4 * np.sin(delta) ** 2 / 2: "that is between the two candidates; the guess in the middle "
        "is half as far from each, and a quarter when squared",
        1 - np.cos(delta): "that is what repeating the value costs; the middle of the two "
        "candidates costs less",
        2 * (1 - np.cos(delta)): "that is twice what repeating the value costs; the mean of "
        "sin² is a half",
        0: "the value does not say whether the curve rises or falls there",
        np.sin(delta) / np.sqrt(2): "that is its root: square it",
        0.5: "that is the variance of sin(t); one value does tell something",
    }
    if isinstance(error, float) and error == 0.005:
        raise Miss(
            "0.005 is both the best guess's error and that of repeating the value, rounded: give "
            "three digits"
        )
    why = "sin(t + δ) = sin t · cos δ + cos t · sin δ; what of it does sin t not tell?"
    require_near("error", error, right, slips, why, near=5e-6)
    return f"{right:.5f}: the sign of the slope is all that is missing, and it is a coin toss"


@check
def check_go_on(go_on):
    """Does `go_on(predict, beginning, steps)` feed a forecaster with its own words?

    Args:
        go_on: A function of `predict`, which takes a list of values and returns the next,
            of a list and of a number; it returns the values added, without the beginning.
    """
    require_function(go_on, "go_on(predict, beginning, steps)")
    beginning = [1.0, 1.0]
    asked = []

    def fibonacci(values):
        asked.append(len(values))
        if len(asked) > 500:
            raise Miss("`predict` was asked 500 times for 8 values: does your loop end?")
        return values[-1] + values[-2]

    given = list(beginning)
    got = require_returned(go_on(fibonacci, given, 8))
    got = np.asarray(got, float).ravel().tolist()
    right = [2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0]
    slips = (
        ([2.0] * 8, "it is asked about the beginning again and again: append what it said"),
        (beginning + right, "the beginning is not its own: return what was added"),
        ((beginning + right)[:8], "the beginning is not its own: return what was added"),
        (right[1:] + [89.0], "the first value it says is missing"),
        (right[:7], "one value too few"),
        (right + [89.0], "one value too many"),
        ([55.0], "return all that was added, not the last value alone"),
    )
    for slip, hint in slips:
        if got == slip:
            raise Miss(f"got {got}: {hint}")
    if got != right:
        raise Miss(f"1, 1 should go on with {right} if each value is the sum of two, got {got}")
    if given != beginning:
        raise Miss("right, but the list that was handed in has grown: work on a copy")
    return "what it says is what it hears next"


@check
def check_noise(sigma, coefficients, change):
    """From which noise on is a linear rule worse than repeating the last value?

    Args:
        sigma: Standard deviation of the noise on every value heard.
        coefficients: Of the exact rule, `(K,)`.
        change: Mean squared change from a value of the curve to the next.
    """
    c, change = np.asarray(coefficients, float), float(change)
    gain = np.sum(c**2)
    if not (c.ndim == 1 and gain > 1 and change > 0):
        raise Miss("pass the page's own `wheels` and `change` after your answer")
    right = np.sqrt(change / (gain - 1))
    slips = {
        change / (gain - 1): "that is a variance: take its root",
        np.sqrt(change / np.abs(c).sum()): "variances add up with the squares of the coefficients",
        np.sqrt(change) / np.abs(c).sum(): "independent noises add in squares, not in size",
        np.round(right, 2): "nearly: two digits other than zero, please",
        np.sqrt(change): "the rule multiplies the noise long before it comes to that",
    }
    why = "set σ² times the sum of the squared coefficients equal to `change` + σ²"
    require_near("sigma", sigma, right, slips, why, near=6e-4)
    return f"{right:.3f}: on a curve that swings by more than twenty, invisible"


@check
def check_walk(one, five):
    """Prices whose steps are chance of variance 1: the least error one and five steps ahead.

    Args:
        one: Mean squared error of the best forecast of the next price.
        five: Of the price five steps ahead.
    """
    slips = {0: "the step itself cannot be known", 2: "the last price itself is known exactly"}
    require_near("one", one, 1.0, slips, "what of the next price is not in the past?")
    slips = {
        1: "five steps are unknown, not one",
        25: "independent steps add up in variance, not in size",
        np.sqrt(5): "that is the standard deviation",
        6: "the last price is known: five steps are not",
        4: "the first of the five steps is unknown too",
    }
    why = "how many steps lie between the last price and that one?"
    require_near("five", five, 5.0, slips, why)
    return "1 and 5: the last price is the best forecast for every day to come, and ever worse"
