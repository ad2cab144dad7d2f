"""One time step as a Keras cell: inputs `(B, F)` and state in, output `(B, H)` and state out.

Cast: a *step* is a pure function of inputs, state and weights that reads like
the equation; the *cell* around it owns the weights and nothing else. Weights
have Keras's names, shapes and order, so `ours.set_weights(theirs.get_weights())`
works and each cell runs inside `keras.layers.RNN`. In the mathematics they are
`W_xh` (kernel), `W_hh` (recurrent_kernel) and `b` (bias). Other arguments of a
cell are Keras's: `activation`, `use_bias`, initializers, regularizers, `dtype`.

Gates lie side by side along the last axis in Keras's order: i, f, g, o for the
LSTM (Keras writes c for g) and z, r, h̃ for the GRU.
"""

import keras
from keras import ops

from rnncourse.shapes import (
    require_integer,
    require_numbers,
    require_numeric_dtype,
    require_rank,
    require_size,
)

__all__ = ["GRUCell", "LSTMCell", "SimpleRNNCell", "gru_step", "lstm_step", "rnn_step"]


def rnn_step(x, h, kernel, recurrent_kernel, bias, activation=ops.tanh):
    """h' = φ(x W + h U + b).

    Args:
        x: Inputs, `(B, F)`.
        h: State, `(B, H)`.
        kernel: W, `(F, H)`.
        recurrent_kernel: U, `(H, H)`.
        bias: `(H,)`.
        activation: φ.

    Returns:
        h', `(B, H)`.
    """
    return activation(ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias)


def lstm_step(x, h, c, kernel, recurrent_kernel, bias, activation=ops.tanh, gate=ops.sigmoid):
    """i, f, g, o from x W + h U + b;  c' = f c + i g;  h' = o φ(c').

    Args:
        x: Inputs, `(B, F)`.
        h: Hidden state, `(B, H)`.
        c: Cell, `(B, H)`.
        kernel: W, `(F, 4H)`, gates in the order i, f, g, o.
        recurrent_kernel: U, `(H, 4H)`.
        bias: `(4H,)`.
        activation: φ, for g and for reading c.
        gate: For i, f, o; Keras's `recurrent_activation`.

    Returns:
        `(h', c')`, each `(B, H)`.
    """
    sums = ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias  # (B, 4H)
    i, f, g, o = ops.split(sums, 4, axis=-1)
    c = gate(f) * c + gate(i) * activation(g)
    return gate(o) * activation(c), c


def gru_step(
    x, h, kernel, recurrent_kernel, bias, reset_after=True, activation=ops.tanh, gate=ops.sigmoid
):
    """z, r gates;  h̃ = φ(x W_h + b_x + r (h U_h + b_h));  h' = z h + (1 - z) h̃.

    Args:
        x: Inputs, `(B, F)`.
        h: State, `(B, H)`.
        kernel: W, `(F, 3H)`, parts in the order z, r, h̃.
        recurrent_kernel: U, `(H, 3H)`.
        bias: `(2, 3H)` if `reset_after` (inputs, state), else `(3H,)`.
        reset_after: Apply r after the multiplication with U_h; otherwise before it:
            h̃ = φ(x W_h + (r h) U_h + b).
        activation: φ.
        gate: For z and r; Keras's `recurrent_activation`.

    Returns:
        h', `(B, H)`.
    """
    units = h.shape[-1]
    b_x, b_h = (bias[0], bias[1]) if reset_after else (bias, ops.zeros_like(bias))
    x_z, x_r, x_h = ops.split(ops.matmul(x, kernel) + b_x, 3, axis=-1)
    U_zr, U_h = recurrent_kernel[..., : 2 * units], recurrent_kernel[..., 2 * units :]
    h_z, h_r = ops.split(ops.matmul(h, U_zr) + b_h[..., : 2 * units], 2, axis=-1)
    z, r = gate(x_z + h_z), gate(x_r + h_r)
    recalled = (
        r * (ops.matmul(h, U_h) + b_h[..., 2 * units :]) if reset_after else ops.matmul(r * h, U_h)
    )
    return z * h + (1 - z) * activation(x_h + recalled)


KINDS = ("initializer", "regularizer", "constraint")
INITIALIZERS = {"kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": "zeros"}


def _registry(setting):
    """`keras.initializers` for `"bias_initializer"`, and so on."""
    return getattr(keras, setting.split("_")[1] + "s")


class _Cell(keras.layers.Layer):
    """What the three cells share: weights of the right shapes, a zero state, checks."""

    gates, biases = 1, 1
    states = ("h",)
    plain = ("units", "use_bias")  # arguments that stand in the config as they are
    initializers = INITIALIZERS  # of each part of the weights, if nothing else is asked for

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        settings = {name: kwargs.pop(name, default) for name, default in self._settings().items()}
        super().__init__(**kwargs)
        self.units = self.output_size = require_integer("units", units, 1, "it is the size H")
        self.state_size = self.units if len(self.states) == 1 else [self.units] * len(self.states)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        for name, setting in settings.items():
            setattr(self, name, _registry(name).get(setting))

    def _settings(self):
        """`kernel_initializer` and so on, with their defaults."""
        return {
            f"{part}_{kind}": initializer if kind == "initializer" else None
            for part, initializer in self.initializers.items()
            for kind in KINDS
        }

    def build(self, input_shape):
        """Create `kernel (F, GH)`, `recurrent_kernel (H, GH)` and `bias` for G gates."""
        require_rank("inputs", input_shape, "BF")
        wide = self.gates * self.units
        self.bias_shape = (wide,) if self.biases == 1 else (self.biases, wide)
        self.kernel = self._weight("kernel", (input_shape[-1], wide))
        self.recurrent_kernel = self._weight("recurrent_kernel", (self.units, wide))
        self.bias = self._weight("bias", self.bias_shape) if self.use_bias else None

    def _weight(self, name, shape):
        part = next(part for part in self.initializers if name.startswith(part))
        settings = {kind: getattr(self, f"{part}_{kind}") for kind in KINDS}
        if part == "bias":
            settings["initializer"] = self._initial_bias
        return self.add_weight(name=name, shape=shape, **settings)

    def _initial_bias(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype)

    def get_initial_state(self, batch_size=None):
        """A state of zeros, one `(B, H)` tensor for each of `self.states`."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in self.states]

    def get_config(self):
        """Everything needed to make the same cell again, as plain data."""
        config = {name: _registry(name).serialize(getattr(self, name)) for name in self._settings()}
        config |= {name: getattr(self, name) for name in self.plain}
        config["activation"] = keras.activations.serialize(self.activation)
        return super().get_config() | config

    def __call__(self, inputs, states, **kwargs):
        """Check and convert before Keras does: its own errors come too late to name the cause."""
        inputs = self._numbers("inputs", inputs)
        require_rank("inputs", inputs.shape, "BF")
        if self.built:
            why = f"the cell was built for F = {self.kernel.shape[0]}, make a new one for another F"
            require_size("inputs", inputs.shape, ("B", self.kernel.shape[0]), why)
        states = list(states) if isinstance(states, list | tuple) else [states]
        if len(states) != len(self.states):
            raise ValueError(
                f"`states` must be a list of {len(self.states)}: [{', '.join(self.states)}], "
                f"got {len(states)}: start from cell.get_initial_state(batch_size)"
            )
        wanted, why = (inputs.shape[0], self.units), "one row of H values for each row of inputs"
        for k, name in enumerate(self.states):
            states[k] = self._numbers(f"state {name}", states[k])
            require_rank(f"state {name}", states[k].shape, "BH")
            require_size(f"state {name}", states[k].shape, wanted, why)
        return super().__call__(inputs, states, **kwargs)

    def _numbers(self, name, value):
        if not (ops.is_tensor(value) or isinstance(value, keras.KerasTensor | keras.Variable)):
            return ops.convert_to_tensor(require_numbers(name, value), dtype=self.compute_dtype)
        dtype = keras.backend.standardize_dtype(value.dtype)
        require_numeric_dtype(name, dtype)
        return value if "float" in dtype else ops.cast(value, self.compute_dtype)

    def _weights(self):
        bias = ops.zeros(self.bias_shape, self.compute_dtype) if self.bias is None else self.bias
        return self.kernel, self.recurrent_kernel, bias


@keras.saving.register_keras_serializable(package="rnncourse")
class SimpleRNNCell(_Cell):
    """The simple recurrent cell: h' = φ(x W + h U + b).

    Args:
        units: H, the size of the state and of the output.
        activation: φ.
        **kwargs: As `keras.layers.SimpleRNNCell`, without dropout.

    Raises:
        ValueError: `units` no positive integer; inputs or state of wrong rank or size.
        TypeError: Anything but numbers.

    Source: Elman (1990), doi:10.1207/s15516709cog1402_1.

    >>> cell = SimpleRNNCell(5)
    >>> output, state = cell(ops.ones((4, 3)), cell.get_initial_state(4))
    >>> tuple(output.shape), cell.count_params()
    ((4, 5), 45)
    """

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h]` → `h', [h']`."""
        (h,) = states
        h = rnn_step(inputs, h, *self._weights(), self.activation)
        return h, [h]


class _GatedCell(_Cell):
    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", **kwargs):
        super().__init__(units, activation=activation, **kwargs)
        self.recurrent_activation = keras.activations.get(recurrent_activation)

    def get_config(self):
        serialized = keras.activations.serialize(self.recurrent_activation)
        return super().get_config() | {"recurrent_activation": serialized}


@keras.saving.register_keras_serializable(package="rnncourse")
class LSTMCell(_GatedCell):
    """The LSTM: c' = f c + i g;  h' = o tanh(c').

    Args:
        units: H, the size of h and of c.
        unit_forget_bias: Start the bias of f at 1 instead of 0. The 1 is part of
            the variable, as in Keras; TensorFlow 1 added it at every step.
        **kwargs: As `keras.layers.LSTMCell`, without dropout.

    Raises:
        ValueError: `units` no positive integer; inputs or state of wrong rank or size.
        TypeError: Anything but numbers.

    Source: Hochreiter & Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735;
    forget gate of Gers et al. (2000), doi:10.1162/089976600300015015.

    >>> cell = LSTMCell(5)
    >>> output, (h, c) = cell(ops.ones((4, 3)), cell.get_initial_state(4))
    >>> tuple(c.shape), cell.count_params()
    ((4, 5), 180)
    """

    gates, forget = 4, 1  # f stands at place 1 of i, f, g, o
    states = ("h", "c")
    plain = (*_Cell.plain, "unit_forget_bias")

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def _initial_bias(self, shape, dtype=None):
        parts = ops.split(super()._initial_bias(shape, dtype), self.gates)
        if self.unit_forget_bias:
            parts[self.forget] = ops.ones_like(parts[self.forget])
        return ops.concatenate(parts)

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h, c]` → `h', [h', c']`."""
        h, c = states
        activations = self.activation, self.recurrent_activation
        h, c = lstm_step(inputs, h, c, *self._weights(), *activations)
        return h, [h, c]


@keras.saving.register_keras_serializable(package="rnncourse")
class GRUCell(_GatedCell):
    """The GRU: h' = z h + (1 - z) h̃.

    Args:
        units: H, the size of the state and of the output.
        reset_after: Apply the reset gate after the multiplication with U_h, with
            a bias of its own (Keras's default, cuDNN's only form), or before it.
        **kwargs: As `keras.layers.GRUCell`, without dropout.

    Raises:
        ValueError: `units` no positive integer; inputs or state of wrong rank or size.
        TypeError: Anything but numbers.

    Source: Cho et al. (2014), arXiv:1406.1078.

    >>> cells = GRUCell(2), GRUCell(2, reset_after=False)
    >>> outputs = [cell(ops.ones((4, 3)), cell.get_initial_state(4)) for cell in cells]
    >>> [cell.count_params() for cell in cells]
    [42, 36]
    """

    gates = 3
    plain = (*_Cell.plain, "reset_after")

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(units, **kwargs)
        self.reset_after = reset_after
        self.biases = 2 if reset_after else 1

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h]` → `h', [h']`."""
        (h,) = states
        activations = self.activation, self.recurrent_activation
        h = gru_step(inputs, h, *self._weights(), self.reset_after, *activations)
        return h, [h]
