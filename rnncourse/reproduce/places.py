"""Words of the small world get their places: by counting, and by networks of several kinds.

Cast: for each seed a text of its own. `pairs_of` and `contexts_of` make of it what the
networks learn from; `train_places` trains one network for each seed, all seeds side by
side, and `counted` makes vectors without a network. `try_places` asks both for analogies
of which the right answer is known.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.grammars import small_world
from rnncourse.data.text import Vocabulary
from rnncourse.reproduce.experiments import Sweep
from rnncourse.training.loop import train
from rnncourse.word_vectors.counts import cooccurrences, factorise, positive_pmi
from rnncourse.word_vectors.neighbours import analogy_accuracy
from rnncourse.word_vectors.noise import draw, log_uniform, unigram

VOCABULARY = Vocabulary([w for s in small_world.sample(20_000, 0) for w in s])
V = len(VOCABULARY)
QUESTIONS = {
    axis: VOCABULARY.encode([w for q in small_world.questions(axis) for w in q]).reshape(-1, 4)
    for axis in small_world.AXES
}
LONGEST = 9  # words of a sentence


def sentences(count: int, seed) -> list[np.ndarray]:
    """A text of the small world as ids, one array for each sentence."""
    return [VOCABULARY.encode(words) for words in small_world.sample(count, seed)]


def contexts_of(text, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Each word with the words around it in its sentence, as many as there are.

    Returns:
        `(contexts, targets)`: `(P, 2 · window)`, filled up with V, and `(P,)`.
    """
    lines = np.full((len(text), LONGEST + 2 * window), V, np.int32)
    for line, words in zip(lines, text):
        line[window : window + len(words)] = words
    views = np.lib.stride_tricks.sliding_window_view(lines, 2 * window + 1, axis=1)
    views = views[views[..., window] < V]  # (P, 2 window + 1)
    return np.delete(views, window, axis=1), views[:, window]


def pairs_of(text, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Each word with each of its neighbours: two arrays `(P,)`, words and neighbours."""
    contexts, targets = contexts_of(text, window)
    there = contexts < V
    return np.repeat(targets, there.sum(axis=1)), contexts[there]


def counted(text, window: int, dimensions: int) -> np.ndarray:
    """Vectors by counting: positive mutual information, brought down to a few dimensions."""
    return factorise(positive_pmi(cooccurrences(text, V, window)), dimensions)


def noise_of(config, text) -> np.ndarray:
    """The distribution that noise words are drawn from, `(V,)`.

    Ids are sorted by frequency. `"alphabet"` is what the sampler does if they are not: it
    takes the first word of the alphabet for the most frequent one.
    """
    counts = np.bincount(np.concatenate(text), minlength=V)
    if config["noise"] == "log-uniform":
        return log_uniform(V)
    if config["noise"] == "alphabet":
        by_alphabet = np.argsort(np.argsort(VOCABULARY.words))
        return log_uniform(V)[by_alphabet]
    return unigram(counts, config["noise"])


def log_frequencies(text) -> np.ndarray:
    """Of each word of the vocabulary, `(V,)`; one that never comes counts as half a time."""
    counts = np.maximum(np.bincount(np.concatenate(text), minlength=V), 0.5)
    return np.log(counts / counts.sum()).astype(np.float32)


def start(config, seeds) -> list[np.ndarray]:
    """Vectors uniform in −1 to 1 over √D, rows and biases zero: `(N, V, D)`, …, `(N, V)`."""
    shape = (V, config["dimensions"])
    size = 1 / np.sqrt(config["dimensions"])
    drawn = [np.random.default_rng([seed, 1]).uniform(-size, size, shape) for seed in seeds]
    tables = [np.stack(drawn), np.zeros((len(seeds), *shape)), np.zeros((len(seeds), V))]
    return [table.astype(np.float32) for table in tables]


def train_places(config: dict, seeds, texts, watch=None) -> np.ndarray:
    """Train one network for each seed on its own text.

    Args:
        config: `reads` is `"skip-gram"` or `"cbow"`; `objective` is `"nce"`, `"negative
            sampling"` or `"softmax"`, without biases if it is negative sampling; and `noise`,
            `negatives`, `dimensions`, `window`, `batch`, `updates`, `rate`. With `biases`
            `"log frequency"` they begin there and not at zero.
        seeds: N of them.
        texts: One for each.
        watch: `watch(step, vectors)` is called between calls.

    Returns:
        Vectors `(N, V, D)`.
    """
    inputs, targets, noise, log_expected = (
        np.stack(x)
        for x in zip(*(_draw_batches(config, seed, text) for seed, text in zip(seeds, texts)))
    )  # (N, updates, B, …), (N, updates, B), (N, updates, k), (N, V)
    E, W, b = (tf.Variable(table) for table in start(config, seeds))
    if config.get("biases") == "log frequency":
        b.assign(np.stack([log_frequencies(text) for text in texts]))
    inputs, targets, noise = (tf.constant(np.swapaxes(x, 0, 1)) for x in (inputs, targets, noise))
    log_expected = tf.constant(log_expected, tf.float32)
    corrects = config["objective"] == "nce"

    def score_shift(ids):
        return _rows(b, ids) - _rows(log_expected, ids) if corrects else 0.0

    def loss(step):
        vectors = _mean_rows(E, inputs[step])  # (N, B, D)
        true, false = targets[step], noise[step]
        if config["objective"] == "softmax":
            logits = tf.matmul(vectors, W, transpose_b=True) + b[:, None]
            nll = tf.nn.sparse_softmax_cross_entropy_with_logits(true, logits)
            return len(seeds) * tf.reduce_mean(nll)
        right = tf.reduce_sum(vectors * _rows(W, true), axis=-1) + score_shift(true)
        wrong = tf.matmul(vectors, _rows(W, false), transpose_b=True)  # (N, B, k)
        wrong += score_shift(false)[:, None] if corrects else 0.0
        logistic = tf.nn.softplus(-right) + tf.reduce_sum(tf.nn.softplus(wrong), axis=-1)
        return len(seeds) * tf.reduce_mean(logistic)

    schedule = keras.optimizers.schedules.PolynomialDecay(config["rate"], config["updates"], 1e-4)
    used = [E, W] if config["objective"] == "negative sampling" else [E, W, b]
    after_call = None if watch is None else lambda step, losses: watch(step, E.numpy())
    train(
        loss,
        used,
        keras.optimizers.Adam(schedule),
        config["updates"],
        steps_per_call=config["updates"] if watch is None else config["updates"] // 40,
        after_call=after_call,
    )
    return E.numpy()


def _rows(tables, ids):
    """Of each of N tables `(N, V, …)` the rows of its own ids `(N, …)`."""
    offsets = tf.reshape(tf.range(tables.shape[0]) * V, (-1, *[1] * (len(ids.shape) - 1)))
    return tf.gather(tf.reshape(tables, (-1, *tables.shape[2:])), ids + offsets)


def _mean_rows(tables, ids):
    """The mean over the last axis of ids `(N, B, C)`; V stands for no word: `(N, B, D)`."""
    if ids.shape[-1] == 1:
        return _rows(tables, ids[..., 0])
    there = tf.cast(ids < V, tables.dtype)[..., None]
    total = tf.reduce_sum(there * _rows(tables, tf.minimum(ids, V - 1)), axis=-2)
    return total / tf.reduce_sum(there, axis=-2)


def _draw_batches(config, seed, text):
    rng = np.random.default_rng([seed, 2])
    if config["reads"] == "cbow":
        inputs, targets = contexts_of(text, config["window"])
    else:
        inputs, targets = pairs_of(text, config["window"])
        inputs = inputs[:, None]
    at = rng.integers(0, len(targets), (config["updates"], config["batch"]))
    Q, k = noise_of(config, text), config["negatives"]
    noise = draw(Q, (config["updates"], k), rng)
    return inputs[at], targets[at], noise, np.log(k * np.maximum(Q, 1e-9))


def right_answers(vectors) -> dict[str, float]:
    """The share of analogies answered right, on each axis and, as `all`, altogether."""
    shares = {axis: analogy_accuracy(vectors, asked) for axis, asked in QUESTIONS.items()}
    total = sum(len(asked) * shares[axis] for axis, asked in QUESTIONS.items())
    return shares | {"all": total / sum(map(len, QUESTIONS.values()))}


def on_axes(vectors) -> dict[str, tuple[float, float]]:
    """How far each person's word lies towards "she", and how far towards "several".

    The two directions are means over the other people: those of kings and queens are
    taken from princes, waiters, shepherds and so on, never from kings and queens.
    """
    tables = np.array([VOCABULARY.encode(people) for people in small_world.PEOPLE])
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    of = unit[tables]  # (people, 4, D)
    towards_she = (of[:, 1] - of[:, 0] + of[:, 3] - of[:, 2]) / 2
    towards_several = (of[:, 2] - of[:, 0] + of[:, 3] - of[:, 1]) / 2
    places = {}
    for k, people in enumerate(tables):
        others = np.delete(np.arange(len(tables)), k)
        middle = of[others].mean(axis=(0, 1))
        x, y = (
            (of[k] - middle) @ (axis / max(np.linalg.norm(axis), 1e-12))
            for axis in (towards_she[others].mean(axis=0), towards_several[others].mean(axis=0))
        )
        places |= {VOCABULARY.words[i]: (float(a), float(b)) for i, a, b in zip(people, x, y)}
    return places


def try_places(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and ask for analogies.

    Returns:
        For each seed, an entry for each case: `right`, the share of all analogies that
        are answered right; `axes`, the share for each axis in the order of `small_world.AXES`;
        `counted` and `counted_axes`, the same for vectors by counting from the same text.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        texts = [sentences(settings["sentences"], [seed, 3]) for seed in seeds]
        trained = train_places(settings, seeds, texts)
        dimensions = min(settings["dimensions"], V)
        for result, text, vectors in zip(results, texts, trained):
            by_counts = counted(text, settings["window"], dimensions)
            for name, scores in (
                ("", right_answers(vectors)),
                ("counted", right_answers(by_counts)),
            ):
                everything = scores.pop("all")
                result.setdefault(name or "right", []).append(everything)
                result.setdefault(f"{name}_axes".strip("_"), []).append(list(scores.values()))
    return results


PLAIN = {
    "reads": "skip-gram",
    "objective": "negative sampling",
    "noise": 0.75,
    "negatives": 20,
    "dimensions": 50,
    "window": 5,
    "sentences": 2000,
    "batch": 128,
    "updates": 1500,
    "rate": 0.05,
}
RATES = (0.02, 0.05)
OBJECTIVES = [
    ("softmax", 1.0),
    ("nce", "log-uniform"),
    ("nce", "alphabet"),
    ("nce", 1.0),
    ("nce", 0.75),
    ("negative sampling", "log-uniform"),
    ("negative sampling", 1.0),
    ("negative sampling", 0.75),
]

SWEEPS = (
    Sweep(
        "places-noise",
        PLAIN
        | {
            "negatives": 5,
            "cases": [
                {"objective": objective, "noise": noise, "rate": rate}
                for objective, noise in OBJECTIVES
                for rate in RATES
            ],
        },
        try_places,
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "places-text",
        PLAIN
        | {
            "cases": [
                {"reads": reads, "sentences": count, "rate": rate}
                for reads in ("skip-gram", "cbow")
                for count in (250, 500, 1000, 2000, 4000)
                for rate in RATES
            ]
        },
        try_places,
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "places-width",
        PLAIN | {"cases": [{"dimensions": d} for d in (2, 5, 10, 20, 50, 150)]},
        try_places,
        kind="learned",
        tolerance=0.05,
    ),
)
