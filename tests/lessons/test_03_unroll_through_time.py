"""What lesson 03 says, true for other weights and sizes than those on the page."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.cells import LSTMCell, SimpleRNNCell
from rnncourse.evaluation import (
    eos_lengths,
    negative_log_likelihood,
    perplexity,
    relative_difference,
)
from rnncourse.reproduce import walks
from rnncourse.unroll import dynamic_rnn, static_rnn

seeds = pytest.mark.parametrize("seed", range(5))


def random_cell(seed, features=3, units=5, make=SimpleRNNCell):
    keras.utils.set_random_seed(seed)
    cell = make(units, bias_initializer="glorot_uniform")
    cell.build((None, features))
    return cell


def padded(seed, batch=4, steps=6, features=3):
    """Random inputs with zeros behind random lengths, one of them full, one of them short."""
    rng = np.random.default_rng(seed)
    lengths = np.array([steps, 1, *rng.integers(2, steps, size=batch - 2)])
    X = rng.normal(size=(batch, steps, features)).astype("float32")
    X[np.arange(steps) >= lengths[:, None]] = 0
    return X, lengths


def repeated(cell, X, **options):
    """The loop as the lesson writes it."""
    steps = X.shape[1]
    (h,) = cell.get_initial_state(X.shape[0])
    xs = tf.TensorArray(X.dtype, steps).unstack(tf.transpose(X, [1, 0, 2]))
    outputs = tf.TensorArray(X.dtype, steps)

    def step(t, h, outputs):
        y, (h,) = cell(xs.read(t), [h])
        return t + 1, h, outputs.write(t, y)

    start = (0, h, outputs)
    _, h, outputs = tf.while_loop(lambda t, *_: t < steps, step, start, **options)
    return tf.transpose(outputs.stack(), [1, 0, 2]), h


def kinds_of_nodes(function, *shape):
    """Operation names of a traced function, those of the functions it calls included."""
    graph = tf.function(function).get_concrete_function(tf.TensorSpec(shape)).graph.as_graph_def()
    bodies = [node for f in graph.library.function for node in f.node_def]
    return sorted(node.op for node in [*graph.node, *bodies])


@pytest.mark.parametrize("steps", [2, 9])
def test_a_cell_called_at_every_step_has_one_set_of_weights(steps):
    cell = random_cell(0)
    static_rnn(cell, tf.ones((4, steps, 3)))
    assert len(cell.weights) == 3


@seeds
@pytest.mark.parametrize(("batch", "steps"), [(4, 50), (1, 1), (3, 7)])
def test_written_out_and_repeated_walks_agree_with_those_of_keras(seed, batch, steps):
    cell = random_cell(seed)
    rng = np.random.default_rng(seed)
    X = tf.constant(rng.normal(size=(batch, steps, 3)), tf.float32)
    shares = tf.constant(rng.normal(size=(batch, steps, 5)), tf.float32)

    def everything(walk):
        with tf.GradientTape() as tape:
            tape.watch(X)
            outputs, h = tf.nest.flatten(walk(cell, X))
            loss = tf.reduce_sum(shares * outputs)
        return [outputs, h, *tape.gradient(loss, [X, *(w.value for w in cell.weights)])]

    def keras_walk(unroll):
        return lambda cell, X: keras.layers.RNN(
            cell, return_sequences=True, return_state=True, unroll=unroll
        )(X)

    wanted = everything(static_rnn)
    for walk in (dynamic_rnn, repeated, keras_walk(False), keras_walk(True)):
        for got, expected in zip(everything(walk), wanted, strict=True):
            assert relative_difference(got, expected) < 1e-5


def test_outputs_have_a_number_for_every_neuron_not_for_every_feature():
    for walk in (static_rnn, dynamic_rnn):
        outputs, _ = walk(random_cell(0, features=3, units=5), tf.ones((4, 2, 3)))
        assert outputs.shape == (4, 2, 5)


def test_a_reshape_has_the_shape_of_the_turned_score_and_other_contents():
    X = np.arange(24).reshape(2, 3, 4)
    turned, reshaped = X.transpose(1, 0, 2), X.reshape(3, 2, 4)
    assert turned.shape == reshaped.shape
    assert not np.array_equal(turned, reshaped)


def test_one_product_of_the_flat_score_is_a_product_at_every_step():
    rng = np.random.default_rng(0)
    states, W = rng.normal(size=(20, 35, 6)), rng.normal(size=(6, 4))
    time_major = states.transpose(1, 0, 2)
    flat = time_major.reshape(35 * 20, 6) @ W
    stepwise = np.stack([states[:, t] @ W for t in range(35)])
    assert relative_difference(flat.reshape(35, 20, 4), stepwise) < 1e-12


def test_a_loop_keeps_lists_for_the_way_back_and_none_for_reading():
    def lists(way):
        graph = walks.learning(way, random_cell(0)).get_concrete_function(tf.TensorSpec((4, 9, 3)))
        return [op.type for op in graph.graph.get_operations()].count("EmptyTensorList")

    assert lists("keras_reading") == 0
    assert lists("keras") > 0 and lists("loop") > 0


def test_swapping_memory_changes_no_node_of_the_graph():
    cell = random_cell(0)

    def walk_and_back(swap_memory):
        def function(X):
            with tf.GradientTape() as tape:
                tape.watch(X)
                outputs, _ = repeated(cell, X, swap_memory=swap_memory)
            return tape.gradient(outputs, X)

        return function

    with_, without = (kinds_of_nodes(walk_and_back(swap), 4, 9, 3) for swap in (True, False))
    assert with_ == without
    with pytest.raises(ValueError, match="Unrecognized keyword arguments"):
        keras.layers.RNN(cell, swap_memory=True)


@pytest.mark.parametrize("steps", [3, 10])
def test_every_slice_has_a_gradient_as_large_as_all_inputs(steps):
    learning = walks.learning("static_sliced", random_cell(0))
    graph = learning.get_concrete_function(tf.TensorSpec((4, steps, 3))).graph
    slices = [op for op in graph.get_operations() if op.type == "StridedSliceGrad"]
    assert len(slices) == steps
    kinds = kinds_of_nodes(walks.learning("loop_sliced", random_cell(0)).python_function, 4, 9, 3)
    assert "StridedSliceGrad" in kinds


@seeds
def test_zero_inputs_do_not_silence_a_state(seed):
    X, lengths = padded(seed)
    cell = random_cell(seed)
    cell.bias.assign(tf.zeros(5))
    outputs = dynamic_rnn(cell, X)[0].numpy()
    behind = np.arange(X.shape[1]) >= lengths[:, None]
    assert np.all(np.any(outputs[behind] != 0, axis=-1))
    told = dynamic_rnn(cell, X, lengths=lengths)[0].numpy()
    assert np.all(told[behind] == 0)


@seeds
def test_the_final_state_of_a_padded_row_is_its_output_at_the_length(seed):
    X, lengths = padded(seed)
    for walk in (static_rnn, dynamic_rnn):
        outputs, (h,) = walk(random_cell(seed), X, lengths=lengths)
        own_last = np.array([outputs[b, n - 1] for b, n in enumerate(lengths)])
        assert np.array_equal(h, own_last)
        ended_early = lengths < X.shape[1]
        assert not np.any(np.all(h == outputs[:, -1], axis=1)[ended_early])


@seeds
def test_the_cell_of_an_lstm_is_no_output(seed):
    X, _ = padded(seed)
    outputs, (h, c) = dynamic_rnn(random_cell(seed, make=LSTMCell), X)
    assert np.array_equal(h, outputs[:, -1])
    assert not np.any(np.all(c == outputs[:, -1], axis=1))


@seeds
def test_padding_reaches_a_state_only_where_the_walk_is_not_told_the_lengths(seed):
    X, lengths = padded(seed)
    loud = np.where((np.arange(X.shape[1]) >= lengths[:, None])[..., None], 100, X)
    cell = random_cell(seed)

    def moved(**settings):
        states = [dynamic_rnn(cell, x, **settings)[1][0] for x in (X, loud)]
        return np.max(np.abs(states[1] - states[0]))

    assert moved(lengths=lengths) == 0
    assert moved() > 0.1


@seeds
def test_keras_repeats_the_last_output_unless_told_to_write_zeros(seed):
    X, lengths = padded(seed)
    cell = random_cell(seed)
    mask = tf.sequence_mask(lengths, X.shape[1])
    told = dynamic_rnn(cell, X, lengths=lengths)[0].numpy()

    def masked(**settings):
        return keras.layers.RNN(cell, return_sequences=True, **settings)(X, mask=mask).numpy()

    assert relative_difference(masked(zero_output_for_mask=True), told) < 1e-6
    for row, wanted, n in zip(masked(), told, lengths, strict=True):
        assert relative_difference(row[:n], wanted[:n]) < 1e-6
        assert np.all(row[n:] == row[n - 1])


@pytest.mark.parametrize("unroll", [True, False], ids=["unroll", "loop"])
def test_nan_in_the_padding_reaches_the_gradient_through_the_mask_of_keras_not_through_lengths(
    unroll,
):
    X, lengths = padded(0)
    X[np.arange(X.shape[1]) >= lengths[:, None]] = np.nan
    cell = random_cell(0)
    layer = keras.layers.RNN(cell, return_sequences=True, unroll=unroll)
    mask = tf.sequence_mask(lengths, X.shape[1])

    def finite(walk):
        with tf.GradientTape() as tape:
            outputs = walk()
            loss = tf.reduce_sum(outputs**2)
        gradient = tape.gradient(loss, cell.kernel.value)
        return [bool(np.all(np.isfinite(a))) for a in (outputs, gradient)]

    ours = static_rnn if unroll else dynamic_rnn
    assert finite(lambda: layer(X, mask=mask)) == [True, False]
    assert finite(lambda: ours(cell, X, lengths=lengths)[0]) == [True, True]


def test_the_processor_walks_rows_that_are_padded_in_front():
    X, _ = padded(0)
    front = np.concatenate([np.zeros_like(X[:, :2]), X], axis=1)
    mask = np.arange(front.shape[1]) >= 2
    layer = keras.layers.LSTM(5)
    layer.build(X.shape)
    got = layer(front, mask=tf.constant([mask] * len(X)))
    assert relative_difference(got, layer(X)) < 1e-6


@pytest.mark.parametrize(
    ("row", "allowed"),
    [
        ([True, True, False], True),
        ([True, True, True], True),
        ([False, True, True], False),
        ([True, False, True], False),
        ([False, False, False], False),
    ],
    ids=["behind", "none", "in front", "between", "all"],
)
def test_keras_lets_only_padding_behind_real_steps_pass_to_cudnn(row, allowed):
    # Called by its private name, since without a GPU nothing public leads there.
    from keras.src.backend.tensorflow.rnn import _assert_valid_mask

    mask = tf.constant([[True, True, True], row])
    if allowed:
        _assert_valid_mask(mask)
    else:
        with pytest.raises(tf.errors.InvalidArgumentError, match="right-padded sequences"):
            _assert_valid_mask(mask)


def batch_of_songs(lengths, vocabulary=8, seed=0):
    """Targets that end in token 1, and a network that knows nothing but the padding, token 0."""
    lengths = np.asarray(lengths)
    rows, steps = len(lengths), max(lengths)
    lasts = np.arange(steps) < lengths[:, None]
    targets = np.random.default_rng(seed).integers(2, vocabulary, size=(rows, steps)) * lasts
    targets[np.arange(rows), lengths - 1] = 1
    p = np.where(lasts[..., None], 1 / vocabulary, np.eye(vocabulary)[0])
    return targets, p, lasts


@pytest.mark.parametrize("lengths", [[20] + 19 * [3], [5, 5, 5], [9, 1, 1, 1]], ids=str)
@pytest.mark.parametrize("vocabulary", [4, 8])
def test_padding_in_the_mean_flatters_by_the_share_of_what_is_real(lengths, vocabulary):
    targets, p, lasts = batch_of_songs(lengths, vocabulary)
    share = lasts.mean()
    assert eos_lengths(targets, eos=1).tolist() == lengths
    over_all = perplexity(negative_log_likelihood(p, targets))
    over_songs = perplexity(negative_log_likelihood(p, targets, lengths))
    assert over_songs == pytest.approx(vocabulary)
    assert over_all == pytest.approx(vocabulary**share)


def test_the_loss_of_keras_divides_by_all_positions_unless_told_to_divide_by_the_weights():
    targets, p, lasts = batch_of_songs([20] + 19 * [3])

    def loss(**settings):
        loss = keras.losses.SparseCategoricalCrossentropy(**settings)
        return float(loss(targets, p, sample_weight=lasts))

    assert loss() == pytest.approx(lasts.mean() * np.log(8), rel=1e-5)
    assert loss(reduction="mean_with_sample_weight") == pytest.approx(np.log(8), rel=1e-5)
