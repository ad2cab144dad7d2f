"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.data.text import batch_producer
from rnncourse.exercises import lesson_12 as exercises


def batches(ids, batch_size, steps):
    width = len(ids) // batch_size
    rows = ids[: batch_size * width].reshape(batch_size, width)
    count = (width - 1) // steps
    x, y = (
        np.stack([rows[:, k * steps + shift :][:, :steps] for k in range(count)])
        for shift in (0, 1)
    )
    return x, y


def delayed(ids, batch_size, steps):
    x, _ = batches(ids, batch_size, steps)
    rows = ids[: len(ids) // batch_size * batch_size].reshape(batch_size, -1)
    before = np.roll(rows, 1, axis=1)
    return x, np.stack([before[:, k * steps :][:, :steps] for k in range(len(x))])


def cut(rows, steps):
    count = rows.shape[1] // steps
    return np.stack(np.split(rows[:, : count * steps], count, axis=1))


def one_too_many(ids, batch_size, steps):
    rows = ids[: len(ids) // batch_size * batch_size].reshape(batch_size, -1)
    return cut(rows, steps), cut(np.roll(rows, -1, axis=1), steps)


def whole_stream(ids, batch_size, steps):
    used = (len(ids) - 1) // batch_size * batch_size
    return tuple(cut(side[:used].reshape(batch_size, -1), steps) for side in (ids[:-1], ids[1:]))


def one_after_the_other(ids, batch_size, steps):
    x, _ = batches(ids, batch_size, steps)
    return tuple(ids[shift:][: x.size].reshape(x.shape) for shift in (0, 1))


def ragged(ids, batch_size, steps):
    x, y = batches(ids, batch_size, steps)
    return [*x.tolist(), [[1]]], y


@pytest.mark.parametrize("answer", [batches, batch_producer])
def test_right_batches_pass(answer):
    assert exercises.check_batches(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (delayed, "one step ahead"),
        (lambda *a: (batches(*a)[0],) * 2, "nothing is left to predict"),
        (one_too_many, "no word left to predict"),
        (whole_stream, "A row has N // B = 6 words"),
        (one_after_the_other, "goes on from batch to batch"),
        (ragged, "cut off what does not fill a window"),
        (lambda *a: batches(*a)[0], "the pair"),
        (lambda ids, b, t: batches(ids, t, b), "must have shape"),
        (lambda *a: tuple(array + 1 for array in batches(*a)), "first batch should be"),
        (lambda *a: None, "return"),
        (7, "expected a function"),
    ],
)
def test_wrong_batches_are_told_why(answer, hint):
    feedback = exercises.check_batches(answer)
    assert not feedback.passed
    assert hint in str(feedback)


def perplexity(losses, words):
    return np.exp(np.sum(losses * words) / np.sum(words))


def test_a_right_perplexity_passes():
    assert exercises.check_perplexity(perplexity).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda losses, words: np.mean(np.exp(losses)), "mean of the losses, then exp"),
        (lambda losses, words: np.exp(np.mean(losses)), "weigh the losses"),
        (lambda losses, words: np.average(losses, weights=words), "take exp of it"),
        (lambda losses, words: 2 ** perplexity(losses, words), "expected"),
        (lambda losses, words: 2 ** np.average(losses, weights=words), "not 2 to the power"),
        (lambda losses, words: np.exp(losses), "expected a number"),
        (perplexity(np.ones(2), np.ones(2)), "expected a function"),
    ],
)
def test_a_wrong_perplexity_is_told_why(answer, hint):
    feedback = exercises.check_perplexity(answer)
    assert not feedback.passed
    assert hint in str(feedback)


@pytest.mark.parametrize("steps", [24, 24.0, np.int64(24)])
def test_the_right_number_of_steps_passes(steps):
    assert 46_478 // 24 > 1900 >= 46_478 // 25
    assert exercises.check_steps(steps).passed


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        (35, "the last step of an epoch is 1,326"),
        (20, "21 will do as well"),
        (25, "before 1,900"),
        (0, "at least one step"),
        (24.5, "whole number"),
        ("24", "whole number"),
        (None, "whole number"),
        (10**400, "whole number"),
    ],
)
def test_a_wrong_number_of_steps_is_told_why(steps, hint):
    feedback = exercises.check_steps(steps)
    assert not feedback.passed
    assert hint in " ".join(str(feedback).split())


@pytest.mark.parametrize(
    "rate", [lambda e: 0.93 ** max(e - 9, 0), lambda e: 1.0 if e < 10 else 0.93 ** (e - 9)]
)
def test_a_right_rate_passes(rate):
    assert exercises.check_rate(rate).passed


@pytest.mark.parametrize(
    ("rate", "hint"),
    [
        (lambda e: 0.93**e, "stand still"),
        (lambda e: 0.93 ** (e - 10), "must not be negative"),
        (lambda e: 0.93 ** max(e - 10, 0), "counted from 0"),
        (lambda e: 1 - 0.07 * max(e - 9, 0), "does not subtract"),
        (lambda e: 0.07 ** max(e - 9, 0), "leaves 93%"),
        (lambda e: 0.5, "expected 1"),
        (lambda e: "slow", "expected a number"),
        (0.93, "expected a function"),
    ],
)
def test_a_wrong_rate_is_told_why(rate, hint):
    feedback = exercises.check_rate(rate)
    assert not feedback.passed
    assert hint in str(feedback)


@pytest.mark.parametrize("size", [2, 20, 100.0])
def test_a_small_vocabulary_passes_and_is_told_its_price(size):
    feedback = exercises.check_vocabulary(size)
    assert feedback.passed
    assert "`<unk>`" in str(feedback)


@pytest.mark.parametrize(
    ("size", "hint"),
    [
        (1000, "the perplexity is"),
        (10**9, "3,790 different words"),
        (10**400, "whole number"),
        (1, "two words at least"),
        (-5, "two words at least"),
        (99.5, "whole number"),
        ("few", "whole number"),
    ],
)
def test_another_vocabulary_is_told_why(size, hint):
    feedback = exercises.check_vocabulary(size)
    assert not feedback.passed
    assert hint in str(feedback)


def best_share(p, q):
    shares = np.linspace(0, 1, 101)
    losses = [-np.log(share * p + (1 - share) * q).mean() for share in shares]
    return shares[np.argmin(losses)]


def test_the_best_share_passes():
    assert exercises.check_share(best_share).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p, q: float(np.log(p).mean() > np.log(q).mean()), "all of one of them"),
        (lambda p, q: 50, "between 0 and 1"),
        (lambda p, q: 0.02, "are possible"),
        (lambda p, q: 1 - best_share(p, q), "share of the second model"),
        (lambda p, q: np.nan, "expected a number"),
        (lambda p, q: p, "expected a number"),
        (0.5, "expected a function"),
        (None, "expected a function"),
    ],
)
def test_a_wrong_share_is_told_why(answer, hint):
    feedback = exercises.check_share(answer)
    assert not feedback.passed
    assert hint in str(feedback)
