"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.exercises import lesson_08 as exercises


def fails(feedback, hint):
    assert not feedback.passed
    assert hint in str(feedback)


def test_the_right_counts_pass():
    assert exercises.check_counts(60_300, 20_100).passed


@pytest.mark.parametrize(
    ("own", "shared", "hint"),
    [
        (60_000, 20_100, "a bias for each neuron"),
        (30_300, 20_100, "two matrices"),
        (30_000, 10_000, "two matrices"),
        (60_300, 10_000, "two matrices"),
        (60_300, 20_000, "a bias for each neuron"),
        (20_100, 20_100, "that is one layer"),
        (7, 20_100, "count one cell first"),
        (60_300, 60_300, "one set of weights"),
        (60_300, 1, "how many different cells"),
        ("many", 1, "expected a number for `own`"),
        (60_300, None, "expected a number for `shared`"),
        (float("nan"), 1, "expected a number"),
    ],
)
def test_a_wrong_count_is_told_why(own, shared, hint):
    fails(exercises.check_counts(own, shared), hint)


def split(joined, sizes):
    return np.split(joined, np.cumsum(sizes)[:-1], axis=1)


def split_by_hand(joined, sizes):
    parts, at = [], 0
    for size in sizes:
        parts.append(joined[:, at : at + size])
        at += size
    return tuple(parts)


@pytest.mark.parametrize("answer", [split, split_by_hand])
def test_a_right_split_passes(answer):
    assert exercises.check_split(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda joined, sizes: np.split(joined, len(sizes), axis=1), "must have shape (3, 5)"),
        (lambda joined, sizes: split(joined[:, ::-1], sizes), "columns 0 to 3"),
        (lambda joined, sizes: split(joined, sizes)[:-1], "must give 3 states, got 2"),
        (lambda joined, sizes: split(joined.T, sizes), "IndexError|shape"),
        (lambda joined, sizes: None, "returned nothing"),
        (lambda joined, sizes: 1 / 0, "ZeroDivisionError"),
        (5, "expected a function"),
    ],
)
def test_a_wrong_split_is_told_why(answer, hint):
    feedback = exercises.check_split(answer)
    assert not feedback.passed
    assert any(word in str(feedback) for word in hint.split("|"))


def test_the_right_share_and_factor_pass():
    assert exercises.check_keep(0.1, 1 / 0.9).passed
    assert exercises.check_keep(1 - 0.9, 1.11).passed


@pytest.mark.parametrize(
    ("dropped", "factor", "hint"),
    [
        (0.9, 1.11, "the share that is kept"),
        (10, 1.11, "not a percentage"),
        (0.3, 1.11, "make 1"),
        (0.1, 1, "smaller in training"),
        (0.1, 0.9, "smaller still"),
        (0.1, 10, "not by the share that is dropped"),
        (0.1, 3, "add up to what all did"),
        ([0.1], 1, "expected a number"),
    ],
)
def test_a_wrong_share_or_factor_is_told_why(dropped, factor, hint):
    fails(exercises.check_keep(dropped, factor), hint)


def drop(x, rate, rng):
    return x * (rng.random((x.shape[0], 1, x.shape[2])) >= rate) / (1 - rate)


def drop_by_rows(x, rate, rng):
    rows = []
    for row in x:
        mask = rng.choice([0, 1 / (1 - rate)], size=row.shape[1], p=[rate, 1 - rate])
        rows.append(row * mask)
    return np.array(rows)


@pytest.mark.parametrize("answer", [drop, drop_by_rows])
def test_a_right_drop_passes(answer):
    assert exercises.check_drop(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x, rate, rng: x * (rng.random(x.shape) >= rate) / (1 - rate), "from step to step"),
        (lambda x, rate, rng: drop(x, rate, rng) * (1 - rate), "divide by the share"),
        (lambda x, rate, rng: drop(x, 1 - rate, rng), "the share to keep"),
        (lambda x, rate, rng: x * (rng.random(30) >= rate) / (1 - rate), "a mask of its own"),
        (lambda x, rate, rng: x, "nothing was dropped"),
        (lambda x, rate, rng: drop(x, 0.9, rng), "compare random numbers"),
        (lambda x, rate, rng: x[0], "expected shape"),
        (
            lambda x, rate, rng: x * (rng.random((len(x), 1, 1)) >= rate) / (1 - rate),
            "whole sequences",
        ),
        (lambda x, rate, rng: drop(x, rate, np.random.default_rng()), "from `rng`"),
        (lambda x, rate, rng: None, "returned nothing"),
        (lambda x, rate: x, "TypeError"),
        ("drop", "expected a function"),
    ],
)
def test_a_wrong_drop_is_told_why(answer, hint):
    fails(exercises.check_drop(answer), hint)


@pytest.mark.parametrize("step", [1000 / 2**10, 1, 0.98])
def test_the_right_survivors_pass(step):
    assert exercises.check_survivors(step, 500).passed


@pytest.mark.parametrize(
    ("step", "sequence", "hint"),
    [
        (500, 500, "stays empty"),
        (0, 500, "how many is that"),
        (100, 500, "halves those that are left"),
        (31, 500, "ten times in a row"),
        (1, 1, "kept by all"),
        (1, 1000, "at the first step"),
        (1, 77, "what does the second step drop"),
        (None, 500, "expected a number"),
        (1, "all", "expected a number"),
    ],
)
def test_wrong_survivors_are_told_why(step, sequence, hint):
    fails(exercises.check_survivors(step, sequence), hint)


RIGHT = {"another width", "a layer more", "another vocabulary"}


@pytest.mark.parametrize("answer", [RIGHT, sorted(RIGHT), frozenset(RIGHT)])
def test_the_right_refusals_pass(answer):
    assert exercises.check_refused(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (RIGHT | {"a layer less"}, "nobody asks for the rest"),
        (RIGHT | {"another batch"}, "the shape of no weight"),
        (RIGHT | {"other steps"}, "the shape of no weight"),
        (RIGHT - {"another width"}, "one is missing: a weight may be in the file, but in another"),
        (RIGHT - {"a layer more"}, "one is missing: a weight may be asked for that is not in"),
        ({"a layer more"}, "two are missing"),
        (set(), "three are missing"),
        ({}, "three are missing"),
        ({"another name"}, "none of the seven"),
        ({3}, "one string for each change"),
        ("another width", "expected a set"),
        (None, "expected a set"),
        ([["another width"]], "one string for each change"),
        ({"a": 1}, "expected a set"),
    ],
)
def test_wrong_refusals_are_told_why(answer, hint):
    fails(exercises.check_refused(answer), hint)
