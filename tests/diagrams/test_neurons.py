import xml.etree.ElementTree as ET

from rnncourse.diagrams import neurons


def words(svg):
    return " ".join(
        node.text or "" for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    )


def test_the_folded_neuron_holds_a_delay():
    assert "wait" in words(neurons.recurrent_neuron().wide)


def test_the_shapes_drawn_are_the_shapes_asked_for():
    drawn = words(neurons.step_shapes(batch=2, features=1, units=3).wide)
    for size in ("2 × 1", "1 × 3", "2 × 3", "3 × 3", "2 × 4", "4 × 3"):
        assert size in drawn
