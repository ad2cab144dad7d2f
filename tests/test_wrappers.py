"""A wrapper adds its own and leaves the rest to the cell inside."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import wrappers
from rnncourse.cells import GRUCell, LSTMCell, SimpleRNNCell
from rnncourse.evaluation import relative_difference
from rnncourse.training.loop import train
from rnncourse.unroll import dynamic_rnn, static_rnn
from rnncourse.wrappers import CellWrapper, DropoutWrapper, OutputProjectionWrapper, dropout_mask

CELLS = {
    "ours": SimpleRNNCell,
    "keras": keras.layers.SimpleRNNCell,
    "lstm": LSTMCell,
    "keras_lstm": keras.layers.LSTMCell,
    "gru": GRUCell,
}
each_cell = pytest.mark.parametrize("cell_class", CELLS.values(), ids=CELLS)


def some_inputs(seed=0, B=3, T=6, F=2):
    return tf.constant(np.random.default_rng(seed).normal(size=(B, T, F)), tf.float32)


def randomize(layer, seed=1):
    rng = np.random.default_rng(seed)
    for v in layer.weights:
        if v.dtype == "float32":
            v.assign(0.3 * rng.normal(size=v.shape))


@each_cell
def test_the_states_of_a_wrapped_cell_are_those_of_the_cell(cell_class):
    x, cell = some_inputs(), cell_class(4)
    wrapped = OutputProjectionWrapper(cell, 3)
    wrapped.build((3, 2))
    randomize(wrapped)
    outputs, states = dynamic_rnn(wrapped, x)
    bare, bare_states = dynamic_rnn(cell, x)
    for state, own in zip(states, bare_states, strict=True):
        np.testing.assert_array_equal(state, own)
    V, b = wrapped.projection.get_weights()
    assert outputs.shape == (3, 6, 3)
    assert relative_difference(outputs.numpy(), bare.numpy() @ V + b) < 1e-5


@each_cell
def test_all_steps_share_one_projection(cell_class):
    wrapped, cell = OutputProjectionWrapper(cell_class(4), 3), cell_class(4)
    for layer in (wrapped, cell):
        layer.build((3, 2))
    for T in (1, 20):
        static_rnn(wrapped, some_inputs(T=T))
        assert wrapped.count_params() == cell.count_params() + 4 * 3 + 3


@pytest.mark.parametrize("unroll", [static_rnn, dynamic_rnn])
def test_inside_reshaped_and_dense_have_the_same_outputs_and_gradients(unroll):
    x, target = some_inputs(F=1), some_inputs(2, F=3)
    cell = keras.layers.SimpleRNNCell(4, "relu")
    wrapped = OutputProjectionWrapper(cell, 3)
    wrapped.build((None, 1))
    randomize(wrapped)
    V, b = wrapped.projection.kernel, wrapped.projection.bias
    ways = [
        lambda: unroll(wrapped, x)[0],
        lambda: tf.reshape(tf.reshape(unroll(cell, x)[0], (-1, 4)) @ V + b, (-1, 6, 3)),
        lambda: wrapped.projection(unroll(cell, x)[0]),
    ]
    results = []
    for way in ways:
        with tf.GradientTape() as tape:
            outputs = way()
            loss = tf.reduce_sum(outputs * target)
        gradients = tape.gradient(loss, [v.value for v in wrapped.trainable_variables])
        results.append([outputs, *gradients])
    assert len(results[0]) == 6
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert relative_difference(a.numpy(), b.numpy()) < 1e-5


def test_keras_walks_a_wrapped_cell_as_we_do():
    x, wrapped = some_inputs(), OutputProjectionWrapper(LSTMCell(4), 1)
    outputs, h, c = keras.layers.RNN(wrapped, return_sequences=True, return_state=True)(x)
    ours, states = dynamic_rnn(wrapped, x)
    for a, b in zip((outputs, h, c), (ours, *states), strict=True):
        assert relative_difference(a.numpy(), b.numpy()) < 1e-5


@each_cell
def test_a_wrapper_and_its_cell_come_back_from_a_config(cell_class):
    x, wrapped = some_inputs(), OutputProjectionWrapper(cell_class(4), 2)
    expected, _ = static_rnn(wrapped, x)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(wrapped))
    static_rnn(again, x)
    again.set_weights(wrapped.get_weights())
    np.testing.assert_array_equal(static_rnn(again, x)[0], expected)


def test_a_wrapper_tells_its_cell_that_it_is_trained():
    x = tf.ones((400, 1))
    cell = CellWrapper(keras.layers.SimpleRNNCell(1, dropout=0.5, activation=None))
    cell.build((400, 1))
    h = cell.get_initial_state(400)
    _, states = cell(x, h)
    assert len(np.unique(states[0])) == 1
    _, states = cell(x, h, training=True)
    assert len(np.unique(states[0])) == 2


def test_a_wrapper_takes_its_type_from_the_cell():
    wrapped = OutputProjectionWrapper(SimpleRNNCell(4, dtype="float64"), 1)
    outputs, _ = dynamic_rnn(wrapped, np.ones((2, 3, 1)))
    assert outputs.dtype == tf.float64


@pytest.mark.parametrize("size", [0, -1, 2.5, "one", True, None])
def test_an_output_size_that_is_no_count_is_refused(size):
    with pytest.raises(ValueError, match="`output_size` must be an integer ≥ 1"):
        OutputProjectionWrapper(SimpleRNNCell(4), size)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (keras.layers.LSTM(4), "pass layer.cell"),
        (keras.layers.Dense(4), "must be a Keras cell"),
        (None, "must be a Keras cell"),
        (SimpleRNNCell, "must be a Keras cell"),
    ],
)
def test_what_is_no_cell_is_refused(cell, message):
    with pytest.raises(TypeError, match=message):
        OutputProjectionWrapper(cell, 1)


def test_a_projected_state_is_seen(monkeypatch):
    """The likely mistake: to hand on the output where the state belongs."""
    right = OutputProjectionWrapper.call

    def slip(self, inputs, states, training=False):
        output, states = right(self, inputs, states, training)
        return output, [0 * state + output[:, :1] for state in states]

    monkeypatch.setattr(OutputProjectionWrapper, "call", slip)
    with pytest.raises(AssertionError):
        test_the_states_of_a_wrapped_cell_are_those_of_the_cell(SimpleRNNCell)


class Messenger(keras.layers.Layer):
    """A cell without weights: its output is its input, its next state the state it was given.

    What a wrapper drops then stands in plain sight.
    """

    def __init__(self, units):
        super().__init__()
        self.state_size = self.output_size = units

    def get_initial_state(self, batch_size=None):
        return [keras.ops.ones((batch_size, self.state_size))]

    def call(self, inputs, states):
        return inputs, states


def walk(steps=6, units=40, training=True, batch=3, **options):
    """Outputs `(B, T, H)` and last state `(B, H)` of a dropped messenger that hears ones."""
    rnn = keras.layers.RNN(
        DropoutWrapper(Messenger(units), seed=1, **options),
        return_sequences=True,
        return_state=True,
    )
    outputs, state = rnn(np.ones((batch, steps, units), np.float32), training=training)
    return outputs.numpy(), np.reshape(state, (batch, units))


def rnn_twice(cell, x):
    rnn = keras.layers.RNN(cell, return_sequences=True)
    return rnn(x, training=True).numpy(), rnn(x, training=True).numpy()


@pytest.mark.parametrize("place", ["drop_inputs", "drop_outputs"])
def test_what_is_kept_is_scaled_up_by_the_share_that_is_kept(place):
    outputs, _ = walk(**{place: 0.2})
    assert set(np.unique(outputs).round(5)) == {0, 1.25}
    # 720 coins: standard error 0.015.
    assert abs(np.mean(outputs == 0) - 0.2) < 0.06


def test_a_dropped_state_enters_the_cell_as_zero():
    _, state = walk(steps=1, drop_state=0.5)
    assert set(np.unique(state)) == {0, 2}


def same_at_all_steps(outputs):
    return np.all(outputs == outputs[:, :1])


def test_a_mask_for_each_step_differs_from_step_to_step():
    outputs, _ = walk(mask="step", drop_inputs=0.5)
    assert not any(same_at_all_steps(row[None]) for row in outputs)


@pytest.mark.parametrize("place", ["drop_inputs", "drop_outputs"])
def test_a_mask_for_a_sequence_is_the_same_at_all_steps(place):
    outputs, _ = walk(mask="sequence", **{place: 0.5})
    assert same_at_all_steps(outputs)


def test_rows_have_masks_of_their_own():
    outputs, _ = walk(mask="sequence", drop_inputs=0.5)
    assert len({row.tobytes() for row in outputs}) == 3


def test_a_mask_for_a_sequence_halves_the_state_and_a_mask_for_each_step_empties_it():
    _, kept = walk(steps=12, units=200, mask="sequence", drop_state=0.5)
    _, emptied = walk(steps=12, units=200, mask="step", drop_state=0.5)
    # A messenger never writes, so each step multiplies once more: a unit lives with 2^-12.
    assert 0.4 < np.mean(kept == 2.0**12) < 0.6
    assert np.mean(emptied != 0) < 0.02


def test_the_three_places_have_masks_of_their_own():
    outputs, _ = walk(drop_inputs=0.5, drop_outputs=0.5, mask="sequence")
    # With one mask for both a number would be 0 or 4, half and half.
    assert abs(np.mean(outputs == 4) - 0.25) < 0.15


def test_the_next_sequence_has_another_mask():
    x = np.ones((2, 4, 30), np.float32)
    first, second = rnn_twice(DropoutWrapper(Messenger(30), drop_inputs=0.5, mask="sequence"), x)
    assert not np.array_equal(first, second)


def test_a_sequence_that_goes_on_keeps_its_mask():
    rnn = keras.layers.RNN(
        DropoutWrapper(Messenger(30), drop_inputs=0.5, mask="sequence"), return_state=True
    )
    x = np.ones((2, 4, 30), np.float32)
    first, state = rnn(x, training=True)
    second, _ = rnn(x, initial_state=state, training=True)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("mask", ["step", "sequence"])
@pytest.mark.parametrize("cell", [keras.layers.SimpleRNNCell, LSTMCell, GRUCell])
def test_nothing_is_dropped_unless_training(cell, mask):
    cell = cell(5)
    places = {"drop_inputs": 0.5, "drop_outputs": 0.5, "drop_state": 0.5}
    wrapped = DropoutWrapper(cell, mask=mask, **places)
    x = np.random.default_rng(0).normal(size=(4, 7, 3)).astype(np.float32)
    np.testing.assert_array_equal(keras.layers.RNN(wrapped)(x), keras.layers.RNN(cell)(x))


def test_an_lstm_loses_entries_of_h_and_never_of_c():
    cell = LSTMCell(50)
    wrapped = DropoutWrapper(cell, drop_state=0.5, seed=1)
    x, h, c = np.ones((2, 3)), np.ones((2, 50)), np.ones((2, 50))
    wrapped.build((2, 3))
    cell.set_weights([np.zeros_like(w) for w in cell.get_weights()])  # c' = f c, f = σ(0)
    _, (_, after) = wrapped(x.astype("f"), [h.astype("f"), c.astype("f")], training=True)
    np.testing.assert_allclose(after, 0.5 * c, rtol=1e-6)


def test_the_same_mask_makes_it_keras_own_recurrent_dropout(monkeypatch):
    theirs = keras.layers.SimpleRNNCell(6, recurrent_dropout=0.5)
    ours = keras.layers.SimpleRNNCell(6)
    x, h = np.ones((4, 3), np.float32), np.random.default_rng(0).normal(size=(4, 6)).astype("f")
    expected, _ = theirs(x, [h], training=True)
    mask = theirs.get_recurrent_dropout_mask(h)
    ours.build((4, 3))
    ours.set_weights(theirs.get_weights())
    monkeypatch.setattr(wrappers, "dropout_mask", lambda *_: mask)
    got, _ = DropoutWrapper(ours, drop_state=0.5)(x, [h], training=True)
    assert relative_difference(got, expected) < 1e-6


def dropped_stack(mask="step", layers=2, **options):
    keras.utils.set_random_seed(1)
    cells = [
        DropoutWrapper(SimpleRNNCell(4), 0.2, 0.2, 0.2, mask=mask, seed=k) for k in range(layers)
    ]
    rnn = keras.layers.RNN(cells, **options)
    rnn.build((8, 5, 3))
    return rnn


def losses_of(mask, jit, steps, folder=None):
    # XLA takes seconds to compile a loop.
    rnn = dropped_stack(mask, layers=1, unroll=True) if jit else dropped_stack(mask)
    x = tf.random.stateless_normal((8, 2 if jit else 5, 3), (1, 2))
    return train(
        lambda step: tf.reduce_mean((rnn(x, training=True) - 1) ** 2),
        [rnn],
        keras.optimizers.SGD(0.1),
        steps,
        steps_per_call=3,
        jit=jit,
        checkpoint=folder,
        checkpoint_every=0,
    )


@pytest.mark.parametrize(("mask", "jit"), [("step", False), ("sequence", False), ("step", True)])
def test_a_resumed_training_draws_the_masks_it_would_have_drawn(mask, jit, tmp_path):
    whole = losses_of(mask, jit, 9)
    losses_of(mask, jit, 6, tmp_path)
    np.testing.assert_array_equal(losses_of(mask, jit, 9, tmp_path), whole)


def test_masks_follow_each_other_without_repeating():
    rnn = dropped_stack()
    x = tf.ones((8, 5, 3))
    frozen = train(
        lambda step: tf.reduce_mean(rnn(x, training=True) ** 2),
        [rnn],
        keras.optimizers.SGD(1e-30),
        6,
    )
    assert len(set(frozen)) == 6


def test_a_wrapped_stack_is_saved_and_loaded_with_its_shares(tmp_path):
    model = keras.Sequential([keras.Input((5, 3)), dropped_stack("sequence")])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(8, 5, 3)).astype(np.float32)
    np.testing.assert_array_equal(again(x), model(x))
    cell = again.layers[0].cell.cells[1]
    assert (cell.rates, cell.mask) == ({"inputs": 0.2, "outputs": 0.2, "state": 0.2}, "sequence")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"drop_inputs": 1}, ValueError, "at least 0 and below 1, got 1"),
        ({"drop_state": -0.1}, ValueError, "drop_state.*got -0.1"),
        ({"drop_outputs": float("nan")}, ValueError, "got nan"),
        ({"drop_outputs": "half"}, TypeError, "must be a number, got 'half'"),
        ({"drop_outputs": True}, TypeError, "must be a number"),
        ({"mask": "row"}, ValueError, "'step' or 'sequence', got 'row'"),
        ({"output_keep_prob": 0.9}, TypeError, "write drop_outputs=1 - 0.9"),
        ({"input_keep_prob": 0.5}, TypeError, "write drop_inputs=1 - 0.5"),
        ({"state_keep_prob": 0.5}, TypeError, "write drop_state=1 - 0.5"),
    ],
)
def test_a_wrong_share_is_refused_with_a_remedy(options, error, message):
    with pytest.raises(error, match=message):
        DropoutWrapper(keras.layers.SimpleRNNCell(3), **options)


def test_a_stack_is_wrapped_cell_by_cell():
    stack = keras.layers.StackedRNNCells([keras.layers.SimpleRNNCell(3)])
    with pytest.raises(TypeError, match="wrap each of its cells"):
        DropoutWrapper(stack, drop_inputs=0.5)


def broken_scaling(shape, rate, key, dtype="float32"):
    return dropout_mask(shape, rate, key, dtype) * (1 - rate)


def broken_key(shape, rate, key, dtype="float32"):
    return dropout_mask(shape, rate, (1, 2), dtype)


def broken_share(shape, rate, key, dtype="float32"):
    return dropout_mask(shape, 1 - rate, key, dtype)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (
            broken_scaling,
            lambda: test_what_is_kept_is_scaled_up_by_the_share_that_is_kept("drop_inputs"),
        ),
        (broken_key, test_a_mask_for_each_step_differs_from_step_to_step),
        (broken_key, test_the_next_sequence_has_another_mask),
        (
            broken_share,
            lambda: test_what_is_kept_is_scaled_up_by_the_share_that_is_kept("drop_inputs"),
        ),
    ],
    ids=["scaling dropped", "mask reused at all steps", "mask reused for all sequences", "keep"],
)
def test_a_broken_mask_is_caught(broken, promise, monkeypatch):
    monkeypatch.setattr(wrappers, "dropout_mask", broken)
    with pytest.raises(AssertionError):
        promise()


def test_a_mask_drawn_anew_at_each_step_of_a_sequence_is_caught(monkeypatch):
    init = DropoutWrapper.__init__
    monkeypatch.setattr(
        DropoutWrapper, "__init__", lambda self, *a, **k: init(self, *a, **k | {"mask": "step"})
    )
    with pytest.raises(AssertionError):
        test_a_mask_for_a_sequence_is_the_same_at_all_steps("drop_inputs")


def test_dropout_that_leaks_into_use_is_caught(monkeypatch):
    call = DropoutWrapper.call
    monkeypatch.setattr(
        DropoutWrapper,
        "call",
        lambda self, inputs, states, training=False: call(self, inputs, states, training=True),
    )
    with pytest.raises(AssertionError):
        test_nothing_is_dropped_unless_training(GRUCell, "step")
