"""Controls to `places`: more noise, other beginnings, equal reading, and counting tuned as well.

Cast: `places.try_places` trains the networks. `try_counts` makes vectors by counting, with
several powers, and asks for the same analogies; beside it stands what one gets who looks up
the nearest neighbour of the third word and takes no step at all.
"""

import numpy as np

from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.places import (
    PLAIN,
    QUESTIONS,
    V,
    right_answers,
    sentences,
    try_places,
)
from rnncourse.word_vectors.counts import cooccurrences, factorise, positive_pmi


def nearest_of_third(vectors) -> dict[str, float]:
    """The share of analogies that a word's nearest neighbour answers, by axis and as `all`.

    Of a question (a, b, c) the words themselves are left out, as for the analogies.
    """
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    near, shares, found = unit @ unit.T, {}, []
    for axis, asked in QUESTIONS.items():
        scores = near[asked[:, 2]]  # (questions, V)
        np.put_along_axis(scores, asked[:, :3], -np.inf, axis=1)
        hits = scores.argmax(axis=1) == asked[:, 3]
        shares[axis] = float(hits.mean())
        found += hits.tolist()
    return shares | {"all": float(np.mean(found))}


def try_counts(config: dict, seeds) -> list[dict]:
    """Count under each of `config["cases"]`, in the texts that the networks of `places` read.

    A case has `sentences`; `dimensions`; `power`, which the counts of the neighbours are
    raised to; and `stretch`, the power of the singular values.

    Returns:
        For each seed, an entry for each case: `right`, the share of all analogies, `axes`,
        the share on each axis; `near` and `near_axes`, the same for `nearest_of_third`.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        of = config | case
        for result, seed in zip(results, seeds):
            met = cooccurrences(sentences(of["sentences"], [seed, 3]), V, of["window"])
            vectors = factorise(positive_pmi(met, of["power"]), of["dimensions"], of["stretch"])
            for name, scores in (
                ("right", right_answers(vectors)),
                ("near", nearest_of_third(vectors)),
            ):
                result.setdefault(name, []).append(scores.pop("all"))
                axes = "axes" if name == "right" else "near_axes"
                result.setdefault(axes, []).append(list(scores.values()))
    return results


NOISE = ("log-uniform", 1.0, 0.75)
OBJECTIVES = ("nce", "negative sampling")

SWEEPS = (
    Sweep(
        "places-counts",
        {
            "window": 5,
            "dimensions": 50,
            "stretch": 0.5,
            "cases": [
                *(
                    {"sentences": count, "power": power}
                    for count in (250, 500, 1000, 2000, 4000)
                    for power in (0.75, 1.0)
                ),
                {"sentences": 2000, "power": 1.0, "dimensions": 150},
                {"sentences": 2000, "power": 1.0, "dimensions": 150, "stretch": 1.0},
            ],
        },
        try_counts,
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "places-reading",
        PLAIN
        | {
            "reads": "cbow",
            "sentences": 500,
            "batch": 19,
            "cases": [{"rate": rate} for rate in (0.02, 0.05, 0.1)],
        },
        try_places,
        kind="learned",
        tolerance=0.08,
    ),
    Sweep(
        "places-more-noise",
        PLAIN
        | {
            "cases": [
                *(
                    {"objective": objective, "noise": noise, "negatives": k, "rate": rate}
                    for k, rate in ((20, 0.05), (5, 0.1))
                    for objective in OBJECTIVES
                    for noise in NOISE
                ),
                {"objective": "nce", "noise": "alphabet"},
                *(
                    {"objective": "nce", "noise": noise, "negatives": 5}
                    | {"biases": "log frequency"}
                    for noise in NOISE
                ),
            ]
        },
        try_places,
        kind="learned",
        tolerance=0.08,
    ),
)
