"""Series that nobody generated from a formula, and prices that nobody can forecast: the sweeps.

Cast: `price_paths` draws prices that follow a competitor's, or nothing; `recorded` reads
an EEG or a share and cuts it in time before it is cut into windows; `compare` trains
networks on either and sets their error beside that of repeating the last value.
"""

import numpy as np

from rnncourse.data.recordings import read_closes, read_eeg, sample_path
from rnncourse.data.series import next_step_windows
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.forecasting import learn, start, walk


def price_paths(link: float, features: int, window: int, shape: tuple, rng) -> np.ndarray:
    """Prices of a share, in steps of standard deviation 1, from 0 at the beginning of each window.

    Its step is `link` times what the competitor's price did a step before, and for the rest
    chance. From its own past it cannot be told; with the competitor's, 1 - link² is left.

    Args:
        link: 0 … 1.
        features: 1 for the share alone, 2 for the share and the competitor.
        window: L.
        shape: Of the batch.
        rng: A NumPy random generator.

    Returns:
        `(L + 1, *shape, features)`.

    >>> price_paths(0.6, 2, 20, (5,), np.random.default_rng(0)).shape
    (21, 5, 2)
    """
    leader, chance = rng.normal(size=(2, window + 1, *shape))
    steps = np.sqrt(1 - link**2) * chance
    steps[1:] += link * leader[:-1]
    both = np.stack([steps, leader], axis=-1)
    both[0] = 0  # what led there is out of sight
    return both.cumsum(axis=0)[..., :features].astype(np.float32)


def recorded(series: str, features: int, share: float):
    """A recorded series, cut in two in time.

    Args:
        series: `"eeg"` in standard deviations, or `"google"`: logarithms of the closing price,
            in standard deviations of a day's step before the cut.
        features: Of the EEG, how many channels; the first is the one to forecast.
        share: Of the steps that come before the cut.

    Returns:
        `(before, after)`, `(T, F)` each.
    """
    if series == "eeg":
        values = read_eeg(sample_path("eeg.dat"))[:, :features]
        border = int(share * len(values))
        return values[:border], values[border:]
    prices = np.log(read_closes(sample_path("goog.npz"))[1])
    border = int(share * len(prices))
    values = prices[:, None] / np.std(np.diff(prices[:border]))
    return values[:border], values[border:]


def linear_forecast(before: np.ndarray, after: np.ndarray, lags: int, skip: int) -> np.ndarray:
    """Squared misses after the cut of the best linear rule before it, for the first channel.

    Args:
        before: `(T, F)`, to fit on.
        after: To forecast.
        lags: Values of every channel that the rule uses.
        skip: First step of `after` that counts.

    Returns:
        `(T - skip,)`, one for each step of `after` that counts.
    """

    def table(values):
        x, y = next_step_windows(values, lags)
        return np.c_[x.reshape(len(x), -1), np.ones(len(x))], y[:, -1, 0]

    x, y = table(before)
    rule, *_ = np.linalg.lstsq(x, y, rcond=None)
    x, y = table(after)
    return (x @ rule - y)[skip - lags :] ** 2


def _windows(settings, values):
    """Inputs and targets `(L, B, F)`, `(L, B, 1)`; prices from the first of each window on."""
    x, y = (w.swapaxes(0, 1) for w in next_step_windows(values, settings["window"]))
    origin = x[:1] if settings["series"] == "google" else np.zeros_like(x[:1])
    return (x - origin).astype(np.float32), (y - origin)[..., :1].astype(np.float32)


def batches_of(settings: dict, seeds):
    """`draw(k)` for the training, and what to test on: inputs, targets, `(L, N, B, ·)`."""
    window, features, N = settings["window"], settings["features"], len(seeds)
    generators = [np.random.default_rng([seed, 1]) for seed in seeds]
    if settings["series"] == "walk":

        def paths(rng, count):
            values = price_paths(settings["link"], features, window, (1, count), rng)
            return values[:-1], values[1:, ..., :1]

        def draw(k):
            pairs = [paths(rng, settings["batch"]) for rng in generators]
            return tuple(np.concatenate(each, axis=1) for each in zip(*pairs, strict=True))

        x, y = paths(np.random.default_rng(10**6), settings["tests"])
    else:
        before, after = recorded(settings["series"], features, settings["share"])
        known_x, known_y = _windows(settings, before)

        def draw(k):
            count, batch = known_x.shape[1], settings["batch"]
            rows = np.stack([rng.integers(0, count, batch) for rng in generators])
            return known_x[:, rows], known_y[:, rows]

        x, y = (values[:, None] for values in _windows(settings, after))
    return draw, tuple(np.broadcast_to(v, (window, N, *v.shape[2:])) for v in (x, y))


def compare(config: dict, seeds) -> list[dict]:
    """Every case: error of the last forecast of each test window, and that of the last value.

    Returns:
        For each seed `error` and `ratio`, one number for each case; with a `burst`, a range of
        test windows, in the configuration also `outside`, the error without these windows.
    """
    names = ("error", "ratio", "outside") if "burst" in config else ("error", "ratio")
    found = [{name: [] for name in names} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        draw, (x, y) = batches_of(settings, seeds)
        weights, _ = learn(settings, draw, start(settings["units"], seeds, settings["features"]))
        # One window after the other: all at once would not fit into a small memory.
        said = np.concatenate(
            [walk(weights, x[:, :, k : k + 500])[1][-1] for k in range(0, x.shape[2], 500)], axis=1
        )
        misses = (said - y[-1])[..., 0].astype(np.float64) ** 2  # (N, B)
        error = misses.mean(axis=1)
        last_value = np.mean((x[-1, 0, :, :1] - y[-1, 0]) ** 2, dtype=np.float64)
        for metrics, e in zip(found, error, strict=True):
            metrics["error"].append(float(f"{e:.4g}"))
            metrics["ratio"].append(float(f"{e / last_value:.4g}"))
        if "burst" in config:
            outside = np.delete(misses, np.arange(*config["burst"]), axis=1).mean(axis=1)
            for metrics, e in zip(found, outside, strict=True):
                metrics["outside"].append(float(f"{e:.4g}"))
    return found


SETTINGS = {
    "window": 20,
    "batch": 50,
    "units": 20,
    "iterations": 1500,
    "rate": 0.002,
    "schedule": "cosine",
    "tests": 5000,
    "share": 0.75,
}

SWEEPS = (
    Sweep(
        "price-walks",
        SETTINGS
        | {
            "series": "walk",
            "cases": [
                {"link": 0.0, "features": 1},
                {"link": 0.6, "features": 1},
                {"link": 0.6, "features": 2},
            ],
        },
        compare,
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "recorded-series",
        SETTINGS
        | {
            "burst": [60, 80],
            "cases": [
                {"series": "eeg", "features": 1},
                {"series": "eeg", "features": 4},
                {"series": "google", "features": 1},
            ],
        },
        compare,
        kind="learned",
        tolerance=0.05,
    ),
)
