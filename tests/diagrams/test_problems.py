import xml.etree.ElementTree as ET

import numpy as np
import pytest

from rnncourse.data import gym
from rnncourse.diagrams import problems
from rnncourse.plots import INPUT, PREDICTION


def words(svg):
    return [node.text or "" for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def both(picture):
    return picture.wide, picture.narrow


@pytest.mark.parametrize(
    "draw",
    [
        problems.two_photographs,
        problems.week_plan,
        problems.missed_day,
        problems.five_shapes,
        problems.three_feeds,
        lambda: problems.shift([1, 2, 3]),
        lambda: problems.diary(np.zeros(7, int), np.zeros(7, int)),
    ],
)
def test_a_drawing_has_two_sizes_and_an_alternative(draw):
    picture = draw()
    assert all(svg.startswith("<svg") for svg in both(picture))
    assert len(picture.alt.split()) > 10


def test_the_plan_names_every_exercise_and_holds_one_1_a_row():
    for svg in both(problems.week_plan()):
        texts = words(svg)
        assert set(gym.EXERCISES) <= set(texts)
        assert (texts.count("1"), texts.count("0")) == (7, 42)


def test_a_diary_hatches_missed_days_and_marks_ill_ones():
    done = np.array([0, 7, 1, 7, 7, 2, 3])
    ill = np.array([0, 0, 0, 1, 1, 1, 0])
    picture = problems.diary(done, ill)
    assert words(picture.wide).count("ill") == 3
    assert "shoulders, missed, biceps, missed, missed, cardio, chest" in picture.alt
    never = problems.diary(np.where(done == 7, 6, done), 0 * ill)
    assert picture.wide.count("<pattern") > never.wide.count("<pattern")


def test_each_shape_has_its_vectors_where_it_says():
    inputs = sum(len(shape[1]) for shape in problems.SHAPES.values())
    outputs = sum(len(shape[2]) for shape in problems.SHAPES.values())
    for svg in both(problems.five_shapes()):
        assert svg.lower().count(f"fill:{INPUT.lower()};stroke:{INPUT.lower()}") == inputs
        assert (
            svg.lower().count(f"fill:{PREDICTION.lower()};stroke:{PREDICTION.lower()}") == outputs
        )


def test_only_the_delayed_shape_answers_after_its_last_input():
    late = [
        name
        for name, (_, inputs, outputs, _) in problems.SHAPES.items()
        if min(outputs) > max(inputs)
    ]
    assert late == ["many to many, delayed"]


def test_a_target_is_the_price_of_the_day_after():
    for svg in both(problems.shift([11, 12, 13, 14])):
        texts = words(svg)
        assert [t for t in texts if t.isdigit()] == ["11", "12", "13", "12", "13", "14"]
        days = [t for t in texts if t.endswith("ago") or t in ("yesterday", "today", "tomorrow")]
        assert days == ["2 ago", "yesterday", "today", "yesterday", "today", "tomorrow"]
