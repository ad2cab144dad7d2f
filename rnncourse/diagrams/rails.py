"""Drawings of a network that goes on with a story: the window it reads, the ways it can take.

Cast: the words of a story go in. `sliding_window` draws how three words give a fourth
that is read in turn; `ways` draws the story as a line, and every way along it that a
reader of three words can take who always answers the same to the same window.
"""

from itertools import pairwise, product

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from rnncourse.data.contexts import followers
from rnncourse.diagrams.drawing import drawing
from rnncourse.plots import CARD, GRID, INK, INPUT, INPUT_TEXT, PREDICTION, SECONDARY, Picture

__all__ = ["route", "sliding_window", "ways"]


def route(tokens, choices: dict, words: int = 3) -> tuple[list[tuple[int, int]], bool]:
    """The stretches of a story that a reader tells who answers the same to the same window.

    Args:
        tokens: The story.
        choices: Window → the word said after it, for windows with several followers.
        words: The width of the window.

    Returns:
        `(stretches, ends)`: pairs `(from, to)` of places in the story, each told without a
        jump, the last of them up to the end of the story or up to where the tale begins
        to go round; and whether it comes to the end.

    >>> route("a b c a b d".split(), {("a", "b"): "d"}, words=2)
    ([(0, 2), (5, 6)], True)
    """
    tokens = list(tokens)
    places = {}
    for k in range(words, len(tokens)):
        places.setdefault((tuple(tokens[k - words : k]), tokens[k]), k)
    stretches, start, at, seen = [], 0, words, set()
    while at < len(tokens):
        window = tuple(tokens[at - words : at])
        said = choices.get(window, tokens[at])
        if said != tokens[at]:
            stretches.append((start, at))
            start = at = places[window, said]
            if at in seen:
                return stretches, False
            seen.add(at)
        at += 1
    return [*stretches, (start, len(tokens))], True


def sliding_window(tokens, rows: int = 3) -> Picture:
    """Three words are read, the fourth is said, and the window moves on over it."""
    words = list(tokens)[: rows + 3]

    def draw(figure, narrow):
        axes = figure.subplots()
        scale = 0.16 if not narrow else 0.165
        widths = [max(0.62, scale * len(word) + 0.3) for word in words]
        lefts = np.concatenate([[0], np.cumsum([width + 0.12 for width in widths])])
        for row in range(rows):
            y = -1.5 * row
            for k, word in enumerate(words[: row + 4]):
                read, said = row <= k < row + 3, k == row + 3
                own = k >= 3 and not said
                colour = PREDICTION if said or own else INPUT
                edge = colour if read or said else GRID
                box = Rectangle((lefts[k], y), widths[k], 0.6, facecolor=CARD, edgecolor=edge)
                if read:
                    box = Rectangle((lefts[k], y), widths[k], 0.6, fc=colour, ec=edge, alpha=0.22)
                axes.add_patch(box)
                text = (PREDICTION if said or own else INPUT_TEXT) if read or said else SECONDARY
                place = (lefts[k] + widths[k] / 2, y + 0.3)
                weight = "bold" if said else "normal"
                axes.text(*place, word, ha="center", va="center", color=text, weight=weight)
            middle = (lefts[row] + lefts[row + 2] + widths[row + 2]) / 2
            target = lefts[row + 3] + widths[row + 3] / 2
            axes.add_patch(
                FancyArrowPatch(
                    (middle, y + 0.64),
                    (target, y + 0.64),
                    connectionstyle="arc3,rad=-0.32",
                    arrowstyle="-|>",
                    mutation_scale=9,
                    color=INK,
                    lw=1.1,
                )
            )
        axes.set(xlim=(-0.1, lefts[-1]), ylim=(-1.5 * rows + 1.4, 1.45), aspect="equal")
        axes.axis("off")

    alt = (
        f"{rows} rows of the words {' '.join(words)}. In the first row the first three words are "
        "tinted as read and an arrow leads from them to the fourth; in each further row the "
        "tinted window stands one word further on, so that it covers words said before."
    )
    return drawing(draw, alt, heights=(2.2, 1.8))


def ways(tokens, words: int = 3) -> Picture:
    """A line for the story, and on it the stretches told under each pair of choices."""
    tokens = list(tokens)
    found = {window: list(after) for window, after in followers(tokens, words).items()}
    forks = {window: after for window, after in found.items() if len(after) > 1}
    first = {
        (window, word): next(
            k
            for k in range(words, len(tokens))
            if tuple(tokens[k - words : k]) == window and tokens[k] == word
        )
        for window, after in forks.items()
        for word in after
    }
    picks = [dict(zip(forks, pick)) for pick in product(*forks.values())]

    def draw(figure, narrow):
        grid = figure.subplots(len(picks), 1) if narrow else figure.subplots(2, 2)
        for axes, choices in zip(np.ravel(grid), picks, strict=True):
            _way(axes, tokens, choices, first, words)

    told = [_jumps(tokens, choices, words) for choices in picks]
    alt = (
        f"Four copies of a line of {len(tokens)} words with two pairs of marks. Told stretches "
        "are thick, jumps are arcs. " + "; ".join(told) + "."
    )
    return drawing(draw, alt, heights=(2.9, 5.2))


def _summary(tokens, choices, words):
    stretches, ends = route(tokens, choices, words)
    count = len({k for a, b in stretches for k in range(a, b)})
    names = ", ".join(choices.values())
    return f"{names}: {count} of {len(tokens)} words" + ("" if ends else ", round and round")


def _jumps(tokens, choices, words):
    """The same, with the words from which and to which it jumps, counted from 1."""
    stretches, _ = route(tokens, choices, words)
    jumps = ", ".join(f"{a[1]} to {b[0] + 1}" for a, b in pairwise(stretches))
    return f"{_summary(tokens, choices, words)}, from word {jumps}"


def _way(axes, tokens, choices, first, words):
    stretches, _ = route(tokens, choices, words)
    n = len(tokens)
    axes.plot([0, n], [0, 0], color=GRID, lw=3, solid_capstyle="butt", zorder=0)
    for a, b in stretches:
        axes.plot([a, b], [0, 0], color=PREDICTION, lw=5, solid_capstyle="butt", zorder=2)
    jumps = [(told[1], then[0]) for told, then in pairwise(stretches)]
    for start, stop in jumps:
        arc = FancyArrowPatch((start, 0), (stop, 0), arrowstyle="-|>", mutation_scale=9)
        bend = -0.35 if start < stop else 0.35  # above the line, whichever way it goes
        arc.set(connectionstyle=f"arc3,rad={bend}", color=PREDICTION, lw=1.3)
        arc.shrinkA = arc.shrinkB = 4
        axes.add_patch(arc)
    for (window, word), at in first.items():
        taken = choices[window] == word
        colour, weight = (INK, "bold") if taken else (SECONDARY, "normal")
        axes.plot([at, at], [-5, 5], color=colour, lw=1.1, zorder=3)
        axes.text(*(at, -9, word), ha="center", va="top", color=colour, weight=weight, fontsize=8.5)
    axes.set(xlim=(-4, n + 4), ylim=(-30, 40))
    axes.set_title(_summary(tokens, choices, words), fontsize=9.5)
    axes.axis("off")
