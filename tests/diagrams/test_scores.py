import re
from fractions import Fraction

import pytest

from rnncourse.data.tunes import tunes
from rnncourse.diagrams import scores
from rnncourse.diagrams.scores import score
from rnncourse.plots import INK, PREDICTION

ALT = "A tune on a staff with five lines, as musicians write it."


def signs(text):
    return [sign for bar in scores._bars(text, None)[1] for sign in bar]


@pytest.mark.parametrize(
    ("token", "step"), [("E", 0), ("C", -2), ("B", 4), ("c", 5), ("f", 8), ("G,", -5), ("e'", 14)]
)
def test_a_note_stands_on_its_line(token, step):
    (sign,) = signs(["4/4", token, "||"])
    assert sign.step == step


def test_rests_have_no_line():
    assert [sign.step for sign in signs("4/4 z2 C2 z4 ||")] == [None, -2, None]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("6/8 C5 ||", [3, 2]),
        ("6/8 C4 ||", [3, 1]),
        ("4/4 C5 ||", [4, 1]),
        ("4/4 C7 ||", [6, 1]),
        ("4/4 C8 ||", [8]),
        ("4/4 C3/2 ||", [Fraction(3, 2)]),
        ("4/4 C/4 ||", [Fraction(1, 4)]),
    ],
)
def test_lengths_that_no_sign_has_are_tied_of_several(text, pieces):
    found = signs(text)
    assert [sign.eighths for sign in found] == pieces
    assert [sign.tied for sign in found] == [False, *[True] * (len(pieces) - 1)]


def test_a_sharp_is_written_once_a_bar_and_taken_back():
    found = signs("4/4 ^F2 ^F2 F2 F2 | F2 ^F2 _B2 C2 ||")
    assert [sign.accidental for sign in found] == ["♯", "", "♮", "", "", "♯", "♭", ""]


def test_what_the_network_wrote_is_in_its_colour():
    picture = score("4/4 C2 D2 E2 F2 | G8 ||", ALT, given=3)
    colours = [sign.colour for bar in scores._bars("4/4 C2 D2 E2 F2 | G8 ||", 3)[1] for sign in bar]
    assert colours == [INK, INK, PREDICTION, PREDICTION, PREDICTION]
    assert PREDICTION.lower() in picture.wide
    assert PREDICTION.lower() not in score("4/4 C8 ||", ALT).wide


@pytest.mark.parametrize("width", [scores.WIDE_LINE, scores.NARROW_LINE])
def test_lines_break_between_bars_and_lose_none(width):
    for tune in tunes():
        _, bars = scores._bars(tune.tokens, None)
        lines = scores._lines(bars, width)
        assert [bar for line in lines for bar in line] == bars
        for line in lines:
            assert 3.6 + sum(1.2 + sum(map(scores._room, bar)) for bar in line) <= width


def test_a_phone_gets_more_lines_and_the_file_stays_small():
    longest = max(tunes(), key=lambda tune: len(tune.tokens))
    picture = score(longest.tokens, ALT)
    heights = [float(re.search(r'height="([\d.]+)pt"', svg)[1]) for svg in picture_svgs(picture)]
    assert heights[1] > 1.5 * heights[0]
    assert len(picture.wide) + len(picture.narrow) < 90_000
    assert "<text" not in picture.wide  # no font is asked for


def picture_svgs(picture):
    return picture.wide, picture.narrow


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("C2 D2", ValueError, "begin with a metre"),
        ("", ValueError, "begin with a metre"),
        ("4/4 | ||", ValueError, "at least one note"),
        ("4/4 H2 ||", ValueError, "a token must be a note"),
        ([4, "C2"], ValueError, "begin with a metre"),
    ],
)
def test_what_cannot_be_drawn_is_told(text, error, match):
    with pytest.raises(error, match=match):
        score(text, ALT)


def test_a_forgotten_octave_is_seen(monkeypatch):
    """The likely mistake: marks below a letter are not counted."""
    pattern = re.compile(scores.NOTE.pattern)

    class Deaf:
        def fullmatch(self, token):
            return pattern.fullmatch(token.replace(",", ""))

    monkeypatch.setattr(scores, "NOTE", Deaf())
    with pytest.raises(AssertionError):
        test_a_note_stands_on_its_line("G,", -5)
