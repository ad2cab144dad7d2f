"""Peephole and coupled LSTM against NumPy, against Keras's LSTM, their mistakes, inside Keras."""

import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import reference, unroll, variants
from rnncourse.cells import LSTMCell
from rnncourse.variants import CoupledLSTMCell, PeepholeLSTMCell

B, T, F, H = 4, 6, 3, 5
CELLS = {"peephole": PeepholeLSTMCell, "coupled": CoupledLSTMCell}
each_cell = pytest.mark.parametrize("name", CELLS)


def draw(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [0.7 * rng.normal(size=shape) for shape in shapes]


def weights_of(name):
    """Random weights without any symmetry."""
    if name == "peephole":
        return draw((F, 4 * H), (H, 4 * H), (4 * H,), (3, H))
    return draw((F, 3 * H), (H, 3 * H), (3 * H,))


def as_lstm(kernel, recurrent_kernel, bias):
    """A coupled cell's weights as an LSTM's: 1 - σ(a) = σ(-a), so i has f's with a minus."""
    return [np.concatenate([-w[..., :H], w], axis=-1) for w in (kernel, recurrent_kernel, bias)]


def reference_step(name, x, state, weights):
    if name == "peephole":
        return reference.peephole_lstm_step(x, state, *weights)
    return reference.lstm_step(x, state, *as_lstm(*weights))


def built(name, weights=None, dtype="float64", **kwargs):
    cell = CELLS[name](H, dtype=dtype, **kwargs)
    cell.build((None, F))
    cell.set_weights(weights_of(name) if weights is None else weights)
    return cell


X, C = draw((B, T, F), (B, H), seed=1)
STATE = [np.tanh(C[::-1]), C]
LENGTHS = np.array([6, 0, 3, 1])


def agrees_with_numpy(name, assert_close, dtype="float64"):
    weights = [w.astype(dtype) for w in weights_of(name)]
    x, state = X[:, 0].astype(dtype), [s.astype(dtype) for s in STATE]
    output, new = built(name, weights, dtype)(x, state)
    wanted = reference_step(name, x, state, weights)
    assert_close(output.numpy(), wanted.h, dtype)
    assert_close(new[0].numpy(), wanted.h, dtype)
    assert_close(new[1].numpy(), wanted.c, dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_cell
def test_a_cell_takes_the_step_of_the_reference(name, dtype, assert_close):
    agrees_with_numpy(name, assert_close, dtype)


@pytest.mark.parametrize("padded", [False, True], ids=["full", "lengths"])
@pytest.mark.parametrize("way", ["static_rnn", "dynamic_rnn"])
@each_cell
def test_a_cell_walks_as_the_reference_walks(name, way, padded, assert_close):
    weights, lengths = weights_of(name), LENGTHS if padded else None
    outputs, (h, c) = getattr(unroll, way)(built(name), X, STATE, lengths)
    wanted, final = reference.unroll(
        lambda x, s: reference_step(name, x, s, weights), X, tuple(STATE), lengths
    )
    assert_close(outputs.numpy(), wanted)
    assert_close(h.numpy(), final.h)
    assert_close(c.numpy(), final.c)


# Keras has no such layers, but with closed peepholes, or opposite signs, its LSTM is one.


def sides_by_side(name):
    """Our cell, Keras's LSTM with the same answer, and their gradients in one common form."""
    weights = weights_of(name)
    if name == "peephole":
        weights[3] = np.zeros((3, H))
        return built(name, weights), weights[:3], lambda g: g[:3]
    return built(name, weights), as_lstm(*weights), lambda g: g


def common(name, gradients):
    """The gradient by an LSTM's weights as one by the weights of the relative."""
    if name == "peephole":
        return gradients
    return [
        np.concatenate([g[..., H : 2 * H] - g[..., :H], g[..., 2 * H :]], axis=-1)
        for g in gradients
    ]


def on_tape(layer, x):
    shares = np.random.default_rng(5).normal(size=(B, T, H))
    with tf.GradientTape() as tape:
        outputs = layer(x)
        cost = tf.reduce_sum(shares * outputs)
    return outputs.numpy(), [g.numpy() for g in tape.gradient(cost, layer.weights)]


@each_cell
def test_a_cell_is_the_layer_of_keras_where_there_is_one(name, assert_close):
    cell, weights, kept = sides_by_side(name)
    ours = keras.layers.RNN(cell, return_sequences=True, dtype="float64")
    theirs = keras.layers.LSTM(H, return_sequences=True, dtype="float64")
    theirs.build(X.shape)
    theirs.set_weights(weights)
    (mine, my_gradients), (his, his_gradients) = on_tape(ours, X), on_tape(theirs, X)
    assert_close(mine, his)
    wanted = common(name, his_gradients)
    names = ("kernel", "recurrent_kernel", "bias")
    assert_close(
        dict(zip(names, kept(my_gradients), strict=True)), dict(zip(names, wanted, strict=True))
    )


@pytest.mark.parametrize("way", ["static_rnn", "dynamic_rnn"])
@each_cell
def test_compiled_by_xla_it_answers_the_same(name, way, assert_close):
    cell = built(name)

    def run(x):
        with tf.GradientTape() as tape:
            outputs, states = getattr(unroll, way)(cell, x, STATE, LENGTHS)
            cost = tf.reduce_sum(outputs**2)
        return outputs, states, tape.gradient(cost, [w.value for w in cell.weights])

    plain, compiled = run(tf.constant(X)), tf.function(run, jit_compile=True)(tf.constant(X))
    plain, compiled = (
        {str(k): np.asarray(part) for k, part in enumerate(tf.nest.flatten(result))}
        for result in (plain, compiled)
    )
    assert_close(compiled, plain)


# Mutations.


def swapped_peepholes(*arguments):
    *before, peepholes, activation, gate = arguments
    return PEEPHOLE_STEP(*before, tf.gather(peepholes, [1, 0, 2]), activation, gate)


def peeping_before(x, h, c, kernel, recurrent_kernel, bias, peepholes, activation, gate):
    """o looks at the cell of before, as i and f do."""
    sums = x @ kernel + h @ recurrent_kernel + bias
    i, f, g, o = tf.split(sums, 4, axis=-1)
    c_new = gate(f + peepholes[1] * c) * c + gate(i + peepholes[0] * c) * activation(g)
    return gate(o + peepholes[2] * c) * activation(c_new), c_new


def peeping_after(x, h, c, kernel, recurrent_kernel, bias, peepholes, activation, gate):
    """i looks at a cell that f has already emptied."""
    sums = x @ kernel + h @ recurrent_kernel + bias
    i, f, g, o = tf.split(sums, 4, axis=-1)
    kept = gate(f + peepholes[1] * c) * c
    c_new = kept + gate(i + peepholes[0] * kept) * activation(g)
    return gate(o + peepholes[2] * c_new) * activation(c_new), c_new


def with_gates(order, step):
    def changed(x, h, c, *rest):
        weights, others = rest[:3], rest[3:]
        weights = [tf.gather(tf.split(w, len(order), axis=-1), order) for w in weights]
        weights = [tf.concat(tf.unstack(w), axis=-1) for w in weights]
        return step(x, h, c, *weights, *others)

    return changed


def coupled_the_wrong_way_round(x, h, c, kernel, recurrent_kernel, bias, activation, gate):
    sums = x @ kernel + h @ recurrent_kernel + bias
    f, g, o = tf.split(sums, 3, axis=-1)
    c = (1 - gate(f)) * c + gate(f) * activation(g)
    return gate(o) * activation(c), c


PEEPHOLE_STEP, COUPLED_STEP = variants.peephole_lstm_step, variants.coupled_lstm_step
MUTATIONS = {
    "peepholes of i and f swapped": ("peephole", swapped_peepholes),
    "o looks at the cell before": ("peephole", peeping_before),
    "i looks at a cell half made": ("peephole", peeping_after),
    "i, f swapped": ("peephole", with_gates([1, 0, 2, 3], PEEPHOLE_STEP)),
    "g, o swapped": ("peephole", with_gates([0, 1, 3, 2], PEEPHOLE_STEP)),
    "f and 1 - f swapped": ("coupled", coupled_the_wrong_way_round),
    "coupled: f, g swapped": ("coupled", with_gates([1, 0, 2], COUPLED_STEP)),
    "coupled: f, o swapped": ("coupled", with_gates([2, 1, 0], COUPLED_STEP)),
}


@pytest.mark.parametrize(("name", "wrong"), MUTATIONS.values(), ids=MUTATIONS)
def test_the_comparison_catches_a_wrong_step(name, wrong, assert_close, monkeypatch):
    monkeypatch.setattr(variants, f"{name}_lstm_step", wrong)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_numpy(name, assert_close)


# Weights, configuration, saving.


def test_weights_come_in_the_order_of_the_lstm_with_the_peepholes_last():
    cell = built("peephole")
    assert [w.name for w in cell.weights] == ["kernel", "recurrent_kernel", "bias", "peepholes"]
    assert cell.count_params() == 4 * (F * H + H * H + H) + 3 * H
    assert built("coupled").count_params() == 3 * (F * H + H * H + H)


@pytest.mark.parametrize("asked", [True, False])
@each_cell
def test_the_forget_bias_starts_as_asked(name, asked):
    cell = CELLS[name](H, unit_forget_bias=asked)
    cell.build((None, F))
    parts = np.split(cell.bias.numpy(), cell.gates)
    assert (parts[cell.forget] == asked).all()
    assert sum(part.any() for part in parts) == asked


def test_peepholes_start_closed_or_as_asked():
    cell = PeepholeLSTMCell(H)
    cell.build((None, F))
    assert not cell.peepholes.numpy().any()
    cell = PeepholeLSTMCell(H, peephole_initializer="ones", peephole_regularizer="l2")
    cell.build((None, F))
    assert (cell.peepholes.numpy() == 1).all()
    assert len(cell.losses) == 1


@each_cell
def test_a_cell_made_from_its_config_is_the_same_cell(name, assert_close):
    cell = built(name, activation="relu", recurrent_activation="hard_sigmoid", trainable=False)
    config = cell.get_config()
    again = CELLS[name].from_config(json.loads(json.dumps(config)))
    assert again.get_config() == config
    again.build((None, F))
    again.set_weights(cell.get_weights())
    assert_close(again(X[:, 0], STATE)[0].numpy(), cell(X[:, 0], STATE)[0].numpy())


@each_cell
def test_a_saved_model_answers_the_same_after_loading(name, tmp_path, assert_close):
    x = X.astype("float32")
    cell = CELLS[name](H, bias_initializer="random_normal")
    model = keras.Sequential([keras.Input((T, F)), keras.layers.RNN(cell), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(again(x).numpy(), model(x).numpy(), "float32")


# Inside Keras.


@each_cell
def test_training_by_fit_changes_every_weight(name):
    keras.utils.set_random_seed(0)
    cell = CELLS[name](H)
    model = keras.Sequential([keras.Input((T, F)), keras.layers.RNN(cell), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    before = cell.get_weights()
    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(8, T, F)), rng.normal(size=(8, 1)), verbose=0)
    assert all((old != new).any() for old, new in zip(before, cell.get_weights(), strict=True))


@each_cell
def test_half_precision_computes_in_half_and_keeps_its_weights_whole(name):
    cell = CELLS[name](H, dtype="mixed_float16")
    output, new = cell(np.ones((B, F), "float32"), cell.get_initial_state(B))
    assert {output.dtype, *(s.dtype for s in new)} == {tf.float16}
    assert {w.dtype for w in cell.weights} == {"float32"}


@each_cell
def test_it_works_without_a_bias_and_in_a_stack(name):
    cells = [CELLS[name](H, use_bias=False), CELLS[name](2)]
    layer = keras.layers.RNN(cells, return_state=True, return_sequences=True)
    outputs, *states = layer(X.astype("float32"))
    assert outputs.shape == (B, T, 2)
    assert len(keras.tree.flatten(states)) == 4
    assert cells[0].bias is None


# Refusals, which are those of `cells`.


@pytest.mark.parametrize("units", [0, -1, 2.5, "5", True, None], ids=repr)
@each_cell
def test_units_that_are_no_positive_integer_are_refused(name, units):
    message = f"`units` must be an integer ≥ 1, got {units!r}: it is the size H"
    with pytest.raises(ValueError, match=re.escape(message)):
        CELLS[name](units)


BAD = {
    "with time": (X, STATE, ValueError, "a cell takes one time step"),
    "other features": (np.ones((B, 7)), STATE, ValueError, "the cell was built for F = 3"),
    "text": ("hello", STATE, TypeError, "`inputs` must hold numbers"),
    "one state": (X[:, 0], STATE[:1], ValueError, r"a list of 2: \[h, c\], got 1"),
    "small c": (X[:, 0], [STATE[0], C[:, :2]], ValueError, r"`state c` must have shape \(4, 5\)"),
}


@pytest.mark.parametrize(("x", "state", "error", "message"), BAD.values(), ids=BAD)
@each_cell
def test_a_cell_refuses_what_does_not_fit(name, x, state, error, message):
    with pytest.raises(error, match=message):
        built(name)(x, state)


def test_it_is_an_lstm_in_all_else():
    assert issubclass(PeepholeLSTMCell, LSTMCell) and issubclass(CoupledLSTMCell, LSTMCell)
    with pytest.raises(ValueError, match="peephole_initializer"):
        CoupledLSTMCell(H, peephole_initializer="ones")
