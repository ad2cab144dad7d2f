"""A text in, one class out: ids `(B, T)` become vectors, and a recurrent stack reads those.

Cast: `borrow` makes a table of vectors `(V, D)` for the words of a vocabulary out of the
vectors that somebody else trained; `pad` lays texts of unequal length side by side; a
`Reader` looks each word up in its table, its own or a borrowed one, walks over the
vectors and answers with logits `(B, K)`. The table is trained with the rest, or frozen.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.networks.classifiers import SequenceClassifier
from rnncourse.shapes import (
    require_finite,
    require_integer,
    require_numbers,
    require_rank,
    require_size,
)
from rnncourse.tensors import guard

__all__ = ["Reader", "borrow", "pad"]


def borrow(words, lent_words, lent_vectors, seed=0):
    """A row for each of our words: the lender's where it knows the word, else a random one.

    Random rows are normal with the standard deviation of the lender's numbers.

    Args:
        words: Ours, V of them, in the order of their ids.
        lent_words: The lender's, N of them.
        lent_vectors: `(N, D)`.
        seed: Of the random rows.

    Returns:
        `(table, known)`: `(V, D)` float32, and `(V,)`, whether the lender knows the word.

    Raises:
        ValueError: Vectors that are no matrix, not finite, or not one for each word.
        TypeError: Vectors that are no numbers.

    >>> table, known = borrow(["cat", "owl"], ["owl", "dog"], [[1.0, 2.0], [3.0, 4.0]])
    >>> table[1].tolist(), known.tolist()
    ([1.0, 2.0], [False, True])
    """
    vectors = require_numbers("lent_vectors", lent_vectors)
    require_rank("lent_vectors", vectors.shape, "ND")
    require_finite("lent_vectors", vectors)
    where = {word: i for i, word in enumerate(lent_words)}
    if len(lent_words) != len(vectors) or not len(vectors):
        raise ValueError(
            f"`lent_vectors` must hold one row for each word, got {len(vectors)} for "
            f"{len(lent_words)}: load words and vectors from the same file"
        )
    words = list(words)
    known = np.array([word in where for word in words], bool)
    rng = np.random.default_rng(seed)
    table = rng.normal(0, np.std(vectors), (len(words), vectors.shape[1]))
    if known.any():
        table[known] = vectors[[where[word] for word in words if word in where]]
    return table.astype(np.float32), known


def pad(texts, length=None):
    """Texts of unequal length as one array, zeros after their ends.

    Args:
        texts: N lists of ids, none of them empty.
        length: T; what stands beyond it is cut off. The longest text if `None`.

    Returns:
        `(ids, lengths)`: `(N, T)` and `(N,)`, int32.

    Raises:
        ValueError: No text, an empty one, or a length below 1.

    >>> ids, lengths = pad([[5, 3], [7]])
    >>> ids.tolist(), lengths.tolist()
    ([[5, 3], [7, 0]], [2, 1])
    """
    sizes = [len(text) for text in texts]
    if not sizes or min(sizes) < 1:
        raise ValueError("`texts` must hold texts of at least one id: leave empty ones out")
    most = max(sizes)
    length = most if length is None else require_integer("length", length, 1, "it counts words")
    lengths = np.minimum(sizes, length).astype(np.int32)
    ids = np.zeros((len(sizes), length), np.int32)
    for row, text, size in zip(ids, texts, lengths.tolist()):
        row[:size] = text[:size]
    return ids, lengths


@keras.saving.register_keras_serializable(package="rnncourse")
class Reader(keras.Model):
    """Logits of a text's class: ids → vectors → recurrent stack → head.

    Args:
        vocabulary: V, how many words there are.
        recurrent: What reads: cells, layers, or a list of them, as in `SequenceClassifier`.
        classes: K.
        width: D, numbers a word.
        vectors: A table `(V, D)` to begin with, `borrow` makes one; random rows if `None`.
        frozen: Leave the table as it is in training.

    Raises:
        ValueError: Sizes out of range, a table of another shape or not finite; on a call,
            ids of wrong rank.
        TypeError: On a call, ids that are not integers.
        tf.errors.InvalidArgumentError: Ids out of 0 … V - 1.

    >>> reader = Reader(95, keras.layers.GRUCell(16), width=16)
    >>> tuple(reader([[5, 3], [7, 0]], lengths=[2, 1]).shape), reader.count_params()
    ((2, 2), 3186)
    """

    def __init__(
        self, vocabulary, recurrent, classes=2, width=50, vectors=None, frozen=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.vocabulary = require_integer("vocabulary", vocabulary, 1, "count the words")
        if vectors is not None:
            vectors = require_numbers("vectors", vectors)
            require_rank("vectors", vectors.shape, "VD")
            require_size(
                "vectors", vectors.shape, (self.vocabulary, vectors.shape[1]), "a row each"
            )
            require_finite("vectors", vectors)
            width = vectors.shape[1]
        self.width = require_integer("width", width, 1, "50 to 300 are usual")
        self.frozen = bool(frozen)
        self._vectors = vectors
        self.embedding = keras.layers.Embedding(self.vocabulary, self.width, name="embedding")
        self.embedding.trainable = not self.frozen
        self.classifier = SequenceClassifier(recurrent, classes)

    def build(self, input_shape):
        """Create the weights for ids `(B, T)`."""
        if self.built:
            return
        self.embedding.build(input_shape)
        if self._vectors is not None:
            self.embedding.set_weights([self._vectors])
        self.classifier.build((None, None, self.width))
        self.built = True

    def call(self, ids, lengths=None, training=False):
        """Logits after the last word of each text.

        Args:
            ids: Integers `(B, T)` in 0 … V - 1.
            lengths: Words that count in each text, `(B,)`; all if `None`.
            training: Passed on to the layers.

        Returns:
            `(B, K)`.
        """
        return self.classifier(self._look_up(ids), lengths=lengths, training=training)

    def logits_over_time(self, ids, lengths=None):
        """What the head says after each word, `(B, T, K)`: its mind while it reads."""
        return self.classifier.logits_over_time(self._look_up(ids), lengths=lengths)

    def __call__(self, ids, *args, **kwargs):
        """Lists of ids become an array before Keras sees them: it takes no lists."""
        if not isinstance(ids, keras.KerasTensor) and not tf.is_tensor(ids):
            ids = np.asarray(ids)
        return super().__call__(ids, *args, **kwargs)

    def _look_up(self, ids):
        ids = tf.convert_to_tensor(ids)
        require_rank("ids", ids.shape, "BT")
        if not ids.dtype.is_integer:
            raise TypeError(
                f"`ids` must be integers, got {ids.dtype.name}: vocabulary.encode(words) gives them"
            )
        if not self.built:
            self.build(ids.shape)
        most = self.vocabulary - 1
        in_range = tf.reduce_all((ids >= 0) & (ids <= most))
        ids = guard(ids, in_range, f"`ids` must lie in 0 … {most}: use the vocabulary they are of")
        return self.embedding(ids)

    def get_config(self):
        """Everything needed to make the same reader again, as plain data; the table is a weight."""
        layers = [keras.saving.serialize_keras_object(r) for r in self.classifier.recurrent]
        settings = {name: getattr(self, name) for name in ("vocabulary", "width", "frozen")}
        more = {"recurrent": layers, "classes": self.classifier.classes}
        return super().get_config() | settings | more

    @classmethod
    def from_config(cls, config):
        """A new reader from `get_config`'s data, weights not included."""
        layers = [keras.saving.deserialize_keras_object(layer) for layer in config["recurrent"]]
        return cls(**config | {"recurrent": layers})
