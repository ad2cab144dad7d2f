"""A network that reads a few words and says which one comes next: `(B, T)` ids in, `(B, V)` out.

Cast: ids become numbers in one of three ways, a recurrent stack reads them, a head makes
a logit for each of V words: `NextWord`. `learn_windows` trains it on the windows of a
text, all of them in each update, and `share_right` asks it for every next word.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.networks.classifiers import SequenceClassifier
from rnncourse.shapes import require_integer, require_size
from rnncourse.training.loop import train

__all__ = ["NextWord", "learn_windows", "share_right"]

READS = ("embedding", "one-hot", "magnitude")


@keras.saving.register_keras_serializable(package="rnncourse")
class NextWord(keras.Model):
    """Logits of the word that follows: ids → vectors → recurrent stack → head.

    Args:
        vocabulary: V, the number of words.
        recurrent: What reads: cells, layers, or a list of them, as in `SequenceClassifier`.
        reads: How an id becomes numbers. `"embedding"`: a row of a matrix that is
            trained. `"one-hot"`: V zeros but for a one. `"magnitude"`: the id itself, as
            one number.
        width: Numbers in a row of the embedding.

    Raises:
        ValueError: No such way to read, sizes out of range; on a call, another rank, or
            ids outside 0 … V - 1.
        TypeError: On a call, anything but integers.

    >>> network = NextWord(112, keras.layers.LSTMCell(64))
    >>> network(np.array([[20, 6, 33]])).shape, network.count_params()
    (TensorShape([1, 112]), 35696)
    """

    def __init__(self, vocabulary, recurrent, reads="embedding", width=32, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary = require_integer("vocabulary", vocabulary, 2, "count the words")
        self.width = require_integer("width", width, 1, "32 is usual for so few words")
        if reads not in READS:
            raise ValueError(f"`reads` must be one of {READS}, got {reads!r}: choose one")
        self.reads = reads
        self.embedding = keras.layers.Embedding(self.vocabulary, self.width)
        self.classifier = SequenceClassifier(recurrent, classes=self.vocabulary, unroll=True)

    def build(self, input_shape):
        """Create the weights for ids `(B, T)`."""
        require_size("ids", input_shape, ("B", "T"), "one row of ids for each answer")
        if self.reads == "embedding":
            self.embedding.build(input_shape)
        size = {"embedding": self.width, "one-hot": self.vocabulary, "magnitude": 1}[self.reads]
        self.classifier.build((*input_shape, size))
        self.built = True

    def call(self, ids, training=False):
        """`(B, T)` ids → `(B, V)` logits."""
        return self.classifier(self.as_numbers(ids), training=training)

    def as_numbers(self, ids):
        """What the recurrent stack is given, `(B, T, F)`."""
        if self.reads == "embedding":
            return self.embedding(ids)
        if self.reads == "one-hot":
            return keras.ops.one_hot(ids, self.vocabulary, dtype=self.compute_dtype)
        return keras.ops.cast(ids, self.compute_dtype)[..., None]

    def __call__(self, ids, *args, **kwargs):
        """Check ids before Keras does: an embedding looks past its end without a word."""
        if not isinstance(ids, keras.KerasTensor):
            ids = _as_ids(ids, self.vocabulary)
        return super().__call__(ids, *args, **kwargs)

    def get_config(self):
        """Everything needed to make the same network again, as plain data."""
        layers = [keras.saving.serialize_keras_object(r) for r in self.classifier.recurrent]
        settings = {name: getattr(self, name) for name in ("vocabulary", "reads", "width")}
        return super().get_config() | settings | {"recurrent": layers}

    @classmethod
    def from_config(cls, config):
        """A new network from `get_config`'s data, weights not included."""
        layers = [keras.saving.deserialize_keras_object(layer) for layer in config["recurrent"]]
        return cls(**config | {"recurrent": layers})


def learn_windows(network, before, after, updates=150, rate=0.01, **options):
    """Train with Adam on the mean cross-entropy over all windows, `updates` times.

    Args:
        network: A `NextWord`, or any Keras model `(N, n)` ids → `(N, V)` logits.
        before: Windows of ids, `(N, n)`.
        after: The id after each, `(N,)`.
        updates: How many.
        rate: Of learning.
        **options: Of `rnncourse.training.loop.train`.

    Returns:
        The loss at each update, `(updates,)`.

    Raises:
        ValueError: Windows and what follows them do not fit together.
        As `NextWord` and `train`.

    >>> keras.utils.set_random_seed(0)
    >>> network = NextWord(5, keras.layers.LSTMCell(8))
    >>> losses = learn_windows(network, [[0, 1], [1, 2]], [3, 4], updates=60)
    >>> share_right(network, [[0, 1], [1, 2]], [3, 4])
    1.0
    """
    x, y = (tf.constant(np.asarray(ids), tf.int32) for ids in (before, after))
    require_size("after", y.shape, (x.shape[0],), "one id for each window")
    network(x)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def loss(step):
        return cross_entropy(y, network(x, training=True))

    return train(loss, [network], keras.optimizers.Adam(rate), updates, **options)


def share_right(network, before, after):
    """The share of windows `(N, n)` after which the likeliest word is the one that came."""
    said = np.argmax(network(np.asarray(before)), axis=-1)
    return float(np.mean(said == np.asarray(after)))


def _as_ids(ids, vocabulary):
    if not tf.is_tensor(ids):
        ids = np.asarray(ids)
    if not tf.as_dtype(ids.dtype).is_integer:
        raise TypeError(f"`ids` must be integers, got dtype {ids.dtype}: encode the words first")
    require_size("ids", ids.shape, ("B", "T"), "one row of ids for each answer")
    if 0 in ids.shape:
        raise ValueError(f"`ids` must hold at least one word, got shape {tuple(ids.shape)}")
    if not tf.is_tensor(ids) or hasattr(ids, "numpy"):
        low, high = int(np.min(ids)), int(np.max(ids))
        if low < 0 or high >= vocabulary:
            raise ValueError(
                f"`ids` must lie in 0 … {vocabulary - 1}, got {low if low < 0 else high}: "
                "encode with the vocabulary that the network was made for"
            )
    return tf.cast(ids, tf.int32)
