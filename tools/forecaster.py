"""The forecaster of `make bench`: at each step of a window, the next value of a series.

Cast: windows of the series of lesson 07, each with a beginning of its own, and the
network of that lesson.
"""

import numpy as np

from rnncourse.data.series import two_waves
from tools.contenders import Task, first_weights, with_adam

SIZES = {"units": 100, "window": 20, "batch": 50}
UNITS, LENGTH, BATCH = SIZES.values()


def course_network():
    """The course's own forecaster."""
    import keras

    from rnncourse.networks.forecasters import Forecaster

    return Forecaster(keras.layers.SimpleRNN(UNITS, "relu", return_sequences=True, unroll=True))


def stock_network():
    """The same as everybody would write it in Keras."""
    import keras

    return keras.Sequential(
        [keras.layers.SimpleRNN(UNITS, "relu", return_sequences=True), keras.layers.Dense(1)]
    )


def squared_error():
    """Keras's loss."""
    import keras

    return keras.losses.MeanSquaredError()


def torch_loss(rnn, read_out, x, y):
    """Network and loss in PyTorch."""
    import torch

    outputs, _ = rnn(x)
    return torch.nn.functional.mse_loss(read_out(outputs), y)


CONTENDERS = with_adam(
    course_network, stock_network, squared_error, torch_loss, nonlinearity="relu"
)


def forecaster_task(n: int = 25, seed: int = 0) -> Task:
    """`n` batches of windows, and of the same windows one step later."""
    rng = np.random.default_rng(seed)
    beginnings = rng.uniform(0, 28, (n, BATCH, 1, 1))
    values = two_waves(beginnings + 0.1 * np.arange(LENGTH + 1)[:, None]).astype("float32")
    return Task(
        SIZES | {"batches": n},
        values[:, :, :-1],
        values[:, :, 1:],
        first_weights(1, UNITS, 1, rng),
        CONTENDERS,
    )
