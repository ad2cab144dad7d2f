"""A text laid out for training: many words at a time, and with each its neighbours.

Cast: a stream of ids becomes blocks; each holds L words that get updated together, and w
more on either side as their neighbours. For each word it says how far its window reaches
to the left and to the right, which ends with the sentence. NumPy alone.

No list of pairs is made: in a block every word is looked up once or twice, whereas as
pairs it would be looked up once for each of its neighbours.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Blocks", "kept_shares", "lay_out", "pair_masks", "thin_out"]


class Blocks(NamedTuple):
    """A text in blocks.

    Attributes:
        words: Ids, `(R, L + 2w)`; the words to be updated are those at w … w + L - 1.
        before: How many words to the left are neighbours of each, `(R, L)`.
        after: How many to the right, `(R, L)`; both are 0 where the text has ended.
    """

    words: np.ndarray
    before: np.ndarray
    after: np.ndarray


def lay_out(ids, owners, window: int, length: int, rng: np.random.Generator) -> Blocks:
    """Blocks of a text, in random order, each word with a window of random width.

    Args:
        ids: A stream, `(N,)`.
        owners: Which sentence each word is of, `(N,)`, ascending.
        window: w; for each word the width is drawn anew from 1 … w, so that near words
            are neighbours more often than far ones.
        length: L.
        rng: Draws the widths and the order.

    Source: of the random widths, Mikolov et al. (2013), https://arxiv.org/abs/1301.3781.

    >>> blocks = lay_out(np.array([5, 6, 7]), np.array([0, 0, 1]), 1, 4, np.random.default_rng(0))
    >>> blocks.words.tolist(), blocks.before.tolist(), blocks.after.tolist()
    ([[0, 5, 6, 7, 0, 0]], [[0, 1, 0, 0]], [[1, 0, 0, 0]])
    """
    count = len(ids)
    rows = max(1, -(-count // length))  # one without pairs, if thinning has left no word
    at = np.arange(count)
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    lengths = np.diff(starts, append=count)
    first = np.repeat(starts, lengths)
    last = first + np.repeat(lengths, lengths) - 1
    width = rng.integers(1, window + 1, count)
    padded = np.zeros(rows * length + 2 * window, np.int32)
    padded[window : window + count] = ids
    words = np.lib.stride_tricks.sliding_window_view(padded, length + 2 * window)[::length]
    reach = np.zeros((2, rows * length), np.int32)
    reach[:, :count] = np.minimum(width, at - first), np.minimum(width, last - at)
    order = rng.permutation(rows)
    return Blocks(words[order], *reach.reshape(2, rows, length)[:, order])


def pair_masks(before, after, window: int) -> np.ndarray:
    """Which words near a block are neighbours of which words in it.

    Args:
        before: As of `Blocks`, `(..., L)`.
        after: As of `Blocks`, `(..., L)`.
        window: w.

    Returns:
        `(..., L, L + 2w)` of bool; entry (i, j) is about the words at w + i and at j.

    >>> pair_masks(np.array([0, 1]), np.array([1, 0]), 1).astype(int)
    array([[0, 0, 1, 0],
           [0, 1, 0, 0]])
    """
    length = before.shape[-1]
    columns, lines = np.arange(length + 2 * window), np.arange(length)[:, None]
    distance = (columns - window - lines).astype(np.int16)
    left, right = before.astype(np.int16)[..., None], after.astype(np.int16)[..., None]
    return (distance >= -left) & (distance <= right) & (distance != 0)


def thin_out(ids, owners, counts, threshold: float, rng: np.random.Generator):
    """Leave out occurrences of frequent words at random; neighbours then stand nearer.

    A word that makes up a share f of the text is kept with probability
    √(t / f) + t / f, if that is below one.

    Args:
        ids: A stream, `(N,)`.
        owners: Which sentence each word is of, `(N,)`.
        counts: How often each id comes, `(V,)`.
        threshold: t; 0 leaves the text as it is. 0.001 is usual for large texts.
        rng: Draws what goes.

    Returns:
        `(ids, owners)` of what is left.

    Source: Mikolov et al. (2013), https://arxiv.org/abs/1310.4546, as `word2vec` computes it.

    >>> ids, owners = np.array([0] * 9 + [1]), np.zeros(10, int)
    >>> thin_out(ids, owners, [9, 1], 0.0, np.random.default_rng(0))[0].tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    """
    keep = rng.random(len(ids)) < kept_shares(counts, threshold)[ids]
    return ids[keep], owners[keep]


def kept_shares(counts, threshold: float) -> np.ndarray:
    """The probability with which `thin_out` keeps an occurrence of each word, `(V,)`.

    >>> kept_shares([96, 4], 0.04).round(3).tolist()
    [0.246, 1.0]
    """
    if threshold == 0:
        return np.ones(len(counts))
    share = threshold * np.sum(counts) / np.maximum(counts, 1)
    return np.minimum(1, np.sqrt(share) + share)
