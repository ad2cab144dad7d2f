"""Drawings of borrowed vectors: how they enter a network, and where they put words.

Cast: `borrowed_table` draws a sentence, a row of numbers for each word out of a lent table,
the states that walk over them and the verdict at the end; `sides` draws words on the two
widest axes of their vectors, those of either side in a colour and a shape of their own.
"""

import numpy as np
from matplotlib.patches import Rectangle

from rnncourse.diagrams.drawing import arrow, box, drawing
from rnncourse.plots import (
    CELL,
    INK,
    INPUT,
    INPUT_TEXT,
    PREDICTION,
    SECONDARY,
    STATE,
    Picture,
    render,
)

__all__ = ["borrowed_table", "sides", "two_widest"]


def borrowed_table(words, vectors, verdict: str) -> Picture:
    """Words below, a strip of numbers for each, a state above each, a verdict from the last.

    Args:
        words: T of them, a handful.
        vectors: `(T, D)`; a light or dark cell for each number.
        verdict: What is said at the end.
    """
    vectors = np.asarray(vectors)
    shades = np.clip(np.abs(vectors) / np.abs(vectors).max(), 0, 1)
    T, D = vectors.shape

    def draw(figure, narrow):
        axes = figure.subplots()
        step, high = 1.75, 0.2
        for t, word in enumerate(words):
            x = step * t
            axes.text(x, -0.35, word, ha="center", va="center", color=INPUT_TEXT, fontsize=9)
            for d in range(D):
                colour = INPUT if vectors[t, d] > 0 else SECONDARY
                axes.add_patch(
                    Rectangle((x - 0.22, high * d), 0.44, high, fc=colour, alpha=shades[t, d], lw=0)
                )
            axes.add_patch(Rectangle((x - 0.22, 0), 0.44, high * D, fill=False, ec=INPUT, lw=1))
            top = high * D
            arrow(axes, (x, top + 0.05), (x, top + 0.7), "")
            box(axes, x, top + 1.15, f"h{'₁₂₃₄₅₆₇₈₉'[t]}", STATE)
            if t:
                arrow(axes, (x - step + 0.64, top + 1.15), (x - 0.64, top + 1.15), "")
        x, top = step * (T - 1), high * D
        arrow(axes, (x, top + 1.6), (x, top + 2.15), "")
        axes.text(x, top + 2.4, verdict, ha="center", color=PREDICTION, weight="bold", fontsize=10)
        axes.plot([-0.95, x + 0.95], [-0.75, -0.75], color=CELL, lw=1.2)
        note = "rows of a table that somebody else trained"
        axes.text(-0.95, -1.2, note, color=CELL, fontsize=8.5, va="center")
        axes.set(xlim=(-1, x + 1), ylim=(-1.5, top + 2.9), aspect="equal")
        axes.axis("off")

    alt = (
        f"The words {' '.join(words)} in a row. Above each stands a column of {D} cells, its "
        "vector, and above that a box with a state; arrows lead from each state to the next, and "
        f"from the last one up to the verdict {verdict}."
    )
    return drawing(draw, alt, heights=(3.3, 2.4))


def two_widest(vectors) -> np.ndarray:
    """`(N, D)` → `(N, 2)`: centred, on the two axes along which the vectors differ most."""
    centred = np.asarray(vectors, float) - np.mean(vectors, axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    # An axis has two ends; the larger half of its weights points up.
    signs = np.sign(axes[np.arange(2), np.abs(axes[:2]).argmax(axis=1)])
    return centred @ (axes[:2] * signs[:, None]).T


def sides(panels: dict, named=(), alt: str = "") -> Picture:
    """Words in the plane, title → `(words, vectors (N, D), side (N,))` with side 1 or -1.

    Args:
        panels: One or two of them.
        named: The words that are written beside their marks.
        alt: The text alternative.
    """

    def draw(figure, narrow):
        grid = (len(panels), 1) if narrow else (1, len(panels))
        drawn = figure.subplots(*grid, squeeze=False).flat
        for axes, (title, (words, vectors, side)) in zip(drawn, panels.items(), strict=True):
            places, side = two_widest(vectors), np.asarray(side)
            axes.set_title(title)
            for value, colour, marker in ((1, PREDICTION, "o"), (-1, INPUT, "s")):
                own = places[side == value]
                axes.plot(*own.T, marker, color=colour, ms=4.5, alpha=0.75, mew=0)
            for word, (x, y) in zip(words, places):
                if word in named:
                    axes.annotate(
                        word, (x, y), (4, 3), textcoords="offset points", fontsize=9, color=INK
                    )
            axes.set(xticks=[], yticks=[])
            axes.margins(0.15)

    return render(draw, alt, heights=(3.0, 2.9 * len(panels)))
