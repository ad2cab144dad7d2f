"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.bptt import RNN, backpropagate
from rnncourse.evaluation import relative_difference
from rnncourse.exercises import lesson_04 as exercises

X = np.array([1, -1, 0.5, -0.5])


def chain():
    h = [0.0]
    for value in X:
        h.append(np.tanh(0.5 * value + 1.5 * h[-1]))
    h = np.array(h[1:])
    return h, 1 - h**2, 2 * (h[3] - 1)


H, S, BLAME = chain()
TERM = BLAME * S[3] * 1.5 * S[2] * 1.5 * S[1] * H[0]


@pytest.mark.parametrize("answer", [TERM, round(TERM, 2), np.float64(TERM), np.array(TERM)])
def test_the_right_term_passes(answer):
    assert exercises.check_fourth_step(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (TERM / 1.5, "one w_h is missing"),
        (TERM / 2.25, "both w_h are missing"),
        (TERM * 1.5, "one w_h too many"),
        (TERM / H[0] * X[1], "step 1's share of w_x"),
        (TERM / S[1], "slope of step 1 itself"),
        (TERM / S[2], "slope of step 2"),
        (TERM / S[3], "slope of the last step"),
        (TERM / H[0] * H[1], "the state that step 1 met"),
        (TERM / 2, "the error is squared"),
        (-TERM, "h₃ - 1 is negative"),
        (BLAME * S[3] * 1.5 * S[2] * H[1], "what step 2 adds"),
        (BLAME * S[3] * H[2], "what step 3 adds"),
        (exercises.neuron_terms(X)[1].sum(), "sum over all steps"),
        (17, "write the path down"),
        ("half", "expected a number"),
        (None, "expected a number"),
        (float("nan"), "expected a number"),
        (True, "expected a number"),
        (np.array(True), "expected a number"),
        (np.array("x"), "expected a number"),
        (np.ones(2), "expected a number"),
    ],
)
def test_a_wrong_term_is_told_why(answer, hint):
    feedback = exercises.check_fourth_step(answer)
    assert not feedback.passed
    assert hint in str(feedback)


def test_an_unseen_output_and_padding_get_nothing():
    assert exercises.check_zeros(True, False, True, True).passed
    assert exercises.check_zeros(
        own_output=np.True_, state=np.False_, loop_at_first_step=True, padding=True
    ).passed


@pytest.mark.parametrize(
    ("answers", "hint"),
    [
        ((False, False, True, True), "no cost looks at it"),
        ((True, True, True, True), "does anything it looks at"),
        ((True, False, False, True), "the state that step 0 met"),
        ((True, False, True, False), "changes no state"),
        ((1, False, True, True), "expected True or False for `own_output`, got 1"),
        ((True, "no", True, True), "expected True or False for `state`"),
    ],
)
def test_a_wrong_zero_is_told_why(answers, hint):
    feedback = exercises.check_zeros(*answers)
    assert not feedback.passed
    assert hint in str(feedback)


GOOD = {"negative": [1, -2, 0.5], "above_one": [1, -1, 0.5], "whole": [1, 0, 0]}


@pytest.mark.parametrize(
    "change", [{}, {"whole": (-2, 0, 0)}, {"negative": [1, 0, -5]}, {"above_one": [1, 0, -0.1]}]
)
def test_inputs_with_the_right_shares_pass(change):
    feedback = exercises.check_chain(**GOOD | change)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"negative": [1, -1, 0.5]}, "`negative`: the share is 2.24, expected below 0"),
        ({"above_one": [1, 1, 1]}, "expected above 1"),
        ({"whole": [1, 1, 1]}, "expected 1. The steps add"),
        ({"whole": [0, 1, 0]}, "x₀ = 0 stops it"),
        ({"whole": [1, 0]}, "three finite numbers"),
        ({"negative": [1, np.nan, 0]}, "three finite numbers"),
        ({"negative": "abc"}, "three finite numbers, got 'abc'"),
        ({"negative": None}, "three finite numbers, got None"),
        ({"negative": [[1], [1, 2]]}, "three finite numbers, got [[1]"),
        (
            {"above_one": [1e9, 1, 1]},
            "`above_one`: the longest path ends at x₀, and a tanh that is flat",
        ),
    ],
)
def test_inputs_with_other_shares_are_told_why(change, hint):
    feedback = exercises.check_chain(**GOOD | change)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def point(seed=1, **changes):
    rng = np.random.default_rng(seed)
    sides = {"W_xh": (2, 3), "W_hh": (3, 3), "b": 3, "xs": (4, 5, 2), "d_outputs": (4, 5, 3)}
    return {name: rng.normal(size=side) for name, side in sides.items()} | changes


@pytest.mark.parametrize("seed", range(5))
def test_a_random_point_lets_nobody_through(seed):
    feedback = exercises.check_test_point(**point(seed))
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (
            point(xs=np.ones((4, 1, 2)), d_outputs=np.ones((4, 1, 3))),
            "4 of 7 get through: not transposed, no sum over time",
        ),
        (point(W_hh=np.eye(3)), "1 of 7 get through: not transposed"),
        (point(xs=np.ones((1, 5, 2)), d_outputs=np.ones((1, 5, 3))), "mean over batch"),
        (point(d_outputs=np.zeros((4, 5, 3))), "looks nowhere"),
        (point(b=12 * np.ones(3)), "every tanh is flat"),
        (point(xs=np.ones((4, 7, 2)), d_outputs=np.ones((4, 7, 3))), "no side above 6"),
        (point(W_xh=np.ones((3, 3))), "stopped with ValueError"),
        (point(xs="x"), "stopped with ValueError"),
        (point(b=None), "stopped with"),
        (point(W_hh=np.array(1.0)), "expected `W_hh` of shape (H, H), got ()"),
        (point(W_hh=np.zeros((3, 3))), "`W_hh` is (nearly) zero"),
        (point(W_hh=np.full((3, 3), 1e-9)), "`W_hh` is (nearly) zero"),
    ],
    ids=[
        "one step",
        "identity",
        "one row",
        "no cost",
        "flat",
        "large",
        "shapes",
        "text",
        "none",
        "scalar",
        "zero",
        "tiny",
    ],
)
def test_a_convenient_point_is_told_whom_it_lets_through(answer, hint):
    feedback = exercises.check_test_point(**answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("mistake", exercises.SUSPECTS)
def test_each_suspect_is_wrong(mistake):
    p = point()
    start = np.zeros((4, 3))
    true = backpropagate(RNN, (p["W_xh"], p["W_hh"], p["b"]), p["xs"], start, p["d_outputs"])[2:]
    got = exercises.SUSPECTS[mistake](**p)
    assert max(map(relative_difference, got, true)) > 0.1


def test_the_suspects_walk_is_right_but_for_its_mistake():
    p = point()
    start = np.zeros((4, 3))
    true = backpropagate(RNN, (p["W_xh"], p["W_hh"], p["b"]), p["xs"], start, p["d_outputs"])[2:]
    got = exercises.SUSPECTS["no slope"].func(**p)
    assert max(map(relative_difference, got, true)) < 1e-12


def leaky(dh, x, h, W_xh, W_hh, b, keep=0.8, slope=None, back=None):
    new = np.tanh(x @ W_xh + h @ W_hh + b)
    slope = 1 - new**2 if slope is None else slope(new, h)
    da = (1 - keep) * dh * slope
    d_h = 0.8 * dh + da @ W_hh.T if back is None else back(dh, da, W_hh)
    return da @ W_xh.T, d_h, x.T @ da, h.T @ da, da.sum(axis=0)


def past(dh, x, h, W_xh, W_hh, b):
    return leaky(dh, x, h, W_xh, W_hh, b, back=lambda dh, da, W: 0.8 * h + da @ W.T)


def heard_after(dh, x, h, W_xh, W_hh, b):
    parts = leaky(dh, x, h, W_xh, W_hh, b)
    new = np.tanh(x @ W_xh + h @ W_hh + b)
    da = 0.2 * dh * (1 - new**2)
    return *parts[:3], new.T @ da, parts[4]


def test_the_right_leaky_step_passes():
    assert exercises.check_leaky(leaky).passed
    assert exercises.check_leaky(lambda *args: list(leaky(*args))).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *a: leaky(*a, keep=0), "by x is off: tanh comes in with a factor of 0.2"),
        (lambda *a: leaky(*a, slope=lambda new, h: 1), "by x is off: the slope of tanh is missing"),
        (
            lambda *a: leaky(*a, slope=lambda new, h: 1 - (0.8 * h + 0.2 * new) ** 2),
            "by x is off: the slope is that of tanh",
        ),
        (lambda *a: leaky(*a, back=lambda dh, da, W: da @ W.T), "by h is off: that is the way"),
        (lambda *a: leaky(*a, back=lambda dh, da, W: 0.8 * dh + da @ W), "by h is off: back throu"),
        (lambda *a: leaky(*a, back=lambda dh, da, W: dh + da @ W.T), "keeps its 0.8"),
        (past, "0.8 of dh, not of the state"),
        (lambda *a: leaky(*a, back=lambda dh, da, W: 2 * dh + da @ W.T), "one factor at a time"),
        (heard_after, "the state the step met"),
        (
            lambda *a: (*leaky(*a)[:4], leaky(*a)[4] / len(a[0])),
            "by b is off: the rows of the batch",
        ),
        (
            lambda *a: (*leaky(*a)[:2], *(part / len(a[0]) for part in leaky(*a)[2:])),
            "by W_xh is off: the rows of the batch",
        ),
        (lambda *a: leaky(*a)[:4], "expected five derivatives"),
        (lambda *a: (*leaky(*a)[:4], 0.0), "the derivative by b: expected shape (4,), got ()"),
        (lambda *a: None, "got nothing: end it with `return`"),
        (lambda *a: 1 / 0, "ZeroDivisionError"),
        (3, "expected a function"),
    ],
)
def test_a_wrong_leaky_step_is_told_why(answer, hint):
    feedback = exercises.check_leaky(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback
