import re

import pytest

from rnncourse.diagrams.gru import LEFT_OVER, cell

NUMBERS = {"x": 1.0, "h": -0.6, "z": 0.75, "r": 0.5, "new": 0.4, "new_h": -0.35}


def test_every_number_stands_in_the_drawing_and_the_products_too():
    picture = cell(NUMBERS)
    for svg in (picture.wide, picture.narrow):
        for number in ("1.00", "−0.60", "0.75", "0.50", "0.40", "−0.35"):
            assert number in svg
        for product in ("−0.30", "−0.45", "0.10"):  # r h, z h, (1 - z) h̃
            assert re.search(f">{product}<", svg)


def test_what_is_left_over_lies_beside_it():
    assert all(part in cell(NUMBERS).wide for part in LEFT_OVER)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_missing_number_is_named(name):
    with pytest.raises(ValueError, match=f"got no '{name}'"):
        cell({n: v for n, v in NUMBERS.items() if n != name})
