"""Images as sequences: a picture of T rows and F columns is T steps of F numbers.

Cast: `digits` brings real handwritten digits, already cut into three parts, as
rows `(N, T, F)` from the top down; `bottom_up` turns the reading round.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.shapes import require_integer, require_numbers, require_rank

__all__ = ["Part", "Parts", "bottom_up", "digits"]


class Part(NamedTuple):
    """Images `x (N, T, F)`, rows from the top down, and what they show, `y (N,)`."""

    x: np.ndarray
    y: np.ndarray


class Parts(NamedTuple):
    """What one learns from, what one chooses by, and what one looks at once, at the end."""

    train: Part
    validation: Part
    test: Part


def digits(seed=0):
    """1,797 handwritten digits of 8 by 8 pixels, as sequences of 8 rows.

    Of every five images of a class, in random order, one is for the test and one for
    validation, so that all parts hold the ten digits in equal shares. The writers are
    the same in all three.

    Args:
        seed: Of the cut; the lessons use 0 throughout.

    Returns:
        `Parts` of 1,077, 360 and 360 images; `x` in float32 between 0 (paper) and 1
        (ink), `(N, 8, 8)`; `y` integers from 0 to 9.

    Raises:
        ValueError: A seed that is no integer ≥ 0.

    Source: Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI
    Machine Learning Repository, doi:10.24432/C50P49, CC BY 4.0; scikit-learn brings
    a copy of its test part.

    >>> [part.x.shape for part in digits()]
    [(1077, 8, 8), (360, 8, 8), (360, 8, 8)]
    """
    from sklearn.datasets import load_digits

    require_integer("seed", seed, 0, "the lessons use 0")
    bunch = load_digits()
    x = (bunch.images / 16).astype(np.float32)
    y = bunch.target.astype(np.int64)
    rng = np.random.default_rng(seed)
    by_class = np.lexsort((rng.random(len(y)), y))
    fifth = np.empty(len(y), int)
    fifth[by_class] = np.arange(len(y)) % 5
    picks = (fifth >= 2, fifth == 1, fifth == 0)
    mixed = (rng.permutation(np.flatnonzero(pick)) for pick in picks)
    return Parts(*(Part(x[pick], y[pick]) for pick in mixed))


def bottom_up(x):
    """The same images, their rows from the last to the first: `(N, T, F)` → `(N, T, F)`.

    Raises:
        ValueError: Wrong rank, or an empty axis.
        TypeError: Anything but numbers.

    >>> bottom_up(np.arange(6).reshape(1, 3, 2)).tolist()
    [[[4.0, 5.0], [2.0, 3.0], [0.0, 1.0]]]
    """
    x = require_numbers("x", x)
    require_rank("x", x.shape, "BTF")
    return x[:, ::-1]
