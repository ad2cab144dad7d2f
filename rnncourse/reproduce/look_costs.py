"""What looking back costs as sentences grow: the second sweep of lesson 17.

Cast: `clock` times one update's work, the loss of a batch and its gradients, for the plain
translator and for two that look back, on sentences of more and more words.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.translation.fitting import masked_mean
from rnncourse.translation.looking_back import AttentiveEncoderDecoder
from rnncourse.translation.models import EncoderDecoder


def clock(config: dict, seed: int) -> dict:
    """Seconds of loss and gradients, the kinds taken in turn, for each length of `config`.

    Returns:
        `seconds`: for each length the median over `rounds` for each of `kinds`, in their order.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    sizes = {name: config[name] for name in ("units", "embedding")} | {"go": 1, "eos": 0}
    words, batch = config["words"], config["batch_size"]
    models = [
        EncoderDecoder(words, words, **sizes)
        if kind == "none"
        else AttentiveEncoderDecoder(words, words, score=kind, **sizes)
        for kind in config["kinds"]
    ]
    seconds = []
    for length in config["lengths"]:
        ids = tf.constant(rng.integers(words, size=(2, batch, length)), tf.int32)
        runs = [_update(model, *tf.unstack(ids)) for model in models]
        for run in runs:
            run()
        taken = np.empty((config["rounds"], len(runs)))
        for row in taken:
            for k, run in enumerate(runs):
                start = time.perf_counter()
                run()
                row[k] = time.perf_counter() - start
        seconds.append(np.median(taken, axis=0).round(6).tolist())
    return {"seconds": seconds}


def _update(model, source, targets):
    """Loss and gradients of one batch, compiled."""

    @tf.function(autograph=False)
    def run():
        with tf.GradientTape() as tape:
            loss = masked_mean(model.logits(source, targets), targets)
        return tf.add_n([tf.norm(g) for g in tape.gradient(loss, model.trainable_variables)])

    return lambda: run().numpy()


SWEEPS = (
    Sweep(
        "look-back-seconds",
        {
            "kinds": ["none", "additive", "dot"],
            "lengths": [10, 20, 40, 80],
            "units": 64,
            "embedding": 32,
            "words": 200,
            "batch_size": 32,
            "rounds": 7,
        },
        one_by_one(clock),
        seeds=(0, 1, 2),
        kind="timing",
        tolerance=1.0,
    ),
)
