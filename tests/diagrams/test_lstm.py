import numpy as np
import pytest

from rnncourse.diagrams import lstm

NUMBERS = dict(x=1, h=-0.3, c=0.8, i=0.62, f=0.91, g=-0.45, o=0.7, new_c=0.45, new_h=0.3)
SENTENCE = {
    "title": "A girl",
    "words": ["the", "girl", "sang"],
    "f": [0.9, 0.2, 1.0],
    "i": [0.1, 0.8, 0.0],
    "c": [0.1, -0.7, -0.7],
    "said": "she",
}
SCENE = {"title": "a girl", "said": [0.7, 0.3], "true": [0.8, 0.2]}


def test_the_cell_shows_every_number_in_its_place():
    picture = lstm.cell(NUMBERS)
    for number in ("0.62", "0.91", "−0.45", "0.70", "0.73", "−0.28"):
        assert number in picture.wide
        assert number in picture.narrow
    assert "new c 0.45" in picture.alt


def test_a_cell_without_a_number_is_refused():
    with pytest.raises(ValueError, match="no 'g'"):
        lstm.cell({name: 0.5 for name in NUMBERS if name != "g"})


def test_a_reading_has_a_word_for_each_step():
    picture = lstm.readings([SENTENCE, SENTENCE], alt="two sentences written downward, with bars")
    for word in (*SENTENCE["words"], "she"):
        assert picture.wide.count(f">{word}<") == 2


def test_a_reading_wants_one_number_for_each_word():
    with pytest.raises(ValueError, match="for each of 3 words"):
        lstm.readings(
            [SENTENCE | {"f": np.ones((3, 2))}], alt="one sentence written downward, with bars"
        )


def test_a_blank_shows_the_answers_once():
    picture = lstm.blanks([SCENE] * 4, ("miss", "sir"), alt="four panels of two bars")
    assert picture.wide.count(">miss<") == 1
    assert picture.narrow.count(">miss<") == 2


def test_a_blank_wants_a_probability_for_each_answer():
    with pytest.raises(ValueError, match="`true` must hold 2"):
        lstm.blanks([SCENE | {"true": [1.0]}], ("miss", "sir"), alt="one panel of two bars")


def test_the_years_stand_in_order():
    events = [(1991, "One", "this"), (1997, "Two", "that")]
    picture = lstm.years(events, alt="years down a line with names")
    assert picture.wide.index("1991") < picture.wide.index("1997")


def test_a_longer_bar_is_longer():
    points = lstm._bars([0.2, 0.9], np.array([0.0, -1.0]), left=1.0).vertices
    assert points[:5, 0].max() == pytest.approx(1.2)
    assert points[5:, 0].max() == pytest.approx(1.9)
