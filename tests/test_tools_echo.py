import keras
import numpy as np
import pytest
import tensorflow as tf

from tools import echo

TASK = echo.echo_task(n=2)


def test_the_target_is_the_input_three_steps_before_from_window_to_window():
    bits, answers = TASK.x[..., 0], TASK.y
    assert (bits.shape, TASK.x.dtype, answers.dtype) == ((2, 5, 15), "float32", "int64")
    np.testing.assert_array_equal(answers[:, :, 3:], bits[:, :, :-3])
    np.testing.assert_array_equal(answers[1, :, :3], bits[0, :, -3:])


def tape_gradient(weights, x, y, state):
    """Loss, gradient and last state as TensorFlow has them, batch first."""
    W_xh, W_hh, b_h, W_hy, b_y = variables = [tf.Variable(w) for w in weights]
    with tf.GradientTape() as tape:
        h, losses = tf.constant(state), []
        for x_t, y_t in zip(x, y):
            h = tf.tanh(x_t @ W_xh + h @ W_hh + b_h)
            losses.append(keras.losses.sparse_categorical_crossentropy(y_t, h @ W_hy + b_y, True))
        loss = tf.reduce_mean(losses)
    return loss.numpy(), [g.numpy() for g in tape.gradient(loss, variables)], h.numpy()


def window(dtype):
    """A window, time first, with a state before it that is not zero."""
    weights = [w.astype(dtype) for w in TASK.weights]
    state = np.random.default_rng(1).uniform(-0.9, 0.9, (echo.BATCH, echo.UNITS))
    return weights, TASK.x[0].swapaxes(0, 1).astype(dtype), TASK.y[0].T, state.astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_by_hand_is_that_of_the_tape(dtype, assert_close):
    loss, gradient, state = echo.loss_and_gradient(*window(dtype))
    wanted_loss, wanted, wanted_state = tape_gradient(*window(dtype))
    assert {g.dtype.name for g in [loss, state, *gradient]} == {dtype}
    assert_close(loss, wanted_loss, dtype)
    assert_close(state, wanted_state, dtype)
    assert_close(dict(enumerate(gradient)), dict(enumerate(wanted)), dtype)


def test_no_gradient_leaves_the_window(assert_close):
    """Gradients of two windows in a row: the second one's does not reach into the first."""
    weights, x, y, state = window("float64")
    _, first, middle = echo.loss_and_gradient(weights, x[:7], y[:7], state)
    _, second, _ = echo.loss_and_gradient(weights, x[7:], y[7:], middle)
    _, whole, _ = echo.loss_and_gradient(weights, x, y, state)
    assert_close(7 / 15 * first[4] + 8 / 15 * second[4], whole[4])
    with pytest.raises(AssertionError):
        assert_close(7 / 15 * first[1] + 8 / 15 * second[1], whole[1])
