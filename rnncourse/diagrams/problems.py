"""Drawings of problems: what goes in, what comes out, and when.

Cast: rectangles are vectors and arrows are functions. Inputs are filled blue, states
purple outlines, outputs filled red-brown, targets hollow and black; what is missing
is hatched. On a phone the parts of a drawing stand one above the other.
"""

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from rnncourse.data.gym import EXERCISES, MISSED
from rnncourse.diagrams.drawing import arrow, drawing, stage, sub, title
from rnncourse.plots import CARD, INK, INPUT, INPUT_TEXT, PREDICTION, SECONDARY, STATE, TARGET

SHORT = ("shld", "bic", "card", "chst", "back", "legs", "core")  # fit a phone's cells
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# Name → steps, those with an input, those with an output, an example.
SHAPES = {
    "one to one": (1, (0,), (0,), "a photo\nits name"),
    "one to many": (3, (0,), (0, 1, 2), "“girl”\n“walked into a …”"),
    "many to one": (3, (0, 1, 2), (2,), "“… certainly”\n“miss”"),
    "many to many, delayed": (5, (0, 1, 2), (3, 4), "“I drink milk”\n“Je bois …”"),
    "many to many, in step": (3, (0, 1, 2), (0, 1, 2), "prices until today\nuntil tomorrow"),
}


def two_photographs():
    """A ball at two places: the same two photographs in either order."""

    def draw(figure, narrow):
        for axes, (name, first) in zip(
            stage(figure, narrow, (8, 8), (3.4, 3.4)), (("A, then B", 0), ("B, then A", 1))
        ):
            title(axes, 0.1, name)
            places = (2.2, 4.0)
            start, now = places[first], places[1 - first]
            for x, alpha in ((start, 0.35), (now, 1)):
                axes.add_patch(Circle((x, 1.2), 0.35, color=INPUT, alpha=alpha, lw=0))
            for x, letter in zip(places, "AB"):
                axes.text(x, 0.35, letter, ha="center", va="center", color=INPUT_TEXT)
            lands = 2 * now - start
            step = np.sign(now - start)
            arrow(axes, (now + 0.45 * step, 1.2), (lands - 0.45 * step, 1.2), "", colour=PREDICTION)
            face = Circle((lands, 1.2), 0.35, fill=False, edgecolor=PREDICTION, lw=1.6, ls="--")
            axes.add_patch(face)
            axes.text(lands, 0.35, "next", ha="center", va="center", color=PREDICTION)
            axes.plot([0.1, 6.2], [0.75, 0.75], color=SECONDARY, lw=0.7)

    return drawing(
        draw,
        "Two panels with the same two places A and B of a ball. Left, it was at A and is now at B: "
        "an arrow leads on to the right. Right, it was at B and is now at A: the arrow leads on to "
        "the left.",
        heights=(1.5, 2.9),
    )


def week_plan():
    """The trainer's table: weekday, exercise, and the exercise as a vector."""

    def draw(figure, narrow):
        axes = figure.subplots()
        wide = 10.4 if narrow else 17
        axes.set(xlim=(0, wide), ylim=(-0.2, 8.4), aspect="equal")
        axes.set_anchor("W")
        axes.axis("off")
        for x, text in ((0.1, "day"), (1.9, "exercise"), (5.2, "as a vector")):
            axes.text(x, 7.9, text, color=SECONDARY, va="center", fontsize=9)
        for row, (day, exercise) in enumerate(zip(WEEKDAYS, EXERCISES)):
            y = 6.9 - row
            axes.text(0.1, y, day, va="center")
            axes.text(1.9, y, exercise, va="center", weight="bold")
            for place in range(len(EXERCISES)):
                one = place == row
                _cell(axes, 5.55 + 0.72 * place, y, str(int(one)), filled=one)

    return drawing(
        draw,
        "A table of seven rows, Monday to Sunday: "
        + ", ".join(EXERCISES)
        + ". Beside each exercise stands a vector of seven places with a single 1, in the first "
        "place for the first exercise, in the second for the second, and so on.",
        heights=(2.9, 2.9),
    )


def _cell(axes, x, y, text, filled, width=0.68, height=0.68, hatch=None):
    face = INPUT if filled else CARD
    corner = (x - width / 2, y - height / 2)
    axes.add_patch(
        Rectangle(corner, width, height, facecolor=face, edgecolor=INPUT, lw=0.9, hatch=hatch)
    )
    colour = "white" if filled else INPUT_TEXT
    axes.text(x, y, text, ha="center", va="center", color=colour, fontsize=8)


def diary(done, ill):
    """A member's weeks one below the other; the first exercise of the plan is dark.

    Args:
        done: Ids of exercises or `MISSED`, `(T,)`, T a multiple of 7.
        ill: 1 on ill days, `(T,)`.
    """
    weeks = np.reshape(done, (-1, 7))
    sick = np.reshape(ill, (-1, 7))

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.set(xlim=(0, 7.6), ylim=(-0.1, len(weeks) + 0.7))
        axes.axis("off")
        for column, day in enumerate(WEEKDAYS):
            axes.text(1.1 + column, len(weeks) + 0.4, day, ha="center", color=SECONDARY)
        for row, week in enumerate(weeks):
            y = len(weeks) - 0.4 - row
            axes.text(0.05, y, f"{row + 1}", va="center", color=SECONDARY)
            for column, entry in enumerate(week):
                x, missed = 1.1 + column, entry == MISSED
                hatch = "////" if missed else None
                name = "" if missed else (SHORT if narrow else EXERCISES)[entry]
                came_ill = sick[row, column] and not missed
                _cell(axes, x, y, name + "\nill" * came_ill, entry == 0, 0.94, 0.74, hatch)
                if sick[row, column] and missed:
                    box = {"facecolor": CARD, "edgecolor": "none", "pad": 0.8}
                    axes.text(x, y, "ill", ha="center", va="center", fontsize=7.5, bbox=box)

    spoken = "; ".join(
        ", ".join("missed" if entry == MISSED else EXERCISES[entry] for entry in week)
        for week in weeks
    )
    return drawing(
        draw,
        f"{len(weeks)} weeks of a diary, one below the other, Monday to Sunday: {spoken}. Missed "
        "days are hatched and ill ones say so; each missed day moves what follows a day on.",
        heights=(0.5 * len(weeks) + 0.4, 0.5 * len(weeks) + 0.4),
    )


def missed_day():
    """Three ways to look back over a missed day: one day, two days, a state."""

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.set(xlim=(0, 9.5), ylim=(-1.6, 5.2))
        axes.axis("off")
        for x, day, entry in ((1.5, "Tue", "biceps"), (4.5, "Wed", ""), (7.5, "Thu", "?")):
            _cell(axes, x, 1, entry, entry == "biceps", 1.7, 0.9, None if entry else "////")
            axes.text(x, 0.1, day, ha="center", color=SECONDARY)
            axes.add_patch(
                Rectangle((x - 0.6, 3.9), 1.2, 0.8, facecolor=CARD, edgecolor=STATE, lw=1.6)
            )
            axes.text(x, 4.3, "state", ha="center", va="center", color=STATE, fontsize=8.5)
        for x, known in ((1.5, "shoulders"), (4.5, "biceps")):
            arrow(axes, (x + 0.6, 4.3), (x + 2.4, 4.3), known, colour=STATE)
            arrow(axes, (x + 0.3, 1.5), (x + 2.7, 3.85), "")
        arrow(axes, (7.5, 3.85), (7.5, 1.5), "cardio", colour=STATE)
        arrow(axes, (5.4, 1), (6.6, 1), "zeros", colour=INPUT)
        bend = {"connectionstyle": "arc3,rad=0.45", "arrowstyle": "-|>", "mutation_scale": 10}
        low = FancyArrowPatch((1.5, 0), (7.2, 0.5), color=INPUT, lw=1.2, **bend)
        axes.add_patch(low)
        box = {"facecolor": CARD, "edgecolor": "none", "pad": 1.5}
        axes.text(4.5, -1.1, "biceps", ha="center", color=INPUT_TEXT, fontsize=8.5, bbox=box)

    return drawing(
        draw,
        "Three days. Tuesday holds biceps, Wednesday is missed and hatched, Thursday is asked for. "
        "From Wednesday an arrow brings only zeros; a long arrow from Tuesday brings biceps. "
        "Above, a chain of states: each takes in the day before, so that biceps goes from Tuesday "
        "into Wednesday's state, from there into Thursday's, and that one gives cardio.",
        heights=(2.6, 2.4),
    )


def five_shapes():
    """The five shapes of sequence problems, with an example each."""

    def draw(figure, narrow):
        names = list(SHAPES)
        widths = [max(2.5, SHAPES[name][0] + 0.5) for name in names]
        if narrow:
            panels = figure.subplots(5, 1)
        else:
            panels = figure.subplots(1, 5, width_ratios=widths)
        for axes, name, width in zip(panels, names, widths):
            steps, inputs, outputs, example = SHAPES[name]
            height = 4.4 if narrow else 5.4
            axes.set(xlim=(-0.6, 13 if narrow else width - 0.4), ylim=(0, height))
            axes.axis("off")
            _shape(axes, steps, inputs, outputs, recurrent=steps > 1)
            place = (6.0, 3.5) if narrow else (-0.5, 5.3)
            axes.text(*place, name.replace(", ", ",\n"), weight="bold", va="top", fontsize=9)
            place = (6.0, 1.8) if narrow else (-0.5, -0.1)
            asked, told = example.split("\n")
            axes.text(*place, asked, va="top", fontsize=8, color=INPUT_TEXT)
            axes.text(place[0], place[1] - 0.75, told, va="top", fontsize=8, color=PREDICTION)

    return drawing(
        draw,
        "Five chains of rectangles, inputs below, states in the middle, outputs above. One to one: "
        "a single column without a loop. One to many: an input at the first of three steps, an "
        "output at each. Many to one: three inputs, an output at the last step. Many to many, "
        "delayed: three inputs, then two outputs. Many to many, in step: three inputs, and an "
        "output above each.",
        heights=(2.2, 5.6),
    )


def _shape(axes, steps, inputs, outputs, recurrent, names=None):
    """A chain of `steps` states with inputs below and outputs above the given ones."""
    for t in range(steps):
        _vector(axes, t, 2, STATE if recurrent else SECONDARY, filled=False)
        if recurrent and t:
            arrow(axes, (t - 0.68, 2), (t - 0.32, 2), "")
        if t in inputs:
            _vector(axes, t, 0.6, INPUT, names[t] if names else "")
            arrow(axes, (t, 1.0), (t, 1.6), "")
        if t in outputs:
            _vector(axes, t, 3.4, PREDICTION)
            arrow(axes, (t, 2.4), (t, 3.0), "")


def _vector(axes, x, y, colour, text="", filled=True):
    face = colour if filled else CARD
    axes.add_patch(
        Rectangle((x - 0.3, y - 0.38), 0.6, 0.76, facecolor=face, edgecolor=colour, lw=1.5)
    )
    axes.text(x, y, text, ha="center", va="center", color="white", fontsize=8.5)


def three_feeds():
    """Three ways to feed one vector to several steps: zeros after it, again, or the own output."""
    ways = {
        "zeros after it": ("x", "0", "0"),
        "the same again": ("x", "x", "x"),
        "its own output": ("x", "y₀", "y₁"),
    }

    def draw(figure, narrow):
        panels = figure.subplots(1, 3)
        for axes, (name, fed) in zip(panels, ways.items()):
            axes.set(xlim=(-0.7, 2.7), ylim=(0, 4.6))
            axes.axis("off")
            _shape(axes, 3, (0, 1, 2), (0, 1, 2), recurrent=True, names=fed)
            for t in range(3):
                axes.text(t, 3.4, f"y{sub(t)}", ha="center", va="center", color="white", fontsize=8)
            axes.text(-0.5, 4.6, name, weight="bold", va="top", fontsize=8 if narrow else 10)
            for t in (0, 1) if name == "its own output" else ():
                line = [(t + 0.3, 3.4), (t + 0.5, 3.4), (t + 0.5, 0.6), (t + 0.7, 0.6)]
                axes.plot(*zip(*line), color=PREDICTION, lw=1.2, ls=(0, (3, 1.5)))

    return drawing(
        draw,
        "Three chains of three steps with an output at each. In the first the inputs are x, 0, 0; "
        "in the second x, x, x; in the third x and then the chain's own last output, led back by a "
        "dashed line.",
        heights=(2.1, 1.7),
    )


def shift(prices):
    """Prices of some days, and below each what is asked for there: the price of the next day.

    Args:
        prices: `(N + 1,)`, of which the last is tomorrow's.
    """
    days = len(prices) - 1

    def ago(k):
        return {-1: "tomorrow", 0: "today", 1: "yesterday"}.get(k, f"{k} ago")

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.set(xlim=(-1.6, days + 1.6), ylim=(0, 4.6))
        axes.axis("off")
        size = 6.5 if narrow else 8.5
        for row, (y, name, colour) in enumerate(
            ((3.2, "input", INPUT_TEXT), (1.0, "target", TARGET))
        ):
            axes.text(-1.6, y, name, color=colour, va="center", fontsize=size + 0.5)
            for k in range(days):
                face = CARD if row else INPUT
                axes.add_patch(
                    Rectangle((k, y - 0.4), 0.9, 0.8, facecolor=face, edgecolor=colour, lw=1.2)
                )
                ink = TARGET if row else "white"
                text = f"{prices[k + row]:.0f}"
                axes.text(k + 0.45, y, text, ha="center", va="center", color=ink, fontsize=8.5)
                day = ago(days - 1 - k - row)
                place = y - 0.65 if row else y + 0.6
                align = "top" if row else "bottom"
                axes.text(k + 0.45, place, day, ha="center", va=align, fontsize=size, color=INK)
                if row and k < days - 1:
                    line = [(k + 1.3, 2.75), (k + 0.6, 1.45)]
                    axes.plot(*zip(*line), color=SECONDARY, lw=1, ls=(0, (3, 2)))

    return drawing(
        draw,
        f"Two rows of {days} prices. Above, the inputs, from {ago(days - 1)} to today; below each, "
        f"the target, which is the price of the day after, from {ago(days - 2)} to tomorrow. "
        "Dashed lines lead from each input but the first to the target one column to the left, "
        "where the same price stands.",
        heights=(1.9, 1.6),
    )
