"""What every self-check returns: friendly text.

Cast: a check takes the reader's answer and returns a `Feedback`, a string that
says what is off, what was expected, what came and why it matters. It never
raises, whatever it is given: an exception in the reader's code becomes part of
the text. The `require_…` functions are the questions that many checks ask first;
they let an answer through or end the check with a `Miss`.
"""

import functools
import math
import textwrap
from collections.abc import Callable, Mapping

import numpy as np


class Feedback(str):
    """Text for the reader, shown as it is; `passed` says whether the answer holds."""

    passed: bool

    def __new__(cls, text: str, passed: bool):
        feedback = super().__new__(cls, ("✓ " if passed else "✗ ") + text)
        feedback.passed = passed
        return feedback

    def __repr__(self) -> str:
        return textwrap.fill(str(self), 74, subsequent_indent="  ")


class Miss(Exception):
    """Ends a check with the text for the reader."""


def check(function: Callable[..., str]) -> Callable[..., Feedback]:
    """Make a self-check: returned text is praise with a reason, a `Miss` is what is off.

    >>> @check
    ... def is_seven(answer):
    ...     if answer != 7:
    ...         raise Miss(f"expected 7, got {answer}")
    ...     return "seven it is"
    >>> is_seven(8), is_seven(7)
    (✗ expected 7, got 8, ✓ seven it is)
    """

    @functools.wraps(function)
    def checked(*answers, **named) -> Feedback:
        try:
            return Feedback(function(*answers, **named), passed=True)
        except Miss as miss:
            return Feedback(str(miss), passed=False)
        # Readers hand over anything; whatever breaks is theirs to see in words, not a trace.
        except Exception as error:
            return Feedback(
                f"your answer stopped with {type(error).__name__}: {error}", passed=False
            )

    return checked


def require_function(answer, signature: str) -> None:
    """A `Miss` unless `answer` can be called.

    >>> require_function(0.5, "neuron(x, h)")
    Traceback (most recent call last):
    rnncourse.exercises.feedback.Miss: expected a function neuron(x, h), got float: pass it without calling it
    """  # noqa: E501
    if not callable(answer):
        got = type(answer).__name__
        raise Miss(f"expected a function {signature}, got {got}: pass it without calling it")


def require_returned(value):
    """`value`, which a reader's function returned; a `Miss` if that is `None`.

    >>> require_returned(0)
    0
    """
    if value is None:
        raise Miss("your function returned nothing: end it with `return`")
    return value


def require_number(name: str, got: object, kind: str = "a number", remedy: str = "") -> float:
    """A reader's number as a float, whatever it is wrapped in; else a `Miss`.

    Args:
        name: Of the answer; it stands in the text.
        got: What came: an int, a float, a NumPy scalar, an array or a tensor without axes.
        kind: What was asked for.
        remedy: One clause on what to hand over instead.

    Returns:
        A finite float.

    Raises:
        Miss: Text, a truth value, `None`, a list or an array with axes, a complex number, NaN,
            infinity, an integer beyond all floats, or anything else. It raises nothing else.

    >>> require_number("share", np.float32(0.25))
    0.25
    >>> require_number("share", "0.25")
    Traceback (most recent call last):
    rnncourse.exercises.feedback.Miss: expected a number for `share`, got '0.25'
    """
    number = _as_float(got)
    if not math.isfinite(number):
        raise _not_this(name, got, kind, remedy)
    return number


def require_whole(name: str, got: object, remedy: str = "") -> int:
    """A reader's whole number, 20.0 included, as `require_number` takes it; else a `Miss`.

    >>> require_whole("steps", 20.5, "count them")
    Traceback (most recent call last):
    rnncourse.exercises.feedback.Miss: expected a whole number for `steps`, got 20.5: count them
    """
    number = _as_float(got)
    if not number.is_integer():
        raise _not_this(name, got, "a whole number", remedy)
    return int(number)


def require_array(
    name: str,
    got: object,
    shape: tuple[int, ...] | None = None,
    *,
    finite: bool = True,
    remedy: str = "",
) -> np.ndarray:
    """A reader's array of numbers, of the shape that was asked for; else a `Miss`.

    Args:
        name: Of the answer; it stands in the text.
        got: What came: an array, a tensor, or lists of equal length.
        shape: What was asked for; `None` lets every shape through.
        finite: Refuse NaN and infinity too.
        remedy: One clause on what to hand over instead, where there are no numbers.

    Returns:
        The array, of the type of number that came.

    Raises:
        Miss: `None`, text, rows of unequal length, another shape, or NaN where `finite`.

    >>> require_array("W", [[1, 2], [3, 4]], (2, 2)).sum()
    np.int64(10)
    >>> require_array("W", [[1, 2], [3]], (2, 2))
    Traceback (most recent call last):
    rnncourse.exercises.feedback.Miss: expected `W` as numbers of shape (2, 2), got [[1, 2], [3]]
    """
    try:
        array = np.asarray(got.numpy() if hasattr(got, "numpy") else got)
        # A list of one-element tensors is an array of objects, and numbers all the same.
        array = array.astype(float) if array.dtype.kind == "O" and got is not None else array
    except Exception:
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        of = f" of shape {shape}" if shape is not None else " in rows of equal length"
        after = f": {remedy}" if remedy else ""
        raise Miss(f"expected `{name}` as numbers{of}, got {_shown(got)}{after}")
    if shape is not None and array.shape != shape:
        raise Miss(f"expected `{name}` of shape {shape}, got {array.shape}")
    if finite and not np.isfinite(array).all():
        raise Miss(f"expected finite numbers in `{name}`, got NaN or infinity")
    return array


def require_near(
    name: str,
    got: object,
    right: float,
    slips: Mapping[float, str],
    question: str,
    near: float = 6e-3,
    *,
    near_slip: float | None = None,
    share: bool = False,
) -> None:
    """A `Miss` with the likely slip, unless a reader's number is near to the right one.

    Args:
        name: Of the answer.
        got: What came; `require_number` says what passes for a number.
        right: What should have come.
        slips: Number → what somebody did who gives it.
        question: What to think about, where nobody knows what went wrong.
        near: How far from `right` an answer may be.
        near_slip: How far from a slip it may be; as `near` if `None`.
        share: The answer lies between 0 and 1, and who gives a percentage is told so.

    Raises:
        Miss: No number, or not near.

    >>> slips = {0.5: "every second day is too many"}
    >>> require_near("date", 1 / 4, 0.25, slips, "how often?")
    >>> require_near("date", 0.5, 0.25, slips, "how often?")
    Traceback (most recent call last):
    rnncourse.exercises.feedback.Miss: got 0.5 for `date`: every second day is too many
    """
    number = require_number(name, got)
    if abs(number - right) <= near:
        return
    # Counts are shown in full: 60000, not 6e+04.
    shown = f"{number:.{15 if number.is_integer() else 4}g}"
    for slip, hint in slips.items():
        if abs(number - slip) <= (near if near_slip is None else near_slip):
            raise Miss(f"got {shown} for `{name}`: {hint}")
    if share and (number > 1 or abs(number / 100 - right) <= 0.05 * right):
        question = "expected a share between 0 and 1, not a percentage"
    elif right % 1 and abs(number - right) <= 0.02 * abs(right):
        question = "nearly; round less"
    raise Miss(f"got {shown} for `{name}`: {question}")


def _as_float(got) -> float:
    """NaN for whatever is no number."""
    # Arrays, tensors and strangers all have their own ways to say that they are no number.
    try:
        array = np.asarray(got.numpy() if hasattr(got, "numpy") else got)
        item = array[()] if array.ndim == 0 else None
        other = array.dtype.kind in "bcmMSU" or isinstance(item, bool | str | bytes)
        return math.nan if other else float(item)
    except Exception:
        return math.nan


def _not_this(name, got, kind, remedy) -> Miss:
    after = f": {remedy}" if remedy else ""
    return Miss(f"expected {kind} for `{name}`, got {_shown(got)}{after}")


def _shown(got) -> str:
    """`repr` of anything in one short line."""
    try:
        text = " ".join(repr(got).split())
    except Exception:  # a reader's own class, or an integer of more digits than Python prints
        return f"an object of type {type(got).__name__}"
    return text if len(text) <= 70 else f"{text[:69]}…"
