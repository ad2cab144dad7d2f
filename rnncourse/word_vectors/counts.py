"""Vectors by counting: how often words stand together, what that tells, fewer dimensions.

Cast: sentences of ids come in. `cooccurrences` counts who stands near whom, `(V, V)`;
`positive_pmi` weighs each count against what chance would give; `factorise` brings the V
columns down to D, `(V, D)`, one vector a word. NumPy alone.
"""

import numpy as np

from rnncourse.shapes import require_finite, require_integer, require_numbers, require_rank
from rnncourse.word_vectors.pairs import join_sentences

__all__ = ["cooccurrences", "factorise", "positive_pmi"]


def cooccurrences(sentences, size: int, window: int = 2) -> np.ndarray:
    """How often word j stands within the window of word i.

    Args:
        sentences: Lists of ids, or a single stream `(N,)`. No window reaches into
            another sentence.
        size: V; the table takes 8 V² bytes.
        window: How far to the left and to the right a neighbour may stand.

    Returns:
        `(V, V)`, symmetric.

    Raises:
        TypeError: No integers.
        ValueError: Ids outside 0 … V - 1, no words, or no window.

    >>> cooccurrences([[0, 1, 2], [0, 1]], size=3, window=1)
    array([[0., 2., 0.],
           [2., 0., 1.],
           [0., 1., 0.]])
    """
    size = require_integer("size", size, 1, "V, the size of the vocabulary")
    window = require_integer("window", window, 1, "1 takes the word to the left and to the right")
    ids, owners = join_sentences(sentences, size)
    counts = np.zeros(size * size)
    for distance in range(1, min(window, len(ids) - 1) + 1):
        together = owners[distance:] == owners[:-distance]
        left, right = ids[:-distance][together], ids[distance:][together]
        keys, times = np.unique(left.astype(np.int64) * size + right, return_counts=True)
        counts[keys] += times
    counts = counts.reshape(size, size)
    return counts + counts.T


def positive_pmi(counts, power: float = 1.0) -> np.ndarray:
    """Pointwise mutual information of rows and columns, negative values set to zero.

    max(0, log p(i, j) / (p(i) p(j))): how much more often two words meet than they would
    by chance. Pairs that never met, and words that never came, have 0.

    Args:
        counts: `(V, W)`, none negative.
        power: The columns' counts are raised to it before they become p(j); 0.75 keeps rare
            words from large values.

    Raises:
        TypeError: No numbers.
        ValueError: Wrong rank, a negative or infinite count, or nothing but zeros.

    Source: Church & Hanks (1990), https://aclanthology.org/J90-1003; the power from Levy,
    Goldberg & Dagan (2015), doi:10.1162/tacl_a_00134.

    >>> positive_pmi([[0, 2], [2, 0]]).round(3).tolist()
    [[0.0, 0.693], [0.693, 0.0]]
    """
    counts = require_numbers("counts", counts).astype(np.float64)
    require_rank("counts", counts.shape, "VW")
    require_finite("counts", counts)
    total = counts.sum()
    if counts.min() < 0 or total == 0:
        raise ValueError(
            f"`counts` must be ≥ 0 and not all zero, got {counts.min()} to {counts.max()}: "
            "count more text"
        )
    rows = counts.sum(axis=1, keepdims=True) / total
    columns = counts.sum(axis=0) ** power
    expected = rows * (columns / columns.sum())
    ratio = np.divide(counts / total, expected, out=np.ones_like(counts), where=counts > 0)
    return np.log(np.maximum(ratio, 1, out=ratio), out=ratio)


def factorise(matrix, dimensions: int, power: float = 0.5) -> np.ndarray:
    """The rows of a matrix in fewer dimensions, by singular value decomposition.

    matrix ≈ U S Vᵀ, with the D largest singular values kept. The vectors are U S^power: with 1
    their products are those of the rows themselves, as nearly as D numbers can; one half
    gives words and contexts equal shares.

    Args:
        matrix: `(V, W)`.
        dimensions: D, at most V and W.
        power: Of the singular values.

    Returns:
        `(V, D)` of float32, the strongest direction first; the entry of largest size in
        each column is positive.

    Raises:
        TypeError: No numbers.
        ValueError: Wrong rank, no finite numbers, or D out of range.

    Source: Deerwester et al. (1990), latent semantic analysis; Levy, Goldberg & Dagan (2015).

    >>> factorise([[4, 0], [0, 1]], 1, power=1).tolist()
    [[4.0], [0.0]]
    """
    matrix = require_numbers("matrix", matrix).astype(np.float64)
    require_rank("matrix", matrix.shape, "VW")
    require_finite("matrix", matrix)
    dimensions = require_integer("dimensions", dimensions, 1, "one is the least")
    if dimensions > min(matrix.shape):
        raise ValueError(
            f"`dimensions` must be at most {min(matrix.shape)} for a matrix {matrix.shape}, "
            f"got {dimensions}: ask for fewer"
        )
    if np.array_equal(matrix, matrix.T):
        # Of a symmetric matrix the eigenvectors will do, in a quarter of the time.
        values, left = np.linalg.eigh(matrix)
        strongest = np.argsort(-np.abs(values), kind="stable")[:dimensions]
        values, left = np.abs(values[strongest]), left[:, strongest]
    else:
        left, values, _ = np.linalg.svd(matrix, full_matrices=False)
        left, values = left[:, :dimensions], values[:dimensions]
    peaks = left[np.argmax(np.abs(left), axis=0), np.arange(dimensions)]
    return (left * np.where(peaks < 0, -1, 1) * values**power).astype(np.float32)
