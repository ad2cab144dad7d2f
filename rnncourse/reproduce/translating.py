"""The sweeps of lesson 16: English in, French out, and what it takes.

Cast: `lessons` makes a seed's sentences, with combinations of words that are kept for the
tests; `Class` holds one network and one compiled training, and teaches it from scratch for
each seed. `held_out` asks what comes of a source that is read backwards or forwards, and
what a beam finds that the likeliest word at each step does not.
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.grammars import french
from rnncourse.data.grammars.french_alignment import FRENCH
from rnncourse.data.grammars.french_words import VERBS
from rnncourse.data.text import Vocabulary
from rnncourse.reproduce.experiments import Sweep
from rnncourse.training.steps import compile_steps
from rnncourse.translation.batches import PAD, Prepared, prepare, vocabularies
from rnncourse.translation.decoding import beam_search, greedy
from rnncourse.translation.fitting import exact_match, masked_mean, order, sampled_logits
from rnncourse.translation.models import EncoderDecoder

LENGTHS = ((2, 3), (4, 4), (5, 5))
LONGER = (6, 7, 8)
WIDTHS = (1, 2, 4)


def words() -> tuple[Vocabulary, Vocabulary]:
    """Vocabularies of both languages, the same for all seeds."""
    return vocabularies(french.pairs(5_000, 0, max_words=20))


def lessons(config: dict, seed: int) -> dict:
    """Pairs to train on, and three tests of unseen sentences.

    Kept out of the training are a share of all combinations of three words (who does what
    to what), and `pairs` combinations of a verb and an object.

    Returns:
        Name → pairs: `train`; `held out`: sentences with one of the combinations of three;
        `pair`: with one of those of two; `others`: with neither; `longer`: sentences of
        `LONGER` words, as many of each.
    """
    rng = np.random.default_rng([seed, 16])
    held = french.hold_out(rng, config["held_out"])
    # A verb of many objects each time, and never the milk that others drink.
    many = [v for v, about in VERBS.items() if len(about.objects.split()) >= 4]
    verbs = rng.choice([v for v in many if v != "drink"], config["pairs"], replace=False)
    two = {(str(v), str(rng.choice(VERBS[v].objects.split()))) for v in verbs}
    about = {"max_words": config["max_words"]}
    learnt = french.sample(
        config["sentences"], rng, wanted=lambda s: not s.combinations & (held | two), **about
    )
    seen = {s.english for s in learnt}
    known = [{w for s in learnt for w in s[side]} for side in (0, 1)]

    def test(asked, count=config["tests"], **sizes):
        def wanted(s):
            fits = known[0].issuperset(s.english) and known[1].issuperset(s.french)
            return fits and s.english not in seen and asked(s.combinations)

        return [s[:2] for s in french.sample(count, rng, wanted=wanted, **about | sizes)]

    return {
        "train": [s[:2] for s in learnt],
        "held out": test(lambda met: met & held and not met & two),
        # Such sentences are rare; none has fewer than three words.
        "pair": test(lambda met: met & two and not met & held, config["tests"] // 20, min_words=3),
        "others": test(lambda met: not met & (held | two)),
        "longer": [
            s[:2]
            for n in LONGER
            for s in french.sample(config["tests"] // 2, rng, min_words=n, max_words=n)
        ],
    }


class Class:
    """One network in one compiled training, for any number of seeds one after the other."""

    def __init__(self, config, jit=True):
        self.config, self.words = config, words()
        sizes = {"units": config["units"], "embedding": config["embedding"]}
        self.model = EncoderDecoder.for_vocabularies(*self.words, **sizes)
        self.jit, self.run, self.data = jit, None, None

    def prepare(self, pairs, reverse):
        """Arrays of one width whatever the seed."""
        ready = prepare(pairs, *self.words, reverse=reverse)
        widths = (max(LONGER), None, *[2 * max(LONGER) + 2] * 3)
        fill = (PAD, None, PAD, PAD, False)
        return Prepared(
            *(
                a if w is None else np.pad(a, ((0, 0), (0, w - a.shape[1])), constant_values=f)
                for a, w, f in zip(ready, widths, fill)
            )
        )

    def teach(self, ready, seed, sampling=0.0, updates=None, after=None):
        """Start anew and train: `updates` of those the schedule is made for.

        Args:
            ready: The training pairs, prepared.
            seed: Of the first weights and of the order of the batches.
            sampling: As for `translation.fitting.fit`.
            updates: Stop after so many.
            after: `after(updates)` runs every `config["every"]` updates.
        """
        config, rng = self.config, np.random.default_rng([seed, 17])
        for v in self.model.weights:
            scale = np.sqrt(6 / sum(v.shape)) if len(v.shape) == 2 else 0
            scale = 0.1 if "embeddings" in v.path else scale if "bias" not in v.path else 0
            v.assign(rng.uniform(-scale, scale, v.shape) if scale else np.zeros(v.shape))
        dealt = order(ready, config["updates"], config["batch"], seed)
        if self.data is None:
            arrays = (ready.source, ready.inputs, ready.targets, dealt, np.float32(0))
            self.data = [tf.Variable(a, trainable=False) for a in arrays]
            rate = keras.optimizers.schedules.CosineDecay(config["rate"], config["updates"])
            self.optimizer = keras.optimizers.Adam(rate)
            self.optimizer.build(self.model.trainable_variables)
        for v, a in zip(self.data, (ready.source, ready.inputs, ready.targets, dealt, sampling)):
            v.assign(a)
        for v in self.optimizer.variables:
            if v is not self.optimizer._learning_rate:
                v.assign(np.zeros(v.shape))
        if self.run is None:
            self.run = compile_steps(
                *(self._loss(sampling > 0), self.model.trainable_variables, [], self.data),
                *(self.optimizer, tf.distribute.get_strategy()),
                **{"seed": 0, "steps_per_call": config["every"], "jit": self.jit, "clip": 1.0},
            )
        for done in range(0, updates or config["updates"], config["every"]):
            self.run(tf.constant(done), tf.constant(config["every"]))
            if after:
                after(done + config["every"])

    def _loss(self, own_words):
        source, inputs, targets, dealt, sampling = self.data

        def loss(step):
            read, heard, said = (tf.gather(a, dealt[step]) for a in (source, inputs, targets))
            if not own_words:
                return masked_mean(self.model.logits(read, heard, training=True), said)
            share = sampling * tf.cast(step, tf.float32) / self.config["updates"]
            seed = [tf.cast(tf.reduce_sum(dealt[0]), tf.int32), step]
            return masked_mean(sampled_logits(self.model, read, heard, share, seed, True), said)

        return loss

    def right(self, ready):
        """Which of some pairs are translated word for word, `(N,)`."""
        return exact_match(self.model, ready)


def meanings(french_words) -> list[str]:
    """The English dictionary forms of the French words that have one.

    >>> meanings(["le", "chat", "noir", "ne", "dorment", "pas"])
    ['cat', 'black', 'sleep', 'not']
    """
    return [FRENCH[word] for word in french_words if word in FRENCH]


def held_out(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]` and translate what was held out.

    Returns:
        For each seed, a number or list for each case:
        `right`: share of the held-out sentences that are translated word for word;
        `by length`: the same for English sentences of `LENGTHS` words;
        `pair`: for sentences with a verb and an object that never met in training;
        `others`: for unseen sentences without any such combination;
        `longer`: for sentences of each of `LONGER` words, longer than any in training;
        `course`: `right` after every `every` updates, of the first 300 sentences;
        `meaning`: share of the wrong translations that have another word in the place of
        one, and not only another form of it;
        `beam`: `right` with a beam of each of `WIDTHS`;
        `likelier`: share of the held-out sentences for which each of these finds a
        translation that the network holds likelier than the greedy one.
    """
    groups, results = {}, []
    for seed in seeds:
        made, found = lessons(config, seed), {}
        for case in config["cases"]:
            sampling = case.get("sampling", 0.0)
            group = groups.setdefault(sampling > 0, None) or Class(config, config.get("jit", True))
            groups[sampling > 0] = group
            ready = {k: group.prepare(p, case["reverse"]) for k, p in made.items()}
            first, course = ready["held out"].rows(slice(0, 300)), []
            group.teach(
                ready["train"],
                seed,
                sampling,
                after=lambda _, g=group, f=first, c=course: c.append(float(g.right(f).mean())),
            )
            right = group.right(ready["held out"])
            scores = {
                "right": float(right.mean()),
                "by length": [
                    float(right[(low <= n) & (n <= high)].mean())
                    for n in [ready["held out"].lengths]
                    for low, high in LENGTHS
                ],
                "pair": float(group.right(ready["pair"]).mean()),
                "others": float(group.right(ready["others"]).mean()),
                "longer": group.right(ready["longer"])
                .reshape(len(LONGER), -1)
                .mean(axis=1)
                .tolist(),
                "course": course,
                "meaning": _meaning_lost(group, ready["held out"], made["held out"], right),
            } | _searched(group, ready["held out"])
            for name, score in scores.items():
                found.setdefault(name, []).append(score)
            print(f"seed {seed} {case} {scores['right']:.3f}", file=sys.stderr)
        results.append(found)
    return results


def _meaning_lost(group, ready, pairs, right):
    """Of the wrong translations, the share with a wrong word, not only a wrong form."""
    wrong = np.flatnonzero(~right)
    if not len(wrong):
        return 0.0
    ids = greedy(group.model, ready.source[wrong], ready.targets.shape[1])
    vocabulary = group.words[1]
    said = [vocabulary.decode(row[row != group.model.eos]) for row in ids]
    lost = [sorted(meanings(s)) != sorted(meanings(pairs[n][1])) for s, n in zip(said, wrong)]
    return float(np.mean(lost))


def _searched(group, ready):
    """How often beams of `WIDTHS` are right, and find something likelier than greedy does."""
    found = [beam_search(group.model, ready.source, w, ready.targets.shape[1]) for w in WIDTHS]
    right, likelier = [], []
    for beams in found:
        best, eos = beams.ids[:, 0], group.model.eos
        wanted = np.where(ready.mask, ready.targets, eos)[:, : best.shape[1]]
        cut = ready.mask[:, best.shape[1] :].any(axis=1)
        right.append(float(((best == wanted).all(axis=1) & ~cut).mean()))
        gained = beams.log_probability[:, 0] - found[0].log_probability[:, 0]
        likelier.append(float((gained > 1e-4).mean()))
    return {"beam": right, "likelier": likelier}


class Begun(Sweep):
    """A sweep whose rerun goes as far as the first asking: `course`, the rest of it `NaN`."""

    def run(self, config, seed):
        """The first number of `course` for each case."""
        group, found = Class(config, jit=False), []
        made = lessons(config, seed)
        for case in config["cases"]:
            ready = {k: group.prepare(made[k], case["reverse"]) for k in ("train", "held out")}
            group.teach(ready["train"], seed, case.get("sampling", 0.0), config["every"])
            found.append(np.full(config["updates"] // config["every"], np.nan))
            found[-1][0] = group.right(ready["held out"].rows(slice(0, 300))).mean()
        return {"course": found}


BASE = {
    "sentences": 24_000,
    "tests": 500,
    "held_out": 0.1,
    "pairs": 4,
    "max_words": 5,
    "units": 128,
    "embedding": 64,
    "batch": 32,
    "updates": 2_400,
    "every": 400,
    "rate": 0.01,
}

# The rate was chosen among 0.006 and 0.01 on what seed 101 holds out, for both directions.
SEEDS = tuple(range(1000, 1020))

SWEEPS = tuple(
    Begun(
        name,
        BASE | {"cases": [{"reverse": reverse}]},
        held_out,
        seeds=seeds,
        kind="learned",
        tolerance=0.15,
    )
    for name, reverse, seeds in (
        ("translations", False, SEEDS),
        ("translations-reversed", True, SEEDS[:10]),
    )
)
