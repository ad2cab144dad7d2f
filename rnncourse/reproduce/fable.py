"""The sweeps of lesson 13: three words of a fable in, the fourth out.

Cast: `learn` trains many small networks side by side, one for each seed, that differ in
how they are given words, in their layers and in what they see in an update. `recipes`
asks what they get right on the way, and whether a neighbouring id is a neighbour to them.

N networks stand side by side: every weight has a leading axis N. Ids are `(N, B, 3)`.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.contexts import ceiling, contexts
from rnncourse.data.corpora import fable
from rnncourse.data.text import Vocabulary, split_words
from rnncourse.reproduce.experiments import Sweep
from rnncourse.training.loop import train

TOKENS = split_words(fable())
VOCABULARY = Vocabulary(TOKENS)
BEFORE, AFTER = contexts(VOCABULARY.encode(TOKENS))  # (201, 3), (201,)
CEILING, _ = ceiling(TOKENS)  # 199
V = len(VOCABULARY)
IDS = np.arange(V)
# The numbers a word is given, `(V, width)`: its id; the id with mean 0 and standard
# deviation 1; the seven digits of the id in binary, 0 as -1.
CODES = {
    "magnitude": IDS[:, None],
    "standardised": ((IDS - IDS.mean()) / IDS.std())[:, None],
    "bits": 2 * (IDS[:, None] >> np.arange(7) & 1) - 1,
}


def start(config: dict, seeds) -> dict[str, tf.Variable]:
    """Weights, name → `(N, …)`: Glorot uniform over the joined inputs and state, forget bias 1.

    `config` names `reads` (`"one-hot"`, `"embedding"` or one of `CODES`), `units`, `layers`
    (0 is a feed-forward layer over the three words side by side) and `head`: `"glorot"`,
    or `"normal"` with standard deviation 1 for weights and biases, as in source E.
    """
    H, layers = config["units"], config["layers"]
    widths = {name: code.shape[1] for name, code in CODES.items()}
    size = (widths | {"one-hot": V, "embedding": config.get("width")})[config["reads"]]

    def glorot(rng, *shape):
        limit = np.sqrt(6 / sum(shape))
        return rng.uniform(-limit, limit, shape)

    drawn = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])
        w = {}
        if config["reads"] == "embedding":
            w["E"] = rng.uniform(-0.05, 0.05, (V, size))
        if layers == 0:
            w |= {"W": glorot(rng, 3 * size, H), "b": np.zeros((1, H))}
        for k in range(layers):
            w[f"W{k}"] = glorot(rng, (H if k else size) + H, 4 * H)
            w[f"b{k}"] = np.repeat([0.0, 1.0, 0.0, 0.0], H)[None]
        if config["head"] == "normal":
            w |= {"W_hy": rng.normal(size=(H, V)), "b_y": rng.normal(size=(1, V))}
        else:
            w |= {"W_hy": glorot(rng, H, V), "b_y": np.zeros((1, V))}
        drawn.append(w)
    return {n: tf.Variable(np.stack([w[n] for w in drawn]), dtype="float32") for n in drawn[0]}


def logits(config: dict, w: dict, ids):
    """`(N, B, 3)` ids → `(N, B, V)`."""
    N, B, T = ids.shape
    if config["reads"] in CODES:
        x = tf.gather(tf.constant(CODES[config["reads"]], tf.float32), ids)
    else:
        x = tf.one_hot(ids, V)
        if config["reads"] == "embedding":
            x = tf.reshape(tf.reshape(x, (N, B * T, V)) @ w["E"], (N, B, T, -1))
    if config["layers"] == 0:
        h = tf.tanh(tf.reshape(x, (N, B, -1)) @ w["W"] + w["b"])
        return h @ w["W_hy"] + w["b_y"]
    for k in range(config["layers"]):
        size, outputs, h, c = x.shape[-1], [], None, None
        W, U = w[f"W{k}"][:, :size], w[f"W{k}"][:, size:]
        # The inputs' share of all steps in one product: half as long as step by step.
        inputs = tf.reshape(tf.reshape(x, (N, B * T, size)) @ W + w[f"b{k}"], (N, B, T, -1))
        for t, sums in enumerate(tf.unstack(inputs, axis=2)):
            if t:
                sums += h @ U
            i, f, g, o = tf.split(sums, 4, axis=-1)
            new = tf.sigmoid(i) * tf.tanh(g)
            c = tf.sigmoid(f) * c + new if t else new
            h = tf.sigmoid(o) * tf.tanh(c)
            outputs.append(h)
        x = tf.stack(outputs, axis=2)
    return outputs[-1] @ w["W_hy"] + w["b_y"]


def strides(rng, windows: int, updates: int) -> np.ndarray:
    """Which window each update sees, `(updates,)`, as source E draws them.

    From a random start, 0 to 4, in strides of 4 to the end of the fable; then again.
    """
    seen, at = [], int(rng.integers(5))
    while len(seen) < updates:
        if at >= windows:
            at = int(rng.integers(5))
        seen.append(at)
        at += 4
    return np.array(seen)


def shown(seed: int, left_out: int) -> np.ndarray:
    """The windows that are left when some, drawn by the seed, are taken out, in their order."""
    drawn = np.random.default_rng([seed, 3]).permutation(len(BEFORE))
    return np.sort(drawn[left_out:])


def learn(config: dict, seeds, after_call=None):
    """Train N networks side by side.

    Args:
        config: As for `start`, with `batch`: `"stride"` shows one window an update, drawn
            by `strides`, `"all"` shows all 201, or all but `left_out` of them;
            `optimizer`, `rate`, `updates`; `every`: updates between two calls of
            `after_call`.
        seeds: N of them.
        after_call: `after_call(w, updates)`.

    Returns:
        Trained weights.
    """
    w = start(config, seeds)
    x, y = tf.constant(BEFORE), tf.constant(AFTER)
    if config["batch"] == "all":
        drawn = [shown(seed, config.get("left_out", 0)) for seed in seeds]  # (N, 201 or less)
        drawn = np.stack(drawn)[None]
    else:
        rngs = [np.random.default_rng([seed, 2]) for seed in seeds]
        drawn = np.stack([strides(r, len(BEFORE), config["updates"]) for r in rngs], axis=1)
        drawn = drawn[..., None]  # (updates, N, 1)
    drawn = tf.constant(drawn, tf.int32)

    def loss(step):
        at = drawn[0 if config["batch"] == "all" else step]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.gather(y, at), logits(config, w, tf.gather(x, at))
        )
        # A sum over networks: each descends its own mean loss.
        return tf.reduce_sum(tf.reduce_mean(losses, axis=-1))

    train(
        loss,
        list(w.values()),
        {"rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam}[config["optimizer"]](
            config["rate"]
        ),
        config["updates"],
        steps_per_call=config["every"],
        jit=True,
        progress=False,
        after_call=after_call and (lambda step, _: after_call(w, step)),
    )
    return w


def answers(config: dict, w: dict, ids=BEFORE) -> np.ndarray:
    """The likeliest word after each window `(M, 3)`, of every network: `(N, M)`."""
    N = w["b_y"].shape[0]
    ids = tf.constant(np.broadcast_to(ids, (N, *np.shape(ids))))
    return tf.argmax(logits(config, w, ids), axis=-1).numpy()


def recipes(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and ask for every window after `every` updates.

    Returns:
        For each seed, a number or list for each case:
        `course`: the share of right words at each asking;
        `right`: the last of it;
        `reached`: the share of the updates gone by at the first asking with 199 right,
        0 if that never was;
        `neighbour`: the share of windows whose answer stays the same if the id of one
        word, drawn at random, is made larger by 1; `stranger`: if it becomes any other.
    """
    results: list[dict] = [{} for _ in seeds]
    rng = np.random.default_rng(0)
    place = np.arange(len(BEFORE)), rng.integers(3, size=len(BEFORE))
    neighbour, stranger = BEFORE.copy(), BEFORE.copy()
    neighbour[place] += np.where(neighbour[place] < V - 1, 1, -1)
    stranger[place] = (stranger[place] + rng.integers(1, V, size=len(BEFORE))) % V
    for case in config["cases"]:
        settings, course = config | case, []
        w = learn(
            settings,
            seeds,
            lambda w, step, s=settings, c=course: c.append(np.mean(answers(s, w) == AFTER, axis=1)),
        )
        said = answers(settings, w)
        scores = {
            "course": np.transpose(course),
            "right": course[-1],
            "reached": reached(course),
            "neighbour": np.mean(answers(settings, w, neighbour) == said, axis=1),
            "stranger": np.mean(answers(settings, w, stranger) == said, axis=1),
        }
        note(results, scores)
    return results


def note(results: list[dict], scores: dict) -> None:
    """Put one case's scores, name → one entry a seed, at the end of each seed's results."""
    for i, result in enumerate(results):
        for name, values in scores.items():
            result.setdefault(name, []).append(np.round(values[i], 4).tolist())


def reached(course) -> np.ndarray:
    """`(askings, N)` shares → the share of askings up to the first at the ceiling, 0 if none."""
    at = np.array(course) * len(BEFORE) > CEILING - 0.5
    return np.where(at.any(axis=0), at.argmax(axis=0) + 1, 0) / len(at)


EDUREKA = {"batch": "stride", "optimizer": "rmsprop", "head": "normal", "units": 64}

SWEEPS = (
    Sweep(
        "fable-magnitudes",
        EDUREKA
        | {
            "reads": "magnitude",
            "updates": 50_000,
            "every": 2_500,
            "cases": [
                {"layers": 1, "rate": 0.001},
                {"layers": 2, "rate": 0.001},
            ],
        },
        recipes,
        kind="learned",
        tolerance=0.1,
    ),
    Sweep(
        "fable-controls",
        EDUREKA
        | {
            "layers": 1,
            "rate": 0.001,
            "width": 32,
            "updates": 15_000,
            "every": 500,
            "cases": [
                # As many weights as two layers of 64, to within a hundredth.
                {"reads": "magnitude", "units": 105},
                {"reads": "magnitude", "head": "glorot"},
                {"reads": "standardised"},
                {"reads": "bits"},
                {"reads": "embedding"},
            ],
        },
        recipes,
        kind="learned",
        tolerance=0.1,
    ),
    Sweep(
        "fable-words",
        EDUREKA
        | {
            "rate": 0.01,
            "width": 32,
            "updates": 20_000,
            "every": 500,
            "cases": [
                {"reads": "one-hot", "layers": 1},
                {"reads": "embedding", "layers": 1},
                {"reads": "embedding", "layers": 2},
                {"reads": "one-hot", "layers": 0},
            ],
        },
        recipes,
        kind="learned",
        tolerance=0.05,
    ),
)
