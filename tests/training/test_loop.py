"""The loop around the steps: its arguments, its interruption, several replicas."""

import contextlib
import inspect
import json
import os
import signal
import socket
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.training.loop import shard, train


def line(**changes):
    """Arguments that bring a weight from 0 to 3: loss (w - 3)² / 2, gradient w - 3."""
    w = tf.Variable(0.0)
    loss = {"loss": lambda step: (w - 3) ** 2 / 2}
    return loss | {"layers": [w], "optimizer": keras.optimizers.SGD(0.5), "steps": 10} | changes


def dense(built=True):
    layer = keras.layers.Dense(2)
    if built:
        layer.build((None, 3))
    return layer


# What is trained and what comes back.


def test_the_losses_are_those_of_every_step():
    losses = train(**line(steps=4, steps_per_call=3))
    assert losses.dtype == np.float64
    assert losses.tolist() == [4.5, 4.5 / 4, 4.5 / 16, 4.5 / 64]


def test_frozen_layers_stay_as_they_are():
    frozen, free = dense(), dense()
    frozen.trainable = False
    before = [layer.get_weights() for layer in (frozen, free)]
    x = tf.ones((1, 3))
    mine = line(layers=[frozen, free], loss=lambda step: tf.reduce_sum(frozen(x) * free(x)))
    train(**mine)
    after = [layer.get_weights() for layer in (frozen, free)]
    assert all(map(np.array_equal, before[0], after[0]))
    assert not any(map(np.array_equal, before[1], after[1]))


def test_a_layer_that_stands_in_a_model_and_beside_it_is_trained_once():
    layer, x = dense(), tf.ones((1, 3))
    model = keras.Sequential([keras.Input((3,)), layer])
    before = layer.get_weights()[1]
    train(**line(layers=[model, layer], loss=lambda step: tf.reduce_sum(model(x)), steps=1))
    assert np.array_equal(before - layer.get_weights()[1], [0.5, 0.5])


def test_after_each_call_a_function_sees_the_losses_so_far():
    seen = []
    losses = train(
        **line(steps=7, steps_per_call=3), after_call=lambda step, past: seen.append((step, past))
    )
    assert [step for step, _ in seen] == [3, 6, 7]
    for step, past in seen:
        assert np.array_equal(past, losses[:step])


def test_the_bar_shows_steps_and_the_mean_loss_of_the_last_call(capsys):
    train(**line(steps=4, steps_per_call=2), progress=True)
    shown = capsys.readouterr().err.split("\r")[-1]
    assert "4/4" in shown
    assert f"loss {(4.5 / 16 + 4.5 / 64) / 2:.4g}" in shown


@pytest.mark.parametrize("progress", [None, False])
def test_without_a_terminal_there_is_no_bar_unless_asked_for(progress, capsys):
    train(**line(), progress=progress)
    assert capsys.readouterr() == ("", "")


# What goes wrong.


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"steps": 0}, ValueError, r"`steps` must be at least 1 and below 2³¹, got 0"),
        ({"steps": 2.5}, TypeError, r"`steps` must be an integer, got 2\.5"),
        ({"steps": True}, TypeError, "`steps` must be an integer, got True"),
        ({"steps_per_call": 0}, ValueError, "`steps_per_call` must be at least 1"),
        ({"seed": -1}, ValueError, "`seed` must be at least 0"),
        ({"seed": 2**31}, ValueError, "`seed` must be at least 0 and below 2³¹"),
        ({"clip": 0}, ValueError, "`clip` must be a positive number, got 0: leave it out"),
        ({"clip": "1"}, ValueError, "`clip` must be a positive number, got '1'"),
        ({"loss": 3.0}, TypeError, r"`loss` must be a function of the step, got 3\.0"),
        ({"optimizer": "adam"}, TypeError, "`optimizer` must be a Keras optimizer, got 'adam'"),
        ({"layers": tf.Variable(1.0)}, TypeError, r"`layers` must be a list, got .*: write \["),
        ({"layers": ["dense"]}, TypeError, "`layers` must hold Keras layers or variables, got 'd"),
        ({"layers": []}, ValueError, "`layers` must hold something to train, got no trainable"),
        (
            {"carry": [1.0]},
            TypeError,
            r"`carry` must be a list of TensorFlow's var.*\[1\.0\]: make",
        ),
        ({"carry": tf.Variable([1.0])}, TypeError, "`carry` must be a list of TensorFlow's variab"),
        ({"checkpoint_every": None}, ValueError, "`checkpoint_every` must be seconds, at least 0"),
        ({"checkpoint_every": -1}, ValueError, "`checkpoint_every` must be seconds, .* got -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(changes, error, message):
    with pytest.raises(error, match=message):
        train(**line(**changes))


def test_layers_without_weights_are_refused():
    with pytest.raises(ValueError, match=r"`layers` must be built, got dense\w* without weights"):
        train(**line(layers=[dense(built=False)]))


def test_layers_that_are_all_frozen_are_refused():
    frozen = dense()
    frozen.trainable = False
    with pytest.raises(ValueError, match="got no trainable variable: add a layer, or set"):
        train(**line(layers=[frozen]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_no_number_stops_the_training_and_is_not_saved(bad, tmp_path):
    mine = line(steps_per_call=3, checkpoint=tmp_path, checkpoint_every=0)
    good = mine["loss"]
    mine["loss"] = lambda step: good(step) + tf.where(step < 7, 0.0, bad)
    message = f"the loss is {bad} at step 7: lower the learning rate or pass clip"
    with pytest.raises(FloatingPointError, match=message):
        train(**mine)
    assert tf.train.latest_checkpoint(tmp_path).endswith("ckpt-6")


def test_a_weight_that_is_no_number_stops_the_training_and_is_not_saved(tmp_path):
    w = tf.Variable(0.0)
    mine = line(loss=lambda step: tf.sqrt(w), layers=[w], steps=1, checkpoint=tmp_path)
    with pytest.raises(FloatingPointError, match="Variable:0 is no longer finite after step 0"):
        train(**mine)
    assert tf.train.latest_checkpoint(tmp_path) is None


# Ctrl-C.


def press_ctrl_c(at):
    return lambda step, losses: step == at and os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_stops_after_the_next_call_and_leaves_python_as_it_was(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    mine = line(steps_per_call=2, checkpoint=tmp_path)
    message = "stopped after step 6 of 10: train with the same arguments to go on"
    with pytest.raises(KeyboardInterrupt, match=message):
        train(**mine, after_call=press_ctrl_c(at=4))
    assert tf.train.latest_checkpoint(tmp_path).endswith("ckpt-6")
    assert signal.getsignal(signal.SIGINT) == before
    assert len(train(**mine)) == 10


def test_ctrl_c_says_what_to_do_when_nothing_was_saved():
    message = "stopped after step 4 of 10: pass a folder as `checkpoint`"
    with pytest.raises(KeyboardInterrupt, match=message):
        train(**line(steps_per_call=2), after_call=press_ctrl_c(at=2))


def test_ctrl_c_after_the_last_call_is_not_lost():
    with pytest.raises(KeyboardInterrupt, match="stopped after all 10 steps"):
        train(**line(), after_call=press_ctrl_c(at=10))


def test_a_second_ctrl_c_does_not_wait():
    def impatient(step, losses):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("it waited")

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        train(**line(steps_per_call=2), after_call=impatient)


def test_outside_the_main_thread_signals_are_left_alone():
    results = []
    thread = threading.Thread(target=lambda: results.append(train(**line())))
    thread.start()
    thread.join()
    assert len(results[0]) == 10


INTERRUPTED = """
import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
settings = {"steps": 60, "steps_per_call": 4, "checkpoint": sys.argv[1]}
wait = {"after_call": lambda step, losses: step == 8 and input("ready")}
try:
    train(**make_problem(), **settings, **wait)
except KeyboardInterrupt as interrupt:
    print(interrupt)
again, whole = make_problem(seed=2), make_problem()
resumed = train(**again, **settings), *list_numbers(again)
undisturbed = train(**whole, **settings | {"checkpoint": None}), *list_numbers(whole)
print(all(map(np.array_equal, resumed, undisturbed)))
"""


def test_a_process_that_is_interrupted_goes_on_as_if_nothing_had_happened(start_python, tmp_path):
    process = start_python(INTERRUPTED, tmp_path / "saved")
    assert process.stdout.read(5) == "ready", process.stderr.read()
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate("\n")
    first, last = said.splitlines()
    assert first.startswith("stopped after step 12 of 60: train with the same arguments"), errors
    assert last == "True"


# Several replicas.


def make_sharded(replicas, optimizer="Adagrad", rate=0.0, seed=1, rows=4, **settings):
    """A language model of three words at a time that carries its state, in float64."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    kind = {"return_sequences": True, "return_state": True, "unroll": True, "dropout": rate}
    layers = [
        keras.layers.Embedding(7, 2, dtype="float64"),
        keras.layers.SimpleRNN(3, **kind, dtype="float64"),
        keras.layers.Dense(7, dtype="float64"),
    ]
    for layer, features in zip(layers, [(), (2,), (3,)]):
        layer.build((rows, 3, *features))
    words = tf.random.stateless_uniform((5, rows, 4), [0, 1], 0, 7, tf.int32)
    state = tf.Variable(tf.zeros((rows // replicas, 3), "float64"), trainable=False)
    table, rnn, out = layers

    def loss(step):
        batch = shard(words[step % 5])
        h, last = rnn(table(batch[:, :-1]), initial_state=[state.value()], training=True)
        state.assign(last)
        scores = keras.losses.sparse_categorical_crossentropy(
            batch[:, 1:], out(h), from_logits=True
        )
        return tf.reduce_mean(scores)

    optimizer = getattr(keras.optimizers, optimizer)(0.05, **settings)
    return {"loss": loss, "layers": layers, "optimizer": optimizer, "carry": [state]}


WORKER = """
import contextlib, os, signal
import keras
import tensorflow as tf

index, folder = int(sys.argv[1]), sys.argv[2]
strategy = tf.distribute.MultiWorkerMirroredStrategy()


def run(settings, **problem):
    with strategy.scope():
        problem = make_sharded(2, **problem)
    settings = {"steps_per_call": 10, "strategy": strategy} | settings
    return [train(**problem, **settings), *list_numbers(problem)]


for name, (problem, settings) in PROBLEMS.items():
    np.savez(f"{folder}/{name}-{index}.npz", *run(settings, **problem))

# Worker 1 is interrupted; both stop, and go on together.
press = {"after_call": lambda step, losses: step == 20 and os.kill(os.getpid(), signal.SIGINT)}
saved = {"steps": 50, "checkpoint": f"{folder}/saved"}
undisturbed = run({"steps": 50}, rate=0.3)
try:
    run(saved | (press if index else {}), rate=0.3)
except KeyboardInterrupt as interrupt:
    print(interrupt)
resumed = run(saved, rate=0.3, seed=2)
print("resumed alike:", all(map(np.array_equal, undisturbed, resumed)))

with strategy.scope():
    drop, w, mask = keras.layers.Dropout(0.5), tf.Variable(1.0), tf.Variable(tf.zeros(99))
    sgd = keras.optimizers.SGD()
train(
    lambda step: mask.assign(drop(tf.ones(99), training=True))[0] * 0 + w,
    *([drop, w], sgd, 1),
    carry=[mask],
    strategy=strategy,
)
np.savez(f"{folder}/mask-{index}.npz", mask)

for settings, problem in [
    ({"jit": True}, {}),
    ({}, {"global_clipnorm": 1.0}),
    ({}, {"rows": 5}),
    ({"carry": [tf.Variable(0.0)]}, {}),
    ({"checkpoint": f"{folder}/{('saved', 'elsewhere')[index]}"}, {"rate": 0.3}),
]:
    with strategy.scope():
        problem = make_sharded(2, **problem) | {"strategy": strategy, "steps": 50} | settings
    try:
        train(**problem)
    except ValueError as error:
        print(str(error).splitlines()[-1])
"""
PROBLEMS = {
    "clipped": ({}, {"steps": 200, "clip": 0.3, "steps_per_call": 30}),
    "adam": ({"optimizer": "Adam"}, {"steps": 200, "steps_per_call": 40}),
}
REFUSED = [
    "`jit` must be False with 2 replicas, got True",
    "`optimizer` must not clip with 2 replicas",
    "`batch` must have a static B divisible by the 2 replicas, got shape (5, 4)",
    "`strategy` must know every variable, got Variable:0 made outside of it",
    "`checkpoint` must be one folder for all workers, got ",
]


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("localhost", 0))
        return [each.getsockname()[1] for each in sockets]


def test_two_workers_equal_one(start_python, tmp_path, numbers):
    cluster = {"worker": [f"localhost:{port}" for port in free_ports(2)]}
    code = f"{inspect.getsource(make_sharded)}\nPROBLEMS = {PROBLEMS}\n{WORKER}"
    (tmp_path / "tmp").mkdir()
    workers = [
        start_python(
            *(code, index, tmp_path),
            TF_CONFIG=json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}),
            CUDA_VISIBLE_DEVICES="-1",
            TMPDIR=str(tmp_path / "tmp"),
        )
        for index in range(2)
    ]
    for worker in workers:
        said, errors = worker.communicate(timeout=300)
        assert worker.returncode == 0, errors
        interrupted, resumed, *refused = said.splitlines()
        assert interrupted.startswith("stopped after step 30 of 50"), errors
        assert resumed == "resumed alike: True"
        assert len(refused) == len(REFUSED), said
        for message, start in zip(refused, REFUSED):
            assert start in message
    for name, (problem, settings) in PROBLEMS.items():
        mine = make_sharded(1, **problem)
        wanted = [train(**mine, **settings), *numbers(mine)]
        for index in range(2):
            found = list(np.load(tmp_path / f"{name}-{index}.npz").values())
            for here, there in zip(wanted[:-1], found[:-1], strict=True):
                assert relative_difference(there, here) <= 1e-8
            carried = wanted[-1][2 * index : 2 * index + 2]
            assert relative_difference(found[-1], carried) <= 1e-8
    assert sorted(file.name for file in (tmp_path / "saved").glob("*.index")) == [
        "ckpt-30.index",
        "ckpt-50.index",
    ]
    assert not list((tmp_path / "tmp").glob("tmp*"))
    masks = [np.load(tmp_path / f"mask-{index}.npz")["arr_0"] > 0 for index in range(2)]
    assert 0.25 < np.mean(masks[0] == masks[1]) < 0.75


def test_without_a_strategy_a_share_is_the_whole_batch():
    batch = tf.ones((5, 2))
    assert shard(batch) is batch
