"""The self-checks of lesson 10: right answers pass, wrong ones are told what is off."""

import numpy as np
import pytest

from rnncourse.exercises import lesson_10 as exercises
from rnncourse.reference import peephole_lstm_step, sigmoid

CHECKS = [
    exercises.check_bias,
    exercises.check_radius,
    exercises.check_peephole_step,
    exercises.check_latch,
    exercises.check_units,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(
    "garbage",
    [None, "four", float("nan"), np.inf, [], {}, object(), np.zeros((3, 3)), lambda: 1, 10**400],
    ids=lambda odd: type(odd).__name__,
)
def test_garbage_is_answered_in_words(check, garbage):
    arguments = (garbage, garbage) if check is exercises.check_latch else (garbage,)
    feedback = check(*arguments)
    assert not feedback.passed
    assert len(str(feedback)) > 10


def test_the_right_bias_passes():
    assert exercises.check_bias(np.log(1 / (0.5 ** (-1 / 60) - 1))).passed
    assert sigmoid(np.array(4.455)) ** 60 == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(
    ("bias", "hint"),
    [
        (0.9885, "f itself"),
        (np.log(59), "1/e"),
        (1, "2.2 steps"),
        (-4.46, "sign"),
        (5, "103 steps"),
        (30, "to the power of 60"),
        (60, "the number of steps"),
        (3, "14.3 steps"),
        (4.6, "69.3 steps"),
        (4.4, "56.8 steps"),
    ],
)
def test_a_wrong_bias_is_told_why(bias, hint):
    feedback = exercises.check_bias(bias)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def test_the_right_radius_passes():
    assert exercises.check_radius(4 * (1 - 0.731)).passed


@pytest.mark.parametrize(
    ("radius", "hint"),
    [(1.0, "plain network"), (0.269, "a half each"), (0.538, "two gates"), (2, "bias of 0")],
)
def test_a_wrong_radius_is_told_why(radius, hint):
    feedback = exercises.check_radius(radius)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def step(x, h, c, W_xh, W_hh, b, p, new=True, order=(0, 1, 2), look=True):
    i, f, g, o = np.split(x @ W_xh + h @ W_hh + b, 4, axis=-1)
    p = p[list(order)] * look
    new_c = sigmoid(f + p[1] * c) * c + sigmoid(i + p[0] * c) * np.tanh(g)
    return sigmoid(o + p[2] * (new_c if new else c)) * np.tanh(new_c), new_c


def test_a_right_step_passes():
    assert exercises.check_peephole_step(step).passed
    oracle = lambda x, h, c, *weights: peephole_lstm_step(x, (h, c), *weights)  # noqa: E731
    assert exercises.check_peephole_step(oracle).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *a: step(*a, look=False), "do not look yet"),
        (lambda *a: step(*a, new=False), "old cell"),
        (lambda *a: step(*a, order=(1, 0, 2)), "swapped"),
        (lambda *a: step(*a)[::-1], "other order"),
        (lambda *a: step(*a)[0], "expected the pair"),
        (lambda *a: (step(*a)[0][0], step(*a)[1]), "shape (2, 4)"),
        (lambda *a: (step(*a)[0] + 1, step(*a)[1]), "h is off"),
        (lambda *a: (step(*a)[0], step(*a)[1] + 1), "c is off"),
        (lambda *a: step(*a[:-1], a[-1] * [[1], [0], [1]]), "f does not look"),
        (lambda *a: step(*a[:-1], a[-1] * [[1], [1], [0]]), "o does not look"),
        (lambda *a: step(*a[:-1], a[-1] * [[0], [0], [1]]), "i and f do not look"),
        (lambda *a: None, "returned nothing"),
        (lambda x: x, "TypeError"),
    ],
)
def test_a_wrong_step_is_told_why(answer, hint):
    feedback = exercises.check_peephole_step(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


W = np.array([[40.0, -40, 0, 0], [0, 0, 20, 0]])
B = np.array([-20.0, 20, 0, 0])


def test_a_latch_that_keeps_passes():
    assert exercises.check_latch(W, B).passed


@pytest.mark.parametrize(
    ("W_xh", "b", "hint"),
    [
        (W, [-20, 1, 0, 0], "to the power of 1,000"),
        (W, [-3, 20, 0, 0], "leak in"),
        (W * [1, 0, 1, 1], B, "let go of the first"),
        (W * [0, 1, 1, 1], B, "open i when told"),
        (W * [1, 1, -1, 1], B, "let g follow"),
        (W[:1], B, "shape (2, 4)"),
        (W, np.nan * B, "finite numbers"),
        (W, None, "got None"),
        (W, "x", "as numbers"),
        ([[1, 2], [3]], B, "as numbers"),
    ],
)
def test_a_wrong_latch_is_told_why(W_xh, b, hint):
    feedback = exercises.check_latch(W_xh, b)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def test_the_right_number_of_units_passes():
    assert exercises.check_units(68).passed
    assert 4 * 68 * 97 <= 150 * 179 < 4 * 69 * 98


@pytest.mark.parametrize(
    ("units", "hint"),
    [
        (37, "a quarter of"),
        (75, "half"),
        (150, "four times"),
        (69, "too many"),
        (60, "are allowed"),
        (-1, "at least one unit"),
    ],
)
def test_a_wrong_number_of_units_is_told_why(units, hint):
    feedback = exercises.check_units(units)
    assert not feedback.passed
    assert hint in str(feedback), feedback
