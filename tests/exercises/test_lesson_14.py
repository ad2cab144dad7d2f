"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.data.grammars.small_world import sensible
from rnncourse.exercises import lesson_14 as exercises
from rnncourse.word_vectors.counts import positive_pmi
from rnncourse.word_vectors.pairs import skip_gram_pairs


def pairs(words, window):
    return [
        (words[i], words[j])
        for i in range(len(words))
        for j in range(max(0, i - window), min(len(words), i + window + 1))
        if j != i
    ]


def pairs_by_package(words, window):
    found = skip_gram_pairs(np.arange(len(words)), window, edges=True)
    return [(words[a], words[b]) for a, b in found]


@pytest.mark.parametrize("answer", [pairs, pairs_by_package])
def test_right_pairs_pass(answer):
    feedback = exercises.check_pairs(answer)
    assert feedback.passed
    assert "60" in str(feedback)


def without_edges(words, window):
    return [
        (words[i], words[j])
        for i in range(window, len(words) - window)
        for j in range(i - window, i + window + 1)
        if j != i
    ]


def round_the_corner(words, window):
    places = range(len(words))
    return [
        (words[i], words[j])
        for i in places
        for j in range(i - window, i + window + 1)
        if j != i and j < len(words)
    ][: len(pairs(words, window))]


def without_max(words, window):
    n = len(words)
    return [
        (words[i], words[j])
        for i in range(n)
        for j in range(i - window, min(n, i + window + 1))
        if j != i
    ]


def to_one_side(words, window, sign=1):
    places = range(len(words))
    near = range(1, window + 1) if sign > 0 else range(-window, 0)
    return [(words[i], words[i + d]) for i in places for d in near if i + d in places]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (to_one_side, "only the right"),
        (lambda words, window: to_one_side(words, window, -1), "only the left"),
        (without_edges, "near the edges"),
        (lambda words, window: [(b, a) for a, b in reversed(pairs(words, window))], "order"),
        (lambda words, window: sorted(pairs(words, window)), "order"),
        (round_the_corner, "negative index"),
        (without_max, "negative index"),
        (lambda w, k: [p for p in pairs(w, k) if p[0] != p[1]], "equal words"),
        (lambda words, window: 5, "a list of tuples"),
        (lambda words, window: "milk", "a list of tuples"),
        (lambda words, window: [], "got 0"),
        (lambda words, window: [(a, a) for a in words], "beside itself"),
        (lambda words, window: [(words[i], words[i + 1]) for i in range(len(words) - 1)], "side"),
        (lambda words, window: words, "tuples"),
        (lambda words, window: None, "return"),
        (7, "function"),
    ],
)
def test_slips_with_pairs_are_named(answer, hint):
    feedback = exercises.check_pairs(answer)
    assert not feedback.passed
    assert hint in str(feedback)


def ppmi(counts):
    p = counts / counts.sum()
    with np.errstate(divide="ignore"):
        return np.maximum(0, np.log(p / np.outer(p.sum(1), p.sum(0))))


@pytest.mark.parametrize("answer", [ppmi, positive_pmi])
def test_right_information_passes(answer):
    assert exercises.check_ppmi(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda c: np.log(c / c.sum() / np.outer(c.sum(1), c.sum(1)) * c.sum() ** 2), "log 0"),
        (lambda c: np.maximum(0, np.log(c / c.sum() + 1e-9)), "both words' probabilities"),
        (
            lambda c: np.maximum(0, np.log((c + 1e-12) / c.sum(1, keepdims=True))),
            "both words' probabilities",
        ),
        (lambda c: ppmi(c) / np.log(2), "bits"),
        (lambda c: np.where(c > 0, np.exp(ppmi(c)), 0), "logarithm"),
        (lambda c: ppmi(c) - 1, "rarer than by chance"),
        (lambda c: c[0], "shape"),
        (lambda c: "x", "numbers"),
        (lambda c: [[1], [1, 2]], "numbers"),
        (lambda c: np.full(c.shape, np.nan), "NaN"),
        (lambda c: ppmi(c) + 0.1, "should be"),
        (None, "function"),
    ],
)
def test_slips_with_information_are_named(answer, hint):
    feedback = exercises.check_ppmi(answer)
    assert not feedback.passed
    assert hint in str(feedback)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (exercises.check_updates, 276),
        (exercises.check_score, np.log(0.6)),
    ],
)
def test_right_numbers_pass(check, right):
    assert check(right).passed
    assert check(np.float32(right)).passed
    assert not check(right + 1).passed


@pytest.mark.parametrize(
    ("check", "answer", "hint"),
    [
        (exercises.check_updates, 148, "true neighbours"),
        (exercises.check_updates, 100_000, "not even the softmax"),
        (exercises.check_updates, 50_128, "what the softmax changes"),
        (exercises.check_updates, 50_148, "no sum over all words"),
        (exercises.check_updates, 2816, "shared by all pairs"),
        (exercises.check_score, np.log(3), "five noise words"),
        (exercises.check_score, np.log(15), "less likely"),
        (exercises.check_score, 0.6, "odds"),
        (exercises.check_score, 3 / 8, "3 of 8"),
    ],
)
def test_slips_with_numbers_are_named(check, answer, hint):
    feedback = check(answer)
    assert not feedback.passed
    assert hint in str(feedback)


CUT = [("drink", thing) for thing in ("water", "tea", "juice", "cider", "coffee")]
CUT += [(deed, "milk") for deed in ("pour", "sip", "spill")]


def test_the_way_to_the_water_can_be_cut():
    assert exercises.check_cut(CUT).passed
    other_end = [("drink", "water"), ("pour", "water"), ("sip", "water")]
    other_end += [("spill", t) for t in ("milk", "tea", "juice", "cider", "coffee")]
    assert exercises.check_cut(other_end).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ([("drink", "water"), ("pour", "water")], "drink - milk - sip - water"),
        (CUT[1:], "water is still drunk"),
        ([*CUT, ("drink", "milk")], "no longer drunk"),
        ([(deed, "water") for deed in ("drink", "pour", "sip", "spill")], "nothing is ever done"),
        ([*CUT, ("wear", "shoes")], "8 are enough"),
        ([("drink", "shoes")], "no pair of the small world"),
        ([*CUT, CUT[0]], "comes twice"),
        ("drink water", "a list of pairs"),
        (["drink water"], "pairs like"),
        (5, "a list of pairs"),
        (sensible(), "no longer drunk"),
    ],
)
def test_slips_with_the_cut_are_named(answer, hint):
    feedback = exercises.check_cut(answer)
    assert not feedback.passed
    assert hint in str(feedback)


GARBAGE = [None, "x", [], {}, object(), np.zeros((2, 2)), float("nan"), lambda *a: 1 / 0, [[1]]]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize(
    "check", [getattr(exercises, name) for name in dir(exercises) if name.startswith("check_")]
)
def test_whatever_comes_is_answered_in_words(check, answer):
    feedback = check(answer)
    assert not feedback.passed
    assert len(str(feedback)) > 20
