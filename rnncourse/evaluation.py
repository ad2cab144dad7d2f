"""How far apart, how accurate, how sure: numbers that judge predictions.

Cast: predictions and targets go in, one number comes out; or one number per
seed goes in, and an interval comes out. NumPy alone.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.shapes import require_finite, require_lengths, require_numbers, require_rank


class Interval(NamedTuple):
    """A mean and the range it may well have had with other seeds."""

    mean: float
    low: float
    high: float


def relative_difference(a, b) -> float:
    """max |a - b| / max |b|: how far `a` is from `b`, relative to the size of `b`.

    The one measure of equality in the course. Dividing element by element
    instead would call 1e-9 against 2e-9 a failure.

    Args:
        a: Any shape.
        b: The same shape, what `a` should be.

    Returns:
        0.0 for equal arrays; NaN anywhere gives NaN; infinity where `b` is all
        zeros and `a` is not, or where only one of them is infinite.

    Raises:
        ValueError: Different shapes.

    >>> relative_difference([1.0, 2.0], [1.0, 4.0])
    0.5
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape:
        raise ValueError(
            f"`a` and `b` must have the same shape, got {a.shape} and {b.shape}: "
            "broadcast or slice one of them"
        )
    gap = np.max(np.abs(np.subtract(a, b, where=a != b, out=np.zeros(a.shape))), initial=0.0)
    size = np.max(np.abs(b), initial=0.0)
    if gap == 0 or np.isnan(gap):
        return float(gap)
    return float(gap) / float(size) if 0 < size < np.inf else np.inf


def central_differences(function, at, step=1e-5):
    """The slope of a number by every entry of an array, by trying: (f(a + ε) - f(a - ε)) / 2ε.

    Args:
        function: Takes an array like `at`, returns a number.
        at: Where, any shape; it is kept in its own precision.
        step: ε. In float64 the error is least near 1e-5: a larger step sees the curve
            bend, a smaller one drowns in rounding.

    Returns:
        Slopes, of the shape of `at`.

    Raises:
        ValueError: `step` not above 0, NaN in `at`, or `function` gives no single number.
        TypeError: No function, or anything but numbers in `at`.

    >>> central_differences(lambda a: np.sum(a**2), [1.0, -2.0]).round(6)
    array([ 2., -4.])
    """
    if not callable(function):
        raise TypeError(f"`function` must be a function of an array, got {function!r}: pass one")
    if not step > 0:
        raise ValueError(f"`step` must be above 0, got {step!r}: 1e-5 suits float64")
    at = require_numbers("at", at)
    require_finite("at", at)
    slopes = np.empty_like(at)
    for place in np.ndindex(at.shape):
        tried = []
        for sign in (1, -1):
            moved = at.copy()
            moved[place] += sign * step
            tried.append(np.asarray(function(moved)))
        if tried[0].shape != ():
            raise ValueError(
                f"`function` must return one number, got shape {tried[0].shape}: sum it first"
            )
        slopes[place] = (tried[0] - tried[1]) / (2 * step)
    return slopes


def accuracy(predictions, targets) -> float:
    """The share of predictions that equal their target.

    Args:
        predictions: Class ids, any shape.
        targets: The same shape.

    Raises:
        ValueError: Different shapes, or nothing to compare.

    >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
    0.75
    """
    predictions, targets = np.asarray(predictions), np.asarray(targets)
    if predictions.shape != targets.shape:
        raise ValueError(
            f"`predictions` must have the shape of `targets` {targets.shape}, "
            f"got {predictions.shape}: take the argmax of probabilities first"
        )
    if predictions.size == 0:
        raise ValueError(
            "`predictions` must hold at least one entry, got none: there is nothing to compare"
        )
    return float(np.mean(predictions == targets))


def negative_log_likelihood(probabilities, targets, lengths=None) -> float:
    """Mean of -log p(target), in nats per target.

    Args:
        probabilities: `(..., V)`, non-negative, rows that sum to 1.
        targets: Class ids, `(...)`; `(B, T)` with `lengths`.
        lengths: Targets that count in each sequence, `(B,)`; whatever stands behind
            them is not looked at, and the mean is over those that count.

    Raises:
        ValueError: Shapes that do not fit, rows that are no distribution, ids out
            of range, lengths out of range or all zero.
        TypeError: Ids or lengths that are not integers.

    >>> round(negative_log_likelihood([[0.5, 0.5], [0.25, 0.75]], [0, 1]), 3)
    0.49
    >>> round(negative_log_likelihood([[[0.5, 0.5], [1, 0]]], [[0, 1]], lengths=[1]), 3)
    0.693
    """
    p, targets = np.asarray(probabilities, np.float64), np.asarray(targets)
    if p.ndim == 0 or p.shape[:-1] != targets.shape or targets.size == 0:
        raise ValueError(
            f"`probabilities` must have shape {(*targets.shape, 'V')}, got {p.shape}: "
            "one distribution for each target"
        )
    if lengths is not None:
        require_rank("targets", targets.shape, "BT")
        counts = np.arange(targets.shape[1]) < require_lengths(lengths, *targets.shape)[:, None]
        if not counts.any():
            raise ValueError(
                "`lengths` must leave at least one target, got only zeros: nothing to average"
            )
        p, targets = p[counts], targets[counts]
    if targets.dtype.kind not in "iu":
        raise TypeError(
            f"`targets` must be integer ids, got dtype {targets.dtype}: cast them with .astype(int)"
        )
    if np.any(p < 0) or not np.allclose(p.sum(-1), 1, atol=1e-4):
        raise ValueError(
            "`probabilities` must be non-negative with rows that sum to 1, "
            f"got entries from {p.min():.3g} and sums up to {p.sum(-1).max():.3g}: "
            "apply softmax to logits"
        )
    if targets.min() < 0 or targets.max() >= p.shape[-1]:
        raise ValueError(
            f"`targets` must lie in 0 … {p.shape[-1] - 1}, got {targets.min()} … {targets.max()}: "
            "V is the size of the last axis of `probabilities`"
        )
    picked = np.take_along_axis(p, targets[..., None], -1)[..., 0]
    with np.errstate(divide="ignore"):
        return float(0 - np.mean(np.log(picked)))


def eos_lengths(tokens, eos: int) -> np.ndarray:
    """Steps of each sequence up to its first end-of-sequence token, that token included.

    The token counts: that a sequence ends here is something to predict. What stands
    behind it does not.

    Args:
        tokens: Ids, `(B, T)`.
        eos: The id that ends a sequence.

    Returns:
        Integers `(B,)`, T for a sequence without the token.

    Raises:
        ValueError: Not `(B, T)`, or an empty axis.
        TypeError: Ids that are not integers, sequences of unequal length.

    >>> eos_lengths([[5, 4, 1, 0], [1, 0, 0, 1], [5, 4, 4, 5]], eos=1)
    array([3, 1, 4])
    """
    require_numbers("tokens", tokens)
    tokens = np.asarray(tokens)
    require_rank("tokens", tokens.shape, "BT")
    if tokens.dtype.kind not in "iu":
        raise TypeError(
            f"`tokens` must be integer ids, got dtype {tokens.dtype}: cast them with .astype(int)"
        )
    ends = tokens == eos
    return np.where(ends.any(axis=1), ends.argmax(axis=1) + 1, tokens.shape[1])


def entropy(probabilities):
    """H(p) = -Σ p log p in nats: the least mean loss of anyone who knows the odds and no more.

    Args:
        probabilities: `(..., V)`, non-negative, each row with the sum 1.

    Returns:
        `(...)`; a number for a single row.

    Raises:
        ValueError: Negative entries, or a sum that is not 1.

    Source: Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x.

    >>> round(float(entropy([0.5, 0.5])), 3), float(entropy([1, 0]))
    (0.693, 0.0)
    """
    p = np.asarray(probabilities, np.float64)
    if p.ndim == 0 or not np.all(p >= 0) or not np.allclose(p.sum(axis=-1), 1, atol=1e-6):
        raise ValueError(
            "`probabilities` must be non-negative with rows that sum to 1, "
            f"got {probabilities!r}: for one coin write [p, 1 - p]"
        )
    return -np.sum(p * np.log(np.where(p > 0, p, 1)), axis=-1) + 0.0


def perplexity(nll: float) -> float:
    """exp of the mean negative log-likelihood in nats: how many equally likely choices.

    Average first, then take exp: the mean of exp is larger unless all values are equal.

    Raises:
        ValueError: More than one number.

    >>> round(perplexity(np.log(6)), 6)
    6.0
    """
    if np.ndim(nll):
        raise ValueError(f"`nll` must be one number, got shape {np.shape(nll)}: average first")
    with np.errstate(over="ignore"):
        return float(np.exp(nll))


def interval(values, level: float = 0.95, resamples: int = 10_000) -> Interval:
    """Mean over seeds with its bootstrap percentile interval.

    Args:
        values: One number for each seed, at least two.
        level: Coverage, between 0 and 1.
        resamples: Bootstrap samples, drawn with a fixed seed.

    Returns:
        `Interval(mean, low, high)`.

    Raises:
        ValueError: Fewer than two values, or a level outside (0, 1).

    Source: Efron (1979), doi:10.1214/aos/1176344552.

    >>> interval([1.0, 1.0, 1.0])
    Interval(mean=1.0, low=1.0, high=1.0)
    """
    values = np.asarray(values, np.float64).ravel()
    if values.size < 2:
        raise ValueError(
            f"`values` must hold at least two seeds, got {values.size}: one run has no spread"
        )
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1, got {level}: 0.95 means 95%")
    picks = np.random.default_rng(0).integers(values.size, size=(resamples, values.size))
    low, high = np.quantile(values[picks].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(low), float(high))
