from datetime import timedelta
from fractions import Fraction

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.exercises.feedback import (
    Feedback,
    Miss,
    check,
    require_function,
    require_near,
    require_number,
    require_returned,
    require_whole,
)


@check
def is_seven(answer):
    """Is it seven?"""
    if answer != 7:
        raise Miss(f"expected 7, got {answer}")
    return "seven it is"


def test_a_right_answer_passes():
    assert is_seven(7).passed
    assert is_seven(7) == "✓ seven it is"


def test_a_wrong_answer_is_told_what_is_off():
    assert not is_seven(8).passed
    assert is_seven(8) == "✗ expected 7, got 8"


class Unfriendly:
    def __ne__(self, other):
        raise RuntimeError("do not compare me")


@pytest.mark.parametrize(
    "answers", [(), (1, 2), (Unfriendly(),)], ids=["none", "too many", "raising"]
)
def test_a_check_returns_text_whatever_it_is_given(answers):
    feedback = is_seven(*answers)
    assert isinstance(feedback, Feedback)
    assert not feedback.passed
    assert "your answer stopped with" in feedback


def test_feedback_is_shown_as_text_not_as_a_quoted_string():
    assert repr(is_seven(7)) == "✓ seven it is"


def test_a_check_keeps_its_name_and_description():
    assert is_seven.__name__ == "is_seven"
    assert is_seven.__doc__ == "Is it seven?"


def test_long_feedback_is_shown_in_lines_that_fit_the_page():
    shown = repr(Feedback("a clap pushes with one half " * 8, passed=False))
    assert shown.startswith("✗ a clap")
    assert max(map(len, shown.splitlines())) <= 74


def test_an_answer_that_should_be_a_function_and_is_none_is_told_so():
    assert require_function(len, "f(x)") is None
    with pytest.raises(Miss, match=r"expected a function f\(x\), got int: pass it without calling"):
        require_function(3, "f(x)")


def test_a_function_that_returned_nothing_is_sent_to_return():
    assert require_returned(0) == 0
    assert require_returned([]) == []
    with pytest.raises(Miss, match="returned nothing: end it with `return`"):
        require_returned(None)


NUMBERS = {
    "int": 2,
    "float": 2.0,
    "NumPy float": np.float32(2),
    "NumPy half": np.float16(2),
    "NumPy long": np.longdouble(2),
    "NumPy int": np.uint8(2),
    "array without axes": np.array(2.0),
    "tensor": tf.constant(2.0),
    "integer tensor": tf.constant(2),
    "bfloat16 tensor": tf.constant(2, tf.bfloat16),
    "tensor that keeps a gradient": tf.Variable(2.0),
    "Keras's variable": keras.Variable(2.0),
    "fraction": Fraction(4, 2),
}


@pytest.mark.parametrize("got", NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_a_number_whatever_it_is_wrapped_in(got):
    for number in (require_number("share", got), require_whole("share", got)):
        assert number == 2
    assert type(require_number("share", got)) is float
    assert type(require_whole("share", got)) is int
    assert require_near("share", got, 2, {}, "how many?") is None


class Refusing:
    """A reader's own class, at its worst."""

    def __float__(self):
        raise RuntimeError("no number")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")

    def __repr__(self):
        raise RuntimeError("no text")


NO_NUMBERS = {
    "text": ("0.5", "'0.5'"),
    "bytes": (b"0.5", "b'0.5'"),
    "text in an array": (np.array("0.5"), "array('0.5', dtype='<U3')"),
    "text in a tensor": (tf.constant("0.5"), "<tf.Tensor"),
    "None": (None, "None"),
    "NaN": (float("nan"), "nan"),
    "NaN in an array": (np.array(np.nan), "array(nan)"),
    "infinity": (-np.inf, "-inf"),
    "infinity in a tensor": (tf.constant(np.inf), "<tf.Tensor: shape=(), dtype=float32, numpy=inf"),
    "True": (True, "True"),
    "NumPy's True": (np.True_, "np.True_"),
    "True in an array": (np.array(True), "array(True)"),
    "True in a tensor": (tf.constant(True), "<tf.Tensor: shape=(), dtype=bool"),
    "complex": (0.5j, "0.5j"),
    "complex in a tensor": (tf.constant(0.5j), "<tf.Tensor"),
    "NumPy's complex": (np.complex64(1), "np.complex64(1+0j)"),
    "True among objects": (np.array(True, object), "array(True, dtype=object)"),
    "list": ([0.5], "[0.5]"),
    "uneven lists": ([[1], [1, 2]], "[[1], [1, 2]]"),
    "array": (np.ones(1), "array([1.])"),
    "empty array": (np.ones(0), "array([], dtype=float64)"),
    "tensor with axes": (tf.ones((1, 1)), "<tf.Tensor: shape=(1, 1)"),
    "ragged tensor": (tf.ragged.constant([[1], [1, 2]]), "<tf.RaggedTensor [[1], [1, 2]]>"),
    "symbolic tensor": (keras.Input((1,)), "<KerasTensor"),
    "duration": (np.timedelta64(3), "np.timedelta64(3)"),
    "Python's duration": (timedelta(3), "datetime.timedelta(days=3)"),
    "huge": (10**400, "1" + 68 * "0" + "…"),
    "too huge to print": (10**9_999, "an object of type int"),
    "function": (len, "<built-in function len>"),
    "set": ({0.5}, "{0.5}"),
    "refusing": (Refusing(), "an object of type Refusing"),
}


@pytest.mark.parametrize(("got", "shown"), NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_number_is_shown_in_one_line_and_never_raises_anything_else(got, shown):
    asked = {
        "a number": lambda: require_number("share", got),
        "a whole number": lambda: require_whole("share", got),
    }
    asked["a number "] = lambda: require_near("share", got, 0.5, {0.25: "half of it"}, "how many?")
    for kind, ask in asked.items():
        with pytest.raises(Miss) as miss:
            ask()
        text = str(miss.value)
        assert text.startswith(f"expected {kind.strip()} for `share`, got {shown}")
        assert len(text) < 120
        assert "\n" not in text


def test_the_kind_of_number_and_a_remedy_can_be_named():
    with pytest.raises(
        Miss, match=r"^expected a factor for `growth`, got None: 1 means no change$"
    ):
        require_number("growth", None, "a factor", "1 means no change")
    with pytest.raises(Miss, match=r"^expected a whole number for `growth`, got 1\.5: count$"):
        require_whole("growth", 1.5, "count")


def test_a_number_within_reach_passes_and_one_beyond_does_not():
    for got in (0.25, 0.2559, 0.2441):
        assert require_near("date", got, 0.25, {}, "how often?") is None
    for got in (0.2561, 0.2439, -0.25, 10**300):
        with pytest.raises(Miss, match=r"^got .+ for `date`: how often\?$"):
            require_near("date", got, 0.25, {}, "how often?")
    assert require_near("date", 0.3, 0.25, {0.3: "no"}, "how often?", near=0.1) is None


@pytest.mark.parametrize(
    ("got", "settings", "text"),
    [
        (0.5, {}, "got 0.5 for `date`: every second day"),
        (0.496, {}, "got 0.496 for `date`: every second day"),
        (0.46, {}, "got 0.46 for `date`: how often?"),
        (0.46, {"near_slip": 0.05}, "got 0.46 for `date`: every second day"),
        (0.496, {"near_slip": 1e-3}, "got 0.496 for `date`: how often?"),
        (0.123456, {}, "got 0.1235 for `date`: how often?"),
        (60_300, {}, "got 60300 for `date`: how often?"),
        (-2.0, {}, "got -2 for `date`: how often?"),
    ],
)
def test_a_slip_is_named_and_else_there_is_a_question(got, settings, text):
    with pytest.raises(Miss) as miss:
        require_near("date", got, 0.25, {0.5: "every second day"}, "how often?", **settings)
    assert str(miss.value) == text


@pytest.mark.parametrize(
    ("got", "right", "percentage"),
    [
        (25, 0.25, True),
        (26, 0.25, True),
        (80, 0.25, True),
        (0.67, 1 / 150, True),
        (0.5, 1 / 150, False),
        (0.8, 0.25, False),
        (-25, 0.25, False),
    ],
)
def test_only_a_share_can_be_given_as_a_percentage(got, right, percentage):
    with pytest.raises(Miss) as miss:
        require_near("date", got, right, {}, "how often?", near=1e-4, share=True)
    assert ("between 0 and 1, not a percentage" in str(miss.value)) == percentage
    with pytest.raises(Miss, match="how often"):
        require_near("date", got, right, {}, "how often?", near=1e-4)


def test_a_slip_at_a_percentage_is_told_before_the_percentage():
    with pytest.raises(Miss, match="the sum of both"):
        require_near("date", 25, 0.25, {25: "the sum of both"}, "how often?", share=True)


def test_who_rounded_too_much_is_told_so_unless_it_is_a_count():
    with pytest.raises(Miss, match=r"^got 0\.251 for `date`: nearly; round less$"):
        require_near("date", 0.251, 0.25, {}, "how often?", near=1e-4)
    with pytest.raises(Miss, match=r"how often\?$"):
        require_near("date", 0.26, 0.25, {}, "how often?", near=1e-4)
    with pytest.raises(Miss, match=r"^got 499 for `date`: how often\?$"):
        require_near("date", 499, 500, {}, "how often?")
