"""One projection for all steps: what three ways to write it cost.

Cast: `ways` builds the same forecaster three times, from the same weights: with the
projection inside the cell, so that it is applied at every step; on all steps laid out in
one long matrix; and as a dense layer on `(B, T, H)`. `costs` times an update of each.
"""

import os
import time

import numpy as np

from rnncourse.reproduce.experiments import Sweep, one_by_one

WAYS = ("inside the cell", "reshaped", "dense on (B, T, H)")


def ways(config: dict):
    """Three functions `(B, T, 1) → (B, T, O)` with the same outputs, and their variables.

    Args:
        config: `units`, `outputs`; `loop` is `"static"` or `"dynamic"`.

    Returns:
        Way → `(forward, variables)`.
    """
    import keras
    import tensorflow as tf

    from rnncourse.unroll import dynamic_rnn, static_rnn
    from rnncourse.wrappers import OutputProjectionWrapper

    units, outputs = config["units"], config["outputs"]
    unroll = {"static": static_rnn, "dynamic": dynamic_rnn}[config["loop"]]
    cell = keras.layers.SimpleRNNCell(units, "relu")
    wrapped = OutputProjectionWrapper(cell, output_size=outputs)
    wrapped.build((None, 1))
    dense = wrapped.projection

    def reshaped(x):
        states, _ = unroll(cell, x)
        stacked = tf.reshape(states, (-1, units))  # (BT, H)
        projected = tf.matmul(stacked, dense.kernel) + dense.bias
        return tf.reshape(projected, (-1, x.shape[1], outputs))

    functions = (
        lambda x: unroll(wrapped, x)[0],
        reshaped,
        lambda x: dense(unroll(cell, x)[0]),
    )
    variables = [v.value for v in wrapped.trainable_variables]
    return {way: (function, variables) for way, function in zip(WAYS, functions, strict=True)}


def costs(config: dict, seed: int) -> dict[str, list[float]]:
    """Milliseconds of processor time of a forward and backward walk, for each way.

    The processor's own time depends less than the clock's on what else the machine does.

    Args:
        config: `cases`, each with `loop` and `outputs`; `units`, `batch`, `window`, and
            `rounds` of `repeats` in which the ways take turns; the best round counts.
        seed: Of weights and inputs.

    Returns:
        `milliseconds`: for each case one number for each way.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    x = tf.constant(rng.normal(size=(config["batch"], config["window"], 1)), tf.float32)
    found = []
    for case in config["cases"]:
        updates = {}
        for way, (forward, variables) in ways(config | case).items():

            @tf.function(autograph=False)
            def gradient(x, forward=forward, variables=variables):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(forward(x) ** 2)
                return tape.gradient(loss, variables)

            gradient(x)
            updates[way] = gradient
        best = dict.fromkeys(WAYS, np.inf)
        for _ in range(config["rounds"]):
            for way, update in updates.items():
                start = time.process_time()
                for _ in range(config["repeats"]):
                    update(x)[0].numpy()
                spent = (time.process_time() - start) / config["repeats"]
                best[way] = min(best[way], spent * 1000)
        found.append([float(f"{best[way]:.4g}") for way in WAYS])
    return {"milliseconds": found}


def on_the_processor(config: dict, seed: int) -> dict[str, list[float]]:
    """`costs` with graphics processors out of sight."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    return costs(config, seed)


SWEEPS = (
    Sweep(
        "projections",
        {
            "cases": [
                {"loop": loop, "outputs": outputs}
                for loop in ("static", "dynamic")
                for outputs in (1, 100, 1000)
            ],
            "units": 100,
            "batch": 50,
            "window": 20,
            "rounds": 12,
            "repeats": 2,
            "ways": list(WAYS),
        },
        one_by_one(on_the_processor),
        seeds=tuple(range(5)),
        kind="timing",
    ),
)
