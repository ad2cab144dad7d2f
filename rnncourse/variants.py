"""Two relatives of the LSTM as Keras cells, which Keras itself does not have.

Cast: as in `cells`. `PeepholeLSTMCell` is an `LSTMCell` whose gates look at the
cell c; `CoupledLSTMCell` is one without an input gate: it writes as much as it
forgets. With all peepholes at zero the first is the LSTM itself; the second is
the LSTM whose input gate has the weights of its forget gate with the opposite
sign, since 1 - σ(a) = σ(-a).
"""

import keras
from keras import ops

from rnncourse.cells import LSTMCell

__all__ = ["CoupledLSTMCell", "PeepholeLSTMCell", "coupled_lstm_step", "peephole_lstm_step"]


def peephole_lstm_step(
    x, h, c, kernel, recurrent_kernel, bias, peepholes, activation=ops.tanh, gate=ops.sigmoid
):
    """As `cells.lstm_step`, with p_i c and p_f c in the sums of i and f, and p_o c' in that of o.

    Args:
        x: Inputs, `(B, F)`.
        h: Hidden state, `(B, H)`.
        c: Cell, `(B, H)`.
        kernel: W, `(F, 4H)`, gates in the order i, f, g, o.
        recurrent_kernel: U, `(H, 4H)`.
        bias: `(4H,)`.
        peepholes: `[p_i, p_f, p_o]`, `(3, H)`.
        activation: φ, for g and for reading c.
        gate: For i, f, o.

    Returns:
        `(h', c')`, each `(B, H)`.
    """
    sums = ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias  # (B, 4H)
    i, f, g, o = ops.split(sums, 4, axis=-1)
    p_i, p_f, p_o = peepholes[0], peepholes[1], peepholes[2]
    c_new = gate(f + p_f * c) * c + gate(i + p_i * c) * activation(g)
    return gate(o + p_o * c_new) * activation(c_new), c_new


def coupled_lstm_step(
    x, h, c, kernel, recurrent_kernel, bias, activation=ops.tanh, gate=ops.sigmoid
):
    """f, g, o from x W + h U + b;  c' = f c + (1 - f) g;  h' = o φ(c').

    Args:
        x: Inputs, `(B, F)`.
        h: Hidden state, `(B, H)`.
        c: Cell, `(B, H)`.
        kernel: W, `(F, 3H)`, gates in the order f, g, o.
        recurrent_kernel: U, `(H, 3H)`.
        bias: `(3H,)`.
        activation: φ, for g and for reading c.
        gate: For f and o.

    Returns:
        `(h', c')`, each `(B, H)`.
    """
    sums = ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias  # (B, 3H)
    f, g, o = ops.split(sums, 3, axis=-1)
    c = gate(f) * c + (1 - gate(f)) * activation(g)
    return gate(o) * activation(c), c


@keras.saving.register_keras_serializable(package="rnncourse")
class PeepholeLSTMCell(LSTMCell):
    """The LSTM whose gates look at the cell: i and f at c, o at c'.

    Its weights are those of `LSTMCell` and `peepholes`, `(3, H)`, for i, f and o.

    Args:
        units: H, the size of h and of c.
        peephole_initializer: Where the peepholes start. At zero, the default, the
            cell starts as an LSTM.
        **kwargs: As `LSTMCell`, and `peephole_regularizer`, `peephole_constraint`.

    Raises:
        ValueError: `units` no positive integer; inputs or state of wrong rank or size.
        TypeError: Anything but numbers.

    Source: Gers & Schmidhuber (2000), doi:10.1109/IJCNN.2000.861302.

    >>> cell = PeepholeLSTMCell(5)
    >>> output, (h, c) = cell(ops.ones((4, 3)), cell.get_initial_state(4))
    >>> tuple(cell.peepholes.shape), cell.count_params()
    ((3, 5), 195)
    """

    initializers = LSTMCell.initializers | {"peephole": "zeros"}

    def build(self, input_shape):
        """Create the weights of an LSTM and `peepholes (3, H)`."""
        super().build(input_shape)
        self.peepholes = self._weight("peepholes", (3, self.units))

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h, c]` → `h', [h', c']`."""
        weights = *self._weights(), self.peepholes
        activations = self.activation, self.recurrent_activation
        h, c = peephole_lstm_step(inputs, *states, *weights, *activations)
        return h, [h, c]


@keras.saving.register_keras_serializable(package="rnncourse")
class CoupledLSTMCell(LSTMCell):
    """The LSTM that writes what it forgets: c' = f c + (1 - f) g;  h' = o tanh(c').

    Its gates stand in the order f, g, o, so its weights are `(F, 3H)`, `(H, 3H)`, `(3H,)`.

    Args:
        units: H, the size of h and of c.
        unit_forget_bias: Start the bias of f at 1 instead of 0.
        **kwargs: As `LSTMCell`.

    Raises:
        ValueError: `units` no positive integer; inputs or state of wrong rank or size.
        TypeError: Anything but numbers.

    Source: Greff et al. (2017), doi:10.1109/TNNLS.2016.2582924, "CIFG".

    >>> cell = CoupledLSTMCell(5)
    >>> output, (h, c) = cell(ops.ones((4, 3)), cell.get_initial_state(4))
    >>> tuple(c.shape), cell.count_params()
    ((4, 5), 135)
    """

    gates, forget = 3, 0

    def call(self, inputs, states):
        """One step: `(B, F)`, `[h, c]` → `h', [h', c']`."""
        activations = self.activation, self.recurrent_activation
        h, c = coupled_lstm_step(inputs, *states, *self._weights(), *activations)
        return h, [h, c]
