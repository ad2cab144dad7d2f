"""Real sentences about films, read with borrowed vectors and without.

Cast: `choose` tries rates on the validation part, `read_films` trains under what was
chosen and asks the test part once. Lenders are a text of Wikipedia and the sentences
themselves, without their verdicts. Counted words, and the mean of a sentence's vectors,
stand beside the networks. The networks are those of `reviewers`.
"""

from functools import cache

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from rnncourse.data.corpora import sentence_polarity
from rnncourse.data.text import Vocabulary
from rnncourse.networks.readers import borrow, pad
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.reviewers import ask, learn, lend, start
from rnncourse.reproduce.wikipedia import TEXT, train_wikipedia

FILES = ("sentence_polarity/rt-polaritydata.tar.gz", TEXT)
UNKNOWN = "<unk>"


@cache
def parts():
    """Training, validation and test part, each `(texts, good)`."""
    return sentence_polarity()


@cache
def wikipedia():
    """`(words, vectors)` of the text of Wikipedia."""
    return train_wikipedia()


@cache
def words(lender: str | None) -> tuple[str, ...]:
    """The words that a network tells apart; `<unk>` stands for all others.

    All that come twice in the training part, labelled or not, and all that the lender knows.
    """
    tokens = [token for text in parts()[0][0] for token in text]
    vocabulary = Vocabulary(tokens)
    known = [word for word, n in zip(vocabulary.words, vocabulary.counts) if n > 1]
    if lender == "Wikipedia":
        known += sorted(set(wikipedia()[0]) - set(known))
    return (UNKNOWN, *known)


def table(config: dict, lender: str | None, seed: int) -> np.ndarray:
    """Vectors `(V, D)`, lent or random."""
    mine, width = words(lender), config["lending"]["dimensions"]
    if lender is None:
        return np.random.default_rng([seed, 3]).normal(size=(len(mine), width))
    if lender == "Wikipedia":
        return borrow(mine, *wikipedia(), seed=seed)[0]
    return lent_by_sentences(tuple(config["lending"].items()), seed)


@cache
def lent_by_sentences(lending: tuple, seed: int) -> np.ndarray:
    """Vectors of who has read the training part without its verdicts."""
    mine = words("sentences")
    ids = {word: i for i, word in enumerate(mine)}
    texts = [[ids[word] for word in text if word in ids] for text in parts()[0][0]]
    return lend([text for text in texts if text], len(mine), {"lending": dict(lending)}, seed)


def encode(config: dict, lender: str | None, texts):
    """`(ids (N, T), lengths (N,))`; of longer sentences the first T words."""
    ids = {word: i for i, word in enumerate(words(lender))}
    return pad([[ids.get(word, 0) for word in text] for text in texts], config["longest"])


def labelled(config: dict, lender: str | None, count: int | None, seed: int):
    """`(ids, lengths, good)` of sentences drawn from the training part, all if `None`."""
    texts, good = parts()[0]
    order = np.random.default_rng([seed, 1]).permutation(len(texts))[:count]
    ids, lengths = encode(config, lender, [texts[i] for i in order])
    return ids, lengths, good[order]


def read(config: dict, case: dict, seeds, part: int) -> np.ndarray:
    """Train one network for each seed; share right on a part at each asking, `(askings, N)`."""
    lender = case["lender"]
    tables = np.stack([table(config, lender, seed) for seed in seeds])
    w = start(config, tables, case["tuned"], seeds)
    texts, good = parts()[part]
    ids, lengths = encode(config, lender, texts)
    answers, course = ask(w), []

    def note(_):
        said = np.concatenate(
            [answers(ids[k : k + 200], lengths[k : k + 200]) for k in range(0, len(ids), 200)], 1
        )
        course.append(np.mean((said > 0) == good, axis=1))

    own = [labelled(config, lender, case["labelled"], seed) for seed in seeds]
    data = [np.stack(parts_) for parts_ in zip(*own)]
    learn(config, w, *data, seeds, case["rate"], note)
    return np.array(course)


def features(config: dict, case: dict, texts):
    """Which words a sentence has, sparse, or the mean of its words' vectors."""
    lender = case.get("lender")
    if case["reader"] == "counts":
        texts = [text[: config["longest"]] for text in texts]
        counter = CountVectorizer(analyzer=list, vocabulary=words(lender)[1:], binary=True)
        return counter.transform(texts)
    ids, lengths = encode(config, lender, texts)
    rows = table(config, lender, 0)
    return np.stack([rows[row[:n]].mean(axis=0) for row, n in zip(ids, lengths)]) / rows.std()


def regress(config: dict, case: dict, seed: int, part: int) -> float:
    """Share right of a logistic regression."""
    texts, good = parts()[0]
    order = np.random.default_rng([seed, 1]).permutation(len(texts))[: case["labelled"]]
    model = LogisticRegression(C=case["C"], max_iter=1000)
    model.fit(features(config, case, [texts[i] for i in order]), good[order])
    texts, good = parts()[part]
    return float(np.mean(model.predict(features(config, case, texts)) == good))


def scores(config: dict, seeds, part: int) -> list[dict]:
    """For each seed, of each case: `right` on a part, and its `course` over the askings."""
    results: list[dict] = [{"right": [], "course": []} for _ in seeds]
    for case in config["cases"]:
        if case["reader"] == "gru":
            course = read(config, case, seeds, part)
        else:
            askings = config["updates"] // config["every"]
            # The order of the sentences makes no difference to a regression on all of them.
            own = seeds if case["labelled"] else seeds[:1]
            right = [regress(config, case, seed, part) for seed in own]
            course = np.tile(np.broadcast_to(right, len(seeds)), (askings, 1))
        for result, curve in zip(results, np.round(course.T, 4).tolist()):
            result["right"].append(curve[case.get("at", -1)])
            result["course"].append(curve)
    return results


def choose(config: dict, seeds) -> list[dict]:
    """`scores` on the validation part: by these, rates and numbers of updates are chosen."""
    return scores(config, seeds, part=1)


def read_films(config: dict, seeds) -> list[dict]:
    """`scores` on the test part."""
    return scores(config, seeds, part=2)


SETTINGS = {
    "units": 24,
    "batch": 32,
    "updates": 600,
    "every": 100,
    "longest": 30,
    "lending": {"dimensions": 50, "window": 5, "epochs": 10, "rate": 0.025, "sample": 1e-3},
}
TABLES = (
    (None, True),
    ("Wikipedia", False),
    ("Wikipedia", True),
    ("sentences", False),
    ("sentences", True),
)
REGRESSIONS = [
    {"reader": "counts", "labelled": None},
    {"reader": "mean", "lender": "Wikipedia", "labelled": None},
    {"reader": "mean", "lender": "sentences", "labelled": None},
]
READERS = [
    {"reader": "gru", "lender": lender, "tuned": tuned, "labelled": None}
    for lender, tuned in TABLES
]
# What did best in the record "polarity-rates", by `borrowing.best`.
STRENGTHS = (0.3, 0.1, 0.1)
RATES = ((0.01, 4), (0.01, 4), (0.01, 4), (0.003, 4), (0.003, 5))

SWEEPS = (
    Sweep(
        "polarity-rates",
        SETTINGS
        | {
            "cases": [case | {"C": C} for case in REGRESSIONS for C in (0.1, 0.3, 1.0, 3.0)]
            + [case | {"rate": r} for case in READERS for r in (0.003, 0.01)],
        },
        choose,
        seeds=(100, 101),
        kind="timing",  # too long to run again in a test
        files=FILES,
    ),
    Sweep(
        "polarity",
        SETTINGS
        | {
            "cases": [case | {"C": C} for case, C in zip(REGRESSIONS, STRENGTHS)]
            + [case | {"rate": r, "at": at} for case, (r, at) in zip(READERS, RATES)],
        },
        read_films,
        seeds=(0, 1, 2, 3, 4),
        kind="timing",
        files=FILES,
    ),
)
