"""Drawings of one recurrent neuron, of a layer of them, and of the shapes of one step.

Cast: inputs are blue squares, states purple circles, and a delay block holds its
value for one step. Each drawing takes no data and returns a `Picture`; on a
phone its parts stand one above the other.
"""

from rnncourse.diagrams.drawing import (
    arrow,
    box,
    drawing,
    elbow,
    matrix,
    neuron,
    square,
    stage,
    sub,
    title,
)
from rnncourse.plots import INPUT, INPUT_TEXT, SECONDARY, STATE, Picture


def recurrent_neuron() -> Picture:
    """One recurrent neuron with its delay block, and the same neuron unrolled over four steps."""

    def draw(figure, narrow):
        folded, unrolled = stage(figure, narrow, widths=(4.4, 9.6), heights=(4.6, 4.6))
        title(folded, 0.1, "Folded: one neuron, one loop")
        square(folded, 1.6, 0.8, "x")
        neuron(folded, 1.6, 2.4, "tanh")
        arrow(folded, (1.6, 1.15), (1.6, 1.9), "w_x", side=-1)
        arrow(folded, (1.6, 2.9), (1.6, 3.75), "")
        folded.text(1.85, 3.55, "h", color=STATE, va="center")
        box(folded, 3.55, 2.4, "wait\none step")
        elbow(folded, [(1.6, 3.3), (3.55, 3.3), (3.55, 2.85)])
        arrow(folded, (2.93, 2.4), (2.1, 2.4), "w_h", side=1)

        title(unrolled, 0.1, "Unrolled: the same neuron at four steps")
        for t in range(4):
            x = 1.6 + 2.3 * t
            square(unrolled, x, 0.8, f"x{sub(t)}")
            neuron(unrolled, x, 2.4, "tanh")
            arrow(unrolled, (x, 1.15), (x, 1.9), "w_x", side=-1)
            arrow(unrolled, (x, 2.9), (x, 3.75), "")
            unrolled.text(x + 0.2, 3.55, f"h{sub(t)}", color=STATE, va="center")
            before = f"h{sub(t - 1)}" if t else "0"
            if t:
                arrow(unrolled, (x - 1.8, 2.4), (x - 0.5, 2.4), "w_h", side=1)
            else:
                unrolled.text(x - 1.35, 2.4, before, color=SECONDARY, ha="center", va="center")
                arrow(unrolled, (x - 1.15, 2.4), (x - 0.5, 2.4), "")

    return drawing(
        draw,
        "Left, one neuron drawn folded: the input x enters from below through w_x, the output h "
        "leaves above, and a side branch of h passes a block marked wait one step and comes back "
        "through w_h. Right, the same neuron drawn four times from left to right, each copy with "
        "its own input and output, the output of one entering the next through the same w_h; zero "
        "enters the first.",
        heights=(2.15, 4.2),
    )


def recurrent_layer() -> Picture:
    """Three inputs, five neurons, a delay block for all five, and the unrolled chain beside it."""

    def draw(figure, narrow):
        folded, unrolled = stage(figure, narrow, widths=(7.0, 7.2), heights=(5.0, 5.0))
        title(folded, 0.1, "Five neurons that all hear each other")
        inputs = [(1.9 + 1.2 * k, 0.6) for k in range(3)]
        neurons = [(0.9 + 1.1 * k, 2.3) for k in range(5)]
        for x in inputs:
            for n in neurons:
                folded.plot([x[0], n[0]], [x[1] + 0.3, n[1] - 0.34], color=INPUT, lw=0.7, alpha=0.6)
        for k, x in enumerate(inputs):
            square(folded, *x, "LMR"[k], size=0.6)
        for x, y in neurons:
            neuron(folded, x, y, "", size=0.34)
            folded.plot([x + 0.12, x + 0.12], [y + 0.34, 4.0], color=STATE, lw=1.2)
            arrow(folded, (x - 0.12, 3.25), (x - 0.12, y + 0.3), "", colour=SECONDARY)
        folded.plot([1.02, 6.3], [4.0, 4.0], color=STATE, lw=1.2)
        arrow(folded, (6.3, 4.0), (6.3, 3.5), "", colour=STATE)
        folded.plot([0.78, 5.75], [3.25, 3.25], color=SECONDARY, lw=1.2)
        folded.text(
            2.2, 4.08, "h, on its way out", color=STATE, ha="center", va="bottom", fontsize=8.5
        )
        folded.text(2.57, 3.13, "W_hh", color=SECONDARY, ha="center", va="top", fontsize=8.5)
        folded.text(4.75, 1.25, "W_xh", color=INPUT_TEXT, ha="left", va="top", fontsize=8.5)
        box(folded, 6.3, 3.08, "wait\none step")

        title(unrolled, 0.1, "Unrolled: the layer is one box per step")
        for t in range(3):
            x = 1.7 + 2.3 * t
            square(unrolled, x, 0.8, f"x{sub(t)}")
            box(unrolled, x, 2.6, "layer", colour=STATE)
            arrow(unrolled, (x, 1.15), (x, 2.15), "W_xh" if t == 0 else "", side=-1)
            arrow(unrolled, (x, 3.05), (x, 3.9), "")
            unrolled.text(x + 0.2, 3.7, f"h{sub(t)}", color=STATE, va="center")
            if t:
                arrow(unrolled, (x - 1.68, 2.6), (x - 0.62, 2.6), "W_hh", side=1)
            else:
                unrolled.text(x - 1.35, 2.6, "0", color=SECONDARY, ha="center", va="center")
                arrow(unrolled, (x - 1.15, 2.6), (x - 0.62, 2.6), "")

    return drawing(
        draw,
        "Left, three input squares marked L, M and R, each joined to five neurons above; the five "
        "outputs are gathered, pass a block marked wait one step and return to all five neurons. "
        "Right, the same layer as one box repeated at three steps, with inputs from below through "
        "W_xh and the state passed along through W_hh.",
        heights=(2.5, 5.2),
    )


def step_shapes(batch: int = 4, features: int = 3, units: int = 5) -> Picture:
    """The matrices of one step drawn to scale: two products, or one with both pairs welded."""

    def draw(figure, narrow):
        B, F, H = batch, features, units
        apart, welded = stage(figure, narrow, widths=(22.8, 20.2), heights=(11.6, 11.6))
        title(apart, 0.3, "Two products …", top=11.4)
        base = 5.0
        matrix(apart, 0.8, base, B, F, "x", f"{B} × {F}", INPUT)
        matrix(apart, 4.8, base, F, H, "W_xh", f"{F} × {H}", INPUT, filled=False)
        apart.text(10.6, base, "+", ha="center", va="center", fontsize=13)
        matrix(apart, 11.4, base, B, H, "h", f"{B} × {H}", STATE)
        matrix(apart, 17.4, base, H, H, "W_hh", f"{H} × {H}", STATE, filled=False)

        title(welded, 0.3, "… or one, with both pairs welded", top=11.4)
        matrix(welded, 0.8, base, B, F, "x", "", INPUT)
        matrix(welded, 0.8 + F, base, B, H, "h", "", STATE)
        welded.text(
            0.8 + (F + H) / 2, base - B / 2 - 1.0, f"{B} × {F + H}", ha="center", va="center"
        )
        top = base + (F + H) / 2
        matrix(welded, 11.2, top - F / 2, F, H, "W_xh", "", INPUT, filled=False)
        matrix(welded, 11.2, top - F - H / 2, H, H, "W_hh", "", STATE, filled=False)
        welded.text(11.2 + H / 2, top - F - H - 0.6, f"{F + H} × {H}", ha="center", va="top")

    return drawing(
        draw,
        f"Left, four rectangles: x of {batch} by {features} times W_xh of {features} by {units}, "
        f"plus h of {batch} by {units} times W_hh of {units} by {units}. Right, x and h glued side "
        f"by side to {batch} by {features + units}, times W_xh stacked on W_hh, "
        f"{features + units} by {units}.",
        heights=(2.3, 4.5),
    )
