"""Who guesses best how a tune goes on: the sweep of lesson 18.

Cast: five parts of tunes, three to learn from, one to choose by, one to be tested on.
Chains and networks learn from the same three; on the fourth the orders of the chains are
chosen, the passes of the networks, and the share that each has in a mixture of both.
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
TEXTS = prepare(TUNES)
SIZES = chains.sizes([tune.tokens for tune in TUNES])
SHARES = np.linspace(0, 1, 21)


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
        `unigram`; `tokens`, a chain of whole tokens; `chains`, one of lengths and one of
        pitches; `metre`, the same, told the metre; `network`, the mean of single ones;
        `ensemble`; `mixture` of the ensemble and the chains. `sides`: of the chains, the
        ensemble and the mixture, lengths and pitches apart. `lines`: nats that they pay for a
        bar line. `gain`, of each of all tunes:
        by how much the mixture is better than the chains, `alone`: the ensemble; zero if
        the tune was not tested. `passes` and `shares` as chosen.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings, N = config | case, config["networks"]
        for first in range(0, len(seeds), 5):
            group = seeds[first : first + 5]
            kept = {k: (np.inf, None) for k in range(len(group))}

            def watch(w, passes, kept=kept, group=group, settings=settings, N=N):
                if passes % settings["every"]:
                    return
                for k, seed in enumerate(group):
                    own = {name: value[N * k : N * k + N] for name, value in w.items()}
                    _, chosen, tested = parts(seed)
                    rows = np.concatenate([chosen, tested])
                    p = np.exp(-surprise(settings, TEXTS, own, rows))  # (2, N, M, T - 1)
                    together = -np.log(p[:, :, : len(chosen)].mean(axis=1)).sum()
                    if together < kept[k][0]:
                        kept[k] = together, (passes, p, own)

            learn(
                settings,
                TEXTS,
                [parts(seed)[0] for seed in group for _ in range(N)],
                [100 * seed + n for seed in group for n in range(N)],
                watch,
            )
            for k, seed in enumerate(group):
                scores = _scores(settings, seed, *kept[k][1])
                for name, value in scores.items():
                    results[first + k].setdefault(name, []).append(np.round(value, 5).tolist())
            print(f"\r{first + len(group)} of {len(seeds)} seeds ", end="", file=sys.stderr)
    return results


def _scores(settings, seed, passes, p, w):
    learned, chosen, tested = parts(seed)
    rows = np.concatenate([chosen, tested])
    of_chosen = np.arange(len(rows)) < len(chosen)
    knows = ("place" if settings.get("told") else "nothing", "nothing")
    by_chain, simple = chain_probabilities(learned, chosen, rows, knows)
    metre, _ = chain_probabilities(learned, chosen, rows, ("metre", "nothing"), only=0)
    networks = p.mean(axis=1)
    mixed, shares = [], []
    for one, other in zip(networks, by_chain):
        mixtures = SHARES[:, None, None] * one + (1 - SHARES[:, None, None]) * other
        best = -np.log(mixtures[:, of_chosen]).sum(axis=(1, 2))
        shares.append(SHARES[best.argmin()])
        mixed.append(mixtures[best.argmin()])
    counts = TEXTS.counts[tested] - 1

    def nats(probability):
        return -np.log(probability[..., ~of_chosen, :]).sum(axis=-1)

    sums = {"chains": nats(by_chain), "ensemble": nats(networks), "mixture": nats(np.array(mixed))}
    per_tune = {name: value.sum(axis=0) / counts for name, value in sums.items()}
    every = np.zeros((2, len(TUNES)))
    every[0, tested] = per_tune["chains"] - per_tune["mixture"]
    every[1, tested] = per_tune["chains"] - per_tune["ensemble"]
    total = counts.sum()
    bar_lines = [k for k, name in enumerate(TEXTS.lengths) if name in ("|", "||")]
    lines = np.isin(TEXTS.length[rows, 1:], bar_lines) & ~of_chosen[:, None]
    lines &= np.arange(1, TEXTS.length.shape[1]) < TEXTS.counts[rows, None]
    return {
        "unigram": nats(simple).sum() / total,
        "tokens": token_chain(learned, chosen, tested) / total,
        "metre": (nats(metre)[0] + sums["chains"][1]).sum() / total,
        "network": -np.log(p[:, :, ~of_chosen]).sum() / p.shape[1] / total,
        **{name: value.sum() / total for name, value in sums.items()},
        "sides": [value.sum(axis=1) / total for value in sums.values()],
        "lines": [-np.log(guess[0][lines]).mean() for guess in (by_chain, networks, mixed)],
        "gain": every[0],
        "alone": every[1],
        "passes": passes,
        "shares": shares,
    } | compositions(settings, seed, w)


def chain_probabilities(learned, chosen, rows, knows, only=None):
    """What chains held of each side of each token, `(2, M, T - 1)`; and chains of order 0."""
    texts = [tune.tokens for tune in TUNES]
    found = np.ones((2, 2, len(rows), TEXTS.length.shape[1] - 1))
    for side in (0, 1) if only is None else (only,):
        setting, chain = best_chain(tuple(learned), tuple(chosen), side, knows[side])
        plain = chains.Setting(0, setting.discount)
        train = [texts[row] for row in learned]
        simple = chains.train(train, side, plain, SIZES[side])
        guessers = (chain, setting.order, knows[side]), (simple, 0, "nothing")
        for kind, (guesser, order, told) in enumerate(guessers):
            for k, row in enumerate(rows):
                there = [t for t, x in enumerate(texts[row][1:]) if sides(x)[side]]
                asked = chains.questions(texts[row], side, order, told)
                found[kind, side, k, there] = [guesser.probability(*pair) for pair in asked]
    return found


@cache
def best_chain(learned: tuple, chosen: tuple, side: int, knows: str):
    """The setting that is best on the tunes to choose by, and the chain that has it."""
    train, held_out = ([TUNES[row].tokens for row in rows] for rows in (learned, chosen))
    setting = chains.choose(train, held_out, side, SIZES[side], knows)
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
        For networks at each of `config["temperatures"]`, chains at 1, and tested tunes:
        `full`: the share of bars after the first that add up, the last left out; `copied`:
        the longest run of notes that stands in a tune learned from, mean over pieces;
        `ended`: the share of pieces that end. Zeros if the networks are told the place.
    """
    kinds = len(settings["temperatures"]) + 2
    if settings.get("told"):
        return {name: np.zeros(kinds) for name in ("full", "copied", "ended")}
    learned, chosen, tested = parts(seed)
    metres = [TUNES[row].metre for row in tested]
    rng = np.random.default_rng([seed, 2])
    many, pieces = settings["networks"], []
    for t in settings["temperatures"]:
        tried = [
            compose(settings, TEXTS, w, [metre], 1, settings["length"], t, [seed, k])[k % many][0]
            for k, metre in enumerate(metres)
        ]
        pieces.append(tried)
    train = [TUNES[row].tokens for row in learned]
    best = [best_chain(tuple(learned), tuple(chosen), side, "nothing") for side in (0, 1)]
    orders, both = [setting.order for setting, _ in best], [chain for _, chain in best]
    pieces.append([chains.compose(both, orders, [m], settings["length"], rng) for m in metres])
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
            "passes": 30,
            "every": 10,
            "networks": 3,
            "temperatures": [0.5, 1.0],
            "length": 60,
            "cases": [{"told": False}, {"told": True, "hear": 0.2, "passes": 20}],
        },
        guesses,
        kind="learned",
        tolerance=0.1,
    ),
)
