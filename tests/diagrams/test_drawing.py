import pytest

from rnncourse.diagrams.drawing import arrow, box, drawing, neuron, square, stage, sub, title

ALT = "Two stages, each with a square, a neuron and a box, joined by arrows."


def sketch(figure, narrow):
    for axes in stage(figure, narrow, widths=(4, 6), heights=(3, 3)):
        title(axes, 0.1, "Title")
        square(axes, 1, 1, f"x{sub(0)}")
        neuron(axes, 3, 1, "tanh")
        box(axes, 3, 2, "wait")
        arrow(axes, (1, 1), (3, 1), "W")


def test_a_drawing_has_a_page_and_a_phone_version():
    picture = drawing(sketch, ALT, heights=(2, 4))
    assert picture.wide != picture.narrow
    assert picture.alt == ALT


def test_both_stages_keep_their_shapes():
    picture = drawing(sketch, ALT, heights=(2, 4))
    for svg in (picture.wide, picture.narrow):
        assert [svg.count(word) for word in ("Title", "x₀", "tanh", "wait")] == [2] * 4


def test_a_subscript_is_one_digit():
    assert [sub(t) for t in (0, 9)] == ["₀", "₉"]
    with pytest.raises(IndexError):
        sub(10)
