"""What fades: gradients against TensorFlow's, states against their first input, windows."""

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import fading
from rnncourse.reproduce.fading import ACTIVATIONS, gradient_norms, recurrent


def taped_norms(W, activation, loudness, steps, rng):
    """The same norms by TensorFlow's tape."""
    *_, a_rest, h_rest = ACTIVATIONS[activation]
    units = len(W)
    noise = loudness * rng.normal(size=(steps, units))
    direction = rng.normal(size=units)
    direction /= np.linalg.norm(direction)
    function = {"sigmoid": tf.sigmoid, "tanh": tf.tanh, "relu": tf.nn.relu}[activation]
    h = tf.fill((1, units), tf.constant(h_rest, tf.float64))
    states = []
    with tf.GradientTape() as tape:
        for n in noise:
            h = tf.identity(function(h @ W + (a_rest - h_rest * W.sum(axis=0)) + n))
            tape.watch(h)
            states.append(h)
        loss = tf.reduce_sum(h * direction)
    gradients = tape.gradient(loss, states)
    return np.array([np.linalg.norm(g) for g in reversed(gradients)])


@pytest.mark.parametrize("loudness", [1e-20, 0.1, 1.0])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_norms_are_those_of_the_tape(activation, loudness):
    W = recurrent(6, 1.1, np.random.default_rng(1))
    ours, theirs = (
        norms(W, activation, loudness, 12, np.random.default_rng(2))
        for norms in (gradient_norms, taped_norms)
    )
    assert relative_difference(np.log(ours + 1e-30), np.log(theirs + 1e-30)) < 1e-9


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_layer_at_rest_stays_where_its_activation_is_steepest(activation):
    function, slope, a_rest, h_rest = ACTIVATIONS[activation]
    W = recurrent(20, 0.8, np.random.default_rng(0))
    h = np.full(20, h_rest)
    assert np.allclose(function(h @ W + a_rest - h_rest * W.sum(axis=0)), h)
    grid = function(np.linspace(-4, 4, 801))
    assert slope(np.array(h_rest)) >= slope(grid).max() - 1e-12


@pytest.mark.parametrize("orthogonal", [False, True])
def test_recurrent_weights_have_the_radius_asked_for(orthogonal):
    W = recurrent(40, 1.2, np.random.default_rng(3), orthogonal)
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(1.2)
    assert orthogonal == np.allclose(W @ W.T, 1.44 * np.eye(40))


@pytest.mark.parametrize("slip", ["transposed", "no slope", "wrong slope"])
def test_a_slip_in_the_way_back_is_seen(slip, monkeypatch):
    W = recurrent(6, 1.1, np.random.default_rng(1))
    expected = taped_norms(W, "tanh", 1.0, 12, np.random.default_rng(2))
    function, slope, *rest = ACTIVATIONS["tanh"]
    if slip == "no slope":
        slope = np.ones_like
    if slip == "wrong slope":
        slope = lambda h: 1 - h  # noqa: E731
    monkeypatch.setitem(ACTIVATIONS, "tanh", (function, slope, *rest))
    if slip == "transposed":  # the state still goes forward with W
        got = _back_with_the_wrong_matrix(W, 12)
    else:
        got = gradient_norms(W, "tanh", 1.0, 12, np.random.default_rng(2))
    assert relative_difference(got, expected) > 1e-3


def _back_with_the_wrong_matrix(W, steps):
    rng = np.random.default_rng(2)
    h, states = np.zeros(len(W)), []
    for noise in rng.normal(size=(steps, len(W))):
        h = np.tanh(h @ W + noise)
        states.append(h)
    g = rng.normal(size=len(W))
    norms = [1.0]
    g /= np.linalg.norm(g)
    for h in states[:0:-1]:
        g = (g * (1 - h * h)) @ W
        norms.append(np.linalg.norm(g))
    return np.array(norms)


CONFIG = {"units": 16, "rows": 400, "keep": 1e-7, "ages": [0, 4, 12, 40]}


def left(**case):
    settings = {"orthogonal": True, "radius": 1, "gain": 0.01, "later": 1} | case
    return fading.first_input(CONFIG | {"cases": [settings]}, seed=5)["left"][0]


def test_a_state_holds_as_many_numbers_as_it_has_units_and_no_more():
    kept = left()
    assert min(kept[:3]) > 0.99
    assert kept[3] < 0.7


def test_quiet_words_after_the_first_leave_it_room():
    assert left(gain=0.1, later=0.1)[3] > left(gain=0.1)[3] + 0.3


def test_contracting_weights_keep_the_first_input_only_in_silence():
    contracting = {"orthogonal": False, "radius": 0.8, "gain": 1}
    assert left(**contracting, later=0)[3] > 0.99
    assert left(**contracting, later=1)[3] < 0.1


def test_look_backs_say_what_each_window_is_worth():
    result = fading.look_backs({"shops": 2000, "series": ["seasons", "election"]}, seed=1)
    last, days, _, mixed, *_ = result["seasons"]
    assert mixed < days < last
    *_, mixed, _, with_election = result["election"]
    assert with_election < mixed - 1
