"""What the tests of a training share: a loss with all that must survive a kill, and a process."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


# Its source also goes to other processes, so it brings its own imports.
def make_problem(seed=1, kind="SimpleRNN", rate=0.2):
    """Arguments of `train`: dropout, a carried state, statistics, slots, a schedule, clipping."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    settings = {"return_sequences": True, "return_state": True, "unroll": True}
    rnn = getattr(keras.layers, kind)(3, dropout=rate, recurrent_dropout=rate, **settings)
    drop, norm = keras.layers.Dropout(rate), keras.layers.BatchNormalization()
    out = keras.layers.Dense(1)
    for layer, features in (rnn, 2), (norm, 3), (out, 3):
        layer.build((4, 3, features))
    state = tf.Variable(tf.random.normal((4, 3)), trainable=False)
    x = tf.random.stateless_normal((7, 4, 3, 2), [0, 1])

    def loss(step):
        batch = x[step % 7]
        h, last = rnn(batch, initial_state=[state.value()], training=True)
        state.assign(last)
        guess = out(norm(drop(h, training=True), training=True))
        return tf.reduce_mean((guess - batch[..., :1]) ** 2)

    schedule = keras.optimizers.schedules.ExponentialDecay(0.02, 10, 0.9)
    return {
        "loss": loss,
        "layers": [rnn, drop, norm, out],
        "optimizer": keras.optimizers.Adam(schedule),
        "carry": [state],
        "clip": 0.5,
    }


def list_numbers(problem):
    """All arrays that a training leaves behind; the states of seed generators are of one step."""
    layers = [v for layer in problem["layers"] for v in layer.variables]
    kept = [v for v in layers if v.name != "seed_generator_state"]
    return [v.numpy() for v in [*kept, *problem["optimizer"].variables, *problem["carry"]]]


@pytest.fixture(scope="session")
def problem():
    return make_problem


@pytest.fixture(scope="session")
def numbers():
    return list_numbers


@pytest.fixture(scope="session")
def assert_same():
    """Equality to the last bit of two runs: arrays left behind and losses."""

    def compare(numbers, losses, other_numbers, other_losses):
        assert len(numbers) == len(other_numbers)
        assert all(map(np.array_equal, numbers, other_numbers))
        assert np.array_equal(losses, other_losses)

    return compare


@pytest.fixture
def start_python(tmp_path):
    """Start a process that runs code with `train`, `make_problem` and `list_numbers` at hand."""
    started = []

    def start(code, *args, **environment):
        imports = "import sys\nimport numpy as np\nfrom rnncourse.training.loop import shard, train"
        script = tmp_path / "script.py"
        given = map(inspect.getsource, (make_problem, list_numbers))
        script.write_text("\n\n".join([imports, *given, code]))
        process = subprocess.Popen(
            [sys.executable, script, *map(str, args)],
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
