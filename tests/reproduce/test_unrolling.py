"""The sweep over ways to walk, with its processes replaced but for one."""

import subprocess
import sys

import numpy as np
import pytest

from rnncourse.reproduce import records, unrolling

SMALL = {"batch": 2, "features": 3, "units": 4, "seconds": 0, "steps": [2, 5]}


def test_a_sweep_measures_every_way_up_to_its_last_number_of_steps(monkeypatch):
    asked = []

    def alone(way, steps, config, seed):
        asked.append((way, steps, seed))
        return {"nodes": steps, "memory": -steps}

    monkeypatch.setattr(unrolling, "alone", alone)
    config = SMALL | {"ways": {"loop": 5, "static": 2}}
    assert unrolling.costs(config, seed=7) == {
        "loop_nodes": [2, 5],
        "loop_memory": [-2, -5],
        "static_nodes": [2],
        "static_memory": [-2],
    }
    assert asked == [("loop", 2, 7), ("loop", 5, 7), ("static", 2, 7)]


def test_a_way_is_measured_in_a_process_of_its_own():
    found = unrolling.alone("loop", 2, SMALL, seed=0)
    assert found.keys() == {"nodes", "memory", "trace", "first", "step"}
    # This process has held hundreds of MB more by now; the other did not inherit that.
    assert 0 < found["memory"] < 200
    assert 0 < found["step"] < found["first"]


def test_a_process_that_fails_is_named_with_its_last_word():
    with pytest.raises(
        RuntimeError, match=r"lop over 2 steps ended with status 1: ValueError: `way` must be"
    ):
        unrolling.alone("lop", 2, SMALL, seed=0)


def test_the_sweep_itself_needs_no_tensorflow():
    code = "import sys, rnncourse.reproduce.unrolling; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


@pytest.fixture(scope="module")
def recorded():
    record = records.load("unrolling")

    def typical(way, what):
        runs = record.values(f"{way}_{what}")
        # Whatever else a machine does only makes a run slower.
        timed = what in ("trace", "first", "step")
        return (np.min if timed else np.median)(runs, axis=0)

    return np.array(record.config["steps"]), typical


@pytest.mark.parametrize("way", ["static", "keras_unrolled", "static_sliced", "static_xla"])
def test_each_step_written_out_adds_the_same_nodes(recorded, way):
    steps, typical = recorded
    nodes = typical(way, "nodes")
    added = np.diff(nodes) / np.diff(steps[: len(nodes)])
    assert added.min() > 0
    if way != "static_sliced":  # its slices share constants once there are many
        assert len(set(added)) == 1


@pytest.mark.parametrize("way", ["loop", "loop_sliced", "loop_xla", "keras", "keras_reading"])
def test_the_graph_of_a_loop_does_not_know_how_long_the_walk_is(recorded, way):
    _, typical = recorded
    assert len(set(typical(way, "nodes"))) == 1


# Margins: beside each stands the ratio that came out, in three records on a busy machine.
def test_a_loop_does_not_free_learning_from_memory_that_grows_with_time(recorded):
    _, typical = recorded
    for way in ("loop", "keras", "static", "keras_unrolled"):
        ten, _, _, thousand = typical(way, "memory")
        assert thousand > 5 * ten  # 10 to 29


def test_written_out_a_thousand_steps_take_a_few_times_the_memory_of_the_loop(recorded):
    _, typical = recorded
    ratio = typical("static", "memory")[-1] / typical("loop", "memory")[-1]
    assert 1.5 < ratio < 4  # 2.2, 2.2, 2.4


def test_reading_takes_far_less_memory_than_learning(recorded):
    _, typical = recorded
    assert (
        typical("keras", "memory")[-1] > 3 * typical("keras_reading", "memory")[-1]
    )  # 4.6, 5.0, 4.8


def test_the_written_out_walk_starts_late_and_steps_faster_once_it_is_long(recorded):
    _, typical = recorded
    before = {way: typical(way, "trace") + typical(way, "first") for way in ("static", "loop")}
    assert before["static"][-1] > 10 * before["loop"][-1]  # 34, 30, 33
    slower = typical("loop", "step") / typical("static", "step")
    assert np.all(slower[2:] > 1.1)  # 1.3 and 1.9, 1.6 and 1.7, 1.4 and 1.4


def test_xla_makes_a_long_loop_slower(recorded):
    _, typical = recorded
    ratio = typical("loop_xla", "step") / typical("loop", "step")[:3]
    assert ratio[0] > 0.7  # 1.0, 0.9, 1.1: nothing gained at 10 steps
    assert ratio[2] > 1.5  # 3.0, 2.7, 3.0


def test_slices_cost_the_square_of_time_in_a_loop_and_memory_written_out(recorded):
    _, typical = recorded
    growth = {w: np.divide(*typical(w, "step")[[3, 2]]) for w in ("loop", "loop_sliced")}
    assert growth["loop_sliced"] > 2 * growth["loop"]  # at least 4 times as much
    assert (
        typical("static_sliced", "memory")[2] > 1.5 * typical("static", "memory")[2]
    )  # 1.9, 2.0, 2.0
