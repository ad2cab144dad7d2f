import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.word_vectors.blocks import kept_shares, lay_out, pair_masks, thin_out
from rnncourse.word_vectors.pairs import join_sentences, skip_gram_pairs

sentences = st.lists(st.integers(1, 60), min_size=1, max_size=6)


def laid(lengths, window, length, seed=0):
    """Sentences whose words are all different, as blocks; the ids go up from 0."""
    owners = np.repeat(np.arange(len(lengths)), lengths)
    rng = np.random.default_rng(seed)
    return owners, lay_out(np.arange(len(owners)), owners, window, length, rng)


def pairs_of(blocks, window):
    """Every (centre, context) that the masks hold."""
    block, i, j = np.nonzero(pair_masks(blocks.before, blocks.after, window))
    return np.column_stack([blocks.words[block, i + window], blocks.words[block, j]])


class Widest:
    """A generator that always draws the widest window, and leaves the order alone."""

    def integers(self, low, high, count):
        return np.full(count, high - 1)

    def permutation(self, count):
        return np.arange(count)


@settings(deadline=None)
@given(sentences, st.integers(1, 5), st.integers(1, 25))
def test_with_full_windows_the_pairs_are_those_of_each_sentence(lengths, window, length):
    ids, owners = join_sentences(np.split(np.arange(sum(lengths)), np.cumsum(lengths)[:-1]))
    blocks = lay_out(ids, owners, window, length, Widest())
    expected = [skip_gram_pairs(ids[owners == k], window, edges=True) for k in range(len(lengths))]
    found = pairs_of(blocks, window)
    assert sorted(map(tuple, found)) == sorted(map(tuple, np.concatenate(expected)))


@settings(deadline=None)
@given(sentences, st.integers(1, 5), st.integers(1, 25), st.integers(0, 99))
def test_no_pair_leaves_its_sentence_or_its_window_or_comes_twice(lengths, window, length, seed):
    owners, blocks = laid(lengths, window, length, seed)
    centre, context = pairs_of(blocks, window).T
    assert np.all(owners[centre] == owners[context])
    assert np.all((abs(centre - context) <= window) & (centre != context))
    assert len(set(zip(centre, context))) == len(centre)
    midst = blocks.words[:, window : window + length]
    told = midst[(blocks.before + blocks.after) > 0]
    alone = np.array(lengths)[owners] == 1
    assert sorted(told) == np.flatnonzero(~alone).tolist()


def test_windows_are_as_wide_as_word2vecs():
    """Distance d is a neighbour with probability (w - d + 1) / w."""
    _, blocks = laid([40_000], 5, 20)
    centre, context = pairs_of(blocks, 5).T
    shares = np.bincount(abs(centre - context), minlength=6)[1:] / (2 * 40_000)
    np.testing.assert_allclose(shares, [1, 0.8, 0.6, 0.4, 0.2], atol=0.01)


def test_blocks_come_in_random_order_and_a_seed_repeats_it():
    first, again, other = (laid([400], 2, 20, seed)[1] for seed in (0, 0, 1))
    starts = first.words[:, 2]
    assert sorted(starts) == list(range(0, 400, 20)) and np.any(np.diff(starts) < 0)
    for a, b, c in zip(first, again, other):
        np.testing.assert_array_equal(a, b)
        assert np.any(a != c)


@pytest.mark.parametrize(
    "mutant",
    [
        lambda blocks: (blocks.after, blocks.before),  # left and right swapped
        lambda blocks: (blocks.before, np.maximum(blocks.after, 1)),  # into the next sentence
        lambda blocks: (blocks.before * 0, blocks.after),
    ],
)
def test_likely_mistakes_change_the_pairs(mutant):
    _, blocks = laid([7, 12, 3], 3, 5)
    before, after = mutant(blocks)
    wrong = blocks._replace(before=before, after=after)
    assert pairs_of(wrong, 3).tolist() != pairs_of(blocks, 3).tolist()


def test_frequent_words_are_thinned_out_as_often_as_word2vec_does():
    counts = np.array([90_000, 9_000, 900, 100])
    ids = np.repeat(np.arange(4), counts)
    rng = np.random.default_rng(0)
    kept, owners = thin_out(ids, np.arange(len(ids)), counts, 0.01, rng)
    share = counts / counts.sum()
    expected = np.minimum(1, (np.sqrt(share / 0.01) + 1) * 0.01 / share)
    np.testing.assert_allclose(np.bincount(kept) / counts, expected, atol=0.02)
    np.testing.assert_allclose(kept_shares(counts, 0.01), expected)
    np.testing.assert_array_equal(ids[owners], kept)


def test_a_threshold_of_zero_leaves_the_text_as_it_is():
    ids = np.arange(5)
    kept, owners = thin_out(ids, ids, np.ones(5), 0, np.random.default_rng(0))
    assert kept.tolist() == owners.tolist() == ids.tolist()
