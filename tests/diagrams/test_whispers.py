import re

import pytest

from rnncourse.diagrams.whispers import whispers


@pytest.mark.parametrize("steps", [2, 5, 6])
def test_the_row_has_as_many_states_as_asked_for(steps):
    for svg in (whispers(steps=steps).wide, whispers(steps=steps).narrow):
        states = {k for k in "₁₂₃₄₅₆" if f"h{k}<" in svg}
        assert len(states) == steps


def test_what_is_left_is_the_factor_to_the_power_of_the_distance():
    assert "0.064, 0.16, 0.4, 1." in whispers(factor=0.4, steps=4).alt


def test_an_arrow_is_as_wide_as_what_is_left():
    svg = whispers(factor=0.5, steps=4).wide
    widths = {float(w) for w in re.findall(r"stroke:#a63c06;stroke-width:([\d.]+)", svg)}
    assert {0.5 + 4 * share for share in (1, 0.5, 0.25)} <= widths
