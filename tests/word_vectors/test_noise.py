import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.word_vectors.noise import draw, expected_counts, log_uniform, unigram


def sampler(size, draws, unique, seed=1):
    """TensorFlow's: drawn ids and their expected counts, those of ids 0 … V - 1 as targets."""
    return tf.random.log_uniform_candidate_sampler(
        true_classes=np.arange(size, dtype=np.int64)[None],
        num_true=size,
        num_sampled=draws,
        unique=unique,
        range_max=size,
        seed=seed,
    )


@pytest.mark.parametrize(("size", "draws"), [(2, 1), (50, 64), (10_000, 64)])
def test_log_uniform_is_what_tensorflow_expects_of_its_sampler(size, draws):
    expected = sampler(size, draws, unique=False).true_expected_count.numpy()[0]
    ours = expected_counts(log_uniform(size), draws)
    np.testing.assert_allclose(ours, expected, rtol=2e-3 if size > 1000 else 2e-5)
    assert log_uniform(size).sum() == pytest.approx(1, abs=1e-12)


def test_without_repeats_tensorflow_counts_tries_and_so_do_we():
    expected = sampler(100, 40, unique=True).true_expected_count.numpy()[0]
    p = log_uniform(100)
    tries = round(float(np.log1p(-expected[0]) / np.log1p(-p[0])))
    assert tries > 40
    ours = expected_counts(p, tries, unique=True)
    np.testing.assert_allclose(ours, expected, rtol=1e-3)


def test_tensorflow_draws_what_it_expects():
    drawn = sampler(20, 200_000, unique=False).sampled_candidates.numpy()
    frequency = np.bincount(drawn, minlength=20) / len(drawn)
    np.testing.assert_allclose(frequency, log_uniform(20), atol=0.005)


@pytest.mark.parametrize(
    "mutant",
    [
        lambda n: unigram(1 / (np.arange(n) + 1)),  # Zipf's law itself
        lambda n: np.log1p(1 / (np.arange(n) + 2)) / np.log((n + 2) / 2),  # shifted by one
        lambda n: np.full(n, 1 / n),
        lambda n: log_uniform(n)[::-1],  # ids by rising frequency
    ],
)
def test_other_distributions_are_not_the_samplers(mutant):
    expected = sampler(50, 64, unique=False).true_expected_count.numpy()[0]
    assert np.abs(expected_counts(mutant(50), 64) / expected - 1).max() > 0.01


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any), st.floats(0, 2))
def test_unigram_raises_shares_to_a_power(counts, power):
    p = unigram(counts, power)
    assert p.sum() == pytest.approx(1) and np.all((p > 0) == (np.array(counts) > 0))
    i, j = np.argmax(counts), np.flatnonzero(counts)[0]
    assert p[i] / p[j] == pytest.approx((counts[i] / counts[j]) ** power)


def test_the_power_takes_from_the_frequent_and_gives_to_the_rare():
    rare, often = np.array([unigram([900, 90, 9, 1], power) for power in (1, 0.75)]).T[[3, 0]]
    assert rare[1] > 2 * rare[0] and often[1] < often[0]


def test_draws_follow_their_distribution_and_their_seed():
    p = unigram([5, 0, 3, 2])
    ids = draw(p, (400, 500), np.random.default_rng(0))
    assert ids.shape == (400, 500) and ids.dtype == np.int32
    np.testing.assert_allclose(np.bincount(ids.ravel(), minlength=4) / ids.size, p, atol=0.005)
    np.testing.assert_array_equal(ids, draw(p, (400, 500), np.random.default_rng(0)))


@pytest.mark.parametrize("edge", [0.0, 1 - 1e-16])
def test_no_draw_is_impossible_or_out_of_range(edge):
    class Edge:
        def random(self, shape):
            return np.full(shape, edge)

    p = np.array([0.0, 0.25, 0.75, 0.0])
    assert draw(p, 3, Edge()).tolist() == [1, 1, 1] if edge == 0 else [2, 2, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: log_uniform(0), "must be an integer ≥ 1"),
        (lambda: unigram([0, 0]), "not all zero"),
        (lambda: unigram([1, -1]), "must be ≥ 0"),
        (lambda: unigram([[1]]), "must have shape"),
        (lambda: unigram([]), "must have shape"),
        (lambda: unigram([np.nan]), "must be finite"),
        (lambda: expected_counts([0.5, 0.4], 3), "sum to 1, got a sum of 0.9"),
        (lambda: expected_counts([0.5, 0.5], 0), "must be an integer ≥ 1"),
        (lambda: draw([1.5, -0.5], 3, np.random.default_rng(0)), "must be ≥ 0"),
    ],
)
def test_what_is_no_distribution_is_said_so(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_words_are_no_counts():
    with pytest.raises(TypeError, match="must hold numbers"):
        unigram(["a", "b"])
