"""The sweeps of lesson 08: stacks of the same size on two tasks, and dropout in every place.

Each case changes some of `DIGITS`'s or `PARITY`'s settings; `depth.try_cases` trains one
stack for each seed under it.
"""

from rnncourse.reproduce.depth import seconds, try_cases, try_masks, try_pixels
from rnncourse.reproduce.experiments import Sweep

DIGITS = {"task": "digits", "batch": 50, "updates": 1200, "rate": 0.003}
PARITY = {"task": "parity", "steps": 16, "last": 8, "batch": 20, "updates": 2000, "rate": 0.01}
LEARNED = {"run_all": try_cases, "kind": "learned"}
FEW, ALL = 100, 1077
RATES = (0.001, 0.003, 0.01)
DROPPED = (
    {"drop": 0},
    *({"places": ["inputs"], "drop": drop} for drop in (0.1, 0.25, 0.5)),
    {"places": ["inputs"], "drop": 0.25, "mask": "sequence"},
    *({"places": ["between"], "drop": drop} for drop in (0.25, 0.5)),
    {"places": ["between"], "drop": 0.5, "mask": "sequence"},
    *({"places": ["outputs"], "drop": drop} for drop in (0.25, 0.5)),
    *(
        {"places": ["state"], "drop": drop, "mask": mask}
        for drop in (0.25, 0.5)
        for mask in ("step", "sequence")
    ),
    # As sources C and A have it, at their one half.
    {"places": ["inputs", "between"], "drop": 0.5},
    {"places": ["inputs", "between", "outputs"], "drop": 0.5},
)

SWEEPS = (
    Sweep(
        "stack-pixels",
        {"C": [0.1, 1.0, 10.0], "cases": [{"train": FEW}, {"train": ALL}]},
        try_pixels,
        kind="learned",
        tolerance=0.02,
    ),
    Sweep(
        "stack-depth",
        DIGITS
        | {
            "parameters": 3000,
            "cases": [
                {"train": train, "layers": layers, "rate": rate}
                for train in (FEW, ALL)
                for layers in (1, 2, 3, 5)
                for rate in RATES
            ],
        },
        tolerance=0.02,
        **LEARNED,
    ),
    # Deep or narrow? One layer of 46 and five of 17 have the same parameters.
    Sweep(
        "stack-narrow",
        DIGITS
        | {
            "train": FEW,
            "cases": [
                {"layers": layers, "units": units} for layers in (1, 5) for units in (46, 17)
            ],
        },
        tolerance=0.02,
        **LEARNED,
    ),
    Sweep(
        "stack-parity",
        PARITY
        | {
            "cases": [
                {"layers": layers, "units": units, "rate": rate}
                for layers, units in ((1, 12), (2, 12), (3, 12), (1, 20), (3, 9))
                for rate in (0.003, 0.01, 0.03)
            ],
        },
        tolerance=0.02,
        **LEARNED,
    ),
    Sweep(
        "stack-shared",
        DIGITS
        | {
            "project": True,
            "cases": [
                {"train": train, "layers": layers, "units": units, "shared": shared}
                for train in (FEW, ALL)
                for layers, units, shared in (
                    (3, 22, False),
                    (3, 22, True),
                    (3, 36, True),
                    (1, 22, False),
                )
            ],
        },
        tolerance=0.02,
        **LEARNED,
    ),
    Sweep(
        "stack-dropout",
        DIGITS
        | {
            "layers": 2,
            "units": 48,
            "updates": 800,
            "cases": [{"train": train} | case for train in (FEW, ALL) for case in DROPPED]
            + [{"train": ALL, "units": 8} | case for case in (DROPPED[0], DROPPED[6])],
        },
        tolerance=0.02,
        **LEARNED,
    ),
    Sweep(
        "stack-patience",
        DIGITS
        | {
            "layers": 2,
            "units": 48,
            "updates": 2400,
            "train": ALL,
            "cases": [
                {"drop": 0},
                {"places": ["inputs", "between"], "drop": 0.5},
                {"places": ["inputs", "between", "outputs"], "drop": 0.5},
            ],
        },
        tolerance=0.02,
        **LEARNED,
    ),
    Sweep(
        "stack-masks",
        DIGITS
        | {
            "layers": 2,
            "units": 48,
            "updates": 800,
            "train": FEW,
            "masks": 50,
            "asked": 0.5,
            # With 0, the crowd is asked that no training ever thinned.
            "cases": [
                {"places": [place], "drop": drop}
                for drop in (0.5, 0)
                for place in ("inputs", "between", "outputs")
            ],
        },
        try_masks,
        kind="learned",
        tolerance=0.02,
    ),
    Sweep(
        "stack-seconds",
        {"layers": [1, 2, 3, 5], "parameters": 3000, "batch": 50, "rounds": 30},
        seconds,
        seeds=tuple(range(5)),
        kind="timing",
    ),
)
