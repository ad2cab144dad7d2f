"""Each self-check: right answers pass, plausible wrong ones are told what is wrong with them."""

import re

import numpy as np
import pytest

from rnncourse.exercises.lesson_03 import (
    check_backwards,
    check_flattery,
    check_growth,
    check_masked_mean,
    check_song_ends,
    check_turn,
)

CHECKS = [
    check_turn,
    check_growth,
    check_song_ends,
    check_masked_mean,
    check_flattery,
    check_backwards,
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
    lambda *a: "text",
    lambda *a: a[0],
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("odd", ODD, ids=[f"odd{i}" for i in range(len(ODD))])
def test_no_check_raises_or_passes_nonsense(check, odd):
    for answers in ((odd,), (odd,) * 2, (odd,) * 4, ()):
        feedback = check(*answers)
        assert not feedback.passed
        assert len(feedback) > 20


def ends(tokens, eos):
    found = tokens == eos
    return np.where(found.any(1), found.argmax(1) + 1, tokens.shape[1])


def counts(losses, lengths):
    return np.arange(losses.shape[1]) < lengths[:, None]


def backwards(X, lengths):
    X = X.copy()
    for row, n in zip(X, lengths):
        row[:n] = row[:n][::-1].copy()
    return X


def by_index(X, lengths):
    t = np.arange(X.shape[1])
    places = np.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)
    return np.take_along_axis(X, places[..., None], axis=1)


RIGHT = [
    (check_turn, (lambda X: X.transpose(1, 0, 2),)),
    (check_turn, (lambda X: np.swapaxes(X, 0, 1),)),
    (check_turn, (lambda X: np.stack(list(X), axis=1),)),
    (check_growth, (10, 1, 10, 100)),
    (check_growth, (9.9, 1.0, np.float64(10), 100)),
    (check_song_ends, (ends,)),
    (
        check_song_ends,
        (lambda tokens, eos: [[*row, eos].index(eos) + (eos in row) for row in tokens.tolist()],),
    ),
    (check_masked_mean, (lambda losses, n: losses[counts(losses, n)].mean(),)),
    (
        check_masked_mean,
        (lambda losses, n: np.where(counts(losses, n), losses, 0).sum() / n.sum(),),
    ),
    (check_flattery, ([100] + [1] * 40,)),
    (check_flattery, (np.array([1000, *[2] * 30]),)),
    (check_backwards, (backwards,)),
    (check_backwards, (by_index,)),
]


@pytest.mark.parametrize(("check", "answers"), RIGHT, ids=lambda v: getattr(v, "__name__", ""))
def test_right_answers_pass(check, answers):
    assert check(*answers).passed, check(*answers)


def without_end(tokens, eos):
    return ends(tokens, eos) - (tokens == eos).any(1)


def last_end(tokens, eos):
    found = tokens == eos
    last = tokens.shape[1] - found[:, ::-1].argmax(1)
    return np.where(found.any(1), last, tokens.shape[1])


def row_means(losses, lengths):
    return np.mean([row[:n].mean() for row, n in zip(losses, lengths) if n])


WRONG = [
    (
        check_turn,
        (lambda X: X.reshape(X.shape[1], X.shape[0], X.shape[2]),),
        r"reshape reads on across the end of a row",
    ),
    (check_turn, (lambda X: X,), r"expected shape \(6, 4, 3\), got \(4, 6, 3\)"),
    (check_turn, (lambda X: X.T,), r"expected shape \(6, 4, 3\), got \(3, 6, 4\)"),
    (
        check_turn,
        (lambda X: X if len(X) == 5 else X.transpose(1, 0, 2),),
        "nothing was turned",
    ),
    (check_turn, (lambda X: X.transpose(1, 0, 2)[::-1],), r"must be X\[b, t\], features in"),
    (check_turn, (3,), "without calling it"),
    (check_turn, (lambda X: None,), "returned nothing"),
    (check_growth, (1, 1, 10, 100), "`graph_written` grows by 10, not by 1"),
    (check_growth, (10, 10, 10, 100), "the cell stands in it once"),
    (check_growth, (10, 1, 1, 100), "the way back asks for every step"),
    (check_growth, (10, 1, 10, 10), "each has a gradient ten times as long"),
    (check_growth, (10, 1, 10, "100"), "expected a factor for `cut_by_slices`, got '100'"),
    (check_growth, (True, 1, 10, 100), "expected a factor for `graph_written`, got True"),
    (check_song_ends, (lambda t, eos: (t == eos).argmax(1),), "END itself counts"),
    (check_song_ends, (without_end,), "END itself counts"),
    (check_song_ends, (lambda t, eos: (t == eos).argmax(1) + 1,), "argmax finds none"),
    (check_song_ends, (last_end,), "at the first END, not at the last"),
    (
        check_song_ends,
        (lambda t, eos: np.count_nonzero(t, axis=1),),
        "count to the END, not",
    ),
    (check_song_ends, (lambda t, eos: ends(t, eos) + 1,), "look for the place"),
    (check_song_ends, (lambda t, eos: ends(t, eos)[:1],), "one length for each of 2 rows"),
    (check_masked_mean, (lambda l, n: l.mean(),), "mean over all positions"),
    (check_masked_mean, (lambda l, n: (l * counts(l, n)).mean(),), "still counted below"),
    (check_masked_mean, (lambda l, n: l[counts(l, n)].sum(),), "that is the sum"),
    (check_masked_mean, (row_means,), "the weight of a long one"),
    (check_masked_mean, (lambda l, n: l[counts(l, n + 1)].mean(),), "one step too many"),
    (check_masked_mean, (lambda l, n: l[counts(l, n - 1)].mean(),), "one step too few"),
    (check_masked_mean, (lambda l, n: l[~counts(l, n)].mean(),), "drops the song"),
    (check_masked_mean, (lambda l, n: (l * counts(l, n)).sum() / n.sum(),), "zero times NaN"),
    (check_masked_mean, (lambda l, n: 2.0,), "divide by their number"),
    (check_masked_mean, (lambda l, n: l,), "expected one number"),
    (check_flattery, ([5, 5, 5],), "the mean is honest: perplexity 8"),
    (check_flattery, ([9, 1, 1],), r"padding fills 59% .+ perplexity 2.33; expected at most 1.1"),
    (check_flattery, ([100] + [1] * 20,), "expected at most"),
    (check_flattery, ([100] + [0] * 40,), "END alone is length 1"),
    (check_flattery, ([1.5, 2.0],), "whole numbers"),
    (check_flattery, (5,), "whole numbers"),
    (check_backwards, (lambda X, n: X[:, ::-1],), "now the padding comes first"),
    (check_backwards, (lambda X, n: X,), "nothing was turned round"),
    (check_backwards, (lambda X, n: X[:, :, ::-1],), "features changed places"),
    (check_backwards, (lambda X, n: backwards(X, n)[:, :, ::-1],), "features changed places"),
    (check_backwards, (lambda X, n: X[::-1],), "row 0, of length 5, is wrong"),
    (check_backwards, (lambda X, n: backwards(X, n - 1),), "is wrong: step t must be"),
    (check_backwards, (lambda X, n: backwards(X, n)[:, :3],), "expected the same shape"),
]


@pytest.mark.parametrize(("check", "answers", "words"), WRONG, ids=[w for *_, w in WRONG])
def test_wrong_answers_are_told_what_is_wrong_with_them(check, answers, words):
    feedback = check(*answers)
    assert not feedback.passed
    assert re.search(words, feedback), feedback
