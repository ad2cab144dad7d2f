"""Networks side by side: their gradients against central differences, their twins in Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import reference
from rnncourse.data.distances import adding_task
from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import remedies
from rnncourse.reproduce.remedies import PLAIN, forward, global_norm, learn, loss_and_gradient

SETTINGS = {
    "tanh": {},
    "relu": {"activation": "relu"},
    "orthogonal": {"start": "orthogonal"},
    "identity": {"start": "identity"},
    "layer": {"norm": "layer"},
    "batch": {"norm": "batch", "gain": 0.5},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "peephole": {"cell": "peephole"},
    "chrono": {"cell": "lstm", "gate_bias": ["chrono", 30]},
    "logistic": {"cell": "gru", "loss": "logistic"},
    "each step": {"cell": "peephole", "loss": "at each step"},
    "plain, each step": {"loss": "at each step"},
}
each_setting = pytest.mark.parametrize("name", SETTINGS)


def problem(name, seeds=(0, 1), T=4, B=5, H=3, dtype="float64"):
    setting = PLAIN | SETTINGS[name]
    rng = np.random.default_rng(7)
    w = remedies.start(setting, 2, H, 1, seeds, dtype)
    w = {k: v + 0.1 * rng.normal(size=v.shape).astype(dtype) for k, v in w.items()}
    x = rng.normal(size=(T, len(seeds), B, 2)).astype(dtype)
    shape = (len(seeds), B, T) if setting["loss"] == "at each step" else (len(seeds), B)
    return setting, w, x, rng.normal(size=shape).astype(dtype)


@each_setting
def test_the_gradient_equals_central_differences(name):
    setting, w, x, y = problem(name)
    _, gradient = loss_and_gradient(setting, w, x, y)
    assert gradient.keys() == w.keys()
    for part in w:
        estimate = np.zeros_like(w[part])
        for place in np.ndindex(w[part].shape):
            losses = []
            for shift in (1e-6, -1e-6):
                moved = w[part].copy()
                moved[place] += shift
                losses.append(loss_and_gradient(setting, w | {part: moved}, x, y)[0][place[0]])
            estimate[place] = (losses[0] - losses[1]) / 2e-6
        assert relative_difference(gradient[part], estimate) < 1e-5, part


def test_a_short_reach_cuts_the_gradient_as_a_stopped_tape_does():
    setting, w, x, y = problem("tanh", T=6)
    _, gradient = loss_and_gradient(setting | {"reach": 2}, w, x, y)
    parts = {k: tf.constant(v) for k, v in w.items()}
    with tf.GradientTape() as tape:
        tape.watch(list(parts.values()))
        h = tf.zeros((2, 5, 3), tf.float64)
        for t, x_t in enumerate(x):
            h = tf.stop_gradient(h) if t == 4 else h
            h = tf.tanh(x_t @ parts["W_xh"] + h @ parts["W_hh"] + parts["b"])
        said = (h @ parts["W_hy"] + parts["b_y"])[..., 0]
        loss = tf.reduce_sum(tf.reduce_mean((said - y) ** 2, axis=1))
    for part, theirs in tape.gradient(loss, parts).items():
        assert relative_difference(gradient[part], theirs) < 1e-12, part


LAYERS = {
    "tanh": lambda: keras.layers.SimpleRNN(3),
    "relu": lambda: keras.layers.SimpleRNN(3, activation="relu"),
    "lstm": lambda: keras.layers.LSTM(3),
    "gru": lambda: keras.layers.GRU(3),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_last_state_is_that_of_the_layer_of_keras(name):
    setting, w, x, _ = problem(name, dtype="float32")
    h, _ = forward(setting, w, x)
    for k in range(2):
        layer = LAYERS[name]()
        layer.build((5, 4, 2))
        bias = w["b"][k, 0]
        if name == "gru":  # its second bias, of the recurrent sums, is ours too, and zero
            bias = np.stack([bias, np.zeros_like(bias)])
        layer.set_weights([w["W_xh"][k], w["W_hh"][k], bias])
        assert relative_difference(h[k], layer(x[:, k].transpose(1, 0, 2))) < 1e-5


@pytest.mark.parametrize("name", ["peephole", "each step"])
def test_the_last_state_is_that_of_the_oracle_with_peepholes(name):
    setting, w, x, _ = problem(name)
    h, _ = forward(setting, w, x)
    for k in range(2):
        weights = w["W_xh"][k], w["W_hh"][k], w["b"][k, 0], w["p"][k]
        step = lambda x, state, weights=weights: reference.peephole_lstm_step(x, state, *weights)  # noqa: E731
        zeros = np.zeros((5, 3))
        _, state = reference.unroll(step, x[:, k].transpose(1, 0, 2), (zeros, zeros))
        assert relative_difference(h[k], state.h) < 1e-12


def test_a_logistic_loss_is_that_of_keras():
    setting, w, x, _ = problem("each step")
    y = np.random.default_rng(1).integers(0, 2, (2, 5, 4))
    losses, _ = loss_and_gradient(setting, w, x, y)
    h, tape = forward(setting, w, x)
    h = np.stack([before for before, _ in tape[1:]] + [h])
    a = (h @ w["W_hy"] + w["b_y"])[..., 0].transpose(1, 2, 0)
    theirs = keras.losses.BinaryCrossentropy(from_logits=True)
    for k in range(2):
        assert losses[k] == pytest.approx(float(theirs(y[k].ravel(), a[k].ravel())), rel=1e-5)


@pytest.mark.parametrize(("name", "axis"), [("layer", -1), ("batch", 0)])
def test_normalized_sums_are_those_of_keras(name, axis):
    setting, w, x, _ = problem(name, T=1, seeds=(0,), dtype="float32")
    h, _ = forward(setting, w, x)
    sums = x[0, 0] @ w["W_xh"][0]
    if name == "layer":
        normal = keras.layers.LayerNormalization(epsilon=remedies.EPSILON)
        normal.build(sums.shape)
        normal.set_weights([w["gain"][0, 0], w["b"][0, 0]])
        a = normal(sums)
    else:
        normal = keras.layers.BatchNormalization(epsilon=remedies.EPSILON)
        normal.build(sums.shape)
        normal.set_weights([w["gain"][0, 0], w["b"][0, 0], np.zeros(3), np.ones(3)])
        a = normal(sums, training=True)
    assert relative_difference(h[0], np.tanh(a)) < 1e-4


OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("clip", [None, 0.3])
def test_a_training_is_that_of_keras(optimizer, clip):
    setting = PLAIN | {"optimizer": optimizer, "clip": clip}
    batches = [adding_task(6, 5, seed) for seed in range(8)]
    served = iter(batches)
    _, losses, norms = learn(
        setting, lambda rng: next(served), [3], units=4, features=2, updates=8, rate=0.01
    )
    assert np.any(norms > 0.3)
    w = remedies.start(setting, 2, 4, 1, [3])
    layer, read_out = keras.layers.SimpleRNN(4), keras.layers.Dense(1)
    layer.build((6, 5, 2))
    read_out.build((6, 4))
    layer.set_weights([w["W_xh"][0], w["W_hh"][0], w["b"][0, 0]])
    read_out.set_weights([w["W_hy"][0], w["b_y"][0, 0]])
    variables = layer.trainable_variables + read_out.trainable_variables
    keras_optimizer = OPTIMIZERS[optimizer](0.01, global_clipnorm=clip)
    for (x, y), ours in zip(batches, losses[:, 0], strict=True):
        with tf.GradientTape() as tape:
            said = read_out(layer(x.astype("float32")))[:, 0]
            loss = tf.reduce_mean((said - y.astype("float32")) ** 2)
        keras_optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        assert ours == pytest.approx(float(loss), rel=1e-4)


def test_networks_side_by_side_learn_as_each_does_alone():
    def train(seeds):
        return learn(
            PLAIN | {"optimizer": "adam", "clip": 0.5},
            lambda rng: adding_task(4, 6, rng),
            seeds,
            units=3,
            features=2,
            updates=20,
            rate=0.01,
        )[1]

    together = train([4, 5, 6])
    assert relative_difference(together[:, 1], train([5])[:, 0]) < 1e-4


def test_a_network_that_diverges_leaves_the_others_alone():
    setting, w, x, y = problem("tanh")
    w["W_hy"][0] = np.inf
    with np.errstate(all="ignore"):
        losses, gradient = loss_and_gradient(setting, w, x, y)
    assert not np.isfinite(losses[0])
    assert np.isfinite(losses[1])
    assert np.isfinite(global_norm(gradient)[1])


def test_the_norm_is_that_of_all_numbers_together():
    gradient = {"a": np.array([[[3.0]], [[0.0]]]), "b": np.array([[[0.0, 4.0]], [[0.0, 0.0]]])}
    assert global_norm(gradient).tolist() == [5.0, 0.0]


@pytest.mark.parametrize(
    ("start", "singular"), [("orthogonal", 1.0), ("identity", 1.0), ("glorot", None)]
)
def test_recurrent_weights_start_as_asked(start, singular):
    w = remedies.start(PLAIN | {"start": start}, 2, 8, 1, [0, 1])
    values = np.linalg.svd(w["W_hh"], compute_uv=False)
    assert np.allclose(values, 1, atol=1e-5) == (singular is not None)
    assert np.allclose(w["W_hh"], np.eye(8)) == (start == "identity")


def test_an_lstm_starts_with_a_forget_bias_of_one():
    w = remedies.start(PLAIN | {"cell": "lstm"}, 2, 3, 1, [0])
    assert w["b"][0, 0].tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_the_bias_of_the_keeping_gate_is_what_is_asked_for():
    lstm = remedies.start(PLAIN | {"cell": "lstm", "gate_bias": 4}, 2, 3, 1, [0])
    assert lstm["b"][0, 0].tolist() == [0, 0, 0, 4, 4, 4, 0, 0, 0, 0, 0, 0]
    gru = remedies.start(PLAIN | {"cell": "gru", "gate_bias": 3}, 2, 2, 1, [0])
    assert gru["b"][0, 0].tolist() == [3, 3, 0, 0, 0, 0]
    untouched = remedies.start(PLAIN | {"cell": "gru"}, 2, 2, 1, [0])
    assert not untouched["b"].any()


def test_chrono_biases_keep_for_as_long_as_the_distance():
    chrono = PLAIN | {"cell": "lstm", "gate_bias": ["chrono", 60]}
    i, f, g, o = np.split(remedies.start(chrono, 2, 500, 1, [0])["b"][0, 0], 4)
    assert np.array_equal(i, -f)
    assert not g.any()
    assert not o.any()
    kept = np.exp(f)  # uniform from 1 to 59
    assert 1 <= kept.min() < 2
    assert 58 < kept.max() <= 59
    assert kept.mean() == pytest.approx(30, abs=2.5)


def test_a_training_starts_from_the_weights_it_is_given():
    w = remedies.start(PLAIN, 2, 3, 1, [0])
    given = {k: v + 1 for k, v in w.items()}
    settings = {"units": 3, "features": 2, "updates": 1, "rate": 0.0}
    after, _, _ = learn(PLAIN, lambda rng: adding_task(2, 4, rng), [0], **settings, w=given)
    assert all(np.array_equal(after[k], given[k]) for k in given)


@pytest.mark.parametrize("slip", ["no slope", "transposed", "shifted"])
def test_a_slip_in_the_way_back_is_seen(slip):
    setting, w, x, y = problem("tanh")
    _, right = loss_and_gradient(setting, w, x, y)
    wrong = dict(setting)
    if slip == "no slope":
        wrong["activation"] = "relu"
    changed = w | {"W_hh": w["W_hh"].swapaxes(1, 2)} if slip == "transposed" else w
    h, tape = forward(setting, w, x)
    if slip == "shifted":
        tape = [tape[0], *tape[:-1]]
    errors = (h @ w["W_hy"] + w["b_y"])[..., 0] - y
    d_h = (2 / y.shape[1] * errors)[..., None] @ w["W_hy"].swapaxes(1, 2)
    got = remedies.backward(wrong, changed, x, tape, d_h)
    assert relative_difference(got["W_hh"], right["W_hh"]) > 1e-3
