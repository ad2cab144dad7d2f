"""The experiments of lesson 08: how deep, how shared, and what to drop where.

Cast: a task gives every network data of its own, `learn` trains N stacks side by
side with Adam, `try_cases` scores them under each case. Two tasks: the digits read
row by row, where what can be known is unknown, and the parity of the last k bits of
a stream, asked at every step, where everything can be known and a guess is a coin.
"""

import numpy as np

from rnncourse.data.images import digits
from rnncourse.reproduce.latches import fastest
from rnncourse.reproduce.stacked import (
    draw_masks,
    forward,
    gradient,
    shapes,
    softmax,
    start,
    views,
)


def parity(rng, batch: int, steps: int, last: int):
    """Random bits and, at each step, whether the ones among the `last` latest are odd in number.

    Returns:
        `(x, y)`: -1 or 1, `(T, B, 1)`; 0 or 1, `(T, B)`. Before the first bit stand zeros.

    >>> x, y = parity(np.random.default_rng(0), 1, 5, last=2)
    >>> (x[:, 0, 0] > 0).astype(int).tolist(), y[:, 0].tolist()
    ([1, 1, 1, 0, 0], [1, 0, 0, 1, 0])
    """
    bits = rng.integers(0, 2, (steps, batch))
    padded = np.concatenate([np.zeros((last - 1, batch), int), bits])
    sums = sum(padded[k : k + steps] for k in range(last))
    return (2 * bits[..., None] - 1).astype(np.float32), sums % 2


def width(parameters: int, features: int, layers: int, classes: int, **options) -> int:
    """The H with which a stack comes nearest to a number of parameters."""

    def off(units):
        wanted = shapes(features, units, layers, classes, **options).values()
        return abs(sum(rows * columns for rows, columns in wanted) - parameters)

    return min(range(2, 200), key=off)


def learn(config: dict, seeds):
    """Train one stack for each seed.

    Args:
        config: `task`: `"digits"` with `train`, the number of images to learn from, or
            `"parity"` with `steps` and `last`; `layers`; `units`, or `parameters`, from
            which they follow; `shared` and `project` as in `shapes`; `drop`, `places` and
            `mask` as in `draw_masks`; `batch`; `updates`; `rate` of Adam, which falls to
            zero along a cosine.
        seeds: Of weights, data, batches and masks.

    Returns:
        `(predict, seen, unseen)`: `predict(x)` gives probabilities, `predict(x, rate)`
        those under new masks that drop such a share; pairs `(x, y)` to score on, those it
        learned from and new ones.
    """
    every = config["task"] == "parity"
    layers, options = config["layers"], {k: config.get(k, False) for k in ("shared", "project")}
    features, classes = (1, 2) if every else (8, 10)
    units = config.get("units") or width(config["parameters"], features, layers, classes, **options)
    wanted = shapes(features, units, layers, classes, **options)
    flat = start(wanted, seeds)
    slopes, mean, square = np.zeros((3, *flat.shape), np.float32)
    weights, into = views(flat, wanted), views(slopes, wanted)
    rngs = [np.random.default_rng([seed, 1]) for seed in seeds]
    batches, seen, unseen = (_bits if every else _images)(config, seeds, rngs)

    def drop(x, rate):
        first = units if options["project"] else features
        where = config.get("places", ()), config.get("mask", "step")
        return draw_masks(rate, *where, rngs, len(x), x.shape[2], first, units, layers)

    def predict(x, rate=0):
        logits, *_ = forward(weights, layers, x, drop(x, rate), every)
        return softmax(logits)

    for step in range(1, config["updates"] + 1):
        x, y = next(batches)
        gradient(weights, into, layers, x, y, drop(x, config.get("drop", 0)), every)
        slopes /= np.maximum(1, np.linalg.norm(slopes, axis=1, keepdims=True))
        mean += 0.1 * (slopes - mean)
        square += 0.001 * (slopes * slopes - square)
        rate = config["rate"] * (1 + np.cos(np.pi * step / config["updates"])) / 2
        rate *= np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        flat -= rate * mean / (np.sqrt(square) + 1e-7)
    return predict, seen, unseen


def _bits(config, seeds, rngs):
    """Fresh rows for each update; those of the score are new to all."""

    def draw(rngs, rows):
        drawn = [parity(rng, rows, config["steps"], config["last"]) for rng in rngs]
        return tuple(np.stack(part, axis=1) for part in zip(*drawn))

    def batches():
        while True:
            yield draw(rngs, config["batch"])

    scored = draw([np.random.default_rng([seed, 2]) for seed in seeds], 500)
    return batches(), scored, scored


def _images(config, seeds, rngs):
    """A cut of the digits for each seed, and its first so many images to learn from."""
    cuts = [digits(seed) for seed in seeds]
    number, batch = config["train"], config["batch"]

    def stacked(part, n):
        x = np.stack([getattr(cut, part).x[:n] for cut in cuts]).transpose(2, 0, 1, 3)
        return x, np.stack([getattr(cut, part).y[:n] for cut in cuts])[None]

    def batches():
        x, y = stacked("train", number)
        nets = np.arange(len(seeds))[:, None]
        while True:
            order = np.stack([rng.permutation(number) for rng in rngs])
            for k in range(0, number - batch + 1, batch):
                rows = order[:, k : k + batch]
                yield x[:, nets, rows], y[:, nets, rows]

    return batches(), stacked("train", number), stacked("test", None)


def try_cases(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]` and score.

    Returns:
        For each seed a number for each case under `right` and `loss`, on what the network
        has not seen, and `seen_right` and `seen_loss`, on what it learned from.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        predict, *pairs = learn(config | case, seeds)
        for prefix, (x, y) in zip(("seen_", ""), pairs):
            _note(results, prefix, *score(predict(x), y))
    return results


def try_masks(config: dict, seeds) -> list[dict]:
    """Train, then ask under masks: one by one, all together, and not at all.

    The masks drop `config["asked"]`, whatever was dropped in training.

    Returns:
        For each seed a number for each of `config["cases"]` under `right` and `loss`, of the
        whole network; `one_right` and `one_loss`, mean over `config["masks"]` masks;
        `best_right`, of the mask with which most is right; `mean_right` and `mean_loss`, of
        the mean of the probabilities under all; `same`, the share of inputs to which that
        mean and the whole network give the same answer.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        predict, _, (x, y) = learn(config | case, seeds)
        whole = predict(x)
        thinned = [predict(x, config["asked"]) for _ in range(config["masks"])]
        scores, together = np.array([score(p, y) for p in thinned]), np.mean(thinned, axis=0)
        _note(results, "", *score(whole, y))
        _note(results, "one_", *scores.mean(axis=0))
        _note(results, "best_", scores[:, 0].max(axis=0))
        _note(results, "mean_", *score(together, y))
        same = np.mean(together.argmax(axis=-1) == whole.argmax(axis=-1), axis=(0, 2))
        for result, value in zip(results, same):
            result.setdefault("same", []).append(round(float(value), 4))
    return results


def try_pixels(config: dict, seeds) -> list[dict]:
    """Logistic regression on all pixels of an image at once.

    For each cut, its `C` is the one of `config["C"]` that is best on the validation part.

    Returns:
        For each seed, under `right`, a number for each of `config["cases"]`, and under `C`
        what was chosen.
    """
    # scikit-learn takes seconds to import, and no other sweep here needs it.
    from sklearn.linear_model import LogisticRegression

    results = []
    for seed in seeds:
        (x, y), valid, new = ((part.x.reshape(len(part.x), -1), part.y) for part in digits(seed))
        result: dict = {"right": [], "C": []}
        for case in config["cases"]:
            n = case["train"]
            tried = [LogisticRegression(C=C, max_iter=500).fit(x[:n], y[:n]) for C in config["C"]]
            best = max(tried, key=lambda fitted: fitted.score(*valid))
            result["right"].append(round(float(best.score(*new)), 4))
            result["C"].append(best.C)
        results.append(result)
    return results


def score(p, y):
    """Share of right answers and cross-entropy of each network: `(N,)`, `(N,)`."""
    hits = np.mean(p.argmax(axis=-1) == y, axis=(0, 2))
    likelihood = np.take_along_axis(p, y[..., None], -1)[..., 0]
    return hits, -np.log(np.maximum(likelihood, 1e-12)).mean(axis=(0, 2))


def _note(results, prefix, *scores):
    for name, values in zip(("right", "loss"), scores):
        for result, value in zip(results, values):
            result.setdefault(prefix + name, []).append(round(float(value), 4))


def seconds(config: dict, seeds) -> list[dict]:
    """Seconds for one update of Keras's stack, for each number of layers at equal parameters.

    Returns:
        For each seed under `looped` and `compiled`, without XLA and with it, a number
        for each of `config["layers"]`. All take turns, and the best of `rounds` counts.
    """
    # TensorFlow takes seconds to import, and no other sweep here needs it.
    import keras
    import tensorflow as tf

    def updates(layers, jit):
        units = width(config["parameters"], 8, layers, 10)
        cells = [keras.layers.SimpleRNNCell(units) for _ in range(layers)]
        rnn, read_out = keras.layers.RNN(cells, unroll=jit), keras.layers.Dense(10)
        x = tf.random.stateless_uniform((config["batch"], 8, 8), (0, 1))
        y = tf.range(config["batch"]) % 10
        read_out(rnn(x))
        weights = [v.value for v in rnn.trainable_variables + read_out.trainable_variables]

        @tf.function(jit_compile=jit)
        def update():
            with tf.GradientTape() as tape:
                logits = read_out(rnn(x))
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
            for w, slope in zip(weights, tape.gradient(loss, weights)):
                w.assign_sub(1e-6 * slope)

        return update

    ways = {
        (name, layers): updates(layers, jit)
        for layers in config["layers"]
        for name, jit in (("looped", False), ("compiled", True))
    }
    results = []
    for _ in seeds:
        best = fastest(ways, config["rounds"])
        results.append(
            {name: [best[name, n] for n in config["layers"]] for name in ("looped", "compiled")}
        )
    return results
