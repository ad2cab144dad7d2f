"""The classifier of `make bench`: a plain recurrent network reads images row by row.

Cast: random images of MNIST's shape with random labels, since the time of a step does
not depend on what is in the picture, and the network of lesson 06.
"""

import numpy as np

from tools.contenders import Task, first_weights, with_adam

SIZES = {"units": 150, "rows": 28, "pixels": 28, "batch": 150, "classes": 10}
UNITS, ROWS, PIXELS, BATCH, CLASSES = SIZES.values()


def course_network():
    """The course's own classifier."""
    import keras

    from rnncourse.networks.classifiers import SequenceClassifier

    layer = keras.layers.SimpleRNN(UNITS, return_sequences=True, unroll=True)
    return SequenceClassifier(layer, CLASSES)


def stock_network():
    """The same as everybody would write it in Keras."""
    import keras

    return keras.Sequential([keras.layers.SimpleRNN(UNITS), keras.layers.Dense(CLASSES)])


def cross_entropy():
    """Keras's loss."""
    import keras

    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def torch_loss(rnn, read_out, x, y):
    """Network and loss in PyTorch."""
    import torch

    outputs, _ = rnn(x)
    return torch.nn.functional.cross_entropy(read_out(outputs[:, -1]), y)


CONTENDERS = with_adam(course_network, stock_network, cross_entropy, torch_loss)


def classifier_task(n: int = 25, seed: int = 0) -> Task:
    """`n` batches of random images."""
    rng = np.random.default_rng(seed)
    return Task(
        SIZES | {"batches": n},
        rng.random((n, BATCH, ROWS, PIXELS), "float32"),
        rng.integers(CLASSES, size=(n, BATCH)),
        first_weights(PIXELS, UNITS, CLASSES, rng),
        CONTENDERS,
    )
