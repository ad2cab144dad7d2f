"""The drawing of lesson 09: a state as nested boxes, and a complaint whispered back.

Cast: `whispers` draws, on the left, three steps written into each other, the
oldest innermost; on the right a row of states, the message going forward above and
the complaint coming back below in arrows as wide as what is left of it.
"""

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from rnncourse.diagrams.drawing import arrow, drawing, neuron, square, stage, sub, title
from rnncourse.plots import CARD, INK, INPUT, PREDICTION, SECONDARY, STATE, Picture


def whispers(factor: float = 0.5, steps: int = 5) -> Picture:
    """Nested steps, and a gradient that each step back multiplies by `factor`.

    Args:
        factor: What is left of the complaint after one step, in (0, 1].
        steps: States in the row, 2 … 6.
    """
    left = [factor**k for k in range(steps)]

    def draw(figure, narrow):
        dolls, row = stage(figure, narrow, widths=(8.2, 10.2), heights=(5.6, 5.6))
        title(dolls, 0.1, "Three steps in each other")
        for k in range(3):  # the outermost first
            left_edge, bottom = 0.2 + 2.7 * k, 0.9 + 0.25 * k
            box = FancyBboxPatch(
                (left_edge, bottom),
                7.9 - 0.2 * k - left_edge,
                3.6 - 0.85 * k,
                boxstyle="round,pad=0,rounding_size=0.2",
            )
            box.set(facecolor=CARD, edgecolor=STATE, lw=1.6, zorder=2 * k)
            dolls.add_patch(box)
            top = bottom + 3.6 - 0.85 * k
            ink = {"fontsize": 9, "va": "center", "zorder": 9}
            dolls.text(left_edge + 0.2, top - 0.42, f"h{sub(3 - k)} = σ", color=STATE, **ink)
            dolls.add_patch(
                Rectangle((left_edge + 0.22, 1.57), 0.66, 0.66, color=INPUT, lw=0, zorder=8)
            )
            dolls.text(
                left_edge + 0.55,
                1.9,
                f"x{sub(3 - k)}",
                color="white",
                weight="bold",
                ha="center",
                **ink,
            )
            if k < 2:
                dolls.text(left_edge + 1.05, 1.9, "u  +  v", color=INK, **ink)
            else:
                dolls.text(left_edge + 1.05, 1.9, "u", color=INK, **ink)
        dolls.text(0.2, 0.35, "the oldest is wrapped most often", color=SECONDARY, fontsize=8.5)

        title(row, 0.1, "Message on, complaint back")
        place = [0.7 + 8.8 / (steps - 1) * k for k in range(steps)]
        for k, x in enumerate(place):
            neuron(row, x, 2.7, f"h{sub(k + 1)}")
            square(row, x, 1.2, f"x{sub(k + 1)}", size=0.62)
            arrow(row, (x, 1.52), (x, 2.18), "", colour=SECONDARY)
            row.text(
                x,
                3.95,
                f"{left[steps - 1 - k]:.2g}",
                ha="center",
                color=PREDICTION,
                fontsize=8.5,
                weight="bold",
            )
            if k:
                arrow(row, (place[k - 1] + 0.5, 2.6), (x - 0.5, 2.6), "", colour=STATE)
                share = left[steps - 1 - k]
                patch = FancyArrowPatch(
                    (x - 0.25, 3.25), (place[k - 1] + 0.25, 3.25), arrowstyle="-|>"
                )
                patch.set(
                    connectionstyle="arc3,rad=0.25",
                    color=PREDICTION,
                    lw=0.5 + 4 * share,
                    mutation_scale=7 + 9 * share,
                )
                row.add_patch(patch)
        row.text(0.1, 4.45, "left of the complaint", color=PREDICTION, fontsize=8.5)
        row.text(0.1, 0.35, f"× {factor:g} at each step back", color=SECONDARY, fontsize=8.5)

    spoken = ", ".join(f"{share:.2g}" for share in reversed(left))
    return drawing(
        draw,
        "Left, three boxes inside each other: the outermost is h₃ and holds x₃ and the box of h₂, "
        "which holds x₂ and the box of h₁, which holds x₁ alone. Right, a row of "
        f"{steps} states with their inputs below; thin purple arrows lead from each state to the "
        "next, and red arrows lead back from the last to the first, each thinner than the one "
        f"before. Above the states stands what is left of the complaint, from the first state to "
        f"the last: {spoken}.",
        heights=(2.3, 4.9),
    )
