"""Additive attention against NumPy, against Keras and against trying; masks; likely mistakes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.evaluation import central_differences, relative_difference
from rnncourse.translation import attention
from rnncourse.translation.attention import (
    AdditiveAttention,
    additive_attention,
    attend,
    dot_attention,
)

B, T, S, Q, M, A = 2, 3, 5, 4, 6, 7
MASK = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)


def drawn(seed=0, dtype="float64"):
    """Queries, memory, W_q, W_m, v: random and of five different sizes."""
    rng = np.random.default_rng(seed)
    shapes = [(B, T, Q), (B, S, M), (Q, A), (M, A), (A,)]
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def by_hand(queries, memory, W_q, W_m, v, mask=None):
    """One question and one word at a time."""
    weights = np.zeros((*queries.shape[:2], memory.shape[1]))
    for b, t in np.ndindex(*queries.shape[:2]):
        words = range(memory.shape[1]) if mask is None else np.flatnonzero(mask[b])
        odds = {s: np.exp(v @ np.tanh(queries[b, t] @ W_q + memory[b, s] @ W_m)) for s in words}
        for s in words:
            weights[b, t, s] = odds[s] / sum(odds.values())
    return np.einsum("bts,bsm->btm", weights, memory), weights


def assert_equal(got, wanted, tolerance):
    for ours, theirs in zip(got, wanted, strict=True):
        assert relative_difference(ours, theirs) < tolerance


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_a_case_computed_by_hand_comes_out(mask):
    assert_equal(additive_attention(*drawn(), mask), by_hand(*drawn(), mask), 1e-12)


def test_two_words_and_one_question_on_paper():
    """v·tanh: e = (0, log 3) gives the weights 1/4 and 3/4."""
    memory = np.array([[[0.0], [np.arctanh(np.log(3) / 2)]]])
    one = np.ones((1, 1))
    context, weights = additive_attention(np.zeros((1, 1, 1)), memory, one, one, np.array([2.0]))
    assert np.allclose(weights, [[[0.25, 0.75]]])
    assert np.allclose(context, 0.75 * memory[0, 1])


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_keras_with_two_dense_layers_before_it_is_the_same(mask):
    queries, memory, W_q, W_m, v = drawn(dtype="float32")
    layer = keras.layers.AdditiveAttention()
    inputs = [queries @ W_q, memory, memory @ W_m]
    layer.build([x.shape for x in (inputs[0], inputs[2], inputs[2])])
    layer.set_weights([v])
    masks = None if mask is None else [None, tf.constant(mask)]
    theirs = layer([tf.constant(x) for x in inputs], mask=masks, return_attention_scores=True)
    assert_equal(additive_attention(queries, memory, W_q, W_m, v, mask), theirs, 1e-5)


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_the_dot_product_is_that_of_keras_scaled_by_the_root(mask):
    queries, memory, W_q, W_m, _ = drawn(dtype="float32")
    layer = keras.layers.Attention(use_scale=True)
    inputs = [queries @ W_q, memory, memory @ W_m]
    layer.build([x.shape for x in inputs])
    layer.set_weights([np.array(A**-0.5)])
    masks = None if mask is None else [None, tf.constant(mask)]
    theirs = layer([tf.constant(x) for x in inputs], mask=masks, return_attention_scores=True)
    assert_equal(dot_attention(queries, memory, W_q, W_m, mask), theirs, 1e-5)


def test_the_layer_owns_the_weights_of_the_function():
    queries, memory, *weights = drawn(dtype="float32")
    layer = AdditiveAttention(A)
    layer.build(queries.shape, memory.shape)
    layer.set_weights(weights)
    assert_equal(
        layer(queries, memory, MASK), additive_attention(*drawn(dtype="float32"), MASK), 1e-7
    )
    assert layer.count_params() == Q * A + M * A + A
    again = AdditiveAttention.from_config(layer.get_config())
    again.build(queries.shape, memory.shape)
    again.set_weights(weights)
    assert_equal(again(queries, memory), layer(queries, memory), 1e-7)


@pytest.mark.parametrize("which", range(5), ids=["queries", "memory", "W_q", "W_m", "v"])
def test_gradients_are_the_slopes_found_by_trying(which):
    arrays = drawn(1)
    rng = np.random.default_rng(2)
    into, looks = rng.normal(size=(B, T, M)), rng.normal(size=(B, T, S))

    def number(array):
        arguments = [*arrays[:which], array, *arrays[which + 1 :]]
        context, weights = additive_attention(*arguments, MASK)
        return tf.reduce_sum(context * into) + tf.reduce_sum(weights * looks)

    variable = tf.Variable(arrays[which])
    with tf.GradientTape() as tape:
        value = number(variable)
    slopes = tape.gradient(value, variable)
    tried = central_differences(lambda array: number(array).numpy(), arrays[which])
    assert relative_difference(slopes, tried) < 1e-8


def padding_is_never_looked_at():
    queries, memory, *weights = drawn(3, "float32")
    context, looked = additive_attention(queries, memory, *weights, MASK)
    assert np.all(np.asarray(looked)[0, :, 3:] == 0)
    assert np.allclose(np.sum(looked, axis=-1), 1)
    other = memory.copy()
    other[0, 3:] = 1e3
    again, looked_again = additive_attention(queries, other, *weights, MASK)
    assert np.array_equal(context, again) and np.array_equal(looked, looked_again)


def test_padding_gets_a_weight_of_exactly_zero_and_changes_nothing():
    padding_is_never_looked_at()


def test_padding_has_no_part_in_the_gradient():
    queries, memory, *weights = drawn(4)
    memory = tf.Variable(memory)
    with tf.GradientTape() as tape:
        context, _ = additive_attention(queries, memory, *weights, MASK)
        value = tf.reduce_sum(context**2)
    slopes = tape.gradient(value, memory).numpy()
    assert np.all(slopes[0, 3:] == 0) and np.all(np.abs(slopes[0, :3]).sum(axis=-1) > 0)


def test_a_row_of_nothing_but_padding_looks_at_nothing():
    """Keras returns the mean of the padding there; NaN would spread to every weight."""
    queries, memory, *weights = drawn(5)
    kernel = tf.Variable(weights[0])
    nothing = np.array([[0] * S, [1] * S], bool)
    with tf.GradientTape() as tape:
        context, looked = additive_attention(queries, memory, kernel, *weights[1:], nothing)
        value = tf.reduce_sum(context**2)
    assert np.all(looked[0] == 0) and np.all(context[0] == 0)
    assert np.allclose(np.sum(looked[1], axis=-1), 1)
    assert np.all(np.isfinite(tape.gradient(value, kernel)))


def test_a_sentence_of_one_word_is_looked_at_without_a_warning():
    queries, memory, *weights = drawn(6)
    context, looked = additive_attention(queries, memory[:, :1], *weights)
    assert np.all(looked == 1) and np.allclose(context, memory[:, :1])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_large_scores_and_small_types_stay_finite(dtype):
    scores = np.array([[[5e3, -5e3, 4.9e3]]], dtype)
    memory = np.ones((1, 3, 2), dtype)
    context, weights = attend(tf.constant(scores), memory, np.array([[1, 1, 0]], bool))
    assert np.array_equal(weights, [[[1, 0, 0]]]) and np.all(np.isfinite(context))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(S)))
def test_the_order_of_the_memory_does_not_matter(seed, order):
    """Attention is a question to a set: where a word stands it knows only from the memory."""
    queries, memory, *weights = drawn(seed)
    order = list(order)
    context, looked = additive_attention(queries, memory, *weights, MASK)
    again, moved = additive_attention(queries, memory[:, order], *weights, MASK[:, order])
    assert relative_difference(again, context) < 1e-12
    assert relative_difference(moved, np.asarray(looked)[..., order]) < 1e-12


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_the_context_lies_between_the_rows_of_the_memory(seed):
    queries, memory, *weights = drawn(seed)
    context, _ = additive_attention(queries, memory, *weights)
    low, high = memory.min(axis=1)[:, None], memory.max(axis=1)[:, None]
    assert np.all(context >= low - 1e-12) and np.all(context <= high + 1e-12)


def test_graph_and_xla_agree_with_eager():
    arrays = [tf.constant(a) for a in drawn(dtype="float32")]
    eager = additive_attention(*arrays, MASK)
    for jit in (False, True):
        compiled = tf.function(additive_attention, jit_compile=jit)
        assert_equal(compiled(*arrays, tf.constant(MASK)), eager, 1e-5)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: AdditiveAttention(0), "must be an integer ≥ 1, got 0: it is the width A"),
        (lambda: AdditiveAttention("8"), "got '8'"),
        (lambda: AdditiveAttention(8)(tf.ones((2, 4)), tf.ones((2, 5, 4))), "`queries` must"),
        (lambda: AdditiveAttention(8)(tf.ones((2, 1, 4)), tf.ones((5, 4))), "`memory` must"),
        (
            lambda: AdditiveAttention(8)(tf.ones((2, 1, 4)), tf.ones((2, 5, 4)), tf.ones((2, 1))),
            r"`mask` must have shape \(2, 5\), got \(2, 1\): one truth value",
        ),
    ],
    ids=["no units", "text", "a query without time", "a memory without time", "mask of targets"],
)
def test_what_does_not_fit_is_refused_in_words(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def no_mask(scores, memory, mask=None):
    return attend(scores, memory)


def mask_times_scores(scores, memory, mask=None):
    return attend(scores if mask is None else scores * mask[:, None], memory)


def mask_after_softmax(scores, memory, mask=None):
    _, weights = attend(scores, memory)
    weights = weights if mask is None else weights * mask[:, None]
    return weights @ memory, weights


def over_the_queries(scores, memory, mask=None):
    weights = tf.nn.softmax(scores, axis=1)
    return weights @ memory, weights


def score_of_products(queries, keys, scale):
    return tf.tanh(queries[:, :, None] * keys[:, None]) @ scale[:, None]


MISTAKES = [
    ("attend", no_mask),
    ("attend", mask_times_scores),
    ("attend", mask_after_softmax),
    ("attend", over_the_queries),
    ("additive_scores", lambda q, k, v: score_of_products(q, k, v)[..., 0]),
    ("additive_scores", lambda q, k, v: ((q[:, :, None] + k[:, None]) @ v[:, None])[..., 0]),
]
NAMES = ["no mask", "mask times scores", "mask after", "over queries", "products", "no tanh"]


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=NAMES)
def test_a_likely_mistake_is_seen(name, mistake, monkeypatch):
    mask = MASK.astype(float)  # so that the mistakes can multiply
    wanted = by_hand(*drawn(), MASK)
    monkeypatch.setattr(attention, name, mistake)
    with pytest.raises(AssertionError):
        assert_equal(additive_attention(*drawn(), mask), wanted, 1e-6)
