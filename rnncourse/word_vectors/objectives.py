r"""What a word vector is trained for: to tell the true neighbour from the others.

Cast: vectors of words `(B, D)` meet a row of weights `(V, D)` and a bias `(V,)` for each
word that might stand beside them; `targets` `(B,)` are those that did. A score is the
product of vector and row, plus the bias. `full_softmax_loss` compares the true one with
all V; `nce_loss` and `negative_sampling_loss` with a few drawn words, `noise`. Each
returns `(B,)`, one loss a pair, in nats.
"""

import tensorflow as tf

from rnncourse.shapes import require_size

__all__ = ["full_softmax_loss", "nce_loss", "negative_sampling_loss"]


def full_softmax_loss(vectors, weights, biases, targets):
    r"""−log P(target), P a softmax over the scores of all V words: V products for each pair.

    Args:
        vectors: `(B, D)`.
        weights: `(V, D)`.
        biases: `(V,)`, or `None` for zeros.
        targets: Ids `(B,)`.

    Returns:
        `(B,)`.

    Raises:
        ValueError: Sizes that do not fit together.

    >>> one = tf.constant([[1.0]])
    >>> full_softmax_loss(one, tf.zeros([4, 1]), None, [2]).numpy().round(3)
    array([1.386], dtype=float32)
    """
    vectors, weights, biases, targets = _as_tensors(vectors, weights, biases, targets)
    scores = tf.matmul(vectors, weights, transpose_b=True) + biases
    return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, scores)


def nce_loss(vectors, weights, biases, targets, noise, expected):
    r"""Noise-contrastive estimation: tell the target from k noise words, by logistic regression.

    With s(w) = score − log(k Q(w)),  loss = −log σ(s(target)) − Σ log(1 − σ(s(noise))). The
    subtraction makes the scores estimate log-probabilities.

    Args:
        vectors: `(B, D)`.
        weights: `(V, D)`.
        biases: `(V,)`, or `None` for zeros.
        targets: Ids `(B,)`.
        noise: Ids, `(k,)` shared by all pairs or `(B, k)`, a set of its own for each.
        expected: k Q(w), how often each word is to be expected among the noise, `(V,)`.

    Returns:
        `(B,)`.

    Raises:
        ValueError: Sizes that do not fit together.

    Source: Gutmann & Hyvärinen (2010); Mnih & Teh (2012), https://arxiv.org/abs/1206.6426;
    `tf.nn.nce_loss`.

    >>> one = tf.constant([[1.0]])
    >>> nce_loss(one, tf.zeros([2, 1]), None, [0], [1], [1.0, 1.0]).numpy().round(3)
    array([1.386], dtype=float32)
    """
    expected = tf.convert_to_tensor(expected)
    true, false = _scores(vectors, weights, biases, targets, noise)
    log_expected = tf.math.log(tf.cast(expected, true.dtype))
    require_size("expected", expected.shape, (weights.shape[0],), "one expectation for each word")
    true -= tf.gather(log_expected, targets)
    false -= tf.gather(log_expected, noise)
    return _logistic_loss(true, false)


def negative_sampling_loss(vectors, weights, biases, targets, noise):
    r"""Negative sampling: as `nce_loss`, but the scores are taken as they are.

    loss = −log σ(score(target)) − Σ log(1 − σ(score(noise))). Simpler, and good for vectors; the
    scores no longer estimate probabilities but how much oftener than by chance two words
    meet, less log k.

    Args and returns as of `nce_loss`.

    Source: Mikolov et al. (2013), https://arxiv.org/abs/1310.4546; Levy & Goldberg (2014).

    >>> one = tf.constant([[1.0]])
    >>> negative_sampling_loss(one, [[2.0], [-2.0]], None, [0], [1]).numpy().round(3)
    array([0.254], dtype=float32)
    """
    return _logistic_loss(*_scores(vectors, weights, biases, targets, noise))


def _scores(vectors, weights, biases, targets, noise):
    """Of the targets, `(B,)`, and of the noise, `(B, k)`."""
    vectors, weights, biases, targets = _as_tensors(vectors, weights, biases, targets)
    noise = tf.cast(tf.convert_to_tensor(noise), tf.int32)
    if noise.shape.rank not in (1, 2):
        raise ValueError(
            f"`noise` must have shape (k,) or (B, k), got {tuple(noise.shape)}: "
            "k ids for all pairs, or k for each"
        )
    true = tf.einsum("bd,bd->b", vectors, tf.gather(weights, targets))
    sums = "bd,kd->bk" if noise.shape.rank == 1 else "bd,bkd->bk"
    false = tf.einsum(sums, vectors, tf.gather(weights, noise))
    return true + tf.gather(biases, targets), false + tf.gather(biases, noise)


def _logistic_loss(true, false):
    return tf.nn.softplus(-true) + tf.reduce_sum(tf.nn.softplus(false), axis=-1)


def _as_tensors(vectors, weights, biases, targets):
    vectors, weights = tf.convert_to_tensor(vectors), tf.convert_to_tensor(weights)
    targets = tf.cast(tf.convert_to_tensor(targets), tf.int32)
    biases = tf.zeros(weights.shape[0], weights.dtype) if biases is None else biases
    biases = tf.convert_to_tensor(biases)
    pairs, dimensions = (*vectors.shape, None, None)[:2]
    require_size("vectors", vectors.shape, ("B", "D"), "one row for each pair")
    require_size("weights", weights.shape, ("V", dimensions), "as many columns as the vectors")
    require_size("biases", biases.shape, (weights.shape[0],), "one for each word")
    require_size("targets", targets.shape, (pairs,), "one id for each vector")
    return vectors, weights, biases, targets
