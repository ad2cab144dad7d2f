import numpy as np
import pytest
import tensorflow as tf

from rnncourse.exercises import lesson_17 as exercises

GARBAGE = [None, "three", 3, [], np.nan, object(), {}, lambda: None, lambda *a: "x"]


def masked(scores, mask):
    scores = np.where(mask, scores, -np.inf)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def plain(scores):
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def hits(weights, places):
    known = places >= 0
    return np.mean(weights.argmax(axis=1)[known] == places[known])


RIGHT = [
    (exercises.check_scores, (4,)),
    (exercises.check_scores, (np.float32(4.0),)),
    (exercises.check_masked, (masked,)),
    (exercises.check_masked, (lambda s, m: tf.nn.softmax(tf.where(m, s, -1e30)),)),
    (exercises.check_dot, (lambda q, k: q @ k.T / np.sqrt(q.shape[1]),)),
    (exercises.check_hits, (hits,)),
    (exercises.check_bag, ("the dog sees the cat", "the cat sees the dog")),
    (exercises.check_bag, ("The cat likes white milk.", "the white cat likes milk")),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer):
    assert check(*answer).passed, check(*answer)


WRONG = [
    (exercises.check_scores, (2,), "twice as many of both"),
    (exercises.check_scores, (8,), "not three"),
    (exercises.check_scores, (1,), "no more pairs"),
    (exercises.check_scores, (5,), "count the cells"),
    (exercises.check_masked, (lambda s, m: plain(s * m),), "its exponential is 1"),
    (exercises.check_masked, (lambda s, m: plain(s),), "the mask changes nothing"),
    (exercises.check_masked, (lambda s, m: plain(s) * m,), "mask before you normalise"),
    (
        exercises.check_masked,
        (lambda s, m: np.exp(s) * m / (np.exp(s) * m).sum(axis=0),),
        "the columns add up to 1",
    ),
    (
        exercises.check_masked,
        (lambda s, m: np.exp(s) * m / (np.exp(s) * m).sum(axis=1, keepdims=True),),
        "near 1000",
    ),
    (exercises.check_masked, (lambda s, m: s * np.nan,), "NaN"),
    (exercises.check_masked, (lambda s, m: m / m.sum(axis=1, keepdims=True),), "expected (0.25"),
    (exercises.check_masked, (lambda s, m: s[0],), "expected shape (3, 3)"),
    (exercises.check_dot, (lambda q, k: q @ k.T,), "divide by √16"),
    (exercises.check_dot, (lambda q, k: q @ k.T / 16,), "divide by its root"),
    (exercises.check_dot, (lambda q, k: k @ q.T / 4,), "transpose"),
    (exercises.check_dot, (lambda q, k: q @ k.T / np.sqrt(len(k)),), "the width A"),
    (exercises.check_dot, (lambda q, k: q[:3] * k[:3],), "got shape (3, 16)"),
    (exercises.check_dot, (lambda q, k: np.tanh(q @ k.T),), "for the first pair"),
    (exercises.check_hits, (lambda w, p: np.mean(w.argmax(axis=1) == p),), "leave them out"),
    (
        exercises.check_hits,
        (lambda w, p: np.mean(w.argmax(axis=1) == p % 3),),
        "the last word for Python",
    ),
    (exercises.check_hits, (lambda w, p: w[[0, 1, 2, 4], [0, 1, 1, 2]].mean(),), "the mean weight"),
    (exercises.check_hits, (lambda w, p: 3,), "that is their number"),
    (exercises.check_hits, (lambda w, p: 0.1,), "largest weight of each row"),
    (exercises.check_bag, ("the dog sees the cat", "the dog sees the cat"), "the same sentence"),
    (exercises.check_bag, ("the dog sees the cat", "the dog sees the bird"), "in only one"),
    (exercises.check_bag, ("the dog sees the cat", "the dog sees cat"), "more often"),
    (exercises.check_bag, ("the dog runs", "runs the dog"), "'runs' is no word"),
    (exercises.check_bag, ("", "the dog"), "expected a sentence for `first`"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_wrong_answers_are_told_why(check, answer, hint):
    feedback = check(*answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("garbage", GARBAGE, ids=[str(k) for k in range(len(GARBAGE))])
def test_garbage_is_answered_in_words(garbage):
    for name in ("scores", "masked", "dot", "hits"):
        if not (name == "scores" and garbage == 4):
            assert not getattr(exercises, f"check_{name}")(garbage).passed
    assert not exercises.check_bag(garbage, garbage).passed
