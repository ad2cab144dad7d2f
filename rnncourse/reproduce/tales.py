"""Where a network goes that has the fable by heart: the second sweep of lesson 13.

Cast: networks trained by `fable.learn`, one for each seed, are followed word by word from
the beginning of the fable, and from prompts in which one word was changed.
"""

from collections import Counter

import numpy as np

from rnncourse.data.contexts import followers
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.fable import (
    AFTER,
    BEFORE,
    TOKENS,
    VOCABULARY,
    V,
    answers,
    learn,
    logits,
    note,
    reached,
    shown,
)

FOLLOWERS = followers(VOCABULARY.encode(TOKENS))
# The two windows after which the fable goes on in two ways, in the order of the fable.
FORKS = [(window, tuple(after)) for window, after in FOLLOWERS.items() if len(after) > 1]


def tales(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and follow where the networks go.

    Returns:
        For each seed, a number or list for each case:
        `right`: the share of right words in the end;
        `reached`: as in `recipes`;
        `first_way`: the probability of the earlier of the two ways at each fork;
        `told`: words of the fable, from its beginning, until the likeliest word parts from it;
        `ends`: 1 if that tale comes to the last words of the fable, 0 if it never does;
        `whole`: the probability that words drawn one by one are the whole fable;
        `back`: of prompts with one word changed, the share whose last three words stand
        in the fable after 0, 1, … words said.
    """
    results: list[dict] = [{} for _ in seeds]
    changed = one_word_changed(np.random.default_rng(1), config["prompts"])
    whole = VOCABULARY.encode(TOKENS)
    for case in config["cases"]:
        settings, course = config | case, []
        w = learn(
            settings,
            seeds,
            lambda w, step, s=settings, c=course: c.append(np.mean(answers(s, w) == AFTER, axis=1)),
        )
        chances = probabilities(settings, w, BEFORE)  # (N, 201, V)
        forks = probabilities(settings, w, np.array([window for window, _ in FORKS]))
        told = follow(settings, w, BEFORE[:1], 2 * len(whole))[:, 0, 3:]
        scores = {
            "right": course[-1],
            "reached": reached(course),
            "first_way": [[p[k, ways[0]] for k, (_, ways) in enumerate(FORKS)] for p in forks],
            "told": [3 + _alike(row, whole[3:]) for row in told],
            "ends": [int(_holds(row, whole[-3:])) for row in told],
            "whole": np.exp(np.log(chances[:, np.arange(len(AFTER)), AFTER]).sum(axis=1)),
            "back": _on_rails(follow(settings, w, changed, config["words"])),
        }
        note(results, scores)
    return results


def unseen(config: dict, seeds) -> list[dict]:
    """Train on all windows but `left_out` of them, and ask for those.

    Returns:
        For each seed, a number for each case: `shown` and `unseen`, the share of right
        words after windows of the two kinds; `counting`, what counts of the shown windows
        get after the others: by their last two words, their last word, or the most
        frequent word, the first of these that was shown.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        said = answers(settings, learn(settings, seeds))
        seen = [shown(seed, config["left_out"]) for seed in seeds]
        others = [np.setdiff1d(np.arange(len(BEFORE)), s) for s in seen]
        scores = {
            "shown": [np.mean(row[s] == AFTER[s]) for row, s in zip(said, seen)],
            "unseen": [np.mean(row[o] == AFTER[o]) for row, o in zip(said, others)],
            "counting": [np.mean(_by_counting(s, o) == AFTER[o]) for s, o in zip(seen, others)],
        }
        note(results, scores)
    return results


def _by_counting(seen, others):
    """The most frequent follower of the longest end of a window that was shown, `(M,)`."""
    counts: dict[tuple, Counter] = {}
    for window, after in zip(BEFORE[seen].tolist(), AFTER[seen].tolist()):
        for end in (window[1:], window[2:], []):
            counts.setdefault(tuple(end), Counter())[after] += 1
    said = []
    for window in BEFORE[others].tolist():
        ends = (tuple(end) for end in (window[1:], window[2:], []))
        said.append(next(counts[end] for end in ends if end in counts).most_common(1)[0][0])
    return np.array(said)


def one_word_changed(rng, prompts: int) -> np.ndarray:
    """Windows of the fable in which one word became another, and no window of it: `(M, 3)`."""
    found = []
    while len(found) < prompts:
        window = BEFORE[rng.integers(len(BEFORE))].copy()
        window[rng.integers(3)] = rng.integers(V)
        if tuple(window.tolist()) not in FOLLOWERS:
            found.append(window)
    return np.array(found)


def probabilities(config, w, ids) -> np.ndarray:
    """`(M, 3)` ids → `(N, M, V)` in float64."""
    N = w["b_y"].shape[0]
    said = logits(config, w, np.broadcast_to(ids, (N, *ids.shape))).numpy().astype("float64")
    odds = np.exp(said - said.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def follow(config, w, prompts, words: int) -> np.ndarray:
    """Each network goes on from each prompt with its likeliest words: `(N, M, 3 + words)`."""
    N = w["b_y"].shape[0]
    said = np.broadcast_to(prompts, (N, *prompts.shape)).astype(np.int32)
    for _ in range(words):
        likeliest = np.argmax(logits(config, w, said[..., -3:]), axis=-1)
        said = np.concatenate([said, likeliest[..., None].astype(np.int32)], axis=-1)
    return said


def _alike(said, wanted):
    """How many words are the same before the first that is not."""
    parted = np.flatnonzero(said[: len(wanted)] != wanted)
    return int(parted[0]) if len(parted) else len(wanted)


def _holds(said, words):
    windows = np.lib.stride_tricks.sliding_window_view(said, len(words))
    return bool(np.any(np.all(windows == words, axis=1)))


def _on_rails(said):
    """`(N, M, 3 + words)` → the share of prompts on a window of the fable, `(N, words + 1)`."""
    windows = np.lib.stride_tricks.sliding_window_view(said, 3, axis=-1)  # (N, M, words + 1, 3)
    codes = windows @ np.array([V * V, V, 1])
    rails = np.array(list(FOLLOWERS)) @ np.array([V * V, V, 1])
    return np.isin(codes, rails).mean(axis=1)


PLAIN = {
    "batch": "all",
    "optimizer": "adam",
    "rate": 0.01,
    "head": "glorot",
    "units": 64,
    "width": 32,
    "updates": 150,
    "every": 5,
}
CASES = [
    {"reads": "embedding", "layers": 1},
    {"reads": "embedding", "layers": 2},
    {"reads": "one-hot", "layers": 1},
    {"reads": "embedding", "layers": 0},
]

SWEEPS = (
    Sweep(
        "fable-tales",
        PLAIN | {"prompts": 200, "words": 32, "cases": CASES},
        tales,
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "fable-unseen",
        PLAIN | {"left_out": 40, "cases": CASES},
        unseen,
        kind="learned",
        tolerance=0.05,
    ),
)
