"""One state or two: the same network."""

import keras
import numpy as np

from rnncourse.cells import LSTMCell
from rnncourse.evaluation import relative_difference
from rnncourse.reproduce.packings import PackedLSTMCell, time_both


def test_a_packed_state_changes_nothing_but_the_packing():
    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")
    apart = keras.layers.RNN(LSTMCell(4), return_state=True)
    packed = keras.layers.RNN(PackedLSTMCell(4), return_state=True)
    for layer in (apart, packed):
        layer.build(x.shape)
    packed.set_weights([w + 0.1 for w in apart.get_weights()])
    apart.set_weights(packed.get_weights())
    h, _, c = apart(x)
    output, state = packed(x)
    assert relative_difference(output, h) < 1e-6
    assert relative_difference(state, np.concatenate([c, h], axis=1)) < 1e-6


def test_both_are_timed_in_each_repetition():
    results = time_both({"batch": 2, "steps": 3, "units": 4, "calls": 2}, (0, 1))
    assert len(results) == 2
    assert all(result.keys() == {"apart", "packed"} for result in results)
    assert all(seconds > 0 for result in results for seconds in result.values())
