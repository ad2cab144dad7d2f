"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.exercises import lesson_07 as exercises

sliding = np.lib.stride_tricks.sliding_window_view


def cut(series, length):
    windows = sliding(series, length)
    return windows[:-1], windows[1:]


def cut_by_places(series, length):
    places = np.arange(len(series) - length)[:, None] + np.arange(length)
    return [series[places].tolist(), series[places + 1].tolist()]


@pytest.mark.parametrize("answer", [cut, cut_by_places])
def test_right_windows_pass(answer):
    feedback = exercises.check_windows(answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda s, n: (sliding(s, n), sliding(s, n)), "the last one has no target"),
        (lambda s, n: (sliding(s, n)[:-1], sliding(s, n)), "the last one has no target"),
        (lambda s, n: (sliding(s, n)[:-1],) * 2, "repeats what it hears would be perfect"),
        (lambda s, n: cut(s, n)[::-1], "these inputs are the targets"),
        (
            lambda s, n: (sliding(s, n)[:-1], sliding(np.append(s, 0), n)[2:]),
            "two steps ahead",
        ),
        (lambda s, n: (cut(s, n)[0], cut(s, n)[1][::-1]), "the first window of the targets"),
        (lambda s, n: (cut(s, n)[0].T, cut(s, n)[1]), "expected inputs of shape"),
        (lambda s, n: (cut(s, n)[0][::n], cut(s, n)[1][::n]), "side by side"),
        (lambda s, n: (cut(s, n)[0], s[n:]), "not the last alone"),
        (lambda s, n: (cut(s, n)[0], s[n:, None]), "not the last alone"),
        (lambda s, n: cut(s, n)[0], "expected two arrays"),
        (lambda s, n: None, "returned nothing"),
        (lambda s, n: s["a"], "IndexError"),
        (7, "expected a function"),
    ],
)
def test_wrong_windows_are_told_why(answer, hint):
    feedback = exercises.check_windows(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


WAVE, LINE = np.array([1, -2 * np.cos(0.2), 1]), np.array([1, -2, 1])
BOTH = np.polymul(WAVE, LINE)


@pytest.mark.parametrize("answer", [-BOTH[1:], list(-BOTH[1:]), tuple(-BOTH[1:])])
def test_the_right_rule_passes(answer):
    feedback = exercises.check_rule(answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (-WAVE[1:], "the line t not continued"),
        (-LINE[1:], "the wave 3·sin(2t) not continued"),
        (-np.polymul(WAVE, [1, -1])[1:], "the line t not continued"),
        ([1.0], "roots of its polynomial"),
        (BOTH, "the leading 1 belongs to the next value"),
        (BOTH[1:], "all signs are turned"),
        (-BOTH[:0:-1], "the order is turned"),
        (-np.polymul(BOTH, [1, -0.5])[1:], "four would do"),
        ([], "expected a row of numbers"),
        ([[1, 2]], "expected a row of numbers"),
        ([np.nan, 1], "got nan among them"),
        ("abc", "ValueError"),
        (None, "got None"),
        (-BOTH, "the leading 1 belongs to the next value"),
        (-BOTH[1:].round(4), "give all digits"),
        (-np.polymul(LINE, LINE)[1:], "the wave 3·sin(2t) not continued"),
    ],
)
def test_a_wrong_rule_is_told_why(answer, hint):
    feedback = exercises.check_rule(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def test_a_rule_is_judged_by_its_largest_miss():
    assert exercises.worst_of([1.0], np.array([0.0, 1.0, 3.0])) == 2.0


S = np.sin(0.1)


@pytest.mark.parametrize("answer", [S**2 / 2, 0.00498, np.float64(0.004983)])
def test_the_right_error_from_one_value_passes(answer):
    assert exercises.check_one_value(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (1 - np.cos(0.1), "what repeating the value costs"),
        (0.005, "give three digits"),
        (2 - 2 * np.cos(0.1), "twice what repeating"),
        (S**2, "take the mean over all values"),
        (2 * S**2, "half as far from each"),
        (S / np.sqrt(2), "square it"),
        (0, "rises or falls"),
        (0.5, "variance of sin(t)"),
        (0.3, "what of it does sin t not tell"),
        ("none", "expected a number"),
        (None, "expected a number"),
        (np.nan, "expected a number"),
    ],
)
def test_a_wrong_error_from_one_value_is_told_why(answer, hint):
    feedback = exercises.check_one_value(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def go_on(predict, beginning, steps):
    values = list(beginning)
    for _ in range(steps):
        values.append(predict(values))
    return values[len(beginning) :]


def test_a_right_loop_passes():
    assert exercises.check_go_on(go_on).passed
    assert exercises.check_go_on(lambda *a: np.array(go_on(*a))[:, None]).passed


def grown(predict, beginning, steps):
    for _ in range(steps):
        beginning.append(predict(beginning))
    return beginning[-steps:]


def skipping(predict, beginning, steps):
    return go_on(predict, beginning, steps + 1)[1:]


def endless(predict, beginning, steps):
    while True:
        predict(beginning)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p, b, n: [p(b) for _ in range(n)], "the beginning again and again"),
        (lambda p, b, n: b + go_on(p, b, n), "return what was added"),
        (lambda p, b, n: (b + go_on(p, b, n))[:n], "return what was added"),
        (skipping, "the first value it says is missing"),
        (lambda p, b, n: go_on(p, b, n - 1), "one value too few"),
        (lambda p, b, n: go_on(p, b, n + 1), "one value too many"),
        (lambda p, b, n: go_on(p, b, n)[-1], "not the last value alone"),
        (lambda p, b, n: [1.0] * n, "should go on with"),
        (grown, "work on a copy"),
        (endless, "does your loop end?"),
        (lambda p, b, n: None, "returned nothing"),
        (lambda p, b: b, "TypeError"),
        ("loop", "expected a function"),
    ],
)
def test_a_wrong_loop_is_told_why(answer, hint):
    feedback = exercises.check_go_on(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


SLOW, FAST = ([1, -2 * np.cos(0.1 * w), 1] for w in (1, 5))
WHEELS = -np.polymul(np.polymul(SLOW, SLOW), FAST)[1:]
CHANGE = 0.656
RIGHT = np.sqrt(CHANGE / (np.sum(WHEELS**2) - 1))


@pytest.mark.parametrize("answer", [RIGHT, 0.0287, 0.029])
def test_the_right_noise_passes(answer):
    assert exercises.check_noise(answer, WHEELS, CHANGE).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (RIGHT**2, "take its root"),
        (np.sqrt(CHANGE / np.abs(WHEELS).sum()), "squares of the coefficients"),
        (np.sqrt(CHANGE) / np.abs(WHEELS).sum(), "not in size"),
        (np.sqrt(CHANGE), "long before"),
        (0.03, "two digits other than zero"),
        (0.3, "equal to `change` + σ²"),
        ("much", "expected a number"),
        (None, "expected a number"),
    ],
)
def test_a_wrong_noise_is_told_why(answer, hint):
    feedback = exercises.check_noise(answer, WHEELS, CHANGE)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize(("wheels", "change"), [(3, 1), ([0.1], 1), (WHEELS, 0)])
def test_a_noise_without_the_pages_own_numbers_is_told_so(wheels, change):
    assert "the page's own" in str(exercises.check_noise(0.03, wheels, change))


def test_the_right_errors_of_a_walk_pass():
    assert exercises.check_walk(1, 5).passed
    assert exercises.check_walk(one=1.0, five=np.float64(5)).passed


@pytest.mark.parametrize(
    ("one", "five", "hint"),
    [
        (0, 5, "cannot be known"),
        (2, 5, "known exactly"),
        (7, 5, "what of the next price"),
        (1, 25, "add up in variance"),
        (1, np.sqrt(5), "standard deviation"),
        (1, 1, "five steps are unknown"),
        (1, 6, "the last price is known"),
        (1, 4, "the first of the five"),
        (1, 9, "how many steps lie between"),
        (1, "five", "expected a number for `five`"),
        (None, 5, "expected a number for `one`"),
    ],
)
def test_wrong_errors_of_a_walk_are_told_why(one, five, hint):
    feedback = exercises.check_walk(one, five)
    assert not feedback.passed
    assert hint in str(feedback), feedback
