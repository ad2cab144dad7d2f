"""The drawings of lesson 10: a cell with its numbers, sentences read gate by gate, blanks to fill.

Cast: `cell` draws one step of one LSTM unit with every number in its place;
`readings` writes sentences downward and, beside each word, what a unit's gates and its
cell did there; `blanks` holds what a network would say against what is likely;
`years` is a line of who added what, and when.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from rnncourse.diagrams.drawing import drawing, knot, wire
from rnncourse.plots import (
    CARD,
    CELL,
    GATE,
    GATE_TEXT,
    GRID,
    INK,
    INPUT,
    INPUT_TEXT,
    PREDICTION,
    SECONDARY,
    STATE,
    TARGET,
    Picture,
    render,
)

PARTS = ("x", "h", "c", "i", "f", "g", "o", "new_c", "new_h")


def cell(numbers: dict) -> Picture:
    """One step of one unit: the line of the cell on top, what comes in below, gates between.

    Args:
        numbers: Name → number for `x`, `h`, `c`, `i`, `f`, `g`, `o`, `new_c`, `new_h`.

    Raises:
        ValueError: A name that is missing.
    """
    missing = [name for name in PARTS if name not in numbers]
    if missing:
        raise ValueError(f"`numbers` must hold {', '.join(PARTS)}, got no {missing[0]!r}: add it")
    n = {name: f"{float(numbers[name]):.2f}".replace("-", "−") for name in PARTS}
    kept, added = (float(numbers[a]) * float(numbers[b]) for a, b in (("f", "c"), ("i", "g")))
    squashed = np.tanh(float(numbers["new_c"]))

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.set(xlim=(0, 18), ylim=(0, 9.4))
        axes.axis("off")
        small = 7.5 if narrow else 9
        line = partial(wire, axes)

        def say(x, y, text, colour=INK, **style):
            style = {"fontsize": small, "ha": "center", "va": "center"} | style
            axes.text(x, y, text.replace("-", "−"), color=colour, **style)

        def gate(x, y, sign, label):
            axes.plot(x, y, "s", ms=15 if narrow else 21, mfc=CARD, mec=GATE, mew=1.6, zorder=5)
            fit = {"fontsize": small - 1.5} if len(sign) > 1 else {}
            say(x, y, sign, GATE_TEXT, zorder=6, **fit)
            line([(x, 1.5), (x, y - 0.75)], SECONDARY, 1)
            name, value = label.split(" = ")
            text = f"{name}\n{value}" if narrow else label
            place = {"ha": "left", "va": "bottom", "weight": "bold"}
            say(x + 0.25, y + 0.95, text, GATE_TEXT, **place)

        line([(0.2, 8), (17.8, 8)], CELL, 3)
        say(1.2, 8.6, f"c = {n['c']}", CELL, weight="bold")
        say(16.2, 8.6, f"c′ = {n['new_c']}", CELL, weight="bold")
        line([(0.2, 1.5), (12.6, 1.5)], SECONDARY, 1, head=False)
        say(0.2, 2.1, f"h = {n['h']}", STATE, ha="left", weight="bold")
        say(0.2, 0.9, f"x = {n['x']}", INPUT_TEXT, ha="left", weight="bold")
        for x, sign, label in (
            (4, "σ", "f"),
            (7.2, "σ", "i"),
            (9.6, "tanh", "g"),
            (12.6, "σ", "o"),
        ):
            gate(x, 3, sign, f"{label} = {n[label]}")
        line([(4, 3.8), (4, 7.6)], GATE, 1.5)
        line([(7.2, 3.8), (7.2, 6), (8.1, 6)], GATE, 1.5)
        line([(9.6, 3.8), (9.6, 6), (8.7, 6)], GATE, 1.5)
        line([(8.4, 6.3), (8.4, 7.6)], CELL, 2)
        for x, y, sign in ((4, 8, "×"), (8.4, 6, "×"), (8.4, 8, "+")):
            knot(axes, x, y, sign, narrow)
        line([(15, 8), (15, 7.3)], CELL, 2)
        say(15, 6.95, "tanh", CELL)
        line([(15, 6.6), (15, 6.0)], CELL, 1.5)
        line([(12.6, 3.8), (12.6, 5.6), (14.5, 5.6)], GATE, 1.5)
        knot(axes, 15, 5.6, "×", narrow)
        line([(15.5, 5.6), (17.8, 5.6)], STATE, 1.75)
        say(16.4, 4.8, f"h′ = {n['new_h']}", STATE, weight="bold")
        say(5.7, 8.6, f"{kept:.2f}", CELL)
        say(8.8, 6.95, f"{added:.2f}", CELL, ha="left")
        say(15.3, 6.3, f"{squashed:.2f}", CELL, ha="left")
        for x, y, step in ((4, 0.6, "1"), (8.4, 0.6, "2"), (6.2, 7.3, "3"), (12.6, 0.6, "4")):
            axes.plot(x, y, "o", ms=9 if narrow else 12, mfc=INK, mec=INK, zorder=5)
            say(x, y, step, CARD, fontsize=small - 1, weight="bold", zorder=6)

    signs = ", ".join(f"{name.replace('new_', 'new ')} {n[name]}" for name in PARTS)
    alt = (
        "One unit of an LSTM. On top a thick line carries c from left to right, through a "
        "multiplication by f (1) and an addition (3) of i times g (2); below it four boxes "
        f"with x and h coming in; on the right tanh of the new c, times o (4), is h. {signs}."
    )
    return drawing(draw, alt, heights=(3.7, 2.6))


def readings(sentences: Sequence[dict], alt: str) -> Picture:
    """Sentences written downward; beside each word a unit's forget gate, input gate and cell.

    Args:
        sentences: Dictionaries with `title`, `words` (T of them), `f` and `i` `(T,)` between
            0 and 1, `c` `(T,)`, and `said`, what the network says after the last word.
        alt: What one sees.

    Raises:
        ValueError: Counts that differ from the number of words.
    """
    for sentence in sentences:
        for name in ("f", "i", "c"):
            if np.shape(sentence[name]) != (len(sentence["words"]),):
                raise ValueError(
                    f"`{name}` must hold a number for each of {len(sentence['words'])} words, "
                    f"got shape {np.shape(sentence[name])}: take one unit"
                )
    longest = max(len(sentence["words"]) for sentence in sentences)
    most = max(np.abs(sentence["c"]).max() for sentence in sentences)

    def draw(figure, narrow):
        grid = (len(sentences), 1) if narrow else (1, len(sentences))
        for axes, sentence in zip(figure.subplots(*grid, squeeze=False).flat, sentences):
            axes.set_title(sentence["title"], fontsize=10)
            axes.set(xlim=(-2.6, 5.6), ylim=(-longest - 0.7, 1.4))
            axes.axis("off")
            rows = -np.arange(len(sentence["words"]), dtype=float)
            for x, name in ((0, "f"), (1.4, "i")):
                axes.text(x, 1, name, color=GATE_TEXT, weight="bold", fontsize=9)
                axes.add_patch(PathPatch(_bars(np.ones(len(rows)), rows, x), fc=GRID, lw=0))
                bars = _bars(np.asarray(sentence[name], float), rows, x)
                axes.add_patch(PathPatch(bars, facecolor=GATE, lw=0))
            axes.text(4.1, 1, "c", color=CELL, weight="bold", fontsize=9, ha="center")
            axes.plot([4.1, 4.1], [0.4, rows[-1] - 0.4], color=SECONDARY, lw=0.75)
            axes.plot(4.1 + 1.4 * np.asarray(sentence["c"]) / most, rows, color=CELL, lw=3)
            for y, word in zip(rows, sentence["words"]):
                axes.text(-0.2, y, word, ha="right", va="center", fontsize=8.5, color=INPUT_TEXT)
            said = {"color": PREDICTION, "weight": "bold", "fontsize": 8.5}
            axes.text(-0.2, rows[-1] - 1.1, sentence["said"], ha="right", va="center", **said)

    height = 0.5 + 0.185 * longest
    return render(draw, alt, heights=(height, len(sentences) * height))


def blanks(scenes: Sequence[dict], answers: Sequence[str], alt: str) -> Picture:
    """For each scene what a network would say, in bars, and hollow bars for what is likely.

    Args:
        scenes: Dictionaries with `title`, `said` and `true`, one probability for each answer.
        answers: The words that may fill the blank.
        alt: What one sees.

    Raises:
        ValueError: Too few or too many probabilities.
    """
    for scene in scenes:
        for name in ("said", "true"):
            if np.shape(scene[name]) != (len(answers),):
                raise ValueError(
                    f"`{name}` must hold {len(answers)} probabilities, got shape "
                    f"{np.shape(scene[name])}: one for each answer"
                )
    rows = -np.arange(len(answers), dtype=float)

    def draw(figure, narrow):
        grid = (2, (len(scenes) + 1) // 2) if narrow else (1, len(scenes))
        for k, (axes, scene) in enumerate(zip(figure.subplots(*grid).flat, scenes)):
            axes.set_title(scene["title"], fontsize=8.5 if narrow else 9.5)
            axes.set(xlim=(0, 1.02), ylim=(rows[-1] - 0.6, 0.6), xticks=[0, 0.5, 1])
            axes.set_xticklabels(["0", "½", "1"])
            first = k % grid[1] == 0
            axes.set_yticks(rows, answers if first else [""] * len(rows))
            axes.tick_params(axis="y", length=0)
            axes.add_patch(
                PathPatch(_bars(scene["said"], rows, 0, 0.27), facecolor=PREDICTION, lw=0)
            )
            hollow = _bars(np.maximum(scene["true"], 1e-3), rows, 0, 0.4)
            axes.add_patch(PathPatch(hollow, facecolor="none", edgecolor=TARGET, lw=1.1))

    return render(draw, alt, heights=(1.7, 3.2))


def years(events: Sequence[tuple], alt: str) -> Picture:
    """Years down a line, each with who and what.

    Args:
        events: `(year, who, what)` in order.
        alt: What one sees.
    """

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.axis("off")
        axes.set(xlim=(0, 10), ylim=(-len(events) * 2 + 0.4, 1.4))
        axes.plot([1.35, 1.35], [0.6, -2 * len(events) + 1.4], color=GRID, lw=3, zorder=0)
        for k, (year, who, what) in enumerate(events):
            y = -2.0 * k
            axes.plot(1.35, y, "o", ms=6, color=INPUT)
            axes.text(1.1, y, str(year), ha="right", va="center", fontsize=9, weight="bold")
            text = {"va": "center", "fontsize": 8 if narrow else 9.5}
            if narrow:
                axes.text(1.7, y + 0.38, who, **text)
                axes.text(1.7, y - 0.45, what, color=SECONDARY, **text)
            else:
                axes.text(1.7, y, who, **text)
                axes.text(5.1, y, what, color=SECONDARY, **text)

    return render(draw, alt, heights=(0.25 * len(events) + 0.2, 0.38 * len(events) + 0.2))


def _bars(lengths, rows, left, half=0.33) -> Path:
    """Horizontal bars as one path: a figure of hundreds of bars stays small."""
    corners = [
        [(left, y - half), (left + n, y - half), (left + n, y + half), (left, y + half)]
        for y, n in zip(rows, np.asarray(lengths, float))
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    points = [point for four in corners for point in (*four, four[0])]
    return Path(np.reshape(points, (-1, 2)), codes * len(corners))
