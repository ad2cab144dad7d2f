"""Our cells against NumPy, against Keras, against their own likely mistakes, and inside Keras."""

import json
import re
from itertools import combinations

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import cells
from rnncourse.cells import GRUCell, LSTMCell, SimpleRNNCell

B, T, F, H = 4, 3, 2, 5


def inputs_for(kind, dtype, seed=3):
    """Inputs `(B, F)`, a state and weights, all random."""
    x = np.random.default_rng(seed).normal(size=(B, F)).astype(dtype)
    return x, kind.random_state(B, H, dtype), kind.weights(F, H, dtype)


def built(make, weights, dtype, **kwargs):
    cell = make(H, dtype=dtype, **kwargs)
    cell.build((None, F))
    cell.set_weights(weights)
    return cell


def one_step(cell, x, state, compiled=False):
    """Output, new state and all gradients of one step, by name."""
    x, state = tf.constant(x), [tf.constant(s) for s in state]
    # Unequal weights on every number, so that no two errors cancel in the sum.
    rng = np.random.default_rng(9)
    shares = [tf.constant(rng.normal(size=s.shape), x.dtype) for s in (state[0], *state)]

    def step(x, *state):
        variables = [w.value for w in cell.trainable_weights]
        with tf.GradientTape() as tape:
            tape.watch([x, *state])
            output, new = cell(x, list(state))
            loss = tf.add_n(
                [tf.reduce_sum(s * a) for s, a in zip(shares, [output, *new], strict=True)]
            )
        sources = [x, *state, *variables]
        return output, new, tape.gradient(loss, sources, unconnected_gradients="zero")

    output, new, gradients = (tf.function(step) if compiled else step)(x, *state)
    names = [
        "x",
        *(f"state {k}" for k in range(len(state))),
        *(w.name for w in cell.trainable_weights),
    ]
    result = {"output": output} | {f"new state {k}": s for k, s in enumerate(new)}
    result |= {f"gradient of {name}": g for name, g in zip(names, gradients, strict=True)}
    return {name: value.numpy() for name, value in result.items()}


def agrees_with_numpy(kind, assert_close, dtype="float64"):
    x, state, weights = inputs_for(kind, dtype)
    output, new = built(kind.ours, weights, dtype)(x, state)
    wanted = kind.step(x, state[0] if kind.states == 1 else state, *weights)
    wanted = [wanted] if kind.states == 1 else wanted
    assert_close(output.numpy(), wanted[0], dtype)
    for mine, his in zip(new, wanted, strict=True):
        assert_close(mine.numpy(), his, dtype)


def agrees_with_keras(kind, assert_close, dtype="float64", compiled=False):
    x, state, weights = inputs_for(kind, dtype)
    theirs = built(kind.keras_cell, weights, dtype)
    ours = kind.ours(H, dtype=dtype)
    ours.build((None, F))
    ours.set_weights(theirs.get_weights())
    assert_close(one_step(ours, x, state, compiled), one_step(theirs, x, state), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_cell_takes_the_step_of_the_reference(kind, dtype, assert_close):
    agrees_with_numpy(kind, assert_close, dtype)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "function"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_cell_and_its_gradients_equal_those_of_keras(kind, dtype, compiled, assert_close):
    agrees_with_keras(kind, assert_close, dtype, compiled)


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_other_activations_equal_those_of_keras(kind, activation, assert_close):
    x, state, weights = inputs_for(kind, "float64")
    ours, theirs = (
        built(make, weights, "float64", activation=activation)
        for make in (kind.ours, kind.keras_cell)
    )
    assert_close(one_step(ours, x, state), one_step(theirs, x, state))


@pytest.mark.parametrize("name", ["lstm", "gru", "gru_reset_before"])
def test_another_gate_activation_equals_that_of_keras(name, kind_named, assert_close):
    kind = kind_named(name)
    x, state, weights = inputs_for(kind, "float64")
    settings = {"recurrent_activation": "hard_sigmoid"}
    ours, theirs = (
        built(make, weights, "float64", **settings) for make in (kind.ours, kind.keras_cell)
    )
    assert_close(one_step(ours, x, state), one_step(theirs, x, state))


def test_a_cell_without_bias_equals_that_of_keras(kind, assert_close):
    x, state, weights = inputs_for(kind, "float64")
    ours, theirs = (
        built(make, weights[:2], "float64", use_bias=False) for make in (kind.ours, kind.keras_cell)
    )
    assert ours.bias is None
    assert_close(one_step(ours, x, state), one_step(theirs, x, state))


# Mutations: each likely mistake must fail the very comparisons above.


def with_changed_weights(step, change):
    def changed(*arguments, **kwargs):
        states = 2 if step is LSTM_STEP else 1
        before, weights, after = (
            arguments[: 1 + states],
            arguments[1 + states : 4 + states],
            arguments[4 + states :],
        )
        return step(*before, *change(*map(tf.convert_to_tensor, weights)), *after, **kwargs)

    return changed


def swap_gates(first, second, gates):
    order = list(range(gates))
    order[first], order[second] = second, first

    def change(*weights):
        return [
            tf.concat([tf.split(w, gates, axis=-1)[k] for k in order], axis=-1) for w in weights
        ]

    return change


def transpose_recurrent_kernel(gates):
    def change(kernel, recurrent_kernel, bias):
        return (
            kernel,
            tf.concat([tf.transpose(p) for p in tf.split(recurrent_kernel, gates, axis=-1)], -1),
            bias,
        )

    return change


def drop_bias(kernel, recurrent_kernel, bias):
    return kernel, recurrent_kernel, tf.zeros_like(bias)


def swap_bias_rows(kernel, recurrent_kernel, bias):
    return kernel, recurrent_kernel, bias[::-1]


def drop_recurrence(kernel, recurrent_kernel, bias):
    return kernel, tf.zeros_like(recurrent_kernel), bias


LSTM_STEP = cells.lstm_step
STEP_OF = {
    "rnn": "rnn_step",
    "lstm": "lstm_step",
    "gru": "gru_step",
    "gru_reset_before": "gru_step",
}
GATES_OF = {"rnn": 1, "lstm": 4, "gru": 3, "gru_reset_before": 3}
WEIGHT_MUTATIONS = {
    **{
        f"{name}: gates {a} and {b} swapped": (name, swap_gates(a, b, gates))
        for name, gates in GATES_OF.items()
        for a, b in combinations(range(gates), 2)
    },
    **{
        f"{name}: recurrent kernel transposed": (name, transpose_recurrent_kernel(g))
        for name, g in GATES_OF.items()
    },
    **{f"{name}: bias dropped": (name, drop_bias) for name in GATES_OF},
    **{f"{name}: recurrence dropped": (name, drop_recurrence) for name in GATES_OF},
    "gru: rows of the bias swapped": ("gru", swap_bias_rows),
}


@pytest.mark.parametrize(("name", "change"), WEIGHT_MUTATIONS.values(), ids=WEIGHT_MUTATIONS)
def test_the_comparisons_catch_wrong_weights(name, change, kind_named, assert_close, monkeypatch):
    step = getattr(cells, STEP_OF[name])
    monkeypatch.setattr(cells, STEP_OF[name], with_changed_weights(step, change))
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_numpy(kind_named(name), assert_close)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_keras(kind_named(name), assert_close)


@pytest.mark.parametrize("name", ["gru", "gru_reset_before"])
def test_the_comparisons_catch_the_other_gru(name, kind_named, assert_close, monkeypatch):
    step = cells.gru_step

    def other(x, h, kernel, recurrent_kernel, bias, reset_after, *activations):
        bias = tf.convert_to_tensor(bias)
        bias = tf.reduce_sum(bias, 0) if reset_after else tf.stack([bias, tf.zeros_like(bias)])
        return step(x, h, kernel, recurrent_kernel, bias, not reset_after, *activations)

    monkeypatch.setattr(cells, "gru_step", other)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_numpy(kind_named(name), assert_close)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_keras(kind_named(name), assert_close)


def test_the_comparison_catches_a_gradient_that_stops(kind_named, assert_close, monkeypatch):
    step = cells.rnn_step
    monkeypatch.setattr(
        cells, "rnn_step", lambda x, h, *rest: step(x, tf.stop_gradient(h) + 0 * h, *rest)
    )
    with pytest.raises(AssertionError, match="gradient of state 0 differs by"):
        agrees_with_keras(kind_named("rnn"), assert_close)


# Weights as Keras has them.


def test_weights_have_the_names_shapes_and_order_of_keras(kind):
    ours, theirs = (make(H) for make in (kind.ours, kind.keras_cell))
    for cell in ours, theirs:
        cell.build((None, F))
    described = [[(w.name, tuple(w.shape)) for w in cell.weights] for cell in (ours, theirs)]
    assert described[0] == described[1]


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (SimpleRNNCell, F * H + H * H + H),
        (LSTMCell, 4 * (F * H + H * H + H)),
        (GRUCell, 3 * (F * H + H * H + 2 * H)),
        (lambda units: GRUCell(units, reset_after=False), 3 * (F * H + H * H + H)),
    ],
    ids=["rnn", "lstm", "gru", "gru_reset_before"],
)
def test_parameters_are_as_many_as_the_formula_says(make, formula):
    cell = make(H)
    cell.build((None, F))
    assert cell.count_params() == formula


def test_equal_seeds_give_the_initial_weights_of_keras(kind, assert_close):
    drawn = []
    for make in kind.ours, kind.keras_cell:
        cell = make(
            H,
            kernel_initializer=keras.initializers.GlorotUniform(seed=1),
            recurrent_initializer=keras.initializers.Orthogonal(seed=2),
        )
        cell.build((None, F))
        drawn.append(
            dict(zip(("kernel", "recurrent_kernel", "bias"), cell.get_weights(), strict=True))
        )
    assert_close(*drawn, "float32")


def test_own_initializers_are_used_in_their_place(kind):
    cell = kind.ours(
        H, kernel_initializer="ones", recurrent_initializer="zeros", bias_initializer="ones"
    )
    cell.build((None, F))
    kernel, recurrent_kernel, bias = cell.get_weights()
    assert (kernel == 1).all() and (recurrent_kernel == 0).all() and (bias == 1).all()


def in_a_functional_model(cell):
    keras.Sequential([keras.Input((T, F)), keras.layers.RNN(cell)])


def in_a_model_built_by_fit(cell):
    model = keras.Sequential([keras.layers.RNN(cell)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(np.ones((B, T, F)), np.ones((B, H)), verbose=0)


def in_a_compiled_function(cell):
    tf.function(lambda x: cell(x, cell.get_initial_state(B))[0])(tf.ones((B, F)))


@pytest.mark.parametrize(
    "build_in",
    [
        lambda cell: cell.build((None, F)),
        in_a_functional_model,
        in_a_model_built_by_fit,
        in_a_compiled_function,
    ],
    ids=["directly", "functional model", "fit", "tf.function"],
)
@pytest.mark.parametrize("start", [1.0, 0.0], ids=["with", "without"])
def test_the_forget_bias_starts_as_asked_wherever_the_cell_is_built(build_in, start):
    cell = LSTMCell(H, unit_forget_bias=bool(start))
    build_in(cell)
    i, f, g, o = np.split(cell.bias.numpy(), 4)
    assert (f == start).all()
    assert not np.any([i, g, o])


def test_a_compiled_function_does_not_restore_the_forget_bias():
    cell = LSTMCell(H)
    step = tf.function(lambda x: cell(x, cell.get_initial_state(B))[0])
    step(tf.ones((B, F)))
    cell.bias.assign(tf.zeros(4 * H))
    step(tf.ones((B, F)))
    assert not cell.bias.numpy().any()


def test_regularizers_and_constraints_work_as_in_keras(kind, assert_close):
    _, _, weights = inputs_for(kind, "float32")
    settings = {
        "kernel_regularizer": "l2",
        "recurrent_regularizer": keras.regularizers.L1(0.1),
        "bias_regularizer": "l1",
        "recurrent_constraint": "unit_norm",
    }
    ours, theirs = (
        built(make, weights, "float32", **settings) for make in (kind.ours, kind.keras_cell)
    )
    assert_close([float(loss) for loss in ours.losses], [float(loss) for loss in theirs.losses])
    assert ours.recurrent_kernel.constraint is ours.recurrent_constraint
    assert ours.kernel.constraint is None


# Saving.


def test_a_cell_made_from_its_config_is_the_same_cell(kind, assert_close):
    x, state, weights = inputs_for(kind, "float64")
    cell = built(
        kind.ours, weights, "float64", activation="relu", name="mine", bias_regularizer="l2"
    )
    config = cell.get_config()
    again = type(cell).from_config(json.loads(json.dumps(config)))
    assert again.get_config() == config
    assert (again.name, again.dtype, again.units) == ("mine", "float64", H)
    again.build((None, F))
    again.set_weights(weights)
    assert_close(one_step(again, x, state), one_step(cell, x, state))


def test_the_config_names_everything_that_of_keras_does_but_dropout(kind):
    ours, theirs = (make(H).get_config() for make in (kind.ours, kind.keras_cell))
    assert theirs.keys() - ours.keys() == {"dropout", "recurrent_dropout", "seed"}
    assert {name: ours[name] for name in ours.keys() & theirs.keys() - {"name"}} == {
        name: theirs[name] for name in ours.keys() & theirs.keys() - {"name"}
    }


def test_keras_saving_knows_the_cell_without_custom_objects(kind):
    data = json.loads(json.dumps(keras.saving.serialize_keras_object(kind.ours(H, use_bias=False))))
    again = keras.saving.deserialize_keras_object(data)
    assert isinstance(again, kind.ours.func if hasattr(kind.ours, "func") else kind.ours)
    assert again.use_bias is False
    assert data["registered_name"].startswith("rnncourse>")


# TensorFlow 2.21: tf.Variable does not know the copy argument that NumPy 2 passes when Keras saves.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_saved_model_answers_the_same_after_loading(kind, tmp_path, assert_close):
    x = np.random.default_rng(0).normal(size=(B, T, F)).astype("float32")
    cell = kind.ours(H, bias_initializer="random_normal")
    model = keras.Sequential([keras.Input((T, F)), keras.layers.RNN(cell), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(again(x).numpy(), model(x).numpy(), "float32")


# Inside Keras.


def in_keras(make, weights, x, wrap):
    """Predictions of `wrap(cells)` with cells from `make`, weights set in order."""
    layer = wrap(make)
    layer.build(x.shape)
    layer.set_weights(weights)
    return keras.tree.map_structure(np.asarray, layer(x))


WRAPPERS = {
    "RNN": lambda make: keras.layers.RNN(
        make(H, dtype="float64"), return_state=True, dtype="float64"
    ),
    "return_sequences": lambda make: keras.layers.RNN(
        make(H, dtype="float64"), return_sequences=True, go_backwards=True, dtype="float64"
    ),
    "unroll": lambda make: keras.layers.RNN(make(H, dtype="float64"), unroll=True, dtype="float64"),
    "StackedRNNCells": lambda make: keras.layers.RNN(
        keras.layers.StackedRNNCells(
            [make(H, dtype="float64"), make(F, dtype="float64")], dtype="float64"
        ),
        return_sequences=True,
        dtype="float64",
    ),
    "list of cells": lambda make: keras.layers.RNN(
        [make(H, dtype="float64"), make(H, dtype="float64")], return_state=True, dtype="float64"
    ),
    "Bidirectional": lambda make: keras.layers.Bidirectional(
        keras.layers.RNN(make(H, dtype="float64"), return_sequences=True, dtype="float64"),
        dtype="float64",
    ),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_a_cell_works_wherever_that_of_keras_works(kind, wrap, assert_close):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(B, T, F))
    probe = wrap(kind.keras_cell)
    probe.build(x.shape)
    weights = [rng.normal(size=w.shape) for w in probe.weights]
    ours, theirs = (in_keras(make, weights, x, wrap) for make in (kind.ours, kind.keras_cell))
    ours, theirs = (dict(enumerate(keras.tree.flatten(result))) for result in (ours, theirs))
    assert_close(ours, theirs)


def test_a_stateful_layer_carries_on_where_it_stopped(kind, assert_close):
    x = np.random.default_rng(0).normal(size=(B, T, F))
    cell = built(kind.ours, kind.weights(F, H), "float64")
    whole = keras.layers.RNN(cell, return_sequences=True, dtype="float64")(x).numpy()
    layer = keras.layers.RNN(cell, return_sequences=True, stateful=True, dtype="float64")
    parts = np.concatenate([layer(x[:, :1]), layer(x[:, 1:])], axis=1)
    assert_close(parts, whole)
    layer.reset_state()
    assert_close(layer(x).numpy(), whole)


def test_half_precision_computes_in_half_and_keeps_its_weights_whole(kind):
    cell = kind.ours(H, dtype="mixed_float16")
    output, new = cell(np.ones((B, F), "float32"), cell.get_initial_state(B))
    assert {output.dtype, *(s.dtype for s in new)} == {tf.float16}
    assert {w.dtype for w in cell.weights} == {"float32"}
    assert np.isfinite(output).all()


def test_training_by_fit_changes_every_weight(kind):
    keras.utils.set_random_seed(0)
    cell = kind.ours(H)
    model = keras.Sequential([keras.Input((T, F)), keras.layers.RNN(cell), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    before = cell.get_weights()
    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(8, T, F)), rng.normal(size=(8, 1)), verbose=0)
    assert all((old != new).any() for old, new in zip(before, cell.get_weights(), strict=True))


# What a cell takes.

TAKEN = {
    "nested lists": [[1.0, 2.0]] * B,
    "integers": np.full((B, F), 2),
    "int8": np.full((B, F), 2, np.int8),
    "booleans": np.ones((B, F), bool),
    "float16": np.ones((B, F), np.float16),
    "float64": np.ones((B, F)),
    "integer tensor": tf.ones((B, F), tf.int32),
    "float64 tensor": tf.ones((B, F), tf.float64),
    "variable": tf.Variable(np.ones((B, F), "float32")),
    "keras variable": keras.Variable(np.ones((B, F), "float32")),
    "huge": np.full((B, F), 1e30),
}


@pytest.mark.parametrize("x", TAKEN.values(), ids=TAKEN)
def test_numbers_of_any_type_are_taken(kind, x):
    cell = built(kind.ours, kind.weights(F, H), "float32")
    plain = keras.ops.cast(keras.ops.convert_to_tensor(x), "float32").numpy()
    state = cell.get_initial_state(B)
    assert cell(x, state)[0].numpy().tolist() == cell(plain, state)[0].numpy().tolist()


def test_a_state_may_be_integers_or_nested_lists(kind):
    cell = built(kind.ours, kind.weights(F, H), "float32")
    zeros = cell(np.ones((B, F)), cell.get_initial_state(B))[0].numpy()
    for state in np.zeros((B, H), int), [[0] * H] * B:
        assert (cell(np.ones((B, F)), [state] * kind.states)[0].numpy() == zeros).all()


@pytest.mark.parametrize("name", ["rnn", "gru", "gru_reset_before"])
def test_a_single_state_may_come_without_its_list(name, kind_named):
    kind = kind_named(name)
    cell = built(kind.ours, kind.weights(F, H), "float32")
    h = tf.ones((B, H))
    assert (cell(np.ones((B, F)), h)[0] == cell(np.ones((B, F)), [h])[0]).numpy().all()


@pytest.mark.parametrize("units", [1, np.int64(3), np.uint8(3)], ids=["one", "int64", "uint8"])
def test_units_may_be_any_positive_whole_number(kind, units):
    cell = kind.ours(units)
    output, _ = cell(np.ones((1, 1)), cell.get_initial_state(1))
    assert output.shape == (1, int(units))
    assert json.dumps(cell.get_config()["units"]) == str(units)


@pytest.mark.parametrize("units", [0, -1, 2.5, 2.0, "5", True, None, [5]], ids=repr)
def test_units_that_are_no_positive_integer_are_refused(kind, units):
    message = f"`units` must be an integer ≥ 1, got {units!r}: it is the size H"
    with pytest.raises(ValueError, match=re.escape(message)):
        kind.ours(units)


def test_an_argument_of_another_cell_is_refused_by_name(kind):
    with pytest.raises(ValueError, match="peepholes"):
        kind.ours(H, peepholes=True)


BAD_INPUTS = {
    "no batch": (
        np.ones(F),
        ValueError,
        r"`inputs` must have shape \(B, F\), got \(2,\): add a batch axis with x",
    ),
    "with time": (
        np.ones((B, T, F)),
        ValueError,
        r"got \(4, 3, 2\): a cell takes one time step: pass x\[:, t\]",
    ),
    "rank 4": (
        np.ones((1, B, T, F)),
        ValueError,
        r"got \(1, 4, 3, 2\): reshape it to 2 dimensions",
    ),
    "zero batch": (np.ones((0, F)), ValueError, r"B ≥ 1, got \(0, 2\): pass at least one sequence"),
    "scalar": (1.0, ValueError, r"`inputs` must have shape \(B, F\), got \(\): reshape"),
    "text": ("hello", TypeError, "must hold numbers, got dtype str.*: turn"),
    "words": (np.full((B, F), "a"), TypeError, "must hold numbers, got dtype str.*: turn"),
    "text tensor": (
        tf.constant([["a", "b"]] * B),
        TypeError,
        "must hold numbers, got dtype string: turn",
    ),
    "objects": (np.full((B, F), object()), TypeError, "must hold numbers, got dtype object: turn"),
    "complex": (
        np.ones((B, F), complex),
        TypeError,
        "must hold numbers, got dtype complex128: turn",
    ),
    "complex tensor": (tf.ones((B, F), tf.complex64), TypeError, "got dtype complex64: turn"),
    "none": (None, TypeError, "`inputs` must hold numbers, got dtype object"),
    "ragged": (
        [[1.0, 2.0], [3.0]],
        TypeError,
        "`inputs` must be a rectangular array of numbers, got rows",
    ),
}


@pytest.mark.parametrize("is_built", [True, False], ids=["built", "new"])
@pytest.mark.parametrize(("x", "error", "message"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_a_cell_refuses_what_is_no_step_of_a_batch(kind, x, error, message, is_built):
    cell = built(kind.ours, kind.weights(F, H), "float32") if is_built else kind.ours(H)
    with pytest.raises(error, match=message):
        cell(x, [tf.zeros((B, H))] * kind.states)


def test_a_cell_refuses_other_features_than_it_was_built_for(kind):
    cell = built(kind.ours, kind.weights(F, H), "float32")
    with pytest.raises(
        ValueError, match=r"`inputs` must have shape \(B, 2\), got \(4, 7\): the cell was built"
    ):
        cell(np.ones((B, 7)), cell.get_initial_state(B))


BAD_STATES = {
    "rank 1": (
        np.zeros(H),
        ValueError,
        r"`state h` must have shape \(B, H\), got \(5,\): add a batch axis",
    ),
    "rank 3": (
        np.zeros((1, B, H)),
        ValueError,
        r"`state h` must have shape \(B, H\), got \(1, 4, 5\): reshape",
    ),
    "units": (
        np.zeros((B, H + 1)),
        ValueError,
        r"`state h` must have shape \(4, 5\), got \(4, 6\): one row of H",
    ),
    "batch": (
        np.zeros((1, H)),
        ValueError,
        r"`state h` must have shape \(4, 5\), got \(1, 5\): one row of H",
    ),
    "text": ("zeros", TypeError, "`state h` must hold numbers, got dtype str"),
    "none": (None, TypeError, "`state h` must hold numbers, got dtype object"),
    "complex": (
        np.zeros((B, H), complex),
        TypeError,
        "`state h` must hold numbers, got dtype complex",
    ),
}


@pytest.mark.parametrize(("state", "error", "message"), BAD_STATES.values(), ids=BAD_STATES)
def test_a_cell_refuses_a_state_that_does_not_fit(kind, state, error, message):
    cell = built(kind.ours, kind.weights(F, H), "float32")
    with pytest.raises(error, match=message):
        cell(np.ones((B, F)), [state] * kind.states)


def test_a_cell_refuses_a_wrong_number_of_states(kind):
    cell = built(kind.ours, kind.weights(F, H), "float32")
    wanted = {1: r"a list of 1: \[h\]", 2: r"a list of 2: \[h, c\]"}[kind.states]
    for states in [], [tf.zeros((B, H))] * 3:
        with pytest.raises(
            ValueError, match=f"`states` must be {wanted}, got {len(states)}: start from"
        ):
            cell(np.ones((B, F)), states)


def test_the_checks_speak_inside_a_compiled_function_too(kind):
    cell = built(kind.ours, kind.weights(F, H), "float32")
    step = tf.function(lambda x: cell(x, cell.get_initial_state(B))[0])
    with pytest.raises(ValueError, match=r"`inputs` must have shape \(B, F\), got \(4, 3, 2\)"):
        step(tf.ones((B, T, F)))


def test_building_for_a_sequence_is_refused(kind):
    with pytest.raises(
        ValueError, match=r"`inputs` must have shape \(B, F\), got \(None, 3, 2\): a cell takes one"
    ):
        kind.ours(H).build((None, T, F))
