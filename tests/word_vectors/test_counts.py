import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.word_vectors.counts import cooccurrences, factorise, positive_pmi
from rnncourse.word_vectors.pairs import skip_gram_pairs

SIZE = 5
sentences = st.lists(
    st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=12), min_size=1, max_size=5
)


@given(sentences, st.integers(1, 4))
def test_counts_are_those_of_the_pairs_and_no_window_leaves_its_sentence(texts, window):
    expected = np.zeros((SIZE, SIZE))
    for text in texts:
        for centre, context in skip_gram_pairs(text, window, edges=True):
            expected[centre, context] += 1
    np.testing.assert_array_equal(cooccurrences(texts, SIZE, window), expected)


def test_information_is_what_the_definition_says():
    counts = np.array([[0.0, 6, 2], [6, 0, 1], [2, 1, 4]])
    p, total = counts / counts.sum(), counts.sum()
    rows, columns = counts.sum(1) / total, counts.sum(0) / total
    smooth = counts.sum(0) ** 0.75 / np.sum(counts.sum(0) ** 0.75)
    for power, column in ((1.0, columns), (0.75, smooth)):
        found = positive_pmi(counts, power)
        for i in range(3):
            for j in range(3):
                chance = rows[i] * column[j]
                expected = max(0, np.log(p[i, j] / chance)) if p[i, j] else 0
                assert found[i, j] == pytest.approx(expected, abs=1e-12)


def test_words_that_meet_by_chance_alone_tell_nothing():
    counts = np.outer([1, 2, 3, 0], [4, 1, 2, 0])
    assert np.abs(positive_pmi(counts)).max() < 1e-12


@settings(deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.integers(1, 4))
def test_with_the_whole_power_the_products_of_rows_are_kept_as_well_as_can_be(
    seed, symmetric, dimensions
):
    matrix = np.random.default_rng(seed).normal(size=(6, 6))
    if symmetric:
        matrix += matrix.T
    vectors = factorise(matrix, dimensions, power=1)
    u, s, _ = np.linalg.svd(matrix)
    best = (u[:, :dimensions] * s[:dimensions] ** 2) @ u[:, :dimensions].T
    np.testing.assert_allclose(vectors @ vectors.T, best, atol=1e-4)
    half = factorise(matrix, dimensions, power=0.5)
    np.testing.assert_allclose(half * s[:dimensions] ** 0.5, vectors, atol=1e-4)
    assert np.all(vectors[np.abs(vectors).argmax(0), np.arange(dimensions)] > 0)
    assert vectors.dtype == np.float32


def test_a_matrix_wider_than_tall_has_vectors_for_its_rows():
    assert factorise(np.arange(12.0).reshape(3, 4) ** 2, 2).shape == (3, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cooccurrences([[0, 5]], SIZE), ValueError, "must lie in 0 … 4, got 5"),
        (lambda: cooccurrences([["a"]], SIZE), TypeError, "must be integers"),
        (lambda: cooccurrences([[0]], SIZE, 0), ValueError, "`window` must be an integer ≥ 1"),
        (lambda: cooccurrences([], SIZE), ValueError, "at least one word"),
        (lambda: positive_pmi([[0, 0]]), ValueError, "not all zero"),
        (lambda: positive_pmi([[1, -1]]), ValueError, "must be ≥ 0"),
        (lambda: positive_pmi([[1, np.nan]]), ValueError, "must be finite, got nan"),
        (lambda: positive_pmi([1, 2]), ValueError, "must have shape"),
        (lambda: positive_pmi([["a"]]), TypeError, "must hold numbers"),
        (lambda: factorise(np.eye(3), 4), ValueError, "must be at most 3"),
        (lambda: factorise(np.eye(3), 0), ValueError, "must be an integer ≥ 1"),
        (lambda: factorise([[np.inf]], 1), ValueError, "must be finite"),
        (lambda: factorise([1.0], 1), ValueError, "must have shape"),
    ],
)
def test_what_cannot_be_counted_is_said_so(call, error, message):
    with pytest.raises(error, match=message):
        call()
