"""Drawings of the way back: one neuron's paths, and a cost that looks at some outputs only.

Cast: the forward pass is dashed and the way back solid, as in the sources. What is
meant is in full ink, the rest of the network stands behind it in grey.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from rnncourse.diagrams.drawing import drawing, sub
from rnncourse.plots import (
    CARD,
    GRID,
    INK,
    INPUT,
    INPUT_TEXT,
    PREDICTION,
    SECONDARY,
    STATE,
    Picture,
)


def three_paths(factors: Sequence[Sequence[str]], products: Sequence[str]) -> Picture:
    """The three ways from the error of a neuron's last output back to its input weight.

    Args:
        factors: For the paths that turn off at step 2, 1 and 0, the factors met on
            the way, in words: at the error, at a state, on a loop, at an input.
            Path k has 3 + 2k of them.
        products: What each path amounts to.

    Raises:
        ValueError: A path with too few or too many factors.
    """
    if [len(path) for path in factors] != [3, 5, 7] or len(products) != 3:
        raise ValueError(
            "`factors` must hold 3, 5 and 7 factors and `products` 3 numbers, got "
            f"{[len(path) for path in factors]} and {len(products)}: list each path from the error"
        )

    def draw(figure, narrow):
        rows = figure.subplots(3, 1)
        for axes, path, product in zip(rows, factors, products, strict=True):
            bottom, right = (-0.75, 7.4) if narrow else (0, 13.6)
            axes.set(xlim=(0, right), ylim=(bottom, 3.1), aspect="equal")
            axes.axis("off")
            axes.set_anchor("W")
            _path(axes, 3 - len(path) // 2, path)
            x, y, size = (0.1, -0.4, 8) if narrow else (7.6, 1.4, 9.5)
            text = f"{' · '.join(path)} = {product}"
            axes.text(x, y, text, fontsize=size, va="center")

    return drawing(
        draw,
        "One neuron over three steps, drawn three times. The forward pass is dashed: inputs from "
        "below, states from left to right, the error on the right. A solid path runs back from "
        "the error: in the first row to the last state and down to its input, in the second over "
        "one loop to the middle input, in the third over two loops to the first. Each path "
        "carries its factors, and their product stands beside it: "
        + ", ".join(f"{product}" for product in products)
        + ".",
        heights=(3.7, 5.4),
    )


COLUMNS = (1.0, 3.2, 5.4)  # of the three steps


def _path(axes, turn: int, factors: Sequence[str]) -> None:
    """One neuron over three steps; in ink, the way from E back to the input at step `turn`."""
    forward, back = [((5.8, 1.95), (6.55, 1.95))], [((6.55, 2.12), (5.78, 2.12))]
    error, *along, last = factors
    axes.text(6.62, 1.95, "E", ha="left", va="center", weight="bold", color=PREDICTION)
    axes.text(6.3, 2.3, error, ha="center", va="bottom", fontsize=8)
    for t, x in enumerate(COLUMNS):
        _square(axes, x, 0.45, f"x{sub(t)}", ghost=t != turn)
        edge, ink = (GRID, SECONDARY) if t < turn else (STATE, STATE)
        _rounds(axes, [(x, 1.95)], 0.38, edge)
        _inside(axes, x, 1.95, f"h{sub(t)}", ink)
        forward.append(((x, 0.75), (x, 1.55)))
        if t:
            forward.append(((x - 1.8, 1.95), (x - 0.4, 1.95)))
        if t < turn:
            continue
        slope, *loop = along[2 * (2 - t) : 2 * (2 - t) + 2]
        axes.text(x, 2.45, slope, ha="center", va="bottom", fontsize=8, color=STATE)
        if t > turn:
            back.append(((x - 0.38, 2.12), (x - 1.82, 2.12)))
            axes.text(x - 1.1, 2.22, loop[0], ha="center", va="bottom", fontsize=8)
    x = COLUMNS[turn]
    back.append(((x + 0.16, 1.57), (x + 0.16, 0.75)))
    axes.text(x + 0.32, 1.15, last, va="center", fontsize=8, color=INPUT_TEXT)
    _arrows(axes, forward, solid=False)
    _arrows(axes, back, solid=True)


def cost_of_the_last(outputs: Sequence[float], states: Sequence[float]) -> Picture:
    """Five steps and a cost of the last three outputs, forward, and back step by step.

    Args:
        outputs: How large the gradient by each of the five outputs is, ignored ones
            included.
        states: The same for the states.

    Raises:
        ValueError: Not five of each.
    """
    if len(outputs) != 5 or len(states) != 5:
        raise ValueError(
            f"`outputs` and `states` must hold 5 numbers each, got {len(outputs)} and "
            f"{len(states)}: one for each step"
        )
    panels = (
        ("Forward", None),
        ("The cost looks at three", 5),
        ("Back to step 4", 4),
        ("… to step 3", 3),
        ("… to step 2", 2),
        ("… and past the ignored", 0),
    )

    def draw(figure, narrow):
        grid = figure.subplots(3, 2) if narrow else figure.subplots(2, 3)
        for axes, (heading, reached) in zip(grid.flat, panels, strict=True):
            axes.set(xlim=(-0.6, 4.7), ylim=(-0.75, 4.55), aspect="equal")
            axes.axis("off")
            axes.text(-0.55, 4.5, heading, weight="bold", va="top", fontsize=9)
            _five_steps(axes, reached, outputs, states)
        key = "below: the step; in a circle: the size of the gradient by it"
        figure.supxlabel(key, fontsize=8.5, color=SECONDARY)

    return drawing(
        draw,
        "A network over five steps in six small pictures: inputs below, states in the middle, "
        "outputs above, a cost at the top. First all arrows are dashed and point forward. Then "
        "the cost looks at outputs 2, 3 and 4 alone. Then solid arrows come back, from output 4 "
        "to state 4, from output 3 and state 4 to state 3, from output 2 and state 3 to state 2, "
        "and at last from state to state to steps 1 and 0, whose outputs get none. In each "
        "circle that the way back has reached stands the size of the gradient by it. At the "
        f"outputs: {', '.join(f'{size:.0f}' for size in outputs)}; at the states: "
        f"{', '.join(f'{size:.0f}' for size in states)}.",
        heights=(4.9, 6.1),
    )


def _five_steps(axes, reached, outputs, states) -> None:
    """One small picture: the way back has come to step `reached`; `None` before the cost."""
    forward, back, asked = [], [], reached is not None
    _rounds(axes, [(t, 1.25) for t in range(5)], 0.36, STATE)
    _rounds(axes, [(0, 2.5), (1, 2.5)], 0.33, GRID if asked else PREDICTION)
    _rounds(axes, [(2, 2.5), (3, 2.5), (4, 2.5)], 0.33, PREDICTION)
    for t in range(5):
        counted = t >= 2
        passed = asked and t >= reached
        _square(axes, t, 0, "", ghost=False, size=0.34)
        axes.text(t, -0.28, f"{t}", ha="center", va="top", fontsize=7.5, color=SECONDARY)
        if passed:
            _inside(axes, t, 1.25, f"{states[t]:.0f}", STATE)
        if asked and reached < 5 and (counted or reached == 0):
            _inside(axes, t, 2.5, f"{outputs[t]:.0f}", PREDICTION if counted else INK)
        forward += [((t, 0.2), (t, 0.86)), ((t, 1.64), (t, 2.16))]
        if t:
            forward.append(((t - 0.64, 1.25), (t - 0.37, 1.25)))
        if asked and counted:
            top = 3 + 0.3 * (t - 3)
            forward.append(((t - 0.06, 2.85), (top - 0.06, 3.42)))
            if reached < 5:
                back.append(((top + 0.12, 3.42), (t + 0.12, 2.83)))
        if passed and counted:
            back.append(((t + 0.12, 2.17), (t + 0.12, 1.6)))
        if passed and t < 4:
            back.append(((t + 0.66, 1.38), (t + 0.34, 1.38)))
    if asked:
        axes.text(3, 3.62, "C", ha="center", va="center", weight="bold", color=INK)
    _arrows(axes, forward, solid=False)
    _arrows(axes, back, solid=True)


def _square(axes, x, y, text, ghost, size=0.6) -> None:
    colour = GRID if ghost else INPUT
    axes.add_patch(Rectangle((x - size / 2, y - size / 2), size, size, color=colour, lw=0))
    if text:
        white = SECONDARY if ghost else "white"
        axes.text(x, y, text, color=white, ha="center", va="center", weight="bold", fontsize=8)


def _rounds(axes, places, size, colour) -> None:
    """Circles of radius `size`, each of four curves, all in one path: half the size of `Circle`."""
    k = 4 / 3 * (np.sqrt(2) - 1)  # brings a cubic within 0.03% of a quarter of a circle
    quarter = np.array([[1, k], [k, 1], [0, 1]])
    turns = [[[1, 0], [0, 1]], [[0, 1], [-1, 0]], [[-1, 0], [0, -1]], [[0, -1], [1, 0]]]
    ring = np.concatenate([[[1, 0]], *(quarter @ turn for turn in turns)])  # (13, 2)
    codes = [Path.MOVETO, *[Path.CURVE4] * 12] * len(places)
    path = Path(np.concatenate([size * ring + place for place in places]), codes)
    axes.add_patch(PathPatch(path, facecolor=CARD, edgecolor=colour, lw=1.5, zorder=3))


def _inside(axes, x, y, text, colour) -> None:
    axes.text(x, y, text, ha="center", va="center", color=colour, fontsize=7.5, zorder=4)


def _arrows(axes, segments, solid: bool) -> None:
    """Arrows of the way back, solid, or of the forward pass; all in two paths, to keep it short."""
    if not segments:
        return
    style = (
        {"color": INK, "lw": 1.6} if solid else {"color": SECONDARY, "lw": 0.8, "ls": (0, (3, 2))}
    )
    length, half = (0.2, 0.1) if solid else (0.13, 0.06)
    shafts, heads = [], []
    for start, stop in np.array(segments, float):
        ahead = (stop - start) / np.hypot(*(stop - start))
        neck, aside = stop - length * ahead, half * ahead[::-1] * [-1, 1]
        shafts += [start, neck]
        heads += [stop, neck + aside, neck - aside, stop]
    shape = {"zorder": 5 if solid else 2}
    codes = [Path.MOVETO, Path.LINETO] * len(segments)
    axes.add_patch(PathPatch(Path(shafts, codes), fill=False, **style, **shape))
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(segments)
    axes.add_patch(PathPatch(Path(heads, codes), facecolor=style["color"], lw=0, **shape))
