import numpy as np
import pytest

from rnncourse.data import gym
from rnncourse.reproduce import comebacks

PLAIN = {"people": 400, "days": 20}
RUNS = {"people": 100, "days": 200, "gaps": [0, 1]}
TINY = {"units": 4, "updates": 3, "rate": 0.01, "batch": 5, "people": 9, "days": 7, "runs": RUNS}


def test_a_plain_curriculum_asks_for_every_day():
    ill, done, targets = comebacks.curriculum(PLAIN, 31)
    np.testing.assert_array_equal(ill, gym.diaries(400, 20, 31)[0])
    np.testing.assert_array_equal(done, gym.diaries(400, 20, 31)[1])
    np.testing.assert_array_equal(targets, done)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 1), (3, 27), (6, 10)])
def test_nothing_is_asked_after_an_untaught_gap_and_the_diary_stays(low, high):
    _, done, targets = comebacks.curriculum(PLAIN | {"untaught": [low, high]}, 31)
    np.testing.assert_array_equal(done, gym.diaries(400, 20, 31)[1])
    missed = gym.missed_before(done)
    inside = (missed >= low) & (missed <= high)
    assert inside.any()
    assert np.all(targets[inside] == -1)
    np.testing.assert_array_equal(targets[~inside], done[~inside])


def test_anywhere_moves_names_and_neither_gaps_nor_order():
    ill, done, targets = comebacks.curriculum(PLAIN | {"anywhere": True}, 31)
    plain_ill, plain, _ = gym.diaries(400, 20, 31)
    np.testing.assert_array_equal(ill, plain_ill)
    np.testing.assert_array_equal(targets, done)
    np.testing.assert_array_equal(done == gym.MISSED, plain == gym.MISSED)
    moved = np.where(plain == gym.MISSED, -1, (done - plain) % 7)
    assert {len(set(row[row >= 0])) for row in moved} == {0, 1}  # 0: nothing done at all
    assert set(moved[moved >= 0]) == set(range(7))


@pytest.mark.parametrize("untaught", [3, [2], [4, 3], [-1, 2], "often", None])
def test_a_pair_of_gaps_is_asked_for(untaught):
    with pytest.raises(ValueError, match="the shortest and the longest gap"):
        comebacks.curriculum(PLAIN | {"untaught": untaught}, 0)


def answering(monkeypatch, answers):
    monkeypatch.setattr(comebacks, "walk", lambda weights, ill, done: answers)
    return comebacks.asked_back([], RUNS)


def test_who_answers_best_gets_the_ceiling_and_one_everywhere(monkeypatch):
    ill, _, due = gym.diaries(RUNS["people"], RUNS["days"], rng=10**9)
    scores = answering(monkeypatch, np.where(ill == 1, gym.MISSED, due))
    assert scores["right"] == pytest.approx(gym.ceiling(), abs=1e-5)
    assert scores["back"] == [[1] * 7] * 2


def test_who_forgets_what_follows_legs_is_found_out_there_alone(monkeypatch):
    ill, _, due = gym.diaries(RUNS["people"], RUNS["days"], rng=10**9)
    answers = np.where(ill == 1, gym.MISSED, np.where(due == 6, 3, due))
    assert answering(monkeypatch, answers)["back"] == [[1, 1, 1, 1, 1, 0, 1]] * 2


def test_each_case_has_its_scores():
    (result,) = comebacks.try_comebacks(
        TINY | {"days": 3, "cases": [{}, {"untaught": [0, 3]}]}, (0,)
    )
    assert np.shape(result["back"]) == (2, 2, 7)
    assert np.shape(result["right"]) == (2,)


def test_days_that_are_not_asked_for_teach_nothing():
    """Nothing asked at all: the weights stay where they started."""
    config = TINY | {"batch": 9, "days": 2}
    lesson = comebacks.curriculum(config, 4)
    silent = np.full_like(lesson[2], -1)
    start = comebacks.remember([lesson[:2]], [silent], config | {"updates": 1}, (4,))
    later = comebacks.remember([lesson[:2]], [silent], config | {"updates": 8}, (4,))
    for a, b in zip(start, later):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_an_answer_on_the_untaught_day_would_be_noticed(monkeypatch):
    """The likely mistake: counting the gap with today in it."""
    before = gym.missed_before
    monkeypatch.setattr(
        gym, "missed_before", lambda done: np.column_stack([before(done)[:, 1:], done[:, -1] * 0])
    )
    _, done, targets = comebacks.curriculum(PLAIN | {"untaught": [1, 1]}, 31)
    monkeypatch.undo()
    assert np.any(targets[gym.missed_before(done) == 1] != -1)
