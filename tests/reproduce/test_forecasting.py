"""The NumPy forecasters of the sweeps: their gradient, their twin in Keras, their inventions."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.generation import continue_series
from rnncourse.networks.forecasters import Forecaster
from rnncourse.reproduce import forecasting
from rnncourse.reproduce.forecasting import Weights, invent, learn, start, walk, window_step
from rnncourse.training.loop import train

CONFIG = {"iterations": 12, "rate": 0.01, "schedule": "constant"}


def a_batch(seed=0, T=6, N=2, B=3, F=2, O=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(T, N, B, F)), rng.normal(size=(T, N, B, O))


def in_float64(weights, seed=1):
    rng = np.random.default_rng(seed)
    return Weights(*(w + 0.1 * rng.normal(size=w.shape) for w in weights))


def twin(weights, k, activation="relu"):
    """Network k in Keras."""
    F, O = weights.W_xh.shape[1], weights.W_hy.shape[2]
    cell = keras.layers.SimpleRNNCell(weights.W_hh.shape[-1], activation)
    network = Forecaster(cell, outputs=O)
    network.build((None, None, F))
    W_xh, W_hh, b, W_hy, b_y = (w[k] for w in weights)
    network.set_weights([W_xh, W_hh, b[0], W_hy, b_y[0]])
    return network


@pytest.mark.parametrize("name", Weights._fields)
@pytest.mark.parametrize("sizes", [{}, {"F": 1, "O": 2}], ids=["F=2, O=1", "F=1, O=2"])
def test_the_gradient_equals_central_differences(name, sizes):
    x, y = a_batch(**sizes)
    weights = in_float64(start(4, range(2), x.shape[-1], y.shape[-1]))
    _, gradient = window_step(weights, x, y)
    w, estimate = getattr(weights, name), np.zeros_like(getattr(weights, name))
    for place in np.ndindex(w.shape):
        losses = []
        for shift in (1e-6, -1e-6):
            moved = w.copy()
            moved[place] += shift
            losses.append(window_step(weights._replace(**{name: moved}), x, y)[0][place[0]])
        estimate[place] = (losses[0] - losses[1]) / 2e-6
    assert relative_difference(getattr(gradient, name), estimate) < 1e-6


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_it_learns_as_keras_does_number_for_number(schedule):
    batches = [a_batch(k, O=1) for k in range(12)]
    batches = [tuple(v.astype(np.float32) for v in batch) for batch in batches]
    config = CONFIG | {"schedule": schedule}
    weights = start(5, range(2), features=2)
    _, losses = learn(config, batches.__getitem__, weights)
    for k in range(2):
        network = twin(weights, k)
        X, Y = (tf.constant([b[i][:, k].swapaxes(0, 1) for b in batches]) for i in (0, 1))
        falls = keras.optimizers.schedules.CosineDecay(0.01, 12)
        adam = keras.optimizers.Adam({"constant": 0.01, "cosine": falls}[schedule])

        def loss(step, network=network, X=X, Y=Y):
            return tf.reduce_mean((network.walk(X[step])[0] - Y[step]) ** 2)

        theirs = train(loss, [network], adam, 12)
        assert relative_difference(losses[:, k], theirs) < 1e-4


def test_networks_side_by_side_learn_as_each_would_alone():
    x, y = a_batch(N=2)
    both = learn(CONFIG, lambda k: (x, y), in_float64(start(4, (3, 5), 2)))[1]
    assert np.all(both[0] != both[-1])
    for k in range(2):
        weights = Weights(*(w[k : k + 1] for w in in_float64(start(4, (3, 5), 2))))
        own = x[:, k : k + 1], y[:, k : k + 1]
        alone = learn(CONFIG, lambda _, own=own: own, weights)[1]
        assert relative_difference(both[:, k : k + 1], alone) < 1e-10


def test_weights_that_are_handed_in_are_not_changed_and_start_as_the_seed_says():
    weights, x, y = start(4, (0, 1), 2), *a_batch()
    copies = [w.copy() for w in weights]
    learn(CONFIG, lambda k: (x, y), weights)
    for w, copy, again in zip(weights, copies, start(4, (1,), 2), strict=True):
        np.testing.assert_array_equal(w, copy)
        np.testing.assert_array_equal(w[1:], again)


def test_the_first_recurrent_weights_are_orthogonal():
    W_hh = start(30, range(3)).W_hh
    np.testing.assert_allclose(W_hh @ W_hh.swapaxes(1, 2), [np.eye(30)] * 3, atol=1e-5)


@pytest.mark.parametrize("window", [3, 6, None])
def test_an_invention_is_that_of_the_network_in_keras(window):
    x, _ = a_batch(F=1)
    x, weights = x.astype(np.float32), start(5, range(2))
    said = invent(weights, x, 9, window)
    assert said.shape == (9, 2, 3, 1)
    for k in range(2):
        theirs = continue_series(twin(weights, k), x[:, k].swapaxes(0, 1), 9, window)
        assert relative_difference(said[:, k].swapaxes(0, 1), theirs.numpy()) < 1e-4


def test_a_walk_can_be_taken_in_pieces():
    x, _ = a_batch()
    weights = in_float64(start(4, range(2), 2))
    _, outputs = walk(weights, x)
    first, _ = walk(weights, x[:2])
    _, second = walk(weights, x[2:], first[-1])
    assert relative_difference(second, outputs[2:]) < 1e-12


def test_a_gradient_that_forgets_the_relu_is_seen(monkeypatch):
    """The likely mistake: the way back passes neurons that stood at zero."""
    right = forecasting.walk

    def always_awake(weights, x, h=None):
        states, outputs = right(weights, x, h)
        return np.where(states == 0, 1e-30, states), outputs

    monkeypatch.setattr(forecasting, "walk", always_awake)
    with pytest.raises(AssertionError):
        test_the_gradient_equals_central_differences("W_hh", {})
