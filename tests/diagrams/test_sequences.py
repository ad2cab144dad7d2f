import re
import xml.etree.ElementTree as ET

from rnncourse.diagrams import sequences


def labels(svg):
    return [node.text or "" for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def words(svg):
    return " ".join(labels(svg))


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
