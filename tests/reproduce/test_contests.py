"""The contest's networks are those of the package, and learn as Keras's would."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import reference
from rnncourse.cells import GRUCell, LSTMCell, SimpleRNNCell
from rnncourse.data.counting import wind_ups
from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import contests
from rnncourse.reproduce.contests import CELLS, answers, learn, parameters, start, units_for
from rnncourse.variants import CoupledLSTMCell, PeepholeLSTMCell

SEEDS, F, H, O = (3, 4), 2, 4, 3
TASK = {"loss": "squared", "features": F, "outputs": 1, "units": H, "updates": 50}
each_cell = pytest.mark.parametrize("cell", CELLS)


def draw(rng):
    x = rng.normal(size=(5, 6, F))
    return x, x[:, 0, 0] - x[:, 3, 1]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("simple", SimpleRNNCell(H)),
        ("lstm", LSTMCell(H)),
        ("peephole", PeepholeLSTMCell(H)),
        ("coupled", CoupledLSTMCell(H)),
        ("gru", GRUCell(H)),
        ("gru, reset before", GRUCell(H, reset_after=False)),
    ],
)
def test_its_parameters_are_those_of_the_cell_and_of_a_read_out(name, cell):
    cell.build((None, F))
    assert parameters(name, F, H, O) == cell.count_params() + H * O + O
    drawn = start(name, F, H, O, [1])
    assert sum(w.size for w in drawn.values()) == parameters(name, F, H, O)
    keras_bias = np.asarray(cell.bias)
    assert np.array_equal(drawn["bias"].reshape(keras_bias.shape), keras_bias)


@pytest.mark.parametrize("budget", [100, 600, 5000])
@each_cell
def test_a_budget_is_used_up_and_not_overdrawn(cell, budget):
    units = units_for(cell, F, O, budget)
    assert parameters(cell, F, units, O) <= budget < parameters(cell, F, units + 1, O)


def by_reference(cell, w, x):
    """One network in NumPy, from its weights."""
    own = [w["kernel"], w["recurrent_kernel"], w["bias"]]
    zeros = np.zeros((len(x), H))
    if cell in ("gru", "gru, reset before"):
        after = cell == "gru"
        return reference.unroll(
            lambda x, h: reference.gru_step(x, h, *own, reset_after=after), x, zeros
        )[0]
    if cell == "simple":
        return reference.unroll(lambda x, h: reference.rnn_step(x, h, *own), x, zeros)[0]
    if cell in ("gru, uncoupled", "gru, begun coupled", "gru, uncoupled, i low"):
        h, outputs = zeros, []
        U = np.split(own[1], 4, axis=1)
        for t in range(x.shape[1]):
            a = np.split(x[:, t] @ own[0] + own[2], 4, axis=1)
            z, i, r = (reference.sigmoid(a[k] + h @ U[k]) for k in range(3))
            h = z * h + i * np.tanh(a[3] + (r * h) @ U[3])
            outputs.append(h)
        return np.stack(outputs, axis=1)
    if cell == "gru, linear candidate":
        h, outputs = zeros, []
        U = np.split(own[1], 3, axis=1)
        for t in range(x.shape[1]):
            a = np.split(x[:, t] @ own[0] + own[2], 3, axis=1)
            z, r = (reference.sigmoid(a[k] + h @ U[k]) for k in range(2))
            h = z * h + (1 - z) * (a[2] + (r * h) @ U[2])
            outputs.append(h)
        return np.stack(outputs, axis=1)
    if cell == "lstm, clipped c":
        h, c, outputs = zeros, zeros, []
        for t in range(x.shape[1]):
            i, f, g, o = np.split(x[:, t] @ own[0] + h @ own[1] + own[2], 4, axis=1)
            i, f, o = (reference.sigmoid(part) for part in (i, f, o))
            c = np.minimum(1, np.maximum(-1, f * c + i * np.tanh(g)))
            h = o * np.tanh(c)
            outputs.append(h)
        return np.stack(outputs, axis=1)
    if cell == "coupled":
        own = [np.concatenate([-part[..., :H], part], axis=-1) for part in own]
    step = reference.lstm_step
    if cell == "peephole":
        step, own = reference.peephole_lstm_step, [*own, w["peepholes"]]
    return reference.unroll(lambda x, s: step(x, s, *own), x, (zeros, zeros))[0]


@pytest.mark.parametrize(
    ("begun", "free"), [("lstm, begun coupled", "lstm"), ("gru, begun coupled", "gru, uncoupled")]
)
def test_a_cell_begun_coupled_starts_with_gates_that_sum_to_one(begun, free):
    w = alone(start(begun, F, H, O, [3]), 0)
    x, h = np.random.default_rng(0).normal(size=(2, 5, F)), np.ones((2, 5, H))
    a = x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"]
    first, second = (reference.sigmoid(part) for part in np.split(a, 4, axis=-1)[:2])
    assert first + second == pytest.approx(np.ones((2, 5, H)), abs=1e-6)
    assert CELLS[begun].step is CELLS[free].step


def test_a_clipped_lstm_holds_its_cell_and_a_linear_gru_leaves_the_bound():
    ones = np.ones((1, 1), "float32")
    U, b = np.zeros((1, 4), "float32"), np.array([9, 9, 9, 9], "float32")
    h, c = 0 * ones, 0 * ones
    for _ in range(5):
        h, c = CELLS["lstm, clipped c"].step(ones, h, c, np.zeros((1, 4), "float32"), U, b)
    assert float(c[0, 0]) == 1
    # z at one half and a candidate of h + 2: one more at every step, though erased before.
    W, U = np.array([[0, 0, 2]], "float32"), np.array([[0, 0, 1]], "float32")
    b, h = np.array([0, 30, 0], "float32"), 0 * ones
    for _ in range(40):
        h = CELLS["gru, linear candidate"].step(ones, h, W, U, b)
    assert float(h[0, 0]) == pytest.approx(40, rel=1e-5)


def alone(w, n):
    """The weights of network n, as the reference takes them."""
    picked = {name: array[n] for name, array in w.items() if name not in ("bias", "peepholes")}
    bias = w["bias"]
    picked["bias"] = bias[n, 0] if bias.ndim == 3 else bias[:, n, 0]
    if "peepholes" in w:
        picked["peepholes"] = w["peepholes"][:, n, 0]
    return picked


@each_cell
def test_networks_side_by_side_are_the_reference_one_by_one(cell):
    rng = np.random.default_rng(0)
    w = start(cell, F, H, O, SEEDS)
    w = {name: array + 0.3 * rng.normal(size=array.shape) for name, array in w.items()}
    w = {name: array.astype(np.float32) for name, array in w.items()}
    x = rng.normal(size=(5, 6, F))
    stacked = np.repeat(x.transpose(1, 0, 2)[:, None], 2, axis=1).astype(np.float32)
    # Not compiled here, for the sake of time.
    said = contests.logits(cell, w, tf.constant(stacked), each_step=True).numpy()  # (T, N, B, O)
    assert said.shape == (6, 2, 5, O)
    for n in range(2):
        one = alone(w, n)
        expected = by_reference(cell, one, x) @ one["W_hy"] + one["b_y"]
        assert relative_difference(said[:, n].swapaxes(0, 1), expected) < 1e-5
    last = contests.logits(cell, w, tf.constant(stacked), each_step=False).numpy()
    assert (last == said[-1]).all()


def test_compiled_answers_are_the_same_answers():
    w = start("peephole", F, H, O, SEEDS)
    x = np.random.default_rng(0).normal(size=(5, 6, F)).astype(np.float32)
    stacked = np.repeat(x.transpose(1, 0, 2)[:, None], 2, axis=1)
    plain = contests.logits("peephole", w, tf.constant(stacked), each_step=True).numpy()
    assert relative_difference(answers("peephole", w, x, each_step=True), plain) < 1e-5


def test_networks_side_by_side_learn_as_one_alone():
    both, _ = learn("gru", TASK, draw, SEEDS, [0.01, 0.003])
    single, _ = learn("gru", TASK, draw, SEEDS[1:], [0.003])
    for name, w in alone(both, 3).items():
        assert relative_difference(w, alone(single, 0)[name]) < 1e-3, name


def test_its_optimizer_is_that_of_keras():
    before = start("simple", F, H, 1, [3])
    after, _ = learn("simple", TASK | {"updates": 25}, draw, [3], [0.01])
    layer = keras.layers.RNN(SimpleRNNCell(H))
    model = keras.Sequential([keras.Input((6, F)), layer, keras.layers.Dense(1)])
    names = ("kernel", "recurrent_kernel", "bias", "W_hy", "b_y")
    model.set_weights(
        [before[n][0].reshape(w.shape) for n, w in zip(names, model.weights, strict=True)]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    rng = np.random.default_rng([3, 12])
    for _ in range(25):
        x, y = draw(rng)
        model.train_on_batch(x.astype("float32"), y.astype("float32"))
    for name, w in zip(names, model.get_weights(), strict=True):
        assert relative_difference(after[name][0].reshape(w.shape), w) < 1e-3, name


def test_toys_past_their_last_hop_cost_nothing():
    x, y = wind_ups([1, 3], 8)
    said = np.random.default_rng(0).normal(size=(8, 1, 2, 1))
    louder = said.copy()
    louder[2:, :, 0] = 50
    louder[6:] = 50
    stacked = tf.constant(x.transpose(1, 0, 2)[:, None], tf.float32)
    loss = [
        contests.yes_or_no(tf.constant(s, tf.float32), stacked, tf.constant(y[None], tf.float32))
        for s in (said, louder)
    ]
    p = 1 / (1 + np.exp(-said[..., 0].transpose(1, 2, 0)[0]))
    nll = -np.log(np.where(y > 0, p, 1 - p))
    by_hand = (nll[0, :2].sum() + nll[1, :6].sum()) / 8
    assert loss[0].numpy() == pytest.approx([by_hand], rel=1e-5)
    assert loss[1].numpy() == pytest.approx([by_hand], rel=1e-5)


def test_the_loss_of_classes_is_cross_entropy():
    said = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    y = np.array([[0, 2, 1, 1], [2, 2, 0, 1]])
    p = np.exp(said) / np.exp(said).sum(axis=-1, keepdims=True)
    expected = -np.log(np.take_along_axis(p, y[..., None], -1)).mean(axis=(1, 2))
    assert contests.classes(tf.constant(said), None, y).numpy() == pytest.approx(expected)
