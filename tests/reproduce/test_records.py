import dataclasses
import json
import subprocess

import numpy as np
import pytest

from rnncourse.reproduce import records
from rnncourse.reproduce.records import Record, differences, load, save, strays

RECORD = Record(
    name="toy",
    kind="exact",
    config={"steps": 3},
    results={"10": {"loss": 0.5, "curve": [1, 0.5]}, "2": {"loss": 0.25, "curve": [2, 0.25]}},
    tolerance=1e-6,
    revision="abc",
    versions={"numpy": "2"},
    hardware={"cores": 2},
    seconds=1.0,
)


def test_a_saved_record_loads_as_it_was(tmp_path):
    save(RECORD, tmp_path)
    assert load("toy", tmp_path) == RECORD


def test_saving_twice_gives_the_same_file(tmp_path):
    first = save(RECORD, tmp_path).read_bytes()
    assert save(load("toy", tmp_path), tmp_path).read_bytes() == first


def test_saving_leaves_nothing_half_written(tmp_path):
    save(RECORD, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["toy.json"]


def test_values_come_in_the_order_of_the_seeds():
    np.testing.assert_array_equal(RECORD.values("loss"), [0.25, 0.5])
    assert RECORD.values("curve").shape == (2, 2)


def test_an_unknown_metric_is_answered_with_the_known_ones():
    with pytest.raises(KeyError, match=r"no metric 'acc': it has \['curve', 'loss'\]"):
        RECORD.values("acc")


def test_a_missing_record_is_answered_with_the_ones_there_are(tmp_path):
    save(RECORD, tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no record 'toi', there are \['toy'\]"):
        load("toi", tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"name": "toy"', "[1]"], ids=["empty", "no fields", "cut", "list"]
)
def test_a_broken_file_is_named_with_its_remedy(tmp_path, content):
    (tmp_path / "toy.json").write_text(content)
    with pytest.raises(ValueError, match=r"toy.json .*(make sweep NAME=toy|results)"):
        load("toy", tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"kind": "rough"}, {"name": "other"}, {"results": {}}],
    ids=["kind", "name", "results"],
)
def test_a_record_that_says_something_else_is_refused(tmp_path, change):
    fields = dataclasses.asdict(RECORD) | change
    (tmp_path / "toy.json").write_text(json.dumps(fields))
    with pytest.raises(ValueError, match="must hold a record named 'toy'"):
        load("toy", tmp_path)


def test_a_rerun_within_the_tolerance_agrees():
    assert differences({"loss": 1.0}, {"loss": 1.0 + 1e-7}, tolerance=1e-6) == []


@pytest.mark.parametrize(
    "rerun",
    [{"loss": 1.1}, {"loss": [1.0]}, {"loss": float("nan")}, {}, {"loss": 1.0, "extra": 0}],
    ids=["value", "shape", "nan", "missing", "extra"],
)
def test_a_rerun_that_differs_is_named(rerun):
    (message,) = differences({"loss": 1.0}, rerun, tolerance=1e-6)
    assert "loss" in message or "extra" in message


def test_provenance_is_plain_data():
    provenance = [records.revision(), records.versions(), records.hardware()]
    assert json.loads(json.dumps(provenance)) == provenance
    assert records.versions()["numpy"] == np.__version__


def test_a_record_just_written_is_no_change_of_the_code_but_any_other_file_is(
    tmp_path, monkeypatch
):
    folder = tmp_path / "package" / "reproduce"
    (folder / "recorded").mkdir(parents=True)
    (folder / "records.py").write_text("")
    git = ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    monkeypatch.setattr(records, "__file__", str(folder / "records.py"))
    clean = records.revision()
    assert len(clean) == 12
    (folder / "recorded" / "toy.json").write_text("{}")
    assert records.revision() == clean
    (tmp_path / "package" / "cells.py").write_text("")
    assert records.revision() == clean + "+"


def test_shipped_records_name_a_revision_and_every_seed():
    shipped = sorted(records.RECORDED.glob("*.json"))
    assert shipped
    for path in shipped:
        record = load(path.stem)
        assert record.revision != "unknown", path.name
        assert {"python", "numpy"} <= record.versions.keys()
        assert record.seconds > 0


TRIED = dataclasses.replace(
    RECORD,
    kind="learned",
    results={"0": {"right": [0.5, 1.0]}, "1": {"right": [0.7, 0.9]}},
    tolerance=0.01,
)


@pytest.mark.parametrize(("case", "right"), [(0, 0.5), (0, 0.6), (0, 0.709), (1, 0.895)])
def test_a_learned_rerun_among_the_seeds_agrees(case, right):
    assert strays(TRIED, case, {"right": [right]}) == []


@pytest.mark.parametrize(("case", "right"), [(0, 0.48), (0, 0.72), (1, 0.5), (0, [0.6, 0.2])])
def test_a_learned_rerun_outside_the_seeds_is_named(case, right):
    (found,) = strays(TRIED, case, {"right": [right]})
    assert found.startswith("right: recorded 0.")


def test_a_learned_rerun_with_another_metric_is_named():
    assert strays(TRIED, 0, {"loss": [1.0]}) == ["loss: not in the record"]
