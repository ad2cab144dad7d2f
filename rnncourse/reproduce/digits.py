"""Digits read row by row: what a recurrent classifier gets right, and what makes it better.

Cast: `network` makes the classifier that a configuration describes, `learn` trains
it on batches that a seed puts together, `score` says how it does on one part of the
data. The sweeps compare by the validation part; only `digits-test` and `digits-cuts`
look at the test part.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.images import Part, Parts, bottom_up, digits
from rnncourse.networks.classifiers import SequenceClassifier
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.training.loop import train

LAYERS = {"rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def weld(cell, start: str, seed: int) -> None:
    """Draw kernel and recurrent kernel as the two parts of one matrix `(F + H, H)`.

    This is how TensorFlow 1 kept them, so that an initialisation counted F + H inputs.

    Args:
        cell: A built cell without gates.
        start: `"glorot"`: uniform, variance 2 / (F + 2H); `"he"`: uniform, variance
            2 / (F + H).
        seed: Of the draw.
    """
    features, units = cell.kernel.shape
    fan = {"glorot": features + 2 * units, "he": features + units}[start]
    limit = np.sqrt(6 / fan)
    matrix = np.random.default_rng(seed).uniform(-limit, limit, (features + units, units))
    cell.kernel.assign(matrix[:features])
    cell.recurrent_kernel.assign(matrix[features:])


def convolution(config: dict, seed: int, steps: int = 8, features: int = 8):
    """An untrained network of two convolutions that sees the whole image at once."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((steps, features)),
            keras.layers.Reshape((steps, features, 1)),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dropout(config.get("dropout", 0.0)),
            keras.layers.Dense(10),
        ]
    )


def network(config: dict, seed: int, steps: int = 8, features: int = 8) -> SequenceClassifier:
    """An untrained classifier, its weights drawn from the seed.

    Args:
        config: `layer`: `"rnn"`, `"gru"` or `"lstm"`; `units`; `start`: as for `weld`,
            or `"orthogonal"`, which is Keras's and the default; `both_ways`: read in
            both directions, with `units` each; `dropout`: share of the last state.
        seed: Of the weights.
        steps: T.
        features: F.
    """
    keras.utils.set_random_seed(seed)
    layer = LAYERS[config["layer"]](config["units"], return_sequences=True, unroll=True)
    both_ways = config.get("both_ways")
    layer = keras.layers.Bidirectional(layer) if both_ways else layer
    model = SequenceClassifier(layer, classes=10, dropout=config.get("dropout", 0.0))
    model.build((None, steps, features))
    if (start := config.get("start", "orthogonal")) != "orthogonal":
        halves = [layer.forward_layer, layer.backward_layer] if both_ways else [layer]
        for k, half in enumerate(halves):
            weld(half.cell, start, seed=[seed, k])
    return model


def schedule(config: dict, updates: int):
    """A constant rate, or one that falls to zero along half a cosine."""
    if config["schedule"] == "constant":
        return config["rate"]
    return keras.optimizers.schedules.CosineDecay(config["rate"], updates)


def batches(images: int, batch: int, epochs: int, seed: int) -> np.ndarray:
    """Which images an update sees: every epoch in a new order, the rest of a batch left out.

    Returns:
        `(updates, batch)`.
    """
    rng = np.random.default_rng(seed)
    per_epoch = images // batch
    orders = [rng.permutation(images)[: per_epoch * batch] for _ in range(epochs)]
    return np.reshape(orders, (-1, batch))


def learn(config: dict, seed: int, part, after_epoch=None):
    """Train one classifier.

    Args:
        config: As for `network`, with `epochs`, `batch`, `rate` and `schedule`; `noise`:
            standard deviation of what is added to every pixel, anew in each update;
            `ask`: `"every row"` for a loss that is the mean over the read-outs after
            every row instead of that after the last.
        seed: Of weights, order, noise and dropout.
        part: What to learn from.
        after_epoch: Called with the number of epochs and the classifier.

    Returns:
        The trained classifier.
    """
    make = convolution if config["layer"] == "convolution" else network
    model = make(config, seed, *part.x.shape[1:])
    picks = tf.constant(batches(len(part.y), config["batch"], config["epochs"], seed))
    x, y = tf.constant(part.x), tf.constant(part.y)
    per_epoch = len(part.y) // config["batch"]

    def loss(step):
        images, labels = tf.gather(x, picks[step]), tf.gather(y, picks[step])
        if config.get("noise"):
            images += config["noise"] * tf.random.stateless_normal(images.shape, [seed, step])
        if config.get("ask") == "every row":
            everywhere = tf.repeat(labels[:, None], images.shape[1], axis=1)
            return CROSS_ENTROPY(everywhere, model.logits_over_time(images, training=True))
        return CROSS_ENTROPY(labels, model(images, training=True))

    def after_call(step, losses):
        after_epoch(step // per_epoch, model)

    train(
        loss,
        [model],
        keras.optimizers.Adam(schedule(config, len(picks))),
        len(picks),
        seed=seed,
        steps_per_call=per_epoch if after_epoch else len(picks),
        after_call=after_call if after_epoch else None,
        progress=False,
    )
    return model


def score(model, part) -> float:
    """The share of images that a network names right."""
    return float(np.mean(np.argmax(model(part.x), axis=-1) == part.y))


def turned(parts, order: str):
    """All parts with their rows from the top `"down"`, as they are, or from the bottom `"up"`."""
    if order == "down":
        return parts
    return Parts(*(Part(bottom_up(part.x), part.y) for part in parts))


def spell_out(states, part_states, y, classes: int = 10, ridge: float = 1.0):
    """What a linear read-out, made for it by least squares, says of each step's state.

    Args:
        states: To fit on, `(N, T, H)`.
        part_states: To answer for, `(M, T, H)`.
        y: Classes of the first, `(N,)`.
        classes: K.
        ridge: Added to the squares, so that it need not trust every unit.

    Returns:
        Classes, `(M, T)`.
    """
    wanted = np.eye(classes)[y]
    said = []
    for t in range(states.shape[1]):
        seen, asked = (np.c_[s[:, t], np.ones(len(s))] for s in (states, part_states))
        squares = seen.T @ seen + ridge * np.eye(seen.shape[1])
        said.append(np.argmax(asked @ np.linalg.solve(squares, seen.T @ wanted), axis=1))
    return np.stack(said, axis=1)


def by_case(measure):
    """A function of (config, seed) that measures every case of `config["cases"]`."""

    def run(config, seed):
        found: dict = {}
        for case in config["cases"]:
            for name, value in measure(config | case, seed).items():
                found.setdefault(name, []).append(np.round(value, 5).tolist())
        return found

    return one_by_one(run)


def choose(config: dict, seed: int) -> dict:
    """`validation`: share right; `train`: the same; `late`: validation in the last ten epochs."""
    parts, late = digits(), []

    def after_epoch(epoch, model):
        if epoch > config["epochs"] - 10:
            late.append(score(model, parts.validation))

    model = learn(config, seed, parts.train, after_epoch)
    return {"validation": late[-1], "train": score(model, parts.train), "late": late}


def examine(config: dict, seed: int) -> dict:
    """`right`: share of the test part; `confused`: shares `(10, 10)`, was k and was called j."""
    parts = digits(seed if config.get("cut") else 0)
    model = learn(config, seed, parts.train)
    said, was = np.argmax(model(parts.test.x), axis=-1), parts.test.y
    counts = np.zeros((10, 10))
    np.add.at(counts, (was, said), 1)
    return {"right": np.mean(said == was), "confused": counts / len(was)}


def listen(config: dict, seed: int) -> dict:
    """After each row, on the validation part: shares right by the `own` read-out and by one
    made for the row, `spelled`; share of the `most` frequent own answer; how `sure` it is.
    """
    parts = turned(digits(), config.get("rows", "down"))
    model = learn(config, seed, parts.train)
    y = parts.validation.y[:, None]
    said = tf.nn.softmax(model.logits_over_time(parts.validation.x)).numpy()
    own = np.argmax(said, axis=-1)
    states = [model.states(part.x).numpy() for part in (parts.train, parts.validation)]
    return {
        "own": np.mean(own == y, axis=0),
        "spelled": np.mean(spell_out(*states, parts.train.y) == y, axis=0),
        "most": np.max([np.mean(own == k, axis=0) for k in range(10)], axis=0),
        "sure": said.max(axis=-1).mean(axis=0),
    }


# Units, optimiser and batch of sources C and S; what they do not say is as TensorFlow 1 had it.
SOURCE = {
    "layer": "rnn",
    "units": 150,
    "start": "glorot",
    "epochs": 50,
    "batch": 150,
    "rate": 0.001,
    "schedule": "constant",
}
# Layers with about as many weights, 25,000, and all that helped.
CARE = {"start": "orthogonal", "rate": 0.01, "schedule": "cosine", "dropout": 0.5, "noise": 0.2}
GRU = CARE | {"layer": "gru", "units": 86}
LEARNED = {"kind": "learned", "tolerance": 0.02}

SWEEPS = (
    Sweep(
        "digits-advice",
        SOURCE
        | {
            "cases": [
                {},
                {"start": "he"},
                {"start": "orthogonal"},
                {"rate": 0.003},
                {"rate": 0.003, "schedule": "cosine"},
                {"epochs": 100},
                {"dropout": 0.5},
                {"noise": 0.2},
            ]
        },
        by_case(choose),
        **LEARNED,
    ),
    Sweep(
        "digits-readers",
        SOURCE
        | CARE
        | {
            "cases": [
                {"rate": 0.003},
                {"rate": 0.003, "both_ways": True, "units": 104},
                {"layer": "gru", "units": 86},
                {"layer": "gru", "units": 86, "dropout": 0, "noise": 0},
                {"layer": "gru", "units": 58, "both_ways": True},
                {"layer": "lstm", "units": 74},
                {"layer": "convolution"},
            ]
        },
        by_case(choose),
        **LEARNED,
    ),
    Sweep(
        "digits-test",
        SOURCE | {"cases": [{}, GRU, CARE | {"layer": "convolution"}]},
        by_case(examine),
        **LEARNED,
    ),
    Sweep(
        "digits-cuts",
        SOURCE | GRU | {"cut": True, "cases": [{}]},
        by_case(examine),
        seeds=tuple(range(1, 21)),
        **LEARNED,
    ),
    Sweep(
        "digits-listen",
        SOURCE
        | {
            "cases": [
                {},
                GRU,
                GRU | {"ask": "every row"},
                GRU | {"rows": "up"},
            ]
        },
        by_case(listen),
        **(LEARNED | {"tolerance": 0.05}),
    ),
)
