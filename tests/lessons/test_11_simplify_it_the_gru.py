"""What lesson 11 says, for other weights, sizes and seeds than the page's."""

import keras
import numpy as np
import pytest

from rnncourse import migration, reference
from rnncourse.data.counting import wind_ups
from rnncourse.evaluation import interval, relative_difference
from rnncourse.reference import sigmoid
from rnncourse.reproduce import records
from rnncourse.reproduce.contest_sweeps import TASKS
from rnncourse.reproduce.contests import parameters, units_for


def draw(units, features, seed, gates=3):
    rng = np.random.default_rng(seed)
    wide = gates * units
    weights = [0.7 * rng.normal(size=s) for s in ((features, wide), (units, wide), wide)]
    return rng, weights


@pytest.mark.parametrize("seed", range(3))
def test_a_gru_of_four_lines_is_keras_with_the_reset_before(seed):
    units, features = 3 + seed, 2 + seed
    rng, (W, U, b) = draw(units, features, seed)
    x, h = rng.normal(size=(6, features)), rng.uniform(-1, 1, (6, units))
    (W_z, W_r, W_h), (U_z, U_r, U_h) = np.split(W, 3, axis=1), np.split(U, 3, axis=1)
    b_z, b_r, b_h = np.split(b, 3)
    z, r = sigmoid(x @ W_z + h @ U_z + b_z), sigmoid(x @ W_r + h @ U_r + b_r)
    mine = z * h + (1 - z) * np.tanh(x @ W_h + (r * h) @ U_h + b_h)
    layer = keras.layers.GRU(units, reset_after=False, dtype="float64")
    layer.build((6, 1, features))
    layer.set_weights([W, U, b])
    assert relative_difference(layer(x[:, None], initial_state=h), mine) < 1e-12


def test_the_second_bias_matters_in_the_new_value_alone():
    rng, (W, U, b) = draw(4, 3, 5)
    x, h = rng.normal(size=(6, 3)), rng.uniform(-1, 1, (6, 4))
    d = rng.normal(size=12)
    whole = reference.gru_step(x, h, W, U, np.stack([b, d]))
    moved = np.stack([b + np.where(np.arange(12) < 8, d, 0), np.where(np.arange(12) < 8, 0, d)])
    assert relative_difference(reference.gru_step(x, h, W, U, moved), whole) < 1e-12
    all_moved = np.stack([b + d, np.zeros(12)])
    assert relative_difference(reference.gru_step(x, h, W, U, all_moved), whole) > 1e-3


def test_a_gate_at_one_keeps_the_state_whatever_comes_in():
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        layer = keras.layers.GRU(4, reset_after=bool(seed % 2))
        layer.build((1, 50, 3))
        kernel, recurrent_kernel, bias = layer.get_weights()
        bias[..., :4] = 20 / (1 + seed % 2)
        layer.set_weights([kernel, recurrent_kernel, bias])
        rng = np.random.default_rng(seed)
        start = rng.uniform(-1, 1, (1, 4)).astype("float32")
        end = layer(rng.normal(size=(1, 50, 3)), initial_state=start).numpy()
        assert np.abs(end - start).max() < 1e-3


def test_the_gate_of_tensorflow_1_turns_the_same_way():
    rng = np.random.default_rng(0)
    old = [rng.normal(size=s) for s in ((7, 8), (8,), (7, 4), (4,))]
    old[1][4:] = 30  # u
    h = rng.uniform(-1, 1, (5, 4))
    weights = migration.gru_weights(*old)
    new = reference.gru_step(rng.normal(size=(5, 3)), h, *weights, reset_after=False)
    assert np.abs(new - h).max() < 1e-6


@pytest.mark.parametrize("task", TASKS)
def test_no_cell_has_more_parameters_than_another_by_a_tenth(task):
    t = TASKS[task]
    cells = [case["cell"] for case in records.load(f"contest-{task}").config["cases"]]
    sizes = []
    for cell in cells:
        units = units_for(cell, t["features"], t["outputs"], t["budget"])
        sizes.append(parameters(cell, t["features"], units, t["outputs"]))
    assert max(sizes) <= t["budget"]
    assert min(sizes) > 0.8 * t["budget"]


def of(task, metric, cell, rate=None):
    """At a rate, or at the one at which the cell competes."""
    record = records.load(f"contest-{task}")
    cases = record.config["cases"]
    fits = [k for k, c in enumerate(cases) if c["cell"] == cell and rate in (None, c["rate"])]
    return record.values(metric)[:, fits[0]]


# Coupled gates mix what was with something between -1 and 1: no state can leave that range.


@pytest.mark.parametrize("seed", range(5))
def test_a_state_of_a_gru_never_leaves_minus_one_to_one(seed):
    rng, (W, U, b) = draw(4, 2, seed)
    h = rng.uniform(-1, 1, (3, 4))
    for _ in range(50):
        x = 10 * rng.normal(size=(3, 2))
        h = reference.gru_step(x, h, 5 * W, 5 * U, 5 * b, reset_after=False)
        assert (np.abs(h) <= 1).all()


def test_an_lstm_with_both_gates_open_counts_a_thousand():
    W, b = np.array([[0, 0, 20, 0], [0, 0, -20, 0]]), np.array([20, 20, 0, 0])
    state = reference.LSTMState(np.zeros((1, 1)), np.zeros((1, 1)))
    x, _ = wind_ups([1000])
    _, state = reference.unroll(
        lambda x, s: reference.lstm_step(x, s, W, np.zeros((1, 4)), b), x[:, :1000], state
    )
    assert state.c.item() == pytest.approx(1000, abs=0.01)


# What the records say of twenty networks each.

GRUS = ("gru", "gru, reset before")


def test_no_gru_gets_beyond_nineteen_turns_and_most_lstms_do():
    for cell in GRUS:
        assert (of("toys", "inside", cell) == 1).all()
        assert of("toys", "score", cell).max() <= 0.2
    lstm = of("toys", "score", "lstm")
    assert (lstm > 0.195).sum() >= 12
    assert lstm.max() > 0.4
    assert interval(of("toys", "score", "gru") - lstm).high < -0.05


def test_a_gru_and_a_simple_network_cannot_be_told_apart_by_the_toys():
    ends = interval(of("toys", "score", "gru") - of("toys", "score", "simple"))
    assert ends.low < 0 < ends.high


def test_a_gru_counts_as_far_as_it_is_taught_and_hardly_further():
    taught = records.load("contest-taught").values("score")
    medians = 100 * np.median(taught, axis=0)
    assert 28 <= medians[0] < 36  # taught 30
    assert (medians[1:] < 20).all()  # longer, larger
    assert (taught[:, 1:] > 0.195).sum() <= 3


def test_a_gru_learns_to_add_in_less_than_half_the_updates_of_an_lstm():
    lstm = of("adding", "learned_at", "lstm")
    for cell in GRUS:
        assert of("adding", "learned_at", cell).max() < lstm.min() + 0.05
        assert np.median(of("adding", "learned_at", cell)) < 0.5 * np.median(lstm)
    assert (of("adding", "learned_at", "simple") > 1).all()


def test_a_plain_network_learns_to_add_in_thousands_of_updates_if_at_all():
    longer = records.load("contest-longer")
    learned = longer.config["cases"][0]["updates"] * longer.values("learned_at")[:, 0]
    assert 2000 < learned.min() <= 5000 < learned.max()


def test_the_coupling_gains_at_adding_and_the_bound_loses_at_counting():
    def adding(cell):
        return np.median(of("adding", "learned_at", cell, 0.03))

    def beyond(cell):
        return (of("toys", "score", cell, 0.03) > 0.195).sum()

    for coupled in ("coupled", "gru", "gru, linear candidate"):
        for free in ("lstm", "lstm, clipped c", "gru, uncoupled"):
            assert adding(coupled) < 0.6 * adding(free)
    for bounded in ("coupled", "lstm, clipped c", "gru"):
        for unbounded in ("lstm", "gru, linear candidate", "gru, uncoupled"):
            assert beyond(bounded) <= 3 < beyond(unbounded)


def test_where_the_gates_start_is_not_the_reason():
    coupled = np.median(of("adding", "learned_at", "gru", 0.03))
    for cell in ("lstm, begun coupled", "gru, begun coupled"):
        assert np.median(of("adding", "learned_at", cell, 0.03)) > 2 * coupled
        assert (of("toys", "score", cell, 0.03) > 0.195).sum() >= 8
    assert np.median(of("adding", "learned_at", "gru, uncoupled, i low", 0.03)) > 2 * coupled


def test_on_the_digits_the_cells_are_within_a_point_of_each_other():
    cells = ("simple", "lstm", "peephole", "coupled", *GRUS)
    means = [of("digits", "score", cell).mean() for cell in cells]
    assert max(means) - min(means) < 0.015


def test_whether_an_lstm_learns_faster_than_a_plain_network_depends_on_the_task():
    for task, faster in (("adding", True), ("toys", True), ("digits", False)):
        plain, lstm = (np.median(of(task, "learned_at", cell)) for cell in ("simple", "lstm"))
        assert (lstm < plain) == faster


def test_a_gru_saves_time_at_equal_size_and_none_at_equal_parameters():
    timing = records.load("contest-time")
    cells = timing.config["cells"]
    ratios = {}
    for metric in ("same_units", "same_parameters"):
        seconds = np.median(timing.values(metric), axis=0)
        ratios[metric] = seconds[cells.index("gru")] / seconds[cells.index("lstm")]
    assert 0.6 < ratios["same_units"] < 0.97
    assert 0.9 < ratios["same_parameters"] < 1.4
