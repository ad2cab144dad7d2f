"""Language models on two texts: sentences of a grammar, whose floor is known, and real news.

Cast: `read` makes ids of a text, `learn` trains the model that a configuration
describes, and the sweeps say how far above the floor, or how far below counting, it
comes. `cold_start` says what a carried state is worth at each step after a reset, and
`shared_words` how many of the words that a model predicts stand somewhere near.
"""

import functools
from typing import NamedTuple

import keras
import numpy as np

from rnncourse.data.corpora import lee_news
from rnncourse.data.grammars import sentences
from rnncourse.data.text import Vocabulary, batch_producer
from rnncourse.networks.language_models import LanguageModel, score, stream_loss
from rnncourse.ngrams import Interpolated
from rnncourse.reproduce.digits import by_case
from rnncourse.reproduce.experiments import Sweep
from rnncourse.training.loop import train

FREQUENT = 50  # words that say little about what a text is about


class Text(NamedTuple):
    """A vocabulary, made of the training part, and the ids of all parts, `(N,)` each."""

    vocabulary: Vocabulary
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


@functools.cache
def read(name: str, size: int) -> Text:
    """A text as ids.

    Args:
        name: `"grammar"` or `"news"`.
        size: Words to learn from (grammar), or words in the vocabulary (news).
    """
    if name == "grammar":
        parts = [sentences.sample(n, seed) for n, seed in ((size, 1), (10_000, 2), (10_000, 3))]
        vocabulary = Vocabulary(parts[0])
    else:
        parts = lee_news()
        vocabulary = Vocabulary(parts[0], size=size, unknown="<unk>")
    return Text(vocabulary, *map(vocabulary.encode, parts))


def rate(config: dict, per_pass: int):
    """The learning rate of a configuration: constant, along half a cosine, or as source A's.

    Args:
        config: `rate`, `passes`, and `decay`: `None`, `"cosine"`, or a pair: how many
            passes the rate stands still, and the factor for each pass after them.
        per_pass: Updates in a pass.
    """
    decay, passes = config["decay"], config["passes"]
    if decay is None:
        return config["rate"]
    if decay == "cosine":
        return keras.optimizers.schedules.CosineDecay(config["rate"], passes * per_pass)
    hold, factor = decay
    # Keras changes the value after the boundary, so that is the last update before a pass.
    boundaries = [k * per_pass - 1 for k in range(hold, passes)]
    values = [config["rate"] * factor**k for k in range(len(boundaries) + 1)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


def learn(config: dict, seed: int, text: Text, after_pass=None, passes=None) -> LanguageModel:
    """Train one language model.

    Args:
        config: Sizes (`units`, `layers`, `dropout`, `tied`), batches (`batch`, `steps`,
            `passes`, `carry`), `optimizer` (`"adam"` or `"sgd"`) with `rate`, `decay` and
            `clip`; `sum`: the loss is the sum over a window's steps instead of the mean;
            `start`: weights uniform in ±this, Keras's own if `None`; `jit`: with XLA.
        seed: Of weights and dropout.
        text: What to learn from.
        after_pass: Called with the model after each pass through the text.
        passes: Stop after so many of them; `None` makes them all.
    """
    passes = config["passes"] if passes is None else passes
    keras.utils.set_random_seed(seed)
    sizes = {name: config[name] for name in ("units", "layers", "dropout", "tied")}
    model = LanguageModel(len(text.vocabulary), **sizes)
    x, y = batch_producer(text.train, config["batch"], config["steps"])
    mean, state = stream_loss(model, x, y, carry=config["carry"])
    if config["start"]:
        rng = np.random.default_rng(seed)
        for weights in model.trainable_variables:
            if len(weights.shape) > 1:
                weights.assign(rng.uniform(-config["start"], config["start"], weights.shape))
    optimizer = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[config["optimizer"]]
    train(
        lambda step: mean(step) * (config["steps"] if config["sum"] else 1),
        [model],
        optimizer(rate(config, len(x))),
        passes * len(x),
        carry=[state],
        seed=seed,
        steps_per_call=len(x) if after_pass else passes * len(x),
        jit=config.get("jit", False),
        clip=config["clip"],
        after_call=after_pass and (lambda step, losses: after_pass(model)),
        progress=False,
    )
    return model


def above_floor(config: dict, seed: int, parts=("new", "old")) -> dict:
    """Perplexity on sentences of the grammar over that of who knows the grammar.

    Returns:
        `new`: on the test part; `old`: on the first 10,000 words that it learned from.
    """
    text = read("grammar", config["words"])
    model, above = learn(config, seed, text), {}
    for name in parts:
        ids = {"new": text.test, "old": text.train[:10_000]}[name]
        floor = sentences.log_probabilities(text.vocabulary.decode(ids))[1:].mean()
        above[name] = float(np.exp(floor - score(model, ids).log_probability.mean()))
    return above


def on_news(config: dict, seed: int) -> dict:
    """Perplexities on news: after each pass, on the test part, and mixed with a trigram.

    Returns:
        `validation`: after each pass, in twenty rows; `test`, `mixed`: of the network, and
        of its mixture with an interpolated trigram in the shares best for validation;
        `right`: share of test words named; `cold` and `shared`: see the functions below.
    """
    text, curve = read("news", config["vocabulary"]), []

    def after_pass(model):
        said = score(model, text.validation, batch_size=20).log_probability
        curve.append(float(np.exp(-said.mean())))

    model = learn(config, seed, text, after_pass)
    counted = Interpolated(len(text.vocabulary), order=3).fit(text.train, text.validation)
    says = [score(model, ids) for ids in (text.validation, text.test)]
    both = [
        (np.exp(said.log_probability[0]), np.exp(counted.log_probabilities(ids)[1:]))
        for said, ids in zip(says, (text.validation, text.test), strict=True)
    ]
    share = max(np.linspace(0, 1, 21), key=lambda share: np.log(_mix(share, *both[0])).mean())
    return {
        "validation": curve,
        "test": float(np.exp(-says[1].log_probability.mean())),
        "mixed": float(np.exp(-np.log(_mix(share, *both[1])).mean())),
        "right": float(np.mean(says[1].predicted == says[1].targets)),
        "cold": cold_start(model, text.test, steps=20).tolist(),
        "shared": shared_words(says[1].predicted[0], says[1].targets[0]),
    }


class Begun(Sweep):
    """A sweep over news whose rerun makes two passes only: validation after the second."""

    def run(self, config, seed):
        """The same metric as in the record, `NaN` where a pass is not compared."""
        text, found = read("news", config["vocabulary"]), []
        for settings in (config | case for case in config["cases"]):
            model = learn(settings, seed, text, passes=2)
            said = score(model, text.validation, batch_size=20).log_probability
            found.append(np.full(settings["passes"], np.nan))
            found[-1][1] = np.exp(-said.mean())
        return {"validation": found}


def cold_start(model, ids, steps: int) -> np.ndarray:
    """What it costs to have no past: mean loss at each step after a reset, less that without.

    Args:
        model: A language model.
        ids: A text, `(N,)`; it is read in ten rows.
        steps: The state is set to zero before every so many words.

    Returns:
        Nats, `(steps,)`.
    """
    without, carried = (
        score(model, ids, 10, steps, carry=carry).log_probability for carry in (False, True)
    )
    # The first piece of a row has no past either way.
    whole = without.shape[1] // steps * steps
    more = (carried - without)[:, steps:whole]
    return more.reshape(-1, steps).mean(axis=0)


def shared_words(predicted, targets, width: int = 35, seed: int = 0) -> list[float]:
    """Which share of the different words that are predicted for a line stand in the line.

    Words hit in their very place do not count, nor do the most frequent words.

    Args:
        predicted: Ids, the most frequent word being 0, `(N,)`.
        targets: The ids that came, `(N,)`.
        width: Words in a line.
        seed: Of the order in which lines are dealt out.

    Returns:
        The share for the lines' own predictions, and for those of a random other line.
    """
    lines = len(targets) // width
    said, came = (ids[: lines * width].reshape(lines, width) for ids in (predicted, targets))
    shift = np.random.default_rng(seed).integers(1, lines, size=lines)
    others = (np.arange(lines) + shift) % lines
    found = []
    for lines_of in (np.arange(lines), others):
        hits = count = 0
        for line, other in enumerate(lines_of):
            words = set(said[other][said[other] != came[other]]) - set(range(FREQUENT))
            hits, count = hits + len(words & set(came[line])), count + len(words)
        found.append(hits / max(count, 1))
    return found


def _mix(share, p, q):
    return share * p + (1 - share) * q


# Two layers, as in source A.
GRAMMAR = {
    "words": 640_000,
    "units": 48,
    "layers": 2,
    "dropout": 0.0,
    "tied": False,
    "start": None,
    "batch": 32,
    "steps": 10,
    "passes": 1,
    "carry": True,
    "sum": False,
    "optimizer": "adam",
    "rate": 0.02,
    "decay": "cosine",
    "clip": 1.0,
}
# Source A's way to train, on a small text read fifteen times.
DESCENT = GRAMMAR | {
    "words": 16_000,
    "units": 32,
    "layers": 1,
    "start": 0.05,
    "batch": 20,
    "passes": 15,
    "sum": True,
    "optimizer": "sgd",
    "rate": 1.0,
    "decay": None,
    "clip": 5.0,
}
NEWS = GRAMMAR | {
    "vocabulary": 2000,
    "units": 128,
    "layers": 1,
    "dropout": 0.3,
    "tied": True,
    "batch": 10,
    "steps": 20,
    "passes": 6,
    "rate": 0.01,
}
SOURCE_A = {name: DESCENT[name] for name in ("start", "batch", "sum", "optimizer", "rate", "clip")}
SOURCE_A |= {"layers": 2, "dropout": 0.5, "tied": False, "steps": 35, "decay": [3, 0.8]}
HIGHER = {"sum": False, "rate": 10.0}
RECIPES = [{}, {"decay": [5, 0.8]}, {"sum": False}, HIGHER | {"clip": 0.5}, {"batch": 80}]
RECIPES += [{"batch": 80, "passes": 60}, {"units": 128}]
FEW, LEARNED = tuple(range(10)), {"kind": "learned"}
ON_NEW = LEARNED | {
    "run_all": by_case(functools.partial(above_floor, parts=("new",))),
    "tolerance": 0.01,
}

SWEEPS = (
    Sweep(
        "grammar-words",
        GRAMMAR | {"words": 480_000, "jit": True, "cases": [{"carry": True}, {"carry": False}]},
        # None of the seeds under which the settings were found, here and in the next.
        seeds=tuple(range(100, 120)),
        **ON_NEW,
    ),
    Sweep(
        "grammar-floor",
        GRAMMAR | {"words": 720_000, "jit": True, "cases": [{}]},
        seeds=tuple(range(200, 220)),
        **ON_NEW,
    ),
    Sweep(
        "grammar-descent",
        DESCENT | {"cases": RECIPES},
        by_case(above_floor),
        seeds=FEW,
        tolerance=0.1,
        **LEARNED,
    ),
    Sweep(
        "grammar-longer",
        DESCENT | {"cases": [{"batch": 80, "passes": 35}, {"passes": 40}, HIGHER]},
        by_case(above_floor),
        seeds=FEW,
        tolerance=0.05,
        **LEARNED,
    ),
    Begun(
        "news-words",
        NEWS | {"cases": [{}, {"carry": False}, SOURCE_A]},
        by_case(on_news),
        seeds=tuple(range(5)),
        tolerance=2.0,
        **LEARNED,
    ),
)
