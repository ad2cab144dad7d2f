"""What lesson 02 says, true for other weights and sizes than those on the page."""

import keras
import numpy as np
import pytest

from rnncourse.cells import SimpleRNNCell
from rnncourse.evaluation import relative_difference
from rnncourse.reference import rnn_step, unroll
from rnncourse.unroll import dynamic_rnn


def neuron(x, h, w_h, w_x=1.0):
    return np.tanh(w_x * x + w_h * h)


def ring(w_h, steps, clap=1.0):
    h = neuron(clap, 0.0, w_h)
    for _ in range(steps):
        h = neuron(0.0, h, w_h)
    return h


def random_layer(seed, features=3, units=5):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(features, units)),
        rng.normal(size=(units, units)),
        rng.normal(size=units),
    )


@pytest.mark.parametrize("steps", [100, 1000, 10_000])
def test_a_gain_of_one_forgets_like_one_over_the_root_of_time(steps):
    assert ring(1.0, steps) == pytest.approx(np.sqrt(3 / (2 * steps)), rel=0.02)


@pytest.mark.parametrize("w_h", [0.5, 0.9])
def test_a_gain_below_one_loses_a_fixed_share_at_every_step(w_h):
    assert ring(w_h, 201) / ring(w_h, 200) == pytest.approx(w_h, rel=1e-3)


@pytest.mark.parametrize("w_h", [1.2, 1.5, 3.0])
def test_a_gain_above_one_keeps_the_sign_and_nothing_else(w_h):
    rest = ring(w_h, 2000)
    assert rest == pytest.approx(np.tanh(w_h * rest))
    claps = np.array([-30, -1, -1e-3, 1e-3, 1, 30])
    np.testing.assert_allclose(ring(w_h, 2000, claps), np.sign(claps) * rest)


@pytest.mark.parametrize("w_h", [1.1, 1.3, 1.5, 2.0])
def test_a_clap_flips_a_held_bit_when_it_is_louder_than_the_neurons_own_voice(w_h):
    rest = ring(w_h, 5000)
    for strength, sign in ((0.999 * w_h * rest, 1), (1.001 * w_h * rest, -1)):
        after = neuron(-strength, rest, w_h)
        for _ in range(5000):
            after = neuron(0.0, after, w_h)
        assert np.sign(after) == sign


def test_a_clap_of_one_flips_gains_up_to_one_over_tanh_one():
    border = 1 / np.tanh(1)
    assert border * ring(border, 5000) == pytest.approx(1, abs=1e-6)


def test_a_bias_speaks_where_nothing_is_heard():
    W_xh, W_hh, b = random_layer(0)
    silence = np.zeros((1, 3))
    state = rnn_step(silence, np.zeros((1, 5)), W_xh, W_hh, b)
    np.testing.assert_allclose(state, np.tanh(b)[None])
    assert np.all(rnn_step(silence, np.zeros((1, 5)), W_xh, W_hh, 0 * b) == 0)


@pytest.mark.parametrize("seed", range(5))
def test_one_product_with_welded_matrices_equals_two(seed):
    W_xh, W_hh, b = random_layer(seed)
    rng = np.random.default_rng(seed)
    x, h = rng.normal(size=(4, 3)), rng.normal(size=(4, 5))
    welded = np.tanh(np.concatenate([x, h], axis=1) @ np.concatenate([W_xh, W_hh]) + b)
    assert relative_difference(welded, rnn_step(x, h, W_xh, W_hh, b)) < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_two_steps_are_two_feed_forward_layers_with_the_same_weights(seed):
    W_xh, W_hh, b = random_layer(seed)
    xs = np.random.default_rng(seed).normal(size=(4, 2, 3))
    dense = keras.layers.Dense(5, activation="tanh", dtype="float64")
    dense.build((4, 8))
    dense.set_weights([np.concatenate([W_xh, W_hh]), b])
    first = dense(np.concatenate([xs[:, 0], np.zeros((4, 5))], axis=1))
    second = dense(np.concatenate([xs[:, 1], first], axis=1))
    outputs, _ = unroll(lambda x, h: rnn_step(x, h, W_xh, W_hh, b), xs, np.zeros((4, 5)))
    assert relative_difference(np.stack([first, second], axis=1), outputs) < 1e-12


@pytest.mark.parametrize(("features", "units"), [(3, 5), (1, 1), (28, 150)])
def test_the_number_of_weights_depends_on_the_sizes_alone(features, units):
    for steps in (2, 200):
        layer = keras.layers.RNN(SimpleRNNCell(units))
        layer.build((None, steps, features))
        assert layer.count_params() == (features + units + 1) * units


def test_weights_made_for_two_steps_run_ten_thousand():
    cell = SimpleRNNCell(5)
    dynamic_rnn(cell, np.zeros((1, 2, 3)))
    outputs, _ = dynamic_rnn(cell, np.random.default_rng(0).normal(size=(1, 10_000, 3)))
    assert np.max(np.abs(outputs)) <= 1


def test_a_row_of_the_batch_hears_no_other_row():
    W_xh, W_hh, b = random_layer(1)
    xs = np.random.default_rng(1).normal(size=(4, 6, 3))

    def states(xs):
        return unroll(lambda x, h: rnn_step(x, h, W_xh, W_hh, b), xs, np.zeros((len(xs), 5)))[0]

    np.testing.assert_allclose(states(xs)[2:3], states(xs[2:3]), rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_only_what_goes_round_is_remembered(seed):
    rng = np.random.default_rng(seed)
    h = np.tanh(rng.normal(size=(100, 3)) @ rng.normal(size=(3, 5)))
    elman = h @ rng.normal(size=(5, 5))
    jordan = (h @ rng.normal(size=(5, 1))) @ rng.normal(size=(1, 5))
    assert (np.linalg.matrix_rank(elman), np.linalg.matrix_rank(jordan)) == (5, 1)


def radius_one(seed, units=50):
    W = np.random.default_rng(seed).normal(size=(units, units))
    return W / np.max(np.abs(np.linalg.eigvals(W)))


@pytest.mark.parametrize("seed", range(20))
def test_a_quiet_clap_fades_like_the_spectral_radius(seed):
    # Margin: over these 20 seeds the rate lay between 0.8988 and 0.9010.
    W_hh = 0.9 * radius_one(seed)
    h, sizes = 1e-3 * np.random.default_rng(seed).normal(size=50), []
    for _ in range(401):
        sizes.append(np.linalg.norm(h))
        h = np.tanh(h @ W_hh)
    assert (sizes[400] / sizes[200]) ** (1 / 200) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("seed", range(20))
def test_the_first_input_sinks_below_the_precision_of_float32(seed):
    # Margin: over these 20 seeds the difference fell below it between steps 24 and 43.
    rng = np.random.default_rng(seed)
    noise, W_in, W_hh = rng.normal(size=(200, 1)), rng.normal(size=(1, 50)), 0.9 * radius_one(seed)
    a, b, gaps = np.zeros((1, 50)), np.zeros((1, 50)), []
    for t, value in enumerate(noise):
        a, b = np.tanh(value * W_in + a @ W_hh), np.tanh((value + (t == 0)) * W_in + b @ W_hh)
        gaps.append(np.max(np.abs(a - b)))
    assert gaps[0] > 0.1
    assert min(gaps[100:]) < 2**-24
