"""Agreement sweeps: gates taken out for good, scores that luck does not touch, fair settings."""

import numpy as np
import pytest

from rnncourse.data.grammars.agreement import agreement, optimum
from rnncourse.reproduce import remedies
from rnncourse.reproduce.agreements import (
    CELLS,
    ONE_HOT,
    RATES,
    SWEEPS,
    answers,
    open_gates,
    trained,
    try_cases,
)
from rnncourse.reproduce.remedies import PLAIN, forward

SMALL = {"optimizer": "adam", "loss": "logistic", "batch": 16, "named": 0.2, "clauses": 1}
LSTM = {"cell": "lstm", "units": 8, "rate": 0.02}


@pytest.mark.parametrize("gates", ["f", "io", "ifo"])
def test_an_open_gate_stays_open_through_training(gates):
    w = trained(PLAIN | SMALL | LSTM | {"updates": 30, "open": gates}, (0, 1))
    for gate in "ifo":
        part = slice("ifgo".index(gate) * 8, ("ifgo".index(gate) + 1) * 8)
        stands = np.all(w["b"][..., part] == 40) and not w["W_xh"][..., part].any()
        assert stands == (gate in gates)


def test_an_open_forget_gate_forgets_nothing():
    w = remedies.start(PLAIN | LSTM, 2, 4, 1, [0])
    w = open_gates(w, "f")
    w["b"][..., :4] = -40  # nothing comes in
    _, tape = forward(PLAIN | LSTM, w, np.ones((50, 1, 3, 2), np.float32))
    _, (i, f, *_) = tape[-1]
    assert np.all(f == 1)
    assert np.all(i < 1e-15)


def test_a_trained_network_gets_what_can_be_known_of_a_short_sentence():
    config = SMALL | LSTM | {"updates": 400, "cases": [{}]}
    (result,) = try_cases(config, (0,))
    assert result["right"][0] == pytest.approx(optimum(1), abs=0.02)


def test_nobody_scores_above_the_optimum_and_a_coin_at_one_half():
    config = SMALL | LSTM | {"updates": 1, "clauses": 4, "cases": [{"rate": 0.0}]}
    scores = [result["right"][0] for result in try_cases(config, tuple(range(8)))]
    assert np.mean(scores) == pytest.approx(0.5, abs=0.1)
    assert max(scores) <= optimum(4)


def test_what_is_said_does_not_depend_on_who_is_asked_beside():
    w = trained(PLAIN | SMALL | LSTM | {"updates": 5}, (3, 4))
    words, _ = agreement(6, 2, 0)
    both = answers(PLAIN | LSTM, w, words)
    alone = answers(PLAIN | LSTM, {k: v[1:] for k, v in w.items()}, words)
    assert np.allclose(both[1], alone[0], atol=1e-5)


def test_all_cells_have_nearly_as_many_weights():
    counts = {}
    for name, cell in CELLS.items():
        setting = PLAIN | cell | ({"gate_bias": None} if "gate_bias" in cell else {})
        w = remedies.start(setting, ONE_HOT.shape[1], cell["units"], 1, [0])
        counts[name] = sum(w[part].size for part in ("W_xh", "W_hh", "b"))
    assert max(counts.values()) < 1.05 * min(counts.values())


def test_a_matched_bias_is_matched_to_the_distance_of_its_case():
    sweeps = {sweep.name: sweep for sweep in SWEEPS}
    for name in ("agreement-plain", "agreement-named"):
        for case in sweeps[name].config["cases"]:
            if "matched" in case["name"]:
                assert case["gate_bias"] == ["chrono", 3 * case["clauses"]]
            else:
                assert case.get("gate_bias") != "matched"
    assert RATES.keys() == {0, 0.2}


def test_plain_networks_and_lstms_try_the_same_rates_at_the_adding_task():
    (sweep,) = (sweep for sweep in SWEEPS if sweep.name == "adding-eighty")
    rates = {}
    for case in sweep.config["cases"]:
        rates.setdefault(case["name"], []).append(case["rate"])
    assert len({tuple(tried) for tried in rates.values()}) == 1
