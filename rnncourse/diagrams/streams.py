"""Drawings of streams: a batch matrix with its window, rows of bits with what a network says.

Cast: bits are bars. A blue filled bar is an input of 1, a hollow one a target of
1; a prediction is a solid bar as high as the probability of 1, and one that ends
on the wrong side of a half carries a cross.
"""

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from rnncourse.data.series import in_rows, windows
from rnncourse.diagrams.drawing import arrow, drawing, stage, title
from rnncourse.plots import (
    CARD,
    INK,
    INPUT,
    INPUT_TEXT,
    PREDICTION,
    SECONDARY,
    STATE,
    TARGET,
    Picture,
    render,
)


def batch_matrix(bits, batch_size: int, window: int, position: int = 1) -> Picture:
    """A stream laid out in rows, the window on it, and the window's columns one by one.

    Args:
        bits: The stream, `(N,)`.
        batch_size: Rows.
        window: Steps in the window.
        position: Which window is marked, counted from 0.
    """
    numbers = in_rows(np.arange(1, len(bits) + 1), batch_size)
    values = in_rows(bits, batch_size)
    rows, width = numbers.shape
    marked = windows(numbers, window)[position]
    first = position * window

    def cell(axes, x, y, bit, number):
        face = INPUT if bit else CARD
        axes.add_patch(Rectangle((x, y), 0.9, 0.9, facecolor=face, edgecolor=INPUT, lw=1))
        ink = "white" if bit else INK
        axes.text(x + 0.45, y + 0.45, str(number), color=ink, ha="center", va="center", fontsize=8)

    def draw(figure, narrow):
        matrix, columns = stage(figure, narrow, widths=(width + 1.4, 6.4), heights=(6.6, 6.6))
        title(matrix, 0.1, "One stream in three rows")
        height = {row: 4.1 - 1.7 * row for row in range(rows)}
        for row in range(rows):
            for column in range(width):
                bit, number = values[row, column], numbers[row, column]
                cell(matrix, 0.5 + column, height[row], bit, number)
        for row in range(rows - 1):
            gap, below = height[row] - 0.4, height[row + 1] + 0.45
            right, left = width + 0.8, 0.15
            turns = [(right - 0.35, height[row] + 0.45), (right, height[row] + 0.45)]
            turns += [(right, gap), (left, gap), (left, below)]
            matrix.plot(*zip(*turns), color=SECONDARY, lw=1)
            arrow(matrix, (left, below), (0.5, below), "", colour=SECONDARY)
        frame = Rectangle((0.36 + first, 0.5), window + 0.18, 4.75, fill=False, ls="--", lw=1.4)
        frame.set_edgecolor(INK)
        matrix.add_patch(frame)
        middle = 0.45 + first + window / 2
        arrow(matrix, (middle, 0.1), (middle + window, 0.1), "")
        title(columns, 0.1, "The window, step by step")
        for k in range(window):
            for row in range(rows):
                bit, number = values[row, first + k], marked[row, k]
                cell(columns, 0.8 + 1.9 * k, height[row], bit, number)
                tip, y = 0.75 + 1.9 * k, height[row] + 0.45
                arrow(columns, (tip - (0.9 if k else 0.7), y), (tip, y), "", colour=STATE)
        for row in range(rows):
            end, y = 1.9 * window - 0.15, height[row] + 0.45
            arrow(columns, (end, y), (end + 0.7, y), "", colour=STATE)

    spoken = "; ".join(f"{row[0]} to {row[-1]}" for row in marked)
    return drawing(
        draw,
        f"Left, {len(bits)} numbered squares in {rows} rows of {width}, filled where the bit is "
        "one; grey arrows lead from the end of each row to the start of the next. A dashed frame "
        f"stands around {window} columns, with an arrow to the right below it: in its rows are the "
        f"steps {spoken}. Right, the framed columns drawn apart, with purple arrows from each "
        "square to the next in its row, into the first and out of the last.",
        heights=(2.6, 5.0),
    )


def spoken_rows(moments: dict, alt: str) -> Picture:
    """Rows of a batch at several moments: input, target and prediction, one under the other.

    Args:
        moments: Title → `(x, y, p)`: bits, their targets and the probability of a
            one that the network gives, each `(B, L)`.
        alt: What one sees.
    """

    def draw(figure, narrow):
        grid = (len(moments), 1) if narrow else (1, len(moments))
        panels = figure.subplots(*grid, squeeze=False).flat
        for axes, (name, (x, y, p)) in zip(panels, moments.items()):
            axes.set_title(name, fontsize=10)
            axes.axis("off")
            rows, length = np.shape(x)
            bases = -4.3 * np.arange(rows)
            for k, (values, face, edge) in enumerate(
                ((x, INPUT, INPUT), (y, CARD, TARGET), (p, PREDICTION, PREDICTION))
            ):
                axes.hlines(bases - 1.25 * k, 0, length, color=SECONDARY, lw=0.5)
                bars = _bars(np.asarray(values, float), bases - 1.25 * k)
                axes.add_patch(PathPatch(bars, facecolor=face, edgecolor=edge, lw=0.9))
            row, step = np.nonzero((np.asarray(p) > 0.5) != np.asarray(y))
            axes.plot(step + 0.5, bases[row] - 2.0, "x", color=INK, ms=5, mew=1.3)
            axes.set(xlim=(0, length), ylim=(bases[-1] - 2.7, 1.1))
            if narrow or axes is figure.axes[0]:
                for base, name, colour in (
                    (0.3, "input", INPUT_TEXT),
                    (-0.95, "target", TARGET),
                    (-2.2, "said", PREDICTION),
                ):
                    axes.text(-0.4, base, name, color=colour, ha="right", fontsize=8.5)

    return render(draw, alt, heights=(3.2, 2.6 * len(moments)))


def _bars(heights, bases) -> Path:
    """All bars of `(B, L)` heights as one path: a figure of hundreds of bars stays small."""
    corners = [
        [(t + left, base), (t + left, base + h), (t + right, base + h), (t + right, base)]
        for row, base in zip(heights, bases)
        for t, h in enumerate(row)
        for left, right in [(0.14, 0.86)]
        if h > 0.02
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    points = [point for four in corners for point in (*four, four[0])]
    return Path(np.reshape(points, (-1, 2)), codes * len(corners))
