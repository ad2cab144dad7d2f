import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from rnncourse.data.series import echo_bits
from rnncourse.diagrams import streams
from rnncourse.plots import INPUT, PREDICTION

ALT = "Five rows of bits at two moments, with what the network said below."


def words(svg):
    return [node.text or "" for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture(scope="module")
def matrix():
    return streams.batch_matrix(echo_bits(36, 3, 0)[0], batch_size=3, window=3)


def test_every_step_of_the_stream_is_numbered_and_the_window_again(matrix):
    for svg in (matrix.wide, matrix.narrow):
        numbers = [int(word) for word in words(svg) if word.isdigit()]
        assert sorted(numbers) == sorted([*range(1, 37), 4, 5, 6, 16, 17, 18, 28, 29, 30])


def test_the_alternative_names_the_steps_in_the_window(matrix):
    assert "4 to 6; 16 to 18; 28 to 30" in matrix.alt


def test_a_bit_is_filled_if_it_is_one():
    ones = streams.batch_matrix(np.ones(12, int), 3, 2)
    zeros = streams.batch_matrix(np.zeros(12, int), 3, 2)
    filled = re.compile(f"fill:{INPUT.lower()}")
    assert len(filled.findall(ones.wide.lower())) == 18
    assert not filled.findall(zeros.wide.lower())


def spoken(p):
    bits = np.array([[1, 0, 1], [0, 0, 1]])
    return streams.spoken_rows({"now": (bits, bits, p), "later": (bits, bits, bits)}, alt=ALT)


def test_a_wrong_prediction_carries_a_cross_and_a_right_one_none():
    right, wrong = spoken([[0.9, 0.1, 0.6], [0, 0, 1]]), spoken([[0.9, 0.6, 0.6], [0, 0, 0.4]])
    assert wrong.wide.count("<use") - right.wide.count("<use") == 2


def test_a_bar_is_as_high_as_the_probability():
    def height(p):
        svg = spoken([[p, 0, 0], [0, 0, 0]]).wide.lower()
        path = next(part for part in svg.split("<path")[1:] if f"fill:{PREDICTION.lower()}" in part)
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.split('"')[1])]
        return max(numbers[1::2]) - min(numbers[1::2])

    assert height(0.5) == pytest.approx(height(1.0) / 2, rel=0.02)


def test_moments_are_named_and_rows_are_labelled():
    picture = spoken([[0.5] * 3] * 2)
    assert {"now", "later", "input", "target", "said"} <= set(words(picture.wide))
    assert words(picture.narrow).count("input") == 2
