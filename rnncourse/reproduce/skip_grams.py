"""Our skip-gram beside gensim's: the same text, the same settings, how good and how fast.

Cast: `planted` makes texts whose words have a topic, so that a word's neighbours can be
right or wrong; `ours` and `gensims` learn vectors from the same sentences; `purity` is
the share of right neighbours. `compare` does this for texts of several shapes, `time_both`
in alternating rounds on a clock, and `on_text8` on real text with the questions that
people use.
"""

import os
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from rnncourse.evaluation import interval
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.word_vectors.neighbours import analogy_accuracy
from rnncourse.word_vectors.skip_gram import train_skip_gram

TEXT8 = "text8-head/text8.head"
COMMON = {"dimensions": 100, "window": 5, "negatives": 5, "epochs": 3, "rate": 0.025, "sample": 0}


def planted(case: dict, rng: np.random.Generator):
    """Sentences about a topic each: half of their words are of the topic, half are any.

    Args:
        case: `size` V, `topics`, `tokens`, `lengths` [shortest, longest] of sentences, and
            `zipf`, the offset z of the words' weights 1 / (rank + z).
        rng: Draws everything.

    Returns:
        `(sentences, topics)`: arrays of ids, and the topic of each word `(V,)`.
    """
    size, (shortest, longest) = case["size"], case["lengths"]
    topics = rng.permutation(np.arange(size) % case["topics"])
    weights = 1 / (np.arange(size) + case["zipf"])
    every = np.cumsum(weights / weights.sum())
    members = [np.flatnonzero(topics == topic) for topic in range(case["topics"])]
    own = [np.cumsum(weights[m] / weights[m].sum()) for m in members]
    sentences, left = [], case["tokens"]
    while left > 0:
        length = int(min(left, rng.integers(shortest, longest + 1)))
        topic = rng.integers(case["topics"])
        of_topic = members[topic][_pick(own[topic], rng.random(length))]
        sentence = np.where(rng.random(length) < 0.5, of_topic, _pick(every, rng.random(length)))
        sentences.append(sentence.astype(np.int32))
        left -= length
    return sentences, topics


def _pick(steps, at):
    return np.minimum(np.searchsorted(steps, at, side="right"), len(steps) - 1)


def ours(sentences, size: int, settings: dict, seed: int) -> np.ndarray:
    """Vectors `(V, D)` by `train_skip_gram`."""
    return train_skip_gram(sentences, size, seed=seed, **settings)


def gensims(sentences, size: int, settings: dict, seed: int) -> np.ndarray:
    """Vectors `(V, D)` by gensim's `Word2Vec`, with two workers; zeros for words that never came."""
    vectors, _ = _gensim([list(map(str, s)) for s in sentences], size, settings, seed)
    return vectors


def _gensim(sentences, size, settings, seed):
    """Vectors, and the seconds that training alone took."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        sg=1,
        vector_size=settings["dimensions"],
        window=settings["window"],
        negative=settings["negatives"],
        epochs=settings["epochs"],
        alpha=settings["rate"],
        sample=settings["sample"],
        min_count=1,
        workers=2,
        seed=seed + 1,
    )
    model.build_vocab(sentences)
    start = time.perf_counter()
    model.train(sentences, total_examples=len(sentences), epochs=model.epochs)
    seconds = time.perf_counter() - start
    vectors = np.zeros((size, model.vector_size), np.float32)
    vectors[np.array(model.wv.index_to_key, int)] = model.wv.vectors
    return vectors, seconds


def purity(vectors, topics, counts, k: int, least: int = 20) -> float:
    """Of the k nearest of each word that came often enough, the share that is of its topic."""
    often = np.flatnonzero(counts >= least)
    unit = vectors[often] / np.linalg.norm(vectors[often], axis=1, keepdims=True)
    near = unit @ unit.T
    np.fill_diagonal(near, -np.inf)
    nearest = np.argpartition(-near, k, axis=1)[:, :k]
    return float(np.mean(topics[often][nearest] == topics[often][:, None]))


def compare(config: dict, seed: int) -> dict:
    """Purity of both on a text of each shape, and what chance would give."""
    results = {"ours": [], "gensim": [], "chance": []}
    for case in config["cases"]:
        sentences, topics = planted(case, np.random.default_rng(seed))
        counts = np.bincount(np.concatenate(sentences), minlength=case["size"])
        settings = config["common"] | {"dimensions": case["dimensions"]}
        for name, learn in (("ours", ours), ("gensim", gensims)):
            vectors = learn(sentences, case["size"], settings, seed)
            results[name].append(purity(vectors, topics, counts, case["k"]))
        results["chance"].append(1 / case["topics"])
    return results
SWEEPS = ()
