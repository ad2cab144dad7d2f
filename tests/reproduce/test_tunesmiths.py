"""Parts that share nothing, costs that add up, and pieces that are measured rightly."""

import numpy as np
import pytest

from rnncourse.data.melodies import notes
from rnncourse.reproduce import chains, records, tunesmiths
from rnncourse.reproduce.tunesmiths import GUESSERS, TUNES, copied, full_bars, parts, the_book

(SWEEP,) = tunesmiths.SWEEPS
QUICK = SWEEP.config | {
    "units": 8,
    "width": 6,
    "passes": 2,
    "every": 1,
    "calm": [1.0, 1.5],
    "length": 12,
    "steps": 10,
    "temperatures": [1.0],
}


@pytest.mark.parametrize("seed", range(20))
def test_parts_share_no_tune_and_no_family(seed):
    learned, chosen, tested = parts(seed)
    assert sorted([*learned, *chosen, *tested]) == list(range(len(TUNES)))
    families = [{TUNES[row].family for row in rows} for rows in (learned, chosen, tested)]
    assert not families[0] & families[1]
    assert not families[2] & (families[0] | families[1])


def test_every_tune_is_tested_four_times():
    tested = np.concatenate([parts(seed)[2] for seed in range(20)])
    assert np.all(np.bincount(tested) == 4)


def test_results_have_an_entry_for_each_case_and_costs_add_up():
    config = QUICK | {"cases": [{"told": False}, {"told": True}]}
    (result,) = tunesmiths.guesses(config, (7,))
    for name in ("unigram", "tokens", *GUESSERS):
        assert np.shape(result[name]) == (2,) and np.all(np.array(result[name]) > 0)
    totals = np.array([result[name] for name in GUESSERS]).T  # (cases, guessers)
    assert np.allclose(np.sum(result["sides"], axis=2), totals, atol=1e-4)
    _, _, tested = parts(7)
    of_tunes = np.array(result["tunes"])
    assert of_tunes.shape == (2, len(GUESSERS), len(TUNES))
    assert set(np.flatnonzero(of_tunes.any(axis=(0, 1)))) == set(tested)
    counts = the_book().counts[tested] - 1
    assert np.allclose((of_tunes[..., tested] * counts).sum(-1) / counts.sum(), totals, atol=1e-4)
    assert np.shape(result["lines"]) == (2, len(GUESSERS))
    assert np.shape(result["orders"]) == (2, 3, 2) and np.shape(result["shares"]) == (2, 2, 2)
    assert set(np.ravel(result["calm"])) <= {1.0, 1.5}
    assert np.shape(result["full"]) == (2, 3) and result["full"][0][-1] == 1


def test_a_mixture_is_chosen_by_the_tunes_to_choose_by():
    rng = np.random.default_rng(1)
    one, other = rng.uniform(0.1, 0.9, (2, 2, 6, 5))
    one[0, :3], other[1, :3] = 0.95, 0.95
    of_chosen = np.arange(6) < 3
    mixed, shares = tunesmiths.mix(one, other, of_chosen)
    assert shares.tolist() == [1, 0]
    assert np.allclose(mixed[0], one[0]) and np.allclose(mixed[1], other[1])


def test_the_costs_of_chains_are_those_of_the_chains():
    learned, chosen, tested = parts(3)
    found, simple, _ = tunesmiths.chain_probabilities(learned, chosen, tested, "nothing")
    train, held_out = ([TUNES[row].tokens for row in rows] for rows in (learned, chosen))
    for side in (0, 1):
        best = chains.choose(train, held_out, side, tunesmiths.SIZES[side])
        chain = chains.train(train, side, best, tunesmiths.SIZES[side])
        for k, row in enumerate(tested):
            cost = chains.cost(chain, TUNES[row].tokens, side, best.order)
            assert -np.log(found[side, k]).sum() == pytest.approx(cost)
            sound = np.count_nonzero(found[side, k] < 1)
            text = TUNES[row].tokens
            assert sound == (len(text) - 1 if side == 0 else len(notes(text)))
    assert np.log(simple).sum() < np.log(found).sum()


def test_tested_tunes_cannot_change_what_is_chosen(monkeypatch):
    learned, chosen, tested = parts(3)
    before, *_ = tunesmiths.chain_probabilities(learned, chosen, chosen, "nothing")
    tunesmiths.best_chain.cache_clear()
    spoilt = list(TUNES)
    for row in tested:
        spoilt[row] = spoilt[row]._replace(tokens=("4/4", "C2", "||"))
    monkeypatch.setattr(tunesmiths, "TUNES", tuple(spoilt))
    after, *_ = tunesmiths.chain_probabilities(learned, chosen, chosen, "nothing")
    tunesmiths.best_chain.cache_clear()
    assert np.array_equal(before, after)


@pytest.mark.parametrize(
    ("piece", "right"),
    [
        ("3/4 C2 | D6 | E4 | F6 ||", [True, False]),
        ("3/4 C2 | D6 | E4 | F6 | G2 G2", [True, False]),
        ("4/4 C8 ||", []),
        ("4/4 C2 C2", []),
    ],
)
def test_full_bars_are_those_between_the_first_and_the_last(piece, right):
    assert full_bars(piece.split()) == right


def test_what_is_copied_is_the_longest_run_of_notes():
    texts = ["4/4 C2 D2 | E2 F2 ||".split(), "4/4 G2 A2 B2 ||".split()]
    assert copied("3/4 D2 E2 F2 | G2 ||".split(), texts) == 3
    assert copied("3/4 D2 E2 F2 | G2 ||".split(), texts, notes=2) == 2
    assert copied("3/4 c2 ||".split(), texts) == 0


def test_the_record_says_what_the_lesson_says():
    record = records.load("melody-guesses")
    for case in (0, 1):
        chained = record.values("chains")[:, case]
        assert record.values("tokens")[:, case].mean() > chained.mean() + 0.3
        assert np.mean(record.values("mixture")[:, case] < chained) >= 0.9
    assert np.all(record.values("mixture")[:, 0] < record.values("chains")[:, 0])
