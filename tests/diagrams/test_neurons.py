import re
import xml.etree.ElementTree as ET

import pytest

from rnncourse.diagrams import neurons

DRAWINGS = [neurons.recurrent_neuron, neurons.recurrent_layer, neurons.step_shapes]


def words(svg):
    return " ".join(
        node.text or "" for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    )


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.__name__)
def test_a_drawing_says_in_words_what_it_shows(drawing):
    assert len(drawing().alt.split()) > 30


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.__name__)
def test_page_and_phone_show_the_same_labels(drawing):
    picture = drawing()
    assert sorted(words(picture.wide).split()) == sorted(words(picture.narrow).split())


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.__name__)
def test_nothing_is_drawn_outside_the_picture(drawing):
    for svg in (drawing().wide, drawing().narrow):
        _, _, width, height = map(float, ET.fromstring(svg).get("viewBox").split())
        for data in re.findall(r' d="([^"]+)"', svg):
            points = [float(number) for number in re.findall(r"-?[\d.]+", data)]
            assert all(-1 <= x <= width + 1 for x in points[::2])
            assert all(-1 <= y <= height + 1 for y in points[1::2])


def test_the_folded_neuron_holds_a_delay():
    assert "wait" in words(neurons.recurrent_neuron().wide)


def test_the_shapes_drawn_are_the_shapes_asked_for():
    drawn = words(neurons.step_shapes(batch=2, features=1, units=3).wide)
    for size in ("2 × 1", "1 × 3", "2 × 3", "3 × 3", "2 × 4", "4 × 3"):
        assert size in drawn
