"""Readers of digits that get three times as long, and one that gets no time at all.

Cast: `follow` trains a classifier and says, after each row, what its head answers, what
a read-out made for the row answers, and what the head answers once the rest of the
image has been filled in with the mean rows of the training part.
"""

import numpy as np

from rnncourse.data.images import digits
from rnncourse.reproduce.digits import CARE, GRU, SOURCE, by_case, learn, network, score, spell_out
from rnncourse.reproduce.experiments import Sweep


def filled(x, rows: int, mean) -> np.ndarray:
    """Images of which so many rows are kept, and the others are those of a mean image.

    Args:
        x: `(N, T, F)`.
        rows: How many rows are kept, from the top.
        mean: `(T, F)`.

    Returns:
        `(N, T, F)`.

    >>> filled(np.ones((1, 3, 1)), 2, np.zeros((3, 1))).ravel().tolist()
    [1.0, 1.0, 0.0]
    """
    seen = np.arange(x.shape[1]) < rows
    return np.where(seen[:, None], x, mean).astype(x.dtype)


def follow(config: dict, seed: int) -> dict:
    """After each row, shares of the validation part named right.

    Args:
        config: As for `digits.learn`; with `epochs` of 0 the weights stay as drawn.
        seed: Of everything.

    Returns:
        By the `own` head, by one made for the row (`spelled`) and by the own head when
        it may read mean rows to the end (`finished`), each `(T,)`; `train`: share of
        the training part named right after the last row.
    """
    train, part, _ = digits()
    if config["epochs"]:
        model = learn(config, seed, train)
    else:
        model = network(config, seed, *train.x.shape[1:])
    y = part.y[:, None]
    own = np.argmax(model.logits_over_time(part.x), axis=-1)
    states = [model.states(x).numpy() for x in (train.x, part.x)]
    mean = train.x.mean(axis=0)
    finished = [
        np.argmax(model(filled(part.x, k + 1, mean)), axis=-1) for k in range(part.x.shape[1])
    ]
    return {
        "own": np.mean(own == y, axis=0),
        "spelled": np.mean(spell_out(*states, train.y) == y, axis=0),
        "finished": np.mean(np.stack(finished, axis=1) == y, axis=0),
        "train": score(model, train),
    }


LONG = SOURCE | {"epochs": 150}
LEARNED = {"kind": "learned", "tolerance": 0.05}

SWEEPS = (
    Sweep(
        "digits-longer",
        LONG | {"cases": [{"epochs": 0}, {"epochs": 50}, CARE | {"rate": 0.003}]},
        by_case(follow),
        **LEARNED,
    ),
    Sweep(
        "digits-asked",
        LONG | GRU | {"cases": [{"ask": "every row"}]},
        by_case(follow),
        **LEARNED,
    ),
)
