"""The vectors that the course lends: trained on a text of Wikipedia, and what they know.

Cast: `train_wikipedia` is the recipe, `write_vectors` makes of its result the file
that comes with the package (`python -m rnncourse.reproduce.wikipedia`); `judge` asks
vectors the standard questions. The text is the first 6.9 MB of text8, which Matt Mahoney
made of English Wikipedia as of March 2006.
"""

import gzip
import os
from collections import Counter
from pathlib import Path

import numpy as np

from rnncourse.data.corpora import analogy_questions
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.word_vectors.lent import WIKIPEDIA
from rnncourse.word_vectors.neighbours import analogy, answers_right
from rnncourse.word_vectors.skip_gram import train_skip_gram

TEXT = "text8-head/text8.head"
RECIPE = {
    "least": 5,
    "piece": 40,
    "dimensions": 50,
    "window": 5,
    "epochs": 10,
    "rate": 0.025,
    "sample": 1e-3,
}


def train_wikipedia(recipe=RECIPE, seed: int = 0, folder=None):
    """Skip-gram vectors of all words that come at least five times in the text.

    The text is cut into pieces of 40 words, which are shuffled: an article says the same
    rare words over and over, and an update takes in hundreds of words at once.

    Returns:
        `(words, vectors)`: the most frequent word first, `(V, D)`.

    Raises:
        FileNotFoundError: The text is missing.
    """
    file = Path(os.environ.get("RNNCOURSE_DATA", ".") if folder is None else folder) / TEXT
    if not file.is_file():
        raise FileNotFoundError(
            f"{TEXT} must lie in $RNNCOURSE_DATA, got no {file}: it is the first 6,877,824 "
            "characters of text8, http://mattmahoney.net/dc/text8.zip"
        )
    recipe = dict(recipe)
    least, piece = recipe.pop("least"), recipe.pop("piece")
    tokens = file.read_text(encoding="ascii").split()
    counts = Counter(tokens)
    words = sorted((w for w, n in counts.items() if n >= least), key=lambda w: (-counts[w], w))
    ids = {word: i for i, word in enumerate(words)}
    stream = np.array([ids[token] for token in tokens if token in ids])
    pieces = [stream[k : k + piece] for k in range(0, len(stream), piece)]
    np.random.default_rng(seed).shuffle(pieces)
    return words, train_skip_gram(pieces, len(words), seed=seed, **recipe)


def write_vectors(words, vectors, path=WIKIPEDIA, count: int = 3000) -> Path:
    """The vectors of the most frequent words in the format of word2vec, with two decimals."""
    lines = [f"{min(count, len(words))} {vectors.shape[1]}"]
    # Adding zero turns -0.0 into 0.0.
    rows = np.round(vectors[:count], 2) + 0.0
    lines += [f"{w} {' '.join(f'{x:.2f}' for x in row)}" for w, row in zip(words, rows.tolist())]
    content = ("\n".join(lines) + "\n").encode()
    # Without the date, so that the same vectors make the same file.
    Path(path).write_bytes(gzip.compress(content, mtime=0))
    return Path(path)


def judge(words, vectors, limit: int | None = None) -> dict:
    """Standard analogies among the first `limit` words, by section.

    Returns:
        Lists in the order of the sections: `asked`, how many questions have all four words;
        `right`, how many of them are answered, the words of the question excluded;
        `right_of_all`, without excluding them. `queen`: how many words stand nearer than
        queen to king - man + woman, those of the question excluded.
    """
    ids = {word: i for i, word in enumerate(words[:limit])}
    vectors = np.asarray(vectors)[:limit]
    found: dict = {"asked": [], "right": [], "right_of_all": []}
    for questions in analogy_questions().values():
        known = [[ids[w] for w in four] for four in questions if all(w in ids for w in four)]
        found["asked"].append(len(known))
        for name, exclude in (("right", True), ("right_of_all", False)):
            right = answers_right(vectors, known, exclude=exclude).sum() if known else 0
            found[name].append(int(right))
    order, _ = analogy(vectors, ids["man"], ids["king"], ids["woman"], len(ids))
    return found | {"queen": int(np.flatnonzero(order == ids["queen"])[0])}


def know(config: dict, seed: int) -> dict:
    """Train with a seed, and judge the most frequent words, and all: name of either → list."""
    words, vectors = train_wikipedia(config["recipe"], seed)
    judged = {"": judge(words, vectors, config["shipped"]), "_all": judge(words, vectors)}
    return {name + end: value for end, found in judged.items() for name, value in found.items()}


SWEEPS = (
    Sweep(
        "wikipedia-vectors",
        {"recipe": RECIPE, "shipped": 3000},
        one_by_one(know),
        seeds=(0, 1),
        kind="timing",  # too long to run again in a test
        files=(TEXT,),
    ),
)

if __name__ == "__main__":
    print(write_vectors(*train_wikipedia()))
