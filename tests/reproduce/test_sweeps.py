import random
from math import erf, sqrt

import numpy as np
import pytest

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import records, sweeps
from rnncourse.reproduce.sweeps import SWEEPS, Sweep

EXACT = [sweep for sweep in SWEEPS.values() if sweep.kind == "exact"]
TOY = Sweep(
    "toy", {"offset": 10}, lambda config, seed: {"sum": config["offset"] + seed}, seeds=(1, 2)
)


@pytest.mark.parametrize("sweep", EXACT, ids=lambda sweep: sweep.name)
def test_one_random_seed_of_each_exact_record_comes_out_again(sweep):
    record = records.load(sweep.name)
    seed = random.SystemRandom().choice(sweep.seeds)
    rerun = sweep.run(sweep.config, seed)
    assert records.differences(record.results[str(seed)], rerun, record.tolerance) == []


@pytest.mark.parametrize("sweep", SWEEPS.values(), ids=lambda sweep: sweep.name)
def test_each_record_belongs_to_the_sweep_as_it_stands(sweep):
    record = records.load(sweep.name)
    assert record.config == sweep.config
    assert record.kind == sweep.kind
    assert record.tolerance == sweep.tolerance
    assert record.results.keys() == {str(seed) for seed in sweep.seeds}


def test_there_is_no_record_without_a_sweep():
    assert {path.stem for path in records.RECORDED.glob("*.json")} == SWEEPS.keys()


def test_a_sweep_records_every_seed(capsys):
    record = sweeps.run(TOY)
    assert record.results == {"1": {"sum": 11}, "2": {"sum": 12}}
    assert "seed 2/2" in capsys.readouterr().err


def test_the_command_writes_the_record(tmp_path, monkeypatch, capsys):
    save = records.save
    monkeypatch.setattr(sweeps, "SWEEPS", {"toy": TOY})
    monkeypatch.setattr(records, "save", lambda record: save(record, tmp_path))
    assert sweeps.main(["toy"]) == 0
    assert capsys.readouterr().out == "toy.json\n"
    assert records.load("toy", tmp_path).results["2"] == {"sum": 12}


def test_an_unknown_sweep_is_answered_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        sweeps.main(["lach"])
    assert "no sweep 'lach', there are latch, one-matmul" in capsys.readouterr().err


SMALL = {"gains": [0, 1, 3], "noise": 0.3, "steps": 100, "listeners": 4000}


def test_the_latch_holds_and_the_loopless_neuron_does_not():
    silent, straight, loud = sweeps.latch(SMALL, seed=0)["accuracy"]
    # Margin: 20 seeds gave 0.48-0.52 without a loop and 1.0 at gain 3.
    assert abs(silent - 0.5) < 0.05
    assert abs(straight - 0.5) < 0.05
    assert loud > 0.99


def test_the_running_sum_is_as_right_as_the_normal_distribution_says():
    expected = 0.5 + 0.5 * erf(1 / (0.3 * sqrt(100)) / sqrt(2))
    measured = np.mean([sweeps.latch(SMALL, seed)["running_sum"] for seed in range(5)])
    # Standard error of 20,000 coins: 0.0034.
    assert abs(measured - expected) < 0.015


def test_without_noise_every_gain_above_one_holds():
    config = SMALL | {"noise": 0.0, "gains": [1.05, 1.5, 3]}
    assert sweeps.latch(config, seed=0)["accuracy"] == [1, 1, 1]


def test_the_three_ways_over_time_give_the_same_state():
    rng = np.random.default_rng(0)
    X, W_xh, W_hh = rng.normal(size=(6, 2, 4)), rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    ways = sweeps.passes(
        X, W_xh, W_hh, np.concatenate([W_xh, W_hh]), np.zeros((2, 4)), np, np.concatenate
    )
    states = {name: way() for name, way in ways.items()}
    assert relative_difference(states["one"], states["two"]) < 1e-12
    assert relative_difference(states["hoisted"], states["two"]) < 1e-12


def test_a_timing_covers_every_way_and_size():
    config = {"units": [2, 3], "batch": 2, "steps": 3, "rounds": 1}
    seconds = sweeps.one_matmul(config, seed=0)
    ways = {
        f"{library}_{way}"
        for library in ("numpy", "tensorflow")
        for way in ("two", "one", "hoisted")
    }
    assert seconds.keys() == ways
    assert all(len(values) == 2 and min(values) > 0 for values in seconds.values())
