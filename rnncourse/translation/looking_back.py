"""A translator that looks back at the sentence while it speaks.

Cast: the encoder keeps what it had in mind at each word of the source, the *memory*; the
decoder, before it says a word, takes a weighted mean of it, the context. Otherwise it is
the plain `EncoderDecoder`, and it keeps the same protocol. `look` also returns the
weights, `(B, T, S)`, and lets one hide words from it.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from rnncourse.shapes import require_integer, require_size
from rnncourse.translation.attention import additive_scores, attend, dot_scores
from rnncourse.translation.batches import PAD
from rnncourse.translation.loops import as_ids, lengths_of, walk
from rnncourse.translation.models import EncoderDecoder

__all__ = ["AttentiveEncoderDecoder", "Memory"]

SCORES = ("additive", "dot", "mean")


class Memory(NamedTuple):
    """What an encoder leaves to look back at.

    Attributes:
        outputs: Its state after each word, `(B, S, H)`.
        keys: The same, multiplied with W_m once for all steps of the decoder, `(B, S, A)`.
        mask: `True` where there is a word, `(B, S)`.
    """

    outputs: tf.Tensor
    keys: tf.Tensor
    mask: tf.Tensor


@keras.saving.register_keras_serializable(package="rnncourse")
class AttentiveEncoderDecoder(EncoderDecoder):
    """c = attention(s, memory);  logits = tanh([s, c] W_c + b_c) W_y + b_y, s the decoder's state.

    The question is asked after a word was heard, as in Luong et al.; Bahdanau et al. ask
    before, and hand c to the recurrent layer. Asked after, all questions of a known
    sentence are asked at once.

    Args:
        source_size: How many words the source has.
        target_size: V, how many the target has.
        units: H, of both recurrent layers.
        embedding: Width of both embeddings.
        go: The id of `<go>` in the target.
        eos: The id of `<eos>`.
        score: `"additive"`, `"dot"`, or `"mean"`: all words alike, whatever is asked.
        width: A, where questions and memory meet; H if `None`.
        cell: `"gru"` or `"lstm"`.
        dropout: Share dropped in training.
        **kwargs: `name` and `dtype`.

    Raises:
        ValueError: As `EncoderDecoder`; no such score, a width below 1.

    Source: Bahdanau, Cho & Bengio (2015), arXiv:1409.0473; Luong, Pham & Manning (2015),
    arXiv:1508.04025, equations 5 and 6.

    >>> model = AttentiveEncoderDecoder(9, 12, units=8, embedding=4, go=1, eos=0)
    >>> logits, weights = model.look([[5, 3, 8], [2, -1, -1]], [[1, 7], [1, -1]])
    >>> weights[1].numpy().tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """

    def __init__(
        self,
        source_size,
        target_size,
        units=128,
        embedding=64,
        *,
        go,
        eos,
        score="additive",
        width=None,
        cell="gru",
        dropout=0.0,
        **kwargs,
    ):
        plain = {"go": go, "eos": eos, "cell": cell, "dropout": dropout}
        super().__init__(source_size, target_size, units, embedding, **plain, **kwargs)
        if score not in SCORES:
            raise ValueError(f"`score` must be one of {', '.join(SCORES)}, got {score!r}: choose")
        width = units if width is None else width
        require_integer("width", width, 1, "it is where questions and memory meet")
        self.keep(**self.settings, score=score, width=width)
        self.combine = keras.layers.Dense(units, activation="tanh", name="combine")
        self.combine.build((None, 2 * units))
        if score != "mean":
            self.query_kernel = self.add_weight(shape=(units, width), name="query_kernel")
            self.memory_kernel = self.add_weight(shape=(units, width), name="memory_kernel")
        if score == "additive":
            self.scale = self.add_weight(shape=(width,), name="scale")

    def encode(self, source, training=False):
        """`(B, S)` ids → the encoder's last state, and a `Memory` of all the others."""
        source = as_ids("source", source, self.source_size)
        outputs, state = self.read(source, training)
        keys = outputs
        if self.settings["score"] != "mean":
            keys = tf.tensordot(outputs, tf.convert_to_tensor(self.memory_kernel), 1)
        return state, Memory(outputs, keys, source != PAD)

    def step(self, ids, state, memory, training=False):
        """One word said, `(B,)` → logits `(B, V)` of the next one, and the new state."""
        vectors = self.drop[1](self.target_embedding(ids), training=training)
        said, state = walk(self.decoder, vectors[:, None], state, tf.ones_like(ids))
        return self._say(said, memory, training)[0][:, 0], state

    def logits(self, source, inputs, training=False):
        """Teacher forcing, `(B, T)` → `(B, T, V)`."""
        return self.look(source, inputs, training=training)[0]

    def look(self, source, inputs, hidden=None, training=False):
        """What may follow each word of `inputs`, and where the decoder looks for it.

        Args:
            source: Ids `(B, S)`.
            inputs: `<go>` and the words said, `(B, T)`.
            hidden: `True` where a word of the source must not be looked at: `(B, S)`, or
                `(B, T, S)` for each question another.
            training: Drop units.

        Returns:
            `(logits, weights)`: `(B, T, V)` and `(B, T, S)`.

        Raises:
            ValueError: As `encode`, and a `hidden` of wrong shape.
        """
        inputs = as_ids("inputs", inputs, self.target_size)
        state, memory = self.encode(source, training=training)
        if hidden is not None:
            hidden, mask = tf.cast(hidden, tf.bool), memory.mask
            batch, words = mask.shape
            mask = mask if hidden.shape.rank == 2 else mask[:, None]
            expected = (batch, words) if hidden.shape.rank == 2 else (*inputs.shape, words)
            require_size("hidden", hidden.shape, expected, "a truth value for each word looked at")
            memory = memory._replace(mask=mask & ~hidden)
        vectors = self.drop[1](self.target_embedding(tf.maximum(inputs, 0)), training=training)
        said, _ = walk(self.decoder, vectors, state, lengths_of(inputs))
        return self._say(said, memory, training)

    def _say(self, said, memory, training):
        """Decoder states `(B, T, H)` → logits and weights."""
        score = self.settings["score"]
        if score == "mean":
            scores = tf.zeros((*tf.unstack(tf.shape(said)[:2]), tf.shape(memory.mask)[-1]))
            scores = tf.cast(scores, said.dtype)
        else:
            queries = tf.tensordot(said, tf.convert_to_tensor(self.query_kernel), 1)
            if score == "dot":
                scores = dot_scores(queries, memory.keys)
            else:
                scores = additive_scores(queries, memory.keys, tf.convert_to_tensor(self.scale))
        context, weights = attend(scores, memory.outputs, memory.mask)
        combined = self.combine(tf.concat([said, context], axis=-1))
        return self.head(self.drop[2](combined, training=training)), weights
