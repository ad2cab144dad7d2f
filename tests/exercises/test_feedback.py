import pytest

from rnncourse.exercises.feedback import Feedback, Miss, check, require_function


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
