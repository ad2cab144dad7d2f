"""What a sweep is: settings in plain sight, and a function of them and of a seed.

Cast: a `Sweep` names an experiment, its settings, its seeds, and how exactly it
comes out again elsewhere; `one_by_one` runs seed after seed with a line of progress.
The modules beside this one end in a tuple `SWEEPS` of them.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


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
        files: What it reads below `$RNNCOURSE_DATA`, which does not come with the course.
    """

    name: str
    config: dict
    run_all: Callable[[dict, tuple], list[dict]]
    seeds: tuple[int, ...] = tuple(range(20))
    kind: str = "exact"
    tolerance: float = 1e-3
    files: tuple[str, ...] = ()

    def run(self, config: dict, seed: int) -> dict:
        """The metrics of one seed."""
        return self.run_all(config, (seed,))[0]

    def missing(self) -> list[str]:
        """Those of its files that are not there."""
        folder = Path(os.environ.get("RNNCOURSE_DATA", "."))
        return [name for name in self.files if not (folder / name).is_file()]


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
