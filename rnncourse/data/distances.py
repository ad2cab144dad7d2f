"""Tasks in which something early matters late: the distance is the difficulty.

Cast: `adding_task` and `copy_task` are the two that the field has used since
1997, sequences `(B, T, F)` with exact baselines; `reviews` puts a verdict before
a long tail of words; `daily_sales` makes `(N, D)` days with a week, a year and,
if asked, something that happened long ago, and `mixed_scales` looks back on
them with few numbers.
"""

import numpy as np

from rnncourse.shapes import require_integer, require_rank

__all__ = [
    "WORDS",
    "adding_task",
    "copy_task",
    "daily_sales",
    "mixed_scales",
    "reviews",
]

PLAIN = ("It", "was", "on", "at", "nine", "in", "the", "town", "hall", "with", "my", "aunt")
GOOD = ("funny", "clever", "warm", "bright")
BAD = ("slow", "loud", "long", "dull")
PAST, AHEAD, YEAR = 820, 20, 260  # days
WORDS = ("We", "I", "saw", "loved", "hated", "this", "movie", ",", *GOOD, *BAD, *PLAIN)


def adding_task(examples, steps, rng):
    """Random numbers, two of them marked: what is the sum of the two?

    To answer always 1 costs the variance of a sum of two uniform numbers,
    1/6 ≈ 0.167. Who has kept the later of the two and not the earlier is left with
    the variance of one, 1/12 ≈ 0.083. Who has kept both pays nothing.

    Args:
        examples: B.
        steps: T, at least 2.
        rng: A NumPy random generator, or a seed for one.

    Returns:
        `(x, y)`: `(B, T, 2)` and `(B,)`, float64. `x[..., 0]` is uniform on [0, 1),
        `x[..., 1]` is 1 at one step of the first half and one of the second, else 0.

    Raises:
        ValueError: No integers, or out of range.

    Source: Hochreiter & Schmidhuber (1997), with the uniform numbers of Le et al.
    (2015), arXiv:1504.00941.

    >>> x, y = adding_task(2, 6, rng=0)
    >>> x.shape, y.shape, x[..., 1].sum(axis=1).tolist()
    ((2, 6, 2), (2,), [2.0, 2.0])
    """
    require_integer("examples", examples, 1, "ask for at least one sequence")
    require_integer("steps", steps, 2, "two numbers are to be added")
    rng = np.random.default_rng(rng)
    rows, half = np.arange(examples), steps // 2
    x = np.zeros((examples, steps, 2))
    x[..., 0] = rng.random((examples, steps))
    x[rows, rng.integers(0, half, examples), 1] = 1
    x[rows, rng.integers(half, steps, examples), 1] = 1
    return x, np.sum(x[..., 0] * x[..., 1], axis=1)


def copy_task(examples, delay, rng, symbols=8, length=10):
    """A few symbols, a long wait, a signal: say the symbols again, in order.

    Who has kept nothing knows when to speak and not what to say: cross-entropy
    0 during the wait and log `symbols` at each of the last `length` steps, so
    `length` · log(`symbols`) / (`delay` + 2 `length`) on average over all steps.
    Who has kept all pays nothing.

    Args:
        examples: B.
        delay: Steps from the last symbol to the first answer, at least 1.
        rng: A NumPy random generator, or a seed for one.
        symbols: How many different ones.
        length: How many to remember.

    Returns:
        `(x, y)`: one-hot inputs `(B, T, symbols + 2)` and integer targets `(B, T)`,
        T = delay + 2 length. Input class 0 is "wait" and class symbols + 1 the
        signal, at step length + delay - 1; the target is 0 until the last `length`
        steps, which hold the symbols 1 … `symbols`.

    Raises:
        ValueError: No integers, or out of range.

    Source: Hochreiter & Schmidhuber (1997), in the form of Arjovsky et al. (2016),
    arXiv:1511.06464.

    >>> x, y = copy_task(1, 3, rng=0, symbols=2, length=2)
    >>> x.argmax(axis=-1).tolist(), y.tolist()
    ([[2, 2, 0, 0, 3, 0, 0]], [[0, 0, 0, 0, 0, 2, 2]])
    """
    require_integer("examples", examples, 1, "ask for at least one sequence")
    require_integer("delay", delay, 1, "the signal takes a step")
    require_integer("symbols", symbols, 2, "one symbol tells nothing")
    require_integer("length", length, 1, "something has to be remembered")
    kept = np.random.default_rng(rng).integers(1, symbols + 1, (examples, length))
    steps = delay + 2 * length
    classes = np.zeros((examples, steps), int)
    classes[:, :length] = kept
    classes[:, length + delay - 1] = symbols + 1
    y = np.zeros((examples, steps), int)
    y[:, -length:] = kept
    return np.eye(symbols + 2)[classes], y


def reviews(examples, tail, rng, contrary=False):
    """Reviews of a film, one half with a verdict in front: is the reviewer for it or against?

    A review begins "I loved this movie ,", "I hated this movie ," or, half of the
    time, "We saw this movie ,", and goes on with `tail` words. After a verdict they
    are plain words, or praise and complaints that speak for the other side; the
    verdict counts. Without one they are praise or complaints, and they count.

    Who has forgotten how the review began is right without a verdict; with one
    he is a coin after plain words, and always wrong after contrary ones.

    Args:
        examples: B.
        tail: Words after the comma, at least 1.
        rng: A NumPy random generator, or a seed for one.
        contrary: Whether the words after a verdict contradict it.

    Returns:
        `(words, liked, verdict)`: ids of `WORDS`, `(B, 5 + tail)`; whether the
        reviewer liked the film, `(B,)` of 0 and 1; whether there is a verdict, `(B,)`.

    Raises:
        ValueError: No integers, or out of range.

    Source: the review that begins "I loved this movie" is CloudxLab's (source C).

    >>> words, liked, verdict = reviews(1, 4, rng=2, contrary=True)
    >>> " ".join(WORDS[i] for i in words[0]), liked.tolist(), verdict.tolist()
    ('I hated this movie , clever clever bright clever', [0], [True])
    """
    require_integer("examples", examples, 1, "ask for at least one review")
    require_integer("tail", tail, 1, "a review has words after its comma")
    rng = np.random.default_rng(rng)
    verdict, liked = rng.random(examples) < 0.5, rng.integers(0, 2, examples)
    ids = {word: i for i, word in enumerate(WORDS)}
    words = np.empty((examples, 5 + tail), int)
    words[:, 0] = np.where(verdict, ids["I"], ids["We"])
    felt = np.where(liked, ids["loved"], ids["hated"])
    words[:, 1] = np.where(verdict, felt, ids["saw"])
    words[:, 2:5] = [ids["this"], ids["movie"], ids[","]]
    praise = np.where(verdict, 1 - liked, liked)[:, None]
    drawn = rng.integers(0, 4, (examples, tail))
    words[:, 5:] = np.where(praise, ids[GOOD[0]] + drawn, ids[BAD[0]] + drawn)
    if not contrary:
        plain = ids[PLAIN[0]] + rng.integers(0, len(PLAIN), (examples, tail))
        words[verdict, 5:] = plain[verdict]
    return words, liked, verdict


def daily_sales(shops, rng, lasting=None):
    """What many shops sold each day, and what they sell four weeks after the last day.

    A week has 5 days, a month 4 weeks, a year 13 months, 260 days. Sales are the sum
    of a shop's own level, a week that is the same for all, a wave over the year whose
    phase is the shop's own, a drift that keeps 0.9 of itself from day to day, and
    noise of variance 1. The drift is nearly new after four weeks and the noise always,
    so nobody's mean squared error is below 1 + (1 - 0.9⁴⁰) ≈ 1.985.

    Args:
        shops: N.
        rng: A NumPy random generator, or a seed for one.
        lasting: `None`; `"year"`: besides, each day of the year has a value of its own,
            with variance 1, that comes back every year; `"election"`: 780 days before the last
            day sales are up by 5 for a day, or down by 5, and on the day to predict
            they are so by 1.5.

    Returns:
        `(past, later)`: `(N, 820)` and `(N,)`. The day to predict comes 20 days after the
        last one; a year before it lies `past[:, -241]`, the election on `past[:, -781]`.

    Raises:
        ValueError: Shops no positive integer, or an unknown `lasting`.

    >>> past, later = daily_sales(3, rng=0)
    >>> past.shape, later.shape
    ((3, 820), (3,))
    """
    require_integer("shops", shops, 1, "ask for at least one shop")
    if lasting not in (None, "year", "election"):
        raise ValueError(f"`lasting` must be None, 'year' or 'election', got {lasting!r}")
    rng = np.random.default_rng(rng)
    days = np.arange(PAST + AHEAD)
    drift = rng.normal(size=(shops, len(days)))
    for d in days[1:]:
        drift[:, d] = 0.9 * drift[:, d - 1] + np.sqrt(1 - 0.9**2) * drift[:, d]
    level = 0.5 * rng.normal(size=(shops, 1))
    wave = 3 * np.sin(2 * np.pi * (days / YEAR + rng.random((shops, 1))))
    sales = level + 0.3 * rng.normal(size=5)[days % 5] + wave + drift
    if lasting == "year":
        sales += rng.normal(size=(shops, YEAR))[:, days % YEAR]
    sales += rng.normal(size=sales.shape)
    if lasting == "election":
        result = rng.choice([-1, 1], shops)
        sales[:, PAST - 781] += 5 * result
        sales[:, -1] += 1.5 * result
    return sales[:, :PAST], sales[:, -1]


def mixed_scales(past):
    """The last five months, the last five weeks and the last five days, in fifteen numbers.

    Args:
        past: Daily values, `(N, D)` with D at least 100.

    Returns:
        `(N, 15)`: means of the last five months of 20 days, of the last five weeks of
        5 days, and the last five days; in each group the oldest comes first.

    Raises:
        ValueError: Wrong rank, or too few days.

    Source: the shortened sequence that CloudxLab suggests (source C).

    >>> mixed_scales(np.arange(1.0, 101.0)[None])[0, [0, 4, 5, 9, 10, 14]].tolist()
    [10.5, 90.5, 78.0, 98.0, 96.0, 100.0]
    """
    past = np.asarray(past, float)
    require_rank("past", past.shape, "BT")
    if past.shape[1] < 100:
        raise ValueError(
            f"`past` must hold 5 months of 20 days for each row, got {past.shape[1]} days: "
            "look back further"
        )
    months = past[:, -100:].reshape(-1, 5, 20).mean(axis=2)
    weeks = past[:, -25:].reshape(-1, 5, 5).mean(axis=2)
    return np.concatenate([months, weeks, past[:, -5:]], axis=1)
