"""Figures of data: every line in the book is drawn here, so that all look alike.

Cast: a `Panel` says what is to be seen (lines, levels, spans) and what was found
(its title); `show` draws the panels side by side for a page and once more one
above the other for a phone, and returns a `Picture` that Jupyter, Colab and the
book display. A picture cannot be made without its text alternative.

One colour has one meaning everywhere: see the conventions page.
"""

import base64
import html
import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

INPUT, INPUT_TEXT = "#288FC6", "#1A6C9B"
TARGET = "#1E2329"
PREDICTION = "#A63C06"
STATE = "#5B2E91"
CELL = "#156A63"
GATE, GATE_TEXT = "#BC8400", "#856000"
INK, SECONDARY, GRID, CARD = "#1E2329", "#6B7280", "#D9D7D0", "#F7F6F2"
TEXT_SHADE = {INPUT: INPUT_TEXT, GATE: GATE_TEXT}

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    **dict.fromkeys(("axes.facecolor", "figure.facecolor", "savefig.facecolor"), CARD),
    **dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), SECONDARY),
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"), INK),
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "rnncourse",
}
# A notebook carries every figure twice, so what Matplotlib writes at length is said once.
MINIFY = (
    (r"\s+", " "),
    (r"> <", "><"),
    (r"(?<=\d\.\d\d)\d+", ""),
    (r' id="[\w.]+_\d+"', ""),
    (r' transform="rotate\(-0 [^)]*\)"', ""),
    (r" font-family: 'DejaVu Sans';?", ""),
    (r'style="[^"]*"', lambda style: re.sub(r"(?<=[;:]) ", "", style[0])),
    (r"\*\{", "*{font-family:'DejaVu Sans',Verdana,sans-serif;"),
)
WIDE, NARROW = 7.2, 3.6
PIXELS_PER_INCH = 100


@dataclass(frozen=True, repr=False)
class Picture:
    """A figure drawn twice, for pages and for phones, with its text alternative."""

    wide: str
    narrow: str
    alt: str

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_html_(self) -> str:
        encoded = (base64.b64encode(svg.encode()).decode() for svg in (self.wide, self.narrow))
        wide, narrow = (f"data:image/svg+xml;base64,{data}" for data in encoded)
        alt = html.escape(self.alt, quote=True)
        pixels = round(WIDE * PIXELS_PER_INCH)
        style = f"width: 100%; max-width: {pixels}px; height: auto; border-radius: 6px"
        return (
            f'<figure class="rnncourse" style="margin: 0"><picture>'
            f'<source media="(max-width: 600px)" srcset="{narrow}">'
            f'<img src="{wide}" alt="{alt}" style="{style}"></picture></figure>'
        )


@dataclass
class Line:
    """One line of a panel.

    Attributes:
        y: Values, `(N,)`.
        label: Stands at the end of the line.
        colour: One of the palette's meanings.
        style: Matplotlib's line style, or `"stems"` for a vertical line at each point.
        marker: Matplotlib's marker at every point.
        x: Positions, `(N,)`; 0, 1, 2, … if `None`.
        low: Lower edge of a band around the line.
        high: Its upper edge.
    """

    y: Sequence[float]
    label: str = ""
    colour: str = STATE
    style: str | tuple = "-"
    marker: str = ""
    x: Sequence[float] | None = None
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass
class Panel:
    """One set of axes.

    Attributes:
        title: What was found, one sentence.
        lines: What is drawn.
        xlabel: With its unit.
        ylabel: With its unit.
        xscale: `"linear"` or `"log"`.
        yscale: `"linear"` or `"log"`.
        ylim: Limits, if not automatic.
        xlim: Limits, if not automatic.
        levels: Label → height of a dashed horizontal line: ceilings and baselines.
        spans: `(from, to, label)` stretches of x with a tint, named on their left.
        xticks: Tick positions, if not automatic.
    """

    title: str
    lines: Sequence[Line] = ()
    xlabel: str = ""
    ylabel: str = ""
    xscale: str = "linear"
    yscale: str = "linear"
    ylim: tuple | None = None
    xlim: tuple | None = None
    levels: dict[str, float] = field(default_factory=dict)
    spans: Sequence[tuple] = ()
    xticks: Sequence[float] | None = None

    def draw(self, axes, characters: int) -> None:
        """Draw everything; the title wraps at `characters`."""
        axes.set_title(textwrap.fill(self.title, characters))
        axes.set(xlabel=self.xlabel, ylabel=self.ylabel, xscale=self.xscale, yscale=self.yscale)
        for line in self.lines:
            _line(axes, line)
        if self.ylim:
            axes.set_ylim(self.ylim)
        if self.xlim:
            axes.set_xlim(self.xlim)
        for start, stop, label in self.spans:
            axes.axvspan(start, stop, color=INPUT, alpha=0.14, lw=0)
            axes.annotate(
                label,
                xy=(start, 1),
                xycoords=axes.get_xaxis_transform(),
                xytext=(-4, -4),
                textcoords="offset points",
                color=INPUT_TEXT,
                ha="right",
                va="top",
                bbox={"facecolor": CARD, "edgecolor": "none", "pad": 1},
            )
        for height in self.levels.values():
            axes.axhline(height, color=SECONDARY, lw=1, ls=(0, (4, 3)), zorder=0)
        if self.xticks is not None:
            labels = [f"{x:g}" if abs(x) < 10_000 else f"{x:,.0f}" for x in self.xticks]
            axes.set_xticks(self.xticks, labels)
            axes.minorticks_off()

    def label(self, axes) -> None:
        """Name lines and levels at their right end; the layout must stand by then."""
        names = [
            (line.label, float(line.y[-1]), TEXT_SHADE.get(line.colour, line.colour))
            for line in self.lines
            if line.label
        ]
        _label_ends(axes, names + [(text, y, SECONDARY) for text, y in self.levels.items()])


def show(*panels: Panel, alt: str, height: float = 2.7) -> Picture:
    """Draw panels side by side on a page, one above the other on a phone.

    Args:
        *panels: What to draw.
        alt: What one sees, in a sentence or two, for those who do not see it.
        height: Of one panel, in inches of 100 pixels.

    Raises:
        ValueError: No panel, or an `alt` that says nothing.
    """
    if not panels:
        raise ValueError("`panels` must hold at least one Panel, got none")

    def draw(figure, narrow):
        grid = (len(panels), 1) if narrow else (1, len(panels))
        drawn = list(zip(figure.subplots(*grid, squeeze=False).flat, panels, strict=True))
        for axes, panel in drawn:
            panel.draw(axes, characters=34 if narrow or len(panels) > 1 else 78)
        figure.draw_without_rendering()
        for axes, panel in drawn:
            panel.label(axes)

    return render(draw, alt, heights=(height, height * len(panels)))


def render(draw: Callable, alt: str, heights: tuple[float, float]) -> Picture:
    """Call `draw(figure, narrow)` for the wide and for the narrow version.

    Args:
        draw: Draws on an empty Matplotlib figure.
        alt: The text alternative.
        heights: Of the wide and of the narrow figure, in inches of 100 pixels.

    Raises:
        ValueError: An `alt` that says nothing.
    """
    if len(alt.split()) < 5:
        raise ValueError(f"`alt` must say what one sees in a sentence, got {alt!r}")
    drawn = []
    with mpl.rc_context(STYLE):
        for width, height, narrow in ((WIDE, heights[0], False), (NARROW, heights[1], True)):
            figure = Figure(figsize=(width, height), layout="constrained")
            draw(figure, narrow)
            drawn.append(_svg(figure))
    return Picture(*drawn, alt)


def _svg(figure) -> str:
    """The figure as SVG text: no date, short numbers, fonts that every system has."""
    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    svg = buffer.getvalue()
    for pattern, short in MINIFY:
        svg = re.sub(pattern, short, svg)
    return svg[svg.index("<svg") :]


def _line(axes, line: Line) -> None:
    x = np.arange(len(line.y)) if line.x is None else np.asarray(line.x)
    if line.style == "stems":
        axes.vlines(x, 0, line.y, color=line.colour, lw=3)
    else:
        axes.plot(x, line.y, color=line.colour, ls=line.style, marker=line.marker, ms=4.5)
    if line.low is not None:
        axes.fill_between(x, line.low, line.high, color=line.colour, alpha=0.18, lw=0)


def _label_ends(axes, names: Sequence[tuple[str, float, str]]) -> None:
    """Names `(text, y, colour)` right of the axes, pushed apart where they would touch."""
    points = 72 / axes.figure.dpi
    right, (bottom, top) = axes.get_xlim()[1], sorted(axes.get_ylim())
    names = [(text, min(max(y, bottom), top), colour) for text, y, colour in names]
    placed = sorted(
        (axes.transData.transform((right, y))[1] * points, text, y, colour)
        for text, y, colour in names
    )
    heights = _apart([height for height, *_ in placed], gap=12.5)
    for height, (wanted, text, y, colour) in zip(heights, placed, strict=True):
        axes.annotate(
            text,
            xy=(1, y),
            xycoords=axes.get_yaxis_transform(),
            xytext=(6, height - wanted),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def _apart(heights: list[float], gap: float) -> list[float]:
    """Ascending heights moved as little as needed to lie `gap` apart.

    >>> _apart([0.0, 1.0, 30.0], gap=10)
    [-4.5, 5.5, 30.0]
    """
    groups = [[height, 1] for height in heights]
    k = 0
    while k + 1 < len(groups):
        (a, n), (b, m) = groups[k], groups[k + 1]
        if b - a < gap * (n + m) / 2:
            groups[k : k + 2] = [[(a * n + b * m) / (n + m), n + m]]
            k = max(0, k - 1)
        else:
            k += 1
    return [centre + gap * (i - (n - 1) / 2) for centre, n in groups for i in range(n)]
