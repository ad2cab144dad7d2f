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
from rnncourse.word_vectors.neighbours import answers_right
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
    """Vectors `(V, D)` by gensim, with two workers; zeros for words that never came."""
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
    """Purity of both on a text of each shape, and what chance would give.

    `ours_from_gensims_start` is ours with vectors that start as close to zero as gensim's.
    """
    results = {"ours": [], "ours_from_gensims_start": [], "gensim": [], "chance": []}
    for case in config["cases"]:
        sentences, topics = planted(case, np.random.default_rng(seed))
        counts = np.bincount(np.concatenate(sentences), minlength=case["size"])
        settings = config["common"] | {"dimensions": case["dimensions"]}
        near_zero = settings | {"start": case["dimensions"] ** -0.5}
        for name, learn, how in (
            ("ours", ours, settings),
            ("ours_from_gensims_start", ours, near_zero),
            ("gensim", gensims, settings),
        ):
            vectors = learn(sentences, case["size"], how, seed)
            results[name].append(purity(vectors, topics, counts, case["k"]))
        results["chance"].append(1 / case["topics"])
    return results


def time_both(config: dict, seeds) -> list[dict]:
    """Tokens per second on the same text in rounds, each time the other one first.

    Returns:
        For each round `ours`, with everything from the sentences to the vectors, compiling
        included; `gensim`, its training alone, and `gensim_whole`, with the count of its
        vocabulary; and the purity of each, `ours_purity` and `gensim_purity`.
    """
    case = config["case"]
    sentences, topics = planted(case, np.random.default_rng(config["text_seed"]))
    texts = [list(map(str, sentence)) for sentence in sentences]
    counts = np.bincount(np.concatenate(sentences), minlength=case["size"])
    tokens = counts.sum() * config["common"]["epochs"]
    results = []
    for seed in seeds:
        row = {}
        for turn in (0, 1):
            start = time.perf_counter()
            if (seed + turn) % 2:
                vectors, seconds = _gensim(texts, case["size"], config["common"], seed)
                row["gensim"], name = tokens / seconds, "gensim_whole"
            else:
                vectors, name = ours(sentences, case["size"], config["common"], seed), "ours"
            row[name] = tokens / (time.perf_counter() - start)
            row[f"{name[:6].rstrip('_')}_purity"] = purity(vectors, topics, counts, config["k"])
        results.append({name: round(float(value), 4) for name, value in row.items()})
    return results


def read_text8(least: int, length: int):
    """The words of the file that come often enough, in pieces of some length.

    Returns:
        `(sentences, words)`: arrays of ids, and the words, the most frequent first.
    """
    path = Path(os.environ.get("RNNCOURSE_DATA", ".")) / TEXT8
    tokens = path.read_text("ascii").split()
    words = [word for word, count in Counter(tokens).most_common() if count >= least]
    places = {word: place for place, word in enumerate(words)}
    ids = np.array([places[token] for token in tokens if token in places], np.int32)
    return np.split(ids, range(length, len(ids), length)), words


def known_questions(words):
    """The analogies and the pairs judged by people that gensim ships, of known words.

    Returns:
        `(questions, pairs, judgements, asked)`: ids `(Q, 4)` and `(P, 2)`, numbers `(P,)`,
        and how many there are of each kind with those of unknown words.
    """
    folder = Path(find_spec("gensim").origin).parent / "test" / "test_data"
    places = {word: place for place, word in enumerate(words)}
    lines = (folder / "questions-words.txt").read_text("utf-8").lower().splitlines()
    questions = [line.split() for line in lines if not line.startswith(":")]
    lines = (folder / "wordsim353.tsv").read_text("utf-8").lower().splitlines()
    judged = [line.split("\t") for line in lines if not line.startswith("#")]
    judged = [(pair, float(mark)) for *pair, mark in judged]
    asked = [len(questions), len(judged)]
    questions = [[places[w] for w in q] for q in questions if places.keys() >= set(q)]
    judged = [([places[w] for w in p], mark) for p, mark in judged if places.keys() >= set(p)]
    pairs, marks = zip(*judged, strict=True)
    return np.array(questions), np.array(pairs), np.array(marks), asked


def rank_correlation(a, b) -> float:
    """Spearman's, with the mean rank for equal values.

    >>> round(rank_correlation([1, 2, 3, 3], [10, 20, 40, 30]), 3)
    0.949
    """
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values):
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def on_text8(config: dict, seed: int) -> dict:
    """Both on the first 6.9 MB of text8: speed, analogies, likeness as people judge it.

    Returns:
        Of `ours` and of `gensim` `_speed`, tokens per second, `_analogies` and `_likeness`,
        each with its 95% interval over questions, or over pairs; and `tokens`,
        `vocabulary`, `questions` and `pairs`, known and asked.
    """
    sentences, words = read_text8(config["least"], config["length"])
    questions, pairs, judgements, asked = known_questions(words)
    tokens = sum(map(len, sentences))
    results = {
        "tokens": tokens,
        "vocabulary": len(words),
        "questions": [len(questions), asked[0]],
        "pairs": [len(pairs), asked[1]],
    }
    for name in ("ours", "gensim") if seed % 2 else ("gensim", "ours"):
        start = time.perf_counter()
        if name == "ours":
            vectors = ours(sentences, len(words), config["common"], seed)
            seconds = time.perf_counter() - start
        else:
            texts = [list(map(str, sentence)) for sentence in sentences]
            vectors, seconds = _gensim(texts, len(words), config["common"], seed)
        right = answers_right(vectors, questions)
        results[f"{name}_speed"] = tokens * config["common"]["epochs"] / seconds
        results[f"{name}_analogies"] = list(interval(right, resamples=1000))
        results[f"{name}_likeness"] = _likeness(vectors, pairs, judgements)
    return results


def _likeness(vectors, pairs, judgements):
    """Rank correlation of cosines and judgements, with its bootstrap interval over pairs."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = np.sum(unit[pairs[:, 0]] * unit[pairs[:, 1]], axis=1)
    picks = np.random.default_rng(0).integers(len(pairs), size=(1000, len(pairs)))
    resampled = [rank_correlation(cosines[pick], judgements[pick]) for pick in picks]
    ends = np.quantile(resampled, [0.025, 0.975]).tolist()
    return [rank_correlation(cosines, judgements), *ends]


SHAPES = [
    {"size": 5000, "topics": 200, "tokens": 150_000, "lengths": [20, 20], "zipf": 2.7}
    | {"dimensions": 100, "k": 10},
    {"size": 20_000, "topics": 200, "tokens": 150_000, "lengths": [1, 40], "zipf": 2.7}
    | {"dimensions": 100, "k": 10},
    {"size": 1000, "topics": 40, "tokens": 100_000, "lengths": [1, 100], "zipf": 2.7}
    | {"dimensions": 50, "k": 10},
    {"size": 2000, "topics": 50, "tokens": 150_000, "lengths": [2, 12], "zipf": 1000}
    | {"dimensions": 50, "k": 10},
    {"size": 200, "topics": 20, "tokens": 60_000, "lengths": [1, 40], "zipf": 2.7}
    | {"dimensions": 50, "k": 5},
]

SWEEPS = (
    Sweep(
        "skip-gram-purity",
        {"cases": SHAPES, "common": COMMON},
        one_by_one(compare),
        # The start and the limits of an update were chosen on texts of seed 0.
        seeds=tuple(range(5, 10)),
        kind="learned",
        tolerance=0.03,
    ),
    Sweep(
        "skip-gram-speed",
        {
            "case": {"size": 20_000, "topics": 200, "tokens": 400_000, "zipf": 2.7}
            | {"lengths": [1, 40]},
            "k": 10,
            "text_seed": 0,
            "common": COMMON,
        },
        time_both,
        seeds=tuple(range(5)),
        kind="timing",
        tolerance=0.0,
    ),
    Sweep(
        "skip-gram-text8",
        {"least": 5, "length": 1000, "common": COMMON | {"epochs": 5, "sample": 1e-3}},
        one_by_one(on_text8),
        seeds=(0, 1, 2),
        kind="timing",
        tolerance=0.0,
        files=(TEXT8,),
    ),
)
