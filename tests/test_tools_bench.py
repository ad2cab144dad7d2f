import gc
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import bench
from tools.contenders import Task

ROOT = Path(__file__).parent.parent


def toy_task(contenders):
    """Four batches of nothing."""
    return Task({"units": 7}, range(4), None, [], contenders)


class Clock:
    """A clock that only the contenders move, and a list of who ran."""

    def __init__(self):
        self.now, self.ran = 0.0, []

    def contender(self, name, first, each):
        """One that takes `first` seconds for the first pass of a run, `each` for the others."""

        def run(passes, tick):
            assert not gc.isenabled()
            self.ran.append(name)
            for k in range(passes):
                self.now += each if k else first
                tick()
            return [0.7] * passes

        return lambda task: run


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(bench, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(bench.gc, "collect", lambda: None)  # slow where TensorFlow is loaded
    return clock


def test_time_is_taken_without_the_first_pass(clock):
    contenders = {name: clock.contender(name, first, 0.25) for name, first in [("a", 9), ("b", 0)]}
    rows = bench.compete(toy_task(contenders), say=lambda news: None)
    assert rows == {"a": bench.Row(9, 0.7, [16.0] * 5), "b": bench.Row(0, 0.7, [16.0] * 5)}
    assert gc.isenabled()


def test_a_contender_is_watched_for_the_seconds_asked_for(clock):
    task = toy_task({"a": clock.contender("a", 0, 0.25)})
    bench.compete(task, seconds=2.1, say=lambda news: None)
    warming_up, each_round = 2 * 0.25, 9 * 0.25
    assert clock.now == warming_up + 5 * each_round


def test_each_round_begins_with_another_contender(clock):
    contenders = {name: clock.contender(name, 0, 1.0) for name in "abc"}
    bench.compete(toy_task(contenders), say=lambda news: None)
    assert "".join(clock.ran) == "abc" + "abc" + "bca" + "cab" + "abc" + "bca"


def test_the_collector_is_back_after_a_contender_fails():
    with pytest.raises(ZeroDivisionError):
        bench.watched(lambda passes, tick: 1 / 0, 1)
    assert gc.isenabled()


ROWS = {
    bench.NUMPY: bench.Row(0.1, 0.5, [800.0, 790.0, 10.0, 900.0, 810.0]),
    bench.TORCH: bench.Row(0.2, 0.5, [100.0] * 5),
    bench.OURS: bench.Row(1.5, 0.5, [1200.0] * 5),
    bench.FIT: bench.Row(2.0, 0.5, [50.0] * 5),
}


def test_the_table_shows_ratios_of_medians_and_all_rounds_fastest_first():
    _, *lines = bench.table(ROWS).splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == [
        *(bench.OURS, bench.NUMPY, bench.TORCH, bench.FIT)
    ]
    numbers = lines[1].removeprefix(bench.NUMPY).split()
    assert numbers == "8.00 16.00 800 800 790 10 900 810 0.10 s 0.5000".split()


@pytest.mark.parametrize(
    ("rates", "without", "verdict"),
    [
        ([1200.0], [], "The fastest is rnncourse.training. .* at 1.50 × NumPy by hand."),
        ([400.0], [], "The fastest is NumPy by hand. rnncourse.training trains at 0.50 ×"),
        ([1200.0], [bench.NUMPY], ".* trains at 12.00 × PyTorch eager."),
        ([1200.0], [bench.NUMPY, bench.TORCH], ".* trains at 24.00 × Keras fit."),
    ],
)
def test_the_last_line_says_who_is_fastest(rates, without, verdict):
    rows = ROWS | {bench.OURS: bench.Row(1.5, 0.5, rates)}
    rows = {name: row for name, row in rows.items() if name not in without}
    assert re.search(rf"^{verdict}", bench.table(rows), re.M)


def test_rounds_that_differ_much_are_pointed_out():
    busy = "The rounds of NumPy by hand differ by a factor of 90.0: something else was running."
    assert bench.table(ROWS).splitlines()[-1].startswith(busy)
    calm = {name: bench.Row(0.1, 0.5, [100.0, 120.0]) for name in ROWS}
    assert "something else" not in bench.table(calm)


@pytest.fixture
def toys(monkeypatch, clock):
    """Contenders of the clock in all tasks, under the names of the true ones."""
    names = {}
    for task in list(bench.TASKS):
        names[task] = list(bench.TASKS[task](n=1).contenders)
        toys = {name: clock.contender(f"{task}: {name}", 2, 0.5) for name in names[task]}
        monkeypatch.setitem(bench.TASKS, task, lambda toys=toys: toy_task(toys))
    return names


def test_all_tasks_have_the_course_torch_and_fit(toys):
    assert list(toys) == ["echo", "classifier", "forecaster"]
    for names in toys.values():
        assert {bench.OURS, bench.TORCH, bench.TORCH_ALONE, bench.FIT} <= set(names)


def test_without_torch_its_line_says_how_to_install_it(monkeypatch, clock, toys, capsys):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    assert bench.main(["classifier"]) == 0
    said = capsys.readouterr().out
    assert 'PyTorch eager      not installed: .venv/bin/pip install -e ".[bench]"' in said
    assert "× PyTorch" not in said
    assert "trains at 1.00 × Keras fit" in said
    absent = {bench.TORCH, bench.TORCH_ALONE}
    assert set(clock.ran) == {f"classifier: {name}" for name in toys["classifier"]} - {
        f"classifier: {name}" for name in absent
    }


@pytest.mark.parametrize(
    ("asked", "run"),
    [
        ([], ["echo", "classifier", "forecaster"]),
        (["forecaster"], ["forecaster"]),
        (["classifier", "echo"], ["classifier", "echo"]),
    ],
)
def test_all_tasks_run_or_those_named(monkeypatch, toys, capsys, asked, run):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: name)
    assert bench.main(asked) == 0
    assert re.findall(r"^(\w+) +units 7$", capsys.readouterr().out, re.M) == run


def test_an_unknown_task_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        bench.main(["mnist"])
    wanted = "no task mnist: choose among echo, classifier, forecaster"
    assert wanted in capsys.readouterr().err


def test_json_holds_every_round_and_what_it_ran_on(monkeypatch, toys, tmp_path):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: name)
    path = tmp_path / "bench.json"
    assert bench.main(["--json", str(path)]) == 0
    written = json.loads(path.read_text())
    assert written.keys() == {"hardware", "versions", "tasks"}
    for task, names in toys.items():
        assert written["tasks"][task]["sizes"] == {"units": 7}
        assert list(written["tasks"][task]["results"]) == names
        assert written["tasks"][task]["results"][bench.TORCH] == {
            "first_pass": 2,
            "loss": 0.7,
            "rates": [8.0] * 5,
            "median": 8.0,
        }


def test_torch_is_an_extra_and_in_no_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [Requirement(line).name for line in project["optional-dependencies"]["bench"]] == [
        "torch"
    ]
    for lock in ("book", "all"):
        assert "\ntorch==" not in (ROOT / f"requirements/{lock}.lock").read_text()
