"""Drawings of stacks: layers above layers, the places where one can drop, masks.

Cast: `tower` draws three layers over time and beside them one moment with its four
places; `mask_grids` draws masks as they came out of a network that heard ones;
`differences` draws what each kind of dropping brought.
"""

from itertools import pairwise

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from rnncourse.diagrams.drawing import arrow, drawing, neuron, square, stage, sub, title
from rnncourse.plots import CARD, PREDICTION, SECONDARY, STATE, Picture, render

UP = "¹²³"


def tower(steps: int = 4) -> Picture:
    """Three layers over time; one moment of it, with the four places where one can drop.

    Args:
        steps: Columns, at most 9.
    """
    heights = (2.1, 3.7, 5.3)

    def draw(figure, narrow):
        time, moment = stage(figure, narrow, widths=(2 * steps + 1.4, 6.0), heights=(7.6, 7.6))
        title(time, 0.1, "Each layer hears the one below")
        for t in range(steps):
            x = 1.5 + 2 * t
            square(time, x, 0.6, f"x{sub(t)}")
            arrow(time, (x, 0.95), (x, heights[0] - 0.5), "")
            for k, y in enumerate(heights):
                neuron(time, x, y, f"h{UP[k]}{sub(t)}", size=0.48)
                arrow(time, (x - 1.5, y), (x - 0.5, y), "", colour=STATE)
                above = heights[k + 1] - 0.5 if k < 2 else y + 1.2
                arrow(time, (x, y + 0.5), (x, above), "")
            time.text(x, 6.62, f"y{sub(t)}", color=PREDICTION, ha="center", weight="bold")
        title(moment, 0.1, "Four places to drop")
        x = 2.0
        square(moment, x, 0.6, "x")
        arrow(moment, (x, 0.95), (x, heights[0] - 0.5), "")
        names = ("inputs", "between", "between", "outputs")
        for k, y in enumerate(heights):
            neuron(moment, x, y, f"h{UP[k]}", size=0.48)
            above = heights[k + 1] - 0.5 if k < 2 else y + 1.2
            arrow(moment, (x, y + 0.5), (x, above), "")
            loop = [(x + 0.5, y), (x + 1.3, y), (x + 1.3, y - 0.62), (x + 0.3, y - 0.62)]
            for start, end in pairwise(loop):
                moment.plot(*zip(start, end, strict=True), color=STATE, lw=1.2)
            arrow(moment, loop[-1], (x + 0.3, y - 0.4), "", colour=STATE)
            _cut(moment, x + 1.3, y - 0.31)
            moment.text(x + 1.6, y - 0.31, "state", color=STATE, va="center", fontsize=9)
        for name, y in zip(names, (1.2, 2.85, 4.45, 6.15)):
            _cut(moment, x, y)
            moment.text(x - 0.35, y, name, ha="right", va="center", fontsize=9)
        moment.text(x, 6.62, "y", color=PREDICTION, ha="center", weight="bold")

    return drawing(
        draw,
        f"Left, three rows of {steps} circles, the states of three layers at {steps} steps. A blue "
        "input square under each column sends an arrow up into the lowest circle; each circle "
        "sends one up to the circle above it and one to the right to its own row's next; the "
        "topmost arrows end in an output. Right, a single column with a loop at each circle. "
        "Crosses mark four places: the inputs below, between the layers, the loops that carry "
        "the state, and the outputs on top.",
        heights=(3.6, 6.6),
    )


def _cut(axes, x, y, arm=0.15):
    for side in (-arm, arm):
        axes.plot([x - arm, x + arm], [y - side, y + side], color=PREDICTION, lw=2.2, zorder=5)


def mask_grids(masks: dict, alt: str) -> Picture:
    """Masks, step by step: a filled square is kept, an empty one dropped.

    Args:
        masks: Title → `(T, H)`, 0 where dropped.
        alt: What one sees.
    """

    def draw(figure, narrow):
        columns = 2 if narrow else len(masks)
        grid = figure.subplots(-(-len(masks) // columns), columns, squeeze=False)
        for axes in grid.flat:
            axes.axis("off")
        for axes, (name, mask) in zip(grid.flat, masks.items()):
            kept = np.asarray(mask) != 0
            steps, units = kept.shape
            axes.set_title(name, fontsize=9.5)
            axes.set(xlim=(-0.9, steps), ylim=(-0.9, units + 0.1), aspect="equal")
            for value, face in ((True, STATE), (False, CARD)):
                squares = _squares(*np.nonzero(kept == value))
                axes.add_patch(PathPatch(squares, facecolor=face, edgecolor=STATE, lw=0.8))
            axes.text(
                steps / 2, -0.25, "step →", color=SECONDARY, ha="center", va="top", fontsize=8
            )
            axes.text(
                -0.25,
                units / 2,
                "unit",
                color=SECONDARY,
                ha="right",
                va="center",
                rotation=90,
                fontsize=8,
            )

    rows = -(-len(masks) // 2)
    return render(draw, alt, heights=(2.2, 2.3 * rows))


def _squares(columns, rows) -> Path:
    """Unit squares at whole places as one path: a figure of hundreds of them stays small."""
    corners = [(0.08, 0.08), (0.08, 0.92), (0.92, 0.92), (0.92, 0.08), (0.08, 0.08)]
    points = [(x + dx, y + dy) for x, y in zip(columns, rows) for dx, dy in corners]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(np.reshape(points, (-1, 2)), codes * len(columns))


def differences(panels: dict, alt: str, unit: str = "points", marks=()) -> Picture:
    """What each change brings: a dot and its interval, left or right of nothing.

    Args:
        panels: Title → name of a change → `(mean, low, high)`; the same names in each.
        alt: What one sees.
        unit: Of the numbers.
        marks: For each panel label → place of a dashed line, a floor or a ceiling; without
            marks there is one at 0.
    """
    names = list(next(iter(panels.values())))
    marks = list(marks) or [{"": 0}] * len(panels)

    def draw(figure, narrow):
        grid = (len(panels), 1) if narrow else (1, len(panels))
        for axes, (name, changes), lines in zip(
            figure.subplots(*grid, squeeze=False, sharex=True).flat,
            panels.items(),
            marks,
            strict=True,
        ):
            places = -np.arange(len(names))
            mean, low, high = np.transpose([changes[change] for change in names])
            for label, x in lines.items():
                axes.axvline(x, color=SECONDARY, lw=1, ls=(0, (4, 3)))
                # The leftmost has its name on its right, inside the axes.
                side = "left" if x <= min(low) else "right"
                axes.text(
                    x,
                    1.01,
                    f" {label} ",
                    transform=axes.get_xaxis_transform(),
                    color=SECONDARY,
                    ha=side,
                    fontsize=8,
                )
            axes.hlines(places, low, high, color=PREDICTION, lw=2.2)
            axes.plot(mean, places, "o", color=PREDICTION, ms=5)
            axes.set_title(name, fontsize=10, pad=14)
            axes.set_xlabel(unit)
            first = narrow or axes is figure.axes[0]
            axes.set_yticks(places, names if first else [""] * len(names))
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)

    height = 0.9 + 0.24 * len(names)
    return render(draw, alt, heights=(height, len(panels) * height))
