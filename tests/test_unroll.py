"""A cell over time, against NumPy, Keras, hand-made slices, central differences and bad input."""

import re
from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import unroll
from rnncourse.cells import GRUCell, LSTMCell, SimpleRNNCell
from rnncourse.unroll import chunked_rnn, dynamic_rnn

B, T, F, H = 4, 3, 2, 5
LENGTHS = [3, 1, 0, 2]
UNROLLERS = ["static_rnn", "dynamic_rnn"]
MODES = {
    "eager": lambda function: function,
    "function": tf.function,
    "xla": lambda function: tf.function(function, jit_compile=True),
}

few_examples = settings(max_examples=8)
seeds = st.integers(0, 2**16)
sides = st.integers(1, 5)


@pytest.fixture(scope="session", params=UNROLLERS)
def name(request):
    return request.param


# Over time both forms of the LSTM are one: they differ in their first weights alone.
@pytest.fixture(scope="session", params=["rnn", "lstm", "gru", "gru_reset_before"])
def kind(request, kind_named):
    return kind_named(request.param)


def built(make, weights, dtype="float64"):
    features, units = weights[0].shape[0], weights[1].shape[0]
    cell = make(units, dtype=dtype)
    cell.build((None, features))
    cell.set_weights(weights)
    return cell


def problem(kind, dtype="float64", batch=B, steps=T, features=F, units=H, seed=0):
    """Inputs `(B, T, F)`, a state and weights, all random."""
    x = np.random.default_rng(seed).normal(size=(batch, steps, features)).astype(dtype)
    weights = kind.weights(features, units, dtype, seed + 1)
    return x, kind.random_state(batch, units, dtype, seed + 2), weights


def shares_like(outputs_shape, states):
    """Unequal weights on every number that comes out, so that no two errors cancel in a sum."""
    rng = np.random.default_rng(9)
    return [rng.normal(size=shape) for shape in (outputs_shape, *(s.shape for s in states))]


def everything(run, weights, x, state, mode="eager", lengths=None):
    """Outputs, final states and the gradients of their weighted sum, by name.

    Args:
        run: `(x, state, lengths) -> (outputs, states)`.
        weights: Variables to differentiate by.
        x: `(B, T, F)`.
        state: List of `(B, H)`.
        mode: A key of `MODES`.
        lengths: `(B,)` or `None`.
    """
    outputs_shape = (*x.shape[:2], state[0].shape[-1])
    shares = [tf.constant(s, x.dtype) for s in shares_like(outputs_shape, state)]

    def once(x, *state):
        with tf.GradientTape() as tape:
            tape.watch([x, *state])
            outputs, final = run(x, list(state), lengths)
            loss = sum(tf.reduce_sum(s * a) for s, a in zip(shares, [outputs, *final], strict=True))
        sources = [x, *state, *(w.value for w in weights)]
        return outputs, final, tape.gradient(loss, sources, unconnected_gradients="zero")

    outputs, final, gradients = MODES[mode](once)(tf.constant(x), *map(tf.constant, state))
    result = {"outputs": outputs} | {f"final state {k}": s for k, s in enumerate(final)}
    sources = ["x", *(f"state {k}" for k in range(len(state))), *(w.name for w in weights)]
    result |= {f"gradient of {source}": g for source, g in zip(sources, gradients, strict=True)}
    return {key: value.numpy() for key, value in result.items()}


def our_everything(unroller, cell, x, state, mode="eager", lengths=None):
    def run(x, state, lengths):
        # Looked up at each call, so that a mutation of the module counts.
        return getattr(unroll, unroller)(cell, x, state, lengths)

    return everything(run, cell.trainable_weights, x, state, mode, lengths)


@cache
def keras_everything(kind, form, dtype, with_lengths):
    """The same from Keras: its cell inside `RNN`, or its layer."""
    x, state, weights = problem(kind, dtype)
    settings = {
        "return_sequences": True,
        "return_state": True,
        "zero_output_for_mask": True,
        "dtype": dtype,
    }
    if form == "cell":
        layer = keras.layers.RNN(kind.keras_cell(H, dtype=dtype), **settings)
    else:
        settings |= {} if kind.gates == 1 else {"use_cudnn": False}
        layer = kind.keras_layer(H, **settings)
    layer.build(x.shape)
    layer.set_weights(weights)

    def run(x, state, lengths):
        mask = None if lengths is None else tf.sequence_mask(lengths, T)
        outputs, *final = layer(x, initial_state=state, mask=mask)
        return outputs, final

    lengths = LENGTHS if with_lengths else None
    return everything(run, layer.trainable_weights, x, state, lengths=lengths)


def agrees_with_keras(
    kind, unroller, assert_close, dtype="float64", mode="eager", with_lengths=True
):
    x, state, weights = problem(kind, dtype)
    cell = built(kind.ours, weights, dtype)
    ours = our_everything(unroller, cell, x, state, mode, LENGTHS if with_lengths else None)
    for form in "cell", "layer":
        assert_close(ours, keras_everything(kind, form, dtype, with_lengths), dtype)


def agrees_with_numpy(kind, unroller, assert_close, dtype="float64", lengths=LENGTHS):
    x, state, weights = problem(kind, dtype)
    outputs, final = getattr(unroll, unroller)(built(kind.ours, weights, dtype), x, state, lengths)
    wanted_outputs, wanted_final = kind.unrolled_reference(weights, x, state, lengths)
    assert_close(outputs.numpy(), wanted_outputs, dtype)
    for mine, wanted in zip(final, wanted_final, strict=True):
        assert_close(mine.numpy(), wanted, dtype)


# The oracle chain.


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "lengths"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_unrolling_gives_what_the_reference_gives(kind, name, dtype, lengths, assert_close):
    agrees_with_numpy(kind, name, assert_close, dtype, lengths)


@pytest.mark.parametrize("with_lengths", [False, True], ids=["whole", "lengths"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["eager", "function"])
def test_outputs_states_and_gradients_equal_those_of_keras(
    kind, name, mode, dtype, with_lengths, assert_close
):
    agrees_with_keras(kind, name, assert_close, dtype, mode, with_lengths)


def test_outputs_states_and_gradients_equal_those_of_keras_under_xla(kind, name, assert_close):
    agrees_with_keras(kind, name, assert_close, "float32", "xla")


def test_the_cells_of_keras_can_be_unrolled_too(kind, name, assert_close):
    x, state, weights = problem(kind)
    cell = built(kind.keras_cell, weights)
    ours = our_everything(name, cell, x, state, lengths=LENGTHS)
    assert_close(ours, keras_everything(kind, "cell", "float64", True))


@pytest.mark.parametrize("lengths", [None, [4, 2, 0]], ids=["whole", "lengths"])
def test_gradients_are_the_central_differences_of_the_reference(kind, name, lengths):
    x, state, weights = problem(kind, batch=3, steps=4, units=3)
    ours = our_everything(name, built(kind.ours, weights), x, state, lengths=lengths)
    shares = shares_like((3, 4, 3), state)

    def loss():
        outputs, final = kind.unrolled_reference(weights, x, state, lengths)
        return sum((s * a).sum() for s, a in zip(shares, [outputs, *final], strict=True))

    step = 1e-6
    gradients = [value for key, value in ours.items() if key.startswith("gradient")]
    for array, gradient in zip([x, *state, *weights], gradients, strict=True):
        numeric = np.empty_like(array)
        for where in np.ndindex(array.shape):
            kept = array[where]
            array[where] = kept + step
            above = loss()
            array[where] = kept - step
            numeric[where] = (above - loss()) / (2 * step)
            array[where] = kept
        assert np.max(np.abs(gradient - numeric)) <= 1e-6 * max(1e-3, np.max(np.abs(numeric)))


# Mutations: each likely mistake must fail the very comparisons above.


def leave_outputs(cell, x, states, live):
    output, _ = cell(x, states)
    _, kept = STEP(cell, x, states, live)
    return output, kept


def move_states(cell, x, states, live):
    output, _ = STEP(cell, x, states, live)
    return output, cell(x, states)[1]


STEP, LENGTHS_CHECK, PREPARE = unroll._step, unroll.as_lengths, unroll._prepare
MASK_MUTATIONS = {
    "mask dropped": ("_step", lambda cell, x, states, live: STEP(cell, x, states, None)),
    "outputs not zeroed": ("_step", leave_outputs),
    "states not copied through": ("_step", move_states),
    "one step too many": ("as_lengths", lambda *given: LENGTHS_CHECK(*given) + 1),
    "one step too few": ("as_lengths", lambda *given: LENGTHS_CHECK(*given) - 1),
    "padding at the front": ("as_lengths", lambda n, x: LENGTHS_CHECK(n, x)[::-1]),
}


def shift_time(cell, inputs, *rest):
    inputs, states, valid = PREPARE(cell, inputs, *rest)
    return tf.roll(inputs, 1, axis=1), states, valid


def reverse_time(cell, inputs, *rest):
    inputs, states, valid = PREPARE(cell, inputs, *rest)
    return tf.reverse(inputs, [1]), states, valid


def forget_initial_state(cell, inputs, initial_state, lengths):
    return PREPARE(cell, inputs, None, lengths)


def forget_between_steps(cell, x, states, live):
    return STEP(cell, x, [0 * s for s in states], live)


def swap_states(cell, x, states, live):
    output, (h, c) = STEP(cell, x, states, live)
    return output, [c, h]


WALK_MUTATIONS = {
    "time shifted by one": ("_prepare", shift_time),
    "time reversed": ("_prepare", reverse_time),
    "initial state dropped": ("_prepare", forget_initial_state),
    "state dropped between steps": ("_step", forget_between_steps),
    "h and c swapped": ("_step", swap_states),
}


@pytest.mark.parametrize(
    ("attribute", "mutation"),
    MASK_MUTATIONS.values(),
    ids=[key.replace(" ", "_") for key in MASK_MUTATIONS],
)
def test_the_comparisons_catch_a_wrong_mask(
    attribute, mutation, kind_named, name, assert_close, monkeypatch
):
    kind = kind_named("lstm")
    monkeypatch.setattr(unroll, attribute, mutation)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_keras(kind, name, assert_close)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_numpy(kind, name, assert_close)


@pytest.mark.parametrize(
    ("attribute", "mutation"),
    WALK_MUTATIONS.values(),
    ids=[key.replace(" ", "_") for key in WALK_MUTATIONS],
)
@pytest.mark.parametrize("with_lengths", [False, True], ids=["whole", "lengths"])
def test_the_comparisons_catch_a_wrong_walk(
    attribute, mutation, with_lengths, kind_named, name, assert_close, monkeypatch
):
    kind = kind_named("lstm")
    monkeypatch.setattr(unroll, attribute, mutation)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_keras(kind, name, assert_close, with_lengths=with_lengths)
    with pytest.raises(AssertionError, match="differs by"):
        agrees_with_numpy(kind, name, assert_close, lengths=LENGTHS if with_lengths else None)


def test_the_comparison_catches_a_gradient_that_leaks_out_of_the_past(
    kind_named, name, assert_close, monkeypatch
):
    def truncated(cell, x, states, live):
        return STEP(cell, x, [tf.stop_gradient(s) for s in states], live)

    monkeypatch.setattr(unroll, "_step", truncated)
    with pytest.raises(AssertionError, match=r"gradient of .+ differs by"):
        agrees_with_keras(kind_named("gru"), name, assert_close)


# Properties.


def test_final_state_is_the_last_output(kind, name):
    x, state, weights = problem(kind)
    outputs, final = getattr(unroll, name)(built(kind.ours, weights), x, state)
    assert isinstance(final, list) and len(final) == kind.states
    assert (final[0] == outputs[:, -1]).numpy().all()


def test_final_state_is_the_output_at_the_length(kind, name):
    x, state, weights = problem(kind)
    outputs, (h, *_) = getattr(unroll, name)(built(kind.ours, weights), x, state, LENGTHS)
    for row, length in enumerate(LENGTHS):
        wanted = outputs[row, length - 1] if length else state[0][row]
        assert h[row].numpy().tolist() == np.array(wanted).tolist()


def test_a_missing_initial_state_is_zeros(kind, name, assert_close):
    x, state, weights = problem(kind)
    cell = built(kind.ours, weights)
    given, _ = getattr(unroll, name)(cell, x, [np.zeros_like(s) for s in state])
    assert (getattr(unroll, name)(cell, x)[0] == given).numpy().all()


draws = st.tuples(sides, sides, sides, sides, seeds)


class Drawn:
    """A problem drawn by Hypothesis, its lengths, and a way to run it eagerly."""

    def __init__(self, kind, unroller, sizes):
        batch, steps, *_, seed = sizes
        self.x, self.state, weights = problem(kind, "float64", *sizes[:4], seed)
        self.cell, self.unroller = built(kind.ours, weights), unroller
        self.rng = np.random.default_rng(seed)
        self.lengths = self.rng.integers(0, steps + 1, batch)

    def run(self, x=None, state=None, lengths=None, unroller=None):
        x, state = self.x if x is None else x, self.state if state is None else state
        outputs, final = getattr(unroll, unroller or self.unroller)(self.cell, x, state, lengths)
        return {"outputs": outputs.numpy()} | {str(k): s.numpy() for k, s in enumerate(final)}

    def gradients(self, x, lengths):
        return our_everything(self.unroller, self.cell, x, self.state, lengths=lengths)


@few_examples
@given(draws, sides)
def test_the_past_does_not_know_the_future(kind, name, sizes, t):
    drawn = Drawn(kind, name, sizes)
    changed = drawn.x.copy()
    changed[:, t:] = drawn.rng.normal(size=changed[:, t:].shape)
    assert (drawn.run()["outputs"][:, :t] == drawn.run(changed)["outputs"][:, :t]).all()


@few_examples
@given(draws, st.integers(1, 4))
def test_running_in_two_chunks_is_running_once(kind, name, assert_close, sizes, k):
    sizes = (sizes[0], max(sizes[1], k + 1), *sizes[2:])
    drawn = Drawn(kind, name, sizes)
    whole = drawn.run(lengths=drawn.lengths)
    first = drawn.run(drawn.x[:, :k], lengths=np.minimum(drawn.lengths, k))
    state = [first[str(i)] for i in range(kind.states)]
    rest = drawn.run(drawn.x[:, k:], state, np.maximum(drawn.lengths - k, 0))
    rest["outputs"] = np.concatenate([first["outputs"], rest["outputs"]], axis=1)
    assert_close(rest, whole)


@few_examples
@given(draws)
def test_the_order_of_the_batch_does_not_matter(kind, name, assert_close, sizes):
    drawn = Drawn(kind, name, sizes)
    order = drawn.rng.permutation(len(drawn.x))
    shuffled = drawn.run(drawn.x[order], [s[order] for s in drawn.state], drawn.lengths[order])
    whole = drawn.run(lengths=drawn.lengths)
    assert_close(shuffled, {key: array[order] for key, array in whole.items()})


@few_examples
@given(draws, st.sampled_from([np.nan, np.inf, -np.inf, 1e300]))
def test_what_stands_behind_a_length_reaches_neither_outputs_nor_gradients(kind, name, sizes, junk):
    drawn = Drawn(kind, name, sizes)
    spoilt = drawn.x.copy()
    for row, length in enumerate(drawn.lengths):
        spoilt[row, length:] = junk
    clean, dirty = drawn.gradients(drawn.x, drawn.lengths), drawn.gradients(spoilt, drawn.lengths)
    for key, array in clean.items():
        assert np.isfinite(dirty[key]).all()
        assert (dirty[key] == array).all()
    for row, length in enumerate(drawn.lengths):
        assert not clean["gradient of x"][row, length:].any()


@few_examples
@given(draws)
def test_lengths_are_slicing_each_row_by_hand(kind, name, assert_close, sizes):
    drawn = Drawn(kind, name, sizes)
    padded = drawn.run(lengths=drawn.lengths)
    for row, length in enumerate(drawn.lengths):
        here = slice(row, row + 1)
        assert not padded["outputs"][row, length:].any()
        state = [s[here] for s in drawn.state]
        if length == 0:
            assert all((padded[str(k)][here] == s).all() for k, s in enumerate(state))
            continue
        alone = drawn.run(drawn.x[here, :length], state)
        outputs = alone.pop("outputs")
        assert_close(padded["outputs"][here, :length], outputs)
        assert_close({key: padded[key][here] for key in alone}, alone)


@few_examples
@given(draws, st.booleans())
def test_static_and_dynamic_unrolling_agree(kind, assert_close, sizes, with_lengths):
    drawn = Drawn(kind, "static_rnn", sizes)
    lengths = drawn.lengths if with_lengths else None
    assert_close(drawn.run(lengths=lengths), drawn.run(lengths=lengths, unroller="dynamic_rnn"))


@few_examples
@given(draws)
def test_outputs_stay_between_minus_one_and_one(kind, name, sizes):
    drawn = Drawn(kind, name, sizes)
    assert (np.abs(drawn.run(5 * drawn.x)["outputs"]) <= 1).all()


@few_examples
@given(draws)
def test_full_lengths_are_no_lengths(kind, name, sizes):
    drawn = Drawn(kind, name, sizes)
    whole, full = drawn.run(), drawn.run(lengths=np.full(sizes[0], sizes[1]))
    assert all((whole[key] == full[key]).all() for key in whole)


def test_lstm_keeps_its_cell_when_the_forget_gate_is_open(kind_named, name):
    kind = kind_named("lstm")
    x, state, weights = problem(kind, steps=50)
    weights = [0 * weights[0], 0 * weights[1], np.repeat([-800.0, 800.0, 1.0, 0.0], H)]
    _, (_, c) = getattr(unroll, name)(built(kind.ours, weights), x, state)
    assert (c.numpy() == state[1]).all()


@pytest.mark.parametrize("form", ["gru", "gru_reset_before"])
def test_gru_keeps_its_state_when_the_update_gate_is_one(form, kind_named, name):
    kind = kind_named(form)
    x, state, weights = problem(kind, steps=50)
    weights = [0 * w for w in weights]
    weights[2][..., :H] = 800
    _, (h,) = getattr(unroll, name)(built(kind.ours, weights), x, state)
    assert (h.numpy() == state[0]).all()


# Unrolling without any network: cells whose answer is known.


class Counter(keras.layers.Layer):
    """Adds its input to a sum and counts steps; the output is ten times the count, then the sum."""

    state_size = (1, 1)

    def call(self, inputs, states):
        count, total = states
        count, total = count + 1, total + inputs
        return tf.concat([10 * count, total], axis=-1), [count, total]


def test_a_counter_counts_the_steps_of_each_row(name):
    outputs, (count, total) = getattr(unroll, name)(
        Counter(), tf.ones((3, 4, 1)), lengths=[4, 2, 0]
    )
    assert outputs[..., 0].numpy().tolist() == [[10, 20, 30, 40], [10, 20, 0, 0], [0, 0, 0, 0]]
    assert outputs[..., 1].numpy().tolist() == [[1, 2, 3, 4], [1, 2, 0, 0], [0, 0, 0, 0]]
    assert count[:, 0].numpy().tolist() == total[:, 0].numpy().tolist() == [4, 2, 0]


def test_a_counter_adds_each_input_once_and_in_order(name):
    x = [[[1], [20], [300]], [[4], [50], [600]]]
    outputs, (_, total) = getattr(unroll, name)(Counter(), x)
    assert outputs[..., 1].numpy().tolist() == [[1, 21, 321], [4, 54, 654]]
    assert total[:, 0].numpy().tolist() == [321, 654]


def test_a_counter_goes_on_from_the_state_it_is_given(name):
    state = [[[5.0], [7.0]], [[100.0], [200.0]]]
    outputs, (count, total) = getattr(unroll, name)(Counter(), tf.ones((2, 2, 1)), state, [2, 0])
    assert outputs.numpy().tolist() == [[[60, 101], [70, 102]], [[0, 0], [0, 0]]]
    assert count[:, 0].numpy().tolist() == [7, 7]
    assert total[:, 0].numpy().tolist() == [102, 200]


def test_static_unrolling_calls_the_cell_once_a_step_and_the_loop_once_in_all():
    calls = []

    class Spy(Counter):
        def call(self, inputs, states):
            calls.append(1)
            return super().call(inputs, states)

    for unroller, wanted in (unroll.static_rnn, 7), (unroll.dynamic_rnn, 1):
        cell = Spy()
        cell.build((None, 1))
        calls.clear()
        tf.function(unroller).get_concrete_function(cell, tf.TensorSpec((2, 7, 1)))
        assert len(calls) == wanted


def test_the_graph_of_the_loop_does_not_grow_with_time():
    def size(unroller, steps):
        cell = SimpleRNNCell(2)
        cell.build((None, 1))
        concrete = tf.function(unroller).get_concrete_function(cell, tf.TensorSpec((1, steps, 1)))
        return len(concrete.graph.get_operations())

    assert size(unroll.dynamic_rnn, 3) == size(unroll.dynamic_rnn, 30)
    assert size(unroll.static_rnn, 30) > 5 * size(unroll.static_rnn, 3)


def test_the_gradient_of_the_inputs_costs_no_array_of_their_size_at_each_step(name):
    cell = SimpleRNNCell(2)
    cell.build((None, 1))

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs, _ = getattr(unroll, name)(cell, x, lengths=[7, 3])
        return tape.gradient(outputs, x)

    graph = tf.function(gradient).get_concrete_function(tf.TensorSpec((2, 7, 1))).graph
    functions = graph.as_graph_def().library.function
    kinds = {node.op for f in functions for node in f.node_def}
    assert "StridedSliceGrad" not in kinds | {op.type for op in graph.get_operations()}


def test_a_slice_of_the_inputs_is_caught(monkeypatch):
    def sliced(tensor, axis):
        return [tensor[:, t] for t in range(tensor.shape[axis])]

    monkeypatch.setattr(tf, "unstack", sliced)
    with pytest.raises(AssertionError):
        test_the_gradient_of_the_inputs_costs_no_array_of_their_size_at_each_step("static_rnn")


def test_stacked_cells_keep_their_nested_state(name, assert_close):
    x = np.random.default_rng(0).normal(size=(B, T, F))
    cell = keras.layers.StackedRNNCells(
        [LSTMCell(H, dtype="float64"), GRUCell(F, dtype="float64")], dtype="float64"
    )
    outputs, final = getattr(unroll, name)(cell, x, lengths=LENGTHS)
    layer = keras.layers.RNN(
        cell, return_sequences=True, return_state=True, zero_output_for_mask=True, dtype="float64"
    )
    wanted = layer(x, mask=tf.sequence_mask(LENGTHS, T))
    ours = keras.tree.flatten([outputs, final])
    for mine, keras_s in zip(ours, keras.tree.flatten(wanted), strict=True):
        assert_close(mine.numpy(), keras_s.numpy())
    again, _ = getattr(unroll, name)(cell, x, final)
    assert again.shape == (B, T, F)


# What is legal, however unusual.

LEGAL_INPUTS = {
    "nested lists": [[[1.0, 2.0]] * T] * B,
    "integers": np.full((B, T, F), 2),
    "booleans": np.ones((B, T, F), bool),
    "float16": np.ones((B, T, F), np.float16),
    "float32": np.ones((B, T, F), np.float32),
    "float64": np.ones((B, T, F)),
    "integer tensor": tf.ones((B, T, F), tf.int64),
    "boolean tensor": tf.ones((B, T, F), tf.bool),
    "float64 tensor": tf.ones((B, T, F), tf.float64),
    "variable": tf.Variable(tf.ones((B, T, F))),
    "keras variable": keras.Variable(np.ones((B, T, F), "float32")),
    "huge": np.full((B, T, F), 1e30),
    "zeros": np.zeros((B, T, F)),
}


@pytest.mark.parametrize("x", LEGAL_INPUTS.values(), ids=LEGAL_INPUTS)
def test_numbers_of_any_type_are_taken(name, x, kind_named):
    cell = built(kind_named("lstm").ours, kind_named("lstm").weights(F, H), "float32")
    plain = tf.cast(tf.convert_to_tensor(x), "float32")
    for mode in MODES["eager"], MODES["function"]:
        outputs, _ = mode(lambda: getattr(unroll, name)(cell, x))()
        assert outputs.dtype == tf.float32
        assert np.isfinite(outputs).all()
        np.testing.assert_allclose(outputs, getattr(unroll, name)(cell, plain)[0], atol=1e-6)


@pytest.mark.parametrize("value", [1e30, -1e30], ids=str)
def test_huge_inputs_saturate_with_finite_gradients(kind, name, value):
    x, state, weights = problem(kind, "float32")
    result = our_everything(
        name, built(kind.ours, weights, "float32"), np.full_like(x, value), state
    )
    assert all(np.isfinite(array).all() for array in result.values())


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (1, 3, 1, 1), (3, 1, 2, 1), (1, 1, 1, 4)], ids=str)
def test_every_size_may_be_one(kind, name, sizes):
    x, state, weights = problem(kind, "float64", *sizes)
    outputs, final = getattr(unroll, name)(built(kind.ours, weights), x, state, [0] * sizes[0])
    assert outputs.shape == (*sizes[:2], sizes[3])
    assert {s.shape for s in final} == {(sizes[0], sizes[3])}


LEGAL_LENGTHS = {
    "list": LENGTHS,
    "tuple": tuple(LENGTHS),
    "numpy integers": [np.int64(n) for n in LENGTHS],
    "int8": np.array(LENGTHS, np.int8),
    "uint64": np.array(LENGTHS, np.uint64),
    "int32 tensor": tf.constant(LENGTHS, tf.int32),
    "int64 tensor": tf.constant(LENGTHS, tf.int64),
    "uint8 tensor": tf.constant(LENGTHS, tf.uint8),
    "uint64 tensor": tf.constant(LENGTHS, tf.uint64),
    "variable": tf.Variable(LENGTHS),
    "keras variable": keras.Variable(np.array(LENGTHS), dtype="int32"),
    "list of tensors": [tf.constant(n) for n in LENGTHS],
}


@pytest.mark.parametrize("lengths", LEGAL_LENGTHS.values(), ids=LEGAL_LENGTHS)
def test_whole_lengths_of_any_type_are_taken(name, lengths):
    x = tf.ones((B, T, 1))
    for mode in MODES["eager"], MODES["function"]:
        _, (count, _) = mode(lambda: getattr(unroll, name)(Counter(), x, lengths=lengths))()
        assert count[:, 0].numpy().tolist() == LENGTHS


@pytest.mark.parametrize(
    "cast",
    [np.array, tf.constant, tf.Variable, lambda s: s.tolist(), keras.Variable],
    ids=["array", "tensor", "variable", "nested lists", "keras variable"],
)
def test_an_initial_state_of_any_type_is_taken(kind_named, name, cast):
    kind = kind_named("lstm")
    x, state, weights = problem(kind, "float32")
    cell, given = built(kind.ours, weights, "float32"), [cast(s) for s in state]
    wanted, _ = getattr(unroll, name)(cell, x, [tf.constant(s) for s in state])
    for mode in MODES["eager"], MODES["function"]:
        outputs, _ = mode(lambda: getattr(unroll, name)(cell, x, given))()
        np.testing.assert_allclose(outputs, wanted, atol=1e-6)


def test_a_single_tensor_stands_for_a_list_of_one(name):
    x, h = np.ones((B, T, F)), np.ones((B, H))
    cell = SimpleRNNCell(H)
    assert (
        (getattr(unroll, name)(cell, x, h)[0] == getattr(unroll, name)(cell, x, [h])[0])
        .numpy()
        .all()
    )


def test_a_learned_initial_state_gets_its_gradient(name):
    start = tf.Variable(tf.zeros((1, H)))
    cell = SimpleRNNCell(H)
    with tf.GradientTape() as tape:
        outputs, _ = getattr(unroll, name)(cell, tf.ones((B, T, F)), [tf.repeat(start, B, axis=0)])
        loss = tf.reduce_sum(outputs)
    assert tape.gradient(loss, start).numpy().all()


def test_inputs_take_the_precision_of_the_cell(kind, name):
    x, _, _ = problem(kind, "float64")
    for dtype, wanted in (
        ("float64", tf.float64),
        ("float16", tf.float16),
        ("mixed_float16", tf.float16),
    ):
        outputs, final = getattr(unroll, name)(kind.ours(H, dtype=dtype), x, lengths=LENGTHS)
        assert {outputs.dtype, *(s.dtype for s in final)} == {wanted}


def test_batch_and_time_may_be_unknown_when_the_graph_is_traced(kind, assert_close):
    x, _, weights = problem(kind)
    cell = built(kind.ours, weights)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, F), tf.float64),
            tf.TensorSpec((None,), tf.int32),
        ]
    )
    def run(x, lengths):
        return unroll.dynamic_rnn(cell, x, lengths=lengths)

    for batch, steps in (B, T), (2, 1), (1, 2):
        part, lengths = x[:batch, :steps], np.minimum(LENGTHS[:batch], steps)
        outputs, final = run(part, lengths)
        wanted, wanted_final = unroll.static_rnn(cell, part, lengths=lengths)
        assert_close(outputs.numpy(), wanted.numpy())
        for mine, other in zip(final, wanted_final, strict=True):
            assert_close(mine.numpy(), other.numpy())
    assert run.experimental_get_tracing_count() == 1


def test_batch_may_be_unknown_when_time_is_written_out(kind):
    x, _, weights = problem(kind, "float32")
    cell = built(kind.ours, weights, "float32")
    run = tf.function(
        lambda x: unroll.static_rnn(cell, x), input_signature=[tf.TensorSpec((None, T, F))]
    )
    for batch in 1, B:
        assert run(x[:batch])[0].shape == (batch, T, H)


def test_static_shapes_survive_the_loop():
    cell = SimpleRNNCell(H)
    run = tf.function(lambda x: unroll.dynamic_rnn(cell, x))
    outputs, (h,) = run.get_concrete_function(tf.TensorSpec((None, T, F))).structured_outputs
    assert outputs.shape.as_list() == [None, T, H]
    assert h.shape.as_list() == [None, H]


# Refusals at the eager edge.


def with_value(value, where):
    x = np.zeros((B, T, F), "float32")
    x[where] = value
    return x


X = np.zeros((B, T, F), "float32")
ZERO = np.zeros((B, H), "float32")
BAD_INPUTS = {
    "rank 1": (
        np.ones(3),
        ValueError,
        r"`inputs` must have shape \(B, T, F\), got \(3,\): add a batch and a",
    ),
    "rank 2": (
        np.ones((32, 10)),
        ValueError,
        r"got \(32, 10\): add a feature axis with x\[\.\.\., None\]",
    ),
    "rank 4": (
        np.ones((2, 3, 4, 5)),
        ValueError,
        r"got \(2, 3, 4, 5\): reshape it to 3 dimensions",
    ),
    "scalar": (1.0, ValueError, r"`inputs` must have shape \(B, T, F\), got \(\): reshape"),
    "empty sequence": (
        np.ones((B, 0, F)),
        ValueError,
        r"T ≥ 1, got \(4, 0, 2\): pass at least one time step",
    ),
    "zero batch": (
        np.ones((0, T, F)),
        ValueError,
        r"B ≥ 1, got \(0, 3, 2\): pass at least one sequence",
    ),
    "no features": (
        np.ones((B, T, 0)),
        ValueError,
        r"F ≥ 1, got \(4, 3, 0\): pass at least one feature",
    ),
    "other features": (
        np.ones((B, T, 7)),
        ValueError,
        r"shape \(B, T, 2\), got \(4, 3, 7\): .+ built for F = 2",
    ),
    "nan": (
        with_value(np.nan, (3, 2, 1)),
        ValueError,
        r"`inputs` must be finite, got nan at \(3, 2, 1\): replace",
    ),
    "inf": (
        with_value(np.inf, (0, 0, 0)),
        ValueError,
        r"`inputs` must be finite, got inf at \(0, 0, 0\): replace",
    ),
    "text": ("hello", TypeError, "must hold numbers, got dtype str.*: turn"),
    "words": ([[["a", "b"]]], TypeError, "must hold numbers, got dtype str.*: turn"),
    "text tensor": (
        tf.constant([[["a", "b"]]]),
        TypeError,
        "must hold numbers, got dtype string: turn",
    ),
    "objects": (
        np.full((B, T, F), object()),
        TypeError,
        "must hold numbers, got dtype object: turn",
    ),
    "none": (None, TypeError, "must hold numbers, got dtype object: turn"),
    "complex": (X.astype(complex), TypeError, "must hold numbers, got dtype complex128: turn"),
    "complex tensor": (
        tf.cast(X, tf.complex64),
        TypeError,
        "must hold numbers, got dtype complex64: turn",
    ),
    "ragged lists": (
        [[[1, 2]], [[1, 2], [3, 4]]],
        TypeError,
        "got rows of unequal length: pad them with zeros",
    ),
    "ragged tensor": (
        tf.ragged.constant([[[1.0]], [[1.0], [2.0]]]),
        TypeError,
        "got a RaggedTensor: use .+row_lengths",
    ),
    "sparse tensor": (
        tf.sparse.from_dense(X + 1),
        TypeError,
        "got a SparseTensor: use .+sparse.to_dense",
    ),
    "list of tensors": (
        [tf.ones((B, F))] * T,
        TypeError,
        r"got a list of 3: join the steps with tf.stack\(steps, axis=1\)",
    ),
    "list of arrays": ([np.ones((B, F))] * T, TypeError, "got a list of 3: join the steps"),
    "symbolic": (
        keras.KerasTensor((B, T, F)),
        TypeError,
        "got a symbolic Keras tensor: .+ use keras.layers.RNN",
    ),
}


@pytest.mark.parametrize(("x", "error", "message"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_inputs_that_are_no_batch_of_sequences_are_refused(name, x, error, message):
    cell = SimpleRNNCell(H)
    cell.build((None, F))
    with pytest.raises(error, match=message) as caught:
        getattr(unroll, name)(cell, x)
    assert re.match(r"^`inputs` must .+, got .+: .+", str(caught.value))


def test_other_features_are_refused_for_the_cells_of_keras_too(kind, name):
    cell = kind.keras_cell(H)
    getattr(unroll, name)(cell, X)
    with pytest.raises(ValueError, match=r"got \(4, 3, 7\): the cell was built for F = 2"):
        getattr(unroll, name)(cell, np.ones((B, T, 7)))


@pytest.mark.parametrize("junk", [np.nan, np.inf], ids=str)
def test_a_bad_value_is_refused_within_a_length_and_ignored_behind_it(name, junk):
    x = with_value(junk, (1, 1, 0))
    outputs, _ = getattr(unroll, name)(SimpleRNNCell(H), x, lengths=[3, 1, 3, 3])
    assert np.isfinite(outputs).all()
    with pytest.raises(
        ValueError, match=rf"got {junk} at \(1, 1, 0\): replace it, or hide it behind `lengths`"
    ):
        getattr(unroll, name)(SimpleRNNCell(H), x, lengths=[3, 2, 3, 3])


BAD_LENGTHS = {
    "float": ([3.0, 1.0, 0.0, 2.0], TypeError, "got dtype float64: round and cast"),
    "bool": ([True, False, True, True], TypeError, r"got dtype bool: a mask\? sum it over time"),
    "strings": (["3", "1", "0", "2"], TypeError, "got dtype str"),
    "text": ("3102", TypeError, "got dtype str"),
    "none inside": ([3, 1, 0, None], TypeError, "got dtype object"),
    "complex": (np.ones(B, complex), TypeError, "got dtype complex"),
    "nested": ([[3], [1, 0], [2]], TypeError, "got nested lists: one number for each"),
    "float tensor": (
        tf.constant([3.0, 1.0, 0.0, 2.0]),
        TypeError,
        "got dtype float32: round and cast",
    ),
    "mask": (tf.ones((B, T), tf.bool), TypeError, r"got dtype bool: a mask\?"),
    "ragged": (
        tf.ragged.constant([[1], [2, 3]]),
        TypeError,
        "got a RaggedTensor: pass one number for each",
    ),
    "symbolic": (
        keras.KerasTensor((B,), "int32"),
        TypeError,
        "got a KerasTensor: pass one number for each",
    ),
    "negative": ([3, 1, -1, 2], ValueError, "between 0 and T = 3, got -1 for sequence 2: clip"),
    "too large": ([3, 4, 0, 2], ValueError, "between 0 and T = 3, got 4 for sequence 1: clip"),
    "beyond int32": ([3, 2**32 + 1, 0, 2], ValueError, "got 4294967297 for sequence 1: clip"),
    "too large tensor": (tf.constant([3, 4, 0, 2]), ValueError, "got 4 for sequence 1: clip"),
    "too few": ([3, 1], ValueError, r"shape \(4,\), got \(2,\): one length for each"),
    "too many": ([3] * 5, ValueError, r"shape \(4,\), got \(5,\): one length for each"),
    "one for all": ([3], ValueError, r"shape \(4,\), got \(1,\): one length for each"),
    "none at all": ([], ValueError, r"shape \(4,\), got \(0,\): one length for each"),
    "scalar": (3, ValueError, r"shape \(4,\), got \(\): one length for each"),
    "rank 2": (
        [[3], [1], [0], [2]],
        ValueError,
        r"shape \(4,\), got \(4, 1\): one length for each",
    ),
}


@pytest.mark.parametrize(("lengths", "error", "message"), BAD_LENGTHS.values(), ids=BAD_LENGTHS)
def test_lengths_that_are_no_counts_of_steps_are_refused(name, lengths, error, message):
    with pytest.raises(error, match=message) as caught:
        getattr(unroll, name)(SimpleRNNCell(H), X, lengths=lengths)
    assert re.match(r"^`lengths` must .+, got .+: .+", str(caught.value))


BAD_STATES = {
    "too many": (
        [ZERO, ZERO],
        ValueError,
        "must be a list of 1, got 2: start from cell.get_initial_state",
    ),
    "none given": ([], ValueError, "must be a list of 1, got 0: start from cell.get_initial_state"),
    "other units": (
        [np.zeros((B, 7))],
        ValueError,
        r"must have shape \(4, 5\), got \(4, 7\): one row of H",
    ),
    "other batch": (
        [np.zeros((3, H))],
        ValueError,
        r"must have shape \(4, 5\), got \(3, 5\): one row of H",
    ),
    "one for all": (
        [np.zeros((1, H))],
        ValueError,
        r"must have shape \(4, 5\), got \(1, 5\): one row of H",
    ),
    "rank 1": (
        [np.zeros(H)],
        ValueError,
        r"must have shape \(B, H\), got \(5,\): add a batch axis with state",
    ),
    "rank 3": (
        [np.zeros((1, B, H))],
        ValueError,
        r"must have shape \(B, H\), got \(1, 4, 5\): reshape",
    ),
    "nan": ([np.full((B, H), np.nan)], ValueError, r"must be finite, got nan at \(0, 0\): replace"),
    "text": ("zeros", TypeError, "must hold numbers, got dtype str.*: turn"),
    "text inside": (["zeros"], TypeError, "must hold numbers, got dtype str.*: turn"),
    "complex": ([ZERO.astype(complex)], TypeError, "must hold numbers, got dtype complex.*: turn"),
    "symbolic": ([keras.KerasTensor((B, H))], TypeError, "got a symbolic Keras tensor: inside"),
}


@pytest.mark.parametrize(("state", "error", "message"), BAD_STATES.values(), ids=BAD_STATES)
def test_an_initial_state_that_does_not_fit_is_refused(name, state, error, message):
    with pytest.raises(error, match=message) as caught:
        getattr(unroll, name)(SimpleRNNCell(H), X, state)
    assert re.match(r"^`initial_state` must .+, got .+: .+", str(caught.value))


def test_half_a_state_of_an_lstm_is_refused(name):
    for state in ZERO, [ZERO]:
        with pytest.raises(
            ValueError, match="`initial_state` must be a list of 2, got 1: start from"
        ):
            getattr(unroll, name)(LSTMCell(H), X, state)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            keras.layers.LSTM(H),
            "must be a cell, one time step, got the layer LSTM: pass layer.cell",
        ),
        (keras.layers.RNN(SimpleRNNCell(H)), "got the layer RNN: pass layer.cell"),
        (SimpleRNNCell, "must be a Keras cell, got <class .+>: make one, for instance"),
        (keras.layers.Dense(H), "must be a Keras cell, got <Dense .+>: make one"),
        (lambda x, states: (x, states), "must be a Keras cell, got <function .+>: make one"),
        ("lstm", "must be a Keras cell, got 'lstm': make one"),
    ],
    ids=["LSTM layer", "RNN layer", "class", "Dense", "function", "text"],
)
def test_what_is_no_cell_is_refused(name, cell, message):
    with pytest.raises(TypeError, match=message):
        getattr(unroll, name)(cell, X)


# Refusals inside a compiled function.


def test_static_unrolling_asks_for_a_static_time():
    run = tf.function(
        lambda x: unroll.static_rnn(SimpleRNNCell(H), x),
        input_signature=[tf.TensorSpec((None, None, F))],
    )
    with pytest.raises(
        ValueError,
        match=r"needs a static T, got .+\(B, None, F\): fix T in the input_signature, or",
    ):
        run(X)


@pytest.mark.parametrize(
    ("x_shape", "lengths_shape", "message"),
    [
        (
            None,
            (None,),
            r"`inputs` must have shape \(B, T, F\), got an unknown rank: give it a shape",
        ),
        (
            (B, T, None),
            (None,),
            r"`inputs` must have a static F, got shape \(B, T, None\): fix F in",
        ),
        (
            (B, T),
            (None,),
            r"`inputs` must have shape \(B, T, F\), got \(4, 3\): add a feature axis",
        ),
        (
            (B, T, F),
            None,
            r"`lengths` must have shape \(B,\), got an unknown rank: give it a shape",
        ),
        ((B, T, F), (3,), r"`lengths` must have shape \(4,\), got \(3,\): one length for each"),
        ((B, T, F), (None, 1), r"`lengths` must have shape \(4,\), got \(None, 1\): one length"),
    ],
    ids=[
        "unknown rank",
        "unknown F",
        "rank 2",
        "unknown rank of lengths",
        "count",
        "rank of lengths",
    ],
)
def test_shapes_are_refused_when_the_graph_is_traced(name, x_shape, lengths_shape, message):
    specs = tf.TensorSpec(x_shape, tf.float32), tf.TensorSpec(lengths_shape, tf.int32)
    run = tf.function(
        lambda x, lengths: getattr(unroll, name)(SimpleRNNCell(H), x, lengths=lengths)
    )
    with pytest.raises(ValueError, match=message):
        run.get_concrete_function(*specs)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bool], ids=["float", "mask"])
def test_lengths_that_are_no_integers_are_refused_when_the_graph_is_traced(name, dtype):
    specs = tf.TensorSpec((B, T, F), tf.float32), tf.TensorSpec((B,), dtype)
    run = tf.function(
        lambda x, lengths: getattr(unroll, name)(SimpleRNNCell(H), x, lengths=lengths)
    )
    with pytest.raises(TypeError, match=f"`lengths` must be integers, got dtype {dtype.name}"):
        run.get_concrete_function(*specs)


def test_lengths_known_when_the_graph_is_traced_are_checked_then(name):
    run = tf.function(lambda x: getattr(unroll, name)(SimpleRNNCell(H), x, lengths=[9, 1, 0, 2]))
    with pytest.raises(ValueError, match="between 0 and T = 3, got 9 for sequence 0"):
        run(X)


def compiled(name, static=True, consume=True):
    """A compiled function of inputs, state and lengths; sizes known when traced, or not."""
    cell = SimpleRNNCell(H)
    cell.build((None, F))
    batch, steps = (B, T) if static else (None, T if name == "static_rnn" else None)

    def run(x, state, lengths):
        outputs, final = getattr(unroll, name)(cell, x, [state], lengths)
        return (outputs, final) if consume else tf.constant(1.0)

    signature = [
        tf.TensorSpec((batch, steps, F), tf.float32),
        tf.TensorSpec((batch, H), tf.float32),
        tf.TensorSpec((batch,), tf.int64),
    ]
    return tf.function(run, input_signature=signature)


BAD_VALUES = {
    "nan": (
        with_value(np.nan, (0, 0, 0)),
        ZERO,
        LENGTHS,
        "`inputs` must be finite: replace the NaN, or hide it",
    ),
    "inf": (with_value(np.inf, (3, 1, 0)), ZERO, LENGTHS, "`inputs` must be finite: replace"),
    "nan in the state": (X, ZERO + np.nan, LENGTHS, "`initial_state` must be finite: replace"),
    "negative": (
        X,
        ZERO,
        [3, -1, 0, 2],
        "`lengths` must lie between 0 and T, one for each sequence: clip",
    ),
    "too large": (
        X,
        ZERO,
        [3, 4, 0, 2],
        "`lengths` must lie between 0 and T, one for each sequence: clip",
    ),
    "beyond int32": (
        X,
        ZERO,
        [2**32, 1, 0, 2],
        "`lengths` must lie between 0 and T, one for each sequence: clip",
    ),
}


@pytest.mark.parametrize("consume", [True, False], ids=["consumed", "unused"])
@pytest.mark.parametrize("static", [True, False], ids=["static", "unknown"])
def test_values_are_checked_while_a_compiled_function_runs(name, static, consume):
    run = compiled(name, static, consume)
    run(X, ZERO, LENGTHS)
    run(with_value(np.nan, (2, 0, 0)), ZERO, LENGTHS)
    for x, state, lengths, message in BAD_VALUES.values():
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            run(x, state, lengths)


@pytest.mark.parametrize("consume", [True, False], ids=["consumed", "unused"])
def test_counts_are_checked_while_a_compiled_function_of_unknown_sizes_runs(name, consume):
    run = compiled(name, static=False, consume=consume)
    for lengths in [3], [3] * 5:
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"`lengths` must lie .+ one for each sequence"
        ):
            run(X, ZERO, lengths)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"`initial_state` must have shape .+: one row of H"
    ):
        run(X, ZERO[:1], LENGTHS)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"with B .+ 1 and T .+ 1: pass at least one step"
    ):
        run(X[:0], ZERO[:0], [])


def test_xla_drops_the_checks_of_values(name):
    cell = SimpleRNNCell(H)
    cell.build((None, F))
    run = MODES["xla"](lambda x, lengths: getattr(unroll, name)(cell, x, lengths=lengths)[0])
    outputs = run(tf.constant(with_value(np.nan, (0, 1, 0))), tf.constant([9, 1, 0, 2]))
    assert np.isnan(outputs[0, 1:]).all()
    assert np.isfinite(outputs[1:]).all() and np.isfinite(outputs[0, 0]).all()


def test_an_empty_sequence_is_refused_while_a_compiled_loop_runs():
    run = compiled("dynamic_rnn", static=False)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"with B .+ 1 and T .+ 1: pass at least one step"
    ):
        run(X[:, :0], ZERO, [0] * B)


def test_lengths_written_as_a_list_are_checked_against_a_time_known_only_later():
    cell = SimpleRNNCell(H)
    run = tf.function(
        lambda x: unroll.dynamic_rnn(cell, x, lengths=[9, 1, 0, 2])[0],
        input_signature=[tf.TensorSpec((None, None, F))],
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="`lengths` must lie between 0 and T"):
        run(X)
    assert run(np.zeros((B, 9, F), "float32")).shape == (B, 9, H)


# Chunks.


def random_inputs(seed=0, shape=(3, 7, 2)):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), tf.float32)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("lengths", [None, [7, 3, 0]], ids=["whole", "lengths"])
def test_chunks_give_the_outputs_of_one_walk(chunk, lengths):
    cell, x = LSTMCell(4), random_inputs()
    outputs, states = dynamic_rnn(cell, x, lengths=lengths)
    cut, cut_states = chunked_rnn(cell, x, chunk, lengths=lengths)
    np.testing.assert_allclose(cut, outputs, atol=1e-6)
    for a, b in zip(cut_states, states, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_a_gradient_stays_in_its_chunk(chunk):
    cell, x = LSTMCell(4), random_inputs()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        outputs, _ = chunked_rnn(cell, x, chunk)
        ends = [tf.reduce_sum(outputs[:, t]) for t in range(7)]
    for t, end in enumerate(ends):
        reached = np.abs(tape.gradient(end, x)).max(axis=(0, 2)) > 0
        start = t // chunk * chunk
        assert reached.tolist() == [start <= k <= t for k in range(7)]


def test_the_gradient_of_a_chunk_starts_at_the_state_that_was_handed_in():
    cell, x = GRUCell(4), random_inputs()
    h = random_inputs(1, (3, 4))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(h)
        outputs, _ = chunked_rnn(cell, x, 3, initial_state=h)
        first, second = tf.reduce_sum(outputs[:, 2]), tf.reduce_sum(outputs[:, 3])
    assert float(tf.norm(tape.gradient(first, h))) > 0
    assert tape.gradient(second, h) is None or float(tf.norm(tape.gradient(second, h))) == 0


def test_one_chunk_as_long_as_the_sequence_has_the_whole_gradient():
    cell, x = GRUCell(4), random_inputs()
    gradients = []
    for walk in (dynamic_rnn, lambda c, x: chunked_rnn(c, x, 7)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(walk(cell, x)[0] ** 2)
        gradients.append(tape.gradient(loss, x))
    np.testing.assert_allclose(*gradients, atol=1e-6)


def test_chunks_can_be_compiled():
    cell, x = SimpleRNNCell(4), random_inputs()
    outputs, _ = chunked_rnn(cell, x, 3)
    compiled, _ = tf.function(lambda x: chunked_rnn(cell, x, 3))(x)
    np.testing.assert_allclose(compiled, outputs, atol=1e-6)


@pytest.mark.parametrize("chunk", [0, -1, 2.0, True, "3", None])
def test_a_chunk_must_count_steps(chunk):
    with pytest.raises(ValueError, match="`chunk` must be an integer ≥ 1, got"):
        chunked_rnn(SimpleRNNCell(4), random_inputs(), chunk)


def test_chunks_need_to_know_how_many_steps_there_are():
    cell = SimpleRNNCell(4)
    walk = tf.function(
        lambda x: chunked_rnn(cell, x, 3), input_signature=[tf.TensorSpec((3, None, 2))]
    )
    with pytest.raises(ValueError, match="chunked_rnn needs a static T"):
        walk(random_inputs())
