"""A toy that is wound up n turns and hops n hops: a task that wants to be counted.

Cast: `wind_ups` makes turns and hops, `(B, T, 2)`, and says at which hop each toy runs
down, `(B, T)`; `all_right` judges what somebody said about them, and `reach` says up
to which number of turns nothing was wrong.
"""

import numpy as np

from rnncourse.shapes import require_numbers, require_rank, require_size

__all__ = ["all_right", "reach", "wind_ups"]


def wind_ups(turns, steps=None):
    """Toys that are wound up, and hop as often.

    Somebody who knows how many turns there may be, all of 1 … N being as likely, and does
    not count them, can be sure of one hop alone: the N-th is the last. So 1 toy of N
    is understood without counting.

    Args:
        turns: How often each is wound up, integers ≥ 1, `(B,)`.
        steps: T, at least twice the largest of `turns`; exactly that if `None`.

    Returns:
        `(x, y)` in float64: `x[..., 0]` is 1 at a turn and `x[..., 1]` at a hop, both 0
        after the last, `(B, T, 2)`; y is 1 at the last hop, else 0, `(B, T)`.

    Raises:
        ValueError: No toy, a number below 1, or too few steps.
        TypeError: Anything but integers.

    Source: the language aⁿbⁿ of Gers & Schmidhuber (2001), doi:10.1109/72.963769.

    >>> x, y = wind_ups([1, 2])
    >>> x[1].T.astype(int).tolist(), y.astype(int).tolist()
    ([[1, 1, 0, 0], [0, 0, 1, 1]], [[0, 1, 0, 0], [0, 0, 0, 1]])
    """
    turns = _turns(turns)
    longest = 2 * int(turns.max())
    steps = longest if steps is None else steps
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < longest:
        raise ValueError(
            f"`steps` must be an integer ≥ {longest}, got {steps!r}: a toy hops as often as it "
            "was wound up"
        )
    n, t = turns[:, None], np.arange(steps)
    x = np.stack([t < n, (n <= t) & (t < 2 * n)], axis=-1)
    return x.astype(float), (t == 2 * n - 1).astype(float)


def all_right(said, turns):
    """Whether somebody was right about a toy after each turn and each hop.

    Args:
        said: Above 0 where the toy was thought to run down, `(..., B, T)`; logits will do.
            What is said after the last hop does not count.
        turns: As for `wind_ups`, `(B,)`.

    Returns:
        `(..., B)` booleans.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: No numbers.

    >>> all_right([[-1, 1, 1], [-1, -1, 1]], [1, 1]).tolist()
    [True, False]
    """
    said, turns = require_numbers("said", said), _turns(turns)
    shape = said.shape[-2:] if said.ndim >= 2 else said.shape
    require_size("said", shape, (len(turns), "T"), "one row for each toy, one number a step")
    x, y = wind_ups(turns, said.shape[-1])
    return np.all(((said > 0) == (y > 0)) | ~x.any(axis=-1), axis=-1)


def reach(right):
    """Up to which number of turns no toy was misjudged.

    Args:
        right: Whether the toy of 1, 2, 3, … turns was judged right, `(..., N)` booleans.

    Returns:
        Integers `(...)`, 0 if the first was wrong.

    >>> reach([[True, True, False, True]]).tolist()
    [2]
    """
    return np.cumprod(np.asarray(right, int), axis=-1).sum(axis=-1)


def _turns(turns):
    turns = np.asarray(turns)
    require_rank("turns", turns.shape, "B")
    if turns.dtype.kind not in "iu":
        raise TypeError(f"`turns` must be integers, got dtype {turns.dtype.name}: count them")
    if turns.min() < 1:
        raise ValueError(f"`turns` must be at least 1, got {turns.min()}: wind it up")
    return turns
