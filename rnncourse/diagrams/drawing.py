"""What drawings are made of: stages, squares, neurons, boxes, arrows, matrices.

Cast: `drawing` renders a function of (figure, narrow); `stage` lays out blank
axes in it; everything else puts one shape on such axes, in data units.
"""

from itertools import pairwise

from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

from rnncourse.plots import CARD, INK, INPUT, INPUT_TEXT, SECONDARY, STATE, Picture, render


def drawing(draw, alt: str, heights: tuple[float, float]) -> Picture:
    """Render without clipping: nothing leaves its stage, and the file is half the size."""

    def unclipped(figure, narrow):
        draw(figure, narrow)
        for axes in figure.axes:
            for artist in axes.get_children():
                artist.set_clip_on(False)

    return render(unclipped, alt, heights)


def stage(figure, narrow: bool, widths, heights):
    """Two blank axes, equal scale, side by side or one above the other."""
    if narrow:
        stages = figure.subplots(2, 1, height_ratios=heights)
    else:
        stages = figure.subplots(1, 2, width_ratios=widths)
    for axes, width, height in zip(stages, widths, heights, strict=True):
        axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        axes.set_anchor("W")
        axes.axis("off")
    return stages


def sub(t: int) -> str:
    """A subscript digit: `sub(3)` is "₃"."""
    return "₀₁₂₃₄₅₆₇₈₉"[t]


def title(axes, x: float, text: str, top: float | None = None) -> None:
    """Bold text at x, at the top of the axes or at `top`."""
    axes.text(
        x, axes.get_ylim()[1] if top is None else top, text, fontsize=10.5, weight="bold", va="top"
    )


def square(axes, x: float, y: float, text: str, size: float = 0.7) -> None:
    """A filled input square, centred on (x, y)."""
    axes.add_patch(Rectangle((x - size / 2, y - size / 2), size, size, color=INPUT, lw=0))
    axes.text(x, y, text, color="white", ha="center", va="center", weight="bold")


def neuron(axes, x: float, y: float, text: str, size: float = 0.5) -> None:
    """A circle of radius `size`, centred on (x, y)."""
    axes.add_patch(Circle((x, y), size, facecolor=CARD, edgecolor=STATE, lw=1.8, zorder=3))
    axes.text(x, y, text, ha="center", va="center", color=STATE, fontsize=8.5, zorder=4)


def box(axes, x: float, y: float, text: str, colour: str = SECONDARY) -> None:
    """A box with round corners, 1.24 by 0.84, centred on (x, y)."""
    patch = FancyBboxPatch(
        (x - 0.62, y - 0.42),
        1.24,
        0.84,
        boxstyle="round,pad=0,rounding_size=0.12",
        facecolor=CARD,
        edgecolor=colour,
        lw=1.5,
    )
    axes.add_patch(patch).set_zorder(3)
    colour = INK if colour == SECONDARY else colour
    axes.text(x, y, text, ha="center", va="center", fontsize=8, color=colour, zorder=4)


def arrow(axes, start, stop, text: str, side: int = 1, colour: str = INK) -> None:
    """A straight arrow, named on its right or upper side (1) or on the other (-1)."""
    patch = FancyArrowPatch(
        start, stop, arrowstyle="-|>", mutation_scale=10, color=colour, lw=1.2, shrinkA=0, shrinkB=0
    )
    axes.add_patch(patch)
    if text:
        x, y = (start[0] + stop[0]) / 2, (start[1] + stop[1]) / 2
        vertical = start[0] == stop[0]
        place = (x + 0.15 * side, y) if vertical else (x, y + 0.14 * side)
        align = (
            {"ha": "left" if side > 0 else "right", "va": "center"}
            if vertical
            else {"ha": "center", "va": "bottom"}
        )
        axes.text(*place, text, fontsize=8.5, color=SECONDARY if colour == INK else colour, **align)


def elbow(axes, points) -> None:
    """A line through `points` whose last piece is an arrow."""
    for a, b in pairwise(points[:-1]):
        axes.plot(*zip(a, b, strict=True), color=INK, lw=1.2, solid_capstyle="butt")
    arrow(axes, points[-2], points[-1], "")


def wire(axes, points, colour: str, width: float, head: bool = True) -> None:
    """A line through `points`, with an arrow's head where it ends."""
    for a, b in pairwise(points[:-1]):
        axes.plot(*zip(a, b, strict=True), color=colour, lw=width, solid_capstyle="butt")
    style = {"arrowstyle": "-|>" if head else "-", "mutation_scale": 9 + width}
    ends = {"shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(*points[-2:], color=colour, lw=width, **style, **ends))


def knot(axes, x: float, y: float, sign: str, narrow: bool) -> None:
    """A circle where two wires meet, with what happens there: a times or a plus."""
    axes.plot(x, y, "o", ms=11 if narrow else 15, mfc=CARD, mec=INK, mew=1.2, zorder=5)
    place = {"ha": "center", "va": "center", "zorder": 6}
    axes.text(x, y, sign, color=INK, fontsize=7.5 if narrow else 9, **place)


def matrix(axes, x, y, rows, columns, name, size, colour, filled=True) -> None:
    """A grid of cells with its left edge at x, centred on y."""
    bottom = y - rows / 2
    axes.add_patch(
        Rectangle((x, bottom), columns, rows, facecolor=colour, alpha=0.25 if filled else 0.0, lw=0)
    )
    for r in range(rows + 1):
        axes.plot([x, x + columns], [bottom + r, bottom + r], color=colour, lw=0.9)
    for c in range(columns + 1):
        axes.plot([x + c, x + c], [bottom, bottom + rows], color=colour, lw=0.9)
    text = INPUT_TEXT if colour == INPUT else colour
    axes.text(
        x + columns / 2,
        y,
        name,
        ha="center",
        va="center",
        color=text,
        weight="bold",
        bbox={"facecolor": CARD, "edgecolor": "none", "pad": 1.2},
    )
    if size:
        axes.text(x + columns / 2, bottom - 0.6, size, ha="center", va="top")
