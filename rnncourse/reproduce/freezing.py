"""What an update costs with a table of vectors that is trained, and with one that is frozen.

Cast: `time_updates` takes turns between the two, for vocabularies of several sizes and for
two optimizers: Adam keeps two numbers beside each weight, gradient descent none. The
reader, its texts and the batch are the same, only the number of rows in the table differs.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from rnncourse.networks.readers import Reader
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.training.loop import train


def time_updates(config: dict, seed: int) -> dict:
    """Milliseconds of an update: a row for each of `config["optimizers"]`, a column a vocabulary.

    Returns:
        `tuned` and `frozen`: the least of `rounds` means over `updates`.
    """
    found: dict = {"tuned": [], "frozen": []}
    for optimizer in config["optimizers"]:
        for times in found.values():
            times.append([])
        for size in config["vocabularies"]:
            for name, milliseconds in _compare(config, optimizer, size, seed).items():
                found[name][-1].append(milliseconds)
    return found


def _compare(config, optimizer, size, seed):
    """Tuned and frozen in turns: name → milliseconds."""
    rng = np.random.default_rng(seed)
    ids = tf.constant(rng.integers(size, size=(config["batch"], config["steps"])))
    good = tf.constant(rng.integers(2, size=config["batch"]))
    names = "tuned", "frozen"
    runs = {name: _updates(config, optimizer, size, name == "frozen", ids, good) for name in names}
    took = {name: [] for name in names}
    for _ in range(config["rounds"]):
        for name, run in runs.items():
            took[name].append(next(run))
    return {name: round(1e3 * min(times), 3) for name, times in took.items()}


def _updates(config, optimizer, size, frozen, ids, good):
    """Seconds of an update, round after round; the first call compiles."""
    cell = keras.layers.GRUCell(config["units"])
    reader = Reader(size, cell, width=config["width"], frozen=frozen)
    reader(ids)
    optimizer = keras.optimizers.get(optimizer)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    updates, ends = config["updates"], []

    def loss(step):
        return cross_entropy(good, reader(ids))

    def note(step, losses):
        ends.append(time.perf_counter())

    while True:
        ends.clear()
        # The first stretch compiles, the second is timed.
        options = {"steps_per_call": updates, "progress": False, "after_call": note}
        train(loss, [reader], optimizer, 2 * updates, **options)
        yield (ends[1] - ends[0]) / updates


SWEEPS = (
    Sweep(
        "freezing-time",
        {
            "optimizers": ["adam", "sgd"],
            "vocabularies": [100, 100_000],
            "batch": 32,
            "steps": 15,
            "units": 16,
            "width": 50,
            "updates": 20,
            "rounds": 3,
        },
        one_by_one(time_updates),
        seeds=(0, 1, 2),
        kind="timing",
    ),
)
