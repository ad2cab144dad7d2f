"""The NumPy stack of the depth sweeps: its gradient, its twin in Keras, its masks."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import stacked
from rnncourse.reproduce.stacked import (
    PLACES,
    draw_masks,
    forward,
    gradient,
    shapes,
    softmax,
    start,
    views,
)

T, N, B, F, H, LAYERS, V = 5, 2, 6, 3, 4, 3, 5


def network(shared=False, project=False, seed=0):
    """Random weights `(N, P)` in float64, biases among them, and their shapes."""
    wanted = shapes(F, H, LAYERS, V, shared, project)
    flat = start(wanted, range(N), np.float64)
    return flat + 0.1 * np.random.default_rng(seed).normal(size=flat.shape), wanted


def data(every=False, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(T, N, B, F)), rng.integers(0, V, (T if every else 1, N, B))


def masks_of(mask="step", places=PLACES, first=F, rate=0.4):
    rngs = [np.random.default_rng(k) for k in range(N)]
    drawn = draw_masks(rate, places, mask, rngs, T, B, first, H, LAYERS)
    return {place: values.astype(np.float64) for place, values in drawn.items()}


def written(flat, wanted, x, y, masks, every):
    into = np.zeros_like(flat)
    losses = gradient(views(flat, wanted), views(into, wanted), LAYERS, x, y, masks, every)
    return losses, into


def estimated(flat, wanted, x, y, masks, every):
    estimate = np.zeros_like(flat)
    for p in range(flat.shape[1]):
        losses = []
        for shift in (1e-6, -1e-6):
            moved = flat.copy()
            moved[:, p] += shift
            losses.append(written(moved, wanted, x, y, masks, every)[0])
        estimate[:, p] = (losses[0] - losses[1]) / 2e-6
    return estimate


@pytest.mark.parametrize("every", [False, True], ids=["last step", "every step"])
@pytest.mark.parametrize("mask", [None, "step", "sequence"])
@pytest.mark.parametrize(
    ("shared", "project"), [(False, False), (True, True)], ids=["own weights", "shared"]
)
def test_the_gradient_equals_central_differences(shared, project, mask, every):
    (flat, wanted), (x, y) = network(shared, project), data(every)
    masks = masks_of(mask, first=H if project else F) if mask else {}
    _, got = written(flat, wanted, x, y, masks, every)
    assert relative_difference(got, estimated(flat, wanted, x, y, masks, every)) < 1e-6


def keras_twin(weights, n, shared=False):
    """Network n as Keras's stack and read-out, in float64."""
    cells = [keras.layers.SimpleRNNCell(H, dtype="float64") for _ in range(LAYERS)]
    cells = cells[:1] * LAYERS if shared else cells
    stack = keras.layers.StackedRNNCells(cells, dtype="float64")
    rnn = keras.layers.RNN(stack, return_sequences=True, dtype="float64")
    read_out = keras.layers.Dense(V, dtype="float64")
    rnn.build((B, T, H if shared else F))
    read_out.build((B, T, H))
    for k, cell in enumerate(cells[:1] if shared else cells):
        names = f"W_xh{k}", f"W_hh{k}", f"b_h{k}"
        cell.set_weights([weights[name][n].squeeze() for name in names])
    read_out.set_weights([weights["W_hy"][n], weights["b_y"][n, 0]])
    return rnn, read_out


@pytest.mark.parametrize("n", range(N))
def test_a_stack_is_keras_number_for_number(n):
    flat, wanted = network()
    x, y = data(every=True)
    weights = views(flat, wanted)
    logits, *_ = forward(weights, LAYERS, x, every=True)
    rnn, read_out = keras_twin(weights, n)
    variables = rnn.trainable_variables + read_out.trainable_variables
    with tf.GradientTape() as tape:
        theirs = read_out(rnn(x[:, n].swapaxes(0, 1)))
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y[:, n].T, theirs))
    assert relative_difference(logits[:, n].swapaxes(0, 1), theirs) < 1e-12
    losses, into = written(flat, wanted, x, y, {}, True)
    assert losses[n] == pytest.approx(float(loss), rel=1e-9)
    slopes = [np.ravel(slope) for slope in tape.gradient(loss, variables)]
    assert relative_difference(into[n], np.concatenate(slopes)) < 1e-9


def test_layers_that_share_are_keras_with_one_cell_three_times():
    flat, wanted = network(shared=True, project=True)
    weights = views(flat, wanted)
    x, _ = data()
    logits, *_ = forward(weights, LAYERS, x, every=True)
    rnn, read_out = keras_twin(weights, 0, shared=True)
    projected = x[:, 0] @ weights["W_in"][0] + weights["b_in"][0]
    theirs = read_out(rnn(projected.swapaxes(0, 1)))
    assert relative_difference(logits[:, 0].swapaxes(0, 1), theirs) < 1e-12


def test_networks_side_by_side_are_each_what_they_would_be_alone():
    flat, wanted = network()
    x, y = data()
    losses, into = written(flat, wanted, x, y, masks_of(), False)
    alone = {place: values[:, 1:] for place, values in masks_of().items()}
    loss, slopes = written(flat[1:], wanted, x[:, 1:], y[:, 1:], alone, False)
    assert loss[0] == pytest.approx(losses[1], rel=1e-12)
    assert relative_difference(slopes[0], into[1]) < 1e-12


def test_weights_start_as_keras_draws_them():
    flat, wanted = network(seed=0)
    flat = start(wanted, range(N))
    weights = views(flat, wanted)
    limit = np.sqrt(6 / (F + H))
    assert np.max(np.abs(weights["W_xh0"])) <= limit
    np.testing.assert_allclose(
        weights["W_hh1"] @ weights["W_hh1"].swapaxes(1, 2), [np.eye(H)] * N, atol=1e-6
    )
    assert not np.any(weights["b_h2"])


def test_views_show_the_weights_themselves():
    flat, wanted = network()
    views(flat, wanted)["b_y"][:] = 7
    assert np.all(flat[:, -V:] == 7)


@pytest.mark.parametrize(("shared", "expected"), [(False, 3 * 234 // 3), (True, 78)])
def test_shared_layers_have_the_parameters_of_one(shared, expected):
    wanted = shapes(6, 6, 3, 1, shared)
    stack = sum(r * c for name, (r, c) in wanted.items() if not name.endswith("y"))
    assert stack == expected


def test_layers_that_share_refuse_inputs_of_another_size():
    with pytest.raises(ValueError, match="inputs of size 4, got 3: project them first"):
        shapes(F, H, LAYERS, V, shared=True)


def test_masks_stand_where_they_are_asked_for():
    assert masks_of(places=["inputs"]).keys() == {("inputs", 0)}
    assert masks_of(places=["between"]).keys() == {("inputs", 1), ("inputs", 2)}
    assert masks_of(places=["state"]).keys() == {("state", k) for k in range(LAYERS)}
    assert masks_of(places=["outputs"]).keys() == {("outputs", 2)}
    assert masks_of(rate=0) == {}


@pytest.mark.parametrize(("mask", "steps"), [("step", T), ("sequence", 1)])
def test_a_mask_is_drawn_for_each_step_or_once(mask, steps):
    for values in masks_of(mask).values():
        assert len(values) == steps
        assert set(np.unique(values.round(5))) == {0, round(1 / 0.6, 5)}


def test_a_dropped_share_is_the_share_that_is_asked_for():
    (values,) = draw_masks(
        0.2, ["inputs"], "step", [np.random.default_rng(0)], 100, 10, 10, H, 1
    ).values()
    # Standard error of 10,000 coins: 0.004.
    assert abs(np.mean(values == 0) - 0.2) < 0.02
    assert abs(values.mean() - 1) < 0.02


def test_probabilities_of_large_logits_are_finite():
    np.testing.assert_allclose(softmax(np.array([1e4, 0.0])), [1, 0])


def forgets_the_mask_on_the_way_back(weights, into, layers, x, y, masks=None, every=False):
    return stacked.gradient(weights, into, layers, x, y, None, every)


def test_a_mask_forgotten_on_the_way_back_is_caught(monkeypatch):
    monkeypatch.setitem(globals(), "gradient", forgets_the_mask_on_the_way_back)
    flat, wanted = network()
    x, y = data()
    _, got = written(flat, wanted, x, y, masks_of(), False)
    monkeypatch.undo()
    expected = estimated(flat, wanted, x, y, masks_of(), False)
    assert relative_difference(got, expected) > 0.01


def test_a_product_taken_with_the_wrong_layer_is_caught(monkeypatch):
    layer = stacked._layer
    monkeypatch.setattr(stacked, "_layer", lambda weights, k: layer(weights, min(k, 1)))
    with pytest.raises(AssertionError):
        test_a_stack_is_keras_number_for_number(0)
