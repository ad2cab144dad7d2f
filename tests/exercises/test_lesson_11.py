"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.exercises import lesson_11 as exercises
from rnncourse.reference import sigmoid

Z = float(sigmoid(np.array(3.0)))


@pytest.mark.parametrize("share", [Z**20, 0.38, np.float32(0.378), np.array(0.378)])
def test_the_right_share_passes(share):
    assert exercises.check_kept(share).passed


@pytest.mark.parametrize(
    ("share", "hint"),
    [
        (0.0, "here z multiplies the state"),
        (Z, "that is one step"),
        (1 - Z**20, "what is lost"),
        (1.0, "twenty of them are not"),
        (37.8, "not a percentage"),
        (0.95**20, "0.95 is σ(3) rounded"),
        (1 - 0.95**20, "at 0.95 sharp"),
        (0.5, "twenty times"),
        ("most", "expected a number"),
        (None, "expected a number"),
    ],
)
def test_a_wrong_share_is_told_why(share, hint):
    feedback = exercises.check_kept(share)
    assert not feedback.passed
    assert hint in str(feedback)


def test_151_units_are_the_most():
    parameters = [3 * units * (64 + units + 2) for units in (151, 152)]
    assert parameters[0] <= 4 * 128 * (64 + 128 + 1) < parameters[1]
    assert exercises.check_units(151).passed
    assert exercises.check_units(np.int64(151)).passed


@pytest.mark.parametrize(
    ("units", "hint"),
    [
        (128, "three parts instead of four"),
        (171, "H · H"),
        (148, "grow with H alone"),
        (152, "99,408 parameters, the LSTM 98,816"),
        (-1, "at least one unit"),
        (150.5, "whole units"),
        ("151", "whole number"),
        (None, "whole number"),
    ],
)
def test_a_wrong_number_of_units_is_told_why(units, hint):
    feedback = exercises.check_units(units)
    assert not feedback.passed
    assert hint in str(feedback)


def turn(*weights):
    sign = np.repeat([-1, 1, 1], weights[1].shape[0])
    return [w * sign for w in weights]


def turn_in_place(kernel, recurrent_kernel, bias):
    for w in (kernel, recurrent_kernel, bias):
        w[..., : recurrent_kernel.shape[0]] *= -1
    return kernel, recurrent_kernel, bias


@pytest.mark.parametrize("answer", [turn, turn_in_place])
def test_a_right_turn_passes(answer):
    assert exercises.check_turned(answer).passed


def without_bias(kernel, recurrent_kernel, bias):
    return [*turn(kernel, recurrent_kernel, bias)[:2], bias]


def without_state(kernel, recurrent_kernel, bias):
    kernel, _, bias = turn(kernel, recurrent_kernel, bias)
    return kernel, recurrent_kernel, bias


def turn_r(*weights):
    return [w * np.repeat([1, -1, 1], weights[1].shape[0]) for w in weights]


def one_minus(*weights):
    first = np.arange(3 * weights[1].shape[0]) < weights[1].shape[0]
    return [np.where(first, 1 - w, w) for w in weights]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *weights: weights, "as they were"),
        (lambda *weights: [-w for w in weights], "all signs are turned"),
        (without_bias, "bias of z has kept"),
        (without_state, "recurrent weights of z have kept"),
        (turn_r, "first H columns"),
        (one_minus, "1 - w is not"),
        (lambda *weights: [0 * w for w in weights], "1 - σ(a)"),
        (lambda *weights: weights[:2], "expected three arrays"),
        (lambda *weights: [w.T for w in weights], "only signs change"),
        (lambda *weights: ["a", "b", "c"], "`kernel` as numbers"),
        (lambda *weights: None, "returned nothing"),
        (lambda: 1, "TypeError"),
        (turn(np.ones((3, 12)), np.ones((4, 12)), np.ones(12)), "expected a function"),
    ],
)
def test_a_wrong_turn_is_told_why(answer, hint):
    feedback = exercises.check_turned(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def draw(U_h, shared=False):
    rng = np.random.default_rng(0)
    W_xh, W_hh, b = (rng.normal(size=s) for s in ((2, 9), (3, 9), 9))
    W_hh[:, 6:] = U_h
    if shared:
        for w in (W_xh, W_hh, b):
            w[..., 3:6] = w[..., 3:4]
    return W_xh, W_hh, b


FULL = np.random.default_rng(1).normal(size=(3, 3))


def test_weights_that_hear_themselves_alone_pass():
    assert exercises.check_same_in_both(*draw(np.diag([1.0, -2, 3]))).passed


def test_one_reset_gate_for_all_units_passes_too():
    assert exercises.check_same_in_both(*draw(FULL, shared=True)).passed


def still():
    W_xh, W_hh, b = draw(FULL)
    W_xh[:, 3:6], W_hh[:, 3:6], b[3:6] = 0, 0, 800
    return W_xh, W_hh, b


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (draw(FULL), "mixes the units"),
        (draw(np.zeros((3, 3))), "a diagonal of U_h with a zero"),
        (still(), "r stands still"),
        ((np.ones((2, 6)), np.ones((3, 9)), np.ones(9)), r"shape (2, 9), got (2, 6)"),
        ((None, np.ones((3, 9)), np.ones(9)), "got None"),
        ((np.full((2, 9), np.nan), np.ones((3, 9)), np.ones(9)), "got NaN"),
        (("a", "b", "c"), "`W_xh` as numbers"),
    ],
)
def test_wrong_weights_are_told_why(answer, hint):
    feedback = exercises.check_same_in_both(*answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


COUNTER = [[0, 0, 20, 0], [0, 0, -20, 0]], [20, 20, 0, 0]


def test_a_counter_passes():
    assert exercises.check_counter(*COUNTER).passed


@pytest.mark.parametrize(
    ("W_xh", "b", "hint"),
    [
        (COUNTER[0], [20, 1, 0, 0], "the count leaks"),
        (COUNTER[0], [0, 20, 0, 0], "not all of the step comes in"),
        ([[0, 0, 20, 0], [0, 0, 20, 0]], [20, 20, 0, 0], "g must be −1"),
        ([[0, 0, -20, 0], [0, 0, 20, 0]], [20, 20, 0, 0], "a turn should add"),
        ([[0, 0, 1, 0], [0, 0, -1, 0]], [20, 20, 0, 0], "a g of 0.762"),
        (COUNTER[0], [8, 8, 0, 0], "stands at 0.999665: the count leaks"),
        (COUNTER[0], [20, 10, 0, 0], "stands at 0.999955: the count leaks"),
        (COUNTER[0], [6, 20, 0, 0], "the input gate stands at 0.998"),
        ([[0, 0, 1, 0], [0, 0, -1, 0]], [0, 1, 0, 0], "the input gate stands at 0.500"),
        ([[0, 0, 20, 0], [0, -40, -20, 0]], [20, 20, 0, 0], "the forget gate stands at 0.000"),
        ([[0, 0, 0, 0], [0, 0, -20, 0]], [20, 20, 0, 0], "what does a turn add"),
        ([["a"] * 4] * 2, [0] * 4, "`W_xh` as numbers"),
        ([[1, 2]], [1, 2, 3, 4], r"shape (2, 4), got (1, 2)"),
        (None, [1, 2, 3, 4], "got None"),
        (np.full((2, 4), np.inf), [20, 20, 0, 0], "finite"),
        ("weights", "bias", "expected `W_xh`"),
    ],
)
def test_a_wrong_counter_is_told_why(W_xh, b, hint):
    feedback = exercises.check_counter(W_xh, b)
    assert not feedback.passed
    assert hint in str(feedback), feedback
