import re

import numpy as np
import pytest

from rnncourse.diagrams.strips import strips

NAMES = ["one", "two", "three"]
VALUES = np.random.default_rng(0).uniform(0, 1, (3, 20))
COLUMN = {"title": "Task", "xlabel": "share", "xlim": (0, 1), "values": VALUES}
ALT = "Three rows of twenty dots each, with the interval of their mean."


def test_names_stand_once_on_a_page_and_with_each_task_on_a_phone():
    picture = strips(NAMES, [COLUMN, COLUMN | {"title": "Other"}], ALT)
    for name in NAMES:
        assert len(re.findall(f">{name}<", picture.wide)) == 1
        assert len(re.findall(f">{name}<", picture.narrow)) == 2


def test_a_level_is_named_on_the_side_where_there_is_room():
    levels = [COLUMN | {"level": ("chance", 0.1)}, COLUMN | {"level": ("ceiling", 0.9)}]
    svg = strips(NAMES, levels, ALT).wide
    assert " chance" in svg and "ceiling " in svg


def test_networks_that_all_agree_can_be_drawn():
    assert strips(NAMES, [COLUMN | {"values": np.ones((3, 20))}], ALT).wide


def test_a_row_without_a_name_is_refused():
    with pytest.raises(ValueError, match="`values` of 'Task' must hold 3 rows, got 2"):
        strips(NAMES, [COLUMN | {"values": VALUES[:2]}], ALT)
