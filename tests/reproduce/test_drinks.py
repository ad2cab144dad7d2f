"""What is held out, what counting makes of it, and what is read off a table."""

import numpy as np
import pytest

from rnncourse.data.grammars.small_world import sayings, sensible
from rnncourse.reproduce import drinks, records

QUICK = {"sentences": 200, "rate": 0.05, "updates": 60, "every": 20, "marks": [20, 60]}


@pytest.mark.parametrize("seed", range(4))
def test_one_pair_is_held_out_for_each_deed_and_no_thing_twice(seed):
    held = drinks.held_out(seed)
    assert [deed for deed, _ in held] == drinks.DEEDS
    assert len({thing for _, thing in held}) == 12
    assert set(held) <= set(sensible())


def test_water_is_held_out_for_the_seed_of_the_page():
    assert ("drink", "water") in drinks.held_out(7)


def test_counts_add_up_and_leave_gaps():
    held = drinks.held_out(1)
    table = drinks.counts(sayings(500, 2, held))
    assert table.sum() == 500
    assert np.array_equal(table == 0, ~drinks.SENSE | drinks.places(held))


def test_smoothing_sums_to_one_and_knows_a_thing_only_by_its_deeds():
    held = drinks.held_out(3)
    table = drinks.counts(sayings(2000, 1, held))
    p = drinks.smoothed(table)
    assert np.allclose(p.sum(axis=1), 1)
    unheard = drinks.places(held)
    assert np.all(p[unheard] > 0)
    # All held-out things lack one deed, so they have the same share of what is left.
    deed, thing = np.argwhere(unheard)[0]
    lacking = drinks.places(held).any(axis=0)
    senseless = ~drinks.SENSE[deed] & lacking
    assert np.allclose(p[deed, senseless], p[deed, thing])
    assert drinks.verdicts(p, unheard)["ahead"] == pytest.approx(1 / 3)


def test_verdicts_of_who_knows_and_of_who_knows_nothing():
    unheard = drinks.places(drinks.held_out(0))
    wise = drinks.SENSE / 6
    assert drinks.verdicts(wise, unheard) == {"ahead": 1, "said": drinks.FAIR, "senseless": 0}
    assert drinks.verdicts(np.full((12, 18), 1 / 18), unheard)["ahead"] == 0.5
    with pytest.raises(AssertionError):  # rows and columns swapped would be seen
        assert drinks.verdicts(np.roll(wise, 6, axis=1), unheard)["ahead"] == 1


@pytest.mark.parametrize("dimensions", [0, 3])
def test_networks_side_by_side_are_those_alone(dimensions):
    tables = np.stack([drinks.counts(sayings(200, s)) for s in (1, 2)])
    config = QUICK | {"dimensions": dimensions}
    both = drinks.learn(config, (1, 2), tables)
    alone = drinks.learn(config, (2,), tables[1:])
    assert np.allclose(both[1], alone[0], atol=1e-4)
    assert np.allclose(both.sum(axis=-1), 1, atol=1e-5)


def test_results_have_an_entry_for_each_case():
    cases = [{"dimensions": 0}, {"dimensions": 2}]
    for result in drinks.try_sayings(QUICK | {"cases": cases}, (0, 1)):
        shapes = {name: np.shape(v) for name, v in result.items()}
        assert shapes == {
            **dict.fromkeys(("ahead", "said", "senseless", "fresh"), (2, 2)),
            **dict.fromkeys(("best_ahead", "best_said", "best_fresh", "best_step"), (2,)),
            **dict.fromkeys(("valid_ahead", "valid_said", "valid_fresh", "valid_step"), (2,)),
            **dict.fromkeys(("counted_ahead", "counted_said", "counted_fresh"), (2,)),
        }


def test_the_record_is_of_these_settings():
    (sweep,) = drinks.SWEEPS
    assert records.load("sayings").config == sweep.config
