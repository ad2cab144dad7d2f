"""What lesson 09 says, for other weights, sizes and seeds than the page's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.data.distances import BAD, GOOD, WORDS, adding_task, reviews
from rnncourse.evaluation import relative_difference
from rnncourse.reference import sigmoid
from rnncourse.reproduce import fading, records
from rnncourse.reproduce.fading import ACTIVATIONS, gradient_norms, recurrent
from rnncourse.reproduce.remedy_sweeps import try_cases


def test_the_slope_of_the_sigmoid_reaches_a_quarter_at_zero_and_nowhere_else():
    a = np.linspace(-20, 20, 4001)
    slope = sigmoid(a) * (1 - sigmoid(a))
    assert slope.max() == 0.25
    assert np.flatnonzero(slope == 0.25).tolist() == [2000]


@pytest.mark.parametrize("factor", [0.5, -0.9, 1.2, -1.5])
def test_a_product_vanishes_by_the_size_of_its_factors_not_by_their_sign(factor):
    assert (abs(factor**100) < 1e-4) == (abs(factor) < 1)


@pytest.mark.parametrize("units", [8, 50])
def test_the_radius_decides_and_not_the_entries(units):
    small, large = np.full((units, units), 1.5 / units), 9 * np.eye(units, k=1)
    powers = [np.linalg.matrix_power(W, 4 * units) for W in (small, large)]
    assert np.abs(small).max() < 0.2
    assert np.linalg.norm(powers[0]) > 1e5
    assert np.linalg.norm(powers[1]) == 0


@pytest.mark.parametrize("radius", [0.5, 0.95, 1.05])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_at_rest_the_slope_is_radius_times_derivative(activation, radius):
    rng = np.random.default_rng(31)
    norms = gradient_norms(recurrent(40, radius, rng, True), activation, 1e-20, 120, rng)
    theory = np.log(radius) + np.log(0.25 if activation == "sigmoid" else 1)
    measured = np.polyfit(np.arange(20, 120), np.log(norms[20:]), 1)[0]
    assert measured == pytest.approx(theory, rel=1e-6)


def test_all_of_twenty_random_layers_keep_to_the_theory_within_a_tenth():
    record = records.load("gradient-slopes")
    assert record.config["loudness"][0] < 1e-10
    for kind in ("gaussian", "orthogonal"):
        theory = np.log(record.config["radii"]) + np.log([[0.25], [1], [1]])
        assert np.all(np.abs(record.values(kind)[:, 0] / theory - 1) < 0.1)


def test_loud_inputs_make_gradients_vanish_that_would_explode_at_rest():
    record = records.load("gradient-slopes")
    for kind in ("gaussian", "orthogonal"):
        slopes = record.values(kind)  # (seeds, loudness, activations, radii)
        assert np.all(slopes[:, 0, 1:, 2] > 0)
        assert np.all(slopes[:, -1, 1:, 2] < 0)
        # ReLU's gradient dies more slowly than tanh's.
        assert np.all(slopes[:, -1, 2] > slopes[:, -1, 1])


def test_the_rate_of_learning_does_not_change_what_the_past_contributes():
    rng = np.random.default_rng(5)
    x, y = tf.constant(rng.normal(size=(4, 30, 2))), tf.constant(rng.normal(size=(4, 3)))
    layer = keras.layers.SimpleRNN(3, dtype="float64")
    layer.build((4, 30, 2))
    start = [w.numpy() for w in layer.weights]
    shares = []
    for rate in (1e-3, 1.0, 1e3):
        changes = []
        for seen in (x, tf.concat([tf.zeros((4, 20, 2), tf.float64), x[:, 20:]], axis=1)):
            for w, old in zip(layer.weights, start, strict=True):
                w.assign(old)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((layer(seen) - y) ** 2)
            gradient = tape.gradient(loss, layer.cell.kernel.value)
            changes.append(float(tf.norm(rate * gradient)))
        shares.append(changes[1] / changes[0])
    assert np.ptp(shares) < 1e-12 * shares[0]


def test_clipping_keeps_the_direction_and_so_the_share_of_the_past():
    rng = np.random.default_rng(1)
    gradients = [rng.normal(size=(5, 3)), rng.normal(size=4)]
    for limit in (0.1, 1.0, 100.0):
        clipped, norm = tf.clip_by_global_norm(gradients, limit)
        for g, c in zip(gradients, clipped, strict=True):
            assert relative_difference(c, g * min(1, limit / float(norm))) < 1e-12


def test_clipping_by_array_turns_the_gradient():
    rng = np.random.default_rng(1)
    gradients = [rng.normal(size=(5, 3)), 0.01 * rng.normal(size=4)]
    each = [tf.clip_by_norm(g, 1.0).numpy() for g in gradients]
    ratios = [np.linalg.norm(c) / np.linalg.norm(g) for c, g in zip(each, gradients, strict=True)]
    assert ratios[0] < 0.5
    assert ratios[1] == pytest.approx(1)


def of(sweep, /, **wanted):
    """Scores of all seeds in the one case of a record that is `wanted`."""
    record = records.load(sweep)
    found = [k for k, case in enumerate(record.config["cases"]) if wanted.items() <= case.items()]
    assert len(found) == 1
    return record.values("score")[:, found[0]]


def test_the_baseline_stands_at_a_sixth():
    _, y = adding_task(50_000, 40, 1)
    assert np.var(y) == pytest.approx(1 / 6, abs=0.003)


def test_on_the_adding_task_relu_and_adam_win():
    relu = of("remedies-adding", name="ReLU", optimizer="adam")
    tanh = of("remedies-adding", name="nothing", optimizer="adam")
    assert np.median(relu) < 0.03 < 0.06 < np.median(tanh)


def test_a_remedy_for_one_task_is_none_for_the_other():
    adding, verdicts = (
        {
            name: of(record, name=name, optimizer="adam")
            for name in ("nothing", "ReLU", "layer norm")
        }
        for record in ("remedies-adding", "remedies-review")
    )
    assert np.median(adding["ReLU"]) < np.median(adding["nothing"]) / 3
    assert np.mean(verdicts["ReLU"]) > np.mean(verdicts["nothing"]) + 0.1
    assert np.mean(verdicts["nothing"]) < 0.05


def test_the_gain_of_batch_normalization_must_suit_the_task():
    small = {
        record: of(record, name="batch norm, gain 0.1", optimizer="sgd")
        for record in ("remedies-adding", "remedies-review")
    }
    usual = {
        record: of(record, name="batch norm", optimizer="sgd")
        for record in ("remedies-adding", "remedies-review")
    }
    assert np.median(small["remedies-adding"]) < 0.06
    assert np.median(usual["remedies-adding"]) > 0.15
    assert np.mean(usual["remedies-review"]) < np.mean(small["remedies-review"])


def test_the_first_input_can_be_read_for_as_many_steps_as_there_are_units():
    record = records.load("first-input")
    ages, left = record.config["ages"], record.values("left")
    units = record.config["units"]
    loud, silent, _, soft, softer = np.moveaxis(left, 1, 0)
    assert np.all(loud[:, ages.index(40) :] < 0.05)
    assert np.all(silent > 0.95)
    assert np.all(soft[:, : ages.index(units) + 1] > 0.95)
    assert np.all(soft[:, ages.index(100)] < 0.65)
    assert np.all(softer > 0.9)


@pytest.mark.parametrize("units", [16, 32])
def test_soft_inputs_fill_an_orthogonal_layer_of_another_size_just_as_well(units):
    config = {"units": units, "rows": 1000, "keep": 1e-7, "ages": [units - 2, 2 * units]}
    case = {"orthogonal": True, "radius": 1, "gain": 0.01, "later": 1}
    before, after = fading.first_input(config | {"cases": [case]}, seed=41)["left"][0]
    assert before > 0.9
    assert after < 0.7


def test_fifteen_mixed_numbers_see_seasons_and_neither_last_year_nor_elections():
    record = records.load("mixed-scales")
    seasons, year, election = (record.values(name) for name in ("seasons", "year", "election"))
    days, hundred, mixed, with_year, with_election = range(1, 6)
    assert np.all(seasons[:, mixed] < 0.85 * seasons[:, days])
    assert np.all(seasons[:, mixed] < 1.05 * seasons[:, hundred])
    assert np.all(year[:, with_year] < 0.9 * year[:, mixed])
    assert np.all(election[:, with_election] < 0.7 * election[:, mixed])
    assert np.all(np.concatenate([seasons, year, election]) > 0.85 * (1 + 1 - 0.9**40))


def test_time_grows_with_the_steps():
    record = records.load("unrolling")
    steps = record.config["steps"]
    seconds = record.values("loop_step")[:, [steps.index(50), steps.index(200)]]
    assert 2 < np.median(seconds[:, 1] / seconds[:, 0]) < 6


def test_plain_networks_carry_a_verdict_over_forty_words():
    for contrary in (False, True):
        assert np.mean(of("verdict-distance", contrary=contrary, tail=40) < 0.02) > 0.5
        assert np.all(of("verdict-distance", contrary=contrary, tail=10) < 0.02)


def test_networks_that_do_not_know_the_verdict_are_coins():
    record = records.load("verdict-distance")
    right = 1 - record.values("score")
    for k, case in enumerate(record.config["cases"]):
        unknowing = right[right[:, k] < 0.9, k]
        if len(unknowing):
            assert np.mean(unknowing) == pytest.approx(0.5, abs=0.08), case


def test_clipping_helps_where_gradients_are_long():
    relu = {
        clip: of("clipping", name="ReLU, identity", optimizer="adam", clip=clip)
        for clip in (None, 5, 1)
    }
    assert np.mean(relu[1]) < np.mean(relu[None])


def test_another_small_network_keeps_a_verdict_over_ten_words():
    # Margin: the twenty networks of the record, with 32 units and 1,500 updates, make no mistake.
    config = {"task": "review", "optimizer": "adam", "rate": 0.003, "tail": 10}
    sizes = {"batch": 20, "units": 24, "updates": 600, "cases": [{}]}
    scores = [r["score"][0] for r in try_cases(config | sizes, (51, 52, 53))]
    assert np.median(scores) < 0.05


def test_a_contrary_tail_holds_no_word_that_speaks_for_the_verdict():
    words, liked, verdict = reviews(300, 12, 8, contrary=True)
    good, bad = (np.isin(words[:, 5:], [WORDS.index(w) for w in side]) for side in (GOOD, BAD))
    assert np.all(bad[verdict & (liked == 1)])
    assert np.all(good[verdict & (liked == 0)])
