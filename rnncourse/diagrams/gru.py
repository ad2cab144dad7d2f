"""The drawing of lesson 11: one step of one GRU unit with every number in its place.

Cast: `cell` draws the state's line on top, one gate that keeps and writes, one that
shows the past to the new value; what an LSTM has and a GRU lacks lies beside it.
"""

from functools import partial

from rnncourse.diagrams.drawing import drawing, knot, wire
from rnncourse.plots import (
    CARD,
    GATE,
    GATE_TEXT,
    INK,
    INPUT_TEXT,
    SECONDARY,
    STATE,
    Picture,
)

PARTS = ("x", "h", "z", "r", "new", "new_h")
LEFT_OVER = ("input gate i", "output gate o", "cell c", "tanh of c")


def cell(numbers: dict) -> Picture:
    """One step of one unit, and the parts of an LSTM that are left over.

    Args:
        numbers: Name → number for `x`, `h`, `z`, `r`, `new` (that is h̃) and `new_h`.

    Raises:
        ValueError: A name that is missing.
    """
    missing = [name for name in PARTS if name not in numbers]
    if missing:
        raise ValueError(f"`numbers` must hold {', '.join(PARTS)}, got no {missing[0]!r}: add it")
    n = {name: _spell(numbers[name]) for name in PARTS}
    shown = _spell(float(numbers["r"]) * float(numbers["h"]))
    kept = _spell(float(numbers["z"]) * float(numbers["h"]))
    added = _spell((1 - float(numbers["z"])) * float(numbers["new"]))

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.set(xlim=(0, 18), ylim=(-1.6, 9.4))
        axes.axis("off")
        small = 7.5 if narrow else 9
        line = partial(wire, axes)

        def say(x, y, text, colour=INK, **style):
            style = {"fontsize": small, "ha": "center", "va": "center"} | style
            axes.text(x, y, text, color=colour, **style)

        def box(x, sign, label, heard, shift=0.3, edge=GATE, ink=GATE_TEXT):
            axes.plot(x, 3, "s", ms=15 if narrow else 21, mfc=CARD, mec=edge, mew=1.6, zorder=5)
            fit = {"fontsize": small - 1.5} if len(sign) > 1 else {}
            say(x, 3, sign, ink, zorder=6, **fit)
            line([(x, 1.3), (x, 2.25)], SECONDARY, 1)
            say(x, 0.85, heard, INPUT_TEXT if heard == "x" else INK)
            name, value = label.split(" = ")
            place = {"ha": "left", "va": "bottom", "weight": "bold"}
            say(x + shift, 3.8, f"{name}\n{value}" if narrow else label, ink, **place)

        line([(0.2, 8), (17.8, 8)], STATE, 2.5)
        say(1.5, 8.6, f"h = {n['h']}", STATE, weight="bold")
        say(16.2, 8.6, f"h′ = {n['new_h']}", STATE, weight="bold")
        say(0.2, 0.85, f"x = {n['x']}", INPUT_TEXT, ha="left", weight="bold")
        box(3.6, "σ", f"r = {n['r']}", "x, h")
        line([(3.6, 3.8), (3.6, 5.6), (6.3, 5.6)], GATE, 1.5)
        line([(6.8, 8), (6.8, 6.15)], STATE, 1.5)
        knot(axes, 6.8, 5.6, "×", narrow)
        say(7.2, 4.95, shown, STATE, ha="left")
        line([(6.8, 5.1), (6.8, 3.75)], STATE, 1.5)
        box(6.8, "tanh", f"candidate = {n['new']}", "x", 0.75, STATE, STATE)
        box(11, "σ", f"z = {n['z']}", "x, h")
        line([(11, 3.8), (11, 7.5)], GATE, 1.5)
        knot(axes, 11, 8, "×", narrow)
        say(12.6, 8.6, kept, STATE)
        line([(7.5, 3), (9.3, 3), (9.3, 0.1), (14.3, 0.1), (14.3, 5.05)], STATE, 1.5)
        line([(11, 5.6), (13.8, 5.6)], GATE, 1.5)
        say(12.5, 6.1, "1 − z", GATE_TEXT)
        knot(axes, 14.3, 5.6, "×", narrow)
        line([(14.3, 6.1), (14.3, 7.5)], STATE, 1.5)
        say(14.6, 6.8, added, STATE, ha="left")
        knot(axes, 14.3, 8, "+", narrow)
        say(0.2, -1.2, "left over:", SECONDARY, ha="left")
        for k, part in enumerate(LEFT_OVER):
            say(4.9 + 3.7 * k, -1.2, part, SECONDARY, fontsize=small - 1.5 if narrow else small)

    signs = ", ".join(f"{name.replace('new_h', 'new h')} {n[name]}" for name in PARTS)
    alt = (
        "One unit of a GRU. On top a line carries h from left to right, through a "
        "multiplication by z and an addition of 1 minus z times the new value. Below, the gate r "
        "multiplies h before it goes into the box that makes the candidate h̃; the gate z goes "
        "up to the line and, as 1 minus z, to what is added. At the bottom four parts lie "
        f"left over: {', '.join(LEFT_OVER)}. {signs.replace('new -', 'new −')}."
    )
    return drawing(draw, alt, heights=(4.2, 3.0))


def _spell(number) -> str:
    return f"{float(number):.2f}".replace("-", "−")
