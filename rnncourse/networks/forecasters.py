"""A network that says at every step of a series what comes next: `(B, T, F)` in, `(B, T, O)` out.

Cast: a recurrent layer walks over the series and makes H numbers a step; one linear
projection, the same at all steps, makes O of them. `Forecaster` is the two together.
Its output at step t has seen the inputs up to t and none after, so that it can be
trained on all steps of a window at once, and later fed with what it said itself.
"""

import keras

from rnncourse.shapes import require_integer
from rnncourse.tensors import as_tensor
from rnncourse.unroll import dynamic_rnn

__all__ = ["Forecaster"]


@keras.saving.register_keras_serializable(package="rnncourse")
class Forecaster(keras.Model):
    """y_t = h_t V + b_y, with h_t the output of a recurrent layer at step t.

    Args:
        recurrent: A recurrent layer of Keras with `return_sequences=True`, or a cell.
            With `unroll=True` short windows train faster under XLA.
        outputs: O, how many numbers to say at each step.
        **kwargs: `name`, `dtype` and the like; the dtype is the layer's if not given.

    Raises:
        ValueError: `outputs` no positive integer; a layer that keeps all steps but the
            last to itself, or returns its state.
        TypeError: `recurrent` walks in no direction or in both.

    >>> layer = keras.layers.SimpleRNN(100, "relu", return_sequences=True)
    >>> network = Forecaster(layer)
    >>> tuple(network(keras.ops.ones((50, 20, 1))).shape), network.count_params()
    ((50, 20, 1), 10301)
    """

    def __init__(self, recurrent, outputs=1, **kwargs):
        outputs = require_integer("outputs", outputs, 1, "it is O")
        is_cell = isinstance(recurrent, keras.layers.Layer) and hasattr(recurrent, "state_size")
        if is_cell and not isinstance(recurrent, keras.layers.RNN):
            dtype = recurrent.dtype_policy
            recurrent = keras.layers.RNN(recurrent, return_sequences=True, dtype=dtype)
        if not isinstance(recurrent, keras.layers.RNN):
            raise TypeError(
                f"`recurrent` must be a recurrent layer or a cell, got {recurrent!r}: "
                "make one, for instance keras.layers.SimpleRNN(100, return_sequences=True)"
            )
        if recurrent.go_backwards:
            raise ValueError(
                "`recurrent` must walk forward, got go_backwards=True: "
                "it would have seen the future that it is asked for"
            )
        if not recurrent.return_sequences or recurrent.return_state:
            raise ValueError(
                "`recurrent` must return every step and no state, got "
                f"return_sequences={recurrent.return_sequences}, "
                f"return_state={recurrent.return_state}: `walk` returns the state"
            )
        super().__init__(**{"dtype": recurrent.dtype_policy} | kwargs)
        self.recurrent = recurrent
        self.projection = keras.layers.Dense(
            int(outputs), name="projection", dtype=self.dtype_policy
        )

    def build(self, input_shape):
        """Create the weights for inputs `(B, T, F)`."""
        self.recurrent.build(input_shape)
        self.projection.build(self.recurrent.compute_output_shape(input_shape))

    def call(self, inputs, training=False, mask=None):
        """`(B, T, F)` → `(B, T, O)`, from a state of zeros."""
        return self.projection(self.recurrent(inputs, training=training, mask=mask))

    def walk(self, inputs, initial_state=None):
        """The same in a loop over any number of steps, with the state that it ends in.

        Args:
            inputs: `(B, T, F)`.
            initial_state: The cell's, as `walk` returns it; zeros if `None`.

        Returns:
            `(outputs, states)`: `(B, T, O)` and a list as the cell's, so that a long
            series can be walked in pieces.

        Raises:
            ValueError: Wrong rank or size, an empty axis, NaN or infinity.
            TypeError: Anything but numbers.

        >>> network = Forecaster(keras.layers.GRUCell(5))
        >>> outputs, (h,) = network.walk(keras.ops.ones((4, 9, 2)))
        >>> tuple(outputs.shape), tuple(h.shape)
        ((4, 9, 1), (4, 5))
        """
        inputs = as_tensor("inputs", inputs, "BTF", self.compute_dtype)
        if not self.built:
            self.build(inputs.shape)
        states, last = dynamic_rnn(self.recurrent.cell, inputs, initial_state)
        return self.projection(states), last

    def get_config(self):
        """The recurrent layer, and O."""
        return super().get_config() | {
            "recurrent": keras.saving.serialize_keras_object(self.recurrent),
            "outputs": self.projection.units,
        }

    @classmethod
    def from_config(cls, config):
        """A network, with a new recurrent layer inside, from what `get_config` returned."""
        recurrent = keras.saving.deserialize_keras_object(config["recurrent"])
        return cls(**config | {"recurrent": recurrent})
