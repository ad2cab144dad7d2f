import re
import xml.etree.ElementTree as ET

import pytest

from rnncourse.diagrams import gradients

PATHS = [["e", "s2", "x2"], ["e", "s2", "w", "s1", "x1"], ["e", "s2", "w", "s1", "w", "s0", "x0"]]


def words(svg):
    return [node.text for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_each_path_shows_its_factors_and_its_product():
    drawn = words(gradients.three_paths(PATHS, ["7", "8", "9"]).wide)
    assert {"e · s2 · x2 = 7", "e · s2 · w · s1 · x1 = 8"} <= set(drawn)
    assert [drawn.count(factor) for factor in ("e", "s2", "s1", "s0", "w")] == [3, 3, 2, 1, 3]


def test_a_path_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match=r"3, 5 and 7 factors .+ got \[5, 3, 7\] and 3"):
        gradients.three_paths([PATHS[1], PATHS[0], PATHS[2]], ["7", "8", "9"])
    with pytest.raises(ValueError, match=r"got \[3, 5, 7\] and 2"):
        gradients.three_paths(PATHS, ["7", "8"])


def test_the_numbers_appear_as_the_way_back_reaches_them():
    drawn = words(gradients.cost_of_the_last([0, 0, 12, 13, 14], [20, 21, 22, 23, 24]).wide)
    assert [drawn.count(str(size)) for size in (24, 23, 22, 21, 20)] == [4, 3, 2, 1, 1]
    assert drawn.count("0") == 6 + 2  # the step below each picture, and two ignored outputs
    assert [drawn.count(str(size)) for size in (12, 13, 14)] == [4, 4, 4]


def test_the_forward_pass_is_dashed_and_the_way_back_is_not():
    picture = gradients.cost_of_the_last([0, 0, 12, 13, 14], [20, 21, 22, 23, 24])
    strokes = re.findall(r"<path [^>]*fill:none[^>]*>", picture.wide)
    dashed = [stroke for stroke in strokes if "dasharray" in stroke]
    assert (len(dashed), len(strokes) - len(dashed)) == (6, 4)


def test_five_steps_are_asked_for():
    with pytest.raises(ValueError, match="5 numbers each, got 4 and 5: one for each step"):
        gradients.cost_of_the_last([0] * 4, [0] * 5)
