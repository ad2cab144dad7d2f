"""Who guesses best how a tune goes on: the sweep of lesson 18.

Cast: five parts of tunes, three to learn from, one to choose by, one to be tested on.
Chains and networks learn from the same three; on the fourth the orders and discounts of
the chains are chosen, the passes of the network and its temperatures, and the share that
each has in a mixture of both.
The fifth is looked at once. Four divisions of five parts make twenty seeds, and each tune
is tested in four of them.
"""

import sys
from functools import cache

import numpy as np

from rnncourse.data.melodies import bar_lengths, bar_size
from rnncourse.data.tunes import folds, longest_run, sides, tunes
from rnncourse.networks.melodists import compose, learn, prepare, surprise
from rnncourse.ngrams import KneserNey
from rnncourse.reproduce import chains
from rnncourse.reproduce.experiments import Sweep

TUNES = tunes()
SIZES = chains.sizes([tune.tokens for tune in TUNES])
SHARES = np.linspace(0, 1, 21)
SHORT = (0, 1, 2, 3, 4)
# Tables of a few steps, of many, and these told the metre; a network; it and either of them.
GUESSERS = ("short", "chains", "metre", "network", "mixture", "metre mixture")


@cache
def the_book():
    """All tunes as ids."""
    return prepare(TUNES)


def parts(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of the tunes to learn from, to choose by and to be tested on."""
    part, tested = folds(TUNES, 5, seed // 5), seed % 5
    chosen = (tested + 1) % 5
    return tuple(
        np.flatnonzero(x)
        for x in (~np.isin(part, (tested, chosen)), part == chosen, part == tested)
    )


def guesses(config: dict, seeds) -> list[dict]:
    """Train and test chains and networks under each of `config["cases"]`.

    Returns:
        For each seed, in nats for each token after the metre, a number for each case:
        `unigram`; `tokens`, a chain of whole tokens; and each of `GUESSERS`. `sides`: of
        each of them, lengths and pitches apart; `lines`: what they pay for a bar line;
        `tunes`: for a token of each of all tunes, zero if it was not tested. `passes`,
        `calm` (a temperature a side), `orders` (short, long, told the metre; lengths,
        pitches) and `shares` (of the network in either mixture) as chosen.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        for first in range(0, len(seeds), 10):
            group = seeds[first : first + 10]
            kept = {k: (np.inf, None) for k in range(len(group))}

            def watch(w, passes, kept=kept, group=group, settings=settings):
                if passes % settings["every"]:
                    return
                for k, seed in enumerate(group):
                    own = {name: value[k : k + 1] for name, value in w.items()}
                    _, chosen, tested = parts(seed)
                    rows = np.concatenate([chosen, tested])
                    tried = surprise(settings, the_book(), own, rows, settings["calm"])[:, :, 0]
                    nats = tried[:, :, : len(chosen)].sum(axis=(2, 3))  # (temperatures, sides)
                    if nats.min(axis=0).sum() < kept[k][0]:
                        best = nats.argmin(axis=0)
                        p = np.exp(-tried[best, [0, 1]])  # (2, M, T - 1)
                        calm = np.array(settings["calm"])[best]
                        kept[k] = nats.min(axis=0).sum(), (passes, calm, p, own)

            learn(settings, the_book(), [parts(seed)[0] for seed in group], list(group), watch)
            for k, seed in enumerate(group):
                scores = _scores(settings, seed, *kept[k][1])
                for name, value in scores.items():
                    results[first + k].setdefault(name, []).append(np.round(value, 5).tolist())
            print(f"\r{first + len(group)} of {len(seeds)} seeds ", end="", file=sys.stderr)
    return results


def _scores(settings, seed, passes, calm, network, w):
    learned, chosen, tested = parts(seed)
    rows = np.concatenate([chosen, tested])
    of_chosen = np.arange(len(rows)) < len(chosen)
    knows = "place" if settings.get("told") else "nothing"
    short, simple, short_orders = chain_probabilities(learned, chosen, rows, knows, SHORT)
    by_chain, _, orders = chain_probabilities(learned, chosen, rows, knows)
    metre, _, metre_orders = chain_probabilities(learned, chosen, rows, "metre")
    mixtures = [mix(network, other, of_chosen) for other in (by_chain, metre)]
    guessers = (short, by_chain, metre, network, *(mixed for mixed, _ in mixtures))
    counts = the_book().counts[tested] - 1
    total = counts.sum()
    nats = -np.log(np.array(guessers)[:, :, ~of_chosen])  # (guessers, 2, M, T - 1)
    of_tunes = np.zeros((len(guessers), len(TUNES)))
    of_tunes[:, tested] = nats.sum(axis=(1, 3)) / counts
    bar_lines = [k for k, name in enumerate(the_book().lengths) if name in ("|", "||")]
    lines = np.isin(the_book().length[tested, 1:], bar_lines)
    lines &= np.arange(1, the_book().length.shape[1]) < the_book().counts[tested, None]
    return {
        "unigram": -np.log(simple[:, ~of_chosen]).sum() / total,
        "tokens": token_chain(learned, chosen, tested) / total,
        **dict(zip(GUESSERS, nats.sum(axis=(1, 2, 3)) / total)),
        "sides": nats.sum(axis=(2, 3)) / total,
        "lines": nats[:, 0, lines].mean(axis=1),
        "tunes": of_tunes,
        "passes": passes,
        "calm": calm,
        "orders": [short_orders, orders, metre_orders],
        "shares": [shares for _, shares in mixtures],
    } | compositions(settings, seed, w)


def mix(network, other, of_chosen):
    """Both together, on each side with the share that suits the tunes to choose by best."""
    shares = SHARES[:, None, None, None]
    tried = shares * network + (1 - shares) * other  # (shares, 2, M, T - 1)
    best = np.log(tried[:, :, of_chosen]).sum(axis=(2, 3)).argmax(axis=0)
    return tried[best, [0, 1]], SHARES[best]


def chain_probabilities(learned, chosen, rows, knows, menu=chains.ORDERS):
    """What chains held of each side of each token, `(2, M, T - 1)`; chains of order 0; orders."""
    texts = [tune.tokens for tune in TUNES]
    found = np.ones((2, 2, len(rows), the_book().length.shape[1] - 1))
    orders = []
    for side, known in enumerate((knows, "nothing")):
        setting, chain = best_chain(tuple(learned), tuple(chosen), side, known, menu)
        orders.append(setting.order)
        plain = chains.Setting(0, setting.discount)
        train = [texts[row] for row in learned]
        simple = chains.train(train, side, plain, SIZES[side])
        guessers = (chain, setting.order, known), (simple, 0, "nothing")
        for kind, (guesser, order, told) in enumerate(guessers):
            for k, row in enumerate(rows):
                there = [t for t, x in enumerate(texts[row][1:]) if sides(x)[side]]
                asked = chains.questions(texts[row], side, order, told)
                found[kind, side, k, there] = [guesser.probability(*pair) for pair in asked]
    return *found, orders


@cache
def best_chain(learned: tuple, chosen: tuple, side: int, knows: str, menu=chains.ORDERS):
    """The setting that is best on the tunes to choose by, and the chain that has it."""
    train, held_out = ([TUNES[row].tokens for row in rows] for rows in (learned, chosen))
    setting = chains.choose(train, held_out, side, SIZES[side], knows, menu)
    return setting, chains.train(train, side, setting, SIZES[side], knows)


def token_chain(learned, chosen, tested) -> float:
    """Nats of the tested tunes under a chain of whole tokens, its order chosen among 1 to 4."""
    names = sorted({token for tune in TUNES for token in tune.tokens})

    def stream(rows, order):
        # So many metres before a tune that no context reaches into the tune before it.
        return np.concatenate([_ids(names, row, order) for row in rows])

    def nats(model, rows, order):
        return -sum(
            model.log_probabilities(_ids(names, row, order))[order + 1 :].sum() for row in rows
        )

    models = {k: KneserNey(len(names), k + 1).fit(stream(learned, k)) for k in (1, 2, 3, 4)}
    best = min(models, key=lambda k: nats(models[k], chosen, k))
    return nats(models[best], tested, best)


def _ids(names, row, order):
    ids = np.array([names.index(token) for token in TUNES[row].tokens])
    return np.concatenate([np.repeat(ids[:1], order), ids])


def compositions(settings, seed, w) -> dict:
    """What the networks and the chains write, and real tunes beside it.

    Returns:
        For a network and for chains at each of `config["temperatures"]`, and tested tunes:
        `full`: the share of bars after the first that add up, the last left out; `copied`:
        the longest run of notes that stands in a tune learned from, mean over pieces;
        `ended`: the share of pieces that end. Zeros if the networks are told the place.
    """
    kinds = 2 * len(settings["temperatures"]) + 1
    if settings.get("told"):
        return {name: np.zeros(kinds) for name in ("full", "copied", "ended")}
    learned, chosen, tested = parts(seed)
    metres = [TUNES[row].metre for row in tested]
    rng = np.random.default_rng([seed, 2])
    pieces = []
    for t in settings["temperatures"]:
        tried = [
            compose(settings, the_book(), w, [metre], 1, settings["length"], t, [seed, k])[0][0]
            for k, metre in enumerate(metres)
        ]
        pieces.append(tried)
    train = [TUNES[row].tokens for row in learned]
    best = [best_chain(tuple(learned), tuple(chosen), side, "nothing") for side in (0, 1)]
    orders, both = [setting.order for setting, _ in best], [chain for _, chain in best]
    for t in settings["temperatures"]:
        tried = [chains.compose(both, orders, [m], settings["length"], rng, t) for m in metres]
        pieces.append(tried)
    pieces.append([list(TUNES[row].tokens[: settings["length"] + 1]) for row in tested])
    return {
        "full": [
            np.mean([right for piece in kind for right in full_bars(piece)]) for kind in pieces
        ],
        "copied": [np.mean([copied(piece, train) for piece in kind]) for kind in pieces],
        "ended": [np.mean([piece[-1] == "||" for piece in kind]) for kind in pieces],
    }


def full_bars(piece) -> list[bool]:
    """Of each bar that is over, but the first and the last: does it add up to the metre?"""
    over = max(k for k, token in enumerate(piece) if k == 0 or token in ("|", "||"))
    lengths = bar_lengths(piece[: over + 1])
    return [length == bar_size(piece[0]) for length in lengths[1:-1]]


def copied(piece, texts, notes: int = 30) -> int:
    """The longest run of notes, among the first so many, that a text has too; no bar lines."""

    def played(text):
        return [token for token in text[1:] if token not in ("|", "||")]

    return max(longest_run(played(piece)[:notes], played(text)) for text in texts)


SWEEPS = (
    Sweep(
        "melody-guesses",
        {
            "units": 64,
            "width": 32,
            "hear": 0.3,
            "say": 0.5,
            "rate": 0.01,
            "decay": 0.01,
            "rows": 8,
            "steps": 40,
            "passes": 40,
            "every": 10,
            "calm": [1.0, 1.25, 1.5],
            "temperatures": [0.5, 1.0],
            "length": 60,
            "cases": [{"told": False}, {"told": True, "hear": 0.2, "passes": 20}],
        },
        guesses,
        kind="learned",
        tolerance=0.1,
    ),
)
