"""A forecaster says something at every step, and has seen nothing of what comes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.cells import LSTMCell, SimpleRNNCell
from rnncourse.evaluation import relative_difference
from rnncourse.networks.forecasters import Forecaster
from rnncourse.training.loop import train
from rnncourse.wrappers import OutputProjectionWrapper

RECURRENT = {
    "cell": lambda: SimpleRNNCell(5),
    "relu": lambda: keras.layers.SimpleRNN(5, "relu", return_sequences=True, unroll=True),
    "lstm": lambda: keras.layers.LSTM(5, return_sequences=True),
    "stacked": lambda: keras.layers.StackedRNNCells([LSTMCell(3), keras.layers.GRUCell(5)]),
}
each_network = pytest.mark.parametrize("recurrent", RECURRENT.values(), ids=RECURRENT)


def some_inputs(seed=0, B=3, T=7, F=2):
    return np.random.default_rng(seed).normal(size=(B, T, F)).astype("float32")


@each_network
def test_the_output_at_a_step_depends_on_no_later_input(recurrent):
    network, x = Forecaster(recurrent(), outputs=2), some_inputs()
    before = network(x).numpy()
    x[:, 4:] += 1
    after = network(x).numpy()
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert np.all(np.max(np.abs(before - after), axis=(0, 2))[4:] > 0)


@each_network
def test_a_walk_is_the_call_and_can_be_taken_in_pieces(recurrent):
    network, x = Forecaster(recurrent()), some_inputs()
    whole = network(x).numpy()
    assert relative_difference(network.walk(x)[0].numpy(), whole) < 1e-5
    first, states = network.walk(x[:, :3])
    second, _ = network.walk(x[:, 3:], states)
    assert relative_difference(np.concatenate([first, second], axis=1), whole) < 1e-5


def test_it_is_a_projected_cell():
    network, x = Forecaster(keras.layers.SimpleRNNCell(5, "relu"), outputs=3), some_inputs()
    outputs = network(x)
    wrapped = OutputProjectionWrapper(keras.layers.SimpleRNNCell(5, "relu"), 3)
    inside = keras.layers.RNN(wrapped, return_sequences=True)
    inside(x)
    inside.set_weights(network.get_weights())
    assert relative_difference(inside(x).numpy(), outputs.numpy()) < 1e-5
    assert network.count_params() == inside.count_params() == 5 * (2 + 5 + 1) + 6 * 3


@each_network
def test_a_saved_network_says_the_same(recurrent, tmp_path):
    network, x = Forecaster(recurrent(), outputs=2), some_inputs()
    expected = network(x).numpy()
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(again(x), expected)


def test_it_trains_in_the_loop_and_with_fit():
    x = some_inputs(F=1)
    network = Forecaster(RECURRENT["relu"]())
    network.build((3, 6, 1))

    def loss(step):
        return tf.reduce_mean((network(x[:, :-1]) - x[:, 1:]) ** 2)

    losses = train(loss, [network], keras.optimizers.Adam(0.02), 150, jit=True)
    assert losses[-1] < 0.3 * losses[0]
    network.compile("adam", "mse")
    network.fit(x[:, :-1], x[:, 1:], verbose=0)


@pytest.mark.parametrize(
    ("recurrent", "error", "message"),
    [
        (lambda: keras.layers.LSTM(3), ValueError, "every step and no state"),
        (
            lambda: keras.layers.LSTM(3, return_sequences=True, return_state=True),
            ValueError,
            "`walk` returns the state",
        ),
        (
            lambda: keras.layers.LSTM(3, return_sequences=True, go_backwards=True),
            ValueError,
            "must walk forward",
        ),
        (
            lambda: keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True)),
            TypeError,
            "recurrent layer or a cell",
        ),
        (lambda: keras.layers.Dense(3), TypeError, "recurrent layer or a cell"),
        (lambda: 100, TypeError, "recurrent layer or a cell"),
    ],
)
def test_what_cannot_forecast_is_refused(recurrent, error, message):
    with pytest.raises(error, match=message):
        Forecaster(recurrent())


@pytest.mark.parametrize("outputs", [0, -2, 1.5, "two", True, None])
def test_outputs_that_are_no_count_are_refused(outputs):
    with pytest.raises(ValueError, match="`outputs` must be an integer ≥ 1"):
        Forecaster(SimpleRNNCell(3), outputs)


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (np.ones((3, 7)), ValueError, "add a feature axis"),
        (np.full((3, 7, 1), np.nan), ValueError, "must be finite"),
        ([["a"]], TypeError, "must hold numbers"),
        (np.ones((3, 0, 1)), ValueError, "at least one time step"),
    ],
)
def test_inputs_that_cannot_be_walked_are_refused(inputs, error, message):
    with pytest.raises(error, match=message):
        Forecaster(SimpleRNNCell(3)).walk(inputs)
