"""A cell around a cell: it is called like the cell inside, and adds something of its own.

Cast: a cell goes in, and out comes one with the same state that unrolls the same
way: inputs `(B, F)` and state in, output and state out. What a wrapper does not
change it passes on to the cell inside, whose weights become its own.
`OutputProjectionWrapper` makes `(B, O)` of every output and leaves the state alone;
`DropoutWrapper` multiplies inputs, outputs or state by a `dropout_mask` in training.
"""

import inspect
from numbers import Real

import keras
import tensorflow as tf
from keras import ops

from rnncourse.shapes import require_integer
from rnncourse.tensors import require_cell

__all__ = ["CellWrapper", "DropoutWrapper", "OutputProjectionWrapper", "dropout_mask"]


class CellWrapper(keras.layers.Layer):
    """What wrappers share: the sizes, the zero state and the weights of the cell inside.

    Args:
        cell: A Keras cell: `cell(x, states) -> (output, states)`.
        **kwargs: `name`, `dtype` and the like; the dtype is the cell's if not given.

    Raises:
        TypeError: `cell` is a layer that walks over time, or no cell at all.

    >>> wrapped = CellWrapper(keras.layers.LSTMCell(5))
    >>> wrapped.state_size, wrapped.output_size
    ([5, 5], 5)
    """

    def __init__(self, cell, **kwargs):
        require_cell(cell)
        super().__init__(**{"dtype": cell.dtype_policy} | kwargs)
        self.cell = cell

    @property
    def state_size(self):
        """The cell's."""
        return self.cell.state_size

    @property
    def output_size(self):
        """The cell's; its H where it does not say."""
        first = self.state_size
        while isinstance(first, list | tuple):
            first = first[0]
        return getattr(self.cell, "output_size", first)

    def get_initial_state(self, batch_size=None):
        """The cell's."""
        return self.cell.get_initial_state(batch_size=batch_size)

    def build(self, input_shape):
        """Build the cell for inputs `(B, F)`, unless it is built."""
        if not self.cell.built:
            self.cell.build(input_shape)

    def call(self, inputs, states, training=False):
        """One step of the cell."""
        asks = "training" in inspect.signature(self.cell.call).parameters
        keywords = {"training": training} if asks else {}
        return self.cell(inputs, states, **keywords)

    def get_config(self):
        """Everything needed to make the same wrapper and the same cell again, as plain data."""
        return super().get_config() | {"cell": keras.saving.serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config):
        """A wrapper, with a new cell inside, from what `get_config` returned."""
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return cls(**config | {"cell": cell})


@keras.saving.register_keras_serializable(package="rnncourse")
class OutputProjectionWrapper(CellWrapper):
    """y = o V + b_y for every output o of the cell; its states go by untouched.

    All steps share one V `(H, O)` and one b_y `(O,)`, as they share the cell.

    Args:
        cell: A Keras cell with outputs `(B, H)`.
        output_size: O.
        **kwargs: As of any layer.

    Raises:
        ValueError: `output_size` no positive integer.
        TypeError: `cell` is no cell.

    Source: `tf.contrib.rnn.OutputProjectionWrapper` of sources C and S.

    >>> cell = OutputProjectionWrapper(keras.layers.SimpleRNNCell(5), output_size=1)
    >>> output, states = cell(ops.ones((4, 3)), cell.get_initial_state(4))
    >>> tuple(output.shape), tuple(states[0].shape), cell.count_params()
    ((4, 1), (4, 5), 51)
    """

    def __init__(self, cell, output_size, **kwargs):
        super().__init__(cell, **kwargs)
        width = require_integer("output_size", output_size, 1, "it is the size O")
        self.projection = keras.layers.Dense(width, name="projection", dtype=self.dtype_policy)

    @property
    def output_size(self):
        """O."""
        return self.projection.units

    def build(self, input_shape):
        """Build the cell for `(B, F)`, and V and b_y for its outputs."""
        super().build(input_shape)
        self.projection.build((input_shape[0], super().output_size))

    def call(self, inputs, states, training=False):
        """One step: `(B, F)`, states → `(B, O)`, the cell's new states."""
        output, states = super().call(inputs, states, training=training)
        return self.projection(output), states

    def get_config(self):
        """The cell, and O."""
        return super().get_config() | {"output_size": self.output_size}


def dropout_mask(shape, rate, key, dtype="float32"):
    """0 with probability `rate`, otherwise 1 / (1 - rate): on average 1.

    Args:
        shape: Of the mask.
        rate: Share that is dropped, at least 0 and below 1.
        key: Two integers; the same key gives the same mask.
        dtype: Of the mask.

    >>> mask = dropout_mask((1000,), 0.5, key=(3, 7))
    >>> sorted(set(mask.numpy().tolist())), bool(abs(tf.reduce_mean(mask) - 1) < 0.1)
    ([0.0, 2.0], True)
    """
    kept = tf.random.stateless_uniform(shape, key) >= rate
    return tf.cast(kept, dtype) / (1 - rate)


@keras.saving.register_keras_serializable(package="rnncourse")
class DropoutWrapper(CellWrapper):
    """Drops numbers on their way into or out of a cell, while it trains and only then.

    A number that is kept is divided by the share of those that are kept. An LSTM loses
    entries of h, never of c. The masks follow from the state of a seed generator, which
    the training loop sets before each step, so a resumed training draws the same ones.

    Args:
        cell: A Keras cell; of a stack, wrap each cell.
        drop_inputs: Share of the inputs to drop, at each step before the cell.
        drop_outputs: Share of the outputs to drop; the state keeps them.
        drop_state: Share of the state to drop, as it enters the cell.
        mask: `"step"` draws anew at every step; `"sequence"` keeps one mask from one
            `get_initial_state` to the next. Every row has masks of its own.
        seed: An integer ≥ 0; drawn if `None`.
        **kwargs: As of any layer.

    Raises:
        ValueError: A share below 0, or 1 and above; another `mask`.
        TypeError: No numbers; the `…_keep_prob` of TensorFlow 1; `cell` is a stack or no
            cell.

    Source: `tf.contrib.rnn.DropoutWrapper` of sources C and A; one mask a sequence is
    Gal & Ghahramani (2016), arXiv:1512.05287.

    >>> cell = DropoutWrapper(keras.layers.SimpleRNNCell(5), drop_inputs=0.5, seed=1)
    >>> x, states = ops.ones((4, 3)), cell.get_initial_state(4)
    >>> used, trained = cell(x, states)[0], cell(x, states, training=True)[0]
    >>> bool(ops.all(used == cell.cell(x, states)[0])), bool(ops.all(used == trained))
    (True, False)
    """

    places = ("inputs", "outputs", "state")

    def __init__(
        self,
        cell,
        drop_inputs=0.0,
        drop_outputs=0.0,
        drop_state=0.0,
        mask="step",
        seed=None,
        **kwargs,
    ):
        for name, kept in kwargs.items():
            if name.endswith("_keep_prob"):
                place = {"i": "inputs", "o": "outputs"}.get(name[0], "state")
                raise TypeError(
                    f"`{name}` is the share that is kept, and this wrapper asks for the share "
                    f"that is dropped, got {kept!r}: write drop_{place}=1 - {kept}"
                )
        super().__init__(cell, **kwargs)
        if isinstance(cell, keras.layers.StackedRNNCells):
            raise TypeError(
                "`cell` must be one cell, got a stack: wrap each of its cells, "
                "so that each has masks of its own"
            )
        self.rates = dict(zip(self.places, (drop_inputs, drop_outputs, drop_state)))
        for place, rate in self.rates.items():
            if isinstance(rate, bool) or not isinstance(rate, Real):
                raise TypeError(f"`drop_{place}` must be a number, got {rate!r}: for instance 0.2")
            if not 0 <= rate < 1:
                raise ValueError(
                    f"`drop_{place}` must be at least 0 and below 1, got {rate}: it is the share "
                    "that is dropped"
                )
        if mask not in ("step", "sequence"):
            raise ValueError(f"`mask` must be 'step' or 'sequence', got {mask!r}: choose one")
        self.mask = mask
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def get_initial_state(self, batch_size=None):
        """The cell's; here a sequence begins, and with it a new mask."""
        self.seed_generator.next()
        return super().get_initial_state(batch_size)

    def call(self, inputs, states, training=False):
        """One step of the cell, its inputs, state and output dropped if `training`."""
        if not training:
            return super().call(inputs, states)
        generator = self.seed_generator
        key = generator.next() if self.mask == "step" else generator.state
        key = ops.convert_to_tensor(key)
        h, *others = states if isinstance(states, list | tuple) else [states]
        states = [self._drop("state", h, key), *others]
        output, states = super().call(self._drop("inputs", inputs, key), states, training=True)
        return self._drop("outputs", output, key), states

    def _drop(self, place, values, key):
        rate = self.rates[place]
        if not rate:
            return values
        key = tf.random.experimental.stateless_fold_in(key, self.places.index(place))
        return values * dropout_mask(ops.shape(values), rate, key, values.dtype)

    def get_config(self):
        """The cell, the shares, the kind of mask and the seed."""
        shares = {f"drop_{place}": rate for place, rate in self.rates.items()}
        return super().get_config() | shares | {"mask": self.mask, "seed": self.seed}
