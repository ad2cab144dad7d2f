"""A network that goes on by itself hears what it said, and nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import generation
from rnncourse.data.series import two_waves
from rnncourse.evaluation import relative_difference
from rnncourse.generation import continue_series
from rnncourse.networks.forecasters import Forecaster


def a_network(seed=0, F=1, units=6, activation="tanh"):
    keras.utils.set_random_seed(seed)
    network = Forecaster(keras.layers.SimpleRNNCell(units, activation), outputs=F)
    network.build((None, None, F))
    return network


def a_beginning(seed=0, B=3, T=8, F=1):
    return np.random.default_rng(seed).normal(size=(B, T, F)).astype("float32")


@pytest.mark.parametrize("F", [1, 2])
def test_a_window_is_run_anew_on_the_last_values(F):
    network, series = a_network(F=F), a_beginning(F=F)
    added = continue_series(network, series, 12, window=5)
    for _ in range(12):
        series = np.concatenate([series, network(series[:, -5:])[:, -1:]], axis=1)
    assert added.shape == (3, 12, F)
    assert relative_difference(added.numpy(), series[:, 8:]) < 1e-5


@pytest.mark.parametrize("F", [1, 2])
def test_a_carried_state_is_a_window_that_forgets_nothing(F):
    network, series = a_network(F=F), a_beginning(F=F)
    added = continue_series(network, series, 12)
    for _ in range(12):
        series = np.concatenate([series, network(series)[:, -1:]], axis=1)
    assert relative_difference(added.numpy(), series[:, 8:]) < 1e-5


def test_both_ways_begin_alike_and_part():
    network, beginning = a_network(), a_beginning()
    again = continue_series(network, beginning, 5, window=8).numpy()
    carried = continue_series(network, beginning, 5).numpy()
    assert relative_difference(again[:, 0], carried[:, 0]) < 1e-5
    assert relative_difference(again[:, 1], carried[:, 1]) > 1e-4


def test_a_network_that_remembers_two_steps_goes_on_the_same_both_ways():
    """A chain of two neurons, h = (x, the x before): all that leaves a window is forgotten."""
    network = a_network(units=2, activation=None)
    rule = [2 * np.cos(0.1), -1]
    chain = [[[1, 0]], [[0, 1], [0, 0]], [0, 0], [[rule[0]], [rule[1]]], [0]]
    network.set_weights([np.array(w, "float32") for w in chain])
    t = 0.1 * np.arange(60)
    wave = np.sin(t)[None, :, None].astype("float32")
    for window in (2, 10, None):
        added = continue_series(network, wave[:, :10], 50, window)
        assert relative_difference(added.numpy(), wave[:, 10:]) < 1e-3


def test_the_recurrence_of_order_six_goes_on_with_the_curve_itself():
    keras.utils.set_random_seed(0)
    network = Forecaster(keras.layers.SimpleRNNCell(6, None, dtype="float64"))
    network.build((None, None, 1))
    slow, fast = ([1, -2 * np.cos(0.1 * w), 1] for w in (1, 5))
    rule = -np.polymul(np.polymul(slow, slow), fast)[1:]
    chain = [np.eye(1, 6), np.eye(6, k=1), np.zeros(6), rule[:, None], np.zeros(1)]
    network.set_weights(chain)
    curve = two_waves(0.1 * np.arange(320))
    added = continue_series(network, curve[None, :20, None], 300)
    # Three hundred steps of a growing rule multiply the rounding of float64.
    assert np.max(np.abs(added[0, :, 0] - curve[20:])) < 1e-4


def test_any_function_will_do_with_a_window():
    added = continue_series(lambda x: 2 * x, np.ones((1, 3, 1)), 4, window=1)
    assert added.numpy().ravel().tolist() == [2, 4, 8, 16]


def test_a_batch_goes_on_as_each_would_alone():
    network, beginning = a_network(), a_beginning()
    together = continue_series(network, beginning, 6, window=4).numpy()
    alone = [continue_series(network, b[None], 6, window=4).numpy()[0] for b in beginning]
    assert relative_difference(together, np.array(alone)) < 1e-5


def test_states_of_any_structure_are_carried():
    cells = [keras.layers.LSTMCell(3), keras.layers.GRUCell(4)]
    network = Forecaster(keras.layers.StackedRNNCells(cells))
    series = a_beginning()
    added = continue_series(network, series, 4)
    for _ in range(4):
        series = np.concatenate([series, network(series)[:, -1:]], axis=1)
    assert relative_difference(added.numpy(), series[:, 8:]) < 1e-5


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"network": 3}, TypeError, "must be a network"),
        ({"network": lambda x: x}, TypeError, "method `walk`"),
        ({"network": a_network(F=2), "beginning": np.ones((1, 4, 2))}, None, ""),
        ({"beginning": np.ones((4, 1))}, ValueError, "must have shape"),
        ({"beginning": np.full((1, 4, 1), np.nan)}, ValueError, "must be finite"),
        ({"beginning": [["a"]]}, TypeError, "must hold numbers"),
        ({"beginning": np.ones((1, 0, 1))}, ValueError, "at least one time step"),
        ({"steps": 0}, ValueError, "`steps` must be an integer ≥ 1"),
        ({"steps": 2.5}, ValueError, "`steps` must be an integer ≥ 1"),
        ({"steps": True}, ValueError, "`steps` must be an integer ≥ 1"),
        ({"window": 0}, ValueError, "from 1 to T = 4"),
        ({"window": 5}, ValueError, "make the beginning longer or the window shorter"),
        ({"window": "all"}, ValueError, "from 1 to T = 4"),
    ],
)
def test_bad_requests_are_told_what_to_do(change, error, message):
    request = {"network": a_network(), "beginning": np.ones((1, 4, 1)), "steps": 3} | change
    if error is None:
        continue_series(**request)
        return
    with pytest.raises(error, match=message):
        continue_series(**request)


def test_a_network_that_says_more_than_it_hears_cannot_feed_on_itself():
    network = Forecaster(keras.layers.SimpleRNNCell(3), outputs=2)
    for window in (None, 2):
        with pytest.raises(ValueError, match="1 in and 2 out"):
            continue_series(network, np.ones((1, 4, 1)), 3, window)


def test_a_series_that_grows_beyond_all_numbers_is_reported():
    with pytest.raises(ValueError, match="infinity at step 12"):
        continue_series(lambda x: 1000 * x, tf.ones((1, 2, 1)), 60, window=2)


def test_a_loop_that_hears_the_beginning_again_is_seen(monkeypatch):
    """The likely mistake: the window does not move on."""

    def stuck(network, first, last, steps):
        return tf.stack([network(last)[:, -1]] * steps)

    monkeypatch.setattr(generation, "_loop_with_window", stuck)
    with pytest.raises(AssertionError):
        test_a_window_is_run_anew_on_the_last_values(1)
