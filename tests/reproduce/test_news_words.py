"""Ranks, agreement with people, and vectors from the news."""

import numpy as np
import pytest

from rnncourse.reproduce import news_words


def test_agreement_is_spearmans():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for _ in range(5):
        x, y = rng.integers(0, 9, 30), rng.normal(size=30)
        assert news_words.agreement(x, y) == pytest.approx(stats.spearmanr(x, y)[0])
    assert news_words.agreement([1, 2, 3], [9, 10, 400]) == pytest.approx(1)
    assert news_words.agreement([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


def test_few_judged_pairs_are_known():
    texts, vocabulary = news_words.news()
    pairs, scores = news_words.judgements(vocabulary)
    assert len(vocabulary) == news_words.WORDS
    assert sum(map(len, texts)) == 55_454
    assert len(pairs) == len(scores) == 43
    assert pairs.max() < news_words.WORDS and 0 <= scores.min() <= scores.max() <= 10


def test_an_interval_over_pairs_lies_around_the_agreement():
    rng = np.random.default_rng(1)
    y = rng.normal(size=43)
    x = y + rng.normal(size=43)
    low, high = news_words.agreement_interval(x, y)
    assert low < news_words.agreement(x, y) < high
    assert high - low > 0.2


def test_cosines_do_not_see_lengths():
    vectors = np.array([[1.0, 0], [5, 0], [0, 2]])
    assert news_words.cosines(vectors, np.array([[0, 1], [0, 2]])).tolist() == [1, 0]


def test_a_network_takes_the_same_texts():
    texts, _ = news_words.news()
    short = news_words.PLAIN | {"epochs": 1, "dimensions": 8}
    assert news_words.learned(texts[:20], short, seed=1).shape == (news_words.WORDS, 8)
