"""One projection for all steps: the three ways are one, and their times are told apart."""

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import projections, records
from rnncourse.reproduce.projections import SWEEPS, WAYS, costs, ways


@pytest.mark.parametrize("outputs", [1, 5])
@pytest.mark.parametrize("loop", ["static", "dynamic"])
def test_the_three_ways_have_the_same_outputs_and_gradients(loop, outputs):
    x = tf.constant(np.random.default_rng(0).normal(size=(3, 6, 1)), tf.float32)
    results = []
    for forward, variables in ways({"units": 4, "outputs": outputs, "loop": loop}).values():
        with tf.GradientTape() as tape:
            said = forward(x)
            loss = tf.reduce_sum(said**2)
        assert said.shape == (3, 6, outputs)
        results.append([said, *tape.gradient(loss, variables)])
    assert len(results) == len(WAYS) == 3
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert relative_difference(a.numpy(), b.numpy()) < 1e-5


def test_costs_hold_a_positive_time_for_every_case_and_way():
    config = SWEEPS[0].config
    small = {"units": 3, "batch": 2, "window": 2, "rounds": 1, "repeats": 1}
    found = costs(config | small | {"cases": config["cases"][:2]}, 0)
    assert np.shape(found["milliseconds"]) == (2, 3)
    assert np.min(found["milliseconds"]) > 0


def test_the_record_has_the_cases_of_the_sweep():
    record = records.load("projections")
    assert record.config == SWEEPS[0].config
    assert record.values("milliseconds").shape[1:] == (6, 3)


def test_the_trick_saves_a_tenth_or_so_at_most():
    record = records.load("projections")
    spent = record.values("milliseconds")  # (runs, cases, ways)
    for other in (1, 2):
        ratio = np.median(spent[..., 0] / spent[..., other], axis=0)
        assert 0.9 < ratio.min()
        assert ratio.max() < 1.35


def test_a_way_that_leaves_out_the_bias_is_seen(monkeypatch):
    right = projections.ways

    def slip(config):
        found = right(config)
        forward, variables = found["reshaped"]
        variables[-1].assign(tf.ones_like(variables[-1]))
        return found | {"reshaped": (lambda x: forward(x) - variables[-1], variables)}

    monkeypatch.setitem(globals(), "ways", slip)
    with pytest.raises(AssertionError):
        test_the_three_ways_have_the_same_outputs_and_gradients("static", 1)
