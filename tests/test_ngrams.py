import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse import ngrams
from rnncourse.data.corpora import lee_news, penn_treebank
from rnncourse.data.grammars import sentences
from rnncourse.data.text import Vocabulary
from rnncourse.ngrams import Interpolated, KneserNey, Unigram

TREEBANK = Path(os.environ.get("RNNCOURSE_DATA", ".")) / "ptb"
needs_treebank = pytest.mark.skipif(
    not TREEBANK.is_dir(), reason="the Penn Treebank is not in $RNNCOURSE_DATA/ptb"
)


def ids(size, least=5):
    return st.lists(st.integers(0, size - 1), min_size=least, max_size=40)


def fitted(size, train, held_out):
    """One of each kind, and of each order."""
    return [
        Unigram(size).fit(train),
        *(Interpolated(size, order).fit(train, held_out) for order in (1, 2, 3)),
        *(KneserNey(size, order).fit(train) for order in (1, 2, 3)),
    ]


def loss(model, stream):
    return -np.mean(model.log_probabilities(stream))


@given(ids(4), ids(4, 1), ids(4, 0))
def test_after_every_context_the_probabilities_sum_to_one_and_none_is_zero(
    train, held_out, context
):
    check_distributions(train, held_out, context)


def check_distributions(train, held_out, context):
    for model in fitted(4, train, held_out):
        p = model.probabilities(context)
        assert p.shape == (4,)
        assert p.sum() == pytest.approx(1, abs=1e-12)
        assert p.min() > 0


@given(ids(5), ids(5, 1), ids(5, 1))
def test_a_stream_is_judged_token_by_token_as_by_the_whole_distribution(train, held_out, stream):
    check_streams(train, held_out, stream)


def check_streams(train, held_out, stream):
    for model in fitted(5, train, held_out):
        given_before = [model.probabilities(stream[:i]) for i in range(len(stream))]
        expected = [np.log(p[token]) for p, token in zip(given_before, stream)]
        np.testing.assert_allclose(model.log_probabilities(stream), expected, rtol=1e-9)
        likeliest = [p[token] for p, token in zip(given_before, model.predictions(stream))]
        np.testing.assert_allclose(likeliest, [p.max() for p in given_before], rtol=1e-12)


@given(ids(4), ids(4, 1), ids(4, 1), st.integers(0, 30))
def test_what_comes_later_does_not_matter(train, held_out, stream, cut):
    for model in fitted(4, train, held_out):
        whole = model.log_probabilities(stream)[:cut]
        np.testing.assert_array_equal(model.log_probabilities(stream[:cut]), whole)


def test_unigrams_are_counts_plus_one():
    model = Unigram(3).fit([0, 0, 1])
    np.testing.assert_allclose(model.probabilities([2, 2]), [3 / 6, 2 / 6, 1 / 6])


def test_a_bigram_is_the_mixture_that_its_weights_say():
    train = [0, 1, 0, 1, 0, 2]
    model = Interpolated(3, order=2).fit(train, held_out=[0, 1, 0, 2])
    single, double = model.weights[0, 2], model.weights[1, 1]  # 6 tokens; 0 came three times
    below = single * np.array([3, 2, 1]) / 6 + (1 - single) / 3
    expected = double * np.array([0, 2, 1]) / 3 + (1 - double) * below
    np.testing.assert_allclose(model.probabilities([0]), expected, rtol=1e-12)
    np.testing.assert_allclose(model.probabilities([]), below, rtol=1e-12)


def test_no_other_weights_make_the_held_out_text_likelier():
    rng = np.random.default_rng(0)
    train, held_out = rng.choice(6, (2, 400), p=[0.4, 0.3, 0.1, 0.1, 0.05, 0.05])
    held_out = np.repeat(held_out, 2)[: len(held_out)]
    model = Interpolated(6, order=2).fit(train, held_out)
    best = loss(model, held_out)
    fitted_weights = model.weights.copy()
    for bucket in range(fitted_weights.shape[1]):
        for change in (0.02, -0.02):
            model.weights = fitted_weights.copy()
            model.weights[1, bucket] = np.clip(fitted_weights[1, bucket] + change, 0.001, 0.999)
            assert loss(model, held_out) >= best - 1e-9


def test_after_an_unseen_context_the_shorter_one_speaks():
    train = [0, 1, 2, 0, 1, 2, 0, 1, 3]
    for model in (Interpolated(5).fit(train, train), KneserNey(5).fit(train)):
        np.testing.assert_array_equal(model.probabilities([4, 1]), model.probabilities([1]))
        np.testing.assert_array_equal(model.probabilities([1, 4]), model.probabilities([]))
        np.testing.assert_array_equal(
            model.probabilities([3, 2, 0, 1]), model.probabilities([0, 1])
        )


def test_a_word_that_follows_one_other_alone_is_rare_elsewhere():
    """The example of Kneser and Ney: "Francisco" is as frequent as "car", and follows "San"."""
    san, francisco, car, *others = range(30)
    train = []
    for other in others * 2:
        train += [other, san, francisco, other, car]
    model = KneserNey(30, order=2).fit(train)
    p = model.probabilities([])
    assert train.count(francisco) == train.count(car)
    assert p[francisco] < p[car] / 3


def test_kneser_ney_takes_what_the_formulas_say():
    train = [0, 1, 0, 1, 0, 2, 1, 2, 0, 1]
    model = KneserNey(3, order=2).fit(train)
    # Bigrams 01 ×3, 10 ×2, 02, 21, 12, 20: of counts 1, 2, 3, 4 there are 4, 1, 1, none.
    share = 4 / (4 + 2 * 1)
    discounts = [1 - 2 * share * 1 / 4, 2 - 3 * share * 1 / 1, 3 - 4 * share * 0.5 / 1]
    discounts[1] = max(discounts[1], 0.05)
    one, _, three = discounts
    p_below = model.probabilities([])
    np.testing.assert_allclose(
        model.probabilities([0]),
        (np.array([0, 3 - three, 1 - one]) + (one + three) * p_below) / 4,
        rtol=1e-12,
    )
    # Each word came after two different ones.
    np.testing.assert_allclose(p_below, 1 / 3, rtol=1e-12)


def test_on_the_grammar_longer_contexts_help_and_none_beats_what_can_be_known():
    parts = [sentences.sample(n, seed) for n, seed in ((60_000, 1), (6_000, 2), (30_000, 3))]
    vocabulary = Vocabulary(parts[0])
    train, held_out, test = map(vocabulary.encode, parts)
    size = len(vocabulary)
    losses = [
        loss(Unigram(size).fit(train), test),
        loss(Interpolated(size, 2).fit(train, held_out), test),
        loss(Interpolated(size, 3).fit(train, held_out), test),
    ]
    floors = [sentences.entropy_after(words) for words in range(3)]
    # A stream of 30,000 words lies within 0.02 nats of the mean; counting loses a few more.
    for cost, floor in zip(losses, floors):
        assert floor - 0.02 < cost < floor + 0.06
    assert loss(KneserNey(size, 3).fit(train), test) < losses[2]


def test_on_the_news_counting_has_these_perplexities():
    vocabulary = Vocabulary(lee_news()[0])
    train, held_out, test = map(vocabulary.encode, lee_news())
    size = len(vocabulary)
    models = [
        Unigram(size).fit(train),
        Interpolated(size, 2).fit(train, held_out),
        Interpolated(size, 3).fit(train, held_out),
        KneserNey(size, 3).fit(train),
    ]
    perplexities = [np.exp(loss(model, test)) for model in models]
    np.testing.assert_allclose(perplexities, [325.9, 144.5, 136.7, 127.3], atol=0.1)


def test_sixty_thousand_tokens_take_no_time():
    rng = np.random.default_rng(0)
    train = np.minimum(rng.zipf(1.3, 60_000), 4000) - 1
    start = time.process_time()
    model = Interpolated(4000).fit(train, train[:5000])
    model.log_probabilities(train)
    assert time.process_time() - start < 10  # a quarter of a second, and a wide margin


@needs_treebank
def test_a_kneser_ney_trigram_has_its_known_perplexity_on_the_treebank():
    vocabulary = Vocabulary(penn_treebank()[0])
    train, _, test = map(vocabulary.encode, penn_treebank())
    # Mikolov et al. (2011), Empirical evaluation and combination of advanced language
    # modeling techniques, Interspeech: 148.3.
    assert np.exp(loss(KneserNey(10_000).fit(train), test)) == pytest.approx(148.3, abs=0.3)


@pytest.mark.parametrize(
    ("kind", "arguments", "match"),
    [
        (Unigram, (0,), "`size` must be an integer ≥ 1, got 0"),
        (Interpolated, (2.5,), "`size` must be an integer"),
        (Interpolated, (5, 0), "`order` must be an integer ≥ 1, got 0"),
        (KneserNey, (5, "3"), "`order` must be an integer ≥ 1, got '3'"),
        (KneserNey, (10_000, 5), r"must stay below 2\^63, got 10000 and 5: shorten"),
    ],
)
def test_a_model_that_cannot_be_is_refused(kind, arguments, match):
    with pytest.raises(ValueError, match=match):
        kind(*arguments)


@pytest.mark.parametrize(
    ("train", "error", "match"),
    [
        ([0, 1], ValueError, "`train` must hold at least 3 ids, got 2"),
        ([], ValueError, "`train` must hold at least 3 ids, got 0"),
        ([0, 1, 5], ValueError, "`train` must lie in 0 … 4, got 5 at 2"),
        ([0, 1, -1], ValueError, "`train` must lie in 0 … 4, got -1 at 2"),
        ([[0, 1, 2]], ValueError, r"`train` must have shape \(N,\)"),
        (["a", "b", "c"], TypeError, "`train` must be integers"),
        ([0.0, 1.0, np.nan], TypeError, "`train` must be integers"),
        (None, TypeError, "`train` must be integers"),
    ],
    ids=repr,
)
def test_a_text_that_cannot_be_counted_is_refused(train, error, match):
    with pytest.raises(error, match=match):
        KneserNey(5).fit(train)
    with pytest.raises(error, match=match):
        Interpolated(5).fit(train, [0])


def test_weights_need_text_held_out():
    with pytest.raises(ValueError, match="`held_out` must hold at least one id, got none"):
        Interpolated(2).fit([0, 1, 0], [])


@pytest.mark.parametrize("model", [Unigram(2), Interpolated(2), KneserNey(2)])
def test_a_model_without_a_text_says_so(model):
    for question in (model.log_probabilities, model.probabilities, model.predictions):
        with pytest.raises(RuntimeError, match="must be fitted first"):
            question([0])


@pytest.mark.parametrize("odd", [[2], [-1], [[0]], ["a"], [0.5], None], ids=repr)
def test_ids_outside_the_vocabulary_are_refused(odd):
    model = Unigram(2).fit([0, 1])
    for question in (model.log_probabilities, model.probabilities, model.predictions):
        with pytest.raises((ValueError, TypeError), match=r"`(ids|context)` must"):
            question(odd)


def test_no_tokens_have_no_probabilities():
    for model in fitted(2, [0, 1, 0, 1, 1], [0]):
        assert model.log_probabilities([]).shape == model.predictions([]).shape == (0,)


def leaky(self, p, n, keys):
    """After a context that never came, nothing is handed down in full."""
    frequency, bucket, _ = self._frequency(n, keys)
    return self.weights[n - 1, bucket] * frequency + (1 - self.weights[n - 1, bucket]) * p


def looking_ahead(self, ids):
    keys = [ids]
    for n in range(1, self.order):
        longer = np.full(len(ids), -1)
        longer[:-n] = ids[n:] * self.size**n + keys[-1][:-n]
        keys.append(longer)
    return keys


def reversed_context(self, ids):
    keys = [ids]
    for n in range(1, self.order):
        longer = np.full(len(ids), -1)
        longer[n:] = ids[n:] + ids[: len(ids) - n] * self.size
        keys.append(longer)
    return keys


STREAMS = ([0, 1, 2, 3, 4, 0, 2, 1, 0, 3], [0, 1, 2, 4, 3], [0, 1, 2, 4, 3, 0, 2])


def flat(counts):
    return np.array([0, 0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("owner", "name", "mutant", "check"),
    [
        (
            Interpolated,
            "_improve",
            leaky,
            lambda: check_distributions([0, 1, 2, 0, 1, 3, 0], [0, 1], [3, 3]),
        ),
        (ngrams._NGram, "_keys", looking_ahead, lambda: check_streams(*STREAMS)),
        (ngrams._NGram, "_keys", reversed_context, lambda: check_streams(*STREAMS)),
        (ngrams, "_discounts", flat, test_kneser_ney_takes_what_the_formulas_say),
        (ngrams, "ROUNDS", 0, test_no_other_weights_make_the_held_out_text_likelier),
    ],
    ids=["leaky", "looking ahead", "reversed context", "one discount", "weights not fitted"],
)
def test_likely_mistakes_are_seen(owner, name, mutant, check, monkeypatch):
    monkeypatch.setattr(owner, name, mutant)
    with pytest.raises(AssertionError):
        check()
