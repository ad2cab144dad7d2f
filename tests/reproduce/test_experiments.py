from rnncourse.reproduce.experiments import Sweep, one_by_one

COUNT = Sweep("count", {"offset": 10}, one_by_one(lambda config, seed: config["offset"] + seed))


def test_a_sweep_runs_one_seed_as_it_runs_all():
    assert COUNT.run(COUNT.config, 3) == COUNT.run_all(COUNT.config, COUNT.seeds)[3] == 13


def test_seeds_one_by_one_say_how_far_they_are(capsys):
    assert COUNT.run_all(COUNT.config, (5, 7)) == [15, 17]
    assert "seed 1/2" in capsys.readouterr().err
