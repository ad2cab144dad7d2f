"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.data.distances import mixed_scales
from rnncourse.exercises import lesson_09 as exercises


@pytest.mark.parametrize("steps", [20, np.int64(20), 20.0, np.ceil(19.9), np.array(20)])
def test_the_right_number_of_steps_passes(steps):
    assert 0.5**20 < 1e-6 < 0.5**19
    assert exercises.check_steps_back(steps).passed


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        (10, "not a quarter"),
        (19, "1.9 millionths"),
        (6, "doubles what the sigmoid leaves"),
        (21, "0.95 millionths"),
        (1000, "equation 9.3"),
        (20.5, "whole number"),
        ("twenty", "whole number"),
        (None, "whole number"),
        (True, "whole number"),
    ],
)
def test_a_wrong_number_of_steps_is_told_why(steps, hint):
    feedback = exercises.check_steps_back(steps)
    assert not feedback.passed
    assert hint in str(feedback)


def clip(gradients, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * min(1, limit / norm) for g in gradients]


def clip_by_branch(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return gradients if norm < limit else [g * limit / norm for g in gradients]


@pytest.mark.parametrize("answer", [clip, clip_by_branch])
def test_a_right_clip_passes(answer):
    assert exercises.check_clip(answer).passed


def each(g, limit):
    return g * min(1, limit / np.linalg.norm(g))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda gs, limit: [np.clip(g, -limit, limit) for g in gs], "another direction"),
        (lambda gs, limit: [each(g, limit) for g in gs], "one length for all"),
        (
            lambda gs, limit: [g * min(1, limit / sum(np.sum(g**2) for g in gs)) for g in gs],
            "wants a root",
        ),
        (
            lambda gs, limit: [g * limit / np.sqrt(sum(np.sum(g**2) for g in gs)) for g in gs],
            "stays as it is",
        ),
        (lambda gs, limit: gs, "came back as it was"),
        (lambda gs, limit: [0.5 * g for g in gs], "multiply all arrays by one number"),
        (lambda gs, limit: gs[:1], "expected arrays of shapes"),
        (lambda gs, limit: None, "returned nothing"),
        (lambda gs, limit: gs["a"], "TypeError"),
        (7, "expected a function"),
    ],
)
def test_a_wrong_clip_is_told_why(answer, hint):
    feedback = exercises.check_clip(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("loss", [10 * np.log(8) / 60, 0.3466, np.log(8) / 6])
def test_the_right_baseline_of_the_copy_task_passes(loss):
    assert exercises.check_copy_baseline(loss).passed


@pytest.mark.parametrize(
    ("loss", "hint"),
    [
        (np.log(8), "the cost of one symbol"),
        (10 * np.log(8), "the sum over the steps"),
        (10 * np.log(8) / 50, "count the steps"),
        (10 * np.log(10) / 60, "8 are left"),
        (0.5, "in bits"),
        (1 / 6, "the adding task's"),
        (0.2, "at how many of the 60 steps"),
        ("much", "expected a number"),
        (None, "expected a number"),
        (False, "expected a number"),
        (float("nan"), "expected a number"),
    ],
)
def test_a_wrong_baseline_is_told_why(loss, hint):
    feedback = exercises.check_copy_baseline(loss)
    assert not feedback.passed
    assert hint in str(feedback), feedback


FEW = np.full((8, 8), 0.2)
MANY = 5 * np.triu(np.ones((8, 8)), 1)


def test_the_right_matrices_pass():
    assert exercises.check_matrices(FEW, MANY).passed
    assert exercises.check_matrices((-FEW).tolist(), MANY - 0.5 * np.eye(8)).passed
    assert exercises.check_matrices(FEW, MANY - 0.99 * np.eye(8)).passed


@pytest.mark.parametrize(
    ("explodes", "vanishes", "hint"),
    [
        (0.1 * np.ones((8, 8)), MANY, "all pull the same way"),
        (0.3 * np.ones((8, 8)), MANY, "none may be larger than 0.2"),
        (FEW, 5 * np.ones((8, 8)), "come round again"),
        (FEW, MANY + np.eye(8), "come round again"),
        (FEW, 0.5 * MANY, "none may be smaller than 5"),
        (FEW[:7], MANY, "shape (8, 8)"),
        (FEW, "large", "as numbers of shape (8, 8)"),
        (FEW, np.nan * MANY, "finite numbers"),
        (None, MANY, "shape (8, 8)"),
    ],
)
def test_wrong_matrices_are_told_why(explodes, vanishes, hint):
    feedback = exercises.check_matrices(explodes, vanishes)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def window(past):
    groups = [past[:, -5 * size :].reshape(len(past), 5, size).mean(axis=2) for size in (20, 5, 1)]
    return np.concatenate(groups, axis=1)


def test_a_right_window_passes():
    assert exercises.check_look_back(window).passed
    assert exercises.check_look_back(mixed_scales).passed


def changed(change):
    """The right window with one group of it changed."""

    def answer(past):
        groups = np.split(window(past), 3, axis=1)
        return np.concatenate(change(past, groups), axis=1)

    return answer


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (changed(lambda p, g: [g[0], g[1], g[2][:, ::-1]]), "the days run backward"),
        (changed(lambda p, g: [g[0][:, ::-1], g[1], g[2]]), "the months run backward"),
        (changed(lambda p, g: [20 * g[0], g[1], g[2]]), "the months are sums"),
        (changed(lambda p, g: [g[0], p[:, -25::5][:, :5] * 0 + p[:, -21::5], g[2]]), "last days"),
        (changed(lambda p, g: [g[0], g[1], p[:, :5]]), "first five days"),
        (changed(lambda p, g: [g[1], g[0], g[2]]), "the months are off"),
        (lambda p: p[:, -15:], "the months are off"),
        (lambda p: p[:, -10:], "expected 15 numbers"),
        (lambda p: None, "returned nothing"),
        (lambda p: p["a"], "IndexError"),
        (15, "expected a function"),
    ],
)
def test_a_wrong_window_is_told_why(answer, hint):
    feedback = exercises.check_look_back(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback
