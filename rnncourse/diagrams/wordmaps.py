"""Drawings of words and their places: what a word is asked for, and how words move on a map.

Cast: `tasks` draws the two tasks that word vectors are trained on, and the choice between
a true word and a noise word; `plane` brings vectors down to two numbers a word; `maps`
draws words on such planes, one for each moment, with lines between pairs that belong together.
"""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from rnncourse.diagrams.drawing import drawing
from rnncourse.plots import (
    CARD,
    GRID,
    INK,
    INPUT,
    INPUT_TEXT,
    PREDICTION,
    SECONDARY,
    STATE,
    Picture,
    render,
)
from rnncourse.shapes import require_finite, require_numbers, require_rank

__all__ = ["maps", "plane", "tasks"]

SHADES = (STATE, PREDICTION, INPUT_TEXT, INK)
MARKS = "os^D"


def tasks(words, centre: int, noise: str) -> Picture:
    """CBOW, skip-gram, and the question that noise-contrastive training asks instead.

    Args:
        words: A short sentence; four of its words are drawn.
        centre: Place of the word in the middle, at least 1.
        noise: A word that did not stand there.
    """
    words = list(words)
    if not 1 <= centre < len(words) - 1:
        raise ValueError(
            f"`centre` must have a word on both sides, 1 … {len(words) - 2}, got {centre}: "
            "choose another place"
        )
    left, middle, right = words[centre - 1 : centre + 2]

    def draw(figure, narrow):
        stages = figure.subplots(3, 1) if narrow else figure.subplots(1, 3)
        titles = ("CBOW: who is between?", "Skip-gram: who is beside?", "The true one, or noise?")
        for axes, title in zip(stages, titles, strict=True):
            axes.set(xlim=(-0.1, 4.3), ylim=(-0.3, 3.1), aspect="equal")
            axes.axis("off")
            axes.text(0, 2.95, title, weight="bold", fontsize=9.5, va="top")
        cbow, skip, told = stages
        for k, word in enumerate((left, middle, right)):
            _card(cbow, 0.7 + 1.4 * k, 0.1, word, PREDICTION if k == 1 else INPUT, k != 1)
            _card(skip, 0.7 + 1.4 * k, 0.1, word, INPUT if k == 1 else PREDICTION, k == 1)
        for k in (0, 2):
            _arc(cbow, 0.7 + 1.4 * k, 2.1, 0.55)
            _arc(skip, 2.1, 0.7 + 1.4 * k, 0.55)
        _card(told, 0.9, 1.1, middle, INPUT, True)
        for y, word, verdict in ((1.75, left, "stood there"), (0.35, noise, "drawn at random")):
            _card(told, 2.9, y, word, PREDICTION, False)
            told.text(2.9, y - 0.12, verdict, ha="center", va="top", fontsize=8, color=SECONDARY)
            patch = FancyArrowPatch(
                (1.55, 1.35), (2.25, y + 0.25), arrowstyle="-|>", mutation_scale=10, color=INK
            )
            told.add_patch(patch)

    alt = (
        f"Three drawings of the words {left}, {middle}, {right} in a row. In the first, arrows "
        f"lead from {left} and {right}, tinted as given, to {middle}, which is asked for. In the "
        f"second they lead from {middle} to the other two. In the third, {middle} is given and "
        f"two arrows lead to {left}, which stood there, and to {noise}, drawn at random."
    )
    return drawing(draw, alt, heights=(1.9, 5.0))


def _card(axes, x, y, word, colour, given):
    axes.add_patch(
        Rectangle(
            (x - 0.62, y),
            1.24,
            0.5,
            facecolor=colour if given else CARD,
            alpha=0.25 if given else 1,
            edgecolor="none" if given else colour,
        )
    )
    text = {INPUT: INPUT_TEXT}.get(colour, colour)
    axes.text(x, y + 0.25, word, ha="center", va="center", color=text, fontsize=9)


def _arc(axes, start, stop, y):
    axes.add_patch(
        FancyArrowPatch(
            (start, y + 0.1),
            (stop, y + 0.1),
            connectionstyle=f"arc3,rad={-0.7 if stop > start else 0.7}",
            arrowstyle="-|>",
            mutation_scale=10,
            color=INK,
        )
    )


def plane(vectors, of=None) -> np.ndarray:
    """The two directions in which vectors differ most, `(N, 2)`.

    Args:
        vectors: `(N, D)`, brought to length one first.
        of: Vectors `(M, D)` that the directions are found from; the same if `None`.

    Returns:
        Coordinates; in each direction the entry of largest size is positive.

    Raises:
        TypeError: No numbers.
        ValueError: Wrong rank, or not finite.
    """
    vectors = require_numbers("vectors", vectors).astype(np.float64)
    require_rank("vectors", vectors.shape, "ND")
    require_finite("vectors", vectors)

    def unit(x):
        return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)

    of = unit(vectors if of is None else np.asarray(of, np.float64))
    middle = of.mean(axis=0)
    _, _, directions = np.linalg.svd(of - middle, full_matrices=False)
    flat = (unit(vectors) - middle) @ directions[:2].T
    peaks = flat[np.abs(flat).argmax(axis=0), np.arange(2)]
    return flat * np.where(peaks < 0, -1, 1)


def maps(moments: dict, groups, pairs=(), alt: str = "", names=("", "")) -> Picture:
    """Words on a plane, one drawing for each moment.

    Args:
        moments: Title → word → `(x, y)`.
        groups: Lists of words that share a colour and a mark, at most four.
        pairs: Words `(a, b)` to be joined by a line.
        alt: What one sees.
        names: Of the two directions.

    Raises:
        ValueError: More than four groups, or a word without a place.
    """
    if not 1 <= len(groups) <= len(SHADES):
        raise ValueError(f"`groups` must be one to four lists of words, got {len(groups)}")
    for title, places in moments.items():
        for word in [w for group in groups for w in group]:
            if word not in places:
                raise ValueError(f"`moments` must give {word!r} a place, got none in {title!r}")

    def draw(figure, narrow):
        columns = 1 if narrow else min(len(moments), 2)
        rows = -(-len(moments) // columns)
        drawn = list(zip(figure.subplots(rows, columns, squeeze=False).flat, moments.items()))
        for axes, (title, places) in drawn:
            axes.set_title(title, fontsize=10)
            axes.set(xlabel=names[0], ylabel=names[1], xticks=[], yticks=[])
            axes.margins(0.18)
            for a, b in pairs:
                axes.plot(*zip(places[a], places[b]), color=GRID, lw=1.2, zorder=0)
            for group, colour, mark in zip(groups, SHADES, MARKS):
                axes.plot(*np.transpose([places[w] for w in group]), mark, color=colour, ms=4.5)
        figure.draw_without_rendering()
        for axes, (_, places) in drawn:
            _write(axes, places, groups)

    rows = -(-len(moments) // 2)
    return render(draw, alt, heights=(2.8 * rows, 2.8 * len(moments)))


def _write(axes, places, groups) -> None:
    """Each word right of its mark, moved up while it would touch another word or mark."""
    points = 72 / axes.figure.dpi
    shade = {word: colour for group, colour in zip(groups, SHADES) for word in group}
    marks = axes.transData.transform([places[word] for word in shade]) * points
    written = [(x - 4, x, y) for x, y in marks]
    for word in sorted(shade, key=lambda word: places[word][1]):
        x, y = axes.transData.transform(places[word]) * points
        height = y
        while any(
            abs(height - other) < 8 and x < right and left < x + 5 * len(word)
            for left, right, other in written
        ):
            height += 1
        written.append((x, x + 5 * len(word), height))
        axes.annotate(
            word,
            places[word],
            xytext=(5, height - y - 2.5),
            textcoords="offset points",
            fontsize=7.5,
            color=shade[word],
        )
