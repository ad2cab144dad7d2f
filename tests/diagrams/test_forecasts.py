"""Drawings of forecasts keep their parts in both widths."""

import re

import numpy as np
import pytest

from rnncourse.data.series import two_waves
from rnncourse.diagrams.forecasts import creations, projections, window_and_target

T = 0.1 * np.arange(301)


def versions(picture):
    return picture.wide, picture.narrow


def test_a_window_is_drawn_beside_its_target():
    picture = window_and_target(T, two_waves(T), first=122, window=20, known=25)
    assert "20 values" in picture.alt
    assert "25" in picture.alt
    for svg in versions(picture):
        for words in ("a window", "the test", "heard", "wanted"):
            assert svg.count(words) == 1, words


@pytest.mark.parametrize("window", [5, 20])
def test_every_value_of_the_window_is_a_square_and_every_target_a_dot(window):
    picture = window_and_target(T, two_waves(T), first=50, window=window, known=25)
    for svg in versions(picture):
        uses = re.findall(r'<use [^>]*xlink:href="#(m\w+)"', svg)
        counts = [uses.count(mark) for mark in set(uses)]
        assert counts.count(window) >= 2


def test_a_projection_is_drawn_once_for_each_step_or_once_for_all():
    picture = projections()
    for svg in versions(picture):
        assert len(re.findall(r">V<", svg)) == 3 + 1
        assert [svg.count(f"y{sub}") for sub in "₀₁₂"] == [2, 2, 2]
    assert "100 numbers" in picture.alt
    assert "7 numbers" in projections(7).alt


@pytest.mark.parametrize("count", [1, 6, 20])
def test_every_invention_has_a_frame_and_the_original_the_first(count):
    rows = np.random.default_rng(0).normal(size=(count, 60)).cumsum(axis=1)
    names = [f"kind {k}" for k in range(count)]
    picture = creations(rows, names, two_waves(T[:60]), alt="Many small frames with curves in them")
    for svg in versions(picture):
        assert all(f">kind {k}<" in svg for k in range(count))
        assert svg.index("the curve itself") < svg.index("kind 0")


def test_a_runaway_does_not_leave_its_frame():
    rows = np.array([[0.0, 50.0, 99.0, -99.0]])
    picture = creations(rows, ["runs away"], np.zeros(4), alt="Two small frames, one runs away")
    assert picture.wide != picture.narrow
