"""An encoder that reads a sentence and a decoder that says it in other words.

Cast: ids of the source `(B, S)` go into `encode`, which hands over a `state`, and a
`memory` for those decoders that look back. `step` takes the word said last, `(B,)`, and
gives a logit for each of the V words that may come next, `(B, V)`, and the state to go on
from. `logits` does the same for all steps at once where the words said are known
beforehand, `(B, T)` → `(B, T, V)`: teacher forcing.

`Seq2Seq` is this protocol. Whoever keeps it can be fitted, decoded greedily or with a
beam, saved and loaded. `EncoderDecoder` keeps it the plain way: all the decoder knows of
the source is the encoder's last state.

Padding is -1, on the right. States stand still there, and whatever is said there counts
nowhere.
"""

import keras
import tensorflow as tf

from rnncourse.cells import GRUCell, LSTMCell
from rnncourse.shapes import require_integer
from rnncourse.translation.batches import specials
from rnncourse.translation.loops import Dropout, advance, as_ids, lengths_of, project, walk

__all__ = ["EncoderDecoder", "Seq2Seq"]

CELLS = {"gru": GRUCell, "lstm": LSTMCell}


class Seq2Seq(keras.Model):
    """What every encoder-decoder can do; a subclass says how to `encode` and to `step`.

    A subclass makes its weights in `__init__`, calls `self.keep(**arguments)` with all of
    its arguments, and is registered with `keras.saving`. Everything runs inside a
    `tf.function` with unknown B, S and T, and every tensor of a state or a memory begins
    with B.

    Attributes:
        settings: The arguments it was made with.
        source_size: How many words the source has.
        target_size: V, how many the target has.
        go: The id of `<go>` among them.
        eos: The id of `<eos>`.
    """

    @classmethod
    def for_vocabularies(cls, source_vocabulary, target_vocabulary, **settings):
        """A new model with the sizes and the `<go>` and `<eos>` of two vocabularies.

        >>> from rnncourse.translation.batches import vocabularies
        >>> words = vocabularies([("I drink milk", "je bois du lait")])
        >>> EncoderDecoder.for_vocabularies(*words, units=8).target_size
        6
        """
        go, eos = specials(target_vocabulary)
        sizes = {"source_size": len(source_vocabulary), "target_size": len(target_vocabulary)}
        return cls(**sizes, go=go, eos=eos, **settings)

    def keep(self, *, source_size, target_size, go, eos, **settings):
        """Note the arguments: the sizes and ids that every model has, and others of its own.

        Raises:
            ValueError: Sizes below 1, or `go` and `eos` that are no two words.
        """
        self.source_size = require_integer("source_size", source_size, 1, "count the words")
        self.target_size = require_integer("target_size", target_size, 3, "count the words")
        self.go = require_integer("go", go, 0, "the id of <go>")
        self.eos = require_integer("eos", eos, 0, "the id of <eos>")
        if self.go == self.eos or max(self.go, self.eos) >= self.target_size:
            raise ValueError(
                f"`go` and `eos` must be two words below {self.target_size}, got {go} and {eos}: "
                "EncoderDecoder.for_vocabularies(...) finds them"
            )
        own = {"source_size": source_size, "target_size": target_size, "go": go, "eos": eos}
        self.settings = own | settings

    def encode(self, source, training=False):
        """Read sentences.

        Args:
            source: Ids `(B, S)`, padded with -1 on the right.
            training: Drop units.

        Returns:
            `(state, memory)`: what the decoder starts from, and what it may look back at.
            Both are nests of tensors `(B, ...)`.
        """
        raise NotImplementedError

    def step(self, ids, state, memory, training=False):
        """Say what may follow one word.

        Args:
            ids: The words said last, `(B,)`; `<go>` at first.
            state: From `encode`, or from the step before.
            memory: From `encode`.
            training: Drop units.

        Returns:
            `(logits, state)`: `(B, V)`, and a state of the same shapes as the one given.
        """
        raise NotImplementedError

    def logits(self, source, inputs, training=False):
        """Teacher forcing: what may follow each word of `inputs`, `(B, T)` → `(B, T, V)`.

        Where `inputs` is padded the numbers mean nothing. This goes step by step; a model
        may have a faster way, and must come to the same.
        """
        state, memory = self.encode(source, training=training)
        words = tf.TensorArray(inputs.dtype, tf.shape(inputs)[1]).unstack(tf.transpose(inputs))

        def body(t, state, said):
            logits, new = self.step(tf.maximum(words.read(t), 0), state, memory, training=training)
            return (
                t + 1,
                tf.nest.pack_sequence_as(state, tf.nest.flatten(new)),
                said.write(t, logits),
            )

        steps = tf.shape(inputs)[1]
        said = tf.TensorArray(self.compute_dtype, steps)
        *_, said = tf.while_loop(
            lambda t, *_: t < steps, body, (0, state, said), maximum_iterations=inputs.shape[1]
        )
        return tf.transpose(said.stack(), (1, 0, 2))

    def call(self, inputs, training=False):
        """`(source, inputs)` → `logits`."""
        return self.logits(*inputs, training=training)

    def get_config(self):
        """The arguments, as plain data."""
        return super().get_config() | self.settings


@keras.saving.register_keras_serializable(package="rnncourse")
class EncoderDecoder(Seq2Seq):
    """One recurrent layer reads the source, another one goes on from its last state.

    Args:
        source_size: How many words the source has.
        target_size: V, how many the target has.
        units: H, of both layers.
        embedding: Width of both embeddings.
        go: The id of `<go>` in the target.
        eos: The id of `<eos>`.
        cell: `"gru"` or `"lstm"`.
        dropout: Share dropped in training from the embedded words and from what the head reads.
        **kwargs: `name` and `dtype`.

    Raises:
        ValueError: Sizes out of range, no such cell, `go` and `eos` that are no two words.

    Source: Cho et al. (2014), arXiv:1406.1078; Sutskever, Vinyals & Le (2014), arXiv:1409.3215.

    >>> model = EncoderDecoder(source_size=9, target_size=12, units=8, embedding=4, go=1, eos=0)
    >>> state, memory = model.encode(tf.constant([[5, 3, 8], [2, -1, -1]]))
    >>> logits, state = model.step(tf.constant([1, 1]), state, memory)
    >>> tuple(logits.shape), tuple(model.logits([[5, 3]], [[1, 7, 2]]).shape)
    ((2, 12), (1, 3, 12))
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
        cell="gru",
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        sizes = {"source_size": source_size, "target_size": target_size, "go": go, "eos": eos}
        self.keep(**sizes, units=units, embedding=embedding, cell=cell, dropout=dropout)
        require_integer("units", units, 1, "it is the size H")
        require_integer("embedding", embedding, 1, "it is a size")
        if cell not in CELLS:
            raise ValueError(f"`cell` must be one of {', '.join(CELLS)}, got {cell!r}: choose one")
        if isinstance(dropout, bool) or not (isinstance(dropout, int | float) and 0 <= dropout < 1):
            raise ValueError(
                f"`dropout` must be a share to drop, 0 ≤ share < 1, got {dropout!r}: "
                "0 drops nothing"
            )
        # Keras's ±0.05 are small beside the recurrent weights: learning begins late with them.
        self.source_embedding, self.target_embedding = (
            keras.layers.Embedding(size, embedding, keras.initializers.RandomUniform(-1, 1))
            for size in (source_size, target_size)
        )
        self.encoder, self.decoder = CELLS[cell](units), CELLS[cell](units)
        self.head = keras.layers.Dense(target_size)
        self.drop = [Dropout(dropout) for _ in range(3)]
        for layer, shape in (
            (self.source_embedding, (None, None)),
            (self.target_embedding, (None, None)),
            (self.encoder, (None, embedding)),
            (self.decoder, (None, embedding)),
            (self.head, (None, units)),
        ):
            layer.build(shape)
        self.built = True

    def encode(self, source, training=False):
        """`(B, S)` ids → the encoder's last state, `(h,)` or `(h, c)`, and nothing to look back at.

        Raises:
            ValueError: Wrong rank, an id out of range, padding before a word.
            TypeError: No integers.
        """
        return self.read(as_ids("source", source, self.source_size), training)[1], ()

    def read(self, source, training):
        """Checked ids `(B, S)` → the encoder's outputs `(B, S, H)`, and its last state."""
        vectors = self.drop[0](self.source_embedding(tf.maximum(source, 0)), training=training)
        zeros = tf.zeros((tf.shape(source)[0], self.settings["units"]), self.compute_dtype)
        state = tuple(zeros for _ in self.encoder.states)
        return walk(self.encoder, vectors, state, lengths_of(source))

    def step(self, ids, state, memory, training=False):
        """One word said, `(B,)` → logits `(B, V)` of the next one, and the new state."""
        vectors = self.drop[1](self.target_embedding(ids), training=training)
        state = advance(self.decoder, project(self.decoder, vectors), state)
        return self.head(self.drop[2](state[0], training=training)), state

    def logits(self, source, inputs, training=False):
        """Teacher forcing, `(B, T)` → `(B, T, V)`; zeros after the longest row of `inputs`.

        Raises:
            As `encode`, for either of the two.
        """
        inputs = as_ids("inputs", inputs, self.target_size)
        state, _ = self.encode(source, training=training)
        vectors = self.drop[1](self.target_embedding(tf.maximum(inputs, 0)), training=training)
        # One mask for all steps, which need not be kept apart in memory then.
        kept = self.drop[2](tf.ones_like(state[0]), training=training)
        said, _ = walk(
            self.decoder, vectors, state, lengths_of(inputs), lambda h: self.head(h * kept)
        )
        return said
