"""One list of remedies, ranked twice: the same rows, a column for each task.

Cast: names down the side, for each task two dots a row with the interval over
seeds, hollow for the one optimizer and filled for the other.
"""

from collections.abc import Sequence

import numpy as np

from rnncourse.plots import CARD, GRID, INK, PREDICTION, SECONDARY, Picture, render


def two_columns(
    names: Sequence[str], columns: Sequence[dict], labels: tuple[str, str], alt: str
) -> Picture:
    """Dots with intervals, two a row, in columns that share their rows.

    Args:
        names: Of the rows, from top to bottom.
        columns: For each task a dictionary: `title`, `xlabel`, `xlim`, `level` `(name, x)` of a
            dashed line, and `rows`: for each name a pair of intervals `(mean, low, high)`,
            or `None` where there is nothing.
        labels: What the hollow and the filled dot stand for.
        alt: What one sees.

    Raises:
        ValueError: A column with too few or too many rows.
    """
    for column in columns:
        if len(column["rows"]) != len(names):
            raise ValueError(
                f"`rows` of {column['title']!r} must hold {len(names)} pairs, got "
                f"{len(column['rows'])}: one for each name, None where there is nothing"
            )
    y = -np.arange(len(names))

    def draw(figure, narrow):
        grid = (len(columns), 1) if narrow else (1, len(columns))
        for k, (axes, column) in enumerate(
            zip(figure.subplots(*grid, squeeze=False).flat, columns, strict=True)
        ):
            axes.set_title(column["title"], fontsize=10)
            axes.set(xlabel=column["xlabel"], xlim=column["xlim"], ylim=(y[-1] - 1.5, 1.4))
            first = narrow or k == 0
            axes.set_yticks(y, names if first else [""] * len(names))
            axes.tick_params(axis="y", length=0)
            _bars(axes, np.tile(column["xlim"], (len(y), 1)), y, color=GRID, lw=0.75, zorder=0)
            name, level = column["level"]
            axes.axvline(level, color=SECONDARY, lw=1, ls=(0, (4, 3)), zorder=0)
            axes.text(level, 0.75, f"{name} ", color=SECONDARY, ha="right", fontsize=8.5)
            for which, (shift, face) in enumerate(((0.17, CARD), (-0.17, PREDICTION))):
                there = [i for i, pair in enumerate(column["rows"]) if pair[which] is not None]
                mean, low, high = np.transpose([column["rows"][i][which] for i in there])
                bars = np.transpose([low, high])
                _bars(axes, bars, y[there] + shift, color=PREDICTION, lw=1.4)
                axes.plot(
                    mean, y[there] + shift, "o", ms=5, mfc=face, mec=PREDICTION, mew=1.2, ls=""
                )
            if k == 0:
                key = f" ○ {labels[0]}   ● {labels[1]}"
                axes.text(column["xlim"][0], y[-1] - 1, key, color=INK, fontsize=8.5, va="center")

    return render(
        draw, alt, heights=(0.9 + 0.27 * len(names), len(columns) * (0.9 + 0.27 * len(names)))
    )


def _bars(axes, ends, heights, **style) -> None:
    """Horizontal bars `(N, 2)` as one path: the figure stays small."""
    x = np.insert(np.asarray(ends, float), 2, np.nan, axis=1)
    y = np.repeat(np.asarray(heights, float)[:, None], 3, axis=1)
    axes.plot(x.ravel(), y.ravel(), solid_capstyle="butt", **style)
