"""Vectors from sixty thousand words of news, and how far people agree with them.

Cast: `news` gives the texts as ids of the more frequent words; `counted` and `learned`
make vectors of them; `judgements` are pairs of words of which people said how alike
they are, and `agreement` is the rank correlation with their cosines.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from rnncourse.data.corpora import lee_news
from rnncourse.data.text import Vocabulary
from rnncourse.word_vectors.counts import cooccurrences, factorise, positive_pmi
from rnncourse.word_vectors.skip_gram import train_skip_gram

WORDS = 1500


def news() -> tuple[list[np.ndarray], Vocabulary]:
    """The training texts, each as ids, and the vocabulary of the 1,500 most frequent words."""
    tokens, _, _ = lee_news()
    vocabulary = Vocabulary(tokens, size=WORDS, unknown="<unk>")
    ids = vocabulary.encode(tokens)
    ends = np.flatnonzero(ids == vocabulary.encode(["<eos>"])[0])
    return np.split(ids, ends + 1)[:-1], vocabulary


def judgements(vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of known words, `(P, 2)` ids, and how alike thirteen and more people found them.

    Source: Finkelstein et al. (2002), WordSim-353, which gensim brings along.
    """
    folder = Path(find_spec("gensim").origin).parent / "test" / "test_data"
    lines = (folder / "wordsim353.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.lower().split("\t") for line in lines if not line.startswith("#")]
    known = [(a, b, float(s)) for a, b, s in rows if a in vocabulary and b in vocabulary]
    pairs = vocabulary.encode([word for a, b, _ in known for word in (a, b)]).reshape(-1, 2)
    return pairs, np.array([score for *_, score in known])


def cosines(vectors, pairs) -> np.ndarray:
    """Of the two words of each pair, `(P,)`."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.sum(unit[pairs[:, 0]] * unit[pairs[:, 1]], axis=1)


def agreement(x, y) -> float:
    """Spearman's rank correlation; equal values share their ranks.

    >>> round(agreement([1, 2, 3, 4], [10, 30, 20, 40]), 6)
    0.8
    """
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values):
    values = np.asarray(values)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def agreement_interval(x, y, resamples: int = 1000) -> tuple[float, float]:
    """95% of the agreements that other pairs of words might have shown, by bootstrap."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(x), (resamples, len(x)))
    found = [agreement(np.asarray(x)[p], np.asarray(y)[p]) for p in picks]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def counted(texts, config: dict) -> np.ndarray:
    """Vectors by counting, `(1500, D)`."""
    table = positive_pmi(cooccurrences(texts, WORDS, config["window"]))
    return factorise(table, config["dimensions"])


def learned(texts, config: dict, seed: int) -> np.ndarray:
    """Vectors by skip-gram with negative sampling, `(1500, D)`."""
    names = ("window", "dimensions", "epochs", "rate")
    return train_skip_gram(texts, WORDS, seed=seed, **{name: config[name] for name in names})


PLAIN = {"window": 5, "dimensions": 50, "epochs": 10, "rate": 0.05}
