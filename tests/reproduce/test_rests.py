"""Held notes: the bell rings once, when the rest is as long as the note."""

import numpy as np
import pytest

from rnncourse import reference
from rnncourse.reproduce import remedies
from rnncourse.reproduce.remedies import PLAIN
from rnncourse.reproduce.rests import CELLS, SWEEPS, held_notes, rings, try_cases


def test_the_bell_rings_when_the_rest_has_lasted_as_long_as_the_note():
    x, y = held_notes([1, 3, 5], 12)
    assert x.shape == (3, 12, 1)
    for row, bell, n in zip(x[..., 0], y, (1, 3, 5), strict=True):
        assert row.tolist() == [1.0] * n + [0.0] * (12 - n)
        assert np.flatnonzero(bell).tolist() == [2 * n - 1]


@pytest.mark.parametrize(
    ("lengths", "steps", "message"),
    [
        ([0], 10, "between 1 and 5"),
        ([6], 10, "between 1 and 5"),
        ([2], 1.5, "`steps` must be"),
        ([[2]], 10, "`lengths`"),
        (["long"], 10, "`lengths`"),
    ],
)
def test_notes_that_do_not_fit_are_refused(lengths, steps, message):
    with pytest.raises((ValueError, TypeError), match=message):
        held_notes(lengths, steps)


@pytest.mark.parametrize("name", CELLS)
def test_the_bell_is_rung_by_the_state_of_the_same_step(name):
    setting = PLAIN | CELLS[name]
    w = remedies.start(setting, 1, setting["units"], 1, [0, 1], "float64")
    w = {part: v + 0.5 * np.random.default_rng(1).normal(size=v.shape) for part, v in w.items()}
    x, _ = held_notes([2, 4], 9)
    rung = rings(setting, w, x)
    for k in range(2):
        weights = [w["W_xh"][k], w["W_hh"][k], w["b"][k, 0]]
        if "p" in w:
            weights.append(w["p"][k])
        oracle = reference.peephole_lstm_step if "p" in w else reference.lstm_step
        zeros = np.zeros((2, setting["units"]))
        h, _ = reference.unroll(lambda x, s, f=oracle, v=weights: f(x, s, *v), x, (zeros, zeros))
        assert np.array_equal(rung[k], (h @ w["W_hy"][k] + w["b_y"][k])[..., 0] > 0)


def test_counting_stops_at_the_first_note_that_is_wrong():
    config = SWEEPS[0].config | {"updates": 1, "cases": [{"rate": 0.0} | CELLS["LSTM, 4 units"]]}
    (result,) = try_cases(config, (0,))
    assert result["count"] == [0]
    assert result["heard"][0] <= 0.1


def test_the_cell_without_peepholes_has_more_weights():
    sizes = {}
    for name, cell in CELLS.items():
        w = remedies.start(PLAIN | cell, 1, cell["units"], 1, [0])
        sizes[name] = sum(v.size for v in w.values())
    assert sizes == {"peephole LSTM, 3 units": 73, "LSTM, 4 units": 101}


def test_both_cells_try_the_same_rates():
    rates = {}
    for case in SWEEPS[0].config["cases"]:
        rates.setdefault(case["name"], []).append(case["rate"])
    assert len({tuple(tried) for tried in rates.values()}) == 1
