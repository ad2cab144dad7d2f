"""The contest's tasks, its judges, and the rates in plain sight."""

import numpy as np
import pytest

from rnncourse.data.counting import all_right, wind_ups
from rnncourse.reproduce import contest_sweeps, contests, records
from rnncourse.reproduce.contest_sweeps import (
    CONTEST,
    RATES,
    SWEEPS,
    TASKS,
    clock,
    compete,
    try_rates,
)


def tried(name):
    """(task, cell) → the mean loss on validation at each rate."""
    record = records.load(name)
    losses = record.values("valid").mean(axis=0)  # (cases, rates)
    return {
        (case["task"], case["cell"]): dict(zip(record.config["rates"], each, strict=True))
        for case, each in zip(record.config["cases"], losses, strict=True)
    }


def test_each_cell_competes_at_the_rate_that_was_best_for_it():
    for (task, cell), losses in tried("contest-rates").items():
        assert RATES[task][cell] == min(losses, key=losses.get), (task, cell)
    for task in TASKS:
        cases = records.load(f"contest-{task}").config["cases"]
        for cell in CONTEST:  # the first case of a cell is the one that competes
            rate = next(case["rate"] for case in cases if case["cell"] == cell)
            assert rate == RATES[task][cell]


def test_where_the_best_rate_was_the_first_or_the_last_none_beyond_is_better():
    wider, four = tried("contest-rates-more"), records.load("contest-rates").config["rates"]
    ends = {
        (task, cell)
        for task, rates in RATES.items()
        for cell, rate in rates.items()
        if rate in (four[0], four[-1])
    }
    assert ends and ends <= wider.keys()
    for task, cell in ends:
        losses = wider[task, cell]
        assert losses[RATES[task][cell]] < 1.01 * min(losses.values())


def test_rates_are_tried_on_seeds_that_do_not_compete():
    seeds = {sweep.name: set(sweep.seeds) for sweep in SWEEPS}
    for task in TASKS:
        for tried in ("contest-rates", "contest-rates-more"):
            assert not seeds[tried] & seeds[f"contest-{task}"]


@pytest.mark.parametrize("task", TASKS)
def test_examples_come_in_the_shapes_of_the_task(task):
    draw, (x, y) = contest_sweeps.drawing(task)
    batch, answers = draw(np.random.default_rng(0))
    assert batch.shape[0] == len(answers) == TASKS[task]["batch"]
    assert batch.shape[2] == x.shape[2] == TASKS[task]["features"]
    assert len(x) == len(y)


def test_the_losses_of_numpy_are_what_they_are_called():
    rng = np.random.default_rng(0)
    x, y = wind_ups([1, 2])
    a = rng.normal(size=(4, 3, 2, 1))  # (T, N, B, O)
    p = 1 / (1 + np.exp(-a[..., 0].transpose(1, 2, 0)))
    nll = -np.log(np.where(y > 0, p, 1 - p))
    by_hand = (nll[:, 0, :2].sum(axis=1) + nll[:, 1].sum(axis=1)) / 6
    assert contest_sweeps._loss("toys", a, x, y) == pytest.approx(by_hand)
    said, classes = rng.normal(size=(3, 5, 10)), rng.integers(0, 10, 5)
    p = np.exp(said) / np.exp(said).sum(axis=-1, keepdims=True)
    by_hand = -np.log(p[:, np.arange(5), classes]).mean(axis=1)
    assert contest_sweeps._loss("digits", said, None, classes) == pytest.approx(by_hand)


def test_a_short_contest_gives_every_metric_of_every_case(monkeypatch):
    monkeypatch.setitem(TASKS, "toys", TASKS["toys"] | {"updates": 25})
    cases = [{"cell": "simple", "rate": 0.01}]
    results = compete({"task": "toys", "cases": cases}, (0, 1))
    assert [result.keys() for result in results] == [{"loss", "inside", "score", "learned_at"}] * 2
    assert all(len(values) == 1 for result in results for values in result.values())
    assert all(result["learned_at"] == [2] for result in results)  # one block, and not in it


def test_a_case_may_have_its_own_updates_units_and_turns(monkeypatch):
    seen = []

    def learn(cell, task, draw, seeds, rates):
        x, _ = draw(np.random.default_rng(0))
        seen.append((task["updates"], task["units"], x.shape[1]))
        return contests.start(cell, 2, task["units"], 1, seeds), np.ones((1, len(seeds)))

    monkeypatch.setattr(contest_sweeps, "learn", learn)
    own = {"updates": 50, "units": 3, "turns": 5}
    cases = [{"cell": "gru", "rate": 0.03}, {"cell": "gru", "rate": 0.03} | own]
    compete({"task": "toys", "cases": cases}, (0,))
    assert seen == [(1200, 7, 30), (50, 3, 10)]


def test_a_network_that_diverges_is_the_worst_and_not_an_error(monkeypatch):
    monkeypatch.setitem(TASKS, "adding", TASKS["adding"] | {"updates": 25})
    config = {"rates": [1e30, 0.01], "cases": [{"task": "adding", "cell": "simple"}]}
    (result,) = try_rates(config, (100,))
    diverged, sound = result["valid"][0]
    assert sound < 2 < diverged <= 9


def test_the_clock_times_every_cell_twice():
    sizes = {"features": 2, "steps": 3, "batch": 2, "at_once": 1, "units": 3, "budget": 60}
    results = clock({"cells": ["simple"]} | sizes, (0, 1))
    assert all(np.shape(r[key]) == (1,) for r in results for key in r)
    assert all(r["same_units"][0] > 0 for r in results)


def test_a_constant_answer_understands_no_toy():
    _, y = wind_ups(np.arange(1, 16))
    assert not all_right(np.full(y.shape, -1.0), np.arange(1, 16)).any()
