"""`make bench`: the course's training loop beside others, as tables of ratios.

Cast: three tasks, each with contenders that train the same small network. Each
warms up, then they take turns for five rounds. Time is taken from the end of a
run's first pass to the end of its last: compiling, and what a call of `fit` costs
once, is left out for everyone alike. Absolute times belong to one machine at one
moment; of a table, only ratios are worth remembering.
"""

import argparse
import gc
import importlib.util
import json
import sys
from math import ceil
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np

from rnncourse.reproduce.records import hardware, versions
from tools.classifier import classifier_task
from tools.contenders import FIT, NUMPY, OURS, TORCH, TORCH_ALONE, Task
from tools.echo import echo_task
from tools.forecaster import forecaster_task

TASKS = {"echo": echo_task, "classifier": classifier_task, "forecaster": forecaster_task}
ROUNDS = 5
CALM = 1.6  # the rounds of one contender on a quiet machine differ by less
INSTALL = 'not installed: .venv/bin/pip install -e ".[bench]"'


class Row(NamedTuple):
    """One contender's part: seconds of its first pass, that pass's loss, steps/s of each round."""

    first_pass: float
    loss: float
    rates: list[float]


def watched(run, passes: int) -> tuple[list[float], list[float]]:
    """The moments of start and ticks, `passes + 1` of them, and the losses.

    The garbage collector rests meanwhile, for everyone alike.
    """
    gc.collect()
    gc.disable()
    try:
        moments = [perf_counter()]
        losses = run(passes, lambda: moments.append(perf_counter()))
    finally:
        gc.enable()
    return moments, [float(loss) for loss in losses]


def compete(task: Task, without=(), seconds: float = 0.8, say=print) -> dict[str, Row]:
    """Let all contenders train in turn, five rounds, each round with another one first.

    Args:
        task: What they train on.
        without: Names of contenders that stay away.
        seconds: How long each is watched in a round, about.
        say: Takes the news.

    Returns:
        Name → row, in the order of the contenders.
    """
    steps, runs, passes, rows = len(task.x), {}, {}, {}
    contenders = {k: v for k, v in task.contenders.items() if k not in without}
    for name, contender in contenders.items():
        say(f"warming up: {name}")
        runs[name] = contender(task)
        moments, losses = watched(runs[name], 3)
        passes[name] = ceil(seconds / min(np.diff(moments[1:])))
        rows[name] = Row(moments[1] - moments[0], losses[0], [])
    names = list(contenders)
    for k in range(ROUNDS):
        say(f"round {k + 1} of {ROUNDS}")
        for name in names[k % len(names) :] + names[: k % len(names)]:
            moments, _ = watched(runs[name], 1 + passes[name])
            rows[name].rates.append(steps * passes[name] / (moments[-1] - moments[1]))
    return rows


def table(rows: dict[str, Row]) -> str:
    """The rows, fastest first, with a verdict below them."""
    medians = {name: median(row.rates) for name, row in rows.items()}
    others = [name for name in (TORCH, FIT) if name in rows]
    header = f"{'':18}" + "".join(f"{'× ' + name:>17}" for name in others)
    header += f"{'median':>9}  {'steps/s in rounds 1 to ' + str(ROUNDS):{7 * ROUNDS}}"
    lines = [header + f"{'first pass':>12}{'its loss':>10}"]
    for name in sorted(rows, key=medians.get, reverse=True):
        row = rows[name]
        line = f"{name:18}"
        line += "".join(f"{medians[name] / medians[other]:17.2f}" for other in others)
        line += f"{medians[name]:9.0f}  " + "".join(f"{rate:<7.0f}" for rate in row.rates)
        lines.append(line + f"{row.first_pass:10.2f} s{row.loss:10.4f}")
    if TORCH not in rows:
        lines.append(f"{TORCH:18} {INSTALL}")
    fastest = max(medians, key=medians.get)
    rival = next(name for name in (NUMPY, TORCH, FIT) if name in medians)
    ratio = medians[OURS] / medians[rival]
    lines += ["", f"The fastest is {fastest}. {OURS} trains at {ratio:.2f} × {rival}."]
    unrest, name = max((max(row.rates) / min(row.rates), name) for name, row in rows.items())
    if unrest > CALM:
        lines.append(
            f"The rounds of {name} differ by a factor of {unrest:.1f}: something else was running. "
            "Take the ratios from a quieter moment."
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """The command line; a slow machine is no failure, so the exit status is 0."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", help=f"{', '.join(TASKS)}: all unless named")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything there, too")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.tasks if name not in TASKS]:
        parser.error(f"no task {unknown[0]}: choose among {', '.join(TASKS)}")
    without = () if importlib.util.find_spec("torch") else (TORCH, TORCH_ALONE)
    packages = versions(("numpy", "keras", "tensorflow", "torch"))
    facts = {"hardware": hardware(), "versions": packages, "tasks": {}}
    for topic in ("hardware", "versions"):
        print(listed(topic, facts[topic]))
    for name in asked.tasks or TASKS:
        print(f"{name}:", file=sys.stderr)
        task = TASKS[name]()
        rows = compete(task, without, say=lambda news: print(news, file=sys.stderr))
        print("\n" + listed(name, task.sizes) + "\n\n" + table(rows), flush=True)
        results = {k: row._asdict() | {"median": median(row.rates)} for k, row in rows.items()}
        facts["tasks"][name] = {"sizes": task.sizes, "results": results}
    if asked.json:
        asked.json.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return 0


def listed(topic: str, facts: dict) -> str:
    """One line of facts."""
    return f"{topic:12}" + ", ".join(f"{name} {value}" for name, value in facts.items())


if __name__ == "__main__":
    raise SystemExit(main())
