from math import erf, sqrt

import numpy as np
import pytest

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce.latches import latch, one_matmul, passes

SMALL = {"gains": [0, 1, 1.3, 3], "noise": 0.3, "steps": 100, "neurons": 4000}


def test_the_latch_holds_and_the_loopless_neuron_does_not():
    silent, unit, _, loud = latch(SMALL, seed=0)["squashed"]
    # Margin: 20 seeds of 2,000 neurons gave 0.48-0.52 up to gain 1 and 1.0 at gain 3.
    assert abs(silent - 0.5) < 0.05
    assert abs(unit - 0.5) < 0.05
    assert loud > 0.99


def normal(z):
    return 0.5 + 0.5 * erf(z / sqrt(2))


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        (1, normal(1 / (0.3 * sqrt(100)))),
        (1.05, normal(sqrt(1.05**2 - 1) / 0.3)),
        (1.3, normal(sqrt(1.3**2 - 1) / 0.3)),
    ],
    ids=["1", "1.05", "1.3"],
)
def test_without_a_squash_a_loop_is_as_right_as_the_normal_distribution_says(gain, expected):
    shares = [latch(SMALL | {"gains": [gain]}, seed)["straight"][0] for seed in range(5)]
    # Standard error of 20,000 coins: at most 0.0035.
    assert abs(np.mean(shares) - expected) < 0.015


def test_at_the_same_gain_the_squash_costs_memory():
    right = latch(SMALL | {"gains": [1, 1.1, 1.3, 1.5]}, seed=0)
    # Margin: over 20 seeds the smallest gap, at gain 1, was 0.09.
    assert all(np.array(right["straight"]) - right["squashed"] > 0.05)


def test_without_noise_every_gain_above_one_holds():
    config = SMALL | {"noise": 0.0, "gains": [1.05, 1.5, 3]}
    assert latch(config, seed=0)["squashed"] == [1, 1, 1]


def test_the_three_ways_over_time_give_the_same_state():
    rng = np.random.default_rng(0)
    X, W_xh, W_hh = rng.normal(size=(6, 2, 4)), rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    ways = passes(X, W_xh, W_hh, np.concatenate([W_xh, W_hh]), np.zeros((2, 4)), np, np.concatenate)
    states = {name: way() for name, way in ways.items()}
    assert relative_difference(states["one"], states["two"]) < 1e-12
    assert relative_difference(states["hoisted"], states["two"]) < 1e-12


def test_a_timing_covers_every_way_and_size():
    config = {"units": [2, 3], "batch": 2, "steps": 3, "rounds": 1}
    seconds = one_matmul(config, seed=0)
    ways = {
        f"{library}_{way}"
        for library in ("numpy", "tensorflow")
        for way in ("two", "one", "hoisted")
    }
    assert seconds.keys() == ways
    assert all(len(values) == 2 and min(values) > 0 for values in seconds.values())
