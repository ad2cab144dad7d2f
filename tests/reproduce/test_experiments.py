import dataclasses

import pytest

from rnncourse.reproduce.experiments import Sweep, one_by_one

COUNT = Sweep("count", {"offset": 10}, one_by_one(lambda config, seed: config["offset"] + seed))


def test_a_sweep_runs_one_seed_as_it_runs_all():
    assert COUNT.run(COUNT.config, 3) == COUNT.run_all(COUNT.config, COUNT.seeds)[3] == 13


def test_seeds_one_by_one_say_how_far_they_are(capsys):
    assert COUNT.run_all(COUNT.config, (5, 7)) == [15, 17]
    assert "seed 1/2" in capsys.readouterr().err


def test_a_sweep_knows_which_of_its_files_are_missing(tmp_path, monkeypatch):
    needy = dataclasses.replace(COUNT, files=("ptb/a.txt", "b.txt"))
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    (tmp_path / "b.txt").touch()
    assert needy.missing() == ["ptb/a.txt"]
    assert COUNT.missing() == []


@pytest.mark.parametrize("folder", ["", "/nowhere"])
def test_without_a_data_folder_every_file_is_missing(folder, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_DATA", folder)
    assert dataclasses.replace(COUNT, files=("ptb/a.txt",)).missing() == ["ptb/a.txt"]
