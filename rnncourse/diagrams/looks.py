"""Drawings of looking back: one vector or all of them, and where the finger lies.

Cast: `two_ways` draws a translator that must put a sentence into one vector beside one that
keeps a vector for every word; `maps` draws weights `(T, S)` as shades, French words down
the side and English ones along the top, with a frame where the right word is.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from rnncourse.diagrams.drawing import arrow, box, drawing
from rnncourse.plots import CARD, INK, PREDICTION, SECONDARY, STATE, TARGET, Picture, render

SHADES = 8  # as many shades of a cell as a reader tells apart, and few enough for a small file


def two_ways(english: Sequence[str], french: Sequence[str], weights: Sequence[float]) -> Picture:
    """Above, a translator with one vector between its halves; below, one that looks back.

    Args:
        english: S words, at most 4.
        french: T words, at most 4.
        weights: How much each English word matters for the last French one drawn, `(S,)`.
    """
    if len(weights) != len(english) or not 1 <= len(french) <= 4 or len(english) > 4:
        raise ValueError(
            f"`weights` must hold one number for each of at most 4 English words, got "
            f"{len(weights)} for {len(english)}, and {len(french)} French words"
        )

    def draw(figure, narrow):
        grid = (2, 1) if narrow else (1, 2)
        for axes, back in zip(figure.subplots(*grid).flat, (False, True)):
            _half(axes, english, french, weights if back else None)

    heaviest = english[int(np.argmax(weights))]
    return drawing(
        draw,
        f"Two drawings. In the first, boxes read the words {' '.join(english)} one after the "
        f"other, a single arrow leads on, and boxes say {' '.join(french)}. In the second, each "
        "reading box leaves a strip of numbers, and from the last speaking box lines lead back "
        f"to all strips, the thickest one to {heaviest}.",
        heights=(2.7, 4.6),
    )


def _half(axes, english, french, weights):
    gap, steps = 1.55, len(english) + len(french)
    axes.set(xlim=(-0.8, gap * steps - 0.2), ylim=(-1.5, 4.3), aspect="equal")
    axes.axis("off")
    axes.text(
        -0.7,
        4.2,
        "one vector for all" if weights is None else "one vector a word, and a finger",
        fontsize=10.5,
        weight="bold",
        va="top",
    )
    for k, word in enumerate([*english, *french]):
        x, reading = gap * k, k < len(english)
        box(axes, x, 0.6, "reads" if reading else "says", colour=STATE)
        if reading:
            axes.text(x, -1.0, word, ha="center", va="center", fontsize=9)
            arrow(axes, (x, -0.7), (x, 0.15), "")
        else:
            height = 1.75 if weights is None else -1.0
            low, high = (1.05, 1.5) if weights is None else (0.15, -0.7)
            axes.text(x, height, word, ha="center", va="center", fontsize=9, color=PREDICTION)
            arrow(axes, (x, low), (x, high), "", colour=PREDICTION)
        if k < steps - 1:
            bridge = k == len(english) - 1
            colour = INK if bridge and weights is None else STATE
            arrow(axes, (x + 0.63, 0.6), (x + gap - 0.63, 0.6), "", colour=colour)
    if weights is None:
        bridge = gap * (len(english) - 0.5)
        axes.annotate(
            "all there is to know",
            (bridge, 0.75),
            xytext=(bridge, 2.7),
            ha="center",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "color": SECONDARY, "lw": 1},
        )
        return
    last = gap * (steps - 1)
    for k, weight in enumerate(weights):
        _strip(axes, gap * k, 1.75, seed=k)
        arrow(axes, (gap * k, 1.05), (gap * k, 1.5), "", colour=STATE)
        axes.annotate(
            "",
            (gap * k, 2.65),
            xytext=(last, 1.05),
            zorder=0,
            arrowprops={
                "arrowstyle": "-",
                "connectionstyle": "arc3,rad=0.25",
                "color": PREDICTION,
                "lw": 0.6 + 4 * weight,
            },
        )
        axes.text(
            gap * k, 2.35, f"{weight:.0%}", ha="center", fontsize=8.5, color=PREDICTION, zorder=5
        )


def _strip(axes, x, y, seed):
    """A vector: five numbers as shades."""
    for k, shade in enumerate(np.random.default_rng(seed).uniform(0.15, 0.85, 5)):
        patch = Rectangle((x - 0.6 + 0.24 * k, y - 0.2), 0.24, 0.4, color=STATE, alpha=shade, lw=0)
        axes.add_patch(patch)


def maps(looked: Sequence[tuple], alt: str) -> Picture:
    """Weights as shades, one map for each sentence, side by side.

    Args:
        looked: For each sentence `(english, french, weights, places)`: S and T words, `(T, S)`
            weights, and for each French word the place of the English one it stands for,
            -1 where that is open.
        alt: What one sees.

    Raises:
        ValueError: Weights that are not `(T, S)`, or no sentence.
    """
    if not looked:
        raise ValueError("`looked` must hold at least one sentence, got none: pass a list of them")
    for english, french, weights, places in looked:
        if np.shape(weights) != (len(french), len(english)) or len(places) != len(french):
            raise ValueError(
                f"`weights` must have shape (T, S) = {(len(french), len(english))} with T places, "
                f"got {np.shape(weights)} and {len(places)}: French words down, English along"
            )

    def draw(figure, narrow):
        grid = (len(looked), 1) if narrow else (1, len(looked))
        sizes = [len(english) + 3 for english, *_ in looked]
        ratios = {} if narrow else {"width_ratios": sizes}
        for axes, sentence in zip(figure.subplots(*grid, squeeze=False, **ratios).flat, looked):
            _map(axes, *sentence, rows=len(sentence[1]) if narrow else tallest)

    tallest = max(len(french) for _, french, *_ in looked)
    rows = sum(len(french) + 3.2 for _, french, *_ in looked)
    return render(draw, alt, heights=(0.75 + 0.27 * tallest, 0.3 + 0.29 * rows))


def _map(axes, english, french, weights, places, rows):
    levels = np.ceil(np.asarray(weights) * SHADES - 0.25).clip(0, SHADES)
    for level in range(1, SHADES + 1):
        cells = [(s, t) for t, s in np.argwhere(levels == level)]
        if cells:
            shade = {"facecolor": STATE, "alpha": level / SHADES, "lw": 0}
            axes.add_patch(PathPatch(_squares(cells), **shade))
    right = [(s, t) for t, s in enumerate(places) if s >= 0]
    if right:
        axes.add_patch(PathPatch(_squares(right, 0.07), facecolor="none", edgecolor=TARGET, lw=1.1))
    axes.set(xlim=(0, len(english)), ylim=(rows, 0), aspect="equal")
    axes.set_xticks(np.arange(len(english)) + 0.5, english, rotation=60, ha="left")
    axes.set_yticks(np.arange(len(french)) + 0.5, french)
    axes.tick_params(length=0, labelsize=8.5, pad=2, top=True, labeltop=True, labelbottom=False)
    axes.tick_params(axis="x", bottom=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_facecolor(CARD)


def _squares(cells, inset=0.0):
    """One path for all: a notebook carries every drawing twice."""
    points, codes = [], []
    for s, t in cells:
        x0, y0, x1, y1 = s + inset, t + inset, s + 1 - inset, t + 1 - inset
        points += [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(points, codes)
