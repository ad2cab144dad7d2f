"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.evaluation import entropy
from rnncourse.exercises import lesson_05 as exercises


def cut(series, batch_size, length, number):
    rows = series[: len(series) // batch_size * batch_size].reshape(batch_size, -1)
    return rows[:, number * length : (number + 1) * length]


def cut_by_views(series, batch_size, length, number):
    width = len(series) // batch_size
    starts = np.arange(batch_size)[:, None] * width + number * length
    return series[starts + np.arange(length)]


@pytest.mark.parametrize("answer", [cut, cut_by_views])
def test_a_right_cut_passes(answer):
    feedback = exercises.check_cut(answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda s, b, n, k: s[: len(s) // b * b].reshape(b, -1)[:, k : k + n], "starts at step k"),
        (lambda s, b, n, k: cut(s, b, n, k - 1 if k else 3), "counted from 0"),
        (
            lambda s, b, n, k: s[: len(s) // b * b].reshape(-1, b).T[:, k * n : (k + 1) * n],
            "not down the columns",
        ),
        (lambda s, b, n, k: cut(s, b, n, k).T, "its first row should be"),
        (lambda s, b, n, k: cut(s, b, n, k)[0], "must have shape"),
        (lambda s, b, n, k: s[: b * n].reshape(b, n), "its first row should be"),
        (lambda s, b, n, k: None, "returned nothing"),
        (lambda s, b, n, k: s["a"], "IndexError"),
        (3, "expected a function"),
    ],
)
def test_a_wrong_cut_is_told_why(answer, hint):
    feedback = exercises.check_cut(answer)
    assert not feedback.passed
    assert hint in str(feedback)


@pytest.mark.parametrize("share", [0.6875, 0.69, 11 / 16, np.float64(0.6875)])
def test_the_right_share_of_a_forgetful_network_passes(share):
    assert exercises.check_forgetful(share).passed


@pytest.mark.parametrize(
    ("share", "hint"),
    [
        (0.375, "right about half"),
        (0.3125, "share that is wrong"),
        (0.8125, "5 steps late"),
        (1 - 0.5 / 3, "this one has 8"),
        (0.75, "steps 0 to 4"),
        (0.5, "longer than the echo"),
        (1, "the state forgot them"),
        (68.75, "not a percentage"),
        (0.1, "which steps of a window"),
        ("half", "expected a number"),
        (None, "expected a number"),
        (float("nan"), "expected a number"),
        (True, "expected a number"),
    ],
)
def test_a_wrong_share_is_told_why(share, hint):
    feedback = exercises.check_forgetful(share)
    assert not feedback.passed
    assert hint in str(feedback)


TOLD, UNTOLD = 4 / 20 * 7 / 8 * np.log(2), 4 / 20 * entropy([7 / 16, 9 / 16])


def test_the_right_floors_pass():
    assert exercises.check_floors(TOLD, UNTOLD).passed
    assert exercises.check_floors(round(TOLD, 4), round(float(UNTOLD), 4)).passed


@pytest.mark.parametrize(
    ("told", "untold", "hint"),
    [
        (4 / 20 * np.log(2), UNTOLD, "the first row follows nothing"),
        (4 / 20 * 7 / 8, UNTOLD, "that is in bits"),
        (7 / 8 * np.log(2), UNTOLD, "a mean over all 20 steps"),
        (3.5 * np.log(2), UNTOLD, "not their sum"),
        (UNTOLD, TOLD, "cannot tell the rows apart"),
        (3 / 15 * 4 / 5 * np.log(2), UNTOLD, "the lesson's own network"),
        (0.3, UNTOLD, "in 7 of 8 rows"),
        (TOLD, TOLD, "knows the rows apart"),
        (TOLD, 4 / 20 * np.log(2), "tilt the coin"),
        (TOLD, 4 / 20 * entropy([1 / 8, 7 / 8]), "how often is the bit a one"),
        (TOLD, entropy([7 / 16, 9 / 16]), "of which 4 are unknown"),
        (TOLD, "0.13", "expected a number for `untold`"),
    ],
)
def test_a_wrong_floor_is_told_why(told, untold, hint):
    feedback = exercises.check_floors(told, untold)
    assert not feedback.passed
    assert hint in str(feedback)


def test_shuffled_windows_are_worth_their_own_steps_and_teach_the_whole_echo():
    assert exercises.check_shuffled(0.9, 1.0).passed
    assert exercises.check_shuffled(in_training=0.9, in_order=1).passed


@pytest.mark.parametrize(
    ("in_training", "in_order", "hint"),
    [
        (1.0, 1.0, "another place"),
        (0.5, 1.0, "twelve of fifteen"),
        (0.8, 1.0, "half of the guesses"),
        (0.7, 1.0, "what is a state worth"),
        (0.9, 0.9, "has the network learned to use it"),
        (0.9, 0.5, "trained well on twelve steps"),
        (0.9, 0.7, "at step 7 of a window"),
        (0.9, "all", "expected a number for `in_order`"),
    ],
)
def test_a_wrong_share_for_shuffled_windows_is_told_why(in_training, in_order, hint):
    feedback = exercises.check_shuffled(in_training, in_order)
    assert not feedback.passed
    assert hint in str(feedback)


@pytest.mark.parametrize("carry", [lambda s: s[:, 4], lambda s: s[:, :5][:, -1]])
def test_the_state_after_the_stride_passes(carry):
    assert exercises.check_carry(carry).passed


@pytest.mark.parametrize(
    ("carry", "hint"),
    [
        (lambda s: s[:, -1], "hear them twice"),
        (lambda s: s[:, 5], "six steps"),
        (lambda s: s[:, 0], "has heard 1 steps"),
        (lambda s: s[:, 9], "has heard 10 steps"),
        (lambda s: s.mean(axis=1), "none of the fifteen"),
        (lambda s: s[0], "one state for each row"),
        (lambda s: s[:, 15], "IndexError"),
        (4, "expected a function"),
    ],
)
def test_a_wrong_state_is_told_why(carry, hint):
    feedback = exercises.check_carry(carry)
    assert not feedback.passed
    assert hint in str(feedback)


LINE = np.eye(4, k=1)
QUIET = 0.01


def wired(W_xh=(QUIET, 0, 0, 0), W_hh=LINE, b=(0, 0, 0, 0), heard=3, gain=100.0, border=-0.5):
    """A delay line of quiet neurons, and a read-out that asks one of them."""
    W_hy = np.zeros((4, 2))
    W_hy[heard, 1] = gain / QUIET
    return [W_xh], W_hh, b, W_hy, [0, border * gain]


@pytest.mark.parametrize(
    "answer",
    [
        wired(),
        wired(gain=1),
        ([[2, 0, 0, 0]], 3 * LINE, [-1] + 3 * [0], [[0, 0]] * 3 + [[0, 1]], [0, 0]),
    ],
    ids=["quiet", "unsure", "loud"],
)
def test_a_delay_line_passes(answer):
    feedback = exercises.check_wiring(*answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (wired(heard=2), "2 steps later, not 3"),
        (wired(heard=0), "0 steps later, not 3"),
        (wired(border=0.5), "always says 1"),
        (wired(border=-2), "always says 0"),
        (wired(W_hh=np.zeros((4, 4))), "does the input reach the read-out"),
        (wired(W_hh=LINE.T), "does the input reach the read-out"),
        (wired(W_hh=np.eye(4)), "does the input reach the read-out"),
        (wired(border=0), "a tie is no answer"),
        (wired(gain=-1), "the opposite of the bit 3 steps ago"),
        (wired(W_xh=(QUIET, 0, QUIET, QUIET)), "told apart from one"),
        (([1, 0, 0, 0], LINE, np.zeros(4), np.zeros((4, 2)), [0, 0]), "shape (1, 4), got (4,)"),
        (wired(gain=np.nan), "finite numbers in `W_hy`"),
    ],
)
def test_a_wrong_wiring_is_told_why(answer, hint):
    feedback = exercises.check_wiring(*answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback
