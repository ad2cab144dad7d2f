import pytest

from rnncourse.diagrams.rankings import two_columns

ALT = "Two columns of dots with bars, one row for this and one for that."


def column(rows):
    return {"title": "T", "xlabel": "x", "xlim": (0, 1), "level": ("coin", 0.5), "rows": rows}


BOTH = ((0.2, 0.1, 0.3), (0.4, 0.3, 0.5))


def test_a_dot_that_is_missing_leaves_the_row_in_place():
    picture = two_columns(["a", "b"], 2 * [column([BOTH, (None, BOTH[1])])], ("old", "new"), ALT)
    for svg in (picture.wide, picture.narrow):
        assert ">a<" in svg
        assert ">b<" in svg


def test_a_column_must_have_a_row_for_each_name():
    with pytest.raises(ValueError, match="`rows` of 'T' must hold 2 pairs, got 1"):
        two_columns(["a", "b"], [column([BOTH])], ("old", "new"), ALT)
