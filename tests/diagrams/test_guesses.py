import numpy as np
import pytest

from rnncourse.diagrams.guesses import costs, ladder

ALT = "A text with a bar above and a bar below each of its words."
LINE = "a girl walked into a bar".split()


def test_a_ladder_names_words_ids_and_floors():
    picture = ladder(LINE, [0, 11, 18, 14, 0, 5])
    for svg in (picture.wide, picture.narrow):
        for text in ("word", "id", "embedding", "dropout", "layer 1", "layer 2", "softmax", "18"):
            assert f">{text}<" in svg
    assert picture.wide.count(">walked<") == 2  # heard once, wanted once
    assert "LSTM" in picture.wide


def test_a_phone_shows_three_columns():
    picture = ladder(LINE, range(6))
    assert picture.wide.count(">LSTM<") == 10
    assert picture.narrow.count(">LSTM<") == 6


def test_the_same_word_has_the_same_embedding():
    svg = ladder("a a b".split(), [3, 3, 4]).wide
    shades = [piece.split('"')[0] for piece in svg.split("opacity: ")[1:]] or [
        piece.split(";")[0].split('"')[0] for piece in svg.split("opacity:")[1:]
    ]
    assert shades[:5] == shades[5:10]


def test_every_word_of_a_text_is_drawn():
    words = "the fire has destroyed more than a hundred homes".split()
    picture = costs(words, np.ones(9), np.ones(9), ("one", "other"), ALT)
    for svg in (picture.wide, picture.narrow):
        for word in words:
            assert f">{word}<" in svg
        assert "▲ one" in svg
        assert "▼ other" in svg
    assert picture.alt == ALT


def test_long_texts_are_broken_into_lines_and_bars_end_at_the_most():
    words = ["word"] * 60
    one = costs(words, np.full(60, 8.0), np.ones(60), ("one", "other"), ALT)
    more = costs(words, np.full(60, 80.0), np.ones(60), ("one", "other"), ALT)
    assert one.wide == more.wide


@pytest.mark.parametrize(
    ("draw", "match"),
    [
        (lambda: ladder(LINE, [1, 2]), "one id for each"),
        (lambda: ladder(["a"], [1]), "at least two words"),
        (lambda: costs(["a"], [1, 2], [1], ("x", "y"), ALT), "one number for each"),
        (lambda: costs([], [], [], ("x", "y"), ALT), "one number for each"),
    ],
)
def test_what_does_not_fit_is_refused(draw, match):
    with pytest.raises(ValueError, match=match):
        draw()
