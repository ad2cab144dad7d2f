"""Two waves to forecast, and to invent: the sweeps, and what no forecaster can do better.

Cast: `batches` draws windows of the curve from times before `known` alone; `forecast`
trains a network on them for every seed and compares what it says of any window, and of
windows that lie after `known`, with the curve itself. `creations` lets the trained
networks go on by themselves, and `verdict` says what became of each. `guess_from_one`,
`linear_floor` and `bayes_floor` are the best that one value, a linear rule, and somebody
who knows the curve can do.
"""

import numpy as np

from rnncourse.data.series import two_waves
from rnncourse.reproduce.experiments import Sweep
from rnncourse.reproduce.forecasting import Weights, invent, learn, start, walk

STEP = 0.1  # of time, from a value to the next
VERDICTS = ("resembles", "something else", "a cycle", "a point", "runs away")
RESEMBLANCE = {"range": (11.4, 45.6), "fast": (1, 4), "slow": (1.7, 99), "rest": (0, 0.1)}
RUNAWAY = 50.0  # more than four times as high as the curve ever gets


def cut(starts, window: int, noise: float = 0.0, rng=None) -> np.ndarray:
    """Values at `window` + 1 times from each start on: `(window + 1, *starts.shape, 1)`."""
    values = two_waves(np.asarray(starts)[..., None] + STEP * np.arange(window + 1))
    if noise:
        values = values + noise * rng.normal(size=values.shape)
    return np.moveaxis(values, -1, 0)[..., None].astype(np.float32)


def batches(config: dict, seeds):
    """`draw(k)`: for every seed a batch of windows that end before `known`, and the next values."""
    generators = [np.random.default_rng([seed, 1]) for seed in seeds]
    last = config["known"] - STEP * config["window"]

    def draw(k):
        starts = [rng.uniform(0, last, (1, config["batch"])) for rng in generators]
        pairs = zip(starts, generators, strict=True)
        values = [cut(each, config["window"], config["noise"], rng) for each, rng in pairs]
        values = np.concatenate(values, axis=1)  # (L + 1, N, B, 1)
        return values[:-1], values[1:]

    return draw


def fresh_windows(config: dict, first: float, noise: float = 0.0, count: int = 600):
    """Evenly spaced windows from `first` to the end: inputs `(L, 1, B, 1)` and clean targets."""
    starts = np.linspace(first, config["end"] - STEP * config["window"], count)[None]
    rng = np.random.default_rng(10**6)
    inputs = cut(starts, config["window"], noise, rng)
    return inputs[:-1], cut(starts, config["window"])[1:]


def trained(config: dict, seeds) -> tuple[Weights, np.ndarray]:
    """One network for each seed, and its losses."""
    return learn(config, batches(config, seeds), start(config["units"], seeds))


def errors(weights: Weights, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean squared error of every network at every step: `(N, L)`."""
    networks = len(weights.W_hh)
    x = np.broadcast_to(x, (len(x), networks, *x.shape[2:]))
    return np.mean((walk(weights, x)[1] - y) ** 2, axis=(2, 3), dtype=np.float64).T


def forecast(config: dict, seeds) -> list[dict]:
    """Every case: the loss on the way, and the error step by step afterwards."""
    found = [{"log": [], "anywhere": [], "future": [], "last_ten": []} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        weights, losses = trained(settings, seeds)
        noise = settings["noise"]
        anywhere = errors(weights, *fresh_windows(settings, 0.0, noise))
        future = errors(weights, *fresh_windows(settings, settings["known"], noise))
        for k, metrics in enumerate(found):
            metrics["log"].append([_short(loss) for loss in losses[:401:100, k]])
            metrics["anywhere"].append([_short(e) for e in anywhere[k]])
            metrics["future"].append([_short(e) for e in future[k]])
            metrics["last_ten"].append(_short(future[k, -10:].mean()))
    return found


def creations(config: dict, seeds) -> list[dict]:
    """Every case: what the trained networks go on with, from zeros and from an instance."""
    found = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        weights, _ = trained(settings, seeds)
        window, steps = settings["window"], settings["steps"]
        instance = cut(np.full((len(seeds), 1), settings["instance"]), window)[:-1]
        for name, beginning in (("zeros", np.zeros_like(instance)), ("instance", instance)):
            with np.errstate(over="ignore", invalid="ignore"):
                said = invent(weights, beginning, steps, window)[:, :, 0, 0].T  # (N, steps)
            said = np.nan_to_num(np.clip(said, -99, 99), nan=99.0).astype(float)
            for series, metrics in zip(said, found, strict=True):
                metrics.setdefault(name, []).append(np.round(series, 1).tolist())
    return found


def character(series: np.ndarray, tail: int = 200) -> dict[str, float]:
    """What a long series came to, in its tail: how far it swings, in which waves, how regularly.

    Args:
        series: `(T,)` with T ≥ `tail`, in steps of 0.1.
        tail: How many of the last values count.

    Returns:
        `range`, from lowest to highest; `slow` and `fast`, the amplitudes of what swings
        with an angular frequency of 0.5 to 1.5 and of 4 to 6; `rest`, the share of the
        power at other frequencies; `repeats`, how well the last half is told by an earlier
        stretch of equal length, 1 for a cycle. The curve itself has waves at 1 and 5.

    >>> found = character(two_waves(np.arange(300) * STEP))
    >>> {name: round(value, 1) for name, value in found.items()}
    {'range': 22.8, 'slow': 6.7, 'fast': 2.0, 'rest': 0.0, 'repeats': 1.0}
    """
    values = np.asarray(series, float)[-tail:]
    bell = np.hanning(tail)  # so that a wave cut off at the ends does not spread
    power = np.abs(np.fft.rfft((values - values.mean()) * bell)) ** 2
    power *= 2 / (tail * np.sum(bell**2))
    frequency = 2 * np.pi * np.fft.rfftfreq(tail, STEP)
    slow = power[(frequency > 0.5) & (frequency < 1.5)].sum()
    fast = power[(frequency > 4) & (frequency < 6)].sum()
    whole = max(power.sum(), 1e-12)
    return {
        "range": float(np.ptp(values)),
        "slow": float(np.sqrt(2 * slow)),
        "fast": float(np.sqrt(2 * fast)),
        "rest": float(1 - (slow + fast) / whole),
        "repeats": _repeats(values),
    }


def _repeats(values: np.ndarray) -> float:
    half = len(values) // 2
    last = values[-half:]
    shifted = [values[-half - lag : -lag] for lag in range(4, half + 1)]
    least = min(np.mean((last - earlier) ** 2) for earlier in shifted)
    return float(max(0.0, 1 - least / (2 * max(last.var(), 1e-12))))


def verdict(series: np.ndarray) -> str:
    """What became of an invented series: one of `VERDICTS`.

    A resemblance has a range of half to twice the curve's, a fast wave half to twice as high,
    a slow one at least a quarter as high, and at most a tenth of its power elsewhere.

    >>> verdict(two_waves(np.arange(300) * STEP)), verdict(np.zeros(300))
    ('resembles', 'a point')
    """
    found = character(series)
    if np.max(np.abs(series)) >= RUNAWAY:
        return "runs away"
    if found["range"] < 0.5:
        return "a point"
    if all(low <= found[name] <= high for name, (low, high) in RESEMBLANCE.items()):
        return "resembles"
    return "a cycle" if found["repeats"] > 0.98 else "something else"


def guess_from_one(first: float, last: float, points: int = 200_001) -> float:
    """The least mean squared error of a guess at the next value from one value alone.

    A start is drawn evenly between `first` and `last`. Of a value x one knows that the curve
    passes it at certain times, each the likelier the flatter the curve is there; the best
    guess is the mean over them of what comes next.
    """
    t = np.linspace(first, last, points)
    now, then = two_waves(t), two_waves(t + STEP)
    levels = (np.arange(4000) + 0.5) / 4000 * np.ptp(now) + now.min()
    low, high = np.minimum(now[:-1], now[1:]), np.maximum(now[:-1], now[1:])
    lost = 0.0
    for level in levels:
        (passes,) = np.nonzero((low <= level) & (level < high))
        weight = 1 / (high[passes] - low[passes])  # time spent around the level
        share = (level - now[passes]) / (now[passes + 1] - now[passes])
        following = then[passes] + share * (then[passes + 1] - then[passes])
        if len(passes):
            mean = weight @ following / weight.sum()
            lost += weight @ (following - mean) ** 2
    return float(lost * np.ptp(now) / len(levels) / (points - 1))


def linear_floor(config: dict, first: float, noise: float = 0.0, on=None) -> np.ndarray:
    """The least error of a linear rule at every step of a window, from all values so far.

    Args:
        config: `window` and `end`.
        first: Windows begin evenly between here and the last possible start.
        noise: Standard deviation of what is added to each value heard; targets are clean.
        on: Windows to score the rules on, as of `fresh_windows`; all there are if `None`.

    Returns:
        `(L,)`: at step t from t + 1 values.
    """
    window = config["window"]
    starts = np.linspace(first, config["end"] - STEP * window, 40_001)
    values = two_waves(starts[:, None] + STEP * np.arange(window + 1))
    floor = []
    for heard in range(1, window + 1):
        # Noise on the inputs acts like a ridge: as many rows more, each of its size.
        ridge = noise * np.sqrt(len(values)) * np.eye(heard)
        x = np.concatenate([values[:, :heard], ridge])
        y = np.concatenate([values[:, heard], np.zeros(heard)])
        coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
        if on is None:
            floor.append(np.sum((x @ coefficients - y) ** 2) / len(values))
        else:
            x, y = on[0][:heard, 0, :, 0].T, on[1][heard - 1, 0, :, 0]
            floor.append(np.mean((x @ coefficients - y) ** 2))
    return np.array(floor)


def bayes_floor(config: dict, first: float, noise: float, grid: int = 2801) -> np.ndarray:
    """The error at every step of somebody who knows the curve, but not where the window began.

    Weighs every start on a grid by how well it fits the noisy values heard so far, and says
    the weighted mean of what follows. Windows and noise as in `linear_floor`.
    """
    x, y = fresh_windows(config, first, noise)
    heard, wanted = x[:, 0, :, 0].T, y[:, 0, :, 0].T  # (B, L)
    starts = np.linspace(0, config["end"] - STEP * config["window"], grid)
    curve = two_waves(starts[:, None] + STEP * np.arange(config["window"] + 1))
    likely, floor = np.zeros((len(heard), grid)), []
    for t in range(config["window"]):
        likely -= ((heard[:, t, None] - curve[:, t]) / noise) ** 2 / 2
        weight = np.exp(likely - likely.max(axis=1, keepdims=True))
        guess = weight @ curve[:, t + 1] / weight.sum(axis=1)
        floor.append(np.mean((guess - wanted[:, t]) ** 2))
    return np.array(floor)


def _short(number) -> float:
    return float(f"{float(number):.4g}")


# The settings of source C, and a rate that falls, with more iterations.
WAVES = {
    "units": 100,
    "window": 20,
    "batch": 50,
    "known": 25.0,
    "end": 30.0,
    "noise": 0.0,
    "instance": 12.2,
    "steps": 300,
}
SOURCE = {"iterations": 1500, "rate": 0.001, "schedule": "constant"}
FALLING = {"iterations": 4000, "rate": 0.002, "schedule": "cosine"}

SWEEPS = (
    Sweep(
        "wave-forecast",
        WAVES | {"cases": [SOURCE, FALLING, FALLING | {"noise": 0.3}]},
        forecast,
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "wave-creations",
        WAVES | {"cases": [SOURCE, FALLING]},
        creations,
        kind="learned",
        # One rounding more, and an invention may run away after a hundred steps, or not.
        tolerance=200.0,
    ),
)
