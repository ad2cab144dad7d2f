"""A sequence in, one class out: recurrent layers and a dense head on their last state.

Cast: a `SequenceClassifier` reads `(B, T, F)` step by step and answers with logits
`(B, K)` from what it holds after the last step. Asked for it, it shows the states
`(B, T, H)` on the way and what its head would have said after each step.

Sequences of unequal length carry `lengths` (or a Keras mask): the last state is then
the one at the length, and what stands behind it reaches neither outputs nor gradients.
"""

import keras
import tensorflow as tf

from rnncourse.shapes import require_integer, require_rank
from rnncourse.tensors import as_lengths, as_tensor, finite

__all__ = ["SequenceClassifier"]


@keras.saving.register_keras_serializable(package="rnncourse")
class SequenceClassifier(keras.Model):
    """Logits of the last state: read x₁ … x_T, then y = h_T W + b.

    A Keras model: it trains with `fit` as well as with `rnncourse.training.loop.train`,
    and `save` keeps its layers, weights and settings.

    Args:
        recurrent: What reads: a cell (ours or Keras's), a recurrent Keras layer, a
            `Bidirectional` around one, or a list of these, stacked from input to output.
            Layers need `return_sequences=True`; cells get a layer each.
        classes: K, at least 2.
        dropout: Share of the last state that is dropped in training, 0 ≤ share < 1.
        unroll: Write the steps of the given cells down one by one: faster where T is
            known and below about 50. Layers say so for themselves.

    Raises:
        ValueError: No such cell or layer, one that returns no sequences, the same one
            twice, sizes out of range; on a call, inputs of wrong rank, NaN or infinity,
            lengths of wrong count or out of range.
        TypeError: Anything but numbers.

    >>> from rnncourse.cells import SimpleRNNCell
    >>> classifier = SequenceClassifier(SimpleRNNCell(150), classes=10)
    >>> rows = tf.ones((4, 8, 8))
    >>> classifier(rows).shape, classifier.logits_over_time(rows).shape
    (TensorShape([4, 10]), TensorShape([4, 8, 10]))
    >>> classifier.count_params()
    25360
    """

    def __init__(self, recurrent, classes, dropout=0.0, unroll=False, **kwargs):
        super().__init__(**kwargs)
        given = list(recurrent) if isinstance(recurrent, list | tuple) else [recurrent]
        if not given:
            raise ValueError("`recurrent` must hold at least one layer, got none: pass a cell")
        if len({id(layer) for layer in given}) < len(given):
            raise ValueError(
                "`recurrent` must hold different layers, got the same one twice: two layers that "
                "are one object share their weights, so make each its own"
            )
        classes = require_integer("classes", classes, 2, "count them")
        if isinstance(dropout, bool) or not (isinstance(dropout, int | float) and 0 <= dropout < 1):
            raise ValueError(
                f"`dropout` must be a share, 0 ≤ share < 1, got {dropout!r}: 0 drops nothing"
            )
        self.classes, self.dropout, self.unroll = classes, float(dropout), bool(unroll)
        self.recurrent = [_as_layer(layer, self.unroll) for layer in given]
        self.drop = keras.layers.Dropout(self.dropout)
        self.head = keras.layers.Dense(classes, name="head")
        self.supports_masking = True

    def build(self, input_shape):
        """Build all layers for inputs `(B, T, F)`, or for the pair of them and `(B,)`."""
        pair = isinstance(input_shape[0], list | tuple)
        shape = tuple(input_shape[0] if pair else input_shape)
        require_rank("inputs", shape, "BTF")
        for layer in self.recurrent:
            if not layer.built:
                layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.head.build((shape[0], shape[-1]))
        self.built = True

    def call(self, inputs, lengths=None, training=False, mask=None):
        """Logits after the last step of each sequence.

        Args:
            inputs: `(B, T, F)`; or the pair `(inputs, lengths)`, which is how `fit` and
                `predict` pass on both.
            lengths: Steps that count in each sequence, integers `(B,)`; all if `None`.
            training: Drop units.
            mask: Instead of lengths, `(B, T)`: what an `Embedding` or `Masking` says.

        Returns:
            `(B, K)`.
        """
        sequence, mask = self._read(inputs, lengths, mask, training)
        last = _at_the_end(sequence, mask)
        if isinstance(layer := self.recurrent[-1], keras.layers.Bidirectional):
            # The backward half has read everything when it arrives at the first step.
            ahead = layer.forward_layer.cell.output_size
            mask = None if mask is None else mask[:, ::-1]
            back = _at_the_end(sequence[:, ::-1, ahead:], mask)
            last = tf.concat([last[:, :ahead], back], axis=-1)
        return self.head(self.drop(last, training=training))

    def compute_mask(self, inputs, previous_mask):
        """None: the answer has no steps."""
        return None

    def states(self, inputs, lengths=None):
        """What the last layer holds after each step, `(B, T, H)`.

        Past a length it stands still, and is zero in a bidirectional layer, whose two
        halves stand side by side: the first has read steps 0 to t, the second t to T - 1.
        """
        return self._read(inputs, lengths)[0]

    def logits_over_time(self, inputs, lengths=None, training=False):
        """What the head says of the state after each step, `(B, T, K)`.

        At the last step this is the answer. Before, it is what the network would answer
        if the sequence ended there.

        Raises:
            ValueError: A bidirectional layer: half of its state has read the end first.
        """
        if any(isinstance(layer, keras.layers.Bidirectional) for layer in self.recurrent):
            raise ValueError(
                "`logits_over_time` needs layers that read forward only, got a Bidirectional: "
                "call the classifier on inputs[:, :k] to hear what it says after k steps"
            )
        states, _ = self._read(inputs, lengths, training=training)
        return self.head(self.drop(states, training=training))

    def get_config(self):
        """Everything needed to make the same classifier again, as plain data."""
        layers = [keras.saving.serialize_keras_object(layer) for layer in self.recurrent]
        settings = {name: getattr(self, name) for name in ("classes", "dropout", "unroll")}
        return super().get_config() | settings | {"recurrent": layers}

    @classmethod
    def from_config(cls, config):
        """A new classifier from `get_config`'s data, weights not included."""
        layers = [keras.saving.deserialize_keras_object(layer) for layer in config["recurrent"]]
        return cls(**config | {"recurrent": layers})

    def __call__(self, inputs, *args, **kwargs):
        """Check numbers before Keras does: its own errors come too late to name the cause."""
        pair = isinstance(inputs, list | tuple) and len(inputs) == 2
        sequences = inputs[0] if pair else inputs
        if not isinstance(sequences, keras.KerasTensor):
            sequences = as_tensor("inputs", sequences, "BTF", self.compute_dtype)
        require_rank("inputs", sequences.shape, "BTF")
        inputs = (sequences, inputs[1]) if pair else sequences
        return super().__call__(inputs, *args, **kwargs)

    def _read(self, inputs, lengths=None, mask=None, training=False):
        """All states of the last layer, `(B, T, H)`, and which steps count, `(B, T)` or `None`."""
        if isinstance(inputs, list | tuple):
            inputs, lengths = inputs
        sequence = as_tensor("inputs", inputs, "BTF", self.compute_dtype)
        if not self.built:
            self.build(sequence.shape)
        if lengths is not None:
            mask = tf.sequence_mask(as_lengths(lengths, sequence), tf.shape(sequence)[1])
            mask.set_shape(sequence.shape[:2])
        if mask is not None:
            sequence = tf.where(mask[..., None], sequence, tf.zeros_like(sequence))
        sequence = finite("inputs", sequence)
        for layer in self.recurrent:
            sequence = layer(sequence, mask=mask, training=training)
        return sequence, mask


def _at_the_end(sequence, mask):
    """`(B, T, H)` at each row's last step that counts, zeros if none does: `(B, H)`."""
    if mask is None:
        return sequence[:, -1]
    steps = tf.range(1, tf.shape(sequence)[1] + 1)
    end = tf.reduce_max(tf.where(mask, steps, 0), axis=1)  # (B,), counted from 1
    picked = tf.gather(sequence, tf.maximum(end - 1, 0), batch_dims=1)
    return tf.where(end[:, None] > 0, picked, tf.zeros_like(picked))


def _as_layer(given, unroll):
    """A layer that returns all its states, from a cell or a layer."""
    if isinstance(given, keras.layers.RNN | keras.layers.Bidirectional):
        inner = given.forward_layer if isinstance(given, keras.layers.Bidirectional) else given
        if not given.return_sequences or getattr(inner, "return_state", False):
            raise ValueError(
                f"`recurrent` must return sequences and no states, got the layer {given.name}: "
                "make it with return_sequences=True, return_state=False"
            )
        if getattr(given, "merge_mode", "concat") != "concat":
            raise ValueError(
                "`recurrent` must keep the two directions apart, got merge_mode="
                f"{given.merge_mode!r}: leave it at 'concat'"
            )
        return given
    if isinstance(given, keras.layers.Layer) and hasattr(given, "state_size"):
        return keras.layers.RNN(given, return_sequences=True, unroll=unroll)
    raise ValueError(
        f"`recurrent` must be a cell or a recurrent layer, got {given!r}: "
        "make one, for instance SimpleRNNCell(150)"
    )
