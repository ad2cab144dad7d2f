"""What a sweep leaves behind, so that anyone can check it.

Cast: a sweep runs one experiment under many seeds; a `Record` keeps its
configuration, the code revision, the package versions, the hardware, the wall
time and *every* seed's numbers. It is a small JSON file that ships with the
package, and the lessons plot it.

Three kinds. An `exact` record can be run again anywhere with the same result up
to its tolerance, so a test reruns one seed of each. A `learned` one comes from
trainings so long that a rounding difference between two processors may send one
seed another way; a test reruns one seed under one of its cases and expects it
among the others. A `timing` record depends on the machine, so only ratios within
one run mean anything.
"""

import importlib.metadata
import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

RECORDED = Path(__file__).with_name("recorded")
KINDS = ("exact", "learned", "timing")


@dataclass(frozen=True)
class Record:
    """The result of one sweep.

    Attributes:
        name: File stem, kebab-case.
        kind: `"exact"`, `"learned"` or `"timing"`.
        config: The experiment's settings, plain JSON data.
        results: Seed (as text) → metric → number or nested list of numbers.
        tolerance: How far a rerun may be off: relative if exact, absolute beyond
            the range over all seeds if learned.
        revision: Commit of the code that ran, with `+` if the code had changes.
        versions: Package → version.
        hardware: What it ran on.
        seconds: Wall time of the whole sweep.
    """

    name: str
    kind: str
    config: dict
    results: dict
    tolerance: float
    revision: str
    versions: dict
    hardware: dict
    seconds: float

    def metrics(self) -> set[str]:
        """The names of what it holds for each seed."""
        return set(next(iter(self.results.values())))

    def values(self, metric: str) -> np.ndarray:
        """One metric of every seed: `(seeds, ...)`, seeds in ascending order.

        Raises:
            KeyError: No such metric; the message lists those there are.
        """
        if metric not in self.metrics():
            known = sorted(self.metrics())
            raise KeyError(f"record {self.name!r} has no metric {metric!r}: it has {known}")
        return np.array(
            [self.results[s][metric] for s in sorted(self.results, key=int)], np.float64
        )


def load(name: str, folder: Path = RECORDED) -> Record:
    """Read a record that ships with the package.

    Args:
        name: Its name, for instance `"latch"`.
        folder: Where to look.

    Raises:
        FileNotFoundError: No such record; the message lists those there are.
        ValueError: The file is no record, or not whole.

    >>> load("latch").kind
    'exact'
    """
    path = Path(folder) / f"{name}.json"
    if not path.is_file():
        known = sorted(p.stem for p in Path(folder).glob("*.json"))
        raise FileNotFoundError(
            f"no record {name!r}, there are {known}: run `make sweep NAME={name}`"
        )
    try:
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(
            f"{path.name} is no whole record ({error}): run `make sweep NAME={name}`"
        ) from error
    if record.kind not in KINDS or record.name != name or not record.results:
        raise ValueError(
            f"{path.name} must hold a record named {name!r} of kind {KINDS} with results"
        )
    return record


def save(record: Record, folder: Path = RECORDED) -> Path:
    """Write a record: sorted keys, one line a seed, the old file replaced in one move."""
    fields = asdict(record)
    seeds = ",\n".join(
        f'  "{seed}": {json.dumps(record.results[seed], sort_keys=True)}'
        for seed in sorted(record.results, key=int)
    )
    lines = [
        f' "{key}": '
        + (f"{{\n{seeds}\n }}" if key == "results" else json.dumps(value, sort_keys=True))
        for key, value in sorted(fields.items())
    ]
    path = Path(folder) / f"{record.name}.json"
    partial = path.with_suffix(".partial")
    partial.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    os.replace(partial, path)
    return path


def differences(recorded: dict, rerun: dict, tolerance: float) -> list[str]:
    """Where the rerun of a seed departs from its record, as readable lines; none if it agrees.

    >>> differences({"loss": 1.0}, {"loss": 1.1}, tolerance=0.01)
    ['loss: recorded 1.0, got 1.1']
    """
    found = [f"{name}: only in one of the two" for name in sorted(recorded.keys() ^ rerun.keys())]
    for name in sorted(recorded.keys() & rerun.keys()):
        old, new = np.asarray(recorded[name], float), np.asarray(rerun[name], float)
        same = old.shape == new.shape and bool(
            np.all(np.abs(new - old) <= tolerance * max(1e-300, np.max(np.abs(old), initial=0)))
        )
        if not same:
            found.append(f"{name}: recorded {recorded[name]}, got {rerun[name]}")
    return found


def strays(record: Record, case: int, rerun: dict) -> list[str]:
    """Where the rerun of one case of a `learned` record lies outside the range over its seeds.

    Args:
        record: The record; its metrics hold one entry for each case.
        case: Index of the case.
        rerun: Metrics of a sweep over that case alone.
    """
    found = [f"{name}: not in the record" for name in sorted(rerun.keys() - record.metrics())]
    for name in sorted(rerun.keys() & record.metrics()):
        recorded = np.array([metrics[name][case] for metrics in record.results.values()])
        got = np.asarray(rerun[name][0], float)
        low, high = recorded.min(axis=0), recorded.max(axis=0)
        if np.any(got < low - record.tolerance) or np.any(got > high + record.tolerance):
            found.append(f"{name}: recorded {low} to {high}, got {got}")
    return found


def revision() -> str:
    """The commit of the package, `+` if its code has changes, `"unknown"` outside a repository."""
    here = Path(__file__).parent

    def git(*arguments):
        done = subprocess.run(
            ["git", "-C", here, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        # Records that a run has just written are no change of what ran.
        changed = git("status", "--porcelain", "--", "..", f":!{RECORDED.name}")
        return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def versions(packages=("numpy", "keras", "tensorflow")) -> dict:
    """Versions of Python and of the packages that are installed, without importing them."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> dict:
    """Processor architecture and number of cores."""
    return {"machine": platform.machine(), "cores": os.cpu_count(), "system": platform.system()}
