import re
import xml.etree.ElementTree as ET

import pytest

from rnncourse.diagrams import sequences

DRAWINGS = [sequences.chain_and_loop, sequences.batch_and_time, sequences.padding]


def labels(svg):
    return [node.text or "" for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def words(svg):
    return " ".join(labels(svg))


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
        # A hatch is a tile of its own, larger than what shows of it.
        root = ET.fromstring(re.sub(r"<pattern.*?</pattern>", "", svg, flags=re.S))
        _, _, width, height = map(float, root.get("viewBox").split())
        for data in re.findall(r' d="([^"]+)"', ET.tostring(root, encoding="unicode")):
            points = [float(number) for number in re.findall(r"-?[\d.]+", data)]
            assert all(-1 <= x <= width + 1 for x in points[::2])
            assert all(-1 <= y <= height + 1 for y in points[1::2])


def test_the_chain_has_a_cell_for_every_step_and_the_loop_has_one():
    drawn = labels(sequences.chain_and_loop().wide)
    assert drawn.count("cell") == sequences.STEPS + 1
    assert [drawn.count(name) for name in ("x₀", "x₃", "h₀", "h₃")] == [2] * 4


def test_the_sizes_drawn_are_the_sizes_asked_for():
    drawn = words(sequences.batch_and_time(batch=2, steps=3, features=5).wide)
    for size in ("(2, 3, 5)", "(3, 2, 5)", "(6, 5)"):
        assert size in drawn
    assert "(35, 20, 650)" in words(sequences.batch_and_time().wide)


def test_the_flat_rows_stand_in_the_order_of_time():
    drawn = words(sequences.batch_and_time().wide)
    flat = drawn[drawn.index("Flat") :]
    assert re.findall(r"[abc][₀₁]", flat) == ["a₀", "b₀", "c₀", "a₁", "b₁", "c₁"]


def test_every_row_of_targets_ends_with_its_token():
    assert words(sequences.padding().wide).count("END") == 3
