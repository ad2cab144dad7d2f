"""Who has heard of milk only: what a network thinks of drinking water, and of drinking shoes.

Cast: sentences of `small_world.sayings` without twelve of the 72 pairs, one for each deed.
`learn` trains networks that say what is done to what: with a vector for each deed and
each thing, or with a table of all pairs, in which nothing is shared. `try_sayings` asks
them for the pairs they never heard, and for those that make no sense.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.grammars.small_world import KINDS, sayings
from rnncourse.reproduce.experiments import Sweep
from rnncourse.training.loop import train

DEEDS = [deed for deeds in KINDS for deed in deeds]
THINGS = [thing for things in KINDS.values() for thing in things]
SENSE = np.array(
    [[thing in things for thing in THINGS] for things in KINDS.values() for _ in "1234"]
)
FAIR = 1 / 6  # of six things that a deed can be done to


def held_out(seed) -> list[tuple[str, str]]:
    """One pair for each deed, no thing twice; the first one is "drink water" for seed 7."""
    rng = np.random.default_rng([seed, 9])
    pairs = []
    for deeds, things in KINDS.items():
        chosen = rng.permutation(things)[: len(deeds)].tolist()
        pairs += list(zip(deeds, chosen))
    return pairs


def counts(sentences) -> np.ndarray:
    """How often each deed is done to each thing, `(12, 18)`."""
    table = np.zeros((len(DEEDS), len(THINGS)))
    for _, deed, thing in sentences:
        table[DEEDS.index(deed), THINGS.index(thing)] += 1
    return table


def places(pairs) -> np.ndarray:
    """Where pairs stand in a table, `(12, 18)` of truth values."""
    found = np.zeros((len(DEEDS), len(THINGS)), bool)
    for deed, thing in pairs:
        found[DEEDS.index(deed), THINGS.index(thing)] = True
    return found


def smoothed(table, discount: float = 0.75) -> np.ndarray:
    """Kneser and Ney's bigram: what is taken from pairs goes to things met with many deeds.

    Returns:
        P(thing | deed), `(12, 18)`.

    Source: Kneser & Ney (1995), with one discount.
    """
    met = table > 0
    spread = met.sum(axis=0) / met.sum()
    totals = table.sum(axis=1, keepdims=True)
    taken = discount * met.sum(axis=1, keepdims=True)
    return (np.maximum(table - discount, 0) + taken * spread) / totals


def learn(config: dict, seeds, tables, watch=None) -> np.ndarray:
    """Train a network for each seed on its own counts, all sentences at every update.

    Args:
        config: `dimensions`, 0 for a table of all pairs; `rate`, `updates`, `every`.
        seeds: N of them.
        tables: Counts `(N, 12, 18)`.
        watch: `watch(step, probabilities)` is called after every `every` updates.

    Returns:
        P(thing | deed), `(N, 12, 18)`.
    """
    width = config["dimensions"]
    rngs = [np.random.default_rng([seed, 4]) for seed in seeds]
    shapes = [(len(DEEDS), width), (width, len(THINGS))] if width else [SENSE.shape]
    drawn = [[rng.uniform(-0.1, 0.1, shape) for rng in rngs] for shape in shapes]
    weights = [tf.Variable(np.array(w, np.float32)) for w in drawn]
    bias = tf.Variable(tf.zeros((len(seeds), 1, len(THINGS))))
    shares = tf.constant(tables / np.sum(tables, axis=(1, 2), keepdims=True), tf.float32)

    def logits():
        return (weights[0] @ weights[1] if width else weights[0]) + bias

    def loss(step):
        return -tf.reduce_sum(shares * tf.nn.log_softmax(logits()))

    def look(step, losses):
        if watch is not None:
            watch(step, tf.nn.softmax(logits()).numpy())

    train(
        loss,
        [*weights, bias],
        keras.optimizers.Adam(config["rate"]),
        config["updates"],
        steps_per_call=config["every"],
        after_call=look,
    )
    return tf.nn.softmax(logits()).numpy()


def verdicts(p, unheard) -> dict[str, float]:
    """What a table of P(thing | deed) says of the pairs that were held out.

    Returns:
        `ahead`: of all comparisons of such a pair with a senseless one, the share in which it
        is the likelier one, ties counted half; `said`: its median probability; `senseless`:
        the median of senseless pairs'.
    """
    wins = []
    for deed, thing in np.argwhere(unheard):
        others = p[deed][~SENSE[deed]]
        wins += np.where(p[deed, thing] == others, 0.5, p[deed, thing] > others).tolist()
    return {
        "ahead": float(np.mean(wins)),
        "said": float(np.median(p[unheard])),
        "senseless": float(np.median(p[~SENSE])),
    }


def try_sayings(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and look at each network again and again.

    Returns:
        For each seed, an entry for each case: `ahead`, `said` and `senseless` of `verdicts`
        after `marks` updates, and `fresh`, the loss on as many new sentences, of which none
        are held out; `best_…`, the same where the loss on new sentences was least, and after
        how many updates, `best_step`; `valid_…`, the same where the loss was least on other
        sentences in which the pairs are held out; and for Kneser and Ney's bigram
        `counted_ahead`, `counted_said`, `counted_fresh`.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        pairs = [held_out(seed) for seed in seeds]
        count = settings["sentences"]
        tables = [counts(sayings(count, [seed, 1], p)) for seed, p in zip(seeds, pairs)]
        new = [counts(sayings(count, [seed, 2])) / count for seed in seeds]
        alike = [counts(sayings(count, [seed, 5], p)) / count for seed, p in zip(seeds, pairs)]
        unheard = [places(p) for p in pairs]
        courses = _followed(settings, seeds, tables, (new, alike), unheard)
        for result, course, table, missing, fresh in zip(results, courses, tables, unheard, new):
            best, valid = (min(course, key=lambda seen: seen[of]) for of in ("fresh", "alike"))
            marked = [seen for seen in course if seen["step"] in settings["marks"]]
            for name in ("ahead", "said", "senseless", "fresh"):
                values = [float(f"{seen[name]:.4g}") for seen in marked]
                result.setdefault(name, []).append(values)
            for name in ("ahead", "said", "fresh", "step"):
                result.setdefault(f"best_{name}", []).append(best[name])
                result.setdefault(f"valid_{name}", []).append(valid[name])
            p = smoothed(table)
            scores = verdicts(p, missing) | {"fresh": float(-np.sum(fresh * np.log(p)))}
            for name in ("ahead", "said", "fresh"):
                result.setdefault(f"counted_{name}", []).append(scores[name])
    return results


def _followed(settings, seeds, tables, others, unheard):
    """For each seed a list of `verdicts` with `fresh`, `alike` and `step`, one a look."""
    courses: list[list] = [[] for _ in seeds]

    def note(step, chances):
        for course, p, missing, *shares in zip(courses, chances, unheard, *others):
            logs = np.log(np.maximum(p, 1e-12))
            fresh, alike = (float(-np.sum(share * logs)) for share in shares)
            seen = {"fresh": fresh, "alike": alike, "step": step}
            course.append(verdicts(p, missing) | seen)

    learn(settings, seeds, np.stack(tables), note)
    return courses


SWEEPS = (
    Sweep(
        "sayings",
        {
            "sentences": 600,
            "rate": 0.01,
            "updates": 1000,
            "every": 10,
            "marks": [10, 20, 50, 100, 200, 500, 1000],
            "cases": [{"dimensions": d} for d in (0, 2, 3, 8, 32)],
        },
        try_sayings,
        kind="learned",
        tolerance=0.1,
    ),
)
