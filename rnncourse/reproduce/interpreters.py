"""Two interpreters: one speaks while it listens, the other waits for the end of the sentence.

Cast: `sentences` is a language of 54 English sentences with their French, asked either
by the tone of the voice or with *est-ce que*; `knowable` counts what can be right
after each word heard; `try_interpreters` trains networks of both kinds, N seeds side
by side as in `habits`.
"""

from collections import Counter, defaultdict
from itertools import product

import numpy as np
import tensorflow as tf

from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.habits import answer, learn, start, times

VERBS = {
    "see": {"you": "vois", "we": "voyons", "they": "voient"},
    "want": {"you": "veux", "we": "voulons", "they": "veulent"},
    "drink": {"you": "bois", "we": "buvons", "they": "boivent"},
}
SUBJECTS = {"you": "tu", "we": "nous", "they": "ils"}
OBJECTS = {"milk": "du lait", "water": "de l'eau", "coffee": "du café"}
END, STEPS = "END", 5
REGISTERS = ("casual", "formal")


def sentences(register):
    """All sentences, each of five words with END behind the shorter ones.

    Args:
        register: `"casual"` asks by tone and keeps the order of the words; `"formal"`
            puts *est-ce que* before a question.

    Returns:
        54 pairs `(English, French)` of tuples.

    Raises:
        ValueError: Another register.

    >>> sentences("formal")[1]
    (('you', 'see', 'milk', '?', 'END'), ('est-ce que', 'tu', 'vois', 'du lait', '?'))
    """
    if register not in REGISTERS:
        raise ValueError(f"`register` must be one of {REGISTERS}, got {register!r}: choose one")
    pairs = []
    for subject, verb, thing, mark in product(SUBJECTS, VERBS, OBJECTS, ".?"):
        asks = register == "formal" and mark == "?"
        french = (SUBJECTS[subject], VERBS[verb][subject], OBJECTS[thing], mark)
        french = ("est-ce que", *french) if asks else french
        pairs.append(tuple(_padded(words) for words in ((subject, verb, thing, mark), french)))
    return pairs


def knowable(pairs, wait=0):
    """The best share of right words at each step, if word k is said after k + 1 + wait words.

    Args:
        pairs: From `sentences`, each as likely as any other.
        wait: Words to hear ahead; 4 is the whole sentence.

    Returns:
        `(5,)`.

    >>> knowable(sentences("formal")).tolist()
    [0.5, 0.5, 0.5, 1.0, 1.0]
    """
    shares = []
    for k in range(STEPS):
        said = defaultdict(Counter)
        for english, french in pairs:
            said[english[: k + 1 + wait]][french[k]] += 1
        shares.append(sum(max(words.values()) for words in said.values()) / len(pairs))
    return np.array(shares)


def one_hot(texts):
    """Ids `(sentences, 5)` and one-hot vectors `(sentences, 5, V)`, words in order of the alphabet.

    >>> one_hot([("b", "a"), ("a", "b")])[0].tolist()
    [[1, 0], [0, 1]]
    """
    ids = {word: i for i, word in enumerate(sorted(set().union(*texts)))}
    numbers = np.array([[ids[word] for word in text] for text in texts])
    return numbers, np.eye(len(ids), dtype=np.float32)[numbers]


def encode_decode(weights, x):
    """Logits `(T, N, B, V)` of a network that hears all of x before it says a word.

    The encoder's last state is where the decoder starts, which hears zeros.

    Args:
        weights: Of the encoder, as from `start`; behind them the decoder's loop and bias.
        x: `(T, N, B, F)`.
    """
    W_x, b, W_y, b_y, loop, decoder_loop, decoder_b = weights
    pushes = times(x, W_x) + b
    h = tf.tanh(pushes[0])
    for t in range(1, STEPS):
        h = tf.tanh(pushes[t] + h @ loop)
    states = []
    for _ in range(STEPS):
        h = tf.tanh(h @ decoder_loop + decoder_b)
        states.append(h)
    return times(tf.stack(states), W_y) + b_y


def try_interpreters(config, seeds):
    """Train both kinds and count the words they get right.

    Args:
        config: `units`, `updates`, `rate`, and `cases` with `register`, `waits` and
            `unheard`, how many sentences, others for each seed, are kept from the training.
        seeds: Of weights.

    Returns:
        For each seed and case the share of right words at each of five steps: `right` on
        the sentences of the training, `new` on the others, -1 if there are none.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        english, french = zip(*sentences(case["register"]))
        (_, x), (y, targets) = one_hot(english), one_hot(french)
        kept = case["unheard"]
        order = np.array([np.random.default_rng(seed).permutation(len(y)) for seed in seeds])
        x, y = x[order].transpose(2, 0, 1, 3), y[order].transpose(2, 0, 1).astype(np.int32)
        heard = tf.constant(x[:, :, kept:]), y[:, :, kept:]
        sizes = x.shape[-1], config["units"], targets.shape[-1]
        weights, network = start(sizes, seeds, recurrent=True), answer
        if case["waits"]:
            decoder = start(sizes, [seed + 500 for seed in seeds], recurrent=True)
            weights, network = [*weights, decoder[4], decoder[1]], encode_decode
        updates, rate = config["updates"], config["rate"]
        learn(weights, lambda _, heard=heard: heard, updates, rate, network=network)
        hits = np.argmax(network(weights, tf.constant(x)), axis=-1) == y  # (T, N, B)
        for i, result in enumerate(results):
            right = hits[:, i, kept:].mean(axis=-1)
            new = hits[:, i, :kept].mean(axis=-1) if kept else np.full(STEPS, -1)
            result.setdefault("right", []).append(right.round(4).tolist())
            result.setdefault("new", []).append(new.round(4).tolist())
    return results


def _padded(words):
    return (*words, *[END] * (STEPS - len(words)))


SWEEPS = (
    Sweep(
        "interpreters",
        {
            "units": 16,
            "updates": 500,
            "rate": 0.02,
            "cases": [
                {"register": register, "waits": waits, "unheard": unheard}
                for unheard in (0, 12)
                for register in REGISTERS
                for waits in (False, True)
            ],
        },
        try_interpreters,
        kind="learned",
        tolerance=0.02,
    ),
)
