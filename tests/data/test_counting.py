"""Turns and hops, and who understood them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.counting import all_right, reach, wind_ups

numbers = st.lists(st.integers(1, 12), min_size=1, max_size=5)


@given(numbers, st.integers(0, 4))
def test_every_toy_hops_as_often_as_it_was_wound_up_and_runs_down_once(turns, more):
    x, y = wind_ups(turns, 2 * max(turns) + more)
    assert x[..., 0].sum(axis=1).tolist() == x[..., 1].sum(axis=1).tolist() == turns
    assert y.sum(axis=1).tolist() == [1] * len(turns)
    assert (y.argmax(axis=1) == 2 * np.array(turns) - 1).all()
    assert (x.sum(axis=-1).max(axis=1) == 1).all()


@given(numbers)
def test_all_turns_come_before_all_hops(turns):
    x, _ = wind_ups(turns)
    turn, hop = (x[..., k] * np.arange(1, x.shape[1] + 1) for k in (0, 1))
    first_hop = np.where(hop > 0, hop, np.inf).min(axis=1)
    assert (turn.max(axis=1) < first_hop).all()


@given(numbers, st.integers(0, 3), st.randoms())
def test_one_wrong_word_within_the_toy_spoils_it_and_none_behind(turns, more, dice):
    _, y = wind_ups(turns, 2 * max(turns) + more)
    said = 2 * y - 1
    assert all_right(said, turns).all()
    row = dice.randrange(len(turns))
    step = dice.randrange(said.shape[1])
    said[row, step] *= -1
    expected = np.ones(len(turns), bool)
    expected[row] = step >= 2 * turns[row]
    assert all_right(said, turns).tolist() == expected.tolist()


def test_who_does_not_count_understands_one_toy_of_n():
    turns = np.arange(1, 16)
    hops = np.cumsum(wind_ups(turns)[0][..., 1], axis=1)
    best = max(
        all_right(np.where(hops == k, 1, -1) * (hops > 0), turns).mean() for k in range(1, 16)
    )
    assert best == 1 / 15


def test_many_judges_are_judged_at_once():
    _, y = wind_ups([1, 2])
    said = np.stack([2 * y - 1, 1 - 2 * y])
    assert all_right(said, [1, 2]).tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize(
    ("right", "expected"),
    [([1, 1, 1], 3), ([0, 1, 1], 0), ([1, 1, 0], 2), ([[1, 0], [0, 1]], [1, 0])],
)
def test_the_reach_ends_before_the_first_mistake(right, expected):
    assert np.array_equal(reach(right), expected)


@pytest.mark.parametrize(
    ("turns", "steps", "error", "message"),
    [
        ([], None, ValueError, r"`turns` must have shape \(B,\) with B ≥ 1, got \(0,\)"),
        (3, None, ValueError, r"`turns` must have shape \(B,\), got \(\)"),
        ([[1]], None, ValueError, r"got \(1, 1\)"),
        ([0], None, ValueError, "`turns` must be at least 1, got 0: wind it up"),
        ([1.0], None, TypeError, "`turns` must be integers, got dtype float64: count them"),
        (["a"], None, TypeError, "`turns` must be integers, got dtype str"),
        ([2, 3], 5, ValueError, "`steps` must be an integer ≥ 6, got 5: a toy hops as often"),
        ([2], True, ValueError, "`steps` must be an integer ≥ 4, got True"),
        ([2], 6.0, ValueError, "got 6.0"),
    ],
)
def test_what_is_no_toy_is_refused(turns, steps, error, message):
    with pytest.raises(error, match=message):
        wind_ups(turns, steps)


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ([1, 2], ValueError, r"`said` must have shape \(1, T\), got \(2,\)"),
        ([[1, 2], [1, 2]], ValueError, r"`said` must have shape \(1, T\), got \(2, 2\)"),
        ([["a", "b"]], TypeError, "`said` must hold numbers"),
        ([[1]], ValueError, "`steps` must be an integer ≥ 2, got 1"),
    ],
)
def test_what_is_no_judgement_is_refused(said, error, message):
    with pytest.raises(error, match=message):
        all_right(said, [1])
