"""A walk is the loop over the course's own cells, and ids are checked before they are read."""

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.cells import GRUCell, LSTMCell
from rnncourse.evaluation import relative_difference
from rnncourse.translation.batches import PAD
from rnncourse.translation.loops import Dropout, advance, as_ids, lengths_of, project, walk
from rnncourse.unroll import dynamic_rnn

LENGTHS = [4, 1, 3]
each_cell = pytest.mark.parametrize("kind", [GRUCell, LSTMCell])


def cell_and_inputs(kind, seed=0):
    rng, cell = np.random.default_rng(seed), kind(6)
    cell.build((None, 5))
    cell.set_weights([rng.normal(size=w.shape) for w in cell.weights])
    state = tuple(tf.constant(rng.normal(size=(3, 6)), tf.float32) for _ in cell.states)
    return cell, tf.constant(rng.normal(size=(3, 5, 5)), tf.float32), state


@each_cell
def test_a_step_is_that_of_the_cell(kind):
    cell, x, state = cell_and_inputs(kind)
    _, expected = cell(x[:, 0], list(state))
    for ours, theirs in zip(advance(cell, project(cell, x[:, 0]), state), expected, strict=True):
        assert relative_difference(ours, theirs) < 1e-5


@each_cell
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_a_walk_is_the_loop_over_the_cell_forward_and_back(kind, jit):
    cell, x, state = cell_and_inputs(kind)
    live = tf.sequence_mask(LENGTHS, 5, tf.float32)[..., None]

    def asked(run):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs, last = run()
            value = tf.reduce_sum(live * outputs**2) + tf.add_n([tf.reduce_sum(s) for s in last])
        return live * outputs, list(last), tape.gradient(value, [x, cell.kernel.value])

    ours = tf.function(
        lambda: asked(lambda: walk(cell, x, state, tf.constant(LENGTHS))), jit_compile=jit
    )()
    theirs = asked(lambda: dynamic_rnn(cell, x, list(state), LENGTHS))
    for a, b in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        assert relative_difference(a, b) < 1e-5


def test_it_stops_with_the_longest_row_and_says_what_it_is_asked_to():
    cell, x, state = cell_and_inputs(GRUCell)
    outputs, _ = walk(cell, x, state, tf.constant(LENGTHS), lambda h: h[:, :2] + 1)
    assert outputs.shape == (3, 5, 2) and not np.any(outputs[:, 4]) and np.all(outputs[:, 3])


def test_a_row_without_words_keeps_its_state():
    cell, x, state = cell_and_inputs(LSTMCell)
    _, last = walk(cell, x, state, tf.zeros(3, tf.int32))
    assert all(np.array_equal(a, b) for a, b in zip(last, state))


def test_lengths_are_the_words_that_are_no_padding():
    assert lengths_of(tf.constant([[3, 0, 1], [0, PAD, PAD], [PAD] * 3])).numpy().tolist() == [
        3,
        1,
        0,
    ]


def test_dropout_drops_its_share_in_training_alone_and_repeats_with_its_seeds():
    drop, ones = Dropout(0.25), tf.ones((400, 50))
    assert np.array_equal(drop(ones), ones)
    dropped = drop(ones, training=True).numpy()
    assert set(np.unique(dropped)) == {0, np.float32(1 / 0.75)}
    assert abs((dropped == 0).mean() - 0.25) < 0.02
    drop.seeds.state.assign([3, 4])
    again = drop(ones, training=True).numpy()
    drop.seeds.state.assign([3, 4])
    assert np.array_equal(drop(ones, training=True), again) and not np.array_equal(again, dropped)


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([1, 2], ValueError, r"must have shape \(B, T\)"),
        ([[1, 2], [3]], ValueError, "rows of unequal length"),
        ([[]], ValueError, "T ≥ 1"),
        ([["a"]], TypeError, "must be integers"),
        ([[1.0]], TypeError, "must be integers"),
        ([[9]], ValueError, "0 … 8, or be -1 for padding, got 9"),
        ([[-2]], ValueError, "got -2"),
        ([[PAD, 3]], ValueError, "padded on the right"),
    ],
)
def test_ids_it_cannot_read_are_named(ids, error, message):
    with pytest.raises(error, match=message):
        as_ids("source", ids, 9)
