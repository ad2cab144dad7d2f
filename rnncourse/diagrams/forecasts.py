"""Drawings of forecasts: a window and its target, one projection for all steps, inventions.

Cast: what is heard is a blue square, what should be said an open black dot, what is said
a red line or a red dot, as everywhere.
"""

import numpy as np
from matplotlib.patches import Circle

from rnncourse.diagrams.drawing import arrow, box, drawing, neuron, square, stage, sub, title
from rnncourse.plots import (
    INPUT,
    INPUT_TEXT,
    PREDICTION,
    SECONDARY,
    STATE,
    TARGET,
    Picture,
    render,
)


def window_and_target(t, values, first: int, window: int, known: float) -> Picture:
    """A series with one of its windows, and the window beside its target, one step later.

    Args:
        t: Times, `(T,)`.
        values: The series, `(T,)`.
        first: Where the window begins.
        window: Steps in it.
        known: Time from which on the series is kept for the test.
    """
    t, values = np.asarray(t), np.asarray(values)
    heard = slice(first, first + window)
    wanted = slice(first + 1, first + window + 1)

    def draw(figure, narrow):
        grid = {"nrows": 2, "height_ratios": (1, 1.2)} if narrow else {"ncols": 2}
        whole, near = figure.subplots(**grid, **({} if narrow else {"width_ratios": (1.5, 1)}))
        whole.plot(t, values, color=SECONDARY, lw=1.4)
        whole.plot(t[heard], values[heard], color=INPUT, lw=3.2)
        whole.axvline(known, color=TARGET, lw=1, ls=(0, (4, 3)))
        top = values.max() * 1.3
        whole.set(ylim=(-top, top), xlabel="t")
        whole.annotate("a window", (t[first], values[heard].max() + 1), color=INPUT_TEXT)
        whole.axvspan(known, t[-1], color=SECONDARY, alpha=0.15, lw=0)
        middle = (known + t[-1]) / 2
        whole.annotate("the test", (middle, top * 0.88), ha="center", color=TARGET)
        whole.set_title("Two waves", fontsize=11)
        steps = np.arange(window + 1)
        near.plot(steps[:-1], values[heard], "s", color=INPUT, ms=5)
        near.plot(steps[1:], values[wanted] - 3, "o", mfc="none", mec=TARGET, ms=5)
        for k in range(0, window, 3):
            near.annotate(
                "",
                (k + 0.9, values[first + k + 1] - 2.5),
                (k, values[first + k] - 0.4),
                arrowprops={"arrowstyle": "-|>", "color": SECONDARY, "lw": 0.8},
            )
        lower = "○ wanted (drawn lower)"
        for text, height, colour in (("■ heard", 0.93, INPUT_TEXT), (lower, 0.82, TARGET)):
            near.text(0.04, height, text, color=colour, transform=near.transAxes)
        near.set(xlabel="step of the window", yticks=[], xticks=[0, 5, 10, 15, 20])
        near.set_title("One step later", fontsize=11)

    return render(
        draw,
        "Left, a curve over time that swings slowly and ever wider, with small fast ripples on it; "
        f"a short stretch of {window} values is marked blue, and a dashed line near the right end "
        f"at time {known:g} parts off the test, shaded. Right, the marked stretch as "
        f"{window} blue squares and, drawn lower, {window} open dots of the same shape moved one "
        "step to the right; arrows lead from every third square to the dot that comes next.",
        heights=(2.6, 4.6),
    )


def projections(units: int = 100) -> Picture:
    """One projection for all steps: inside the cell at every step, or once on all of them."""

    def column(axes, x, t):
        square(axes, x, 0.6, f"x{sub(t)}", size=0.8)
        arrow(axes, (x, 1.02), (x, 1.66), "")
        neuron(axes, x, 2.2, f"h{sub(t)}", size=0.54)

    def said(axes, x, y, text):
        axes.add_patch(Circle((x, y), 0.13, color=PREDICTION, lw=0))
        axes.text(x + 0.25, y, text, color=PREDICTION, va="center", fontsize=8.5)

    def draw(figure, narrow):
        inside, after = stage(figure, narrow, widths=(7.0, 7.0), heights=(5.6, 5.6))
        title(inside, 0.0, "A wrapper projects at every step")
        title(after, 0.0, "A layer projects all steps at once")
        for axes in (inside, after):
            for t in range(3):
                column(axes, 1.0 + 2.2 * t, t)
                if t:
                    arrow(axes, (2.2 * t - 0.62, 2.2), (2.2 * t + 0.42, 2.2), "", colour=STATE)
        for t in range(3):
            x = 1.0 + 2.2 * t
            arrow(inside, (x, 2.76), (x, 3.14), "")
            box(inside, x, 3.56, "V", colour=PREDICTION)
            arrow(inside, (x, 4.0), (x, 4.4), "")
            said(inside, x, 4.55, f"y{sub(t)}")
            arrow(after, (x, 2.76), (x, 3.14), "")
            arrow(after, (x, 4.0), (x, 4.4), "")
            said(after, x, 4.55, f"y{sub(t)}")
        after.plot(
            [0.4, 6.0, 6.0, 0.4, 0.4], [3.14, 3.14, 3.98, 3.98, 3.14], color=PREDICTION, lw=1.5
        )
        for axes, x, text in ((inside, 4.3, "V"), (after, 3.2, "V")):
            if axes is after:
                axes.text(x, 3.56, text, color=PREDICTION, ha="center", va="center", fontsize=8)

    return drawing(
        draw,
        "Twice the same walk over three steps: an input square below each state circle, and an "
        "arrow from each circle to the next. Left, a box V of its own above every circle makes one "
        f"output of its {units} numbers; the arrows between the circles pass below the boxes. "
        "Right, one wide box V lies above all three circles and makes the three outputs together.",
        heights=(2.9, 5.6),
    )


def creations(series, names, original, alt: str) -> Picture:
    """Many invented series in small frames, each beside the others, the original first.

    Args:
        series: `(N, T)`.
        names: What stands above each frame, N words.
        original: `(T,)`, drawn in the first frame.
        alt: What one sees.
    """
    rows = np.concatenate([[original], np.asarray(series, float)])
    names = ["the curve itself", *names]

    def draw(figure, narrow):
        columns = 3 if narrow else 7
        lines = -(-len(rows) // columns)
        frames = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).flat
        for k, axes in enumerate(frames):
            axes.axis("off")
            if k < len(rows):
                axes.axhline(0, color=SECONDARY, lw=0.4)
                colour = PREDICTION if k else TARGET
                axes.plot(np.clip(rows[k], -16, 16), color=colour, lw=0.8)
                axes.set_title(names[k], fontsize=8, weight="normal", loc="left", pad=1)
                axes.set_ylim(-16.5, 16.5)

    count = len(rows)
    return render(draw, alt, heights=(0.86 * -(-count // 7), 0.8 * -(-count // 3)))
