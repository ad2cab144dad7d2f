import re

import numpy as np
import pytest

from rnncourse.diagrams.wordmaps import maps, plane, tasks

FOX = "the quick brown fox".split()
ALT = "Two words on a plane, one to the left of the other."
PLACES = {"milk": (0.0, 0.0), "water": (1.0, 0.5)}


def test_tasks_name_the_words_and_the_noise():
    picture = tasks(FOX, 1, "sheep")
    for svg in (picture.wide, picture.narrow):
        assert svg.count(">quick<") == 3
        assert svg.count(">the<") == 3
        assert svg.count(">brown<") == 2
        assert svg.count(">sheep<") == 1
    assert "sheep" in picture.alt


def test_maps_draw_every_moment_and_every_word():
    moments = {"before": PLACES, "after": PLACES}
    picture = maps(moments, [["milk"], ["water"]], [("milk", "water")], ALT)
    for svg in (picture.wide, picture.narrow):
        assert svg.count(">milk<") == svg.count(">water<") == 2
        assert ">before<" in svg and ">after<" in svg


def test_a_word_is_not_written_across_the_mark_of_another_one():
    """Queens begin where the mark of the girls is, so they are moved up."""
    row = {"queens": (0.0, 0.0), "girls": (0.06, 0.0), "aunts": (1.0, 0.0), "low": (0.0, -1.0)}
    svg = maps({"now": row}, [list(row)], alt=ALT).wide
    heights = {word: _height(svg, word) for word in row}
    assert heights["queens"] < heights["aunts"] - 3
    assert heights["girls"] == heights["aunts"] < heights["low"]


def _height(svg, word):
    """Of a word in points from above."""
    return float(re.search(rf' y="([\d.]+)">{word}<', svg).group(1))


def test_a_plane_keeps_what_differs_most():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(40, 2)) * [1.0, 0.3]
    turned, _ = np.linalg.qr(rng.normal(size=(9, 9)))
    vectors = np.c_[flat, np.full(40, 3.0), np.zeros((40, 6))] @ turned
    seen = plane(vectors)
    unit = np.c_[flat, np.full(40, 3.0)]
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    for k in (0, 1):
        r = np.corrcoef(seen[:, k], unit[:, k])[0, 1]
        assert abs(r) > 0.95


def test_a_plane_does_not_see_lengths():
    vectors = np.random.default_rng(1).normal(size=(6, 4))
    assert np.allclose(plane(vectors), plane(vectors * np.arange(1, 7)[:, None]))


def test_others_may_say_where_to_look_from():
    vectors = np.random.default_rng(2).normal(size=(6, 4))
    some, everything = plane(vectors[:2], of=vectors), plane(vectors)[:2]
    assert np.allclose(np.abs(some), np.abs(everything))  # the sign is the pictured words' own


@pytest.mark.parametrize(
    ("draw", "match"),
    [
        (lambda: tasks(FOX, 0, "sheep"), "on both sides"),
        (lambda: tasks(FOX, 3, "sheep"), "on both sides"),
        (lambda: maps({"now": PLACES}, [["shoes"]], alt=ALT), "'shoes' a place"),
        (lambda: maps({"now": PLACES}, [["milk"]] * 5, alt=ALT), "one to four"),
        (lambda: plane([1.0, 2.0]), "`vectors` must have shape"),
        (lambda: plane([[np.nan, 1.0]]), "finite"),
    ],
)
def test_what_does_not_fit_is_refused(draw, match):
    with pytest.raises(ValueError, match=match):
        draw()
