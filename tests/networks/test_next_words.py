"""Three ids in, a logit for every word out, however the ids are read."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.cells import LSTMCell
from rnncourse.evaluation import relative_difference
from rnncourse.networks.next_words import NextWord, learn_windows, share_right

READS = ["embedding", "one-hot", "magnitude"]


def a_network(reads="embedding", V=9, units=5, seed=0, layers=1):
    keras.utils.set_random_seed(seed)
    return NextWord(V, [LSTMCell(units) for _ in range(layers)], reads=reads, width=4)


def some_ids(seed=0, B=6, T=3, V=9):
    return np.random.default_rng(seed).integers(0, V, (B, T))


@pytest.mark.parametrize("reads", READS)
@pytest.mark.parametrize("layers", [1, 2])
def test_it_is_the_same_as_kerass_layers(reads, layers):
    network, ids = a_network(reads, layers=layers), some_ids()
    logits = network(ids)
    stack = [keras.layers.LSTM(5, return_sequences=k < layers - 1) for k in range(layers)]
    keras_own = keras.Sequential([*stack, keras.layers.Dense(9)])
    if reads == "embedding":
        table = network.embedding.get_weights()[0]
        x = table[ids]
    else:
        x = np.eye(9)[ids] if reads == "one-hot" else ids[..., None]
    keras_own.build(x.shape)
    keras_own.set_weights(network.get_weights()[reads == "embedding" :])
    assert logits.shape == (6, 9)
    assert relative_difference(logits, keras_own(x.astype("float32"))) < 1e-5


def test_an_embedding_is_a_one_hot_row_times_its_table():
    network, ids = a_network(), some_ids()
    network(ids)
    table = network.embedding.get_weights()[0]
    assert np.array_equal(network.as_numbers(tf.constant(ids)), np.eye(9)[ids] @ table)


@settings(max_examples=10)  # a network each
@given(st.permutations(range(9)))
def test_only_a_magnitude_knows_an_order_of_words(order):
    """Rename the words: a table with its rows in the new order says the same."""
    network, ids = a_network(), some_ids()
    before = network(ids).numpy()
    (table,) = network.embedding.get_weights()
    renamed = np.empty_like(table)
    renamed[list(order)] = table
    network.embedding.set_weights([renamed])
    assert np.array_equal(network(np.array(order)[ids]).numpy(), before)


@pytest.mark.parametrize("T", [1, 2, 3, 7])
def test_windows_of_any_width_are_read(T):
    assert a_network()(some_ids(T=T)).shape == (6, 9)


@pytest.mark.parametrize("reads", READS)
def test_it_survives_saving(reads, tmp_path):
    network, ids = a_network(reads), some_ids()
    before = network(ids).numpy()
    network.save(tmp_path / "words.keras")
    again = keras.models.load_model(tmp_path / "words.keras")
    assert np.array_equal(again(ids).numpy(), before)


def test_windows_that_differ_are_learned_by_heart():
    before, after = [[0, 1, 2], [1, 2, 3], [2, 3, 0]], [3, 0, 1]
    network = a_network()
    losses = learn_windows(network, before, after, updates=120)
    assert losses.shape == (120,) and losses[-1] < 0.1 * losses[0]
    assert share_right(network, before, after) == 1.0


def test_a_window_that_goes_on_in_two_ways_costs_a_coin():
    network = a_network()
    losses = learn_windows(network, [[0, 1], [0, 1]], [2, 3], updates=200)
    assert abs(losses[-1] - np.log(2)) < 0.02
    assert share_right(network, [[0, 1], [0, 1]], [2, 3]) == 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocabulary": 1}, "`vocabulary` must be an integer ≥ 2"),
        ({"vocabulary": 2.5}, "`vocabulary` must be an integer ≥ 2"),
        ({"width": 0}, "`width` must be an integer ≥ 1"),
        ({"reads": "words"}, "`reads` must be one of"),
        ({"recurrent": 3}, "`recurrent` must be a cell"),
    ],
)
def test_a_network_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        NextWord(**{"vocabulary": 9, "recurrent": LSTMCell(3)} | arguments)


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([1, 2, 3], ValueError, r"`ids` must have shape \(B, T\)"),
        ([[[1, 2, 3]]], ValueError, r"`ids` must have shape \(B, T\)"),
        (np.zeros((0, 3), int), ValueError, "at least one word"),
        ([[1.0, 2.0]], TypeError, "encode the words first"),
        ([["long", "ago"]], TypeError, "encode the words first"),
        ([[True, False]], TypeError, "encode the words first"),
        ([[1, 9]], ValueError, "must lie in 0 … 8, got 9"),
        ([[-1, 2]], ValueError, "must lie in 0 … 8, got -1"),
        (tf.constant([[1, 12]]), ValueError, "must lie in 0 … 8, got 12"),
    ],
)
def test_ids_that_are_none_are_told_what_to_do(ids, error, message):
    with pytest.raises(error, match=message):
        a_network()(ids)


def test_windows_without_their_answers_are_refused():
    with pytest.raises(ValueError, match="one id for each window"):
        learn_windows(a_network(), some_ids(), [1, 2])


def test_a_network_that_reads_the_wrong_end_is_seen(monkeypatch):
    """The likely mistake: the walk begins with the last word."""
    monkeypatch.setattr(NextWord, "as_numbers", lambda self, ids: self.embedding(ids[:, ::-1]))
    with pytest.raises(AssertionError):
        test_it_is_the_same_as_kerass_layers("embedding", 1)
