import numpy as np
import pytest

from rnncourse.diagrams import lending

RNG = np.random.default_rng(0)


def test_a_borrowed_table_shows_its_words_and_the_verdict():
    picture = lending.borrowed_table("plot not dull .".split(), RNG.normal(size=(4, 6)), "good")
    for svg in (picture.wide, picture.narrow):
        assert all(word in svg for word in ("plot", "not", "dull", "good", "h₄"))
    assert "a column of 6 cells" in picture.alt


def test_the_widest_axes_are_found_whatever_the_turn():
    flat = np.zeros((30, 5))
    flat[:, :2] = RNG.normal(size=(30, 2)) * [5, 2]
    turn, _ = np.linalg.qr(RNG.normal(size=(5, 5)))
    places = lending.two_widest(flat @ turn + 3)
    centred = flat[:, :2] - flat[:, :2].mean(axis=0)
    assert np.allclose(np.linalg.norm(places, axis=1), np.linalg.norm(centred, axis=1))
    assert places[:, 0].std() > places[:, 1].std()


def test_both_sides_are_drawn_and_named_words_are_written():
    words = ["up", "high", "down", "low"]
    panel = words, RNG.normal(size=(4, 3)), [1, 1, -1, -1]
    alt = "Four words on two axes, two of either side."
    picture = lending.sides({"One": panel, "Two": panel}, named=("up", "low"), alt=alt)
    assert "up" in picture.wide and "low" in picture.narrow and ">high<" not in picture.wide
    with pytest.raises(ValueError, match="alt"):
        lending.sides({"One": panel}, alt="")
