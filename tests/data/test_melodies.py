"""Notation, numbers and sound say the same."""

import io
import wave
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data import melodies
from rnncourse.data.melodies import Note

PITCHES = st.one_of(st.none(), st.integers(0, 127))
LENGTHS = st.builds(Fraction, st.integers(1, 99), st.sampled_from([1, 2, 4, 8]))
NOTES = st.lists(st.tuples(PITCHES, LENGTHS), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("token", "pitch", "eighths"),
    [
        ("C", 60, 1),
        ("A2", 69, 2),
        ("c4", 72, 4),
        ("C,", 48, 1),
        ("c'", 84, 1),
        ("G,,8", 43, 8),
        ("^F", 66, 1),
        ("_B2", 70, 2),
        ("E3/2", 64, 1.5),
        ("E/2", 64, 0.5),
        ("z2", None, 2),
        ("z/2", None, 0.5),
    ],
)
def test_a_token_is_a_pitch_and_a_length(token, pitch, eighths):
    assert melodies.read(token) == Note(pitch, Fraction(eighths))


@pytest.mark.parametrize("token", ["|", "||", "4/4", "6/8", "12/8"])
def test_bar_lines_and_metres_stay_what_they_are(token):
    assert melodies.read(token) == token
    assert melodies.notes([token]) == []


@given(NOTES)
def test_what_is_written_down_is_read_again(played):
    assert melodies.notes(melodies.tokens(played)) == [Note(p, n) for p, n in played]


@given(NOTES, st.integers(-12, 12))
def test_up_and_down_again_is_the_same_sound(played, semitones):
    played = [(p if p is None else min(max(p, 12), 115), n) for p, n in played]
    text = ["3/4", *melodies.tokens(played), "||"]
    moved = melodies.transpose(text, semitones)
    assert [n.eighths for n in melodies.notes(moved)] == [n for _, n in played]
    assert moved[0] == "3/4" and moved[-1] == "||"
    assert melodies.notes(melodies.transpose(moved, -semitones)) == melodies.notes(text)
    for (before, _), (after, _) in zip(played, melodies.notes(moved)):
        assert after == (before if before is None else before + semitones)


def test_bars_are_added_up():
    assert melodies.bar_lengths("6/8 A | C2 D E3/2 F/2 E | z4 C") == [1, 6, 5]
    assert melodies.bar_lengths("3/4 C6 ||") == [6]
    assert melodies.bar_lengths("3/4") == []


@pytest.mark.parametrize(("metre", "size"), [("4/4", 8), ("3/4", 6), ("6/8", 6), ("2/2", 8)])
def test_a_metre_has_a_size(metre, size):
    assert melodies.bar_size(metre) == size


@pytest.mark.parametrize("metre", ["4", "", "0/4", "3/5", None, 4])
def test_no_metre_is_told(metre):
    with pytest.raises(ValueError, match="`metre` must be one like '3/4'"):
        melodies.bar_size(metre)


@pytest.mark.parametrize("token", ["H2", "C0", "C2/3", "2C", "", "c,'x", "|:", "^z", "Z"])
def test_what_is_no_token_is_told(token):
    with pytest.raises(ValueError, match="a token must be a note like 'C2'"):
        melodies.read(token)


@pytest.mark.parametrize(("text", "match"), [(5, "tokens of a tune"), ([3], "must be a text")])
def test_what_is_no_text_is_told(text, match):
    with pytest.raises(TypeError, match=match):
        melodies.notes(text)


@pytest.mark.parametrize(
    ("played", "error", "match"),
    [
        ([(128, 1)], ValueError, "0 … 127"),
        ([(-1, 1)], ValueError, "`pitch` must be an integer"),
        ([(60, 0)], ValueError, "above 0"),
        ([(60, Fraction(1, 3))], ValueError, "eighths of an eighth"),
        ([60], TypeError, "pairs of a pitch and a length"),
        ([(60, "long")], TypeError, "pairs of a pitch"),
        ([(60, float("nan"))], TypeError, "pairs of a pitch"),
    ],
)
def test_notes_that_cannot_be_written_are_told(played, error, match):
    with pytest.raises(error, match=match):
        melodies.tokens(played)


def loudest(sound, rate=8000):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return np.fft.rfftfreq(len(sound), 1 / rate)[spectrum.argmax()]


@pytest.mark.parametrize(("token", "hertz"), [("A8", 440), ("A,8", 220), ("c8", 523.25)])
def test_a_note_sounds_at_its_frequency(token, hertz):
    assert loudest(melodies.samples(token)) == pytest.approx(hertz, abs=1)


def test_a_tune_lasts_as_long_as_its_notes_and_a_rest_is_silent():
    sound = melodies.samples("4/4 C2 z2 D4 ||", eighth=0.1)
    assert sound.shape == (6400,)
    assert np.all(sound[1600:3200] == 0) and np.abs(sound[3200:]).max() > 0.3
    assert np.abs(sound).max() <= 1


def test_notes_begin_and_end_without_a_click():
    sound = melodies.samples("C c G, E/2 E/2")
    assert np.abs(np.diff(sound)).max() < np.abs(sound).max() < 0.91
    for edge in (0, 1600, 3200, 4800, 5600, 6400):
        assert np.abs(sound[max(0, edge - 1) : edge + 1]).max() < 0.02


def test_a_recording_is_a_wav_file_of_one_byte_a_sample():
    data = melodies.recording("C2 E2 G4", eighth=0.25)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getparams()[:4] == (1, 1, 8000, 16000)
        heard = np.frombuffer(file.readframes(16000), np.uint8) / 127 - 128 / 127
    assert np.abs(heard - melodies.samples("C2 E2 G4", eighth=0.25)).max() < 0.005


@pytest.mark.parametrize(
    ("text", "options", "match"),
    [
        ("4/4 | ||", {}, "at least one note"),
        ("", {}, "at least one note"),
        ("C", {"eighth": 0}, "above 0"),
        ("C", {"eighth": float("nan")}, "above 0"),
        ("C", {"rate": -1}, "above 0"),
        ("A", {"rate": 800}, "above 880"),
    ],
)
def test_what_cannot_be_played_is_told(text, options, match):
    with pytest.raises(ValueError, match=match):
        melodies.samples(text, **options)


def test_an_octave_that_is_forgotten_is_seen(monkeypatch):
    """The likely mistake: small letters are read as capital ones."""
    read = melodies.read
    monkeypatch.setattr(melodies, "read", lambda token: read(token.upper()))
    with pytest.raises(AssertionError):
        assert melodies.notes("c")[0].pitch == 72
