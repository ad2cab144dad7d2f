"""Three tasks, cells with equal numbers of parameters: settings in plain sight.

Cast: `TASKS` are the adding task, wound-up toys and digits read row by row;
`try_rates` looks for the rate at which each cell learns best, `compete` trains at
that rate from other seeds, and `clock` times an update. `SCREWS` are the cells that
change one thing at a time. The networks are those of `contests`.
"""

import time

import numpy as np
import tensorflow as tf

from rnncourse.data.counting import all_right, reach, wind_ups
from rnncourse.data.distances import adding_task
from rnncourse.data.images import digits
from rnncourse.reproduce.contests import CELLS, answers, learn, trainer, units_for
from rnncourse.reproduce.experiments import Sweep

TURNS, HEARD = 15, 100  # turns in training, and in the test
ADDING = {
    "loss": "squared",
    "features": 2,
    "outputs": 1,
    "budget": 600,
    "updates": 1000,
    "batch": 32,
    "steps": 40,
}
TOYS = {
    "loss": "yes or no",
    "features": 2,
    "outputs": 1,
    "budget": 250,
    "updates": 1200,
    "batch": 16,
}
DIGITS = {
    "loss": "classes",
    "features": 8,
    "outputs": 10,
    "budget": 1500,
    "updates": 1000,
    "batch": 32,
}
TASKS = {"adding": ADDING, "toys": TOYS, "digits": DIGITS}
SOLVED = {"adding": 0.01, "toys": 0.01, "digits": 0.15}  # loss at which a task counts as learned


def drawing(name: str, top: int = TURNS):
    """`draw(rng) -> (x, y)` for the training of a task, and `(x, y)` for its validation.

    Args:
        name: A name among `TASKS`.
        top: Most turns of a toy in training.
    """
    if name == "adding":
        steps = ADDING["steps"]
        return lambda rng: adding_task(ADDING["batch"], steps, rng), adding_task(1000, steps, 7)
    if name == "toys":
        everyone = wind_ups(np.arange(1, top + 1))

        def draw(rng):
            turns = rng.integers(1, top + 1, TOYS["batch"])
            return wind_ups(turns, 2 * top)

        return draw, everyone
    parts = digits()

    def pick(rng):
        rows = rng.integers(0, len(parts.train.x), DIGITS["batch"])
        return parts.train.x[rows], parts.train.y[rows]

    return pick, parts.validation


def _task(name, cell):
    task = TASKS[name]
    return task | {"units": units_for(cell, task["features"], task["outputs"], task["budget"])}


def _loss(name, said, x, y):
    """The loss of a task in NumPy, `(N,)`; `said` from `answers`."""
    if name == "adding":
        return np.mean((said[..., 0] - y) ** 2, axis=1)
    if name == "digits":
        said = said - said.max(axis=-1, keepdims=True)
        picked = np.take_along_axis(said, y[None, :, None], -1)[..., 0]
        return np.mean(np.log(np.exp(said).sum(axis=-1)) - picked, axis=1)
    a, valid = said[..., 0].transpose(1, 2, 0), x.any(axis=-1)  # (N, B, T)
    nll = np.maximum(a, 0) - a * y + np.log1p(np.exp(-np.abs(a)))
    return np.sum(nll * valid, axis=(1, 2)) / np.sum(valid)


def try_rates(config: dict, seeds) -> list[dict]:
    """Train every cell on every task at several rates, and validate.

    Args:
        config: `rates`, R of them, and `cases`: a list of `task` and `cell`.
        seeds: S of them, that nothing else uses.

    Returns:
        For each seed `valid`: the loss on validation, for each case a list for the rates; at
        most 9.
    """
    results: list[dict] = [{"valid": []} for _ in seeds]
    for case in config["cases"]:
        name, cell = case["task"], case["cell"]
        draw, (x, y) = drawing(name)
        weights, _ = learn(cell, _task(name, cell), draw, seeds, config["rates"])
        said = answers(cell, weights, x, name == "toys")
        losses = np.nan_to_num(_loss(name, said, x, y), nan=9, posinf=9).clip(max=9)
        for result, each in zip(results, losses.reshape(-1, len(seeds)).T):
            result["valid"].append(each.astype(float).round(5).tolist())
    return results


def compete(config: dict, seeds) -> list[dict]:
    """Train every cell at its own rate, and judge it on examples that nobody has seen.

    Args:
        config: `task`, and `cases`: a list of `cell` and `rate`, and, where they are not those of
            the task, `updates`, `units` and the most `turns` of a toy in training.
        seeds: One network each.

    Returns:
        For each seed, with a number for each case:
        `loss` on the test, at most 9;
        `score`: digits, the share that is right; toys, how many turns up to 100 are understood
        with no mistake before, as a share of 100; adding, 1 where the error is below 0.01;
        `inside`: toys alone, the share of the numbers of turns of training that is right;
        `learned_at`: the share of the updates after which the training loss stays at or below
        the mark of `SOLVED` on average over 25 updates for the first time; 25 updates more than
        all of them if never.
    """
    name = config["task"]
    if name == "toys":
        turns = np.arange(1, HEARD + 1)
        x, y = wind_ups(turns)
    else:
        x, y = adding_task(1000, ADDING["steps"], 8) if name == "adding" else digits().test
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        cell, top = case["cell"], case.get("turns", TURNS)
        own = {key: case[key] for key in ("updates", "units") if key in case}
        draw, _ = drawing(name, top)
        weights, course = learn(cell, _task(name, cell) | own, draw, seeds, [case["rate"]])
        said = answers(cell, weights, x, name == "toys")
        losses = np.nan_to_num(_loss(name, said, x, y), nan=9, posinf=9).clip(max=9)
        metrics = {"loss": losses}
        if name == "toys":
            right = all_right(said[..., 0].transpose(1, 2, 0), turns)  # (N, 100)
            metrics["inside"] = right[:, :top].mean(axis=1)
            metrics["score"] = reach(right) / HEARD
        else:
            right = said.argmax(axis=-1) == y if name == "digits" else losses[:, None] < 0.01
            metrics["score"] = right.mean(axis=1)
        below = course <= SOLVED[name]  # (blocks, N)
        blocks = np.where(below.any(axis=0), below.argmax(axis=0), len(below)) + 1
        metrics["learned_at"] = blocks / len(below)
        for k, result in enumerate(results):
            for metric, values in metrics.items():
                result.setdefault(metric, []).append(round(float(values[k]), 4))
    return results


def clock(config: dict, seeds) -> list[dict]:
    """Seconds for an update of one network, compiled by XLA.

    Args:
        config: `cells`; `features` F, `steps` T, `batch` B, `at_once`; `units` of the first
            timing, and `budget` of parameters of the second.
        seeds: Repetitions; each times all cells in turn.

    Returns:
        For each repetition `same_units` and `same_parameters`, a number for each cell.
    """
    F, n = config["features"], config["at_once"]
    shape = (n, config["steps"], 1, config["batch"], F)
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    x, y = tf.constant(x), tf.zeros((n, 1, config["batch"]))
    programs: dict[str, list] = {"same_units": [], "same_parameters": []}
    task = {"loss": "squared", "features": F, "outputs": 1}
    for cell in config["cells"]:
        for size, units in (
            ("same_units", config["units"]),
            ("same_parameters", units_for(cell, F, 1, config["budget"])),
        ):
            program = trainer(cell, task | {"units": units}, [0], [1e-3], n)[1]
            program(tf.constant(1.0), x, y).numpy()
            programs[size].append(program)
    results: list[dict] = [{} for _ in seeds]
    for result in results:
        for size, group in programs.items():
            result[size] = []
            for program in group:
                begun = time.perf_counter()
                program(tf.constant(1.0), x, y).numpy()
                result[size].append(round((time.perf_counter() - begun) / n, 6))
    return results


ENTRANTS = tuple(CELLS)[:8]
UNSQUASHED = ("gru, linear candidate", "lstm, clipped c")
# The best of `contest-rates`; by `contest-rates-more` no rate beyond is better. Tests see to both.
RATES = {
    "adding": dict.fromkeys(ENTRANTS, 0.03) | {"simple": 0.003},
    "toys": dict.fromkeys(ENTRANTS, 0.03)
    | {"simple": 0.01, "peephole": 0.01, "coupled": 0.1, "gru, uncoupled": 0.1},
    "digits": dict.fromkeys(ENTRANTS, 0.03)
    | dict.fromkeys(("simple", "gru", "gru, reset before", "gru, uncoupled"), 0.01),
}
CONTEST = ("simple", "lstm", "peephole", "coupled", "gru", "gru, reset before")
SCREWS = ("lstm", "coupled", "lstm, clipped c", "gru", "gru, uncoupled", "gru, linear candidate")
BEGUN = ("lstm, begun coupled", "gru, begun coupled")
CASES = {
    "digits": [{"cell": cell, "rate": RATES["digits"][cell]} for cell in ENTRANTS],
    "adding": [
        *({"cell": cell, "rate": RATES["adding"][cell]} for cell in CONTEST),
        *({"cell": c, "rate": 0.03} for c in (*SCREWS, *BEGUN, "gru, uncoupled, i low")),
    ],
    # Those that show which screw it was, all at the same two rates.
    "toys": [
        *({"cell": cell, "rate": RATES["toys"][cell]} for cell in CONTEST),
        *({"cell": cell, "rate": 0.03} for cell in (*SCREWS, *BEGUN)),
        *({"cell": cell, "rate": 0.1} for cell in SCREWS),
    ],
}
SWEEPS = (
    Sweep(
        "contest-rates",
        {
            "rates": [0.003, 0.01, 0.03, 0.1],
            "cases": [{"task": task, "cell": cell} for task in TASKS for cell in ENTRANTS],
        },
        try_rates,
        seeds=(100, 101, 102),
        kind="learned",
        tolerance=0.5,
    ),
    # Those whose best rate lay at an end of the four, and the two that came later.
    Sweep(
        "contest-rates-more",
        {
            "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
            "cases": [
                {"task": "adding", "cell": "simple"},
                {"task": "toys", "cell": "coupled"},
                {"task": "toys", "cell": "gru, uncoupled"},
                *({"task": t, "cell": c} for t in ("adding", "toys") for c in UNSQUASHED),
            ],
        },
        try_rates,
        seeds=(100, 101, 102),
        kind="learned",
        tolerance=0.5,
    ),
    *(
        Sweep(
            f"contest-{task}",
            {"task": task, "cases": [c for k, c in enumerate(cases) if c not in cases[:k]]},
            compete,
            kind="learned",
            tolerance=0.1,
        )
        for task, cases in CASES.items()
    ),
    Sweep(
        "contest-taught",
        {
            "task": "toys",
            "cases": [
                {"cell": "gru", "rate": 0.03, "turns": 30},
                {"cell": "gru", "rate": 0.03, "updates": 4800},
                {"cell": "gru", "rate": 0.03, "units": 16},
            ],
        },
        compete,
        kind="learned",
        tolerance=0.1,
    ),
    Sweep(
        "contest-longer",
        {"task": "adding", "cases": [{"cell": "simple", "rate": 0.003, "updates": 5000}]},
        compete,
        seeds=tuple(range(10)),
        kind="learned",
        tolerance=0.1,
    ),
    Sweep(
        "contest-time",
        {
            "cells": ["simple", "lstm", "peephole", "coupled", "gru", "gru, reset before"],
            "features": 32,
            "steps": 50,
            "batch": 32,
            "units": 128,
            "budget": 60000,
            "at_once": 4,
        },
        clock,
        seeds=tuple(range(10)),
        kind="timing",
    ),
)
