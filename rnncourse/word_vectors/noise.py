"""What noise words are drawn from: three distributions over ids.

Cast: `log_uniform` knows only that the ids are sorted, the most frequent word first;
`unigram` knows the counts. Each gives `(V,)`, probabilities that sum to one.
`expected_counts` says how often each id is to be expected among k draws, and `draw` makes
them. NumPy alone.
"""

import numpy as np

from rnncourse.shapes import require_finite, require_integer, require_numbers, require_rank

__all__ = ["draw", "expected_counts", "log_uniform", "require_distribution", "unigram"]


def log_uniform(size: int) -> np.ndarray:
    """P(id) = log((id + 2) / (id + 1)) / log(V + 1), what TensorFlow's sampler draws from.

    It is close to Zipf's law, provided that id 0 is the most frequent word, id 1 the
    next, and so on: the sampler never sees a count.

    Source: `tf.random.log_uniform_candidate_sampler`.

    >>> log_uniform(3).round(3).tolist()
    [0.5, 0.292, 0.208]
    """
    ids = np.arange(require_integer("size", size, 1, "V, the size of the vocabulary"))
    return np.log1p(1 / (ids + 1)) / np.log(len(ids) + 1)


def unigram(counts, power: float = 1.0) -> np.ndarray:
    """How often each word comes, raised to a power: 1 leaves it, 0.75 is word2vec's choice.

    Args:
        counts: `(V,)`, none negative.
        power: 0 makes all words that come at all equally likely.

    Raises:
        TypeError: No numbers.
        ValueError: Wrong rank, a negative or infinite count, or nothing but zeros.

    Source: Mikolov et al. (2013), https://arxiv.org/abs/1310.4546.

    >>> unigram([16, 1, 0], power=0.75).round(3).tolist()
    [0.889, 0.111, 0.0]
    """
    counts = require_numbers("counts", counts).astype(np.float64)
    require_rank("counts", counts.shape, "V")
    require_finite("counts", counts)
    if counts.min() < 0 or not counts.any():
        raise ValueError(
            f"`counts` must be ≥ 0 and not all zero, got {counts.min():g} to {counts.max():g}: "
            "count the words of a text"
        )
    weights = np.where(counts > 0, counts, 1) ** power * (counts > 0)
    return weights / weights.sum()


def expected_counts(probabilities, draws: int, unique: bool = False) -> np.ndarray:
    """How often each id is to be expected among some draws.

    Args:
        probabilities: `(V,)`.
        draws: k, how many are drawn. With `unique`, how many tries it took until
            enough different ids had come, as TensorFlow's sampler counts them.
        unique: Whether an id counts once only: 1 - (1 - p)^k instead of k p.

    >>> expected_counts([0.5, 0.5], 4).tolist(), expected_counts([0.5, 0.5], 4, True).tolist()
    ([2.0, 2.0], [0.9375, 0.9375])
    """
    probabilities = require_distribution("probabilities", probabilities)
    draws = require_integer("draws", draws, 1, "one noise word is the least")
    if unique:
        with np.errstate(divide="ignore"):  # certain to come: log 0, and so 1
            return -np.expm1(draws * np.log1p(-probabilities))
    return draws * probabilities


def draw(probabilities, shape, rng: np.random.Generator) -> np.ndarray:
    """Ids drawn independently, int32 of the given shape.

    >>> draw([0.0, 1.0], (2, 3), np.random.default_rng(0)).tolist()
    [[1, 1, 1], [1, 1, 1]]
    """
    steps = np.cumsum(require_distribution("probabilities", probabilities))
    ids = np.searchsorted(steps, rng.random(shape) * steps[-1], side="right")
    return ids.astype(np.int32)


def require_distribution(name: str, probabilities) -> np.ndarray:
    """Check that they are ≥ 0 and sum to one, `(V,)`.

    >>> require_distribution("noise", [0.5, 0.25, 0.25])
    array([0.5 , 0.25, 0.25])
    """
    probabilities = require_numbers(name, probabilities).astype(np.float64)
    require_rank(name, probabilities.shape, "V")
    require_finite(name, probabilities)
    if probabilities.min() < 0 or abs(probabilities.sum() - 1) > 1e-6:
        raise ValueError(
            f"`{name}` must be ≥ 0 and sum to 1, got a sum of {probabilities.sum():g}: "
            "divide by the sum"
        )
    return probabilities
