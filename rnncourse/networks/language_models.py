"""What comes next, said about words: ids `(B, T)` and a state in, logits `(B, T, V)` and state out.

Cast: an embedding turns every id into a row of numbers, a stack of recurrent layers
walks over them, a head asks for each of the V words how well it would go on. The state
is one tensor `(layers, S, B, H)`, S = 2 for an LSTM (its h, then its c) and 1 for the
other cells: the caller carries it from one piece of text to the next, or does not.

`stream_loss` makes of a model and of windows `(n, B, T)` what `training.loop.train` takes,
`score` says what a model thought of every word of a text.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from rnncourse.cells import GRUCell, LSTMCell, SimpleRNNCell
from rnncourse.data.text import rows
from rnncourse.shapes import require_ids, require_integer, require_rank
from rnncourse.tensors import guard

__all__ = ["LanguageModel", "Score", "score", "stream_loss"]

CELLS = {"lstm": LSTMCell, "gru": GRUCell, "rnn": SimpleRNNCell}


class Score(NamedTuple):
    """What a model thought of each word of a text, before it saw it.

    Attributes:
        log_probability: Of the word that came, in nats, `(B, T)`.
        predicted: The id that it held for the likeliest, `(B, T)`.
        targets: The id that came, `(B, T)`.
    """

    log_probability: np.ndarray
    predicted: np.ndarray
    targets: np.ndarray


@keras.saving.register_keras_serializable(package="rnncourse")
class LanguageModel(keras.Model):
    """Embedding, dropout, a stack of recurrent layers with dropout after each, softmax head.

    Args:
        vocabulary: V, how many words there are.
        units: H, of every layer.
        layers: How many layers.
        embedding: Width of the embedding; H if `None`.
        cell: `"lstm"`, `"gru"` or `"rnn"`.
        dropout: Share that is *dropped* in training, 0 ≤ share < 1, from the embedded
            words and from what each layer says. (TensorFlow 1 asked for the share kept.)
        tied: The head uses the embedding's weights, transposed, and a bias of its own.
        **kwargs: `name` and `dtype`.

    Raises:
        ValueError: Sizes out of range, no such cell, tied weights of unequal width; on a
            call, ids or a state of wrong shape.
        TypeError: Ids that are not integers.
        tf.errors.InvalidArgumentError: Ids out of 0 … V - 1.

    Source: Zaremba, Sutskever & Vinyals (2014), arXiv:1409.2329; tied weights: Press &
    Wolf (2017), arXiv:1608.05859.

    >>> model = LanguageModel(vocabulary=100, units=8)
    >>> logits, states = model(tf.zeros((3, 5), tf.int32))
    >>> tuple(logits.shape), tuple(states.shape), model.count_params()
    ((3, 5, 100), (2, 2, 3, 8), 2788)
    """

    def __init__(
        self,
        vocabulary,
        units,
        layers=2,
        *,
        embedding=None,
        cell="lstm",
        dropout=0.0,
        tied=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        embedding = units if embedding is None else embedding
        sizes = {"vocabulary": vocabulary, "units": units, "layers": layers, "embedding": embedding}
        sizes = {name: require_integer(name, n, 1, "it is a size") for name, n in sizes.items()}
        if cell not in CELLS:
            raise ValueError(f"`cell` must be one of {', '.join(CELLS)}, got {cell!r}: choose one")
        if isinstance(dropout, bool) or not (isinstance(dropout, int | float) and 0 <= dropout < 1):
            raise ValueError(
                f"`dropout` must be a share to drop, 0 ≤ share < 1, got {dropout!r}: "
                "0 drops nothing"
            )
        if tied and embedding != units:
            raise ValueError(
                f"`embedding` must equal units = {units} if the weights are tied, got {embedding}: "
                "leave it out"
            )
        self.settings = sizes | {"cell": cell, "dropout": float(dropout), "tied": bool(tied)}
        self.embedding = keras.layers.Embedding(vocabulary, embedding, name="embedding")
        self.recurrent = [
            keras.layers.RNN(CELLS[cell](units), return_sequences=True, return_state=True)
            for _ in range(layers)
        ]
        self.drop = [keras.layers.Dropout(dropout) for _ in range(layers + 1)]
        self.head = None if tied else keras.layers.Dense(vocabulary, name="head")
        self.head_bias = None
        self._as_graph = tf.function(lambda ids, states: self(ids, states), autograph=False)

    def build(self, input_shape):
        """Create the weights for ids `(B, T)`."""
        if self.built:
            return
        settings = self.settings
        self.embedding.build(input_shape)
        width = settings["embedding"]
        for layer in self.recurrent:
            layer.build((None, None, width))
            width = settings["units"]
        if self.head is None:
            self.head_bias = self.add_weight(
                shape=(settings["vocabulary"],), initializer="zeros", name="head_bias"
            )
        else:
            self.head.build((None, None, width))
        self.built = True

    def zero_state(self, batch_size):
        """`(layers, S, B, H)`, nothing but zeros: what a text begins with."""
        per_layer = len(tf.nest.flatten(self.recurrent[0].cell.state_size))
        shape = (self.settings["layers"], per_layer, batch_size, self.settings["units"])
        return tf.zeros(shape, self.compute_dtype)

    def call(self, ids, states=None, training=False):
        """Logits of the word after each of the given, and the state to go on from.

        Args:
            ids: Integers `(B, T)` in 0 … V - 1.
            states: `(layers, S, B, H)`; zeros if `None`.
            training: Drop units.

        Returns:
            `(logits, states)`: `(B, T, V)` and `(layers, S, B, H)`.
        """
        ids = tf.convert_to_tensor(ids)
        require_rank("ids", ids.shape, "BT")
        if not ids.dtype.is_integer:
            raise TypeError(
                f"`ids` must be integers, got {ids.dtype.name}: vocabulary.encode(words) gives them"
            )
        most = self.settings["vocabulary"] - 1
        in_range = tf.reduce_all((ids >= 0) & (ids <= most))
        ids = guard(ids, in_range, f"`ids` must lie in 0 … {most}: use the vocabulary they are of")
        zeros = self.zero_state(tf.shape(ids)[0] if ids.shape[0] is None else ids.shape[0])
        states = zeros if states is None else tf.convert_to_tensor(states, zeros.dtype)
        if not states.shape.is_compatible_with(zeros.shape):
            raise ValueError(
                f"`states` must have shape (layers, S, B, H) = {tuple(zeros.shape)}, got "
                f"{tuple(states.shape)}: start from model.zero_state(batch_size)"
            )
        carried = []
        outputs = self.drop[0](self.embedding(ids), training=training)
        for layer, drop, state in zip(
            self.recurrent, self.drop[1:], tf.unstack(states), strict=True
        ):
            outputs, *last = layer(outputs, initial_state=tf.unstack(state), training=training)
            outputs = drop(outputs, training=training)
            carried.append(tf.stack(last))
        return self._ask(outputs), tf.stack(carried)

    def _ask(self, outputs):
        if self.head is not None:
            return self.head(outputs)
        table = tf.convert_to_tensor(self.embedding.embeddings)
        return tf.einsum("bth,vh->btv", outputs, table) + self.head_bias

    def step(self, word, state=None):
        """One word: what a continuation of text goes by.

        Args:
            word: Its id.
            state: What the last call returned; zeros if `None`.

        Returns:
            `(logits, state)`: `(V,)` as NumPy and `(layers, S, 1, H)`.

        >>> logits, state = LanguageModel(100, units=8).step(5)
        >>> logits.shape, tuple(state.shape)
        ((100,), (2, 2, 1, 8))
        """
        state = self.zero_state(1) if state is None else state
        logits, state = self.read(tf.constant([[int(word)]], tf.int32), state)
        return logits[0, 0].numpy(), state

    def read(self, ids, states):
        """The same as a call without dropout, compiled once for each shape: faster by far."""
        return self._as_graph(ids, states)

    def get_config(self):
        """The arguments, as plain data."""
        return super().get_config() | self.settings


def stream_loss(model, x, y, carry=True):
    """What `training.loop.train` needs to train on windows in order: a loss, and the state.

    Truncated backpropagation through time: the state goes on from window to window, the
    gradient does not; at the beginning of every pass the state is zero.

    Args:
        model: A `LanguageModel`.
        x: Ids, `(n, B, T)`, as `batch_producer` makes them.
        y: The ids that follow, `(n, B, T)`.
        carry: `False` starts every window from zeros.

    Returns:
        `(loss, state)`: `loss(step)` is the mean over B and T of −log p of the word that
        came, in nats, for the window `step` modulo n; `state` is the variable it writes:
        pass it on as `train(loss, [model], ..., carry=[state])`.

    Raises:
        ValueError: Wrong rank, shapes that differ, no window.
        TypeError: Ids that are not integers.

    Source: Williams & Peng (1990), doi:10.1162/neco.1990.2.4.490.

    >>> from rnncourse.data.text import batch_producer
    >>> model = LanguageModel(vocabulary=21, units=8)
    >>> loss, state = stream_loss(model, *batch_producer(np.arange(1, 21), 3, 2))
    >>> tuple(state.shape), loss(0).shape
    ((2, 2, 3, 8), TensorShape([]))
    """
    x, y = (_windows(name, ids) for name, ids in (("x", x), ("y", y)))
    if x.shape != y.shape:
        raise ValueError(
            f"`y` must have the shape of `x` {tuple(x.shape)}, got {tuple(y.shape)}: "
            "batch_producer gives both"
        )
    count, batch_size, _ = x.shape
    if not model.built:
        model.build(x.shape[1:])
    state = tf.Variable(model.zero_state(batch_size), trainable=False, name="carried_state")

    def loss(step):
        window = step % count
        goes_on = tf.cast(window > 0, state.dtype) if carry else 0.0
        logits, last = model(x[window], goes_on * state, training=True)
        state.assign(last)
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(y[window], tf.cast(logits, tf.float32))
        )

    return loss, state


def score(model, ids, batch_size=1, steps=50, carry=True):
    """Let a model read a text, and note what it thought of each word before it came.

    Args:
        model: A `LanguageModel`.
        ids: A text, `(N,)`; its first word is given, the others are asked for.
        batch_size: Rows that are read side by side: faster, but each row begins without
            a past, and what does not fill the rows is left out. 1 asks for every word.
        steps: How many words are read in a call.
        carry: `False` starts every `steps` words from zeros.

    Returns:
        A `Score` of arrays `(batch_size, (N - 1) // batch_size)`. Loss per word is
        `-log_probability.mean()`, perplexity its exponential.

    Raises:
        ValueError: Not `(N,)`, or too short for the rows.
        TypeError: Ids that are not integers.

    >>> read = score(LanguageModel(vocabulary=21, units=8), np.arange(21), batch_size=4)
    >>> read.targets[:, :3].tolist()
    [[1, 2, 3], [6, 7, 8], [11, 12, 13], [16, 17, 18]]
    """
    ids = require_ids("ids", ids, model.settings["vocabulary"])
    x, y = rows(ids[:-1], batch_size), rows(ids[1:], batch_size)
    steps = require_integer("steps", steps, 1, "it counts words")
    zeros = model.zero_state(batch_size)
    state, pieces = zeros, []
    for start in range(0, x.shape[1], steps):
        piece = slice(start, start + steps)
        words = tf.constant(x[:, piece], tf.int32)
        logits, state = model.read(words, state if carry else zeros)
        log_p = tf.nn.log_softmax(tf.cast(logits, tf.float32))
        of_target = tf.gather(log_p, tf.constant(y[:, piece], tf.int32), batch_dims=2)
        pieces.append((of_target.numpy(), tf.argmax(log_p, axis=-1).numpy()))
    log_probability, predicted = (np.concatenate(part, axis=1) for part in zip(*pieces))
    return Score(log_probability.astype(np.float64), predicted, y)


def _windows(name, ids):
    ids = np.asarray(ids)
    if ids.ndim != 3 or not ids.size:
        raise ValueError(
            f"`{name}` must have shape (n, B, T) with at least one window, got {ids.shape}: "
            "batch_producer(ids, batch_size, steps) makes it"
        )
    if ids.dtype.kind not in "iu":
        raise TypeError(f"`{name}` must be integer ids, got {ids.dtype}: encode the words first")
    return tf.constant(ids, tf.int32)
