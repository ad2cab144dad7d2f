"""A gym plan that shifts: the process of lesson 01, its diaries, and what can be known of them.

Cast: seven exercises follow each other in a fixed order. A `Member` is well or
ill from day to day, misses more days when ill, and does after a missed day what was
due on it. `diaries` draws what members wrote down, `(B, T)`; `inputs` makes of it
what a network reads, `(B, T, F)`; `odds`, `calendar_rate`, `window_rate` and
`ceiling` are exact: sums over every state the process can be in, not samples.

A day is written as the id of the exercise done, 0 … 6, or as `MISSED`. The year is
one of 365 days that begins on a Monday, such as 2018.
"""

from dataclasses import dataclass, fields

import numpy as np

from rnncourse.shapes import require_integer

EXERCISES = ("shoulders", "biceps", "cardio", "chest", "back", "legs", "core")
PLAN = len(EXERCISES)
MISSED = PLAN
YEAR = 365
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Member:
    """Chances from one day to the next, each between 0 and 1."""

    falls_ill: float = 0.01
    recovers: float = 0.1
    misses_well: float = 0.1
    misses_ill: float = 0.9

    @property
    def ill(self) -> float:
        """The share of ill days in the long run, and the chance to begin the year ill."""
        total = self.falls_ill + self.recovers
        return self.falls_ill / total if total else 0.0

    @property
    def misses(self) -> np.ndarray:
        """The chance to miss a day if well, and if ill: `(2,)`."""
        return np.array([self.misses_well, self.misses_ill])


MEMBER = Member()


def diaries(people, days, rng, member=MEMBER):
    """Draw what members do, each from the first exercise on the first day.

    Args:
        people: B.
        days: T.
        rng: A NumPy random generator, or a seed for one.
        member: Their chances.

    Returns:
        `(ill, done, due)`, integers `(B, T)`: 1 on ill days; the exercise or
        `MISSED`; the exercise whose turn it was.

    Raises:
        ValueError: Sizes or chances out of range.

    >>> ill, done, due = diaries(1, 8, rng=5)
    >>> done[0].tolist(), due[0].tolist()
    ([0, 1, 2, 7, 3, 4, 5, 6], [0, 1, 2, 3, 3, 4, 5, 6])
    """
    require_integer("people", people, 1, "ask for at least one")
    require_integer("days", days, 1, "ask for at least one")
    _require_chances(member)
    rng = np.random.default_rng(rng)
    ill, turn, rows = rng.random(people) < member.ill, np.zeros(people, int), []
    for _ in range(days):
        missed = rng.random(people) < member.misses[ill.astype(int)]
        rows.append((ill, np.where(missed, MISSED, turn), turn))
        turn = np.where(missed, turn, (turn + 1) % PLAN)
        change = rng.random(people)
        ill = np.where(ill, change >= member.recovers, change < member.falls_ill)
    return tuple(np.array(column).T.astype(int) for column in zip(*rows))


def vectors(done):
    """One place for each exercise, 1 where it was done; zeros for a missed day.

    Args:
        done: Ids, any shape; `MISSED` for a missed day.

    Returns:
        Numbers 0.0 and 1.0, `(..., 7)`.

    Raises:
        ValueError: An id that is no exercise and not `MISSED`.

    >>> vectors([0, 7]).tolist()
    [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    done = np.asarray(done)
    if done.dtype.kind not in "iu" or done.size == 0 or done.min() < 0 or done.max() > MISSED:
        raise ValueError(
            f"`done` must hold integers from 0 to {MISSED}, got {done!r}: "
            f"{MISSED} stands for a missed day"
        )
    return np.eye(PLAN + 1)[done][..., :PLAN]


def calendar(days):
    """Weekday (0 is Monday) and month (0 is January) of each day, year after year: `(T,)` each."""
    require_integer("days", days, 1, "ask for at least one")
    t = np.arange(days)
    return t % 7, np.repeat(np.arange(12), MONTH_DAYS)[t % YEAR]


def before(done, lag):
    """The diary `lag` days ago; before the first day nothing was done. `(B, T) → (B, T)`."""
    done = np.asarray(done)
    earlier = np.full_like(done, MISSED)
    earlier[:, lag:] = done[:, : max(0, done.shape[1] - lag)]
    return earlier


def inputs(ill, done, lags, dated):
    """What a network reads on each day: today's health and the last days' vectors.

    Args:
        ill: `(B, T)`.
        done: `(B, T)`, of which day t reads only t - 1 … t - lags.
        lags: Days of the diary in sight; 1 for a network that remembers by itself.
        dated: Put weekday and month, one place each, before them.

    Returns:
        float32, `(B, T, F)` with F = 1 + 7 · lags, and 19 more if dated.

    >>> inputs(*diaries(1, 9, 0)[:2], lags=2, dated=True).shape
    (1, 9, 34)
    """
    ill = np.asarray(ill)
    weekday, month = calendar(ill.shape[1])
    parts = [np.eye(7)[weekday], np.eye(12)[month]] if dated else []
    parts = [np.broadcast_to(part, (len(ill), *part.shape)) for part in parts]
    parts += [ill[..., None], *(vectors(before(done, lag)) for lag in range(1, lags + 1))]
    return np.concatenate(parts, axis=-1, dtype=np.float32)


def missed_before(done):
    """How many days in a row were missed right before each day; -1 before the first exercise.

    >>> missed_before(np.array([[7, 0, 7, 7, 1, 2]])).tolist()
    [[-1, -1, 0, 1, 2, 0]]
    """
    runs, run = [], np.full(len(done), -1)
    for today in np.asarray(done).T:
        runs.append(run)
        run = np.where(today == MISSED, run + (run >= 0), 0)
    return np.array(runs).T


def expected(answers, ill, due, member=MEMBER):
    """The chance that each answer is right, for somebody who knows health and whose turn it is.

    Args:
        answers: Ids, `(B, T)`.
        ill: `(B, T)`.
        due: `(B, T)`.
        member: The chances behind them.

    Returns:
        `(B, T)`; the mean is an accuracy without the noise of who came.
    """
    misses = member.misses[np.asarray(ill)]
    return np.where(np.asarray(answers) == MISSED, misses, (answers == due) * (1 - misses))


def odds(days=YEAR, member=MEMBER):
    """The chance of each health and each entry of the diary, day by day, without looking into it.

    Returns:
        `(T, 2, 8)`: well or ill; the seven exercises and `MISSED`. Each day sums to 1.
    """
    written = [_written(p.sum(axis=-1), member) for p in _states(days, 0, member)]
    return np.array(written)


def calendar_rate(days=YEAR, member=MEMBER):
    """The best share of right answers from weekday, month and health alone, day by day: `(T,)`."""
    weekday, month = calendar(days)
    return _best_by_group(odds(days, member), 12 * weekday + month)


def calendar_score(answers, member=MEMBER):
    """The exact share of right answers of one who answers by date and health.

    Args:
        answers: Ids, `(T, 2)`: for each day, if well and if ill.

    Returns:
        `(T,)`.
    """
    chances = odds(len(answers), member)
    return np.take_along_axis(chances, np.asarray(answers)[..., None], -1)[..., 0].sum(axis=1)


def window_rate(lags, days=YEAR, member=MEMBER):
    """`calendar_rate` for somebody who also sees the last `lags` days of the diary: `(T,)`.

    An exercise in sight tells whose turn it is. If all days in sight are missed ones,
    the date is all there is.
    """
    if lags == 0:
        return calendar_rate(days, member)
    weekday, month = calendar(days)
    states = np.array(list(_states(days, lags, member)))  # (T, 2, 7, lags + 1)
    seen = states[..., :lags].sum(axis=(2, 3))  # (T, 2)
    known = seen @ np.maximum(member.misses, 1 - member.misses)
    blank = np.array([_written(p, member) for p in states[..., lags]])
    return known + _best_by_group(blank, 12 * weekday + month)


def ceiling(member=MEMBER):
    """The best share of right answers for somebody who knows the whole past and today's health.

    >>> round(ceiling(), 3)
    0.9
    """
    _require_chances(member)
    return float(
        np.array([1 - member.ill, member.ill]) @ np.maximum(member.misses, 1 - member.misses)
    )


def _states(days, lags, member):
    """P(health, turn, days missed in a row up to `lags`) on each day, `(2, 7, lags + 1)`."""
    require_integer("days", days, 1, "ask for at least one")
    _require_chances(member)
    health = np.array(
        [[1 - member.falls_ill, member.falls_ill], [member.recovers, 1 - member.recovers]]
    )
    misses = member.misses[:, None]
    p = np.zeros((2, PLAN, lags + 1))
    p[:, 0, lags] = 1 - member.ill, member.ill
    for _ in range(days):
        yield p
        missed = np.zeros_like(p)
        missed[..., 1:] = p[..., :-1]
        missed[..., -1] += p[..., -1]
        came = np.roll(p.sum(axis=-1), 1, axis=1)  # the turn moves on
        after = missed * misses[..., None]
        after[..., 0] += came * (1 - misses)
        p = np.einsum("gh,gkr->hkr", health, after)


def _written(turns, member):
    """P(health, turn) `(2, 7)` → P(health, entry) `(2, 8)`."""
    came = turns * (1 - member.misses)[:, None]
    return np.column_stack([came, turns.sum(axis=1) * member.misses])


def _best_by_group(chances, groups):
    """The share of right answers, day by day, of the best answer for each group and health."""
    best = np.zeros(len(chances))
    for group in np.unique(groups):
        days = groups == group
        answers = chances[days].sum(axis=0).argmax(axis=-1)  # (2,)
        best[days] = chances[days][:, np.arange(2), answers].sum(axis=1)
    return best


def _require_chances(member):
    for name, chance in ((field.name, getattr(member, field.name)) for field in fields(member)):
        if not isinstance(chance, int | float | np.number) or not 0 <= chance <= 1:
            raise ValueError(
                f"`{name}` must be a chance between 0 and 1, got {chance!r}: 0.1 is one in ten"
            )
