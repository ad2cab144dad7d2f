"""The day on which you come back: what a network with a state must have been taught for it.

Cast: `curriculum` draws diaries and leaves days out of what is asked for, or lets the
plan begin anywhere; `try_comebacks` trains the networks of `habits` on it and asks
them on well days after a gap, for each exercise that was done last.
"""

import numpy as np

from rnncourse.data import gym
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.habits import RUNS, remember, walk


def curriculum(config, seed):
    """Diaries and what is asked of a network that learns from them.

    Args:
        config: `people` and `days`; `untaught`, the shortest and the longest gap after which
            nothing is asked for, well or ill; `anywhere`, whether each member's plan begins with
            an exercise of its own.
        seed: Of the diaries.

    Returns:
        `(ill, done, targets)`, `(B, T)` each; a target is -1 where nothing is asked for.

    Raises:
        ValueError: An `untaught` that is not a pair of gaps in order.

    >>> ill, done, targets = curriculum({"people": 1, "days": 8, "untaught": [1, 1]}, 5)
    >>> done[0].tolist(), targets[0].tolist()
    ([0, 1, 2, 7, 3, 4, 5, 6], [0, 1, 2, 7, -1, 4, 5, 6])
    """
    ill, done, _ = gym.diaries(config["people"], config["days"], seed)
    if config.get("anywhere"):
        moved = np.random.default_rng([seed, 2]).integers(gym.PLAN, size=(len(done), 1))
        done = np.where(done == gym.MISSED, gym.MISSED, (done + moved) % gym.PLAN)
    if "untaught" not in config:
        return ill, done, done
    try:
        low, high = config["untaught"]
        ordered = 0 <= low <= high
    except (TypeError, ValueError):
        ordered = False
    if not ordered:
        raise ValueError(
            f"`untaught` must be the shortest and the longest gap, got {config['untaught']!r}: "
            "write [6, 10], for instance"
        )
    missed = gym.missed_before(done)
    silent = (missed >= low) & (missed <= high)
    return ill, done, np.where(silent, -1, done)


def asked_back(weights, runs):
    """How well one network answers in diaries that it has not seen, attendance averaged out.

    Args:
        weights: Its own, as from `habits.start` without the leading axis.
        runs: `people` and `days` to ask about, `gaps`: numbers of days missed.

    Returns:
        `right`, the share of right answers once something has been done, and `back`,
        `(gaps, 7)`, the share of best answers on well days by the number of days
        missed before and by the exercise last done.
    """
    ill, done, due = gym.diaries(runs["people"], runs["days"], rng=10**9)
    right = gym.expected(walk(weights, ill, done), ill, due)
    missed = gym.missed_before(done)
    last = np.where(ill == 0, (due - 1) % gym.PLAN, -1)
    back = [[right[(missed == g) & (last == k)].mean() for k in range(7)] for g in runs["gaps"]]
    return {
        "right": round(float(right[missed >= 0].mean()), 5),
        "back": (np.array(back) / (1 - gym.MEMBER.misses_well)).round(3).tolist(),
    }


def try_comebacks(config, seeds):
    """Networks with a state, each taught by a curriculum.

    Args:
        config: `units`, `updates`, `rate`, `runs`, and `cases` with `batch` and what
            `curriculum` wants.
        seeds: Of weights and diaries.

    Returns:
        For each seed and case `right` and `back`, see `asked_back`.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        lessons = [curriculum(settings, seed) for seed in seeds]
        targets = [lesson[2] for lesson in lessons]
        weights = remember([lesson[:2] for lesson in lessons], targets, settings, seeds)
        for i, result in enumerate(results):
            mine = [w.numpy()[i] for w in weights]
            for name, score in asked_back(mine, config["runs"]).items():
                result.setdefault(name, []).append(score)
    return results


WEEK = {"days": 7, "people": 4000, "batch": 64}
MONTH = {"days": 28, "people": 1000, "batch": 16}

SWEEPS = (
    Sweep(
        "gym-comebacks",
        {
            "units": 20,
            "updates": 1000,
            "rate": 0.01,
            "runs": RUNS | {"days": 365, "people": 1000, "gaps": list(range(9))},
            "cases": [
                WEEK,
                WEEK | {"anywhere": True},
                MONTH,
                MONTH | {"untaught": [6, 10]},
                MONTH | {"untaught": [3, 27]},
            ],
        },
        try_comebacks,
        kind="learned",
        tolerance=0.2,  # few days follow a long gap, and what is said there hangs on few weights
    ),
)
