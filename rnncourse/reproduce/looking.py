"""Many small translators for lesson 17: some look back, others do not.

Cast: `learn` trains many small translators side by side, one for each seed, that differ
in what the decoder may look at and in which direction the source is read; `ask` lets them
translate sentences that none of them has seen. `look_sweeps` asks the questions.

N networks stand side by side: every weight has a leading axis N. They are the networks of
`translation.models` and `translation.looking_back`, ids and padding are those of
`translation.batches`.
"""

from functools import cache
from itertools import chain

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.grammars import french
from rnncourse.training.loop import train
from rnncourse.translation.batches import PAD, Prepared, prepare, vocabularies
from rnncourse.translation.fitting import order

BINS = ((3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14))  # words of a sentence
LONGEST = 10  # words of the longest sentence that is learned from
TRAIN, TEST = 10_000, 150  # sentences to learn from, and to ask for in each bin


@cache
def material():
    """Sentences to learn from, and of each bin for the validation and for the test.

    Returns:
        `(known, asked, words)`: a list of sentences; part → a list of `TEST` sentences for
        each bin, all of them new; both vocabularies.
    """
    known = french.sample(TRAIN, 17, max_words=LONGEST)
    seen = {s.english for s in known}
    asked: dict[str, list] = {"validation": [], "test": []}
    for k, (low, high) in enumerate(BINS):
        drawn = french.sample(5 * TEST, [17, k], max_words=high, min_words=low)
        new = [s for s in drawn if s.english not in seen]
        asked["validation"].append(new[:TEST])
        asked["test"].append(new[TEST : 2 * TEST])
    held = chain(*asked["validation"], *asked["test"])
    return known, asked, vocabularies(s[:2] for s in [*known, *held])


@cache
def arrays(part: str, reverse: bool) -> Prepared:
    """The sentences of `"known"`, `"validation"` or `"test"`, bin after bin, as ids."""
    known, asked, words = material()
    drawn = known if part == "known" else chain(*asked[part])
    return prepare([s[:2] for s in drawn], *words, reverse=reverse)


def start(config: dict, seeds) -> dict[str, tf.Variable]:
    """Weights as Keras draws them, name → `(N, …)`; embeddings uniform between ±0.5.

    `config` names `score` (`"additive"`, `"dot"`, `"mean"`, or `"none"`: nothing to look
    at), `units` H and `embedding`.
    """
    H, D = config["units"], config["embedding"]
    source, target = map(len, material()[2])
    drawn = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])

        def glorot(*shape, rng=rng):
            limit = np.sqrt(6 / sum(shape))
            return rng.uniform(-limit, limit, shape)

        def orthogonal(rng=rng):
            return np.linalg.qr(rng.normal(size=(3 * H, H)))[0].T

        w = {"E": rng.uniform(-0.5, 0.5, (source, D)), "F": rng.uniform(-0.5, 0.5, (target, D))}
        for name in "ed":
            w |= {f"W_{name}": glorot(D, 3 * H), f"U_{name}": orthogonal()}
            w |= {f"b_{name}": np.zeros((2, 3 * H))}
        if config["score"] in ("additive", "dot"):
            w |= {"W_q": glorot(H, H), "W_m": glorot(H, H)}
        if config["score"] == "additive":
            w["v"] = glorot(H, 1)
        if config["score"] != "none":
            w |= {"W_c": glorot(2 * H, H), "b_c": np.zeros((1, H))}
        drawn.append(w | {"W_y": glorot(H, target), "b_y": np.zeros((1, target))})
    return {n: tf.Variable(np.stack([w[n] for w in drawn]), dtype="float32") for n in drawn[0]}


def logits(config: dict, w: dict, source, inputs, hidden=None):
    """`(N, B, S)`, `(N, B, T)` ids → logits `(N, B, T, V)`, and weights `(N, B, T, S)` or `None`.

    `hidden`, `(N, B, T, S)`, is `True` where a word must not be looked at.
    """
    there = source != PAD
    memory, state = walk(w["E"], w["W_e"], w["U_e"], w["b_e"], source, None)
    said, _ = walk(w["F"], w["W_d"], w["U_d"], w["b_d"], inputs, state)
    weights = None
    if config["score"] != "none":
        mask = there[:, :, None] if hidden is None else there[:, :, None] & ~hidden
        weights = tf.nn.softmax(tf.where(mask, scores(config, w, said, memory), -1e30))
        said = tf.concat([said, weights @ memory], axis=-1)
        said = tf.tanh(dense(said, w["W_c"]) + w["b_c"][:, None])
    return dense(said, w["W_y"]) + w["b_y"][:, None], weights


def scores(config, w, said, memory):
    """`(N, B, T, H)`, `(N, B, S, H)` → `(N, B, T, S)`."""
    if config["score"] == "mean":
        return tf.zeros((*said.shape[:3], memory.shape[2]))
    queries, keys = dense(said, w["W_q"]), dense(memory, w["W_m"])
    if config["score"] == "dot":
        return queries @ tf.transpose(keys, (0, 1, 3, 2)) / keys.shape[-1] ** 0.5
    pairs = tf.tanh(queries[:, :, :, None] + keys[:, :, None])
    return tf.reduce_sum(pairs * w["v"][:, None, None, None, :, 0], axis=-1)


def dense(x, kernel):
    """`(N, B, T, F)`, `(N, F, O)` → `(N, B, T, O)`, one product for each network."""
    n, b, t, f = x.shape
    return tf.reshape(tf.reshape(x, (n, b * t, f)) @ kernel, (n, b, t, -1))


def walk(table, W, U, b, ids, state):
    """A GRU over ids `(N, B, T)`: its states `(N, B, T, H)`, and the last one before padding."""
    n, batch, steps = ids.shape
    H = U.shape[1]
    x = dense(tf.one_hot(ids, table.shape[1]), table)
    x = tf.transpose(dense(x, W) + b[:, None, :1], (2, 0, 1, 3))  # (T, N, B, 3H)
    lengths = tf.reduce_sum(tf.cast(ids != PAD, tf.int32), axis=-1)[..., None]
    longest = tf.reduce_max(lengths)  # the loop ends there: padding costs nothing
    states = tf.TensorArray(tf.float32, steps, element_shape=(n, batch, H))
    xs = tf.TensorArray(tf.float32, steps, element_shape=x.shape[1:]).unstack(x)

    def body(t, h, states):
        inputs, recalled = xs.read(t), h @ U + b[:, 1:]
        z, r = tf.split(tf.sigmoid(inputs[..., : 2 * H] + recalled[..., : 2 * H]), 2, axis=-1)
        new = z * h + (1 - z) * tf.tanh(inputs[..., 2 * H :] + r * recalled[..., 2 * H :])
        h = tf.where(t < lengths, new, h)
        return t + 1, h, states.write(t, h)

    h = tf.zeros((n, batch, H)) if state is None else state
    _, h, states = tf.while_loop(
        lambda t, *_: t < longest, body, (0, h, states), maximum_iterations=steps
    )
    return tf.transpose(states.stack(), (1, 2, 0, 3)), h


def learn(config: dict, seeds):
    """Train N translators side by side, as `translation.fitting.fit` trains one, unclipped.

    Args:
        config: As for `start`, with `reverse`, `rate` (of Adam, down a cosine), `batch_size`
            and `updates`.
        seeds: N of them.

    Returns:
        Trained weights.
    """
    w = start(config, seeds)
    known = arrays("known", config["reverse"])
    dealt = [order(known, config["updates"], config["batch_size"], seed) for seed in seeds]
    dealt = tf.constant(np.stack(dealt, axis=1), tf.int32)  # (updates, N, B)
    source, inputs, targets = map(tf.constant, (known.source, known.inputs, known.targets))

    def loss(step):
        wanted = tf.gather(targets, dealt[step])
        said, _ = logits(config, w, tf.gather(source, dealt[step]), tf.gather(inputs, dealt[step]))
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(wanted, 0), said)
        there = tf.cast(wanted != PAD, tf.float32)
        means = tf.reduce_sum(costs * there, (1, 2)) / tf.reduce_sum(there, (1, 2))
        # A sum over networks: each descends its own mean loss.
        return tf.reduce_sum(means)

    schedule = keras.optimizers.schedules.CosineDecay(config["rate"], config["updates"])
    train(
        loss,
        list(w.values()),
        keras.optimizers.Adam(schedule),
        config["updates"],
        steps_per_call=config["updates"],
        jit=True,
        progress=False,
    )
    return w


def ask(config: dict, w: dict, part="test", bins=None, hidden=None):
    """Which words of the held sentences come out right under teacher forcing, and the weights.

    A sentence all of whose words come out right is also what the decoder says on its own:
    up to the first mistake both hear the same.

    Args:
        config: As for `start`.
        w: N networks.
        part: `"test"` or `"validation"`.
        bins: Of how many bins the sentences are asked for, M of them; all if `None`.
        hidden: What each question must not look at, `(N, M, T, S)`.

    Returns:
        `(right, weights)`: `(N, M, T)` bool, padding counts as right; `(N, M, T, S)` or `None`.
    """
    held = arrays(part, config["reverse"]).rows(slice(0, (bins or len(BINS)) * TEST))
    source, inputs = tf.constant(held.source[None]), tf.constant(held.inputs[None])
    asked = tf.function(lambda w, h: logits(config, w, source, inputs, h))
    rights, looks = [], []
    # One network at a time: the scores of all at once would fill the memory.
    for k in range(w["b_y"].shape[0]):
        one = {name: tf.convert_to_tensor(value)[k : k + 1] for name, value in w.items()}
        said, weights = asked(one, None if hidden is None else tf.constant(hidden[k : k + 1]))
        rights.append((np.argmax(said[0], axis=-1) == held.targets) | ~held.mask)
        looks.append(weights)
    return np.stack(rights), None if looks[0] is None else np.concatenate(looks)
