"""Contestants down the side, tasks side by side: every network a dot, every mean an interval.

Cast: `strips` takes names and, for each task, one row of numbers for each name.
"""

from collections.abc import Sequence

import numpy as np

from rnncourse.evaluation import interval
from rnncourse.plots import GRID, PREDICTION, SECONDARY, Picture, render


def strips(names: Sequence[str], columns: Sequence[dict], alt: str) -> Picture:
    """Dots for all networks, a thick bar for the interval of their mean.

    Args:
        names: Of the rows, from top to bottom.
        columns: For each task a dictionary: `title`; `xlabel`; `xlim`; `values`, for each
            name the numbers of its networks; and, if wanted, `level` `(name, x)` of a dashed
            line, and `xticks`.
        alt: What one sees.

    Raises:
        ValueError: A column with too few or too many rows.
    """
    for column in columns:
        if len(column["values"]) != len(names):
            raise ValueError(
                f"`values` of {column['title']!r} must hold {len(names)} rows, got "
                f"{len(column['values'])}: one for each name"
            )
    y = -np.arange(len(names), dtype=float)

    def draw(figure, narrow):
        grid = (len(columns), 1) if narrow else (1, len(columns))
        drawn = figure.subplots(*grid, squeeze=False).flat
        for k, (axes, column) in enumerate(zip(drawn, columns, strict=True)):
            axes.set_title(column["title"], fontsize=10)
            low, high = column["xlim"]
            room = 0.04 * (high - low)
            axes.set(xlabel=column["xlabel"], xlim=(low - room, high + room))
            if "xticks" in column:
                axes.set_xticks(column["xticks"])
            axes.set(ylim=(y[-1] - 0.6, 1.1 if "level" in column else 0.6))
            axes.set_yticks(y, names if narrow or k == 0 else [""] * len(names))
            axes.tick_params(axis="y", length=0)
            for row in y:
                axes.axhline(row, color=GRID, lw=0.75, zorder=0)
            if "level" in column:
                name, level = column["level"]
                axes.axvline(level, color=SECONDARY, lw=1, ls=(0, (4, 3)), zorder=0)
                style = {"color": SECONDARY, "fontsize": 8, "va": "center"}
                left = level > (low + high) / 2
                text = f"{name} " if left else f" {name}"
                aside = {"xytext": (-3 if left else 3, 0), "textcoords": "offset points"}
                axes.annotate(text, (level, 0.75), ha="right" if left else "left", **aside, **style)
            rows = [np.asarray(values, float) for values in column["values"]]
            # Spread up and down so that equal numbers can be told apart.
            heights = [row + np.linspace(-0.25, 0.25, len(v)) for row, v in zip(y, rows)]
            _dots(axes, np.concatenate(rows), np.concatenate(heights))
            for row, values in zip(y, rows):
                mean, *ends = interval(values)
                axes.plot(ends, [row, row], color=PREDICTION, lw=4, solid_capstyle="butt")
                axes.plot(mean, row, "o", ms=5, mfc="white", mec=PREDICTION, mew=1.2)

    height = 0.9 + 0.28 * len(names)
    return render(draw, alt, heights=(height, len(columns) * height))


def _dots(axes, x, y) -> None:
    """Dots as round ends of lines without length, all one path: the figure stays small."""
    x, y = (
        np.stack([v, v + shift, np.full_like(v, np.nan)], 1) for v, shift in ((x, 1e-9), (y, 0))
    )
    style = {"solid_capstyle": "round", "color": PREDICTION, "alpha": 0.5}
    axes.plot(x.ravel(), y.ravel(), lw=2.4, **style)
