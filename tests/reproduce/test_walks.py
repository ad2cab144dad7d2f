"""The ways to walk give the same result, and what each costs is counted as it says."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.cells import SimpleRNNCell
from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import walks
from rnncourse.reproduce.unrolling import SETTINGS
from rnncourse.unroll import static_rnn

LEARNING = [way for way in walks.WAYS if way != "keras_reading"]


@pytest.fixture(scope="module")
def cell():
    keras.utils.set_random_seed(0)
    cell = SimpleRNNCell(4, bias_initializer="glorot_uniform")
    cell.build((2, 3))
    return cell


def gradients(way, cell, X):
    loss, found = walks.learning(way, cell)(X)
    return [loss, *found]


@pytest.mark.parametrize("way", LEARNING)
def test_every_way_gives_the_loss_and_gradients_of_the_plain_one(way, cell):
    X = tf.constant(np.random.default_rng(1).normal(size=(2, 7, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.reduce_mean(static_rnn(cell, X)[0] ** 2)
    wanted = [loss, *tape.gradient(loss, [*(v.value for v in cell.trainable_variables), X])]
    for got, expected in zip(gradients(way, cell, X), wanted, strict=True):
        assert relative_difference(got, expected) < 1e-5


def test_reading_gives_the_loss_of_the_last_output_alone(cell):
    X = tf.constant(np.random.default_rng(1).normal(size=(2, 7, 3)), tf.float32)
    last = static_rnn(cell, X)[0][:, -1]
    assert relative_difference(walks.learning("keras_reading", cell)(X), np.mean(last**2)) < 1e-5


def nodes(way, cell, steps):
    return walks.nodes(
        walks.learning(way, cell).get_concrete_function(tf.TensorSpec((2, steps, 3)))
    )


def test_a_written_out_graph_grows_by_the_same_nodes_with_each_step(cell):
    sizes = [nodes("static", cell, steps) for steps in (2, 3, 10)]
    assert sizes[2] - sizes[1] == 7 * (sizes[1] - sizes[0]) > 0


def test_a_loop_has_the_same_graph_for_every_number_of_steps(cell):
    assert nodes("loop", cell, 2) == nodes("loop", cell, 300)


def test_nodes_of_called_functions_count():
    inner = tf.function(lambda x: x + x)
    outer = tf.function(lambda x: inner(inner(x))).get_concrete_function(tf.TensorSpec(()))
    assert walks.nodes(outer) > len(outer.graph.get_operations())


PEAK = """
import numpy as np
from rnncourse.reproduce.walks import peak_memory
before = peak_memory()
held = np.ones((1024, 1024, 32))
risen = peak_memory()
del held
print(risen - before, risen - peak_memory())
"""


def test_the_peak_of_memory_rises_with_what_is_held_and_does_not_fall():
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True)
    risen, fallen = map(float, done.stdout.split())
    assert 250 < risen < 270
    assert fallen < 5  # the kernel counts a little late


def test_a_cost_says_what_was_counted():
    config = {"batch": 2, "features": 3, "units": 4, "seconds": 0}
    cost = walks.cost("keras", 3, config, seed=0)
    assert cost.keys() == {"nodes", "memory", "trace", "first", "step"}
    assert all(cost[name] > 0 for name in ("nodes", "trace", "first", "step"))


def test_the_sweep_asks_for_ways_that_there_are():
    assert SETTINGS["ways"].keys() == walks.WAYS.keys()


def test_an_unknown_way_is_answered_with_the_known_ones(cell):
    with pytest.raises(ValueError, match=r"got 'lop': take one of \['static', 'static_sliced'"):
        walks.learning("lop", cell)
