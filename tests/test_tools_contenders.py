from functools import cache

import keras
import numpy as np
import pytest

from tools import contenders
from tools.classifier import classifier_task
from tools.contenders import FIT, NUMPY, TORCH, TORCH_ALONE
from tools.echo import echo_task
from tools.forecaster import forecaster_task


def smaller(task):
    """Fewer and shorter sequences: the widths are the task's, and XLA has less to compile."""
    x, y = task.x[:, :6, :5], task.y[:, :6]
    return task._replace(x=x, y=y if y.ndim == 2 else y[:, :, :5])


TASKS = {
    "echo": echo_task(n=2),
    "classifier": smaller(classifier_task(n=2)),
    "forecaster": smaller(forecaster_task(n=2)),
}
REFERENCE = {"echo": NUMPY, "classifier": FIT, "forecaster": FIT}
OTHERS = [
    pytest.param(task, name, id=f"{task}: {name}")
    for task in TASKS
    for name in TASKS[task].contenders
    if name != REFERENCE[task]
]


def losses_of(task, name, *passes):
    """The mean loss of each pass, in one run for each number in `passes`."""
    if name in (TORCH, TORCH_ALONE):
        pytest.importorskip("torch")
    run, losses, ticks = TASKS[task].contenders[name](TASKS[task]), [], []
    for count in passes:
        losses += list(run(count, lambda: ticks.append(None)))
    assert len(ticks) == len(losses) == sum(passes)
    return np.array(losses)


@cache
def wanted_losses(task):
    return losses_of(task, REFERENCE[task], 10)


def require_the_steps_of_the_reference(task, name):
    wanted = wanted_losses(task)
    np.testing.assert_allclose(losses_of(task, name, 4, 6), wanted, rtol=2e-5)


@pytest.mark.parametrize(("task", "name"), OTHERS)
def test_all_contenders_take_the_same_steps_and_go_on_in_a_second_run(task, name):
    require_the_steps_of_the_reference(task, name)


@pytest.mark.parametrize("task", TASKS)
def test_the_steps_lead_down(task):
    assert wanted_losses(task)[-1] < 0.95 * wanted_losses(task)[0]


def with_sums_from_zero(monkeypatch):
    adagrad = keras.optimizers.Adagrad
    monkeypatch.setattr(keras.optimizers, "Adagrad", lambda rate, _, eps: adagrad(rate, 0.0, eps))


def with_sums_from_zero_in_torch(monkeypatch):
    torch = pytest.importorskip("torch")
    adagrad = torch.optim.Adagrad
    monkeypatch.setattr(
        torch.optim, "Adagrad", lambda weights, rate, **settings: adagrad(weights, rate)
    )


def with_an_epsilon_that_matters(monkeypatch):
    torch = pytest.importorskip("torch")
    adam = torch.optim.Adam
    monkeypatch.setattr(torch.optim, "Adam", lambda *a, eps: adam(*a, eps=1e-5))


def with_another_activation(monkeypatch):
    torch = pytest.importorskip("torch")
    layer = torch.nn.RNN
    monkeypatch.setattr(
        torch.nn, "RNN", lambda *a, nonlinearity="tanh", **settings: layer(*a, **settings)
    )


def without_the_state(monkeypatch):
    layer = keras.layers.SimpleRNN
    monkeypatch.setattr(
        keras.layers, "SimpleRNN", lambda *a, stateful=False, **settings: layer(*a, **settings)
    )


def with_batches_shuffled(monkeypatch):
    fit = keras.Sequential.fit
    monkeypatch.setattr(
        keras.Sequential, "fit", lambda *a, shuffle=False, **s: fit(*a, shuffle=True, **s)
    )


@pytest.mark.parametrize(
    ("task", "name", "mistake"),
    [
        ("echo", FIT, with_sums_from_zero),
        ("echo", FIT, without_the_state),
        ("echo", FIT, with_batches_shuffled),
        ("echo", TORCH, with_sums_from_zero_in_torch),
        ("classifier", FIT, with_batches_shuffled),
        ("classifier", TORCH, with_an_epsilon_that_matters),
        ("forecaster", TORCH, with_another_activation),
    ],
)
def test_an_unequal_contender_is_noticed(monkeypatch, task, name, mistake):
    wanted_losses(task)  # from contenders without the mistake
    mistake(monkeypatch)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        require_the_steps_of_the_reference(task, name)


@pytest.mark.parametrize("task", TASKS)
def test_torch_has_its_threads_back_after_the_one_threaded_contender(task):
    torch = pytest.importorskip("torch")
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        run = TASKS[task].contenders[TORCH_ALONE](TASKS[task])
        run(1, lambda: seen.append(torch.get_num_threads()))
        assert (seen, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)


def test_first_weights_lie_within_the_bounds_of_torch():
    torch = pytest.importorskip("torch")
    ours = contenders.first_weights(3, 400, 2, np.random.default_rng(0))
    theirs = torch.nn.RNN(3, 400)
    for mine, other in zip(ours, [theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_ih_l0]):
        largest = float(other.detach().abs().max())
        assert mine.shape == tuple(other.shape)[::-1]
        assert np.abs(mine).max() == pytest.approx(largest, rel=0.02)
