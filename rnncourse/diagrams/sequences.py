"""Drawings of sequences: walked in a chain or in a loop, which axis comes first, where they end.

Cast: inputs are blue squares, outputs purple circles, targets hollow squares; a
musician's repeat signs stand round whatever a loop repeats, and what does not
count is hatched. Each drawing takes no data and returns a `Picture`; on a phone
its parts stand one above the other.
"""

from matplotlib.patches import Circle, Rectangle

from rnncourse.diagrams.drawing import (
    arrow,
    box,
    drawing,
    elbow,
    neuron,
    square,
    stage,
    sub,
    title,
)
from rnncourse.plots import CARD, INK, INPUT, INPUT_TEXT, SECONDARY, STATE, TARGET, Picture

STEPS = 4


def chain_and_loop() -> Picture:
    """Four steps written out, and the same four as one cell between repeat signs."""

    def draw(figure, narrow):
        chain, loop = stage(figure, narrow, widths=(9.4, 7.6), heights=(5.2, 5.2))
        title(chain, 0.1, "Written out: a cell for every step")
        chain.text(1.25, 2.5, "0", color=SECONDARY, ha="right", va="center")
        for t in range(STEPS):
            x = 2.1 + 2.1 * t
            square(chain, x, 0.9, f"x{sub(t)}")
            box(chain, x, 2.5, "cell", colour=STATE)
            neuron(chain, x, 4.1, f"h{sub(t)}", size=0.38)
            arrow(chain, (x, 1.25), (x, 2.08), "")
            arrow(chain, (x, 2.92), (x, 3.72), "")
            arrow(chain, (x - (0.8 if t == 0 else 1.48), 2.5), (x - 0.62, 2.5), "")

        title(loop, 0.1, "A loop: one cell, repeated")
        for t in range(STEPS):
            x = 2.3 + 1.0 * t
            square(loop, x, 0.9, f"x{sub(t)}")
            neuron(loop, x, 4.1, f"h{sub(t)}", size=0.38)
        x = 3.8
        box(loop, x, 2.5, "cell", colour=STATE)
        arrow(loop, (x, 1.35), (x, 2.08), "read x at t", side=1)
        arrow(loop, (x, 2.92), (x, 3.62), "write h at t", side=1)
        _repeat_sign(loop, 1.65, 2.5, opening=True)
        _repeat_sign(loop, 6.15, 2.5, opening=False)
        loop.text(1.6, 3.6, "0", color=SECONDARY, ha="center", va="bottom")
        arrow(loop, (1.6, 3.6), (1.6, 3.15), "")
        arrow(loop, (2.0, 2.5), (x - 0.62, 2.5), "")
        loop.plot([x + 0.62, 5.8], [2.5, 2.5], color=INK, lw=1.2)
        elbow(loop, [(6.5, 2.5), (7.2, 2.5), (7.2, 0.15), (0.8, 0.15), (0.8, 2.5), (1.4, 2.5)])
        loop.text(7.05, 2.65, "t + 1", color=SECONDARY, ha="center", va="bottom", fontsize=8.5)

    return drawing(
        draw,
        "Left, four cells side by side: each takes an input from below and the state of the cell "
        "on its left, and gives an output above; zero enters the first. Right, one cell between "
        "two musical repeat signs, with zero entering at the first: at each turn it reads one of "
        "four inputs below and writes one of four outputs above, and its state goes back from the "
        "closing sign to the opening one.",
        heights=(2.4, 4.9),
    )


def _repeat_sign(axes, x: float, y: float, opening: bool) -> None:
    """A thick line, a thin line and two dots, the dots towards what is repeated."""
    inside = 1 if opening else -1
    axes.plot([x - 0.14 * inside] * 2, [y - 0.6, y + 0.6], color=INK, lw=3, solid_capstyle="butt")
    axes.plot([x] * 2, [y - 0.6, y + 0.6], color=INK, lw=1, solid_capstyle="butt")
    for side in (-0.22, 0.22):
        axes.add_patch(Circle((x + 0.18 * inside, y + side), 0.07, color=INK, lw=0))


def batch_and_time(batch: int = 20, steps: int = 35, features: int = 650) -> Picture:
    """The same steps of the same sequences: batch-major, time-major, and flat."""
    sequences, shown = "abc", 4

    def draw(figure, narrow):
        major, minor = stage(figure, narrow, widths=(6.4, 9.6), heights=(5.6, 5.6))
        title(major, 0.1, "Batch-major")
        _size(major, 0.1, (batch, steps, features))
        for row, name in enumerate(sequences):
            for t in range(shown):
                _cell(major, 0.6 + t, 3.4 - 0.8 * row, f"{name}{sub(t)}", now=t == 0)
            major.text(4.35, 3.4 - 0.8 * row, "…", va="center", color=SECONDARY)
        major.text(0.1, 1.05, "a row is a sequence", va="center", color=SECONDARY, fontsize=8.5)

        title(minor, 0.1, "Time-major")
        _size(minor, 0.1, (steps, batch, features))
        for t in range(shown):
            for column, name in enumerate(sequences):
                _cell(minor, 0.6 + column, 3.4 - 0.8 * t, f"{name}{sub(t)}", now=t == 0)
            minor.text(3.35, 3.4 - 0.8 * t, "…", va="center", color=SECONDARY)
        minor.text(0.1, 0.25, "a row is a step", va="center", color=SECONDARY, fontsize=8.5)
        title(minor, 5.1, "Flat")
        _size(minor, 5.1, (steps * batch, features))
        for place, (t, name) in enumerate((t, name) for t in (0, 1) for name in sequences):
            y = 3.55 - 0.53 * (place + (t > 0))
            _cell(minor, 5.6, y, f"{name}{sub(t)}", now=t == 0, height=0.5)
        for dots in (3, 7):
            minor.text(5.6, 3.55 - 0.53 * dots, "⋮", va="center", ha="center", color=SECONDARY)
        minor.text(6.35, 2.0, "step after step,\nready for one\nproduct", va="center", fontsize=8.5)

    return drawing(
        draw,
        "Three grids of the same cells, a letter for the sequence and a number for the step. "
        f"Batch-major, {batch} by {steps} by {features}: each row is a sequence, a0 a1 a2 a3. "
        f"Time-major, {steps} by {batch} by {features}: each row is a step, a0 b0 c0. Flat, "
        f"{steps * batch} by {features}: the rows of the second grid one below the other. The "
        "cells of step 0 are dark: a column in the first grid, a row in the second.",
        heights=(2.5, 5.1),
    )


def _size(axes, x: float, shape) -> None:
    text = "(" + ", ".join(map(str, shape)) + ")"
    axes.text(x, axes.get_ylim()[1] - 0.85, text, va="top", color=INPUT_TEXT, fontsize=9)


def _cell(axes, x: float, y: float, text: str, now: bool, height: float = 0.74) -> None:
    """A cell of a grid, centred on (x, y); those of the step in question are dark."""
    corner = (x - 0.47, y - height / 2)
    alpha = 1 if now else 0.2
    axes.add_patch(Rectangle(corner, 0.94, height, facecolor=INPUT, alpha=alpha, lw=0))
    colour = CARD if now else INPUT_TEXT
    axes.text(x, y, text, ha="center", va="center", color=colour, weight="bold", fontsize=8.5)


def padding() -> Picture:
    """Three inputs with their lengths, and three targets that end where their token says."""

    def draw(figure, narrow):
        known, unknown = stage(figure, narrow, widths=(8.4, 8.4), heights=(4.7, 4.7))
        title(known, 0.1, "Lengths are known: stop there")
        for row, length in enumerate((5, 3, 1)):
            y = 3.2 - 0.95 * row
            for t in range(5):
                x = 0.7 + t
                if t < length:
                    square(known, x, y, f"x{sub(t)}")
                else:
                    _ignored(known, x, y, "0")
            known.text(5.6, y, f"length {length}", va="center", fontsize=8.5)
        known.text(0.3, 0.35, "hatched: padding", va="center", color=SECONDARY, fontsize=8.5)

        title(unknown, 0.1, "Not known: a token says where")
        for row, tokens in enumerate(("Frè re Jac ques END", "Dor mez vous END", "Din END")):
            y, tokens = 3.2 - 0.95 * row, tokens.split()
            for t in range(5):
                x = 0.9 + 1.35 * t
                if t < len(tokens):
                    _target(unknown, x, y, tokens[t])
                else:
                    _ignored(unknown, x, y, "", width=1.15)
        unknown.text(
            0.3, 0.35, "hatched: past the end, no loss", va="center", color=SECONDARY, fontsize=8.5
        )

    return drawing(
        draw,
        "Left, three rows of five inputs: the first has five, the second three, the third one; "
        "the places behind are hatched zeros, and the lengths 5, 3 and 1 stand at the right. "
        "Right, three rows of five targets, syllables of a song: each row closes with a token END, "
        "and the places behind it are hatched, since they count for nothing.",
        heights=(2.2, 4.4),
    )


def _target(axes, x: float, y: float, text: str) -> None:
    end = text == "END"
    axes.add_patch(
        Rectangle(
            (x - 0.575, y - 0.35), 1.15, 0.7, facecolor=CARD, edgecolor=TARGET, lw=2 if end else 1.2
        )
    )
    weight = "bold" if end else "normal"
    axes.text(x, y, text, ha="center", va="center", color=TARGET, fontsize=8.5, weight=weight)


def _ignored(axes, x: float, y: float, text: str, width: float = 0.7) -> None:
    axes.add_patch(
        Rectangle(
            (x - width / 2, y - 0.35),
            width,
            0.7,
            facecolor=CARD,
            edgecolor=SECONDARY,
            lw=0.8,
            hatch="////",
        )
    )
    if text:
        axes.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            color=SECONDARY,
            bbox={"facecolor": CARD, "edgecolor": "none", "pad": 1},
        )
