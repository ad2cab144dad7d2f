"""Each self-check: right answers pass, plausible wrong ones are told what is wrong with them."""

import re

import numpy as np
import pytest

from rnncourse.exercises.lesson_02 import (
    check_delay_line,
    check_hiding_place,
    check_latch,
    check_neuron,
    check_parameters,
    check_welded,
)

CHECKS = [
    check_neuron,
    check_parameters,
    check_welded,
    check_latch,
    check_delay_line,
    check_hiding_place,
]
ODD = [
    None,
    "text",
    float("nan"),
    -1,
    [],
    [[1, 2], [3]],
    np.zeros((0, 0)),
    object(),
    lambda *a: None,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("odd", ODD, ids=[f"odd{i}" for i in range(len(ODD))])
def test_no_check_raises_or_passes_nonsense(check, odd):
    for answers in ((odd,), (odd, odd), ()):
        feedback = check(*answers)
        assert not feedback.passed
        assert len(feedback) > 20


def logistic(a):
    return 1 / (1 + np.exp(-a))


RIGHT = [
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tanh(w_x * x + w_h * h + b),)),
    (check_neuron, (lambda x, h, w_x, w_h, b: 2 * logistic(2 * (x * w_x + h * w_h + b)) - 1,)),
    (check_parameters, (84, 3)),
    (check_parameters, (np.int64(84), 3.0)),
    (check_welded, (lambda W_xh, W_hh: np.vstack([W_hh, W_xh]),)),
    (check_welded, (lambda W_xh, W_hh: [*W_hh, *W_xh],)),
    (check_latch, (2.5, 2)),
    (check_latch, (-2.5, 2)),
    (check_latch, (4, 2.5)),
    (check_delay_line, ([[1, 0, 0, 0]], np.eye(4, k=1))),
    (check_hiding_place, ([[0.5, 1], [1, -0.5]], [[0, 1], [-1, 0]])),
    (check_hiding_place, ([[0, 2], [2, 0]], [[0, 1], [0, 0]])),
]


@pytest.mark.parametrize(("check", "answers"), RIGHT, ids=lambda v: getattr(v, "__name__", ""))
def test_right_answers_pass(check, answers):
    assert check(*answers).passed, check(*answers)


WRONG = [
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tanh(w_x * x + b),), "loop is missing"),
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tanh(w_x * x + h + b),), "loop has no weight"),
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tanh(w_x * x + w_h * h),), "bias is missing"),
    (check_neuron, (lambda x, h, w_x, w_h, b: w_x * x + w_h * h + b,), "squash is missing"),
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tanh(w_h * x + w_x * h + b),), "changed places"),
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tan(w_x * x + w_h * h + b),), "np.tan is"),
    (check_neuron, (lambda x, h, w_x, w_h, b: np.arctan(w_x * x + w_h * h + b),), "±π/2"),
    (check_neuron, (lambda x, h, w_x, w_h, b: logistic(w_x * x + w_h * h + b),), "logistic"),
    (
        check_neuron,
        (lambda x, h, w_x, w_h, b: np.tanh(w_x * x + w_h * h) + b,),
        "inside the squash",
    ),
    (check_neuron, (lambda x, h, w_x, w_h, b: np.tanh(w_x * x - w_h * h + b),), "term by term"),
    (check_neuron, (lambda *a: None,), "returned nothing"),
    (check_neuron, (lambda *a: np.zeros(2),), "one finite number"),
    (check_neuron, (0.5,), "without calling it"),
    (check_neuron, (lambda x: x,), "your answer stopped with TypeError"),
    (check_parameters, (35, 3), "W_hh is missing"),
    (check_parameters, (77, 3), "bias is missing"),
    (check_parameters, (42, 3), "a row for each neuron"),
    (check_parameters, (28, 3), "W_xh alone"),
    (check_parameters, (91, 3), "one bias is enough"),
    (check_parameters, (12, 3), "what one neuron holds"),
    (check_parameters, (1000, 3), "add up"),
    (check_parameters, (84.5, 3), "whole number"),
    (check_parameters, (84, 2), "holds 63, not more than 84"),
    (check_parameters, (84, 4), "holds 91 already"),
    (check_welded, (lambda W_xh, W_hh: np.vstack([W_xh, W_hh]),), r"fits \[x, h\], not \[h, x\]"),
    (check_welded, (lambda W_xh, W_hh: np.hstack([W_hh, W_xh]),), "stack rows"),
    (check_welded, (lambda W_xh, W_hh: np.vstack([W_hh.T, W_xh]),), "unchanged"),
    (check_latch, (1, 0.9), "nowhere to rest but silence"),
    (check_latch, (1, 1.1), "close together"),
    (check_latch, (1, 1.5), "rewrites only 0%"),
    (check_latch, (2, 2), "written so faintly"),
    (check_latch, (0, 2), "hears nothing"),
    (check_latch, (10, 2), "makes the noise louder too"),
    (check_latch, (2, -2), "turns the sign round"),
    (check_latch, (float("nan"), 2), "finite"),
    (check_delay_line, ([[1, 0, 0, 0]], np.eye(4)), "mixture"),
    (check_delay_line, ([[1, 0, 0, 0]], np.eye(4, k=-1)), "Row j, column k"),
    (check_delay_line, ([[1, 1, 1, 1]], np.zeros((4, 4))), "neuron 1 .* holds this step's input"),
    (check_delay_line, ([[1, 0, 0, 0]], np.roll(np.eye(4), 1, axis=1)), "mixture"),
    (check_delay_line, ([[1, 0, 0, 0]], 0.9 * np.eye(4, k=1)), "neuron 1 .* 0.90 times as loud"),
    (check_delay_line, ([[0, 1, 0, 0]], np.eye(4, k=1)), "neuron 0 stays at zero"),
    (check_delay_line, ([[1], [0], [0], [0]], np.eye(4, k=1)), r"shape \(1, 4\)"),
    (check_hiding_place, ([[0, 1], [-1, 0]], [[0, 1], [-1, 0]]), "gives the mistake away"),
    (check_hiding_place, (np.eye(2), [[0, 1], [-1, 0]]), "do not hear each other"),
    (check_hiding_place, ([[0, 1], [1, 0]], [[0, 1], [1, 0]]), "off-diagonal"),
    (check_hiding_place, (np.eye(3), np.eye(3)), r"shape \(2, 2\)"),
]


@pytest.mark.parametrize(("check", "answers", "words"), WRONG, ids=[w for *_, w in WRONG])
def test_wrong_answers_are_told_what_is_wrong_with_them(check, answers, words):
    feedback = check(*answers)
    assert not feedback.passed
    assert re.search(words, feedback), feedback
