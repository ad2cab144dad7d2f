"""What lesson 10 says, for other weights, sizes and seeds than the page's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import bptt
from rnncourse.cells import LSTMCell
from rnncourse.data.grammars import agreement as grammar
from rnncourse.evaluation import relative_difference
from rnncourse.reference import lstm_step, sigmoid
from rnncourse.reproduce import records, rests
from rnncourse.variants import PeepholeLSTMCell

DISTANCES = (6, 15, 30, 60)


def random_weights(F, H, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    return [scale * rng.normal(size=shape) for shape in ((F, 4 * H), (H, 4 * H), (4 * H,))]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_with_h_held_fixed_the_derivative_by_c_is_f(seed):
    W_xh, W_hh, b = random_weights(2, 3, seed)
    rng = np.random.default_rng(seed + 10)
    x, h, c = rng.normal(size=(1, 2)), np.tanh(rng.normal(size=(1, 3))), rng.normal(size=(1, 3))
    f = sigmoid(x @ W_xh + h @ W_hh + b)[0, 3:6]
    moved = np.array(
        [lstm_step(x, (h, c + 1e-6 * e), W_xh, W_hh, b).c[0] for e in np.eye(3)]
    ) - np.array([lstm_step(x, (h, c - 1e-6 * e), W_xh, W_hh, b).c[0] for e in np.eye(3)])
    assert relative_difference(moved / 2e-6, np.diag(f)) < 1e-8


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_if_h_follows_c_the_total_derivative_is_another(seed):
    W_xh, W_hh, b = (tf.constant(w) for w in random_weights(2, 3, seed))
    rng = np.random.default_rng(seed + 10)
    x, o = tf.constant(rng.normal(size=(1, 2))), tf.constant(rng.uniform(size=(1, 3)))
    c = tf.constant(rng.normal(size=(1, 3)))
    with tf.GradientTape() as tape:
        tape.watch(c)
        sums = x @ W_xh + (o * tf.tanh(c)) @ W_hh + b
        i, f, g, _ = tf.split(sums, 4, axis=1)
        new = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    total = tape.jacobian(new, c)[0, :, 0].numpy()
    assert relative_difference(np.diag(np.diag(total)), np.diag(tf.sigmoid(f)[0])) > 0.01
    assert np.abs(total - np.diag(np.diag(total))).max() > 0.01


@pytest.mark.parametrize(("radius", "bias"), [(0.5, 1.0), (2.0, 1.0), (3.0, 0.0), (1.0, 3.0)])
def test_at_rest_the_gradient_changes_at_the_rate_that_the_weights_tell(radius, bias):
    rng = np.random.default_rng(3)
    W_g = rng.normal(size=(20, 20))
    W_g = (W_g + W_g.T) / 2  # real eigenvalues: one direction wins
    values = np.linalg.eigvalsh(W_g)
    W_g *= radius / np.abs(values).max()
    rate = np.abs(sigmoid(np.array(bias)) + np.linalg.eigvalsh(W_g) / 4).max()
    W_hh = np.concatenate([0 * W_g, 0 * W_g, W_g, 0 * W_g], axis=1)
    weights = np.zeros((1, 80)), W_hh, np.repeat([0.0, bias, 0, 0], 20)
    zeros = np.zeros((1, 20))
    back, norms = (zeros, rng.normal(size=(1, 20))), []
    for _ in range(200):
        back = bptt.lstm_backward(back, zeros[:, :1], (zeros, zeros), *weights).state
        norms.append(np.linalg.norm(back[1] + back[0] / 2))
    assert norms[-1] / norms[-2] == pytest.approx(rate, rel=0.02)


def test_an_lstm_can_explode_though_every_f_is_below_one():
    rng = np.random.default_rng(0)
    W_g = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    W_g = 3 * (W_g + W_g.T) / 2
    W_hh = np.concatenate([0 * W_g, 0 * W_g, W_g, 0 * W_g], axis=1)
    weights = np.zeros((1, 32)), W_hh, np.repeat([0.0, 1, 0, 0], 8)
    zeros = np.zeros((1, 8))
    back = (zeros, rng.normal(size=(1, 8)))
    for _ in range(60):
        back = bptt.lstm_backward(back, zeros[:, :1], (zeros, zeros), *weights).state
    assert sigmoid(np.array(1.0)) < 1
    assert np.linalg.norm(back[1]) > 100


def total_gradient(radius, kick, noise, seed, steps=200, units=32):
    """Logarithm of the gradient's length, `steps` back, along the way of a network like this."""
    rng = np.random.default_rng(seed)
    W_g = rng.normal(size=(units, units))
    W_g *= radius / np.abs(np.linalg.eigvals(W_g)).max()
    W_hh = np.concatenate([0 * W_g, 0 * W_g, W_g, 0 * W_g], axis=1)
    W_xh = np.kron([[0, 0, 1, 0]], np.eye(units))
    weights = W_xh, W_hh, np.repeat([0.0, 1, 0, 0], units)
    state, passed = (np.zeros((1, units)), kick * rng.normal(size=(1, units))), []
    xs = noise * rng.normal(size=(steps, 1, units))
    for x in xs:
        passed.append(state)
        state = lstm_step(x, state, *weights)
    back = (np.zeros((1, units)), rng.normal(size=(1, units)) / units**0.5)
    for x, before in zip(xs[::-1], passed[::-1], strict=True):
        back = bptt.lstm_backward(back, x, before, *weights).state
    return np.log(np.linalg.norm(back[1] + back[0] * 0.5 / np.cosh(before[1]) ** 2))


def test_what_explodes_at_rest_shrinks_under_noise():
    lengths = np.array([total_gradient(2, 1, 1, seed) for seed in range(6)])
    assert np.all(lengths < -2)


def test_a_cell_holds_a_value_for_a_thousand_steps():
    b = np.array([-40.0, 40.0, 0.0, 0.0])
    state = (np.zeros((1, 1)), np.array([[-0.37]]))
    for x in np.random.default_rng(1).normal(size=(1000, 1, 1)):
        state = lstm_step(x, state, np.zeros((1, 4)), np.zeros((1, 4)), b)
    assert state.c.item() == -0.37


def test_a_forget_bias_of_one_is_no_f_of_one():
    f = sigmoid(np.array([0.0, 1.0, 5.0]))
    half_life = np.log(0.5) / np.log(f)
    assert f[1] == pytest.approx(0.731, abs=5e-4)
    assert half_life == pytest.approx([1.0, 2.2, 103.2], abs=0.06)
    assert f[1] ** 35 == pytest.approx(1.7e-5, rel=0.02)


def test_keras_puts_the_forget_bias_into_the_variable():
    for layer in (keras.layers.LSTMCell(3), LSTMCell(3), PeepholeLSTMCell(3)):
        layer.build((1, 2))
        assert layer.bias.numpy()[3:6].tolist() == [1, 1, 1]
        assert layer.bias.numpy()[:3].tolist() == [0, 0, 0]


@pytest.mark.parametrize("sum_", [-15.0, -3.0, 0.0, 3.0, 15.0])
def test_a_gate_lies_between_zero_and_one(sum_):
    assert 0 < float(tf.sigmoid(sum_)) < 1


def test_rounding_makes_a_gate_one():
    assert sigmoid(np.array(36.0)) < 1
    assert sigmoid(np.array(37.0)) == 1
    assert float(tf.sigmoid(16.0)) < 1
    assert float(tf.sigmoid(18.0)) == 1


def right(name):
    record = records.load(name)
    names = list(dict.fromkeys(case["name"] for case in record.config["cases"]))
    values = record.values("right").reshape(len(record.results), len(names), 4)
    return dict(zip(names, values.transpose(1, 0, 2), strict=True))


def optimum(named):
    return np.array([grammar.optimum(d // 3, named) for d in DISTANCES])


@pytest.mark.parametrize(("name", "named"), [("agreement-plain", 0), ("agreement-named", 0.2)])
def test_gate_biases_matched_to_the_distance_reach_the_optimum_at_sixty_words(name, named):
    values = right(name)
    for cell in ("LSTM, matched", "GRU, matched"):
        assert np.sum(values[cell][:, 3] >= optimum(named)[3] - 0.02) >= 18


def test_where_nothing_lies_between_gates_out_of_the_box_stay_a_coin_at_sixty_words():
    values = right("agreement-plain")
    for cell in ("LSTM, bias 0", "LSTM, bias 1"):
        assert np.sum(values[cell][:, 3] > 0.9) <= 2
    assert np.sum(values["RNN, orthogonal"][:, 3] > 0.9) >= 6


def test_no_rate_helps_gates_out_of_the_box_where_nothing_lies_between():
    record = records.load("agreement-rates")
    for case, scores in zip(record.config["cases"], record.values("right").T, strict=True):
        solved = np.sum(scores > grammar.optimum(20, case["named"]) - 0.02)
        if case["named"] == 0 and case["gate_bias"] < 2:
            assert solved <= 1, case
        if case["named"] and case["rate"] == 0.03:
            assert solved >= 4
    assert solved >= 2  # a forget bias of 3


def test_where_people_are_met_gates_out_of_the_box_learn_what_plain_networks_do_not():
    values, best = right("agreement-named"), optimum(0.2)[3]
    for cell in ("LSTM, bias 1", "GRU, bias 0"):
        assert np.sum(values[cell][:, 3] > best - 0.02) >= 10
    for cell in ("RNN, Glorot", "RNN, orthogonal"):
        assert np.sum(values[cell][:, 3] > best - 0.02) <= 5


@pytest.mark.parametrize("name", ["agreement-plain", "agreement-named"])
def test_short_gaps_are_easy_for_everybody(name):
    for cell, values in right(name).items():
        assert np.median(values[:, 0]) > 0.93, cell


def test_each_gate_can_be_done_without_here_and_without_the_input_gate_at_a_small_rate_only():
    record = records.load("agreement-gates")
    means = {}
    for case, scores in zip(record.config["cases"], record.values("right").T, strict=True):
        means[case["name"], case["rate"]] = scores.mean()
    for gate in "fio":
        best = max(mean for (name, _), mean in means.items() if name == f"{gate} = 1")
        assert best > 0.9, gate
    assert means["i = 1", 0.01] < 0.7


def adding_scores():
    record, scores = records.load("adding-eighty"), {}
    for case, errors in zip(record.config["cases"], record.values("score").T, strict=True):
        scores.setdefault(case["name"], {})[case["rate"]] = errors
    return scores


def test_the_adding_task_over_eighty_steps_separates_lstms_from_tanh_networks():
    scores = adding_scores()
    matched = min(scores["LSTM, matched"].values(), key=np.median)
    assert np.sum(matched < 0.01) >= 18
    for name in ("RNN, Glorot", "RNN, orthogonal"):
        for errors in scores[name].values():
            assert np.sum(errors > 0.15) >= 18


def test_relu_from_the_identity_adds_over_eighty_steps_without_a_gate():
    scores = adding_scores()
    for errors in scores["RNN, identity"].values():
        assert np.median(errors) < 0.03
        assert np.sum(errors > 0.15) <= 2
    best = {name: min(map(np.median, rates.values())) for name, rates in scores.items()}
    assert best["LSTM, matched"] < best["RNN, identity"] / 3
    assert np.median(scores["LSTM, bias 1"][0.001]) > 0.15


def counts_of_the_other_forty():
    record, best = records.load("held-notes"), {}
    for case, count in zip(record.config["cases"], record.values("count").T, strict=True):
        key = (case["name"], case["gate_bias"] == 1)
        kept = best.setdefault(key, count)
        best[key] = max(kept, count, key=lambda c: np.median(c[: rests.CHOSEN_ON]))
    return {key: count[rests.CHOSEN_ON :] for key, count in best.items()}


def test_more_networks_with_peepholes_than_without_count_far_on():
    counts = counts_of_the_other_forty()
    peepholes, none = counts["peephole LSTM, 3 units", True], counts["LSTM, 4 units", True]
    assert len(peepholes) == 40
    assert np.median(peepholes) > np.median(none)
    assert np.sum(peepholes > 28) >= 4 + np.sum(none > 28)


def test_with_matched_biases_peepholes_make_little_difference():
    counts = counts_of_the_other_forty()
    peepholes, none = counts["peephole LSTM, 3 units", False], counts["LSTM, 4 units", False]
    assert abs(np.median(peepholes) - np.median(none)) < 4


def test_one_tensor_or_two_is_no_great_matter():
    record = records.load("packed-state")
    ratio = np.median(record.values("packed") / record.values("apart"))
    assert 0.8 < ratio < 1.4


def test_on_digits_an_lstm_of_as_many_weights_is_at_least_as_good():
    record = records.load("digits-readers")
    layers = [case.get("layer", "rnn") for case in record.config["cases"]]
    means = record.values("validation").mean(axis=0)
    assert means[layers.index("lstm")] >= means[0] - 0.005


def switch(name):
    return records.load("gender-switch").values(name)[:, 0]


def test_a_gate_that_shuts_at_a_girl_after_tom_drops_the_old_gender():
    assert np.sum(switch("girl after Tom") < switch("boy after Tom") - 0.1) >= 18
    assert np.median(switch("girl after Tom")) < 0.5 < np.median(switch("boy after Tom"))
    assert np.sum(switch("before") * switch("after") < 0) >= 14


def test_the_gate_reads_the_noun_and_not_the_change():
    assert np.median(switch("girl after Clare")) < 0.55
    assert np.median(switch("boy after Clare")) > 0.75
    assert np.median(switch("notices")) < 0.2
