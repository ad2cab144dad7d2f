"""Drawings of a network that guesses a tune: what it hears and says, who guesses better.

Cast: `two_sides` draws the steps of a tune: each note goes in as a length and a pitch, and
of the next one the length is said first, then the pitch; `gains` sets a dot for each tune.
"""

import numpy as np

from rnncourse.data.tunes import sides
from rnncourse.diagrams.drawing import arrow, box, drawing, square
from rnncourse.plots import INK, PREDICTION, SECONDARY, STATE, Picture, render


def two_sides(tokens) -> Picture:
    """An LSTM over some tokens of a tune.

    Args:
        tokens: T + 1 of them; the last is only guessed. A phone shows the first three.

    Raises:
        ValueError: Fewer than two.
    """
    if len(tokens) < 2:
        raise ValueError(f"`tokens` must hold at least two, got {len(tokens)}: one is only guessed")

    def draw(figure, narrow):
        steps = min(len(tokens) - 1, 3) if narrow else len(tokens) - 1
        axes, left = figure.subplots(), 2.0
        width = left + 2.4 * steps + 0.6
        axes.set(xlim=(0, width), ylim=(-0.6, 8.4), aspect="equal")
        axes.axis("off")
        rows = {"heard": 0.0, "length": 1.2, "pitch": 2.1, "state": 4.0, "how long": 5.9}
        for name, y in (rows | {"how high": 6.9, "wanted": 7.9}).items():
            axes.text(0, y, name, va="center", color=SECONDARY, fontsize=9)
        for t in range(steps):
            x = left + 0.9 + 2.4 * t
            (length, pitch), (longer, higher) = sides(tokens[t]), sides(tokens[t + 1])
            axes.text(x, rows["heard"], tokens[t], ha="center", va="center", weight="bold")
            for text, name in ((length, "length"), (pitch or "–", "pitch")):
                square(axes, x, rows[name], text, size=0.8)
            box(axes, x, rows["state"], "LSTM", colour=STATE)
            arrow(axes, (x - 1.78, rows["state"]), (x - 0.62, rows["state"]), "", colour=STATE)
            arrow(axes, (x, 2.6), (x, 3.5), "")
            arrow(axes, (x - 0.3, 4.45), (x - 0.3, 5.5), "")
            arrow(axes, (x + 0.35, 4.45), (x + 0.35, 6.5), "")
            for text, at, y in ((longer, x - 0.35, 5.9), (higher or "–", x + 0.35, 6.9)):
                axes.text(at, y, text, ha="center", va="center", color=PREDICTION, weight="bold")
            arrow(axes, (x - 0.2, 6.2), (x + 0.12, 6.65), "", colour=PREDICTION)
            axes.text(x, 7.9, tokens[t + 1], ha="center", va="center", weight="bold")
        end = left + 0.9 + 2.4 * (steps - 1) + 0.62
        arrow(axes, (end, rows["state"]), (width, rows["state"]), "", colour=STATE)

    return drawing(
        draw,
        f"{len(tokens) - 1} columns, one for each of {' '.join(tokens[:-1])}. From below: the "
        "token, its length and its pitch in two blue squares, a box named LSTM with an arrow in "
        "from the left and out at the right, and above it in orange the length of the next "
        "token, from which a short arrow leads on to its pitch. On top stands the token that "
        "comes.",
        heights=(4.2, 3.7),
    )


def gains(values, names, low: float, high: float, alt: str) -> Picture:
    """By how much one guesser is better than another: a dot for each tune, and their mean.

    Args:
        values: Nats for each token, one number for each tune.
        names: Of the tunes; the first and the last in order are written at their dots.
        low: Lower end of the interval of the mean.
        high: Its upper end.
        alt: What one sees.

    Raises:
        ValueError: Not one name for each value, or none.
    """
    values = np.asarray(values, float)
    if len(values) != len(names) or not len(values):
        raise ValueError(
            f"`names` must hold one for each of {len(values)} values, got {len(names)}"
        )

    def draw(figure, narrow):
        axes, order = figure.subplots(), np.argsort(values)
        axes.axhline(0, color=SECONDARY, lw=1)
        axes.axhspan(low, high, color=STATE, alpha=0.18, lw=0)
        axes.plot(values[order], "o", color=STATE, ms=4.5)
        axes.set(xlabel="tunes, in order", ylabel="nats a token", xticks=[])
        axes.set_title("Above the line, both know more")
        for rank in (0, -1):
            k, first = order[rank], rank >= 0
            axes.annotate(
                names[k].split(" (")[0],
                (rank % len(values), values[k]),
                (8 if first else -8, 0),
                textcoords="offset points",
                ha="left" if first else "right",
                va="center",
                fontsize=9,
                color=INK,
            )
        axes.text(0, high, "mean, with interval", color=STATE, va="bottom")

    return render(draw, alt, heights=(3.0, 3.0))
