"""What an update costs with a table of vectors that is trained, and with one that is frozen.

Cast: `time_updates` takes turns between the two, for vocabularies of several sizes. The
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
    """Seconds of an update, for each of `config["vocabularies"]`.

    Returns:
        `tuned` and `frozen`: the least of `rounds` means over `updates`, in milliseconds.
    """
    found: dict = {"tuned": [], "frozen": []}
    rng = np.random.default_rng(seed)
    for size in config["vocabularies"]:
        ids = tf.constant(rng.integers(size, size=(config["batch"], config["steps"])))
        good = tf.constant(rng.integers(2, size=config["batch"]))
        runs = {name: _updates(config, size, name == "frozen", ids, good) for name in found}
        took = {name: [] for name in found}
        for _ in range(config["rounds"]):
            for name, run in runs.items():
                took[name].append(next(run))
        for name, times in took.items():
            found[name].append(round(1e3 * min(times), 3))
    return found


def _updates(config, size, frozen, ids, good):
    """Seconds of an update, round after round; the first call compiles."""
    cell = keras.layers.GRUCell(config["units"])
    reader = Reader(size, cell, width=config["width"], frozen=frozen)
    reader(ids)
    optimizer = keras.optimizers.Adam()
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
            "vocabularies": [100, 10_000, 100_000],
            "batch": 32,
            "steps": 15,
            "units": 16,
            "width": 50,
            "updates": 20,
            "rounds": 5,
        },
        one_by_one(time_updates),
        seeds=(0, 1, 2),
        kind="timing",
    ),
)
