"""What fades on the way: the gradient backward, the first input forward, old days in a window.

Cast: `gradient_norms` sends a gradient back through layers at rest and through
layers that hear something; `first_input` asks states for the very first input;
`look_backs` predicts sales from windows that hold different parts of the past. All
of it is NumPy in float64 but for the states that are asked, which are float32.
"""

import numpy as np

from rnncourse.data.distances import daily_sales, mixed_scales
from rnncourse.reference import sigmoid
from rnncourse.reproduce.experiments import Sweep, one_by_one

# Activation: the function, its derivative by its output, and a place to rest: sum and output.
ACTIVATIONS = {
    "sigmoid": (sigmoid, lambda h: h * (1 - h), 0.0, 0.5),
    "tanh": (np.tanh, lambda h: 1 - h * h, 0.0, 0.0),
    "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0) * 1.0, 1.0, 1.0),
}


def recurrent(units: int, radius: float, rng, orthogonal: bool = False):
    """Random recurrent weights `(H, H)` with the given spectral radius.

    >>> W = recurrent(30, 0.9, np.random.default_rng(0))
    >>> round(float(np.abs(np.linalg.eigvals(W)).max()), 6)
    0.9
    """
    W = rng.normal(size=(units, units))
    if orthogonal:
        W = np.linalg.qr(W)[0]
    return W * (radius / np.abs(np.linalg.eigvals(W)).max())


def gradient_norms(W_hh, activation: str, loudness: float, steps: int, rng):
    """How long a gradient is after each step back.

    The layer starts at rest: its bias is such that it stays, if nothing comes in, where
    the derivative of its activation is largest (sums of 0, for ReLU of 1).

    Args:
        W_hh: Recurrent weights, `(H, H)`.
        activation: `"sigmoid"`, `"tanh"` or `"relu"`.
        loudness: Standard deviation of what is added to each sum at each step.
        steps: T.
        rng: A NumPy random generator.

    Returns:
        `(T,)`: the norm of ∂L/∂h at distance 0, 1, …, T - 1 from the last step, where L
        is a random direction times the last state, scaled to 1 at distance 0.
    """
    function, slope, a_rest, h_rest = ACTIVATIONS[activation]
    units = len(W_hh)
    b = a_rest - h_rest * W_hh.sum(axis=0)
    h, states = np.full(units, h_rest), []
    for noise in loudness * rng.normal(size=(steps, units)):
        h = function(h @ W_hh + b + noise)
        states.append(h)
    g = rng.normal(size=units)
    g /= np.linalg.norm(g)
    norms = [1.0]
    for h in states[:0:-1]:
        g = (g * slope(h)) @ W_hh.T
        largest = np.abs(g).max() or 1.0  # its square may be too small for a float
        norms.append(largest * np.linalg.norm(g / largest))
    return np.array(norms)


def slopes(config: dict, seed: int) -> dict:
    """The slope of the log of the gradient's norm against distance, by least squares.

    Returns:
        Under `gaussian` and `orthogonal`, for each loudness, activation and radius of
        the config, the slope over the distances from `skip` on.
    """
    result = {}
    away = np.arange(config["skip"], config["steps"])
    for kind in ("gaussian", "orthogonal"):
        result[kind] = [
            [
                [
                    float(np.polyfit(away, np.log(norms[away]), 1)[0])
                    for radius in config["radii"]
                    for rng in [np.random.default_rng(seed)]
                    for W in [recurrent(config["units"], radius, rng, kind == "orthogonal")]
                    for norms in [gradient_norms(W, activation, loudness, config["steps"], rng)]
                ]
                for activation in ACTIVATIONS
            ]
            for loudness in config["loudness"]
        ]
    return result


def first_input(config: dict, seed: int) -> dict:
    """How much of the first input can be read off the state, by least squares, at each age.

    A layer of tanh without bias hears one number at each step. Its state, in float32, is
    asked with a linear read-out fitted on three quarters of the sequences and scored on the rest.

    Returns:
        `left`: for each case and each of `config["ages"]` the share of the variance of
        the first input that is read off, 0 if none.
    """
    result = []
    for case in config["cases"]:
        rng = np.random.default_rng(seed)
        units, rows = config["units"], config["rows"]
        W = recurrent(units, case["radius"], rng, case["orthogonal"]).astype("float32")
        ears = (case["gain"] * rng.normal(size=units) / np.sqrt(units)).astype("float32")
        x = rng.normal(size=(max(config["ages"]) + 1, rows, 1)).astype("float32")
        x[1:] *= np.float32(case["later"])
        h, left = np.zeros((rows, units), "float32"), []
        for t, x_t in enumerate(x):
            h = np.tanh(x_t * ears + h @ W)
            if t in config["ages"]:
                left.append(_explained(h, x[0, :, 0], config["keep"]))
        result.append(np.round(left, 4).tolist())
    return {"left": result}


def _explained(states, wanted, keep):
    """R² of the best linear reading, on rows that it was not fitted on."""
    states = states.astype(float)
    states = states / (states.std() or 1.0)  # or a faint trace would count as noise beside the ones
    points = np.c_[states, np.ones(len(states))]
    cut = len(points) * 3 // 4
    read, *_ = np.linalg.lstsq(points[:cut], wanted[:cut].astype(float), rcond=keep)
    errors = points[cut:] @ read - wanted[cut:]
    return max(0.0, 1 - np.mean(errors**2) / np.var(wanted[cut:]))


def look_backs(config: dict, seed: int) -> dict:
    """Mean squared error of the best linear forecast from windows on the past.

    Returns:
        For each of `config["series"]` a list: the last day's value; the last 15 days; the
        last 100 days; five months, five weeks and five days; the same with last
        year's day; the same with the election's day.
    """
    result = {}
    for name in config["series"]:
        lasting = None if name == "seasons" else name
        past, later = daily_sales(config["shops"], [seed, 9], lasting)
        cut = config["shops"] * 3 // 4
        mixed = mixed_scales(past)
        views = [
            past[:, -15:],
            past[:, -100:],
            mixed,
            np.c_[mixed, past[:, -241]],
            np.c_[mixed, past[:, -781]],
        ]
        errors = [np.mean((past[cut:, -1] - later[cut:]) ** 2)]
        for view in views:
            view = np.c_[view, np.ones(len(view))]
            weights, *_ = np.linalg.lstsq(view[:cut], later[:cut], rcond=None)
            errors.append(np.mean((view[cut:] @ weights - later[cut:]) ** 2))
        result[name] = np.round(errors, 4).tolist()
    return result


SWEEPS = (
    Sweep(
        "gradient-slopes",
        {
            "units": 64,
            "steps": 301,
            "skip": 100,
            "radii": [0.7, 0.9, 1.1],
            "loudness": [1e-20, 0.1, 1.0],
        },
        one_by_one(slopes),
    ),
    Sweep(
        "first-input",
        {
            "units": 64,
            "rows": 2000,
            "keep": 1e-7,
            "ages": [0, 5, 10, 15, 20, 30, 40, 50, 60, 64, 70, 80, 100, 120, 150, 200, 300],
            "cases": [
                {"orthogonal": orthogonal, "radius": radius, "gain": gain, "later": later}
                for orthogonal, radius, gain, later in (
                    (False, 0.9, 1, 1),
                    (False, 0.9, 1, 0),
                    (True, 1, 1, 1),
                    (True, 1, 0.01, 1),
                    (True, 1, 0.1, 0.1),
                )
            ],
        },
        one_by_one(first_input),
        kind="learned",
        tolerance=0.05,
    ),
    Sweep(
        "mixed-scales",
        {"shops": 4000, "series": ["seasons", "year", "election"]},
        one_by_one(look_backs),
    ),
)
