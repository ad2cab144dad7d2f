"""What lesson 18 says, for other divisions of the tunes and other weights than the page's."""

from functools import cache

import numpy as np
import pytest

from rnncourse.data.melodies import bar_lengths, bar_size, transpose
from rnncourse.data.tunes import folds, longest_run, sides, tunes
from rnncourse.ngrams import KneserNey
from rnncourse.reproduce import chains, records
from rnncourse.reproduce.tunesmiths import GUESSERS

BOOK = tunes()
TEXTS = [tune.tokens for tune in BOOK]
TITLES = [tune.title for tune in BOOK]
SIZES = chains.sizes(TEXTS)
seeds = pytest.mark.parametrize("seed", [1, 2, 3])


@cache
def divided(seed):
    part = folds(BOOK, 5, seed)
    learned = [text for text, k in zip(TEXTS, part) if k > 0]
    return learned, [text for text, k in zip(TEXTS, part) if k == 0]


def cost(learned, tested, side, order, size=None, discount=0.85):
    size = size or SIZES[side]
    chain = chains.train(learned, side, chains.Setting(order, discount), size)
    tokens = sum(len(text) - 1 for text in tested)
    return sum(chains.cost(chain, text, side, order) for text in tested) / tokens


def test_upbeats_are_made_whole_and_twelve_keys_are_twelve_tunes():
    upbeats = [bar_lengths(text)[0] < bar_size(text[0]) for text in TEXTS]
    assert 10 < sum(upbeats) < 30
    assert len({tuple(transpose(TEXTS[0], up)) for up in range(-5, 7)}) == 12


@seeds
def test_copies_in_twelve_keys_cost_more_than_they_teach(seed):
    learned, tested = divided(seed)
    keys = [transpose(text, up) for text in learned for up in range(-5, 7)]
    size = len({sides(token)[1] for text in keys for token in text})
    for order in (1, 2):
        assert cost(keys, tested, 1, order, size) > cost(learned, tested, 1, order) + 0.1


@pytest.mark.parametrize("seed", [4, 5])
def test_a_listener_who_weighs_twelve_keys_pays_log_twelve_a_tune_at_most(seed):
    learned, tested = divided(seed)
    setting = chains.Setting(1, 0.85)
    shifts = range(-5, 7)
    keys = [[transpose(text, up) for text in learned] for up in shifts]
    size = len({sides(token)[1] for key in keys for text in key for token in text})
    listening = [chains.train(key, 1, setting, size) for key in keys]
    for text in tested:
        costs = np.array([chains.cost(chain, text, 1, 1) for chain in listening])
        least = costs.min()
        weighed = least - np.log(np.mean(np.exp(least - costs)))
        assert weighed <= costs[5] + np.log(12) + 1e-9


@seeds
def test_two_chains_that_ignore_each_other_know_more_than_one_of_whole_tokens(seed):
    learned, tested = divided(seed)
    names = sorted({token for text in TEXTS for token in text})

    def ids(text, order):
        found = [names.index(token) for token in text]
        return np.array(found[:1] * order + found)

    tokens = sum(len(text) - 1 for text in tested)
    whole = []
    for order in range(5):
        stream = np.concatenate([ids(text, order) for text in learned])
        model = KneserNey(len(names), order + 1).fit(stream)
        found = (model.log_probabilities(ids(text, order))[order + 1 :] for text in tested)
        whole.append(-sum(part.sum() for part in found) / tokens)
    apart = cost(learned, tested, 0, 4) + cost(learned, tested, 1, 1)
    assert apart < min(whole) - 0.2


@seeds
def test_rhythm_is_worth_remembering_for_eight_steps_and_melody_for_one(seed):
    learned, tested = divided(seed)
    lengths = [cost(learned, tested, 0, order, discount=0.95) for order in (0, 1, 4, 8)]
    pitches = [cost(learned, tested, 1, order) for order in (0, 1, 2, 4, 8)]
    assert lengths[2] < lengths[1] - 0.1 and lengths[1] < lengths[0] - 0.1
    assert lengths[3] < lengths[2] - 0.01
    assert pitches[1] < pitches[0] - 0.1
    assert min(pitches[2:]) > pitches[1] - 0.03
    assert min(pitches[3:]) > pitches[1]


def test_a_twin_on_the_other_side_is_a_leak():
    twin, own = (TITLES.index(t) for t in ("Baa, Baa, Black Sheep", "Ah! vous dirai-je, maman"))
    others = [text for k, text in enumerate(TEXTS) if k not in (twin, own)]
    tested = [TEXTS[twin]]
    for order in (2, 4):
        honest = cost(others, tested, 1, order)
        assert cost([*others, TEXTS[own]], tested, 1, order) < honest - 0.05


def test_real_tunes_share_runs_with_each_other():
    """The control for what a composer copies: nobody copied here."""

    def played(text):
        return [token for token in text[1:] if token not in ("|", "||")][:30]

    runs = [
        max(longest_run(played(text), played(other)) for k, other in enumerate(TEXTS) if k != row)
        for row, text in enumerate(TEXTS)
        if BOOK[row].family == BOOK[row].title and BOOK[row].title not in TITLES[1:3]
    ]
    assert 3 < np.mean(runs) < 8


@cache
def of_tunes(case):
    paid = records.load("melody-guesses").values("tunes")[:, case]
    return dict(zip(GUESSERS, paid.sum(axis=0) / np.sum(paid != 0, axis=0)))


def interval(values):
    draws = np.random.default_rng(1).choice(values, (4000, len(values))).mean(axis=1)
    return np.percentile(draws, [2.5, 97.5])


def gained(one, other, case=0):
    return of_tunes(case)[other] - of_tunes(case)[one]


def test_one_network_is_ahead_of_tables_without_a_metre_and_undecided_against_one_with_it():
    assert interval(gained("network", "short"))[0] > 0
    assert interval(gained("network", "chains"))[0] > 0
    low, high = interval(gained("network", "metre"))
    assert low < 0 < high
    record = records.load("melody-guesses")
    assert np.all(record.values("network") < record.values("tokens") + 0.1)


def test_long_tables_are_ahead_of_short_ones_and_the_metre_helps_more():
    record = records.load("melody-guesses")
    short, chained, metre = (
        record.values(name)[:, 0].mean() for name in ("short", "chains", "metre")
    )
    assert metre < chained - 0.05 < short - 0.05
    orders = record.values("orders")[:, 0, 1, 0]
    assert np.mean(orders >= 8) > 0.5


@pytest.mark.parametrize("pair", [("mixture", "chains"), ("metre mixture", "metre")])
def test_the_network_beside_a_table_is_ahead_of_the_table_over_tunes(pair):
    gain = gained(*pair)
    assert interval(gain)[0] > 0 and np.mean(gain > 0) > 0.7


def test_told_the_place_the_mixture_is_ahead_of_the_table_still():
    assert interval(gained("mixture", "chains", case=1))[0] > 0


def test_a_table_told_the_metre_pays_no_more_for_a_bar_line_than_the_network():
    lines = records.load("melody-guesses").values("lines")
    of = {name: lines[:, 0, k] for k, name in enumerate(GUESSERS)}
    assert np.mean(of["network"] < of["short"]) >= 0.8
    assert np.mean(of["network"] < of["chains"]) >= 0.8
    assert 0.25 <= np.mean(of["network"] < of["metre"]) <= 0.75
    assert np.all(lines[:, 1, :2].mean(axis=0) < 0.5 * lines[:, 0, :2].mean(axis=0))


def test_pitch_is_the_tables_side_and_time_the_networks():
    sides_of = records.load("melody-guesses").values("sides")[:, 0].mean(axis=0)
    of = dict(zip(GUESSERS, sides_of))
    assert of["network"][1] > of["chains"][1] and of["network"][0] < of["chains"][0] - 0.05


def test_cold_pieces_quote_and_their_bars_are_full_more_often():
    record = records.load("melody-guesses")
    cool, warm, cool_table, _, real = record.values("copied")[:, 0].T
    assert np.mean(cool > real) >= 0.9 and np.mean(cool_table > real) >= 0.9
    assert np.mean(warm > real) < 0.5
    full = record.values("full")[:, 0].T
    assert np.all(full.mean(axis=1)[[0, 2]] > full.mean(axis=1)[[1, 3]] + 0.05)
    assert np.mean(full[0] > full[2]) < 0.5 and np.all(full[4] == 1)
