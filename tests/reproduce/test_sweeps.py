import dataclasses
import random
from pathlib import Path

import pytest

from rnncourse.reproduce import records, sweeps
from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.reproduce.sweeps import SWEEPS

EXACT = [sweep for sweep in SWEEPS.values() if sweep.kind == "exact"]
# One case of these takes ten seconds or more, so a run of the tests tries one of them.
DEAR = ("adding-eighty", "agreement-gates", "agreement-rates", "look-back", "look-back-rates")
LEARNED = [s for s in SWEEPS.values() if s.kind == "learned" and s.name not in DEAR]
TOY = Sweep(
    "toy",
    {"offset": 10},
    one_by_one(lambda config, seed: {"sum": config["offset"] + seed}),
    seeds=(1, 2),
)


@pytest.mark.parametrize("sweep", EXACT, ids=lambda sweep: sweep.name)
def test_one_random_seed_of_each_exact_record_comes_out_again(sweep):
    if sweep.missing():
        pytest.skip(f"$RNNCOURSE_DATA has no {sweep.missing()[0]}")
    record = records.load(sweep.name)
    seed = random.SystemRandom().choice(sweep.seeds)
    rerun = sweep.run(sweep.config, seed)
    assert records.differences(record.results[str(seed)], rerun, record.tolerance) == []


@pytest.mark.parametrize("sweep", LEARNED, ids=lambda sweep: sweep.name)
def test_one_random_case_of_each_learned_record_lands_among_its_seeds(sweep):
    assert_lands_among_its_seeds(sweep)


def test_one_random_case_of_one_dear_record_lands_among_its_seeds():
    assert_lands_among_its_seeds(SWEEPS[random.SystemRandom().choice(DEAR)])


def assert_lands_among_its_seeds(sweep):
    record = records.load(sweep.name)
    dice = random.SystemRandom()
    case, seed = dice.randrange(len(sweep.config["cases"])), dice.choice(sweep.seeds)
    rerun = sweep.run(sweep.config | {"cases": [sweep.config["cases"][case]]}, seed)
    assert records.strays(record, case, rerun) == [], (sweep.config["cases"][case], seed)


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


def test_a_sweep_without_its_files_is_left_out_and_said_so(tmp_path, monkeypatch, capsys):
    needy = dataclasses.replace(TOY, name="needy", files=("ptb/a.txt", "ptb/b.txt"))
    saved = []
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    monkeypatch.setattr(sweeps, "SWEEPS", {"needy": needy, "toy": TOY})
    monkeypatch.setattr(records, "save", lambda record: saved.append(record.name) or Path("x"))
    (tmp_path / "ptb").mkdir()
    (tmp_path / "ptb" / "a.txt").touch()
    assert sweeps.main([]) == 1
    assert saved == ["toy"]
    assert "needy left out: $RNNCOURSE_DATA has no ptb/b.txt" in capsys.readouterr().err
    (tmp_path / "ptb" / "b.txt").touch()
    assert sweeps.main(["needy"]) == 0
    assert saved == ["toy", "needy"]


def test_an_unknown_sweep_is_answered_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        sweeps.main(["lach"])
    assert f"no sweep 'lach', there are {', '.join(SWEEPS)}" in capsys.readouterr().err
