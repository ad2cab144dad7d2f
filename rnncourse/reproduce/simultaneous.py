"""The sweep of lesson 16 about waiting: translate while listening, or afterwards.

Cast: `Simultaneous` is one recurrent layer that says a word at each step, of which it has
heard so many words more than it has said. It is set beside the encoder-decoder on two
languages: French, and French word for word in English order, where nobody has to wait.
"""

from collections import Counter
from itertools import product

import keras
import numpy as np
import tensorflow as tf

from rnncourse.cells import GRUCell
from rnncourse.data.grammars import french
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.training.loop import train
from rnncourse.translation.batches import PAD, prepare, vocabularies
from rnncourse.translation.fitting import exact_match, fit, masked_mean, order
from rnncourse.translation.models import EncoderDecoder, lengths_of, walk


class Simultaneous(keras.Model):
    """Hears a word and says a word: embedding, one recurrent layer, a softmax layer.

    Args:
        source_size: How many words it hears; id `source_size` is the silence after them.
        target_size: V, how many it says.
        units: H.
        embedding: Width of the embedding.
    """

    def __init__(self, source_size, target_size, units=128, embedding=64):
        super().__init__()
        self.embedding = keras.layers.Embedding(source_size + 1, embedding)
        self.cell, self.head = GRUCell(units), keras.layers.Dense(target_size)
        self.embedding.build((None, None))
        self.cell.build((None, embedding))
        self.head.build((None, units))
        self.built = True

    def call(self, heard):
        """Ids `(B, L)`, padded with -1 → logits `(B, L, V)`."""
        vectors = self.embedding(tf.maximum(heard, 0))
        state = (tf.zeros((tf.shape(heard)[0], self.cell.units)),)
        return walk(self.cell, vectors, state, lengths_of(heard), self.head)[0]


def delayed(ready, silence: int, wait: int) -> tuple[np.ndarray, np.ndarray]:
    """What a simultaneous translator hears, and what it is to say.

    Args:
        ready: Pairs, prepared without turning the sources round.
        silence: The id heard after the last word.
        wait: Words heard before the first is said: 1 is a word for a word.

    Returns:
        `(heard, said)`, each `(N, L)`, padded with -1; nothing is said, -1, in the first
        `wait` - 1 steps.
    """
    N, T = ready.targets.shape
    heard = np.full((N, T + wait - 1), PAD, np.int32)
    said = heard.copy()
    said[:, wait - 1 :] = ready.targets
    spoken = ready.mask.sum(axis=1) + wait - 1
    source = ready.source[:, : heard.shape[1]]
    heard[:, : source.shape[1]] = source
    quiet = (heard == PAD) & (np.arange(heard.shape[1]) < spoken[:, None])
    return np.where(quiet, silence, heard), said


def dictionary(pairs) -> dict[str, str]:
    """For each English word the French one that keeps it company most, by Dice's coefficient."""
    both, one, other = Counter(), Counter(), Counter()
    for english, said in pairs:
        both.update(product(set(english), set(said)))
        one.update(set(english))
        other.update(set(said))
    best: dict[str, tuple[float, str]] = {}
    for (e, f), n in both.items():
        best[e] = max(best.get(e, (0.0, "")), (2 * n / (one[e] + other[f]), f))
    return {e: f for e, (_, f) in best.items()}


def compare(config: dict, seed: int) -> dict:
    """Train under each of `config["cases"]`.

    A case names `language`, `"french"` or `"word for word"`, and `wait`: words heard before
    the first is said, or 0 for an encoder-decoder, which hears all of them first.

    Returns:
        `right`: share of unseen sentences translated word for word, for each case.
    """
    about = {"train": config["sentences"], "test": config["tests"]}
    parts = french.split([seed, 18], max_words=config["max_words"], **about)
    gloss, found = dictionary(parts.train), []
    for case in config["cases"]:
        learnt, asked = parts.train, parts.test
        if case["language"] == "word for word":
            learnt, asked = (
                [(english, tuple(gloss[w] for w in english)) for english, _ in some]
                for some in (learnt, asked)
            )
        words = vocabularies([*learnt, *asked])
        ready, test = (prepare(some, *words, reverse=False) for some in (learnt, asked))
        keras.utils.set_random_seed(seed)
        size = {"units": config["units"], "embedding": config["embedding"]}
        training = {"batch_size": config["batch"], "rate": config["rate"], "seed": seed}
        if case["wait"] == 0:
            model = EncoderDecoder.for_vocabularies(*words, **size)
            fit(model, ready, config["updates"], jit=False, progress=False, **training)
            right = exact_match(model, test)
        else:
            model = Simultaneous(len(words[0]), len(words[1]), **size)
            _teach(model, ready, len(words[0]), case["wait"], config["updates"], **training)
            heard, said = delayed(test, len(words[0]), case["wait"])
            best = np.argmax(model(tf.constant(heard)), axis=-1)
            right = ((best == said) | (said == PAD)).all(axis=1)
        found.append(float(np.mean(right)))
    return {"right": found}


def _teach(model, ready, silence, wait, updates, *, batch_size, rate, seed):
    heard, said = (tf.constant(a) for a in delayed(ready, silence, wait))
    dealt = tf.constant(order(ready, updates, batch_size, seed), tf.int32)

    def loss(step):
        at = dealt[step]
        return masked_mean(model(tf.gather(heard, at)), tf.gather(said, at))

    schedule = keras.optimizers.schedules.CosineDecay(rate, updates)
    train(loss, [model], keras.optimizers.Adam(schedule), updates, clip=1.0, progress=False)


SWEEPS = (
    Sweep(
        "translations-waiting",
        {
            "sentences": 8_000,
            "tests": 300,
            "max_words": 5,
            "units": 128,
            "embedding": 64,
            "batch": 32,
            "updates": 500,
            "rate": 0.006,
            "cases": [
                {"language": language, "wait": wait}
                for language in ("french", "word for word")
                for wait in (1, 0)
            ],
        },
        one_by_one(compare),
        seeds=tuple(range(1000, 1010)),
        kind="learned",
        tolerance=0.1,
    ),
)
