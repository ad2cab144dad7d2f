"""Drawings of images that are read row by row: the images, the reader, what it says on the way.

Cast: an image is a square of ink on paper, its rows from the top down. `image_row`
sets some side by side, `row_reader` shows how one becomes a sequence, `readings` puts
what a network says after each row beside that row, and `confusions` counts what it took
for what; `ranking` has a dot for every network that was trained.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from rnncourse.diagrams.drawing import arrow, drawing
from rnncourse.plots import (
    CARD,
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

INKED = LinearSegmentedColormap.from_list("ink", [CARD, INPUT_TEXT])
SAID = LinearSegmentedColormap.from_list("said", [CARD, PREDICTION])


def image_row(images, captions, alt: str, per_row: int = 10) -> Picture:
    """Images side by side, each with a caption under it.

    Args:
        images: `(N, T, F)`, between 0 (paper) and 1 (ink).
        captions: N texts; a line break is kept.
        alt: What one sees.
        per_row: Images in a row of the page; half as many on a phone.
    """
    images = np.asarray(images)

    def draw(figure, narrow):
        columns = -(-per_row // 2) if narrow else per_row
        rows = -(-len(images) // columns)
        grid = list(figure.subplots(rows, columns, squeeze=False).flat)
        for axes in grid:
            axes.axis("off")
        for axes, image, caption in zip(grid, images, captions):
            _picture(axes, image, INKED)
            axes.set_title(caption, fontsize=9.5, weight="normal", loc="center", y=-0.36)

    rows = -(-len(images) // per_row)
    return render(draw, alt, heights=(1.05 * rows + 0.1, 1.05 * 2 * rows + 0.1))


def row_reader(image, name: str) -> Picture:
    """An image cut into rows, the rows read one after the other, and the answer at the end.

    Args:
        image: `(8, 8)`.
        name: What it shows.
    """
    image = np.asarray(image)
    steps = len(image)

    def draw(figure, narrow):
        parts = (
            figure.subplots(2, 1, height_ratios=(2.4, 3.6))
            if narrow
            else figure.subplots(1, 2, width_ratios=(2.6, 9.6))
        )
        for axes in parts:
            axes.axis("off")
        picture, chain = parts
        _picture(picture, image, INKED)
        picture.set(xlim=(-1.6, 8.2), ylim=(7.6, -1.6))
        picture.text(-0.5, -0.8, "8 rows of 8 pixels", fontsize=9, color=INPUT_TEXT)
        for t in range(steps):
            picture.text(-0.8, t, str(t), ha="right", va="center", fontsize=8, color=SECONDARY)
        strips = np.full((steps, 20 * steps), np.nan)
        for t in range(steps):
            strips[:, 20 * t + 7 : 20 * t + 13] = image[t][:, None]
        extent = (0, steps, -0.6, 0.84)
        chain.imshow(strips, cmap=INKED, vmin=0, vmax=1, interpolation="none", extent=extent)
        chain.set(xlim=(-0.4, 11.4), ylim=(-1.3, 4.3), aspect="equal")
        for t in range(steps):
            chain.add_patch(
                Rectangle((t + 0.35, -0.6), 0.3, 1.44, fill=False, edgecolor=INPUT, lw=0.8)
            )
            chain.add_patch(
                Rectangle((t + 0.2, 1.6), 0.6, 0.8, facecolor=CARD, edgecolor=STATE, lw=1.6)
            )
            chain.text(t + 0.5, 2.0, "h", color=STATE, ha="center", va="center", fontsize=9)
            arrow(chain, (t + 0.5, 0.95), (t + 0.5, 1.6), "")
            if t:
                arrow(chain, (t - 0.2, 2.0), (t + 0.2, 2.0), "", colour=STATE)
            chain.text(t + 0.5, -0.95, str(t), ha="center", fontsize=8, color=SECONDARY)
        chain.text(3.5, -1.4, "row", ha="center", fontsize=8.5, color=SECONDARY)
        arrow(chain, (7.5, 2.4), (7.5, 2.95), "")
        for k in range(10):
            height = 0.75 if str(k) == name else 0.08 + 0.05 * (k % 3)
            chain.add_patch(Rectangle((5.05 + 0.5 * k, 3.45), 0.32, height, color=PREDICTION, lw=0))
            chain.text(5.21 + 0.5 * k, 3.04, str(k), ha="center", fontsize=7.5)
        chain.text(4.8, 3.55, "ten logits", ha="right", fontsize=9, color=PREDICTION)
        chain.text(8.0, 1.9, "the last state\ngoes to the head", fontsize=8.5, va="center")

    return drawing(
        draw,
        f"Left, the image of a {name}, eight rows of eight pixels, numbered from 0 to 7 from the "
        "top. Right, the same rows turned upright, one after the other; an arrow leads from each "
        "up to a box h, and purple arrows lead from each box to the next. From the last box an "
        f"arrow leads up to ten bars, one for each digit, and that of the {name} is the tallest.",
        heights=(2.5, 4.4),
    )


def readings(images, probabilities, truths, alt: str, names=()) -> Picture:
    """Images, and beside each row what a network says when it has read that row.

    Args:
        images: `(N, T, F)`.
        probabilities: `(N, T, K)`, of each class after each row.
        truths: The right class of each, `(N,)`: a hollow frame stands around its column.
        alt: What one sees.
        names: A title for each, if any.
    """
    images, probabilities = np.asarray(images), np.asarray(probabilities)
    _, steps, classes = probabilities.shape

    def draw(figure, narrow):
        across = 2 if narrow else 4
        rows = -(-len(images) // across)
        grid = figure.subplots(
            rows, 2 * across, squeeze=False, width_ratios=(images.shape[2], classes) * across
        )
        for axes in grid.flat:
            axes.axis("off")
        for k, (image, said, truth) in enumerate(zip(images, probabilities, truths)):
            ink, bars = grid[k // across, 2 * (k % across) : 2 * (k % across) + 2]
            _picture(ink, image, INKED)
            _picture(bars, said, SAID)
            frame = Rectangle((truth - 0.5, -0.5), 1, steps, fill=False, edgecolor=TARGET, lw=1.2)
            bars.add_patch(frame)
            for digit in range(classes):
                bars.text(digit, steps - 0.3, str(digit), fontsize=6.5, ha="center", va="top")
            if names:
                ink.set_title(names[k], fontsize=9)

    count = len(images)
    return drawing(draw, alt, heights=(1.15 * -(-count // 4) + 0.2, 1.15 * -(-count // 2) + 0.2))


def confusions(counts, alt: str) -> Picture:
    """Which class was taken for which: rows say what it was, columns what was said.

    Args:
        counts: `(K, K)`.
        alt: What one sees.
    """
    counts = np.asarray(counts)
    wrong = counts * (1 - np.eye(len(counts)))

    def draw(figure, narrow):
        axes = figure.subplots()
        axes.imshow(wrong / max(1, wrong.max()), cmap=SAID, vmin=0, vmax=1.4, interpolation="none")
        for row, column in np.argwhere(counts):
            right = row == column
            axes.text(
                column,
                row,
                f"{counts[row, column]:g}",
                ha="center",
                va="center",
                fontsize=8.5 if narrow else 9.5,
                color=SECONDARY if right else INK,
                weight="normal" if right else "bold",
            )
        ticks = range(len(counts))
        axes.set(xticks=ticks, yticks=ticks, xlabel="said", ylabel="was")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_aspect("equal")

    return render(draw, alt, heights=(3.6, 3.4))


def ranking(shares: dict, levels: dict, alt: str, xlabel: str, xlim=None) -> Picture:
    """One row of dots for each contender, a dot for each seed, its median marked.

    Args:
        shares: Name → numbers between 0 and 1, one a seed.
        levels: Name → a number drawn as a thin line beside the dots of every row.
        alt: What one sees.
        xlabel: What the numbers are shares of; the axis counts in shares of 1.
        xlim: Limits, if not automatic.
    """
    rows = len(shares)

    def draw(figure, narrow):
        axes = figure.subplots()
        for k, (name, values) in enumerate(shares.items()):
            values = np.sort(np.asarray(values, float))
            # Equal values lie on top of each other: the later ones move down a little.
            again = np.array([np.sum(values[:i] == value) for i, value in enumerate(values)])
            # Dots as strokes without length: one path, a tenth of the bytes of markers.
            x = np.column_stack([values, values, np.full(len(values), np.nan)]).ravel()
            y = np.repeat(k + 0.07 * again, 3)
            dots = {"lw": 4, "solid_capstyle": "round", "alpha": 0.7}
            axes.plot(x, y, color=STATE, **dots)
            axes.plot(np.median(values), k, "|", color=INK, ms=17, mew=2, zorder=1)
            axes.text(0.01, k - 0.3, name, transform=axes.get_yaxis_transform(), fontsize=8.5)
        for name, value in levels.items():
            # Beside the dots only: the names above them stay legible.
            beside = np.add.outer(np.arange(rows), (-0.12, 0.5, np.nan)).ravel()
            axes.plot(np.full(len(beside), value), beside, color=SECONDARY, lw=1, zorder=0)
            axes.text(
                value, rows - 0.35, name, fontsize=8.5, color=SECONDARY, ha="center", va="top"
            )
        axes.set(ylim=(rows + 0.1, -0.75), xlabel=xlabel, yticks=[])
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(lambda share, _: f"{share:.2f}")
        axes.spines["left"].set_visible(False)
        if xlim:
            axes.set_xlim(xlim)

    height = 0.46 * rows + 0.8
    return render(draw, alt, heights=(height, height))


def _picture(axes, values, colours) -> None:
    """One square a value, rows from the top down; kept as few bytes, whatever the size."""
    axes.imshow(values, cmap=colours, vmin=0, vmax=1, interpolation="none")
