"""The sweeps of lesson 05: source K's settings, and what is varied around them.

Each case changes some of `ECHO`'s settings; `echo.try_cases` trains one network for
each seed under it.
"""

from rnncourse.reproduce.echo import try_cases
from rnncourse.reproduce.experiments import Sweep

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
LEARNED = {"run_all": try_cases, "kind": "learned"}

SWEEPS = (
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
)
