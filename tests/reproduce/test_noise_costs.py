"""Both updates are of the same network, and the record shows what grows."""

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.reproduce import noise_costs, records

QUICK = {"sizes": [30, 60], "negatives": [5], "dimensions": 4, "batch": 8, "repeats": 1}


@pytest.mark.parametrize("negatives", [0, 5])
def test_an_update_goes_down_the_gradient(negatives):
    update = noise_costs.updater({"dimensions": 4}, 40, negatives)
    words, neighbours = tf.range(8), tf.range(8) + 1
    losses = [float(update(words, neighbours)) for _ in range(200)]
    assert np.mean(losses[-20:]) < 0.95 * np.mean(losses[:20])


def test_a_round_has_a_time_for_every_case():
    found = noise_costs.time_cases(QUICK, 0)
    assert np.shape(found["softmax"]) == (2,)
    assert np.shape(found["nce"]) == (2, 1)
    assert np.all(np.array(found["softmax"]) > 0)


def test_the_softmax_grows_with_the_vocabulary_and_nce_does_not():
    """Sizes from 200 to 50,000, 250 times as many words."""
    record = records.load("nce-cost")
    (sweep,) = noise_costs.SWEEPS
    assert record.config == sweep.config
    softmax, nce = (np.median(record.values(m), axis=0) for m in ("softmax", "nce"))
    assert softmax[-1] > 20 * softmax[0]
    assert np.all(nce[-1] < 6 * nce[0])
    assert np.all(softmax[-1] > 10 * nce[-1])
