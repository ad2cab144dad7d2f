"""What the Penn Treebank holds, counted once, so that a lesson can say it without the files.

Cast: `count` reads the three files and says how many tokens there are, which ids words
get, how much of the text `batch_producer` uses, and what counting alone predicts.
"""

import numpy as np

from rnncourse.data.corpora import PTB_FILES, penn_treebank
from rnncourse.data.text import Vocabulary, batch_producer, rows
from rnncourse.evaluation import accuracy, perplexity
from rnncourse.ngrams import Interpolated, KneserNey, Unigram
from rnncourse.reproduce.experiments import Sweep, one_by_one

TRUE = """stock market is headed many traders were afraid to trust stock prices quoted on the big
board <eos> the futures halt was even <unk> by big board floor traders <eos> it <unk> things up
said"""
PREDICTED = """market market is n't for traders say willing to buy the prices <eos> <eos> the big
board <eos> the dow market is a worse <eos> the board traders traders <eos> the 's the to to"""


def count(config: dict, seed: int) -> dict:
    """Every fact of the configuration; `seed` changes nothing.

    Returns:
        `tokens` of the three parts; `vocabulary`; `unseen` words of validation and test;
        `largest` counts; `first_ids` of the training text and `ids` of some words;
        `row`, `batches`, `used` and `unused` targets of the training text in rows;
        `printed_at`, row and batch of the test where a printed text stands, and
        `printed_right`, how many of its words were predicted; `perplexity` on the test
        and `accuracy` there, and on the batches that were scored, of three models that
        count.
    """
    parts = penn_treebank()
    vocabulary = Vocabulary(parts[0])
    train, validation, test = map(vocabulary.encode, parts)
    batch, steps = config["batch"], config["steps"]
    x, _ = batch_producer(train, batch, steps)
    _, targets = batch_producer(test, batch, steps)
    true, predicted = (vocabulary.encode(config[name].split()) for name in ("true", "predicted"))
    place = np.argwhere((targets == true).all(axis=-1))[0]
    size = len(vocabulary)
    models = [
        Unigram(size).fit(train),
        Interpolated(size).fit(train, validation),
        KneserNey(size).fit(train),
    ]
    guesses = [model.predictions(test) for model in models]
    first, last = config["scored"]
    scored = [batch_producer(guess, batch, steps)[1][first:last] for guess in guesses]
    return {
        "tokens": [len(part) for part in parts],
        "vocabulary": size,
        "unseen": [len(set(part) - set(parts[0])) for part in parts[1:]],
        "largest": vocabulary.counts[:4].tolist(),
        "first_ids": train[:5].tolist(),
        "ids": vocabulary.encode(config["words"]).tolist(),
        "row": rows(train, batch).shape[1],
        "batches": len(x),
        "used": x.size,
        "unused": len(train) - 1 - x.size,
        "printed_at": place[::-1].tolist(),
        "printed_right": int(np.sum(true == predicted)),
        "perplexity": [perplexity(-np.mean(m.log_probabilities(test))) for m in models],
        "accuracy": [accuracy(guess, test) for guess in guesses],
        "scored_accuracy": [accuracy(guess, targets[first:last]) for guess in scored],
    }


SWEEPS = (
    Sweep(
        "penn-treebank",
        {
            "batch": 20,
            "steps": 35,
            "words": [
                "write-off",
                "ports",
                "fundamentals",
                "toronto-based",
                "head",
                "fairness",
            ],
            "true": " ".join(TRUE.split()),
            "predicted": " ".join(PREDICTED.split()),
            "scored": [5, 30],
        },
        one_by_one(count),
        seeds=(0,),
        # A tie between two words that rounding breaks changes an accuracy by 1 in 82,430.
        tolerance=1e-4,
        files=tuple(f"ptb/{name}" for name in PTB_FILES),
    ),
)
