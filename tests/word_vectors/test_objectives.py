import numpy as np
import pytest
import tensorflow as tf

from rnncourse.word_vectors.noise import expected_counts, log_uniform, unigram
from rnncourse.word_vectors.objectives import (
    full_softmax_loss,
    nce_loss,
    negative_sampling_loss,
)

V, D, B, K = 11, 4, 6, 3
rng = np.random.default_rng(0)
VECTORS, WEIGHTS = rng.normal(size=(B, D)), rng.normal(size=(V, D))
BIASES, TARGETS = rng.normal(size=V), rng.integers(0, V, B)
SHARED, OWN = rng.integers(0, V, K), rng.integers(0, V, (B, K))
EXPECTED = expected_counts(unigram(rng.integers(1, 50, V), 0.75), K)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def by_hand(vectors, weights, biases, targets, noise, correction, sign=-1):
    """The definition, pair by pair and word by word."""
    losses = []
    for i, target in enumerate(targets):
        drawn = noise if np.ndim(noise) == 1 else noise[i]
        score = [vectors[i] @ weights[w] + biases[w] - correction[w] for w in (target, *drawn)]
        losses.append(
            -np.log(sigmoid(score[0])) - sum(np.log(sigmoid(sign * s)) for s in score[1:])
        )
    return np.array(losses)


def gradients(loss, *variables):
    """The sum of the losses' gradients with respect to each."""
    variables = [tf.Variable(v) for v in variables]
    with tf.GradientTape() as tape:
        losses = loss(*variables)
    return losses.numpy(), [
        tf.convert_to_tensor(g).numpy() for g in tape.gradient(losses, variables)
    ]


@pytest.mark.parametrize("noise", [SHARED, OWN], ids=["shared", "own"])
@pytest.mark.parametrize("biases", [BIASES, None])
def test_nce_and_negative_sampling_are_their_definitions(noise, biases, assert_close):
    known = np.zeros(V) if biases is None else biases
    nce = nce_loss(VECTORS, WEIGHTS, biases, TARGETS, noise, EXPECTED)
    hand = by_hand(VECTORS, WEIGHTS, known, TARGETS, noise, np.log(EXPECTED))
    assert_close(nce.numpy(), hand)
    plain = negative_sampling_loss(VECTORS, WEIGHTS, biases, TARGETS, noise)
    assert_close(plain.numpy(), by_hand(VECTORS, WEIGHTS, known, TARGETS, noise, np.zeros(V)))


def tensorflow_nce(vectors, weights, biases):
    """`tf.nn.nce_loss` with the very noise words and expected counts of ours."""
    sampled = (
        tf.constant(SHARED),
        tf.constant(EXPECTED[TARGETS][:, None]),
        tf.constant(EXPECTED[SHARED]),
    )
    return tf.nn.nce_loss(weights, biases, TARGETS[:, None], vectors, K, V, sampled_values=sampled)


def ours_nce(vectors, weights, biases):
    return nce_loss(vectors, weights, biases, TARGETS, SHARED, EXPECTED)


def test_nce_and_its_gradients_equal_tensorflows(assert_close):
    losses, found = gradients(ours_nce, VECTORS, WEIGHTS, BIASES)
    wanted, expected = gradients(tensorflow_nce, VECTORS, WEIGHTS, BIASES)
    assert_close(losses, wanted)
    for a, b in zip(found, expected, strict=True):
        assert_close(a, b)


def test_nce_equals_tensorflows_with_its_own_sampler(assert_close):
    sampled = tf.random.log_uniform_candidate_sampler(
        TARGETS[:, None].astype(np.int64), 1, K, False, V, seed=3
    )
    wanted = tf.nn.nce_loss(
        *(tf.constant(x, tf.float32) for x in (WEIGHTS, BIASES)),
        TARGETS[:, None],
        tf.constant(VECTORS, tf.float32),
        K,
        V,
        sampled_values=sampled,
    )
    noise = sampled.sampled_candidates.numpy()
    ours = nce_loss(VECTORS, WEIGHTS, BIASES, TARGETS, noise, expected_counts(log_uniform(V), K))
    assert_close(ours.numpy(), wanted.numpy(), "float32")


@pytest.mark.parametrize("noise", [SHARED, OWN], ids=["shared", "own"])
def test_the_gradient_of_negative_sampling_is_error_times_the_other_vector(noise, assert_close):
    _, (dv, dw, db) = gradients(
        lambda v, w, b: negative_sampling_loss(v, w, b, TARGETS, noise), VECTORS, WEIGHTS, BIASES
    )
    expected = {"v": np.zeros_like(dv), "w": np.zeros_like(dw), "b": np.zeros_like(db)}
    for i, target in enumerate(TARGETS):
        drawn = noise if np.ndim(noise) == 1 else noise[i]
        for word, truth in ((target, 1), *((w, 0) for w in drawn)):
            error = sigmoid(VECTORS[i] @ WEIGHTS[word] + BIASES[word]) - truth
            expected["v"][i] += error * WEIGHTS[word]
            expected["w"][word] += error * VECTORS[i]
            expected["b"][word] += error
    assert_close({"v": dv, "w": dw, "b": db}, expected)


def test_the_full_softmax_is_a_distribution_over_all_words(assert_close):
    scores = VECTORS @ WEIGHTS.T + BIASES
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    loss, (dv, dw, db) = gradients(
        lambda v, w, b: full_softmax_loss(v, w, b, TARGETS), VECTORS, WEIGHTS, BIASES
    )
    assert_close(loss, -np.log(p[np.arange(B), TARGETS]))
    error = p - np.eye(V)[TARGETS]
    assert_close(
        {"v": dv, "w": dw, "b": db},
        {"v": error @ WEIGHTS, "w": error.T @ VECTORS, "b": error.sum(0)},
    )


@pytest.mark.parametrize(
    ("mistake", "settings"),
    [
        ("the correction dropped", {"correction": np.zeros(V)}),
        ("the correction added", {"correction": -np.log(EXPECTED)}),
        ("k forgotten", {"correction": np.log(EXPECTED / K)}),
        ("the sign of the noise term", {"correction": np.log(EXPECTED), "sign": 1}),
    ],
)
def test_likely_mistakes_are_not_tensorflows_nce(mistake, settings):
    wrong = by_hand(VECTORS, WEIGHTS, BIASES, TARGETS, SHARED, **settings)
    assert np.abs(wrong - tensorflow_nce(VECTORS, WEIGHTS, BIASES).numpy()).max() > 0.01, mistake


def test_swapping_the_word_and_its_context_changes_the_loss():
    swapped = nce_loss(
        WEIGHTS[TARGETS], np.tile(VECTORS, (2, 1))[:V], BIASES, np.arange(B), SHARED, EXPECTED
    )
    assert np.abs(swapped.numpy() - ours_nce(VECTORS, WEIGHTS, BIASES).numpy()).max() > 0.01


def test_large_scores_neither_overflow_nor_vanish():
    vectors, weights = np.array([[100.0]], "f4"), np.array([[100.0], [-100.0]], "f4")
    right = negative_sampling_loss(vectors, weights, None, [0], [1]).numpy()
    wrong = negative_sampling_loss(vectors, weights, None, [1], [0]).numpy()
    assert right.tolist() == [0.0] and wrong.tolist() == [20_000.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((VECTORS[0], WEIGHTS, None, TARGETS, SHARED), r"`vectors` must have shape \(B, D\)"),
        ((VECTORS, WEIGHTS[:, :2], None, TARGETS, SHARED), r"`weights` must have shape \(V, 4\)"),
        ((VECTORS, WEIGHTS, BIASES[:3], TARGETS, SHARED), r"`biases` must have shape \(11,\)"),
        ((VECTORS, WEIGHTS, None, TARGETS[:2], SHARED), r"`targets` must have shape \(6,\)"),
        ((VECTORS, WEIGHTS, None, TARGETS, SHARED[None, None]), r"`noise` must have shape \(k,\)"),
    ],
)
def test_sizes_that_do_not_fit_together_are_said_so(arguments, message):
    with pytest.raises(ValueError, match=message):
        negative_sampling_loss(*arguments)
    with pytest.raises(ValueError, match=message):
        nce_loss(*arguments, EXPECTED)
    if "noise" not in message:
        with pytest.raises(ValueError, match=message):
            full_softmax_loss(*arguments[:4])


def test_an_expectation_is_needed_for_each_word():
    with pytest.raises(ValueError, match=r"`expected` must have shape \(11,\), got \(3,\)"):
        nce_loss(VECTORS, WEIGHTS, BIASES, TARGETS, SHARED, EXPECTED[:3])
