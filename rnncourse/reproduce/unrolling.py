"""What a walk over time costs, for each way to write it down: the sweep.

Cast: `costs` goes through the ways of `reproduce.walks` and the numbers of steps;
`alone` measures each of them in a fresh process. This module imports no
TensorFlow: its processes do.
"""

import json
import os
import subprocess
import sys

from rnncourse.reproduce.experiments import Sweep, one_by_one

SETTINGS = {
    "batch": 128,
    "features": 32,
    "units": 64,
    "seconds": 0.5,
    "steps": [10, 50, 200, 1000],
    # Those cut short take too much memory, or minutes to compile or to run.
    "ways": {
        "static": 1000,
        "static_sliced": 200,
        "static_xla": 50,
        "loop": 1000,
        "loop_sliced": 1000,
        "loop_xla": 200,
        "keras": 1000,
        "keras_unrolled": 1000,
        "keras_reading": 1000,
    },
}
TIMEOUT = 600  # seconds for one way over one number of steps


def costs(config: dict, seed: int) -> dict[str, list[float]]:
    """Every way over every number of steps, one process after another.

    Args:
        config: `steps`, the numbers of steps; `ways`, each with the last of them
            that it is taken to; and the settings of `walks.cost`.
        seed: Of inputs and weights.

    Returns:
        `static_nodes`, `static_memory`, …: for each way and each quantity of
        `walks.cost`, one number for each number of steps up to its last.
    """
    results: dict[str, list[float]] = {}
    for way, last in config["ways"].items():
        for steps in config["steps"]:
            if steps <= last:
                for name, value in alone(way, steps, config, seed).items():
                    results.setdefault(f"{way}_{name}", []).append(value)
    return results


def alone(way: str, steps: int, config: dict, seed: int) -> dict[str, float]:
    """`walks.cost` in a process of its own, on the processor.

    Raises:
        RuntimeError: The process failed; the message ends with what it wrote last.
    """
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, "-m", "rnncourse.reproduce.walks", json.dumps([way, steps, config, seed])],
        env=os.environ | {"KERAS_BACKEND": "tensorflow"} | quiet,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise RuntimeError(f"{way} over {steps} steps ended with status {done.returncode}: {last}")
    return json.loads(done.stdout.splitlines()[-1])


SWEEPS = (
    Sweep(
        "unrolling",
        SETTINGS,
        one_by_one(costs),
        seeds=tuple(range(3)),
        kind="timing",
    ),
)
