"""What borrowed vectors are worth to a reader of generated reviews, by the amount of labels.

Cast: `try_cases` trains one reader for each seed under each case, on vectors of its own
or lent by somebody who has read the same kind of reviews without their verdicts, or the
same words mixed up; a logistic regression on counted words stands beside them.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression

from rnncourse.data.grammars import reviews
from rnncourse.networks.readers import pad
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.reviewers import ask, learn, lend, start

IDS = {word: i for i, word in enumerate(reviews.WORDS)}
V = len(IDS)
# Adjectives that a labelled review may not hold if words are kept back: every fourth pair.
KEPT_BACK = {*reviews.GOOD[1::4], *reviews.BAD[1::4]}


def encode(texts):
    """Reviews → `(ids (N, T), lengths (N,))`."""
    return pad([[IDS[word] for word in text] for text in texts], reviews.LONGEST)


def labelled(count: int, seed: int, kept_back: bool = False):
    """Reviews with their verdicts: `(ids, lengths, good)`; none with a word that is kept back."""
    texts, good = reviews.sample(4 * count if kept_back else count, [seed, 1])
    if kept_back:
        fit = [i for i, text in enumerate(texts) if not KEPT_BACK & set(text)]
        texts, good = [texts[i] for i in fit], good[fit]
    assert len(texts) >= count
    ids, lengths = encode(texts)
    return ids[:count], lengths[:count], good[:count]


def table(config: dict, lender: str | None, seed: int) -> np.ndarray:
    """Vectors `(V, D)`: lent by a reader of reviews, of mixed-up ones, or random."""
    if lender is None:
        return np.random.default_rng([seed, 3]).normal(size=(V, config["lending"]["dimensions"]))
    texts, _ = reviews.sample(config["unlabelled"], [seed, 2])
    if lender == "mixed up":
        texts = reviews.mixed_up(texts, [seed, 6])
    return lend([[IDS[word] for word in text] for text in texts], V, config, seed)


def unseen_reviews(config: dict, kept_back: bool = False):
    """Reviews that no training has seen, and the probability of good of each.

    If words are kept back every adjective is one of them.
    """
    count = config["tests"]
    texts, _ = reviews.sample(count * (30 if kept_back else 1), 10**9)
    if kept_back:
        texts = [text for text in texts if {w for w in text if w in reviews.SIDE} <= KEPT_BACK]
    ids, lengths = encode(texts[:count])
    return ids, lengths, np.array([reviews.probability_of_good(text) for text in texts[:count]])


def share_right(said_good, good):
    """What the best reader gets, less what wrong guesses lose against it: no luck in it."""
    lost = np.maximum(good, 1 - good) - np.where(said_good, good, 1 - good)
    return reviews.bayes_rate() - np.mean(lost, axis=-1)


def counted(ids, lengths):
    """How often each word stands in each text, `(N, V)`."""
    rows = [np.bincount(row[:n], minlength=V) for row, n in zip(ids, lengths)]
    return np.array(rows, np.float64)


def try_cases(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and ask after every `every` updates.

    A case has `labelled`, how many reviews; `reader`, `"gru"` or `"counts"`. A GRU has
    `lender`, `tuned`, `rate` and `at`, the index of the asking that counts; counts have `C`, the
    strength of their regression. Cases may have `kept_back`.

    Returns:
        For each seed a number for each case: `right`, the share of verdicts that would be
        right; `course`, the same at each asking; `strange`, among reviews all of whose
        adjectives are kept back (0 if none are).
    """
    cases = config["cases"]
    tests = {kept: unseen_reviews(config, kept) for kept in {False, *map(_kept_back, cases)}}
    scores = {}
    groups = {}
    for k, case in enumerate(cases):
        if case["reader"] == "counts":
            scores[k] = [_count(config, case, tests, seed) for seed in seeds]
        else:
            groups.setdefault((case["tuned"], case["rate"]), []).append(k)
    lent = {}
    for (tuned, rate), members in groups.items():
        runs = [(k, seed) for k in members for seed in seeds]
        for k, seed in runs:
            key = cases[k]["lender"], seed
            if key not in lent:
                lent[key] = table(config, *key)
        tables = np.stack([lent[cases[k]["lender"], seed] for k, seed in runs])
        own = [labelled(cases[k]["labelled"], seed, _kept_back(cases[k])) for k, seed in runs]
        most = max(len(good) for *_, good in own)
        # A short set is laid out over and over: drawn with replacement, it stays the same.
        own = [[np.resize(part, (most, *part.shape[1:])) for part in parts] for parts in own]
        w = start(config, tables, tuned, [seed for _, seed in runs])
        answers, course = ask(w), []

        def note(_, answers=answers, course=course):
            course.append(
                {
                    kept: share_right(answers(ids, lengths) > 0, good)
                    for kept, (ids, lengths, good) in tests.items()
                }
            )

        data = [np.stack(parts) for parts in zip(*own)]
        learn(config, w, *data, [seed for _, seed in runs], rate, note)
        for n, (k, _) in enumerate(runs):
            at = cases[k].get("at", -1)
            whole = [float(asked[False][n]) for asked in course]
            strange = float(course[at][True][n]) if _kept_back(cases[k]) else 0.0
            scores.setdefault(k, []).append((whole[at], whole, strange))
    results: list[dict] = [{"right": [], "course": [], "strange": []} for _ in seeds]
    for k in range(len(cases)):
        for result, score in zip(results, scores[k], strict=True):
            for name, value in zip(result, score, strict=True):
                result[name].append(np.round(value, 4).tolist())
    return results


def _kept_back(case):
    return case.get("kept_back", False)


def _count(config, case, tests, seed):
    ids, lengths, good = labelled(case["labelled"], seed, _kept_back(case))
    model = LogisticRegression(C=case["C"], max_iter=2000).fit(counted(ids, lengths), good)
    right = {
        kept: float(share_right(model.predict(counted(x, n)) > 0, p))
        for kept, (x, n, p) in tests.items()
    }
    askings = config["updates"] // config["every"]
    return right[False], [right[False]] * askings, right[True] if _kept_back(case) else 0.0


def best(record) -> dict:
    """What did best on average over the seeds: (reader, lender, tuned, labelled) → settings."""
    course, found = np.mean(record.values("course"), axis=0), {}
    for case, scores in zip(record.config["cases"], course):
        key = tuple(case.get(name) for name in ("reader", "lender", "tuned", "labelled"))
        at = int(np.argmax(scores))
        how = {"C": case["C"]} if "C" in case else {"rate": case["rate"], "at": at}
        found[key] = max(found.get(key, (-1, {})), (scores[at], how), key=lambda pair: pair[0])
    return {key: how for key, (_, how) in found.items()}


AMOUNTS = (30, 100, 300, 1000, 3000)
TABLES = ((None, True), ("film", False), ("film", True), ("mixed up", False), ("mixed up", True))
COUNTS = [{"reader": "counts", "labelled": n} for n in AMOUNTS]
READERS = [
    {"reader": "gru", "lender": lender, "tuned": tuned, "labelled": n}
    for lender, tuned in TABLES
    for n in AMOUNTS
]
SETTINGS = {
    "units": 16,
    "batch": 16,
    "updates": 400,
    "every": 50,
    "tests": 500,
    "unlabelled": 5000,
    "lending": {"dimensions": 16, "window": 5, "epochs": 10, "rate": 0.025},
}
# What `best` finds in the record "review-rates": one number for each of `AMOUNTS`.
STRENGTHS = (10.0, 1.0, 1.0, 0.1, 1.0)
RATES = {
    (None, True): ((0.003, 7), (0.03, 1), (0.03, 1), (0.01, 3), (0.01, 4)),
    ("film", False): ((0.03, 2), (0.01, 1), (0.03, 3), (0.03, 4), (0.03, 6)),
    ("film", True): ((0.01, 3), (0.01, 1), (0.03, 1), (0.03, 1), (0.003, 6)),
    ("mixed up", False): ((0.01, 2), (0.03, 3), (0.03, 3), (0.03, 7), (0.03, 6)),
    ("mixed up", True): ((0.03, 2), (0.03, 7), (0.03, 3), (0.01, 3), (0.01, 7)),
}
CHOSEN = [
    case | {"rate": rate, "at": at}
    for case, (rate, at) in zip(READERS, [pair for pairs in RATES.values() for pair in pairs])
]

SWEEPS = (
    Sweep(
        "review-rates",
        SETTINGS
        | {
            "cases": [case | {"C": C} for case in COUNTS for C in (0.01, 0.1, 1.0, 10.0)]
            + [case | {"rate": r} for case in READERS for r in (0.003, 0.01, 0.03)],
        },
        try_cases,
        seeds=(100, 101),
        kind="learned",
        tolerance=0.1,
    ),
    Sweep(
        "reviews",
        SETTINGS
        | {
            "cases": [case | {"C": C} for case, C in zip(COUNTS, STRENGTHS)]
            + CHOSEN
            + [
                case | {"kept_back": True}
                for case in CHOSEN
                if case["labelled"] == 1000 and case["lender"] != "mixed up"
            ],
        },
        try_cases,
        kind="learned",
        tolerance=0.06,
    ),
)
