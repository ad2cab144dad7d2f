"""The sweeps behind the lessons: one experiment, many seeds, one record.

Cast: a `Sweep` holds its settings in plain sight and a function of (settings,
seed) that returns numbers. `python -m rnncourse.reproduce.sweeps [NAME …]`, or
`make sweep NAME=…`, runs it and writes the record.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncourse.reproduce import echo, records, unrolling


@dataclass(frozen=True)
class Sweep:
    """One experiment over many seeds.

    Attributes:
        name: Name of the record.
        config: Settings, plain JSON data.
        run_all: `(config, seeds) -> [{metric: number or list}, ...]`, one for each seed.
        seeds: The seeds.
        kind: `"exact"`, `"learned"` or `"timing"`, see `records`.
        tolerance: How far a rerun may be off: relative if exact, absolute if learned.
    """

    name: str
    config: dict
    run_all: Callable[[dict, tuple], list[dict]]
    seeds: tuple[int, ...] = tuple(range(20))
    kind: str = "exact"
    tolerance: float = 1e-3

    def run(self, config: dict, seed: int) -> dict:
        """The metrics of one seed."""
        return self.run_all(config, (seed,))[0]


def one_by_one(run: Callable[[dict, int], dict]) -> Callable[[dict, tuple], list[dict]]:
    """A function of all seeds from a function of one, with a line of progress."""

    def run_all(config, seeds):
        start, results = time.perf_counter(), []
        for done, seed in enumerate(seeds, start=1):
            results.append(run(config, seed))
            left = (time.perf_counter() - start) / done * (len(seeds) - done)
            print(f"\rseed {done}/{len(seeds)}, {left:.0f} s left ", end="", file=sys.stderr)
        print(file=sys.stderr)
        return results

    return run_all


def latch(config: dict, seed: int) -> dict:
    """How often one neuron still knows the sign of a clap after many noisy steps.

    Every neuron hears a clap of +1 or -1 and then noise alone. With its squash it
    keeps h' = tanh(w h + noise), without it s' = w s + noise; both hear the same.

    Returns:
        `squashed` and `straight`: the share of right signs, one for each gain w.
    """
    rng = np.random.default_rng(seed)
    claps = rng.choice([-1.0, 1.0], size=config["neurons"])
    noise = config["noise"] * rng.standard_normal((config["steps"], config["neurons"]))
    right: dict[str, list[float]] = {"squashed": [], "straight": []}
    for gain in config["gains"]:
        h, s = np.tanh(claps), claps
        for n in noise:
            h, s = np.tanh(gain * h + n), gain * s + n
        right["squashed"].append(float(np.mean(np.sign(h) == claps)))
        right["straight"].append(float(np.mean(np.sign(s) == claps)))
    return right


def one_matmul(config: dict, seed: int) -> dict:
    """Seconds for one pass over time, its products taken in three ways.

    Two products at each step; one product of joined input and state; or x W_xh
    for all steps first, which leaves one product a step.

    Returns:
        `numpy_two`, `numpy_one`, `numpy_hoisted` and the same for `tensorflow`
        (inside a `tf.function`): seconds per pass, one for each number of units.
        The variants take turns, and the best of `rounds` counts.
    """
    # TensorFlow takes seconds to import, and no other sweep here needs it.
    import tensorflow as tf

    rng = np.random.default_rng(seed)
    steps, batch = config["steps"], config["batch"]
    libraries = {
        "numpy": (np, np.concatenate, np.asarray, lambda f: f),
        "tensorflow": (tf, tf.concat, tf.constant, tf.function),
    }
    seconds: dict[str, list[float]] = {}
    for units in config["units"]:
        arrays = [
            rng.standard_normal(shape).astype(np.float32) / units for shape in [(units, units)] * 2
        ]
        X = rng.standard_normal((steps, batch, units)).astype(np.float32)
        variants = {}
        for library, (module, concat, array, compiled) in libraries.items():
            data = [array(a) for a in (X, *arrays, np.concatenate(arrays), np.zeros_like(X[0]))]
            for name, function in passes(*data, module, concat).items():
                variants[f"{library}_{name}"] = compiled(function)
        for name, value in fastest(variants, config["rounds"]).items():
            seconds.setdefault(name, []).append(value)
    return seconds


def passes(X, W_xh, W_hh, W, h0, module, concat) -> dict[str, Callable]:
    """The same walk over time written three ways, with the functions of NumPy or TensorFlow."""
    steps, batch, features = X.shape
    tanh, reshape = module.tanh, module.reshape

    def two():
        h = h0
        for t in range(steps):
            h = tanh(X[t] @ W_xh + h @ W_hh)
        return h

    def one():
        h = h0
        for t in range(steps):
            h = tanh(concat([X[t], h], 1) @ W)
        return h

    def hoisted():
        # One flat product: a three-dimensional one is a loop of small ones in TensorFlow.
        sums = reshape(reshape(X, (steps * batch, features)) @ W_xh, X.shape)
        h = h0
        for t in range(steps):
            h = tanh(sums[t] + h @ W_hh)
        return h

    return {"two": two, "one": one, "hoisted": hoisted}


def fastest(functions: dict[str, Callable], rounds: int) -> dict[str, float]:
    """Seconds per call of each function: they take turns, the best round counts."""
    best = dict.fromkeys(functions, np.inf)
    for _ in range(rounds + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


# The settings of source K: a window of 15 steps, five rows of 10,000 bits an epoch.
ECHO = {
    "units": 4,
    "echo_step": 3,
    "window": 15,
    "batch": 5,
    "width": 10_000,
    "rate": 0.3,
    "updates": 20_000,
}
LEARNED = {"run_all": echo.try_cases, "kind": "learned"}

SWEEPS = {
    sweep.name: sweep
    for sweep in (
        Sweep(
            "echo-epoch",
            ECHO | {"cases": [{"width": width} for width in (75, 150, 300, 1500, 10_000)]},
            tolerance=0.02,
            **LEARNED,
        ),
        Sweep(
            "echo-window",
            ECHO
            | {
                "updates": 6000,
                "cases": [
                    {"reset": reset, "units": units, "rate": rate, "window": window}
                    for reset, units, rate in (
                        (True, 4, 0.1),
                        (True, 16, 0.1),
                        (False, 4, 0.1),
                        (False, 16, 0.03),
                    )
                    for window in (1, 2, 3, 4, 5, 8, 15)
                ],
            },
            tolerance=0.01,
            **LEARNED,
        ),
        Sweep(
            "echo-short-window",
            ECHO
            | {
                "window": 3,
                "updates": 60_000,
                "marks": [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000],
                "cases": [
                    {"units": units, "rate": rate, "window": window}
                    for units, rate, window in (
                        (4, 0.3, 3),
                        (4, 0.3, 2),
                        (4, 0.3, 1),
                        (4, 1, 3),
                        (4, 1, 2),
                        (4, 1, 1),
                        (16, 0.3, 3),
                    )
                ]
                + [
                    {"units": units, "frozen": frozen}
                    for units, frozen in (
                        (4, ["W_xh", "W_hh", "b"]),
                        (16, ["W_xh", "W_hh", "b"]),
                        (4, ["W_hh"]),
                        (4, ["W_xh"]),
                        (16, ["W_xh"]),
                    )
                ],
            },
            tolerance=0.02,
            **LEARNED,
        ),
        Sweep(
            "echo-stride",
            ECHO
            | {
                "rate": 0.1,
                "cases": [
                    {"window": window, "stride": stride}
                    for window, stride in ((3, 1), (4, 1), (4, 4), (15, 5))
                ],
            },
            tolerance=0.01,
            **LEARNED,
        ),
        Sweep(
            "echo-units",
            ECHO
            | {
                "rate": 0.1,
                "cases": [
                    {"units": units, "echo_step": echo_step}
                    for units, echo_steps in ((2, (1, 2)), (4, (2, 3, 4, 5)), (8, (6, 7, 8)))
                    for echo_step in echo_steps
                ],
            },
            tolerance=0.01,
            **LEARNED,
        ),
        Sweep(
            "latch",
            {
                "gains": [0, 0.5, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.75, 2, 2.5, 3],
                "noise": 0.3,
                "steps": 100,
                "neurons": 2000,
            },
            one_by_one(latch),
            # One neuron in 2,000 may fall on the other side of zero through rounding.
            tolerance=2e-3,
        ),
        Sweep(
            "one-matmul",
            {"units": [4, 8, 16, 32, 64, 128, 256, 512], "batch": 32, "steps": 50, "rounds": 20},
            one_by_one(one_matmul),
            seeds=tuple(range(5)),
            kind="timing",
        ),
        Sweep(
            "unrolling",
            unrolling.SETTINGS,
            one_by_one(unrolling.costs),
            seeds=tuple(range(3)),
            kind="timing",
        ),
    )
}


def run(sweep: Sweep) -> records.Record:
    """Run every seed of a sweep."""
    print(sweep.name, file=sys.stderr)
    start = time.perf_counter()
    results = sweep.run_all(sweep.config, sweep.seeds)
    return records.Record(
        name=sweep.name,
        kind=sweep.kind,
        config=sweep.config,
        results=dict(zip(map(str, sweep.seeds), results)),
        tolerance=sweep.tolerance,
        revision=records.revision(),
        versions=records.versions(),
        hardware=records.hardware(),
        seconds=round(time.perf_counter() - start, 1),
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the sweeps named on the command line, or all of them, and write their records."""
    parser = argparse.ArgumentParser(
        prog="python -m rnncourse.reproduce.sweeps", description=main.__doc__
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(SWEEPS)}")
    names = parser.parse_args(arguments).names or list(SWEEPS)
    unknown = [name for name in names if name not in SWEEPS]
    if unknown:
        parser.error(f"no sweep {unknown[0]!r}, there are {', '.join(SWEEPS)}")
    for name in names:
        print(records.save(run(SWEEPS[name])).name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
