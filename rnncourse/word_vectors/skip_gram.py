"""Word vectors trained on a text: skip-gram and CBOW with negative sampling.

Cast: sentences of ids come in, vectors `(V, D)` go out. `train_skip_gram` learns to
tell from a word which others stand near it; `train_cbow` to tell from the words around
which one stands between them. Both keep a second table, of rows that say what stands
beside a word; it is given up in the end.

One update takes in up to 400 words at once, laid out by `blocks`, against 64 noise words
that they share. word2vec draws `negatives` new ones for every pair; here each of the 64
has the weight `negatives` / 64, so that they weigh as much in sum. The gradients are
written down by hand: see `skip_gram_update` and `cbow_update`.
"""

import numpy as np
import tensorflow as tf

from rnncourse.shapes import require_integer, require_size
from rnncourse.word_vectors.blocks import kept_shares, lay_out, pair_masks, thin_out
from rnncourse.word_vectors.noise import draw, require_distribution, unigram
from rnncourse.word_vectors.pairs import join_sentences

__all__ = ["cbow_update", "skip_gram_update", "train_cbow", "train_skip_gram"]

BLOCK = 20
SHARED = 64
MOST = 400
LEAP, PUSH = 2.5, 3.75
FAR = 100  # entries of trained vectors stay around 1
LAST_RATE = 1e-4
GLANCES = 50
CHUNK = 1000  # updates in a call, a second or so: Ctrl-C is heard in between


def train_skip_gram(
    sentences,
    size: int,
    *,
    dimensions: int = 100,
    window: int = 5,
    negatives: float = 5,
    epochs: int = 3,
    rate: float = 0.025,
    sample: float = 0.0,
    noise=None,
    seed: int = 0,
    watch=None,
    words: int | None = None,
    start: float = 0.5,
) -> np.ndarray:
    """Vectors from which the neighbours of each word can be told.

    For each word, all words within a window of random width 1 … `window` are its
    neighbours; windows end with the sentence. The loss is `negative_sampling_loss`, summed,
    the rate falls linearly to nearly zero, as in word2vec.

    Args:
        sentences: Lists of ids of any length, or a single stream `(N,)`.
        size: V.
        dimensions: D.
        window: How far neighbours may stand.
        negatives: Noise words for each pair, in expectation.
        epochs: How often the text is gone through.
        rate: Of learning, at the start.
        sample: Frequent words are thinned out beyond this share, see `blocks.thin_out`;
            0 leaves all of them.
        noise: Probabilities `(V,)` to draw noise from; the counts to the power of 0.75, if
            `None`.
        seed: Of the start, the noise, the windows and the order.
        watch: Called about fifty times with the number of updates done and the vectors.
        words: How many words an update takes in, 400 or fewer if `None`, by the share of the
            most frequent word. Their gradients are summed: with thousands the frequent
            words leap too far and the training diverges.
        start: Entries of the vectors start within ± start / √D. gensim starts within ± 1 / D,
            closer to zero, where the first epochs bring little.

    Returns:
        `(V, D)` of float32. Words that never come keep their random start.

    Raises:
        TypeError: No integers.
        ValueError: Ids outside 0 … V - 1, no sentence of two words, or settings out of range.
        FloatingPointError: The training diverged.

    Source: Mikolov et al. (2013), https://arxiv.org/abs/1310.4546.

    >>> train_skip_gram([[0, 1, 2], [2, 1]], 3, dimensions=8, epochs=1).shape
    (3, 8)
    """
    settings = (
        dimensions,
        window,
        negatives,
        epochs,
        rate,
        sample,
        noise,
        seed,
        watch,
        words,
        start,
    )
    return _train(skip_gram_update, sentences, size, *settings)


def train_cbow(
    sentences,
    size: int,
    *,
    dimensions: int = 100,
    window: int = 5,
    negatives: float = 5,
    epochs: int = 3,
    rate: float = 0.1,
    sample: float = 0.0,
    noise=None,
    seed: int = 0,
    watch=None,
    words: int | None = None,
    start: float = 0.5,
) -> np.ndarray:
    """Vectors whose mean, over a window, tells the word in its midst.

    The true gradient of the mean is taken: each of n neighbours gets the n-th part.
    word2vec and gensim give each of them the whole, so that a rate of theirs amounts to one a
    few times larger here.

    Args, returns and errors as of `train_skip_gram`.

    Source: Mikolov et al. (2013), https://arxiv.org/abs/1301.3781; of the gradient İrsoy,
    Benton & Stratos (2021), https://arxiv.org/abs/2012.15332.

    >>> train_cbow([[0, 1, 2], [2, 1]], 3, dimensions=8, epochs=1).shape
    (3, 8)
    """
    settings = (
        dimensions,
        window,
        negatives,
        epochs,
        rate,
        sample,
        noise,
        seed,
        watch,
        words,
        start,
    )
    return _train(cbow_update, sentences, size, *settings)


def skip_gram_update(vectors, rows, near, noise, mask, rate, share):
    """Take in T words: one step down the gradient of the summed loss.

    Args:
        vectors: Variable `(V, D)`, one vector a word.
        rows: Variable `(V, D)`, what stands beside a word.
        near: Ids `(T / L, L + 2w)`: blocks of L words, w more on either side.
        noise: Ids `(k,)`.
        mask: `(T / L, L, L + 2w)`, 1 where a word of a block and one near it are a pair.
        rate: Of learning.
        share: The weight of each noise word, for each pair.
    """
    centres, nearby = _midst(near, mask), tf.reshape(near, (-1,))
    flat, u, n = tf.gather(vectors, centres), tf.gather(rows, near), tf.gather(rows, noise)
    v = tf.reshape(flat, (*mask.shape[:2], flat.shape[1]))
    pull = rate * mask * (tf.sigmoid(tf.matmul(v, u, transpose_b=True)) - 1)
    pairs = tf.reshape(tf.reduce_sum(mask, axis=-1), (-1, 1))
    push = rate * share * pairs * tf.sigmoid(tf.matmul(flat, n, transpose_b=True))
    by_pairs, beside = tf.matmul(pull, u), tf.matmul(pull, v, transpose_a=True)
    _subtract(vectors, centres, tf.reshape(by_pairs, flat.shape) + tf.matmul(push, n))
    _subtract(rows, nearby, tf.reshape(beside, (-1, flat.shape[1])))
    _subtract(rows, noise, tf.matmul(push, flat, transpose_a=True))


def cbow_update(vectors, rows, near, noise, mask, rate, share):
    """As `skip_gram_update`, but the mean of the vectors near a word is to tell the word."""
    centres, nearby = _midst(near, mask), tf.reshape(near, (-1,))
    u, v, n = tf.gather(rows, centres), tf.gather(vectors, near), tf.gather(rows, noise)
    counts = tf.reduce_sum(mask, axis=-1, keepdims=True)
    weights = tf.math.divide_no_nan(mask, counts)
    there = rate * tf.reshape(tf.minimum(counts, 1), (-1, 1))
    mean = tf.reshape(tf.matmul(weights, v), u.shape)
    pull = there * (tf.sigmoid(tf.reduce_sum(mean * u, axis=-1, keepdims=True)) - 1)
    push = there * share * tf.sigmoid(tf.matmul(mean, n, transpose_b=True))
    by_mean = tf.reshape(pull * u + tf.matmul(push, n), (*mask.shape[:2], u.shape[1]))
    around = tf.matmul(weights, by_mean, transpose_a=True)
    _subtract(vectors, nearby, tf.reshape(around, (-1, u.shape[1])))
    _subtract(rows, centres, pull * mean)
    _subtract(rows, noise, tf.matmul(push, mean, transpose_a=True))


def _midst(near, mask):
    """The ids of the words of the blocks `(T,)`, without those beside them."""
    window = (mask.shape[2] - mask.shape[1]) // 2
    return tf.reshape(near[:, window:-window], (-1,))


def _subtract(table, ids, change):
    table.scatter_sub(tf.IndexedSlices(change, ids))


def _train(
    update,
    sentences,
    size,
    dimensions,
    window,
    negatives,
    epochs,
    rate,
    sample,
    noise,
    seed,
    watch,
    words,
    start,
):
    size = require_integer("size", size, 1, "V, the size of the vocabulary")
    dimensions = require_integer("dimensions", dimensions, 1, "100 is usual")
    window = require_integer("window", window, 1, "5 is usual")
    epochs = require_integer("epochs", epochs, 1, "the text must be read once at least")
    if words is not None:
        words = require_integer("words", words, 1, "None chooses")
    _require_positive("negatives", negatives)
    _require_positive("rate", rate)
    _require_positive("start", start)
    if sample != 0:
        _require_positive("sample", sample)
    ids, owners = join_sentences(sentences, size)
    if len(ids) == owners[-1] + 1:
        raise ValueError("`sentences` must hold one of two words or more, got only single words")
    counts = np.bincount(ids, minlength=size)
    noise = unigram(counts, 0.75) if noise is None else require_distribution("noise", noise)
    require_size("noise", noise.shape, (size,), "one probability for each word")
    if words is None:
        left = counts * kept_shares(counts, sample)
        pairs = window if update is skip_gram_update else 1
        words = _words_at_once(left / left.sum(), noise, rate * pairs, negatives)
    blocks = max(1, words // BLOCK)
    rng = np.random.default_rng(seed)
    span = start / np.sqrt(dimensions)
    vectors = tf.Variable(rng.uniform(-span, span, (size, dimensions)), dtype=tf.float32)
    rows = tf.Variable(tf.zeros((size, dimensions)))
    run = _compile(update, vectors, rows, window, blocks)
    done, chunk, share = 0, CHUNK, np.float32(negatives / SHARED)
    if watch is not None:
        chunk = max(1, -(-len(ids) * epochs // (blocks * BLOCK * GLANCES)))
    for epoch in range(epochs):
        layout = lay_out(*thin_out(ids, owners, counts, sample, rng), window, BLOCK, rng)
        updates = -(-len(layout.words) // blocks)
        false = draw(noise, (updates, SHARED), rng)
        progress = (epoch + np.arange(updates) / updates) / epochs
        rates = np.maximum(rate * (1 - progress), LAST_RATE).astype(np.float32)
        for first in range(0, updates, chunk):
            part, of_blocks = (slice(first * n, (first + chunk) * n) for n in (1, blocks))
            near, before, after = (_in_updates(x[of_blocks], blocks) for x in layout)
            masks = pair_masks(before, after, window)
            run(*map(tf.constant, (near, false[part], masks, rates[part], share)))
            done += len(near)
            if watch is not None:
                watch(done, vectors.numpy())
    trained = vectors.numpy()
    if not np.abs(trained).max() < FAR:  # NaN is not, either
        raise FloatingPointError(
            "the training diverged: lower `rate`, or `words`, whose gradients are summed"
        )
    return trained


def _require_positive(name, value):
    if not 0 < value < np.inf:
        raise ValueError(f"`{name}` must be a number > 0, got {value!r}: see its default")


def _words_at_once(shares, noise, rate, negatives):
    """How many words an update may take in, the gradients of which are summed.

    The more often one word occurs in an update, or is drawn as noise, the farther its row
    moves on a gradient that was right where it stood: beyond some distance it overshoots,
    the farther each time. Both limits come from trials with vocabularies of 60 to 5,000.
    """
    pull, push = rate * shares.max(), rate * negatives * noise.max()
    return int(min(MOST, LEAP / pull, PUSH / push))


def _in_updates(rows, blocks):
    """Rows `(R, n)` in groups of `blocks`, zeros behind the last: `(R', blocks, n)`."""
    missing = -len(rows) % blocks
    return np.pad(rows, [(0, missing), (0, 0)]).reshape(-1, blocks, rows.shape[1])


def _compile(update, vectors, rows, window, blocks):
    """A function of many updates, one after the other, in a single call."""
    reach = BLOCK + 2 * window
    signature = [
        tf.TensorSpec([None, blocks, reach], tf.int32),
        tf.TensorSpec([None, SHARED], tf.int32),
        tf.TensorSpec([None, blocks, BLOCK, reach], tf.bool),
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.float32),
    ]

    @tf.function(input_signature=signature)
    def run(near, noise, masks, rates, share):
        for j in tf.range(tf.shape(rates)[0]):
            mask = tf.cast(masks[j], tf.float32)
            update(vectors, rows, near[j], noise[j], mask, rates[j], share)

    return run.get_concrete_function()
