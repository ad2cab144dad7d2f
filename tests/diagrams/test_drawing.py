import re
import xml.etree.ElementTree as ET

import pytest

from rnncourse.diagrams import forecasts, gradients, neurons, sequences, stacks, streams, whispers
from rnncourse.diagrams.drawing import arrow, box, drawing, neuron, square, stage, sub, title

ALT = "Two stages, each with a square, a neuron and a box, joined by arrows."


def sketch(figure, narrow):
    for axes in stage(figure, narrow, widths=(4, 6), heights=(3, 3)):
        title(axes, 0.1, "Title")
        square(axes, 1, 1, f"x{sub(0)}")
        neuron(axes, 3, 1, "tanh")
        box(axes, 3, 2, "wait")
        arrow(axes, (1, 1), (3, 1), "W")


def test_a_drawing_has_a_page_and_a_phone_version():
    picture = drawing(sketch, ALT, heights=(2, 4))
    assert picture.wide != picture.narrow
    assert picture.alt == ALT


def test_both_stages_keep_their_shapes():
    picture = drawing(sketch, ALT, heights=(2, 4))
    for svg in (picture.wide, picture.narrow):
        assert [svg.count(word) for word in ("Title", "x₀", "tanh", "wait")] == [2] * 4


def test_a_subscript_is_one_digit():
    assert [sub(t) for t in (0, 9)] == ["₀", "₉"]
    with pytest.raises(IndexError):
        sub(10)


DRAWINGS = {
    "recurrent_neuron": neurons.recurrent_neuron,
    "recurrent_layer": neurons.recurrent_layer,
    "step_shapes": neurons.step_shapes,
    "three_paths": lambda: gradients.three_paths(
        [["e", "s2", "x2"], ["e", "s2", "w", "s1", "x1"], ["e", "s2", "w", "s1", "w", "s0", "x0"]],
        ["7", "8", "9"],
    ),
    "cost_of_the_last": lambda: gradients.cost_of_the_last([0, 0, 12, 13, 14], range(20, 25)),
    "projections": forecasts.projections,
    "chain_and_loop": sequences.chain_and_loop,
    "batch_and_time": sequences.batch_and_time,
    "padding": sequences.padding,
    "tower": stacks.tower,
    "whispers": whispers.whispers,
    "batch_matrix": lambda: streams.batch_matrix([0, 1] * 18, batch_size=3, window=3),
}
each_drawing = pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)


def words(svg):
    texts = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return sorted(" ".join(node.text or "" for node in texts).split())


@each_drawing
def test_a_drawing_says_in_words_what_it_shows(draw):
    assert len(draw().alt.split()) > 30


@each_drawing
def test_page_and_phone_show_the_same_labels(draw):
    picture = draw()
    assert words(picture.wide) == words(picture.narrow)


@each_drawing
def test_nothing_is_drawn_outside_the_picture(draw):
    picture = draw()
    for svg in (picture.wide, picture.narrow):
        # A hatch is a tile of its own, larger than what shows of it.
        root = ET.fromstring(re.sub(r"<pattern.*?</pattern>", "", svg, flags=re.S))
        _, _, width, height = map(float, root.get("viewBox").split())
        for data in re.findall(r' d="([^"]+)"', ET.tostring(root, encoding="unicode")):
            points = [float(number) for number in re.findall(r"-?[\d.]+", data)]
            assert all(-1 <= x <= width + 1 for x in points[::2])
            assert all(-1 <= y <= height + 1 for y in points[1::2])
