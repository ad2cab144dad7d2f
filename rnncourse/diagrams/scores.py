"""Drawings of music: a tune on its staff, broken into lines, narrower for a phone.

Cast: tokens of a tune come in, `score` returns a picture: a clef, the metre, notes with
stems, flags and beams, bar lines. Everything is a path, no font of music is needed. The
unit is the space between two lines of the staff; y = 0 is its lowest line, and a step
is half a space.
"""

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from rnncourse.data.melodies import METRE, NOTE, Note, bar_size, read
from rnncourse.plots import INK, PREDICTION, SECONDARY, Picture, render

# Lengths that one sign can show; others are tied together of these.
SIGNS = [*map(Fraction, (8, 6, 4, 3, 2)), Fraction(3, 2), Fraction(1), Fraction(1, 2)]
POINTS = 72 * 7.2 / 84  # of a space
DOTTED = {Fraction(6), Fraction(3), Fraction(3, 2)}
STEM, WIDE_LINE, NARROW_LINE, LINE_HEIGHT = 3.2, 84.0, 42.0, 10.0
TOP, BELOW = 6.4, 1.6
# The line a pen takes: from the curl round the second line out, up, and down to the hook.
CLEF = [
    *((0.25, 0.5), (-0.3, 0.55), (-0.45, 1.1), (0.0, 1.6), (0.65, 1.5), (1.0, 0.85)),
    *((0.75, 0.15), (0.1, -0.1), (-0.7, 0.15), (-1.15, 1.0), (-0.8, 2.1), (0.1, 3.2)),
    *((0.6, 4.2), (0.55, 5.0), (0.25, 5.2), (-0.05, 4.4), (0.1, 2.8), (0.5, -0.6)),
    *((0.3, -1.4), (-0.2, -1.5), (-0.5, -1.1)),
]


class _Sign(NamedTuple):
    """A note or rest as it is drawn."""

    step: int | None  # above the lowest line; None is a rest
    accidental: str
    eighths: Fraction
    start: Fraction  # in its bar
    tied: bool  # to the sign before it
    colour: str


def score(text, alt: str, given: int | None = None) -> Picture:
    """A tune as musicians write it.

    Args:
        text: Tokens of a tune, or one text with spaces between them; a metre comes first.
        alt: What one sees.
        given: So many tokens are from the book; the others are from a network, and drawn
            in its colour. All are from the book if `None`.

    Raises:
        ValueError: No metre at the beginning, no note, a token that is none.
        TypeError: No text.
    """
    metre, bars = _bars(text, given)

    def draw(figure, narrow):
        width = NARROW_LINE if narrow else WIDE_LINE
        lines, axes = _lines(bars, width), figure.subplots()
        bottom = TOP - LINE_HEIGHT * len(lines) - BELOW
        axes.set(xlim=(-0.3, width + 0.3), ylim=(bottom, TOP))
        axes.set_aspect("equal")
        axes.axis("off")
        pen = _Pen()
        for row, line in enumerate(lines):
            pen.bottom = -LINE_HEIGHT * row
            _line(pen, line, metre if row == 0 else None, width, last=row == len(lines) - 1)
        pen.put_on(axes)

    scale = 7.2 / WIDE_LINE, 3.6 / NARROW_LINE
    rows = len(_lines(bars, WIDE_LINE)), len(_lines(bars, NARROW_LINE))
    heights = ((LINE_HEIGHT * n + BELOW) * inch for n, inch in zip(rows, scale))
    return render(draw, alt, tuple(heights))


def _bars(text, given):
    """The metre, and for each bar its signs."""
    found = text.split() if isinstance(text, str) else list(text)
    if not found or not isinstance(found[0], str) or not METRE.fullmatch(found[0]):
        raise ValueError(
            f"`text` must begin with a metre like '3/4', got {found[:1]}: put one there"
        )
    bars, signs, start, heard = [], [], Fraction(0), {}
    for place, token in enumerate(found[1:], start=1):
        note = read(token)
        colour = INK if given is None or place < given else PREDICTION
        if isinstance(note, Note):
            signs += _signs(token, note, start, heard, colour, found[0])
            start += note.eighths
        elif signs:
            bars.append(signs)
            signs, start, heard = [], Fraction(0), {}
    bars += [signs] if signs else []
    if not bars:
        raise ValueError("`text` must hold at least one note, got none: 'C2' is one")
    return found[0], bars


def _signs(token, note, start, heard, colour, metre):
    """A note as one sign, or as several that are tied."""
    step, shown = None, ""
    if note.pitch is not None:
        accidental, letter, marks = NOTE.fullmatch(token).groups()[:3]
        octave = letter.islower() + marks.count("'") - marks.count(",")
        step = 7 * octave + "CDEFGAB".index(letter.upper()) - 2
        if heard.get(step, "") != accidental:
            shown = {"^": "♯", "_": "♭", "": "♮"}[accidental]
            heard[step] = accidental
    lengths = [n for n in SIGNS if n not in (8, 4)] if metre.endswith("8") else SIGNS
    signs, left = [], note.eighths
    while left > 0:
        piece = next((length for length in lengths if length <= left), left)
        signs.append(_Sign(step, shown, piece, start, bool(signs) and step is not None, colour))
        left, start, shown = left - piece, start + piece, ""
    return signs


def _room(sign):
    return 1.9 + 0.55 * np.log2(2 * float(sign.eighths)) + (0.9 if sign.accidental else 0)


def _lines(bars, width):
    """Bars line by line."""
    lines, used = [[]], 6.5
    for bar in bars:
        room = 1.2 + sum(map(_room, bar))
        if lines[-1] and used + room > width:
            lines.append([])
            used = 3.6
        lines[-1].append(bar)
        used += room
    return lines


def _line(pen, bars, metre, width, last):
    if metre:
        pen.metre = metre
    full, beat = bar_size(pen.metre), 3 if pen.metre.endswith("8") else 2
    begin = 6.5 if metre else 3.6
    rooms = [1.2 + sum(map(_room, bar)) for bar in bars]
    spare = (width - begin) / sum(rooms)
    stretch = min(spare, 1.25) if last else spare
    end = begin + stretch * sum(rooms)
    for y in range(5):
        pen.stroke([(0, y), (end, y)], SECONDARY, 0.6)
    pen.stroke(_spline([(1.6 + x, y) for x, y in CLEF]), INK, 1.5)
    if metre:
        for digits, y in zip(metre.split("/"), (2, 0)):
            pen.glyphs(digits, 3.9, y, 2.7)
    x = begin
    for bar, room in zip(bars, rooms):
        early = full - sum((sign.eighths for sign in bar), Fraction(0))
        early = max(early, Fraction(0)) if bar is bars[0] and metre else Fraction(0)
        places, at = [], x + 1.2 * stretch
        for sign in bar:
            at += 0.9 * bool(sign.accidental)
            places.append(at)
            at += stretch * (_room(sign) - 0.9 * bool(sign.accidental))
            at += (stretch - 1) * 0.9 * bool(sign.accidental)
        _bar(pen, bar, places, early, beat)
        x += stretch * room
        pen.stroke([(x, 0), (x, 4)], INK, 0.9)
    if last:
        pen.fill([(x, 0), (x + 0.45, 0), (x + 0.45, 4), (x, 4)], INK)
        pen.stroke([(x - 0.45, 0), (x - 0.45, 4)], INK, 0.9)


def _bar(pen, bar, places, early, beat):
    groups = defaultdict(list)
    for k, sign in enumerate(bar):
        short = sign.step is not None and sign.eighths < 2
        groups[("beam", (sign.start + early) // beat) if short else k].append(k)
    for members in groups.values():
        # A long note between two short ones of a beat divides them.
        for run in np.split(members, np.flatnonzero(np.diff(members) > 1) + 1):
            _group(pen, [bar[k] for k in run], [places[k] for k in run])
    for k in range(1, len(bar)):
        if bar[k].tied:
            y = bar[k].step / 2 - 0.8
            arc = [(places[k - 1], y), ((places[k - 1] + places[k]) / 2, y - 0.6), (places[k], y)]
            pen.stroke(_spline(arc), bar[k].colour, 1)


def _group(pen, signs, places):
    """Notes under one beam, or a note or rest alone."""
    if signs[0].step is None:
        _rest(pen, signs[0], places[0])
        return
    steps = [sign.step for sign in signs]
    up = np.mean(steps) < 4
    sign_of = 1 if up else -1
    tips = [step / 2 + sign_of * STEM for step in steps]
    level = max(tips) if up else min(tips)
    tips = [level] * len(signs) if len(signs) > 1 else tips
    stems = [x + sign_of * 0.56 for x in places]
    for sign, x, stem, tip in zip(signs, places, stems, tips):
        _head(pen, sign, x)
        if sign.eighths < 8:
            pen.stroke([(stem, sign.step / 2 + sign_of * 0.12), (stem, tip)], sign.colour, 0.9)
    if len(signs) > 1:
        colour = signs[-1].colour
        pen.beam(stems[0], stems[-1], level, -sign_of, colour)
        for k, sign in enumerate(signs):
            if sign.eighths == Fraction(1, 2):
                near = k - 1 if k else 1
                both = signs[near].eighths == Fraction(1, 2)
                to = stems[near] if both else stems[k] + 0.5 * (stems[near] - stems[k])
                pen.beam(*sorted((stems[k], to)), level - 0.8 * sign_of, -sign_of, colour)
    elif signs[0].eighths < 2:
        for flag in range(1 + (signs[0].eighths == Fraction(1, 2))):
            pen.flag(stems[0], tips[0] - 0.85 * flag * sign_of, sign_of, signs[0].colour)


def _head(pen, sign, x):
    y, whole = sign.step / 2, sign.eighths == 8
    for ledger in [*range(-2, sign.step - 1, -2), *range(10, sign.step + 1, 2)]:
        pen.stroke([(x - 1.05, ledger / 2), (x + 1.05, ledger / 2)], SECONDARY, 0.8)
    if sign.eighths < 4:
        # A short thick line with round ends: a third of the text of an outline.
        pen.stroke([(x - 0.2, y - 0.08), (x + 0.2, y + 0.08)], sign.colour, 0.84 * POINTS)
    else:
        outer = _ellipse(x, y, 0.85 if whole else 0.64, 0.46, 0 if whole else 0.35)
        inner = _ellipse(
            x, y, 0.42 if whole else 0.52, 0.36 if whole else 0.22, 0.9 if whole else 0.6
        )
        pen.fill(outer, sign.colour, hole=inner)
    if sign.eighths in DOTTED:
        pen.dot(x + 1.15, y + 0.4 * (sign.step % 2 == 0), sign.colour)
    if sign.accidental:
        pen.glyphs(sign.accidental, x - 1.75, y - 0.72, 2.1, sign.colour, "DejaVu Sans")


def _rest(pen, sign, x):
    colour = sign.colour
    if sign.eighths >= 4:
        y = 2.5 if sign.eighths == 8 else 2.0
        pen.fill([(x - 0.6, y), (x + 0.6, y), (x + 0.6, y + 0.5), (x - 0.6, y + 0.5)], colour)
    elif sign.eighths >= 2:
        zigzag = [(-0.25, 3.3), (0.3, 2.6), (-0.15, 2.1), (0.35, 1.3)]
        pen.stroke([(x + dx, y) for dx, y in zigzag], colour, 1.9)
        hook = [(0.35, 1.3), (-0.2, 1.35), (-0.25, 0.95), (0.1, 0.6)]
        pen.stroke(_spline([(x + dx, y) for dx, y in hook]), colour, 1.2)
    else:
        pen.fill(_ellipse(x - 0.25, 2.55, 0.24, 0.24, 0), colour)
        pen.stroke([(x - 0.25, 2.4), (x + 0.1, 2.3), (x + 0.45, 2.7), (x, 0.9)], colour, 1.0)
    if sign.eighths in DOTTED:
        pen.dot(x + 1.0, 2.5, colour)


class _Pen:
    """Collects shapes, one compound path for each colour and width: files stay small."""

    def __init__(self):
        self.bottom, self.metre = 0.0, ""
        self.strokes, self.fills = defaultdict(list), defaultdict(list)

    def stroke(self, points, colour, width):
        self.strokes[colour, width].append(Path(np.array(points) + (0, self.bottom)))

    def fill(self, points, colour, hole=None):
        for ring in (points, hole[::-1] if hole is not None else None):
            if ring is not None:
                closed = [*ring, ring[0]]
                codes = [Path.MOVETO, *[Path.LINETO] * (len(ring) - 1), Path.CLOSEPOLY]
                self.fills[colour].append(Path(np.array(closed) + (0, self.bottom), codes))

    def glyphs(self, text, x, y, size, colour=INK, family="DejaVu Serif"):
        font = FontProperties(family=family, weight="bold")
        path = TextPath((0, 0), text, size=size, prop=font)
        self.fills[colour].append(Path(path.vertices + (x, y + self.bottom), path.codes))

    def dot(self, x, y, colour):
        self.stroke([(x - 0.01, y), (x + 0.01, y)], colour, 0.55 * POINTS)

    def beam(self, left, right, y, inwards, colour):
        corners = [(left, y), (right, y), (right, y + 0.5 * inwards), (left, y + 0.5 * inwards)]
        self.fill(corners, colour)

    def flag(self, x, y, down, colour):
        bend = [(0, 0), (0.15, -0.75), (0.85, -1.35), (0.7, -2.3)]
        self.stroke(_spline([(x + dx, y + down * dy) for dx, dy in bend]), colour, 1.5)

    def put_on(self, axes):
        for (colour, width), paths in self.strokes.items():
            path = Path.make_compound_path(*paths)
            ends = "round" if width > 3 else "butt"
            axes.add_patch(PathPatch(path, fill=False, ec=colour, lw=width, capstyle=ends))
        for colour, paths in self.fills.items():
            path = Path.make_compound_path(*paths)
            axes.add_patch(PathPatch(path, facecolor=colour, lw=0))


def _ellipse(x, y, a, b, slant):
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    u, v = a * np.cos(turn), b * np.sin(turn)
    c, s = np.cos(slant), np.sin(slant)
    return np.stack([x + c * u - s * v, y + s * u + c * v], axis=1)


def _spline(points, pieces=4):
    """A smooth line through points (Catmull & Rom)."""
    p = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None]
    drawn = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:]):
        drawn.append(
            b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        )
    return np.concatenate([*drawn, p[-1:]])
