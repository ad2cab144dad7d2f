"""The echo of `make bench`: a small network repeats a stream of bits three steps late.

Cast: the stream of lesson 05 in windows, the state carried from each to the next.
All contenders train by Adagrad, and one of them by hand.
"""

import numpy as np

from rnncourse.data.series import echo_bits, in_rows, windows
from tools.contenders import (
    FIT,
    NUMPY,
    OURS,
    STEP_BY_STEP,
    TORCH,
    TORCH_ALONE,
    TUNED_FIT,
    Task,
    alone,
    first_weights,
    fit_run,
    in_one,
    loop_run,
    torch_layers,
    torch_run,
)

SIZES = {"units": 4, "window": 15, "batch": 5, "echo_step": 3}
UNITS, LENGTH, BATCH, ECHO_STEP = SIZES.values()
# Keras's Adagrad at the tutorial's rate. PyTorch's starts its sums at 0 and adds its
# epsilon outside the root; with sums of at least 0.1 the place makes no difference.
RATE, FIRST_SUM, EPSILON = 0.3, 0.1, 1e-7


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
    """The course's loop over Keras layers."""
    import keras
    import tensorflow as tf

    rnn = keras.layers.SimpleRNN(UNITS, return_sequences=True, return_state=True, unroll=True)
    read_out = keras.layers.Dense(2)
    rnn.build((BATCH, LENGTH, 1))
    read_out.build((BATCH, LENGTH, UNITS))
    rnn.set_weights(task.weights[:3])
    read_out.set_weights(task.weights[3:])
    state = tf.Variable(tf.zeros((BATCH, UNITS)))
    optimizer = keras.optimizers.Adagrad(RATE, FIRST_SUM, EPSILON)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def loss(x, y):
        outputs, last = rnn(x, initial_state=[state.value()])
        state.assign(last)
        return cross_entropy(y, read_out(outputs))

    return loop_run(task, loss, [rnn, read_out], optimizer, [state], steps_per_call)


def step_by_step(task: Task):
    """The course's loop with one compiled call for each step, as most loops have it."""
    return training_loop(task, steps_per_call=1)


def fit(task: Task, tuned: bool = False):
    """A stateful Keras model and `fit` with stock settings; `tuned`: all it offers to be fast."""
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
        return fit_run(model, x=batches.cache().prefetch(tf.data.AUTOTUNE))
    return fit_run(model, **in_one(task))


def tuned_fit(task: Task):
    """`fit` with the loop unrolled, XLA, a cached dataset and all steps in one execution."""
    return fit(task, tuned=True)


def pytorch(task: Task):
    """PyTorch in eager mode."""
    import torch

    rnn, read_out, trained = torch_layers(task.weights)
    optimizer = torch.optim.Adagrad(trained, RATE, initial_accumulator_value=FIRST_SUM, eps=EPSILON)
    cross_entropy = torch.nn.CrossEntropyLoss()
    state = torch.zeros(1, BATCH, UNITS)

    def loss(x, y):
        nonlocal state
        outputs, state = rnn(x, state.detach())
        return cross_entropy(read_out(outputs).flatten(0, 1), y.flatten())

    return torch_run(task, loss, optimizer)


CONTENDERS = {
    OURS: training_loop,
    NUMPY: by_hand,
    TUNED_FIT: tuned_fit,
    STEP_BY_STEP: step_by_step,
    TORCH_ALONE: alone(pytorch),
    TORCH: pytorch,
    FIT: fit,
}


def echo_task(n: int = 666, seed: int = 0) -> Task:
    """The echo task of lesson 05, `n` windows long, and random weights."""
    rng = np.random.default_rng(seed)
    bits, echo = (
        windows(in_rows(stream, BATCH), LENGTH)
        for stream in echo_bits(n * BATCH * LENGTH, ECHO_STEP, rng)
    )
    return Task(
        SIZES | {"windows": n},
        bits[..., None].astype("float32"),
        echo.astype("int64"),
        first_weights(1, UNITS, 2, rng),
        CONTENDERS,
    )
