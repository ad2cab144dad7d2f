"""The sweeps of lesson 17: which sentences come out right, and where the finger lies.

Cast: translators trained by `looking.learn`, one for each seed. `rates` chooses by sentences
for validation how fast each kind learns; `quality` asks for the test, length by length;
`where` asks where they look, and what becomes of a word if they may not look there.
"""

from itertools import chain

import numpy as np

from rnncourse.data.grammars.french_alignment import alignment, articles
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.looking import BINS, TEST, arrays, ask, learn, material

WITHIN = 4  # bins of sentences no longer than those that are learned from


def places(reverse: bool, width: int):
    """Where the encoder read the English words of each French one, -1 where that is open.

    Returns:
        `(words, pairs)`: `(M, T)`, the one word that a word with a meaning of its own stands
        for; `(M, T, 2)`, article and noun for an article.
    """
    asked = list(chain(*material()[1]["test"][:WITHIN]))
    words, pairs = np.full((len(asked), width), -1), np.full((len(asked), width, 2), -1)
    for k, (english, french, *_) in enumerate(asked):
        for found, said in (
            (words, alignment(english, french)),
            (pairs, articles(english, french)),
        ):
            read = len(english) - 1 - said if reverse else said
            found[k, : len(french)] = np.where(said < 0, -1, read)
    return words, pairs


def where(config: dict, w: dict, right, weights) -> dict:
    """Where N networks look, and what hiding does: `(N,)` or `(N, k)` shares by name.

    Of all words whose English word is known, `hit`: the heaviest weight lies on it; `after`:
    on the word that was read next. Of those that come out right, `lost`: how many no longer
    do if the heaviest word, the right one, or another one drawn at random is hidden; `alone`:
    how many still do if all but the heaviest, or all but the right one are hidden;
    `lost_beside`: as `lost`, of those alone whose heaviest word is not the right one.
    Of the articles, `article_looks`: the heaviest weight lies on the English article, on the
    noun; of those that come out right, `article_lost`: how many no longer do if the English
    article, the noun, or another word is hidden.
    """
    words, pairs = places(config["reverse"], right.shape[-1])
    heaviest = weights.argmax(axis=-1)  # (N, M, T)
    length = arrays("test", config["reverse"]).lengths[: len(words), None]
    rng = np.random.default_rng(17)
    everyone = np.zeros_like(heaviest)
    other = rng.integers(0, length, words.shape) + everyone
    # Any word of the sentence but those that matter: drawn again where it is one of them.
    for _ in range(60):
        taken = (other == words) | (other == heaviest) | (other[..., None] == pairs).any(axis=-1)
        other = np.where(taken, rng.integers(0, length, words.shape), other)
    chosen = {"heaviest": heaviest, "word": words + everyone, "other": other}
    chosen |= {"article": pairs[..., 0] + everyone, "noun": pairs[..., 1] + everyone}
    at = {name: place[..., None] == np.arange(weights.shape[-1]) for name, place in chosen.items()}
    kept = {name: ask(config, w, bins=WITHIN, hidden=hidden)[0] for name, hidden in at.items()}
    alone = [ask(config, w, bins=WITHIN, hidden=~at[name])[0] for name in ("heaviest", "word")]

    known = np.broadcast_to(words >= 0, right.shape)
    article = np.broadcast_to(pairs[..., 0] >= 0, right.shape)

    def share(of, among):
        return (of & among).sum(axis=(1, 2)) / np.maximum(among.sum(axis=(1, 2)), 1)

    def lost(names, among):
        return np.stack([share(~kept[name], among & right) for name in names], axis=1)

    looks = [share(heaviest == chosen[name], article) for name in ("article", "noun")]
    three = ("heaviest", "word", "other")
    return {
        "hit": share(heaviest == words, known),
        "after": share(heaviest == words + 1, known),
        "lost": lost(three, known),
        "alone": np.stack([share(still, known & right) for still in alone], axis=1),
        "lost_beside": lost(three, known & (heaviest != words)),
        "article_looks": np.stack(looks, axis=1),
        "article_lost": lost(("article", "noun", "other"), article),
    }


SHAPES = {"hit": (), "after": (), "lost": (3,), "alone": (2,), "lost_beside": (3,)}
SHAPES |= {"article_looks": (2,), "article_lost": (3,)}


def quality(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and ask for sentences nobody has seen.

    Returns:
        For each seed, a number or list for each case: `exact`, the share of sentences of each
        bin that come out right from the first word to the last; and what `where` returns, 0
        for cases that choose no word to look at.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        w = learn(settings, seeds)
        scores = {"exact": _exact(ask(settings, w)[0])}
        if settings["score"] in ("additive", "dot"):
            scores |= where(settings, w, *ask(settings, w, bins=WITHIN))
        else:
            scores |= {name: np.zeros((len(seeds), *shape)) for name, shape in SHAPES.items()}
        _note(results, scores)
    return results


def rates(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]`, and ask for the sentences for validation.

    Returns:
        For each seed, `valid`: the share of sentences that come out right, for each case.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        right, _ = ask(settings, learn(settings, seeds), "validation", bins=WITHIN)
        _note(results, {"valid": right.all(axis=-1).mean(axis=-1)})
    return results


def _exact(right):
    """`(N, M, T)` → the share of whole sentences in each bin, `(N, bins)`."""
    return right.all(axis=-1).reshape(len(right), len(BINS), TEST).mean(axis=-1)


def _note(results, scores):
    """Put one case's scores, name → one entry a seed, at the end of each seed's results."""
    for k, result in enumerate(results):
        for name, values in scores.items():
            result.setdefault(name, []).append(np.round(values[k], 4).tolist())


SIZES = {"embedding": 32, "batch_size": 32, "updates": 800}
# As many weights each, to within a fiftieth: 79,255 and 80,537.
LOOKING = {"score": "additive", "units": 64, "reverse": False}
PLAIN = {"score": "none", "units": 78, "reverse": True}
LONGER = {"updates": 2400}
RATES = {"looking": 0.02, "plain": 0.02, "longer": 0.02}  # the best of `look-back-rates`

SWEEPS = (
    Sweep(
        "look-back-rates",
        SIZES
        | {
            "cases": [
                *(LOOKING | {"rate": rate} for rate in (0.005, 0.01, 0.02, 0.04)),
                *(PLAIN | {"rate": rate} for rate in (0.01, 0.02, 0.04)),
                *(PLAIN | LONGER | {"rate": rate} for rate in (0.005, 0.01, 0.02)),
            ]
        },
        rates,
        seeds=(100, 101, 102),
        kind="learned",
        tolerance=0.1,
    ),
    Sweep(
        "look-back",
        SIZES
        | {
            "cases": [
                LOOKING | {"rate": RATES["looking"]},
                LOOKING | {"rate": RATES["looking"], "reverse": True},
                LOOKING | {"rate": RATES["looking"], "score": "dot"},
                LOOKING | {"rate": RATES["looking"], "score": "mean"},
                PLAIN | {"rate": RATES["plain"]},
                PLAIN | LONGER | {"rate": RATES["longer"]},
            ]
        },
        quality,
        kind="learned",
        tolerance=0.25,  # `lost_beside` is a share of a few dozen words
    ),
)
