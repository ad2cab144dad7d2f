"""Ways to write a walk over time, and what one of them costs.

Cast: `WAYS` holds the ways, each a function of a cell and inputs `(B, T, F)`;
`learning` makes of one of them what training asks for, a loss with its gradients;
`cost` traces it, runs it and counts nodes, seconds and memory. The peak of memory
never falls within a process, so the sweep `unrolling` calls this module as a
program, once for each way and number of steps.
"""

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from rnncourse.cells import SimpleRNNCell
from rnncourse.unroll import dynamic_rnn, static_rnn


def static_sliced(cell, X):
    """Written out step by step, each input cut out of X by an index."""
    (h,) = cell.get_initial_state(X.shape[0])
    outputs = []
    for t in range(X.shape[1]):
        y, (h,) = cell(X[:, t], [h])
        outputs.append(y)
    return tf.stack(outputs, axis=1), [h]


def loop_sliced(cell, X):
    """A loop whose body cuts its input out of X by an index."""
    (h,) = cell.get_initial_state(X.shape[0])
    outputs = tf.TensorArray(X.dtype, size=X.shape[1])

    def body(t, h, outputs):
        y, (h,) = cell(X[:, t], [h])
        return t + 1, h, outputs.write(t, y)

    steps = X.shape[1]
    _, h, outputs = tf.while_loop(lambda t, *_: t < steps, body, (0, h, outputs))
    return tf.transpose(outputs.stack(), (1, 0, 2)), [h]


def _keras(cell, X, **settings):
    layer = keras.layers.RNN(cell, return_state=True, **{"return_sequences": True} | settings)
    outputs, *state = layer(X)
    return outputs, state


WAYS = {
    "static": static_rnn,
    "static_sliced": static_sliced,
    "static_xla": static_rnn,
    "loop": dynamic_rnn,
    "loop_sliced": loop_sliced,
    "loop_xla": dynamic_rnn,
    "keras": _keras,
    "keras_unrolled": lambda cell, X: _keras(cell, X, unroll=True),
    "keras_reading": lambda cell, X: _keras(cell, X, return_sequences=False),
}


def learning(way: str, cell) -> Callable:
    """A compiled function of X: the loss and its gradients by weights and inputs.

    The inputs count because in a network of several layers they are what the
    layer below has made. The way `keras_reading` does not learn: it returns the
    loss of its last output alone.

    Args:
        way: A key of `WAYS`; those ending in `_xla` are compiled by XLA.
        cell: A built cell with one state.

    Raises:
        ValueError: No such way; the message lists those there are.
    """
    if way not in WAYS:
        raise ValueError(f"`way` must be a known way to walk, got {way!r}: take one of {[*WAYS]}")

    def reads(X):
        last, _ = WAYS[way](cell, X)
        return tf.reduce_mean(last**2)

    def learns(X):
        with tf.GradientTape() as tape:
            tape.watch(X)
            outputs, _ = WAYS[way](cell, X)
            loss = tf.reduce_mean(outputs**2)
        return loss, tape.gradient(loss, [*(v.value for v in cell.trainable_variables), X])

    function = reads if way == "keras_reading" else learns
    # AutoGraph would read and rewrite every function called: seconds that no walk needs.
    return tf.function(function, autograph=False, jit_compile=way.endswith("_xla"))


def nodes(concrete) -> int:
    """Nodes of a traced function, those of the functions it calls included.

    >>> double = tf.function(lambda x: x + x).get_concrete_function(tf.TensorSpec(()))
    >>> nodes(double)  # x, x + x, and the output
    3
    """
    graph = concrete.graph.as_graph_def()
    return len(graph.node) + sum(len(f.node_def) for f in graph.library.function)


def peak_memory() -> float:
    """The most memory this process has held so far, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not `ru_maxrss`: on Linux a process inherits that of the one that started it.
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def cost(way: str, steps: int, config: dict, seed: int) -> dict[str, float]:
    """Trace and run one way in this process.

    Args:
        way: A key of `WAYS`.
        steps: T.
        config: `batch`, `features`, `units`, and `seconds` to repeat a step for.
        seed: Of inputs and weights.

    Returns:
        `nodes` of the graph; seconds to `trace` it, for the `first` run and for a
        `step`, the best of at least three; `memory`, the growth of the peak in MB
        from before the trace to after four runs: graph, the runtime's own copies
        of it, what the steps keep, and gradients, but neither TensorFlow nor X.
    """
    keras.utils.set_random_seed(seed)
    shape = config["batch"], steps, config["features"]
    # Kept to the end: memory given back before the trace would hide what the walk takes.
    numbers = np.random.default_rng(seed).standard_normal(shape, np.float32)
    X = tf.constant(numbers)
    cell = SimpleRNNCell(config["units"])
    cell.build((shape[0], shape[2]))
    function = learning(way, cell)
    before, clock = peak_memory(), time.perf_counter
    start = clock()
    concrete = function.get_concrete_function(tf.TensorSpec(shape))
    traced = clock()
    function(X)
    ran = clock()
    taken = []
    while len(taken) < 3 or clock() - ran < config["seconds"]:
        began = clock()
        function(X)
        taken.append(clock() - began)
        if len(taken) == 3:  # as many runs for every T: each leaves a little behind
            memory = peak_memory() - before
    seconds = {"trace": traced - start, "first": ran - traced, "step": min(taken)}
    return {
        "nodes": nodes(concrete),
        "memory": round(memory, 1),
        **{name: round(value, 6) for name, value in seconds.items()},
    }


if __name__ == "__main__":
    print(json.dumps(cost(*json.loads(sys.argv[1]))))
