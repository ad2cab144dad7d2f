"""What lesson 17 says, for other weights and sentences than the page's, and over all seeds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.data.grammars.french_alignment import alignment, articles, diagonal
from rnncourse.evaluation import interval, relative_difference
from rnncourse.reproduce import looking, records
from rnncourse.translation.attention import additive_attention

LOOKING, REVERSED, _, MEAN, PLAIN, LONGER = range(6)


@pytest.fixture(scope="module")
def record():
    return records.load("look-back")


def page_sentences():
    """600 of the test, as the page counts on them."""
    return [s[:2] for part in looking.material()[1]["test"][:4] for s in part]


@pytest.mark.parametrize(("T", "S", "A"), [(1, 1, 1), (3, 5, 7), (6, 2, 4)])
def test_the_dozen_lines_are_the_packages_attention(T, S, A):
    def look_back(queries, memory, W_q, W_m, v, words):
        asked = (queries @ W_q)[:, None]
        kept = (memory @ W_m)[None]
        scores = np.where(words, np.tanh(asked + kept) @ v, -np.inf)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights = odds / odds.sum(axis=1, keepdims=True)
        return weights @ memory, weights

    rng = np.random.default_rng(T)
    queries, memory = rng.normal(size=(T, 8)), rng.normal(size=(S, 6))
    parts = [rng.normal(size=shape) for shape in ((8, A), (6, A), (A,))]
    words = np.arange(S) < max(1, S - 2)
    ours = additive_attention(queries[None], memory[None], *parts, mask=words[None])
    for got, wanted in zip(ours, look_back(queries, memory, *parts, words)):
        assert relative_difference(got, wanted[None]) < 1e-12


def test_keras_looks_at_padding_where_there_is_nothing_else():
    rng = np.random.default_rng(0)
    queries, memory = rng.normal(size=(1, 2, 3)), rng.normal(size=(1, 4, 3))
    nothing = np.zeros((1, 4), bool)
    layer = keras.layers.AdditiveAttention(dtype="float64")
    inputs = [tf.constant(x) for x in (queries, memory)]
    _, theirs = layer(inputs, mask=[None, tf.constant(nothing)], return_attention_scores=True)
    eye, v = np.eye(3), layer.get_weights()[0]
    _, ours = additive_attention(queries, memory, eye, eye, v, mask=nothing)
    assert np.allclose(np.sum(theirs, axis=-1), 1) and np.all(ours == 0)


def test_a_finger_without_a_memory_cannot_tell_who_sees_whom():
    rng = np.random.default_rng(1)
    rows = {word: rng.normal(size=5) for word in ("the", "dog", "cat", "sees")}
    parts = [rng.normal(size=shape) for shape in ((4, 6), (5, 6), (6,))]
    heaps = [
        np.array([[rows[word] for word in text.split()]])
        for text in ("the dog sees the cat", "the cat sees the dog")
    ]
    one, other = (additive_attention(np.ones((1, 1, 4)), heap, *parts)[0] for heap in heaps)
    assert relative_difference(one, other) < 1e-12


def test_french_goes_back_to_the_adjective_and_beyond_the_verb_for_not():
    english, french = "the black cat does not drink milk", "le chat noir ne boit pas de lait"
    there = alignment(english.split(), french.split())
    assert there.tolist() == [-1, 2, 1, -1, 5, 4, -1, 6]
    assert articles(english.split(), french.split())[0].tolist() == [0, 2]


def test_somebody_who_knows_neither_language_is_right_more_often_than_not():
    right = [
        diagonal(len(e), len(f))[alignment(e, f) >= 0] == alignment(e, f)[alignment(e, f) >= 0]
        for e, f in page_sentences()
    ]
    assert 0.6 < np.concatenate(right).mean() < 0.8


def test_the_finger_of_every_network_is_on_the_right_word(record):
    assert np.all(record.values("hit")[:, LOOKING] > 0.92)
    assert np.all(record.values("hit")[:, REVERSED] > 0.9)


def test_for_an_article_the_finger_is_on_the_noun(record):
    on_article, on_noun = record.values("article_looks")[:, LOOKING].T
    assert interval(on_noun - on_article).low > 0
    without_article, without_noun, _ = record.values("article_lost")[:, LOOKING].T
    assert np.all(without_noun > without_article)


def test_read_from_right_to_left_the_article_knows_its_noun(record):
    on_article, on_noun = record.values("article_looks")[:, REVERSED].T
    assert np.all(on_article > 0.8) and np.all(on_noun < 0.2)
    without_article, without_noun, _ = record.values("article_lost")[:, REVERSED].T
    assert np.all(without_article > 0.3) and np.all(without_noun < 0.05)


def test_a_word_that_is_hidden_is_lost_and_another_one_does_not_matter(record):
    lost, alone = record.values("lost")[:, LOOKING], record.values("alone")[:, LOOKING]
    assert np.all(lost[:, :2] > 0.7) and np.all(lost[:, 2] < 0.02)
    assert np.all(alone > 0.95)


def test_where_the_finger_is_beside_the_word_the_word_matters_more(record):
    heaviest, right, _ = record.values("lost_beside")[:, LOOKING].T
    assert interval(right - heaviest).low > 0


def test_the_direction_of_reading_makes_little_difference_to_who_looks_back(record):
    exact = record.values("exact")[..., :4].mean(axis=-1)
    mean, low, high = interval(exact[:, LOOKING] - exact[:, REVERSED])
    assert -0.06 < low < mean < high < 0


def test_to_look_at_all_words_alike_is_not_enough(record):
    exact = record.values("exact")
    assert np.all(exact[:, LOOKING, 3] > exact[:, MEAN, 3])


def test_nobody_is_as_good_beyond_the_lengths_that_were_learned(record):
    exact = record.values("exact").mean(axis=0)
    assert np.all(np.diff(exact[LOOKING]) < 0)
    assert exact[PLAIN, -1] < 0.01 and exact[LONGER, -1] < 0.01
