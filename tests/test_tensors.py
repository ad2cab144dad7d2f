"""What may come in under the name of a tensor; test_unroll.py asks the rest, through the walks."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.tensors import as_lengths, as_tensor, finite, guard, require_cell


@pytest.mark.parametrize(
    "value",
    [[[1, 2]], np.ones((1, 2)), tf.ones((1, 2), tf.int32), keras.Variable(np.ones((1, 2)))],
    ids=["list", "array", "tensor", "variable"],
)
def test_numbers_of_any_kind_become_a_tensor(value):
    tensor = as_tensor("x", value, "BT", "float64")
    assert tensor.dtype == tf.float64
    assert tensor.shape == (1, 2)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1, 2], ValueError, r"`x` must have shape \(B, T\), got \(2,\)"),
        ([["a"]], TypeError, "`x` must hold numbers"),
        ([tf.ones(2)], TypeError, "`x` must be one tensor, got a list of 1: join the steps"),
        (tf.ragged.constant([[1], [2, 3]]), TypeError, "must be a dense rectangular tensor"),
        (keras.Input((3,)), TypeError, "got a symbolic Keras tensor"),
    ],
)
def test_anything_else_is_answered_with_a_remedy(value, error, message):
    with pytest.raises(error, match=message):
        as_tensor("x", value, "BT", "float32")


def test_lengths_are_checked_against_their_sequences():
    x = tf.zeros((2, 3, 1))
    assert as_lengths(np.array([3, 0]), x).numpy().tolist() == [3, 0]
    with pytest.raises(ValueError, match="`lengths` must"):
        as_lengths([4, 0], x)
    compiled = tf.function(as_lengths)
    assert compiled(tf.constant([3, 0]), x).numpy().tolist() == [3, 0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="between 0 and T"):
        compiled(tf.constant([4, 0]), x)


def test_a_number_that_is_none_is_found_at_once_and_inside_a_graph():
    bad = tf.constant([1.0, np.nan])
    with pytest.raises(ValueError, match="`x` must"):
        finite("x", bad)
    with pytest.raises(tf.errors.InvalidArgumentError, match="`x` must be finite"):
        tf.function(lambda x: finite("x", x))(bad)
    assert finite("x", tf.ones(2)).numpy().tolist() == [1, 1]


def test_a_guard_lets_through_what_holds():
    compiled = tf.function(lambda x: guard(x, tf.reduce_all(x > 0), "positive, please"))
    assert compiled(tf.constant([1.0])).numpy() == [1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="positive, please"):
        compiled(tf.constant([-1.0]))


class OwnCell(keras.layers.Layer):
    state_size = 3


@pytest.mark.parametrize(
    "cell",
    [
        keras.layers.GRUCell(3),
        keras.layers.StackedRNNCells([keras.layers.SimpleRNNCell(3), keras.layers.LSTMCell(2)]),
        OwnCell(),
    ],
    ids=["Keras's", "stack", "own"],
)
def test_a_layer_that_names_the_size_of_its_state_is_a_cell(cell):
    assert require_cell(cell) is None


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (keras.layers.GRU(3), "must be a cell, one time step, got the layer GRU: pass layer.cell"),
        (keras.layers.GRUCell, "must be a Keras cell, got <class .+>: make one, for instance"),
        (keras.layers.Dense(3), "must be a Keras cell, got <Dense .+>: make one"),
        (None, "must be a Keras cell, got None: make one"),
    ],
    ids=["walks over time", "class", "no state", "nothing"],
)
def test_what_is_no_cell_is_sent_to_one(cell, message):
    with pytest.raises(TypeError, match=f"^`cell` {message}"):
        require_cell(cell)
