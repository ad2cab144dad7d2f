import numpy as np
import pytest

from rnncourse.diagrams.sides import gains, two_sides

ALT = "Five dots in order, a line at zero, and a band."


def test_each_column_names_both_sides_and_the_next():
    picture = two_sides("4/4 E2 ^F3 | c ||".split())
    for text in ("4/4", "E2", "^F3", "E", "^F", "c", "||", "how long", "how high"):
        assert f">{text}<" in picture.wide.replace("&gt;", ">")
    assert picture.wide.count(">LSTM<") == 5 and picture.narrow.count(">LSTM<") == 3
    assert "4/4 E2 ^F3 | c" in picture.alt


def test_one_token_is_too_few():
    with pytest.raises(ValueError, match="at least two, got 1"):
        two_sides(["4/4"])


def test_a_dot_a_tune_and_the_ends_are_named():
    names = ["worst (of all)", "bad", "middle", "good", "best"]
    picture = gains([-0.1, 0.0, 0.1, 0.2, 0.4], names, 0.05, 0.2, ALT)
    for svg in (picture.wide, picture.narrow):
        assert ">worst<" in svg and ">best<" in svg and ">mean, with interval<" in svg
        assert ">middle<" not in svg


def test_the_order_of_tunes_does_not_matter():
    values, names = np.array([0.3, -0.2, 0.1, 0.0]), list("abcd")
    turned = [2, 0, 3, 1]
    again = gains(values[turned], [names[k] for k in turned], 0, 0.1, ALT)
    assert again == gains(values, names, 0, 0.1, ALT)


@pytest.mark.parametrize(("values", "names"), [([1.0], []), ([], []), ([1.0], ["a", "b"])])
def test_a_name_for_each_value(values, names):
    with pytest.raises(ValueError, match="one for each"):
        gains(values, names, 0, 1, ALT)
