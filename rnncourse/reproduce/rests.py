"""A note is held, and then a rest as long: cells that time an interval, with and without peepholes.

Cast: `held_notes` makes the task; `trained` are networks that have heard short notes, and
`on_time` says after which notes they ring; `try_cases` asks how long a note may be until a
network loses count. The networks are those of `remedies`.
"""

import numpy as np

from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.remedies import PLAIN, forward, learn
from rnncourse.shapes import require_integer, require_numbers, require_rank


def held_notes(lengths, steps: int):
    """Notes of given lengths; the bell rings at the last step of a rest that is as long.

    Args:
        lengths: Steps of each note, at least 1, `(B,)`.
        steps: T, at least twice the longest note.

    Returns:
        `(x, y)`: inputs `(B, T, 1)`, 1 while the note sounds and 0 after; targets `(B, T)`, 1
        at step 2 · length - 1 and else 0.

    Raises:
        ValueError: Lengths below 1, or too few steps.
        TypeError: Anything but numbers.

    >>> x, y = held_notes([2], 6)
    >>> x[0, :, 0].tolist(), y[0].tolist()
    ([1.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    """
    lengths = require_numbers("lengths", lengths)
    require_rank("lengths", lengths.shape, "B")
    require_integer("steps", steps, 2, "a note and its rest take two")
    if not np.all((lengths >= 1) & (2 * lengths <= steps)):
        raise ValueError(
            f"`lengths` must lie between 1 and {steps // 2}, half of the {steps} steps, got "
            f"{lengths.min():g} to {lengths.max():g}: a rest as long must fit in"
        )
    t = np.arange(steps)
    x, y = t < lengths[:, None], t == 2 * lengths[:, None] - 1
    return x[..., None].astype(float), y.astype(float)


def rings(setting: dict, w: dict, x):
    """Where each network would ring the bell, `(N, B, T)` of truth values.

    Args:
        setting: Of `remedies`.
        w: Weights of N networks.
        x: Inputs, `(B, T, 1)`.
    """
    x = np.repeat(x.astype(np.float32).transpose(1, 0, 2)[:, None], len(w["W_hh"]), axis=1)
    with np.errstate(over="ignore"):
        h, tape = forward(setting, w, x)
    h = np.stack([before for before, _ in tape[1:]] + [h])  # (T, N, B, H)
    return (h @ w["W_hy"] + w["b_y"])[..., 0].transpose(1, 2, 0) > 0


def trained(setting: dict, seeds) -> dict:
    """Networks trained on notes of 1 to `setting["longest"]` steps.

    Args:
        setting: Of `remedies`, with `longest`, `units`, `batch`, `updates` and `rate`.
        seeds: One network each.

    Returns:
        Their weights.
    """
    longest = setting["longest"]

    def draw(rng):
        return held_notes(rng.integers(1, longest + 1, setting["batch"]), 2 * longest + 3)

    given = {name: setting[name] for name in ("units", "updates", "rate")}
    return learn(setting, draw, seeds, features=1, **given)[0]


def on_time(setting: dict, w: dict, asked: int):
    """Whether each network rings once, and on time, after notes of 1 to `asked` steps.

    Args:
        setting: Of `remedies`.
        w: Weights of N networks.
        asked: The longest note.

    Returns:
        `(N, asked)` of truth values.
    """
    x, y = held_notes(np.arange(1, asked + 1), 2 * asked + 10)
    return np.all(rings(setting, w, x) == (y > 0), axis=-1)


def try_cases(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]` on notes up to `longest`, and ask about longer ones.

    Args:
        config: As for `trained`, with `asked`, in steps, and `cases`: settings to put on top.
        seeds: One network each.

    Returns:
        For each seed a number for each case under
        `heard`: share of the lengths of the training at which it rings once, and on time;
        `count`: the longest note up to which it does so at every length, at most `asked`.
    """
    results: list[dict] = [{"heard": [], "count": []} for _ in seeds]
    for case in config["cases"]:
        setting = PLAIN | config | case
        exact = on_time(setting, trained(setting, seeds), config["asked"])
        count = np.where(exact.all(axis=1), config["asked"], exact.argmin(axis=1))
        for result, row, n in zip(results, exact, count, strict=True):
            result["heard"].append(round(float(np.mean(row[: config["longest"]])), 4))
            result["count"].append(int(n))
    return results


# 73 numbers with the read-out, and 101.
CELLS = {
    "peephole LSTM, 3 units": {"cell": "peephole", "units": 3},
    "LSTM, 4 units": {"cell": "lstm", "units": 4},
}
# Of each kind the rate is chosen on the first ten seeds and told on the other forty.
CHOSEN_ON = 10
SWEEPS = (
    Sweep(
        "held-notes",
        {"optimizer": "adam", "loss": "at each step", "clip": 1, "batch": 16, "updates": 2000}
        | {
            "longest": 12,
            "asked": 60,
            "cases": [
                {"name": name, "gate_bias": bias, "rate": rate} | cell
                for bias in (1, ["chrono", 24])
                for name, cell in CELLS.items()
                for rate in (0.01, 0.03)
            ],
        },
        try_cases,
        seeds=tuple(range(50)),
        kind="learned",
        tolerance=5,
    ),
)
