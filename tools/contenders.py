"""What the contenders of `make bench` have in common.

Cast: a `Task` holds batches, first weights and contenders. A contender is a
function that takes the task and returns `run(passes, tick)`, which trains on every
batch in turn, `passes` times over, calls `tick()` after each pass and returns the
mean loss of each. A second `run` goes on where the first one ended. From the same
weights all contenders of a task take the same steps, rounding aside.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

OURS, NUMPY, FIT, TUNED_FIT = "rnncourse.training", "NumPy by hand", "Keras fit", "Keras fit, tuned"
STEP_BY_STEP, TORCH, TORCH_ALONE = "one step a call", "PyTorch eager", "PyTorch, 1 thread"
# Keras and PyTorch add Adam's epsilon before and after its correction of the first steps:
# when it is as small as this, the place makes no difference.
RATE, EPSILON = 0.001, 1e-12


class Task(NamedTuple):
    """What all contenders share.

    Attributes:
        sizes: For the table's head.
        x: `(n, B, T, F)` in float32: `n` batches, one for each step of a pass.
        y: `(n, B)` or longer, in int64 or float32.
        weights: W_xh `(F, H)`, W_hh `(H, H)`, b_h `(H,)`, W_hy `(H, O)`, b_y `(O,)`,
            float32; the state before the first batch is zero.
        contenders: Name → contender.
    """

    sizes: dict[str, int]
    x: np.ndarray
    y: np.ndarray
    weights: list[np.ndarray]
    contenders: dict[str, Callable]


def first_weights(features: int, units: int, outputs: int, rng) -> list[np.ndarray]:
    """Random weights within PyTorch's own bounds, 1/√H either way."""
    shapes = [(features, units), (units, units), (units,), (units, outputs), (outputs,)]
    bound = units**-0.5
    return [rng.uniform(-bound, bound, shape).astype("float32") for shape in shapes]


def loop_run(task: Task, loss, layers, optimizer, carry=(), steps_per_call: int | None = None):
    """`run` in the course's loop; all batches in one compiled call if `None`.

    `loss(x, y)` takes one batch.
    """
    import tensorflow as tf

    from rnncourse.training.loop import train

    n = len(task.x)
    x, y = tf.constant(task.x), tf.constant(task.y)

    def run(passes, tick):
        losses = train(
            lambda step: loss(x[step % n], y[step % n]),
            layers,
            optimizer,
            passes * n,
            carry=carry,
            steps_per_call=steps_per_call or n,
            jit=True,
            progress=False,
            after_call=lambda step, _: None if step % n else tick(),
        )
        return losses.reshape(passes, n).mean(axis=1)

    return run


def in_one(task: Task) -> dict:
    """All batches as `fit` takes them."""
    x, y = (data.reshape(-1, *data.shape[2:]) for data in (task.x, task.y))
    return {"x": x, "y": y, "batch_size": task.x.shape[1]}


def fit_run(model, **data):
    """`run` in Keras's `fit`, without the progress bar, which would cost time."""
    import keras

    def run(passes, tick):
        after_epoch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: tick())
        history = model.fit(
            **data, epochs=passes, shuffle=False, verbose=0, callbacks=[after_epoch]
        )
        return history.history["loss"]

    return run


def torch_layers(weights, **settings):
    """PyTorch's recurrent layer and read-out with these weights, and what to train of them.

    The recurrent layer has two biases: the second stays zero.
    """
    import torch

    (features, units), outputs = weights[0].shape, len(weights[4])
    rnn = torch.nn.RNN(features, units, batch_first=True, **settings)
    read_out = torch.nn.Linear(units, outputs)
    trained = [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, read_out.weight, read_out.bias]
    with torch.no_grad():
        for parameter, w in zip(trained, weights):
            parameter.copy_(torch.tensor(w.T))
        rnn.bias_hh_l0.zero_().requires_grad_(False)
    return rnn, read_out, trained


def torch_run(task: Task, loss, optimizer):
    """`run` in PyTorch's eager mode; `loss(x, y)` takes one batch."""
    import torch

    xs, ys = torch.tensor(task.x), torch.tensor(task.y)

    def run(passes, tick):
        means = []
        for _ in range(passes):
            losses = []
            for x, y in zip(xs, ys):
                value = loss(x, y)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                losses.append(value.detach())
            means.append(torch.stack(losses).mean().item())
            tick()
        return means

    return run


def alone(contender):
    """A contender of PyTorch in one thread: over little work, its threads wait for each other."""

    def single(task: Task):
        import torch

        run = contender(task)

        def run_alone(passes, tick):
            threads = torch.get_num_threads()
            torch.set_num_threads(1)
            try:
                return run(passes, tick)
            finally:
                torch.set_num_threads(threads)

        return run_alone

    return single


def with_adam(course_network, stock_network, keras_loss, torch_loss, **torch_settings):
    """The contenders for a network that forgets between batches, trained by Adam.

    Args:
        course_network: Makes the course's Keras model.
        stock_network: Makes that of `fit`.
        keras_loss: Makes the loss of both.
        torch_loss: `torch_loss(rnn, read_out, x, y)`, network and loss in PyTorch.
        torch_settings: Of PyTorch's recurrent layer.

    Returns:
        Name → contender.
    """

    def with_weights(model, task):
        import keras

        model.build(task.x.shape[1:])
        model.set_weights(task.weights)
        return model, keras.optimizers.Adam(RATE, epsilon=EPSILON)

    def training_loop(task, steps_per_call=None):
        model, optimizer = with_weights(course_network(), task)
        loss = keras_loss()
        return loop_run(
            task, lambda x, y: loss(y, model(x)), [model], optimizer, (), steps_per_call
        )

    def fit(task):
        model, optimizer = with_weights(stock_network(), task)
        model.compile(optimizer, keras_loss())
        return fit_run(model, **in_one(task))

    def pytorch(task):
        import torch

        rnn, read_out, trained = torch_layers(task.weights, **torch_settings)
        optimizer = torch.optim.Adam(trained, RATE, eps=EPSILON)
        return torch_run(task, lambda x, y: torch_loss(rnn, read_out, x, y), optimizer)

    return {
        OURS: training_loop,
        STEP_BY_STEP: lambda task: training_loop(task, steps_per_call=1),
        TORCH_ALONE: alone(pytorch),
        TORCH: pytorch,
        FIT: fit,
    }
