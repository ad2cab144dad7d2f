"""What every self-check returns: friendly text.

Cast: a check takes the reader's answer and returns a `Feedback`, a string that
says what is off, what was expected, what came and why it matters. It never
raises, whatever it is given: an exception in the reader's code becomes part of
the text.
"""

import functools
import textwrap
from collections.abc import Callable


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
