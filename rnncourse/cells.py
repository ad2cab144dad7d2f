"""One time step as a Keras cell: inputs `(B, F)` and state in, output `(B, H)` and state out.

Cast: a *step* is a pure function of inputs, state and weights that reads like
the equation; the *cell* around it owns the weights and nothing else. Weights
have Keras's names, shapes and order, so `ours.set_weights(theirs.get_weights())`
works and each cell runs inside `keras.layers.RNN`. In the mathematics they are
`W_xh` (kernel), `W_hh` (recurrent_kernel) and `b` (bias).

Gates lie side by side along the last axis in Keras's order: i, f, g, o for the
LSTM (Keras writes c for g) and z, r, h̃ for the GRU.
"""

from itertools import product
from numbers import Integral

import keras
from keras import ops

from rnncourse.shapes import require_numbers, require_numeric_dtype, require_rank, require_size

__all__ = ["GRUCell", "LSTMCell", "SimpleRNNCell", "gru_step", "lstm_step", "rnn_step"]


def rnn_step(x, h, kernel, recurrent_kernel, bias, activation=ops.tanh):
    """h' = φ(x W + h U + b).

    Args:
        x: `(B, F)`.
        h: `(B, H)`.
        kernel: `(F, H)`.
        recurrent_kernel: `(H, H)`.
        bias: `(H,)`.
        activation: φ.

    Returns:
        h', `(B, H)`.
    """
    return activation(ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias)


def lstm_step(
    x, h, c, kernel, recurrent_kernel, bias, activation=ops.tanh, recurrent_activation=ops.sigmoid
):
    """i, f, g, o from x W + h U + b;  c' = f c + i g;  h' = o φ(c').

    Args:
        x: `(B, F)`.
        h: `(B, H)`.
        c: `(B, H)`.
        kernel: `(F, 4H)`, gates in the order i, f, g, o.
        recurrent_kernel: `(H, 4H)`.
        bias: `(4H,)`.
        activation: φ, for g and for reading c.
        recurrent_activation: For the gates i, f, o.

    Returns:
        `(h', c')`, each `(B, H)`.
    """
    sums = ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias  # (B, 4H)
    i, f, g, o = ops.split(sums, 4, axis=-1)
    i, f, o = recurrent_activation(i), recurrent_activation(f), recurrent_activation(o)
    c = f * c + i * activation(g)
    return o * activation(c), c


def gru_step(
    x,
    h,
    kernel,
    recurrent_kernel,
    bias,
    reset_after=True,
    activation=ops.tanh,
    recurrent_activation=ops.sigmoid,
):
    """z, r gates; h̃ = φ(x W_h + r (h U_h + b'_h) + b_h);  h' = z h + (1 - z) h̃.

    Args:
        x: `(B, F)`.
        h: `(B, H)`.
        kernel: `(F, 3H)`, parts in the order z, r, h̃.
        recurrent_kernel: `(H, 3H)`.
        bias: `(2, 3H)` if `reset_after` (inputs, state), else `(3H,)`.
        reset_after: Apply r after the multiplication with U_h; otherwise
            h̃ = φ(x W_h + (r h) U_h + b_h).
        activation: φ.
        recurrent_activation: For the gates z and r.

    Returns:
        h', `(B, H)`.
    """
    units = h.shape[-1]
    b_x, b_h = (bias[0], bias[1]) if reset_after else (bias, ops.zeros_like(bias))
    x_z, x_r, x_h = ops.split(ops.matmul(x, kernel) + b_x, 3, axis=-1)
    U_zr, U_h = recurrent_kernel[:, : 2 * units], recurrent_kernel[:, 2 * units :]
    h_z, h_r = ops.split(ops.matmul(h, U_zr) + b_h[: 2 * units], 2, axis=-1)
    z, r = recurrent_activation(x_z + h_z), recurrent_activation(x_r + h_r)
    if reset_after:
        candidate = activation(x_h + r * (ops.matmul(h, U_h) + b_h[2 * units :]))
    else:
        candidate = activation(x_h + ops.matmul(r * h, U_h))
    return z * h + (1 - z) * candidate


INITIALIZERS = {"kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": "zeros"}
SETTINGS = {
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}


class _Cell(keras.layers.Layer):
    """What the three cells share: weights of the right shapes, a zero state, checks."""

    gates = 1
    biases = 1
    states = ("h",)

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        settings = {
            f"{part}_{kind}": kwargs.pop(
                f"{part}_{kind}", INITIALIZERS[part] if kind == "initializer" else None
            )
            for part, kind in product(INITIALIZERS, SETTINGS)
        }
        super().__init__(**kwargs)
        if isinstance(units, bool) or not isinstance(units, Integral) or units < 1:
            raise ValueError(
                f"`units` must be a positive integer, got {units!r}: it is the size H of the state"
            )
        self.units = self.output_size = int(units)
        self.state_size = self.units if len(self.states) == 1 else [self.units] * len(self.states)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        for name, setting in settings.items():
            setattr(self, name, SETTINGS[name.split("_")[1]].get(setting))

    def build(self, input_shape):
        """Create `kernel (F, GH)`, `recurrent_kernel (H, GH)` and `bias` for G gates."""
        require_rank("inputs", input_shape, "BF")
        wide = self.gates * self.units
        self.bias_shape = (wide,) if self.biases == 1 else (self.biases, wide)
        self.kernel = self._weight("kernel", "kernel", (input_shape[-1], wide))
        self.recurrent_kernel = self._weight("recurrent_kernel", "recurrent", (self.units, wide))
        self.bias = self._weight("bias", "bias", self.bias_shape) if self.use_bias else None

    def _weight(self, name, part, shape):
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=self._initial_bias
            if part == "bias"
            else getattr(self, f"{part}_initializer"),
            regularizer=getattr(self, f"{part}_regularizer"),
            constraint=getattr(self, f"{part}_constraint"),
        )

    def _initial_bias(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype)

    def get_initial_state(self, batch_size=None):
        """A state of zeros, one `(B, H)` tensor for each of `self.states`."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in self.states]

    def get_config(self):
        """Everything needed to make the same cell again, as plain data."""
        config = {
            f"{part}_{kind}": SETTINGS[kind].serialize(getattr(self, f"{part}_{kind}"))
            for part, kind in product(INITIALIZERS, SETTINGS)
        }
        config["activation"] = keras.activations.serialize(self.activation)
        return super().get_config() | config | {"units": self.units, "use_bias": self.use_bias}

    def __call__(self, inputs, states, **kwargs):
        """Check and convert before Keras does: its own errors come too late to name the cause."""
        inputs = self._numbers("inputs", inputs)
        require_rank("inputs", inputs.shape, "BF")
        if self.built:
            features = self.kernel.shape[0]
            require_size(
                "inputs", inputs.shape, (None, features), f"the cell was built for F = {features}"
            )
        states = list(states) if isinstance(states, list | tuple) else [states]
        if len(states) != len(self.states):
            raise ValueError(
                f"`states` must be a list of {len(self.states)}: [{', '.join(self.states)}], "
                f"got {len(states)}: start from cell.get_initial_state(batch_size)"
            )
        for k, name in enumerate(self.states):
            states[k] = self._numbers(f"state {name}", states[k])
            require_rank(f"state {name}", states[k].shape, "BH")
            expected = (inputs.shape[0], self.units)
            require_size(
                f"state {name}",
                states[k].shape,
                expected,
                "one row of H values for each row of inputs",
            )
        return super().__call__(inputs, states, **kwargs)

    def _numbers(self, name, value):
        if not (ops.is_tensor(value) or isinstance(value, keras.KerasTensor | keras.Variable)):
            return ops.convert_to_tensor(require_numbers(name, value), dtype=self.compute_dtype)
        dtype = keras.backend.standardize_dtype(value.dtype)
        require_numeric_dtype(name, dtype)
        return value if "float" in dtype else ops.cast(value, self.compute_dtype)

    def _bias(self):
        return (
            ops.zeros(self.bias_shape, dtype=self.compute_dtype) if self.bias is None else self.bias
        )


@keras.saving.register_keras_serializable(package="rnncourse")
class SimpleRNNCell(_Cell):
    """The simple recurrent cell: h' = φ(x W + h U + b).

    Args:
        units: H, the size of the state and of the output.
        activation: φ.
        **kwargs: As `keras.layers.SimpleRNNCell`: `use_bias`, initializers,
            regularizers, constraints, `name`, `dtype`. Dropout is not part of a
            cell here.

    Call `cell(inputs, states)` with inputs `(B, F)` and states `[h]` returns
    `(h', [h'])`: output and state are one and the same.

    Raises:
        ValueError: `units` no positive integer; inputs or state of wrong rank or size.
        TypeError: Anything but numbers.

    Source: Elman (1990), doi:10.1207/s15516709cog1402_1.

    >>> cell = SimpleRNNCell(5)
    >>> output, state = cell(ops.ones((4, 3)), cell.get_initial_state(4))
    >>> tuple(output.shape), cell.count_params()
    ((4, 5), 45)
    """

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, activation=activation, **kwargs)

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h]` → `h', [h']`."""
        (h,) = states
        h = rnn_step(inputs, h, self.kernel, self.recurrent_kernel, self._bias(), self.activation)
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
        **kwargs: As `keras.layers.LSTMCell`: `activation`,
            `recurrent_activation`, `use_bias`, initializers, regularizers,
            constraints, `name`, `dtype`.

    Call `cell(inputs, states)` with inputs `(B, F)` and states `[h, c]` returns
    `(h', [h', c'])`.

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

    gates = 4
    states = ("h", "c")

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def _initial_bias(self, shape, dtype=None):
        bias = self.bias_initializer(shape, dtype=dtype)
        if not self.unit_forget_bias:
            return bias
        i, f, g, o = ops.split(bias, 4)
        return ops.concatenate([i, ops.ones_like(f), g, o])

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h, c]` → `h', [h', c']`."""
        h, c = states
        weights = self.kernel, self.recurrent_kernel, self._bias()
        h, c = lstm_step(inputs, h, c, *weights, self.activation, self.recurrent_activation)
        return h, [h, c]

    def get_config(self):
        return super().get_config() | {"unit_forget_bias": self.unit_forget_bias}


@keras.saving.register_keras_serializable(package="rnncourse")
class GRUCell(_GatedCell):
    """The GRU: h' = z h + (1 - z) h̃.

    Args:
        units: H, the size of the state and of the output.
        reset_after: Apply the reset gate after the multiplication with U_h, with
            a bias of its own (Keras's default, cuDNN's only form), or before it.
        **kwargs: As `keras.layers.GRUCell`: `activation`,
            `recurrent_activation`, `use_bias`, initializers, regularizers,
            constraints, `name`, `dtype`.

    Call `cell(inputs, states)` with inputs `(B, F)` and states `[h]` returns
    `(h', [h'])`.

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

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(units, **kwargs)
        self.reset_after = reset_after
        self.biases = 2 if reset_after else 1

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h]` → `h', [h']`."""
        (h,) = states
        weights = self.kernel, self.recurrent_kernel, self._bias()
        h = gru_step(
            inputs, h, *weights, self.reset_after, self.activation, self.recurrent_activation
        )
        return h, [h]

    def get_config(self):
        return super().get_config() | {"reset_after": self.reset_after}
