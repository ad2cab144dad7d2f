"""Looking back: a decoder asks every word of the source how much it matters now.

Cast: *queries* `(B, T, Q)` ask, one for each word to be said; the *memory* `(B, S, M)`
answers, one row for each word that was read; a *mask* `(B, S)` says which rows are words.
Out come the *context*, a weighted mean of the memory, `(B, T, M)`, and the *weights*,
`(B, T, S)`: not negative, with the sum 1 over the words, and exactly 0 on padding.

`additive_attention` and `dot_attention` are pure functions; `AdditiveAttention` owns the
weights of the former. `attend` is what both share: from scores to context.
`looking_back.AttentiveEncoderDecoder` is a translator with one of them in it.
"""

import keras
from keras import ops

from rnncourse.shapes import require_integer, require_rank, require_size

__all__ = [
    "AdditiveAttention",
    "additive_attention",
    "additive_scores",
    "attend",
    "dot_attention",
    "dot_scores",
]


def additive_scores(queries, keys, scale):
    """e_ts = v · tanh(q_t + k_s): how well the word s answers the question t.

    Args:
        queries: q, already multiplied with W_q, `(B, T, A)`.
        keys: k, the memory multiplied with W_m, `(B, S, A)`.
        scale: v, `(A,)`; Keras's name for it.

    Returns:
        e, `(B, T, S)`.

    Source: Bahdanau, Cho & Bengio (2015), arXiv:1409.0473, appendix A.1.2.
    """
    pairs = ops.tanh(queries[:, :, None] + keys[:, None])  # (B, T, S, A)
    return ops.matmul(pairs, scale[:, None])[..., 0]


def dot_scores(queries, keys):
    """e_ts = q_t · k_s / √A: no tanh, no v; one product of matrices.

    Args:
        queries: `(B, T, A)`.
        keys: `(B, S, A)`.

    Returns:
        e, `(B, T, S)`.

    Source: Luong, Pham & Manning (2015), arXiv:1508.04025 (without the root); Vaswani et al.
    (2017), arXiv:1706.03762, equation 1.
    """
    return ops.matmul(queries, ops.swapaxes(keys, 1, 2)) / keys.shape[-1] ** 0.5


def attend(scores, memory, mask=None):
    """a = softmax(e) over the words, c = a m.

    A row whose words are all masked has nothing to look at: its weights and its context
    are 0, not NaN, and not the mean of the padding that Keras's layers return.

    Args:
        scores: e, `(B, T, S)`.
        memory: m, `(B, S, M)`.
        mask: `True` where there is a word, `(B, S)`, or one that this question may look at,
            `(B, T, S)`; everywhere if `None`.

    Returns:
        `(context, weights)`: `(B, T, M)` and `(B, T, S)`.
    """
    words = ops.ones_like(scores, "bool") if mask is None else ops.cast(mask, "bool")
    words = words[:, None] if len(words.shape) == 2 else words  # (B, 1 or T, S)
    lowest = ops.cast(-3e4 if scores.dtype == "float16" else -1e30, scores.dtype)
    scores = ops.where(words, scores, lowest)
    # Keras's softmax warns of sentences of one word.
    largest = ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    odds = ops.exp(scores - largest) * ops.cast(words, scores.dtype)
    # The sum is at least 1, the largest alone, or 0 where all is masked.
    weights = odds / ops.maximum(ops.sum(odds, axis=-1, keepdims=True), 1)
    return ops.matmul(weights, memory), weights


def additive_attention(queries, memory, query_kernel, memory_kernel, scale, mask=None):
    """c_t = Σ_s a_ts m_s with a_t = softmax(e_t), e_ts = v · tanh(q_t W_q + m_s W_m).

    Args:
        queries: q, `(B, T, Q)`.
        memory: m, `(B, S, M)`.
        query_kernel: W_q, `(Q, A)`.
        memory_kernel: W_m, `(M, A)`.
        scale: v, `(A,)`.
        mask: `True` where there is a word, `(B, S)`.

    Returns:
        `(context, weights)`: `(B, T, M)` and `(B, T, S)`.

    >>> c, a = additive_attention(*(ops.ones(s) for s in [(1, 1, 2), (1, 4, 3), (2, 5), (3, 5), 5]))
    >>> ops.convert_to_numpy(a).round(2).tolist()
    [[[0.25, 0.25, 0.25, 0.25]]]
    """
    keys = ops.matmul(memory, memory_kernel)  # (B, S, A)
    scores = additive_scores(ops.matmul(queries, query_kernel), keys, scale)
    return attend(scores, memory, mask)


def dot_attention(queries, memory, query_kernel, memory_kernel, mask=None):
    """As `additive_attention`, with e_ts = (q_t W_q) · (m_s W_m) / √A."""
    keys = ops.matmul(memory, memory_kernel)  # (B, S, A)
    return attend(dot_scores(ops.matmul(queries, query_kernel), keys), memory, mask)


@keras.saving.register_keras_serializable(package="rnncourse")
class AdditiveAttention(keras.layers.Layer):
    """`additive_attention` with weights of its own.

    `keras.layers.AdditiveAttention` has only v; what it is given as query and key must have
    been multiplied by a `Dense` layer without bias each. With the same weights both agree.

    Args:
        units: A, the width in which queries and memory meet.
        **kwargs: `name` and `dtype`.

    Raises:
        ValueError: `units` below 1; on a call, wrong ranks or sizes, or a mask that is not
            `(B, S)`.

    >>> context, weights = AdditiveAttention(8)(ops.ones((2, 5, 3)), ops.ones((2, 7, 4)))
    >>> tuple(context.shape), tuple(weights.shape)
    ((2, 5, 4), (2, 5, 7))
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = require_integer("units", units, 1, "it is the width A")
        self.supports_masking = True

    def build(self, queries_shape, memory_shape):
        """Create W_q, W_m and v for queries `(B, T, Q)` and a memory `(B, S, M)`."""
        for name, shape in (
            ("query_kernel", (queries_shape[-1], self.units)),
            ("memory_kernel", (memory_shape[-1], self.units)),
            ("scale", (self.units,)),
        ):
            setattr(self, name, self.add_weight(shape=shape, name=name))
        self.built = True

    def call(self, queries, memory, mask=None):
        """Context `(B, T, M)` and weights `(B, T, S)`.

        Args:
            queries: `(B, T, Q)`.
            memory: `(B, S, M)`.
            mask: `True` where there is a word, `(B, S)`.
        """
        require_rank("queries", queries.shape, "BTF")
        require_rank("memory", memory.shape, "BTF")
        if mask is not None:
            expected = tuple(memory.shape[:2])
            require_size("mask", mask.shape, expected, "one truth value for each row of the memory")
        return additive_attention(
            queries, memory, self.query_kernel, self.memory_kernel, self.scale, mask
        )

    def get_config(self):
        """The arguments, as plain data."""
        return super().get_config() | {"units": self.units}
