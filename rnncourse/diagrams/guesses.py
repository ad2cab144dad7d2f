"""Drawings of guesses: the network that makes them, and what each word of a line cost.

Cast: `ladder` draws a language model over a window of text, from words to words;
`costs` sets a text as it is read and draws over each word what it cost one guesser, and
under it what it cost another.
"""

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from rnncourse.diagrams.drawing import arrow, box, drawing, square
from rnncourse.plots import INK, PREDICTION, SECONDARY, STATE, Picture, render

LEVELS = {"id": 0.75, "embedding": 2.0, "layer 1": 3.75, "layer 2": 5.5, "softmax": 7.25}


def ladder(words, ids) -> Picture:
    """A language model over some steps: word, id, embedding, two layers, the next word.

    Args:
        words: T + 1 words; the last one is a target only. A phone shows the first three.
        ids: Their ids.
    """
    if len(words) != len(ids) or len(words) < 2:
        raise ValueError(
            f"`ids` must hold one id for each of at least two words, got {len(ids)} for "
            f"{len(words)} words"
        )

    def draw(figure, narrow):
        steps = min(len(words) - 1, 3) if narrow else len(words) - 1
        axes, left = figure.subplots(), 2.3
        width = left + 2 * steps + 0.6
        axes.set(xlim=(0, width), ylim=(-0.5, 9.3), aspect="equal")
        axes.axis("off")
        for name, y in LEVELS.items():
            axes.text(0, y, name, va="center", color=SECONDARY, fontsize=9)
        for y in (2.85, 4.6, 6.35):
            axes.plot([left - 0.4, width - 0.7], [y, y], color=PREDICTION, lw=1, ls=(0, (2, 3)))
            axes.text(0, y, "dropout", va="center", color=PREDICTION, fontsize=9)
        for t in range(steps):
            x = left + 0.8 + 2 * t
            axes.text(x, 0.0, words[t], ha="center", va="center", weight="bold")
            square(axes, x, LEVELS["id"], str(ids[t]), size=0.8)
            _strip(axes, x, LEVELS["embedding"], int(ids[t]))
            for name in ("layer 1", "layer 2"):
                box(axes, x, LEVELS[name], "LSTM", colour=STATE)
                arrow(axes, (x - 1.38, LEVELS[name]), (x - 0.62, LEVELS[name]), "", colour=STATE)
            _bars(axes, x, LEVELS["softmax"], t)
            for low, high in ((1.2, 1.6), (2.4, 3.3), (4.2, 5.05), (5.95, 6.75)):
                arrow(axes, (x, low), (x, high), "")
            axes.text(x, 8.5, words[t + 1], ha="center", va="center", weight="bold")
            axes.plot([x, x], [8.05, 8.25], color=INK, lw=1)
        for name in ("layer 1", "layer 2"):
            end = left + 0.8 + 2 * (steps - 1) + 0.62
            arrow(axes, (end, LEVELS[name]), (width, LEVELS[name]), "", colour=STATE)
        axes.text(0, 8.5, "wanted", va="center", color=SECONDARY, fontsize=9)
        axes.text(0, 0.0, "word", va="center", color=SECONDARY, fontsize=9)

    return drawing(
        draw,
        f"{len(words) - 1} columns, one for each of the words {' '.join(words[:-1])}. From below: "
        "the word, its id in a blue square, a strip of numbers, two boxes named LSTM, a small bar "
        f"chart, and on top the word that comes next, {' '.join(words[1:])}. Arrows lead up "
        "through each column, and from each LSTM to the right into the next, in from the left and "
        "out at the right. Three dotted lines named dropout cross the columns: above the strips, "
        "between the two layers and above them.",
        heights=(4.6, 4.9),
    )


def _strip(axes, x, y, seed):
    """An embedded word: five numbers as shades, the same for the same word."""
    for k, shade in enumerate(np.random.default_rng(seed).uniform(0.15, 0.85, 5)):
        patch = Rectangle((x - 0.75 + 0.3 * k, y - 0.2), 0.3, 0.4, color=STATE, alpha=shade, lw=0)
        axes.add_patch(patch)


def _bars(axes, x, y, t):
    """A softmax: five probabilities, one of them the largest."""
    for k, height in enumerate(np.roll([0.25, 0.95, 0.15, 0.4, 0.2], t)):
        patch = Rectangle((x - 0.7 + 0.3 * k, y - 0.45), 0.2, height, color=PREDICTION, lw=0)
        axes.add_patch(patch)


def costs(words, above, below, names, alt: str, most: float = 8.0) -> Picture:
    """A text, word by word, with what each word cost two guessers.

    Args:
        words: `(N,)` tokens.
        above: Nats of each for the one whose bars rise, `(N,)`.
        below: Nats of each for the other, whose bars hang, `(N,)`.
        names: Of the two.
        alt: What one sees.
        most: Bars end at so many nats.
    """
    if not len(words) == len(above) == len(below) or not len(words):
        raise ValueError(
            f"`above` and `below` must hold one number for each of the words, got {len(above)} and "
            f"{len(below)} for {len(words)} words"
        )

    def draw(figure, narrow):
        lines = _break(words, 30 if narrow else 66)
        axes = figure.subplots()
        width = max(line[-1][1] + len(words[line[-1][0]]) for line in lines)
        axes.set(xlim=(0, width + 1), ylim=(-3.4 * len(lines) - 0.2, 0.9))
        axes.axis("off")
        rising, hanging = [], []
        for row, line in enumerate(lines):
            y = -3.4 * row - 1.7
            for k, x in line:
                wide = len(words[k])
                axes.text(
                    x + wide / 2, y, words[k], ha="center", va="center", fontsize=8, color=INK
                )
                for bars, nats, base, sign in (
                    (rising, above[k], y + 0.36, 1),
                    (hanging, below[k], y - 0.36, -1),
                ):
                    height = sign * 1.25 * min(nats, most) / most
                    middle = x + wide / 2
                    bars.append((middle - 0.8, base, middle + 0.8, base + height))
        for bars, colour in ((rising, STATE), (hanging, SECONDARY)):
            axes.add_patch(PathPatch(_rectangles(bars), facecolor=colour, lw=0, alpha=0.8))
        for text, x, colour, align in (
            (f"▲ {names[0]}", 0, STATE, "left"),
            (f"▼ {names[1]}", width, SECONDARY, "right"),
        ):
            axes.text(x, 0.5, text, color=colour, ha=align, weight="bold", fontsize=9)

    lines = len(_break(words, 66)), len(_break(words, 30))
    return render(draw, alt, heights=(0.3 + 0.62 * lines[0], 0.3 + 0.62 * lines[1]))


def _break(words, columns):
    """Lines of `(index, first column)`; words keep a space of two columns."""
    lines, x = [[]], 0
    for k, word in enumerate(words):
        if lines[-1] and x + len(word) > columns:
            lines.append([])
            x = 0
        lines[-1].append((k, x))
        x += len(word) + 2
    return lines


def _rectangles(bars):
    """One path for all: a notebook carries every drawing twice."""
    points, codes = [], []
    for x0, y0, x1, y1 in bars:
        points += [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(points, codes)
