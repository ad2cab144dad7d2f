"""The sweeps behind the lessons: one experiment, many seeds, one record.

`python -m rnncourse.reproduce.sweeps [NAME …]`, or `make sweep NAME=…`, runs the
sweeps that the modules beside this one define and writes their records.
"""

import argparse
import sys
import time

from rnncourse.reproduce import (
    agreements,
    borrowing,
    comebacks,
    contest_sweeps,
    depth_sweeps,
    digits,
    drinks,
    echo_sweeps,
    fable,
    fading,
    feeding,
    freezing,
    habits,
    interpreters,
    interpreting,
    language,
    latches,
    look_costs,
    look_sweeps,
    markets,
    noise_costs,
    packings,
    patience,
    place_controls,
    places,
    polarity,
    projections,
    records,
    remedy_sweeps,
    rests,
    simultaneous,
    skip_grams,
    tales,
    translating,
    treebank,
    tunesmiths,
    unrolling,
    waves,
    wikipedia,
)
from rnncourse.reproduce.experiments import Sweep

SWEEPS = {
    sweep.name: sweep
    for module in (
        habits,
        comebacks,
        interpreters,
        latches,
        unrolling,
        echo_sweeps,
        digits,
        patience,
        depth_sweeps,
        fading,
        remedy_sweeps,
        waves,
        markets,
        projections,
        treebank,
        language,
        feeding,
        agreements,
        rests,
        packings,
        contest_sweeps,
        fable,
        tales,
        skip_grams,
        tunesmiths,
        place_controls,
        places,
        drinks,
        noise_costs,
        look_sweeps,
        look_costs,
        translating,
        simultaneous,
        borrowing,
        wikipedia,
        polarity,
        freezing,
        interpreting,
    )
    for sweep in module.SWEEPS
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
    absent = {name: SWEEPS[name].missing() for name in names}
    for name in names:
        if absent[name]:
            print(f"{name} left out: $RNNCOURSE_DATA has no {absent[name][0]}", file=sys.stderr)
        else:
            print(records.save(run(SWEEPS[name])).name)
    return int(any(absent.values()))


if __name__ == "__main__":
    sys.exit(main())
