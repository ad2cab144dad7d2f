"""What lesson 08 says, for other sizes, seeds and weights than the page's."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from rnncourse.evaluation import interval, relative_difference
from rnncourse.reproduce import records
from rnncourse.wrappers import DropoutWrapper

CELLS = (keras.layers.SimpleRNNCell, keras.layers.LSTMCell, keras.layers.GRUCell)
each_cell = pytest.mark.parametrize("kind", CELLS)


def inputs(batch=3, steps=6, features=4, seed=0):
    return np.random.default_rng(seed).normal(size=(batch, steps, features)).astype("float32")


def shapes(states):
    return [tuple(state.shape) for state in keras.tree.flatten(states)]


def column(name, metric="right", **wanted):
    """A metric of every seed under the one case of a record that is `wanted`, exactly."""
    record = records.load(name)
    (case,) = [k for k, case in enumerate(record.config["cases"]) if case == wanted]
    return record.values(metric)[:, case]


def best_of_rates(name, metric="right", **wanted):
    """The same at the rate with the highest median."""
    rates = {case["rate"] for case in records.load(name).config["cases"] if "rate" in case}
    tried = [column(name, metric, rate=rate, **wanted) for rate in rates]
    return max(tried, key=np.median)


@pytest.mark.parametrize(("layers", "units"), [(3, 5), (2, 7), (4, 3)])
def test_a_stack_is_the_state_of_one_layer_handed_to_the_next(layers, units):
    X = inputs()
    cells = [keras.layers.SimpleRNNCell(units) for _ in range(layers)]
    outputs, *last = keras.layers.RNN(cells, return_sequences=True, return_state=True)(X)
    rng = np.random.default_rng(1)
    for cell in cells:
        cell.set_weights([rng.normal(size=w.shape) / 2 for w in cell.get_weights()])
    outputs, *last = keras.layers.RNN(cells, return_sequences=True, return_state=True)(X)
    states, top = [np.zeros((3, units))] * layers, []
    for t in range(X.shape[1]):
        below = X[:, t]
        for k, cell in enumerate(cells):
            W_xh, W_hh, b = cell.get_weights()
            states[k] = below = np.tanh(below @ W_xh + states[k] @ W_hh + b)
        top.append(below)
    assert relative_difference(np.stack(top, axis=1), outputs) < 1e-5
    for mine, theirs in zip(states, keras.tree.flatten(last), strict=True):
        assert relative_difference(mine, theirs) < 1e-5


@each_cell
def test_a_stack_of_cells_equals_layers_on_top_of_each_other(kind):
    X = inputs()
    layer = getattr(keras.layers, kind.__name__.removesuffix("Cell"))
    cells = [kind(5) for _ in range(3)]
    stack = keras.layers.RNN(cells, return_sequences=True)
    expected = stack(X)
    below = X
    for cell in cells:
        floor = layer(5, return_sequences=True)
        floor.build(below.shape)
        floor.set_weights(cell.get_weights())
        below = floor(below)
    assert relative_difference(below, expected) < 1e-5


@pytest.mark.parametrize(("layers", "units"), [(3, 5), (2, 7)])
def test_joined_states_are_as_wide_as_all_layers_and_twice_that_for_an_lstm(layers, units):
    for kind, vectors in zip(CELLS, (1, 2, 1), strict=True):
        cells = [kind(units) for _ in range(layers)]
        _, *last = keras.layers.RNN(cells, return_state=True)(inputs(batch=3))
        assert len(last) == layers
        joined = np.concatenate(keras.tree.flatten(last), axis=1)
        assert joined.shape == (3, vectors * layers * units)


def test_a_stack_holds_cells_of_different_kinds_and_sizes():
    cells = [keras.layers.SimpleRNNCell(5), keras.layers.LSTMCell(6), keras.layers.GRUCell(3)]
    stack = keras.layers.RNN(cells, return_state=True)
    output, *last = stack(inputs())
    assert output.shape == (3, 3)
    assert shapes(last) == [(3, 5), (3, 6), (3, 6), (3, 3)]
    assert stack.count_params() == sum(cell.count_params() for cell in cells)


@each_cell
def test_one_cell_in_three_places_has_one_set_of_weights_and_three_states(kind):
    X, cell = inputs(features=5), kind(5)
    shared = keras.layers.RNN([cell for _ in range(3)], return_state=True)
    own = keras.layers.RNN([kind(5) for _ in range(3)], return_state=True)
    assert len(shared(X)[1:]) == len(own(X)[1:]) == 3
    assert own.count_params() == 3 * shared.count_params() == 3 * cell.count_params()


def test_one_cell_in_three_places_is_refused_where_inputs_have_another_width():
    with pytest.raises(Exception, match=r"size-incompatible: In\[0\]: \[3,5\], In\[1\]: \[4,5\]"):
        keras.layers.RNN([keras.layers.SimpleRNNCell(5)] * 3)(inputs(features=4))


@pytest.mark.parametrize("train", [100, 1077])
def test_shared_layers_are_worse_at_the_same_width_and_as_good_at_the_same_parameters(train):
    own, same, wide, single = (
        column("stack-shared", train=train, layers=layers, units=units, shared=shared)
        for layers, units, shared in ((3, 22, False), (3, 22, True), (3, 36, True), (1, 22, False))
    )
    assert interval(own - same).low > 0
    assert np.median(wide) > np.median(own) - 0.01
    assert np.median(same) > np.median(single) - 0.03


def depth(train, layers):
    return best_of_rates("stack-depth", train=train, layers=layers)


def test_at_equal_parameters_two_or_three_layers_read_digits_no_better_than_one():
    for layers in (2, 3):
        assert abs(np.median(depth(1077, layers)) - np.median(depth(1077, 1))) < 0.01
    assert np.median(depth(1077, 5)) < np.median(depth(1077, 1))


def test_with_few_images_five_layers_lose_what_one_keeps_though_both_know_all_they_saw():
    assert np.all(depth(100, 5) < depth(100, 1) + 0.02)
    assert interval(depth(100, 1) - depth(100, 5)).low > 0.03
    for layers in (1, 2, 3, 5):
        assert np.all(best_of_rates("stack-depth", "seen_right", train=100, layers=layers) == 1)


def test_it_is_the_narrowness_that_loses_and_not_the_depth():
    right = {
        (layers, units): column("stack-narrow", layers=layers, units=units)
        for layers in (1, 5)
        for units in (17, 46)
    }
    for layers in (1, 5):
        assert interval(right[layers, 46] - right[layers, 17]).low > 0.03
    for units in (17, 46):
        assert interval(right[5, units] - right[1, units]).high > -0.01
    assert np.all(records.load("stack-narrow").values("seen_right") == 1)


def test_each_layer_costs_time_at_equal_parameters():
    record = records.load("stack-seconds")
    for way in ("looped", "compiled"):
        seconds = np.median(record.values(way), axis=0)
        assert np.all(np.diff(seconds) > 0)
        assert seconds[-1] > 1.5 * seconds[0]


def house(layers, units):
    return best_of_rates("stack-parity", layers=layers, units=units)


def test_a_parity_is_learned_better_with_more_layers_of_the_same_width():
    assert np.median(house(1, 12)) < np.median(house(2, 12)) - 0.03
    assert np.median(house(1, 12)) < np.median(house(3, 12)) - 0.03
    assert interval(house(3, 12) - house(1, 12)).low > 0
    third = interval(house(3, 12) - house(2, 12))
    assert third.low < 0 < third.high


def test_a_parity_is_learned_no_better_with_more_layers_of_the_same_parameters():
    for layers, units in ((2, 12), (3, 9)):
        gap = interval(house(layers, units) - house(1, 20))
        assert gap.low < 0 < gap.high


def mask_of(layer, **call):
    return layer(np.ones((2, 8, 30), np.float32), training=True, **call).numpy() != 0


def carrier(**options):
    return {
        "activation": None,
        "kernel_initializer": options.pop("kernel", "identity"),
        "recurrent_initializer": options.pop("loop", "zeros"),
    } | options


def test_a_dropout_layer_draws_for_each_step():
    mask = mask_of(keras.layers.Dropout(0.5))
    assert np.all(np.any(mask[:, 1:] != mask[:, :-1], axis=2))


@pytest.mark.parametrize("kind", ["SimpleRNN"])
def test_a_keras_cell_uses_one_mask_for_all_steps(kind):
    layer = getattr(keras.layers, kind)
    mask = mask_of(layer(30, dropout=0.5, return_sequences=True, **carrier()))
    assert np.all(mask == mask[:, :1])
    assert 0.2 < mask.mean() < 0.8
    loop = carrier(kernel="zeros", loop="identity")
    held = mask_of(
        layer(30, recurrent_dropout=0.5, return_sequences=True, **loop),
        initial_state=np.ones((2, 30), np.float32),
    )
    assert np.all(held == held[:, :1])


def test_a_carried_state_with_a_mask_for_each_step_falls_silent():
    cell = keras.layers.SimpleRNNCell(200, **carrier(kernel="zeros", loop="identity"))
    walk = keras.layers.RNN(DropoutWrapper(cell, drop_state=0.5, seed=1), return_sequences=True)
    start = np.ones((5, 200), np.float32)
    said = walk(np.ones((5, 10, 200), "float32"), initial_state=[start], training=True).numpy()
    left = np.mean(said != 0, axis=(0, 2))
    # Standard error of 1,000 coins: at most 0.016.
    np.testing.assert_allclose(left, 0.5 ** np.arange(1, 11), atol=0.06)


def gain(train, **case):
    """Points of accuracy that dropout brought, cut by cut."""
    return 100 * (
        column("stack-dropout", train=train, **case) - column("stack-dropout", train=train, drop=0)
    )


def test_with_few_images_a_little_dropout_at_the_door_helps_nearly_every_network():
    for drop in (0.1, 0.25):
        helped = gain(100, places=["inputs"], drop=drop)
        assert interval(helped).low > 1.5
        assert np.sum(helped > 0) >= 17
    assert interval(gain(100, places=["state"], drop=0.25, mask="step")).low > 1


@pytest.mark.parametrize("drop", [0.25, 0.5])
@pytest.mark.parametrize("place", ["between", "outputs"])
def test_between_the_layers_and_on_top_it_brings_little(place, drop):
    for train in (100, 1077):
        assert abs(gain(train, places=[place], drop=drop).mean()) < 2


def test_with_all_images_no_dropout_helps_and_one_half_as_in_the_sources_harms_every_network():
    tried = [case for case in records.load("stack-dropout").config["cases"] if "units" not in case]
    for case in tried:
        if case["train"] == 1077 and case["drop"]:
            assert gain(**case).mean() < 0.5
    for places in (["inputs", "between"], ["inputs", "between", "outputs"]):
        assert np.all(gain(1077, places=places, drop=0.5) < 0)
        patient = column("stack-patience", places=places, drop=0.5)
        assert np.median(patient) < np.median(column("stack-patience", drop=0)) - 0.02


def test_a_small_network_is_harmed_by_dropout():
    with_it = column("stack-dropout", train=1077, units=8, places=["between"], drop=0.5)
    assert np.all(with_it < column("stack-dropout", train=1077, units=8, drop=0))


def test_fifty_thinned_networks_together_are_as_right_as_the_whole_and_better_than_one():
    for place in ("inputs", "between", "outputs"):
        whole, one, together = (
            column("stack-masks", metric, places=[place], drop=0.5)
            for metric in ("right", "one_right", "mean_right")
        )
        assert np.all(together > one - 0.01)
        assert abs(np.median(together) - np.median(whole)) < 0.03


def test_averaging_helps_without_such_a_training_too_and_what_training_adds_is_the_single_mask():
    for place in ("inputs", "between"):
        with_it, without = (
            {
                metric: column("stack-masks", metric, places=[place], drop=drop)
                for metric in ("right", "one_right", "mean_right")
            }
            for drop in (0.5, 0)
        )
        assert interval(without["mean_right"] - without["one_right"]).low > 0.02
        assert np.median(without["mean_right"]) > np.median(without["right"]) - 0.06
        assert interval(with_it["one_right"] - without["one_right"]).low > 0.02
    one, best = (
        column("stack-masks", metric, places=["inputs"], drop=0.5)
        for metric in ("mean_right", "best_right")
    )
    assert np.mean(best < one) > 0.5


def pixels(train):
    return column("stack-pixels", train=train)


def test_logistic_regression_is_above_the_median_of_all_stacks_with_few_images():
    for layers in (1, 2, 3, 5):
        assert np.median(depth(100, layers)) < np.median(pixels(100)) - 0.02
        assert np.median(depth(1077, layers)) > np.median(pixels(1077)) - 0.01


def test_a_light_dropout_lifts_the_network_to_logistic_regression_and_not_clearly_beyond():
    lifted = column("stack-dropout", train=100, places=["inputs"], drop=0.1)
    gap = interval(lifted - pixels(100))
    assert gap.low < 0 < gap.high
    assert gap.low > -0.02


def test_the_recipes_of_the_sources_are_not_to_be_told_from_nothing_with_few_images():
    for places in (["inputs", "between"], ["inputs", "between", "outputs"]):
        gained = interval(gain(100, places=places, drop=0.5))
        assert gained.low < 0 < gained.high


def test_a_quarter_of_the_state_is_better_dropped_by_step_than_once():
    by_step, once = (
        gain(100, places=["state"], drop=0.25, mask=mask) for mask in ("step", "sequence")
    )
    assert interval(by_step - once).low > 0


def speaker(words=20, hidden=6, layers=2, batch=4, steps=9, drop=0.5, kind=keras.layers.LSTMCell):
    cells = [DropoutWrapper(kind(hidden), drop_outputs=drop) for _ in range(layers)]
    return keras.Sequential(
        [
            keras.Input((steps,), batch_size=batch, dtype="int32"),
            keras.layers.Embedding(words, hidden),
            keras.layers.RNN(cells, return_sequences=True),
            keras.layers.Dense(words),
        ]
    )


@each_cell
@pytest.mark.parametrize("change", [{"batch": 1}, {"steps": 5}, {"drop": 0.1}], ids=str)
def test_weights_are_taken_where_only_batch_steps_or_dropout_differ(change, kind, tmp_path):
    writer, reader = speaker(kind=kind), speaker(kind=kind, **change)
    writer.save_weights(tmp_path / "a.weights.h5")
    reader.load_weights(tmp_path / "a.weights.h5")
    for mine, theirs in zip(reader.get_weights(), writer.get_weights(), strict=True):
        if mine.dtype == np.float32:
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("change", [{"hidden": 7}, {"words": 21}, {"layers": 3}], ids=str)
def test_weights_are_refused_where_one_is_missing_or_has_another_shape(change, tmp_path):
    speaker().save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match="could not be loaded"):
        speaker(**change).load_weights(tmp_path / "a.weights.h5")


def test_weights_are_taken_without_a_word_by_a_network_with_a_layer_less(tmp_path):
    writer, reader = speaker(), speaker(layers=1)
    writer.save_weights(tmp_path / "a.weights.h5")
    reader.load_weights(tmp_path / "a.weights.h5")
    words = np.arange(36).reshape(4, 9) % 20
    assert relative_difference(reader(words), writer(words)) > 0.1


READER = """
import sys, keras, numpy as np
import rnncourse.wrappers
model = keras.saving.load_model(sys.argv[1] + "/model.keras")
np.save(sys.argv[1] + "/answers.npy", model(np.load(sys.argv[1] + "/words.npy")))
"""


def test_a_fresh_process_gives_the_same_answers_bit_for_bit(tmp_path):
    keras.utils.set_random_seed(3)
    model, words = speaker(), np.arange(36).reshape(4, 9) % 20
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "words.npy", words)
    command = [sys.executable, "-c", READER, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "answers.npy"), model(words))
