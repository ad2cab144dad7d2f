import keras
import numpy as np
import pytest
import tensorflow as tf

from tools import contenders

TASK = contenders.echo_task(n=2)
OTHERS = [name for name in contenders.CONTENDERS if name != contenders.NUMPY]


def losses_of(name, task, *passes):
    """The mean loss of each pass, in one run for each number in `passes`."""
    if name in (contenders.TORCH, contenders.TORCH_ALONE):
        pytest.importorskip("torch")
    run, losses, ticks = contenders.CONTENDERS[name](task), [], []
    for count in passes:
        losses += list(run(count, lambda: ticks.append(None)))
    assert len(ticks) == len(losses) == sum(passes)
    return np.array(losses)


def require_the_losses_of_numpy(name, task, *passes):
    wanted = losses_of(contenders.NUMPY, task, sum(passes))
    np.testing.assert_allclose(losses_of(name, task, *passes), wanted, rtol=2e-5)


@pytest.mark.parametrize("name", OTHERS)
def test_a_contender_takes_the_very_steps_of_numpy_and_goes_on_in_a_second_run(name):
    require_the_losses_of_numpy(name, TASK, 4, 6)


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
    state = np.random.default_rng(1).uniform(-0.9, 0.9, (contenders.BATCH, contenders.UNITS))
    return weights, TASK.x[0].swapaxes(0, 1).astype(dtype), TASK.y[0].T, state.astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_by_hand_is_that_of_the_tape(dtype, assert_close):
    loss, gradient, state = contenders.loss_and_gradient(*window(dtype))
    wanted_loss, wanted, wanted_state = tape_gradient(*window(dtype))
    assert {g.dtype.name for g in [loss, state, *gradient]} == {dtype}
    assert_close(loss, wanted_loss, dtype)
    assert_close(state, wanted_state, dtype)
    assert_close(dict(enumerate(gradient)), dict(enumerate(wanted)), dtype)


def test_no_gradient_leaves_the_window(assert_close):
    """Gradients of two windows in a row: the second one's does not reach into the first."""
    weights, x, y, state = window("float64")
    _, first, middle = contenders.loss_and_gradient(weights, x[:7], y[:7], state)
    _, second, _ = contenders.loss_and_gradient(weights, x[7:], y[7:], middle)
    _, whole, _ = contenders.loss_and_gradient(weights, x, y, state)
    assert_close(7 / 15 * first[4] + 8 / 15 * second[4], whole[4])
    with pytest.raises(AssertionError):
        assert_close(7 / 15 * first[1] + 8 / 15 * second[1], whole[1])


def with_sums_from_zero(monkeypatch):
    adagrad = keras.optimizers.Adagrad
    monkeypatch.setattr(keras.optimizers, "Adagrad", lambda rate, _, eps: adagrad(rate, 0.0, eps))


def with_sums_from_zero_in_torch(monkeypatch):
    torch = pytest.importorskip("torch")
    adagrad = torch.optim.Adagrad
    monkeypatch.setattr(
        torch.optim, "Adagrad", lambda weights, rate, **settings: adagrad(weights, rate)
    )


def without_the_state(monkeypatch):
    layer = keras.layers.SimpleRNN
    monkeypatch.setattr(
        keras.layers, "SimpleRNN", lambda *a, stateful=False, **settings: layer(*a, **settings)
    )


def with_windows_shuffled(monkeypatch):
    fit = keras.Sequential.fit
    monkeypatch.setattr(
        keras.Sequential, "fit", lambda *a, shuffle=False, **s: fit(*a, shuffle=True, **s)
    )


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        (contenders.FIT, with_sums_from_zero),
        (contenders.FIT, without_the_state),
        (contenders.FIT, with_windows_shuffled),
        (contenders.TORCH, with_sums_from_zero_in_torch),
    ],
)
def test_an_unequal_contender_is_noticed(monkeypatch, name, mistake):
    mistake(monkeypatch)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        require_the_losses_of_numpy(name, TASK, 4, 6)


def test_torch_has_its_threads_back_after_the_one_threaded_contender():
    torch = pytest.importorskip("torch")
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        contenders.single_pytorch(TASK)(1, lambda: seen.append(torch.get_num_threads()))
        assert (seen, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)
