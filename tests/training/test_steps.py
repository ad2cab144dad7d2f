"""Steps in one compiled call: the steps of a hand-written loop, whatever the call's size."""

import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.training import loop, steps
from rnncourse.training.loop import train
from rnncourse.training.steps import compile_steps


def by_hand(mine, count):
    """The loop that every tutorial writes: a tape a step."""
    optimizer, losses = mine["optimizer"], []
    variables = [v for layer in mine["layers"] for v in layer.trainable_variables]
    for step in range(count):
        with tf.GradientTape() as tape:
            loss = mine["loss"](step)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), mine["clip"])
        optimizer.apply_gradients(zip(gradients, variables))
        losses.append(float(loss))
    return losses


def assert_near(numbers, losses, other_numbers, other_losses):
    for mine, wanted in [*zip(numbers, other_numbers, strict=True), (losses, other_losses)]:
        assert relative_difference(mine, wanted) <= 1e-4


def compare_with_hand(problem, numbers, **changes):
    ours, theirs = problem(rate=0), problem(rate=0)
    losses = train(**ours | changes, steps=17, steps_per_call=5)
    wanted = by_hand(theirs, 17)
    assert_near(numbers(ours), losses, numbers(theirs), wanted)


def test_the_steps_are_those_of_a_loop_written_by_hand(problem, numbers):
    compare_with_hand(problem, numbers)


def shifted(run):
    return lambda first, count: run(first + 1, count)


@pytest.mark.parametrize("mistake", ["clip dropped", "step shifted"])
def test_a_mistake_is_seen_beside_the_loop_written_by_hand(mistake, problem, numbers, monkeypatch):
    changes = {"clip": None} if mistake == "clip dropped" else {}
    if mistake == "step shifted":
        compiled = compile_steps
        monkeypatch.setattr(loop, "compile_steps", lambda *a, **k: shifted(compiled(*a, **k)))
    with pytest.raises(AssertionError):
        compare_with_hand(problem, numbers, **changes)


def test_the_size_of_a_call_changes_no_bit(problem, numbers, assert_same):
    results = []
    for size in 1, 4, 50:
        mine = problem()
        losses = train(**mine, steps=9, steps_per_call=size)
        results.append((numbers(mine), losses))
    for other in results[1:]:
        assert_same(*results[0], *other)


# Without dropout, whose masks are others under XLA.
def test_xla_gives_the_same_but_for_rounding(problem, numbers):
    ours, theirs = problem(rate=0), problem(rate=0)
    losses = train(**ours, steps=17, steps_per_call=5, jit=True)
    wanted = train(**theirs, steps=17, steps_per_call=5)
    assert_near(numbers(ours), losses, numbers(theirs), wanted)


def line(rate=0.1):
    """A weight w = 0 and arguments that bring it to 3: loss (w - 3)² / 2, gradient w - 3."""
    w, optimizer = tf.Variable(0.0), keras.optimizers.SGD(rate)
    return w, {"loss": lambda step: (w - 3) ** 2 / 2, "layers": [w], "optimizer": optimizer}


def test_the_loss_is_traced_once():
    traced = []
    _, problem = line()
    loss = problem.pop("loss")
    train(lambda step: traced.append(step) or loss(step), **problem, steps=23, steps_per_call=5)
    assert len(traced) == 1


def test_xla_compiles_once_whatever_the_step():
    w, problem = line()
    problem["optimizer"].build([w])
    run = compile_steps(
        *(problem["loss"], [w], [], [], problem["optimizer"], tf.distribute.get_strategy()),
        **{"seed": 0, "steps_per_call": 9, "jit": True},
    )

    def clock(first):
        start = time.perf_counter()
        run(tf.constant(first), tf.constant(9))
        return time.perf_counter() - start

    compiling = clock(0)
    # Compiling takes some hundred times as long as nine steps of one weight.
    assert min(map(clock, range(1, 9))) < compiling / 4


def test_the_step_counts_over_the_whole_training():
    w, problem = line()
    problem["loss"] = lambda step: w * 0 + tf.cast(step, tf.float32)
    assert train(**problem, steps=13, steps_per_call=5).tolist() == list(range(13))


def test_a_step_is_never_longer_than_clip_allows():
    w, problem = line(rate=1.0)
    losses = train(**problem, steps=2, clip=0.25)
    assert losses.tolist() == [4.5, 2.75**2 / 2]
    w, problem = line(rate=1.0)
    train(**problem, steps=1, clip=100.0)
    assert float(w) == 3.0


def test_clipping_measures_a_row_that_is_looked_up_twice_once():
    table, sgd = tf.Variable([[3.0], [0.0]]), keras.optimizers.SGD(1.0)
    train(lambda step: tf.reduce_sum(tf.gather(table, [0, 0])), [table], sgd, 1, clip=1.0)
    assert table.numpy().tolist() == [[2.0], [0.0]]


def test_a_schedule_is_followed():
    rates = keras.optimizers.schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.01, 1.0])
    w, problem = line(rates)
    problem["loss"] = lambda step: -w
    weights = []
    train(**problem, steps=4, steps_per_call=1, after_call=lambda *_: weights.append(float(w)))
    assert np.diff([0, *weights]) == pytest.approx([0.1, 0.1, 0.01, 1.0])


def test_an_embedding_looked_up_many_times_in_a_step_is_updated_alike_in_every_run():
    ids = tf.random.stateless_uniform((40, 4000), [0, 1], 0, 90, tf.int32)
    shares = tf.random.stateless_normal((4000, 64), [0, 2])

    def trained_table():
        table, sgd = tf.Variable(tf.ones((90, 64))), keras.optimizers.SGD(0.1)
        train(lambda step: tf.reduce_sum(tf.gather(table, ids[step]) * shares), [table], sgd, 40)
        return table.numpy()

    first = trained_table()
    for _ in range(6):
        assert np.array_equal(trained_table(), first)


# Dropout.


def masks(seed=0, count=3, jit=False):
    """What two dropout layers let through, one drawing twice a step: `(steps, 3, 1000)`."""
    one, two = keras.layers.Dropout(0.5), keras.layers.Dropout(0.5)
    seen = tf.Variable(tf.zeros((count, 3, 1000)), trainable=False)
    w = tf.Variable(0.0)

    def loss(step):
        drawn = [layer(tf.ones(1000), training=True) for layer in (one, one, two)]
        seen.assign(tf.tensor_scatter_nd_update(seen, [[step]], [tf.stack(drawn)]))
        return w

    sgd = keras.optimizers.SGD()
    train(loss, [one, two, w], sgd, count, carry=[seen], seed=seed, steps_per_call=2, jit=jit)
    return seen.numpy() > 0


def test_every_draw_of_every_step_has_a_mask_of_its_own():
    drawn = masks().reshape(9, 1000)
    assert 0.45 < drawn.mean() < 0.55
    agreement = (drawn[:, None] == drawn).mean(-1)[~np.eye(9, dtype=bool)]
    # Nine masks of 1000 fair coins: 36 pairs, standard deviation 0.016.
    assert np.all(abs(agreement - 0.5) < 0.1)


def test_masks_follow_from_the_seed():
    assert np.array_equal(masks(seed=5), masks(seed=5))
    assert not np.array_equal(masks(seed=5), masks(seed=6))


def test_counting_up_the_step_as_the_state_would_repeat_masks(monkeypatch):
    """Why the states are hashed: Keras itself counts its draws up by one."""

    def count_up(generators, seed, step, replicas):
        for k, generator in enumerate(generators):
            generator.assign([seed + k, tf.cast(step, tf.int64)])

    monkeypatch.setattr(steps, "_set_seeds", count_up)
    drawn = masks()
    assert np.array_equal(drawn[0, 1], drawn[1, 0])


def test_measuring_changes_no_bit(problem, numbers, assert_same, tmp_path):
    results = []
    for logs in None, tmp_path:
        mine = problem() | {"clip": None}
        losses = train(**mine, steps=9, logs=logs)
        results.append((numbers(mine), losses))
    assert_same(*results[0], *results[1])


# What a loss must be.


def forgetting(what):
    """A loss with a second layer, dropout or a carried state that `train` is not told about."""
    w = tf.Variable(tf.ones((1, 2)))
    head, drop = keras.layers.Dense(1, name="head"), keras.layers.Dropout(0.5)
    state = tf.Variable(0.0, name="state", trainable=False)
    losses = {
        "layer": lambda step: tf.reduce_sum(head(w)),
        "dropout": lambda step: tf.reduce_sum(drop(w, training=True)),
        "carry": lambda step: tf.reduce_sum(w) + state.assign_add(1.0),
        "random": lambda step: tf.reduce_sum(w * keras.random.normal((1, 2))),
    }
    head.build((None, 2))
    return {"loss": losses[what], "layers": [w], "optimizer": keras.optimizers.SGD(0.1)}


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("layer", "head/bias"),
        ("dropout", "seed_generator"),
        ("carry", "state"),
        ("random", "seed_generator"),
    ],
)
def test_what_train_is_not_told_about_is_refused(what, name):
    message = f"variables of `layers` and `carry` alone, got .*{name}.*: list its layer, built"
    with pytest.raises(ValueError, match=message):
        train(**forgetting(what), steps=1)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda w: None, "must return a scalar, got None: end it with return"),
        (lambda w: w * tf.ones(3), r"must return a scalar, got shape \(3,\)"),
        (lambda w: tf.constant(1.0), "got no gradient for .*: leave its layer out"),
        (lambda w: 1.0, "got no gradient for "),
        (lambda w: tf.stop_gradient(w), "got no gradient for "),
    ],
    ids=["none", "vector", "constant", "number", "stopped"],
)
def test_a_loss_that_cannot_be_trained_is_refused(loss, message):
    w, problem = line()
    with pytest.raises(ValueError, match=message):
        train(**problem | {"loss": lambda step: loss(w)}, steps=1)
