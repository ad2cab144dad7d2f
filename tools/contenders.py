"""One small network, trained in several ways: the contenders of `make bench`.

Cast: a `Task` holds the echo task's windows and the first weights. A contender is
a function that takes it and returns `run(passes, tick)`, which trains on every
window in turn, `passes` times over, calls `tick()` after each pass and returns
the mean loss of each. A second `run` goes on where the first one ended. From the
same weights all contenders take the same steps, rounding aside.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.data.series import echo_bits, in_rows, windows

SIZES = {"units": 4, "window": 15, "batch": 5, "echo_step": 3}
UNITS, LENGTH, BATCH, ECHO_STEP = SIZES.values()
# Keras's Adagrad at the tutorial's rate. PyTorch's starts its sums at 0 and adds its
# epsilon outside the root; with sums of at least 0.1 the place makes no difference.
RATE, FIRST_SUM, EPSILON = 0.3, 0.1, 1e-7
OURS, NUMPY, FIT = "rnncourse.training", "NumPy by hand", "Keras fit"
TORCH, TORCH_ALONE = "PyTorch eager", "PyTorch, 1 thread"


class Task(NamedTuple):
    """What all contenders share.

    Attributes:
        x: Bits, `(n, B, L, 1)` in float32.
        y: Their echo, `(n, B, L)` in int32.
        weights: W_xh `(1, H)`, W_hh `(H, H)`, b_h `(H,)`, W_hy `(H, 2)`, b_y `(2,)`,
            float32; the state before the first window is zero.
    """

    x: np.ndarray
    y: np.ndarray
    weights: list[np.ndarray]


def echo_task(n: int = 666, seed: int = 0) -> Task:
    """The echo task of lesson 05, `n` windows long, and random weights."""
    rng = np.random.default_rng(seed)
    bits, echo = (
        windows(in_rows(stream, BATCH), LENGTH)
        for stream in echo_bits(n * BATCH * LENGTH, ECHO_STEP, rng)
    )
    shapes = [(1, UNITS), (UNITS, UNITS), (UNITS,), (UNITS, 2), (2,)]
    weights = [rng.uniform(-0.5, 0.5, shape).astype("float32") for shape in shapes]
    return Task(bits[..., None].astype("float32"), echo.astype("int32"), weights)


def loss_and_gradient(weights, x, y, state):
    """Forward through a window and back, time first.

    Args:
        weights: As in `Task`.
        x: `(L, B, 1)`.
        y: `(L, B)`.
        state: Before the window, `(B, H)`, taken as given.

    Returns:
        `(loss, gradient, state)`: the mean cross-entropy, its gradient in the order
        of the weights, and the state after the window.
    """
    W_xh, W_hh, b_h, W_hy, b_y = weights
    states = np.empty((len(x) + 1, *state.shape), state.dtype)
    states[0] = state
    sums = x @ W_xh + b_h
    for t in range(len(x)):
        states[t + 1] = np.tanh(sums[t] + states[t] @ W_hh)
    logits = states[1:] @ W_hy + b_y
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    right = y[..., None] == np.arange(2)  # (L, B, 2)
    loss = -np.log(p[right]).mean()

    errors = (p - right) / y.size
    back = errors @ W_hy.T  # (L, B, H)
    slopes = 1 - states[1:] ** 2
    late = 0
    for t in reversed(range(len(x))):
        back[t] = (back[t] + late) * slopes[t]
        late = back[t] @ W_hh.T

    def product(a, b):
        return a.reshape(y.size, -1).T @ b.reshape(y.size, -1)

    recurrent = [product(x, back), product(states[:-1], back), back.sum((0, 1))]
    return loss, [*recurrent, product(states[1:], errors), errors.sum((0, 1))], states[-1]


def by_hand(task: Task):
    """NumPy: the function above and Adagrad."""
    weights = [w.copy() for w in task.weights]
    sums = [np.full_like(w, FIRST_SUM) for w in weights]
    state = np.zeros((BATCH, UNITS), "float32")
    xs = np.ascontiguousarray(task.x.swapaxes(1, 2))  # (n, L, B, 1)
    ys = np.ascontiguousarray(task.y.swapaxes(1, 2))

    def run(passes, tick):
        nonlocal state
        means = []
        for _ in range(passes):
            losses = []
            for x, y in zip(xs, ys):
                loss, gradient, state = loss_and_gradient(weights, x, y, state)
                for w, s, g in zip(weights, sums, gradient):
                    s += g * g
                    w -= RATE * g / np.sqrt(s + EPSILON)
                losses.append(loss)
            means.append(np.mean(losses))
            tick()
        return means

    return run


def training_loop(task: Task, steps_per_call: int | None = None):
    """The course's loop over Keras layers; all windows in one compiled call if `None`."""
    import keras
    import tensorflow as tf

    from rnncourse.training.loop import train

    n = len(task.x)
    rnn = keras.layers.SimpleRNN(UNITS, return_sequences=True, return_state=True, unroll=True)
    read_out = keras.layers.Dense(2)
    rnn.build((BATCH, LENGTH, 1))
    read_out.build((BATCH, LENGTH, UNITS))
    rnn.set_weights(task.weights[:3])
    read_out.set_weights(task.weights[3:])
    state = tf.Variable(tf.zeros((BATCH, UNITS)))
    optimizer = keras.optimizers.Adagrad(RATE, FIRST_SUM, EPSILON)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    x, y = tf.constant(task.x), tf.constant(task.y)

    def loss(step):
        i = step % n
        outputs, last = rnn(x[i], initial_state=[state.value()])
        state.assign(last)
        return cross_entropy(y[i], read_out(outputs))

    def run(passes, tick):
        losses = train(
            loss,
            [rnn, read_out],
            optimizer,
            passes * n,
            carry=[state],
            steps_per_call=steps_per_call or n,
            jit=True,
            progress=False,
            after_call=lambda step, _: None if step % n else tick(),
        )
        return losses.reshape(passes, n).mean(axis=1)

    return run


def step_by_step(task: Task):
    """The course's loop with one compiled call for each step, as most loops have it."""
    return training_loop(task, steps_per_call=1)


def fit(task: Task, tuned: bool = False):
    """A stateful Keras model and `fit`.

    Stock settings, but for the progress bar, which would cost time. `tuned`: all that
    `fit` offers to be fast.
    """
    import keras
    import tensorflow as tf

    model = keras.Sequential(
        [
            keras.Input(batch_shape=(BATCH, LENGTH, 1)),
            keras.layers.SimpleRNN(UNITS, return_sequences=True, stateful=True, unroll=tuned),
            keras.layers.Dense(2),
        ]
    )
    model.set_weights(task.weights)
    model.compile(
        keras.optimizers.Adagrad(RATE, FIRST_SUM, EPSILON),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        **({"jit_compile": True, "steps_per_execution": len(task.x)} if tuned else {}),
    )
    if tuned:
        batches = tf.data.Dataset.from_tensor_slices((task.x, task.y))
        data = {"x": batches.cache().prefetch(tf.data.AUTOTUNE)}
    else:
        data = {
            "x": task.x.reshape(-1, LENGTH, 1),
            "y": task.y.reshape(-1, LENGTH),
            "batch_size": BATCH,
        }

    def run(passes, tick):
        after_epoch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: tick())
        history = model.fit(
            **data, epochs=passes, shuffle=False, verbose=0, callbacks=[after_epoch]
        )
        return history.history["loss"]

    return run


def tuned_fit(task: Task):
    """`fit` with the loop unrolled, XLA, a cached dataset and all steps in one execution."""
    return fit(task, tuned=True)


def pytorch(task: Task):
    """PyTorch in eager mode. Its recurrent layer has two biases: the second stays zero."""
    import torch

    rnn = torch.nn.RNN(1, UNITS, batch_first=True)
    read_out = torch.nn.Linear(UNITS, 2)
    trained = [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, read_out.weight, read_out.bias]
    with torch.no_grad():
        for parameter, w in zip(trained, task.weights):
            parameter.copy_(torch.tensor(w.T))
        rnn.bias_hh_l0.zero_().requires_grad_(False)
    optimizer = torch.optim.Adagrad(trained, RATE, initial_accumulator_value=FIRST_SUM, eps=EPSILON)
    cross_entropy = torch.nn.CrossEntropyLoss()
    xs, ys = torch.tensor(task.x), torch.tensor(task.y, dtype=torch.long)
    state = torch.zeros(1, BATCH, UNITS)

    def run(passes, tick):
        nonlocal state
        means = []
        for _ in range(passes):
            losses = []
            for x, y in zip(xs, ys):
                outputs, state = rnn(x, state.detach())
                loss = cross_entropy(read_out(outputs).flatten(0, 1), y.flatten())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
            means.append(torch.stack(losses).mean().item())
            tick()
        return means

    return run


def single_pytorch(task: Task):
    """PyTorch in one thread: with so little to do, its threads wait for each other and no more."""
    import torch

    run = pytorch(task)

    def run_alone(passes, tick):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return run(passes, tick)
        finally:
            torch.set_num_threads(threads)

    return run_alone


CONTENDERS = {
    OURS: training_loop,
    NUMPY: by_hand,
    "Keras fit, tuned": tuned_fit,
    "one step a call": step_by_step,
    TORCH_ALONE: single_pytorch,
    TORCH: pytorch,
    FIT: fit,
}
