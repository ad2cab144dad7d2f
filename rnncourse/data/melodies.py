"""Melodies as text: notes and their lengths read, written, added up, moved and heard.

Cast: a tune is a list of tokens, or one text with spaces between them: the metre first,
then notes and bar lines, `||` at the end. A note is written as in ABC notation, `C2`: a
letter, and its length in eighths. `C` is the middle C, `c` the octave above, `C,` the
octave below; `^` is a sharp, `_` a flat, `z` a rest, `/2` half an eighth.

`notes` makes pairs of numbers of tokens, `tokens` makes tokens of numbers, `bar_lengths`
adds up what stands between the bar lines, `transpose` moves a tune, `samples` makes it
sound.

Source: C. Walshaw's ABC notation (1993), of which this is a small part.
"""

import io
import re
import wave
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from rnncourse.shapes import require_integer

__all__ = [
    "Note",
    "bar_lengths",
    "bar_size",
    "frequency",
    "notes",
    "read",
    "recording",
    "samples",
    "tokens",
    "transpose",
]

BAR, END = "|", "||"
METRE = re.compile(r"([1-9]\d?)/([248])")
NOTE = re.compile(r"([\^_]?)([A-Ga-g])([,']*)([1-9]\d?)?(?:/([248]))?|(z)([1-9]\d?)?(?:/([248]))?")
STEPS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11)))
NAMES = ("C", "^C", "D", "^D", "E", "F", "^F", "G", "^G", "A", "^A", "B")
MIDDLE_C = 60
HIGHEST = 127
# Loudness of the first harmonics of a plucked string, and how quickly it dies down.
HARMONICS, FADE, LOUDEST = (1.0, 0.5, 0.25, 0.12), 2.5, 0.9


class Note(NamedTuple):
    """A sound or a rest.

    Attributes:
        pitch: MIDI number, 60 is the middle C and 69 the A of 440 Hz; `None` is a rest.
        eighths: Its length.
    """

    pitch: int | None
    eighths: Fraction


def read(token: str) -> Note | str:
    """What one token says: a `Note`, or a bar line or metre as it is.

    Raises:
        ValueError: No token of a tune.
        TypeError: No text.

    >>> read("c3"), read("||")
    (Note(pitch=72, eighths=Fraction(3, 1)), '||')
    """
    if not isinstance(token, str):
        raise TypeError(f"a token must be a text, got {token!r}: vocabulary.decode(ids) gives them")
    if token in (BAR, END) or METRE.fullmatch(token):
        return token
    found = NOTE.fullmatch(token)
    if not found:
        raise ValueError(f"a token must be a note like 'C2', a bar line or a metre, got {token!r}")
    if found[6]:
        return Note(None, Fraction(int(found[7] or 1), int(found[8] or 1)))
    accidental, letter, marks, over, under = found.groups()[:5]
    pitch = MIDDLE_C + STEPS[letter.upper()] + 12 * letter.islower()
    pitch += 12 * (marks.count("'") - marks.count(",")) + {"^": 1, "_": -1, "": 0}[accidental]
    return Note(pitch, Fraction(int(over or 1), int(under or 1)))


def notes(text) -> list[Note]:
    """The notes among the tokens of a tune; metre and bar lines are left out.

    Args:
        text: Tokens, or one text with spaces between them.

    Raises:
        ValueError: A token that is no note, bar line or metre.
        TypeError: No text.

    >>> notes("C2 ^F3/2 z |")[:2]
    [Note(pitch=60, eighths=Fraction(2, 1)), Note(pitch=66, eighths=Fraction(3, 2))]
    """
    found = (read(token) for token in _as_tokens(text))
    return [note for note in found if isinstance(note, Note)]


def tokens(played) -> list[str]:
    """Notes written down: the way back from `notes`. Black keys become sharps.

    Args:
        played: Pairs of a MIDI number, or `None` for a rest, and a length in eighths.

    Raises:
        ValueError: A pitch outside 0 … 127, a length that is not above 0 or not a
            multiple of an eighth of an eighth.
        TypeError: No pairs of numbers.

    >>> tokens([(60, 2), (66, 1.5), (None, 1)])
    ['C2', '^F3/2', 'z']
    """
    written = []
    for note in played:
        try:
            pitch, eighths = note
            eighths = Fraction(eighths)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"`played` must hold pairs of a pitch and a length, got {note!r}: (60, 2) is a "
                "quarter of the middle C"
            ) from error
        written.append(_letter(pitch) + _length(eighths))
    return written


def bar_lengths(text) -> list[Fraction]:
    """What the notes between two bar lines add up to, in eighths, bar after bar.

    Notes after the last bar line count as a bar of their own.

    Raises:
        ValueError: A token that is no note, bar line or metre.
        TypeError: No text.

    >>> [str(length) for length in bar_lengths("3/4 G,2 | C4 E C | E4 ||")]
    ['2', '6', '4']
    """
    lengths, length = [], Fraction(0)
    for token in _as_tokens(text):
        parsed = read(token)
        if isinstance(parsed, Note):
            length += parsed.eighths
        elif parsed in (BAR, END):
            lengths.append(length)
            length = Fraction(0)
    return lengths + [length] * (length > 0)


def bar_size(metre: str) -> Fraction:
    """The length of a full bar in eighths.

    Raises:
        ValueError: No metre.

    >>> bar_size("3/4"), bar_size("6/8")
    (Fraction(6, 1), Fraction(6, 1))
    """
    found = METRE.fullmatch(metre) if isinstance(metre, str) else None
    if not found:
        raise ValueError(f"`metre` must be one like '3/4', got {metre!r}: beats, stroke, 4 or 8")
    return Fraction(8 * int(found[1]), int(found[2]))


def transpose(text, semitones: int) -> list[str]:
    """The same tune higher or lower; metre, bar lines and lengths stay.

    Args:
        text: Tokens, or one text with spaces between them.
        semitones: How far up; down if negative. 12 is an octave.

    Raises:
        ValueError: A token that is none, a note that leaves 0 … 127.
        TypeError: No text, or no integer.

    >>> transpose("4/4 C2 E2 z4 ||", 7)
    ['4/4', 'G2', 'B2', 'z4', '||']
    """
    semitones = require_integer("semitones", semitones, -HIGHEST, "12 is an octave")
    moved = []
    for token in _as_tokens(text):
        note = read(token)
        if isinstance(note, Note) and note.pitch is not None:
            token = tokens([(note.pitch + semitones, note.eighths)])[0]
        moved.append(token)
    return moved


def samples(text, eighth: float = 0.2, rate: int = 8000) -> np.ndarray:
    """The tune as it sounds on a plucked string.

    Args:
        text: Tokens, or one text with spaces between them.
        eighth: Seconds of an eighth.
        rate: Samples a second.

    Returns:
        `(N,)` float64 between -1 and 1.

    Raises:
        ValueError: Not a single note; `eighth` or `rate` not above 0, or a rate so low that
            the highest note cannot be heard.
        TypeError: No text.

    >>> samples("A2 z", eighth=0.5).shape
    (12000,)
    """
    played = notes(text)
    if not played:
        raise ValueError("`text` must hold at least one note, got none: 'C2' is one")
    if not eighth > 0 or not rate > 0:
        raise ValueError(
            f"`eighth` and `rate` must be above 0, got {eighth!r} and {rate!r}: "
            "0.2 seconds at 8000 samples a second are usual"
        )
    top = max((frequency(note.pitch) for note in played if note.pitch is not None), default=0)
    if 2 * top >= rate:
        raise ValueError(
            f"`rate` must be above {2 * top:.0f} for the highest note, got {rate}: raise it"
        )
    edges = np.cumsum([0.0, *(float(note.eighths) * eighth * rate for note in played)])
    edges = np.round(edges).astype(int)
    sound = np.zeros(edges[-1])
    for note, start, stop in zip(played, edges, edges[1:]):
        if note.pitch is not None:
            sound[start:stop] = _pluck(frequency(note.pitch), stop - start, rate)
    return LOUDEST * sound / (np.abs(sound).max() or 1)


def recording(text, eighth: float = 0.2, rate: int = 8000) -> bytes:
    """The same as a WAV file of one channel and 8 bits a sample: 8 kB for a second.

    `IPython.display.Audio(data=recording(text))` plays it. Args and errors as of `samples`.

    >>> len(recording("A2 z", eighth=0.5)), recording("A")[:4]
    (12044, b'RIFF')
    """
    sound = samples(text, eighth, rate)
    with io.BytesIO() as file:
        with wave.open(file, "wb") as out:
            out.setparams((1, 1, rate, len(sound), "NONE", "not compressed"))
            out.writeframes(np.round(127 * sound + 128).astype(np.uint8).tobytes())
        return file.getvalue()


def frequency(pitch) -> float:
    """Hertz of a MIDI number, in equal temperament.

    >>> frequency(69), round(frequency(60), 2)
    (440.0, 261.63)
    """
    return 440.0 * 2 ** ((pitch - 69) / 12)


def _pluck(hertz, count, rate):
    seconds = np.arange(count) / rate
    overtones = enumerate(HARMONICS, start=1)
    sound = sum(
        loud * np.sin(2 * np.pi * k * hertz * seconds)
        for k, loud in overtones
        if 2 * k * hertz < rate  # above half the rate an overtone would come back as a wrong note
    )
    # Without a ramp of some milliseconds at both ends one hears clicks.
    ramp = np.minimum(1, np.minimum(seconds, seconds[::-1] + 1 / rate) / 0.008)
    return sound * np.exp(-FADE * seconds) * ramp


def _as_tokens(text):
    if isinstance(text, str):
        return text.split()
    try:
        found = list(text)
    except TypeError as error:
        raise TypeError(
            f"`text` must be the tokens of a tune, got {text!r}: 'C2 D2 |' or a list"
        ) from error
    return found


def _letter(pitch):
    if pitch is None:
        return "z"
    pitch = require_integer("pitch", pitch, 0, "60 is the middle C")
    if pitch > HIGHEST:
        raise ValueError(f"a pitch must lie in 0 … 127, got {pitch}: 60 is the middle C")
    octave, step = divmod(pitch - MIDDLE_C, 12)
    name = NAMES[step]
    if octave <= 0:
        return name + "," * -octave
    return name.lower() + "'" * (octave - 1)


def _length(eighths):
    if eighths <= 0 or eighths.denominator not in (1, 2, 4, 8):
        raise ValueError(
            f"a length must be above 0 and made of eighths of an eighth, got {eighths}: "
            "2 is a quarter"
        )
    over = "" if eighths.numerator == 1 else str(eighths.numerator)
    return over if eighths.denominator == 1 else f"{over}/{eighths.denominator}"
