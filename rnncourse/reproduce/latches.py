"""The sweeps of lesson 02: a neuron that holds a bit in noise, and what one product costs.

Cast: `latch` asks many neurons for the sign of a clap long ago; `one_matmul` times
the same walk over time with its products taken in three ways.
"""

import time
from collections.abc import Callable

import numpy as np

from rnncourse.reproduce.experiments import Sweep, one_by_one


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


SWEEPS = (
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
)
