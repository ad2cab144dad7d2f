"""Drawings of a translator: what it hears and says in training, and when it is alone.

Cast: `taught` draws an encoder that reads a sentence backwards and a decoder that is given
what it should have said a step before; `alone` draws the same with what it did say instead,
and with the embedding lookup on the way; `first_words` draws the probabilities of the first
word at several times of a training.
"""

from collections.abc import Mapping, Sequence

from rnncourse.diagrams.drawing import arrow, box, drawing, title, wire
from rnncourse.plots import INK, INPUT_TEXT, PREDICTION, SECONDARY, STATE, TARGET, Picture

__all__ = ["alone", "first_words", "taught"]

WORD, LOOKUP, CELL, HEAD, SAID = 0.4, 1.55, 3.05, 4.55, 5.75
STEP = 1.62


def taught(source: Sequence[str], target: Sequence[str]) -> Picture:
    """Training: the decoder hears `<go>` and the target, one step late.

    Args:
        source: English words in their order; the drawing turns them round.
        target: French words.
    """
    heard, said = ["<go>", *target], [*target, "<eos>"]
    alt = (
        f"Encoder: {' '.join(reversed(source))} go up from below, each through a row of an "
        "embedding into a cell, and the cells hand a state to the right. Decoder: its first cell "
        f"takes that state. Below stand {' '.join(heard)}, above {' '.join(said)}: what it is "
        "given at each step is the word above the step before, as it should be."
    )
    return _booth(source, heard, said, alt, own=False)


def alone(source: Sequence[str], target: Sequence[str]) -> Picture:
    """Inference: each word said goes through the embedding into the next step.

    Args:
        source: English words in their order.
        target: The French words that are said.
    """
    said = [*target, "<eos>"]
    alt = (
        f"The same encoder. The decoder is given <go>, and says {' '.join(said)}: from each word "
        "above a line leads down to the embedding lookup of the next step, and no word stands "
        "below it. After <eos> no line leads on."
    )
    return _booth(source, ["<go>"] + [""] * len(target), said, alt, own=True)


def _booth(source, heard, said, alt, own):
    read = list(reversed(source))

    def draw(figure, narrow):
        widths = STEP * len(read) + 0.6, STEP * len(said) + 0.7
        if narrow:
            left, right = figure.subplots(2, 1)
        else:
            left, right = figure.subplots(1, 2, width_ratios=widths)
        for axes, width in zip((left, right), (max(widths),) * 2 if narrow else widths):
            axes.set(xlim=(-0.35, width - 0.35), ylim=(-0.1, 7.2), aspect="equal")
            axes.set_anchor("W")
            axes.axis("off")
        title(left, -0.3, "Encoder: reads", 7.1)
        title(right, -0.3, "Decoder: speaks", 7.1)
        for k, word in enumerate(read):
            _column(left, k, word, INPUT_TEXT, "", len(read))
        for k, (given, word) in enumerate(zip(heard, said, strict=True)):
            colour = SECONDARY if given == "<go>" else TARGET
            _column(right, k, given, colour, word, len(said))
            if own and k + 1 < len(said):
                x = 0.65 + STEP * k
                path = [(x, SAID + 0.28), (x, SAID + 0.5), (x + STEP / 2, SAID + 0.5)]
                path += [(x + STEP / 2, WORD), (x + STEP, WORD), (x + STEP, LOOKUP - 0.44)]
                wire(right, path, PREDICTION, 1.3)
        arrow(right, (-0.33, CELL), (0.02, CELL), "", colour=STATE)

    return drawing(draw, alt, heights=(3.3, 5.6))


def _column(axes, k, given, colour, said, columns):
    x = 0.65 + STEP * k
    if given:
        axes.text(x, WORD, given, ha="center", va="center", color=colour, weight="bold")
        arrow(axes, (x, WORD + 0.3), (x, LOOKUP - 0.44), "")
    box(axes, x, LOOKUP, "look up")
    arrow(axes, (x, LOOKUP + 0.44), (x, CELL - 0.44), "")
    box(axes, x, CELL, "cell", colour=STATE)
    if k + 1 < columns or not said:
        arrow(axes, (x + 0.63, CELL), (x + STEP - 0.63, CELL), "", colour=STATE)
    if said:
        arrow(axes, (x, CELL + 0.44), (x, HEAD - 0.44), "")
        box(axes, x, HEAD, "softmax")
        arrow(axes, (x, HEAD + 0.44), (x, SAID - 0.28), "")
        axes.text(x, SAID, said, ha="center", va="center", color=PREDICTION, weight="bold")


def first_words(times: Mapping[str, Mapping[str, float]], right: str) -> Picture:
    """Bars: how likely a decoder finds each first word, at several times of its training.

    Args:
        times: Name of the time → word → probability, the words to be shown.
        right: The word that should come.
    """

    def draw(figure, narrow):
        grid = figure.subplots(len(times), 1) if narrow else figure.subplots(1, len(times))
        for axes, (name, chances) in zip(grid, times.items(), strict=True):
            words = list(chances)
            colours = [PREDICTION if word == right else SECONDARY for word in words]
            axes.barh(range(len(words)), list(chances.values()), color=colours, height=0.62)
            axes.set_yticks(range(len(words)), words)
            axes.invert_yaxis()
            axes.set(xlim=(0, 1.25), xticks=[])
            axes.set_title(name, fontsize=9.5, loc="left")
            for side in ("top", "right", "bottom"):
                axes.spines[side].set_visible(False)
            for row, p in enumerate(chances.values()):
                axes.text(p + 0.03, row, _percent(p), va="center", fontsize=8.5, color=INK)

    shown = "; ".join(
        f"{name}: {', '.join(f'{word} {_percent(p)}' for word, p in chances.items())}"
        for name, chances in times.items()
    )
    alt = f"Bars for the first word, at {len(times)} times. {shown}."
    return drawing(draw, alt, heights=(1.9, 1.6 * len(times)))


def _percent(p):
    return "under 0.1%" if p < 0.001 else f"{100 * p:.2g}%" if p < 0.995 else f"{100 * p:.1f}%"
