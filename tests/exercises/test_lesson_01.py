"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.data import gym
from rnncourse.exercises import lesson_01 as exercises

GARBAGE = [None, 3, "seven", [], {}, float("nan"), object(), lambda *a: None, lambda *a: 1 / 0]


def encode(done):
    return np.array([[name == day for name in gym.EXERCISES] for day in done], int)


def by_matrix(done):
    places = [gym.EXERCISES.index(day) if day else 7 for day in done]
    return np.eye(8)[places][:, :7]


@pytest.mark.parametrize("answer", [encode, by_matrix, lambda d: encode(d).tolist()])
def test_right_vectors_pass(answer):
    feedback = exercises.check_encode(answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda d: encode(d)[:7], "shape (21, 7), got (7, 7)"),
        (lambda d: np.eye(8)[[gym.EXERCISES.index(x) if x else 7 for x in d]], "an eighth place"),
        (lambda d: encode([x or "shoulders" for x in d]), "a missed day came out as shoulders"),
        (lambda d: encode(d)[:, ::-1], "should be [1, 0, 0, 0, 0, 0, 0]"),
        (lambda d: encode(d)[0], "got (7,)"),
        (lambda d: [str(x) for x in d], "turn names into places"),
        (lambda d: None, "returned nothing"),
        (lambda d: [gym.EXERCISES.index(x) for x in d], "`None`, which has no place"),
        (lambda d: [int("seven") for _ in d], "ValueError"),
        ([1, 0], "expected a function"),
    ],
)
def test_wrong_vectors_are_told_why(answer, hint):
    feedback = exercises.check_encode(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def test_the_right_guess_passes():
    assert exercises.check_guess(0.25, 0.75).passed
    assert exercises.check_guess(date=1 / 4, memory=np.float64(3 / 4)).passed


@pytest.mark.parametrize(
    ("date", "memory", "hint"),
    [
        (3 / 16, 0.75, "named at random"),
        (7 / 16, 0.75, "only one answer"),
        (0.75, 0.75, "knows whose turn"),
        (0.2, 0.75, "not equally likely"),
        (0.6, 0.75, "which is the likeliest"),
        (25, 0.75, "not a percentage"),
        (0.25, 1, "nobody knows beforehand"),
        (0.25, 0.25, "need not say"),
        (0.25, 3 / 16, "whose turn it is"),
        (0.25, 0.5, "how often does the member come"),
        ("a quarter", 0.75, "expected a number for `date`"),
        (0.25, None, "expected a number for `memory`"),
        (True, 0.75, "expected a number for `date`"),
    ],
)
def test_a_wrong_guess_is_told_why(date, memory, hint):
    feedback = exercises.check_guess(date, memory)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def test_the_guess_is_what_counting_gives():
    entries = [1 / 4] + 4 * [3 / 4 / 4]
    assert sum(entries) == 1
    assert exercises.check_guess(max(entries), 1 - entries[0]).passed


@pytest.mark.parametrize(
    "answer",
    [lambda p, n: (p[-n - 1 : -1], p[-n:]), lambda p, n: [p[-n - 1 :][:-1], p[-n - 1 :][1:]]],
)
def test_a_right_shift_passes(answer):
    assert exercises.check_shift(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p, n: (p[-n:], p[-n:]), "tomorrow's price stands among"),
        (lambda p, n: (p[-n - 1 : -1], p[-n - 1 : -1]), "the same prices"),
        (lambda p, n: (p[1 : n + 1], p[:n]), "a shift into the past"),
        (lambda p, n: (p[:n], p[1 : n + 1]), "the first n days"),
        (lambda p, n: (p[:n], p[-n:]), "one day after its input"),
        (lambda p, n: (p[-n - 1 : -1], p[-n - 2 : -2]), "end with tomorrow's price"),
        (lambda p, n: (p[:-1], p[1:]), "`inputs` must have shape (5,), got (29,)"),
        (lambda p, n: p, "expected a pair"),
        (lambda p, n: None, "expected a pair"),
        (lambda p, n: (None, p), "returned nothing"),
        (5, "expected a function"),
    ],
)
def test_a_wrong_shift_is_told_why(answer, hint):
    feedback = exercises.check_shift(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


RIGHT = {problem: shape for problem, (shape, _) in exercises.PROBLEMS.items()}


def test_the_right_shapes_pass():
    assert exercises.check_shapes(RIGHT).passed


def test_the_long_names_of_the_page_pass_too():
    long = {shape: name for name, shape in exercises.LONG.items()}
    assert exercises.check_shapes({p: long.get(s, s) for p, s in RIGHT.items()}).passed


@pytest.mark.parametrize(
    ("answers", "hint"),
    [
        (RIGHT | {"score a film review": "in step"}, "the verdict is asked for once"),
        (RIGHT | {"summarise a report": "in step"}, "may need the last page"),
        (RIGHT | {"write a caption for a photo": "one to one"}, "words follow each other"),
        (RIGHT | {"score a film review": "sideways"}, "is no shape"),
        (RIGHT | {"score a film review": ["in step"]}, "is no shape"),
        ({}, "no shape for"),
        (dict.fromkeys(RIGHT, "in step"), "2 of 6 fit"),
        ("in step", "expected a dictionary"),
    ],
)
def test_wrong_shapes_are_told_why(answers, hint):
    feedback = exercises.check_shapes(answers)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize(
    ("well", "ill", "praise"),
    [
        (0, 0, "nobody misses"),
        (1, 1, "best answered with"),
        (0.5, 0.9, "best answered with"),
        (0.5, 0.5, "at least as likely"),
        (0.6, 0.6, "best answered with"),
    ],
)
def test_chances_that_make_memory_worthless_pass(well, ill, praise):
    feedback = exercises.check_pointless(well, ill)
    assert feedback.passed, feedback
    assert praise in str(feedback)


@pytest.mark.parametrize(
    ("well", "ill", "hint"),
    [
        (0.1, 0.9, "the calendar gets 0.213 and memory 0.900"),
        (0.02, 0.02, "even a rare missed day"),
        (0, 0.9, "the ill ones still do"),
        (0.4, 0.4, "the calendar gets 0.400 and memory 0.600"),
        (0.47, 0.9, "the ill days are settled"),
        (0.1, 1, "the ill days are settled"),
        (0.9, 0.1, "the well days are settled"),
        (-0.1, 0.5, "between 0 and 1"),
        ("never", 0, "expected a number"),
        (float("nan"), 0, "expected a number for `misses_well`, got nan"),
        (0.1, None, "expected a number"),
    ],
)
def test_chances_that_leave_memory_its_worth_are_told_why(well, ill, hint):
    feedback = exercises.check_pointless(well, ill)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def last_done(done):
    last, column = 7, []
    for entry in done:
        column.append(last)
        last = last if entry == 7 else entry
    return column


def by_searching(done):
    days = np.arange(len(done))
    latest = np.maximum.accumulate(np.where(done < 7, days, -1))
    found = np.where(latest >= 0, done[latest], 7)
    return np.r_[7, found[:-1]]


@pytest.mark.parametrize("answer", [last_done, by_searching])
def test_a_state_kept_by_hand_passes(answer):
    feedback = exercises.check_carry(answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda d: np.r_[7, d[:-1]], "yesterday's entry"),
        (lambda d: [*last_done(d)[1:], 7], "the answer itself"),
        (lambda d: np.r_[0, last_done(d)[1:]], "on day 0 expected 7, got 0; nothing came before"),
        (lambda d: [*last_done(d)[:-1], "core"], "turn names"),
        (lambda d: last_done(d)[:7], "a number for each day"),
        (lambda d: None, "returned nothing"),
        (7, "expected a function"),
    ],
)
def test_a_wrong_state_is_told_why(answer, hint):
    feedback = exercises.check_carry(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("garbage", GARBAGE)
def test_no_check_raises_whatever_it_is_given(garbage):
    for check in (exercises.check_encode, exercises.check_shift, exercises.check_carry):
        assert not check(garbage).passed
    assert not exercises.check_shapes(garbage).passed
    assert not exercises.check_guess(garbage, garbage).passed
    assert not exercises.check_pointless(garbage, garbage).passed
