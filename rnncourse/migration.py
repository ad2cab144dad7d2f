"""Weights of TensorFlow 1 brought to the shapes and the order of our cells.

Cast: the variables of a cell of TensorFlow 1, as NumPy arrays, come in; the list
that `cell.set_weights` takes comes out, and `reference` takes the same arrays. The
old cells multiplied the inputs and the state side by side, `[x, h] @ kernel`, so
the kernel is taken apart into its rows for x and its rows for h. What else
differs is said in each function.

`tf.train.load_checkpoint(path).get_tensor(name)` still reads the old files; a
variable's name ends in the words that stand under "Args" here.
"""

import numpy as np

from rnncourse.shapes import require_finite, require_numbers, require_size


def rnn_weights(kernel, bias):
    """The weights of a `BasicRNNCell`.

    Args:
        kernel: `(F + H, H)`.
        bias: `(H,)`.

    Returns:
        `[W_xh, W_hh, b]`: `(F, H)`, `(H, H)`, `(H,)`.

    Raises:
        ValueError: Shapes that do not fit, NaN or infinity.
        TypeError: Anything but numbers.

    >>> [w.shape for w in rnn_weights(np.ones((3 + 5, 5)), np.zeros(5))]
    [(3, 5), (5, 5), (5,)]
    """
    W_xh, W_hh = _apart("kernel", kernel, gates=1)
    return [W_xh, W_hh, _sized("bias", bias, (len(W_hh),))]


def lstm_weights(kernel, bias, forget_bias=1.0, w_i_diag=None, w_f_diag=None, w_o_diag=None):
    """The weights of a `BasicLSTMCell` or an `LSTMCell`, with or without peepholes.

    TensorFlow 1 had its gates in the order i, j, f, o, where j is our g, and added
    `forget_bias` to the sum of f at every step, outside of the variable. Here it
    becomes part of the bias.

    Args:
        kernel: `(F + H, 4H)`.
        bias: `(4H,)`.
        forget_bias: The argument the old cell was made with; 1 if none was given. The
            files do not hold it.
        w_i_diag: Peepholes of i, `(H,)`, of a cell made with `use_peepholes=True`;
            such a cell has all three.
        w_f_diag: Those of f.
        w_o_diag: Those of o.

    Returns:
        `[W_xh, W_hh, b]` for `LSTMCell`: `(F, 4H)`, `(H, 4H)`, `(4H,)`; with
        peepholes `[W_xh, W_hh, b, p]` for `PeepholeLSTMCell`, p `(3, H)`.

    Raises:
        ValueError: Shapes that do not fit, one or two of three peepholes, NaN.
        TypeError: Anything but numbers.

    >>> lstm_weights(np.ones((2, 4)), [0.1, 0.2, 0.3, 0.4])[2]
    array([0.1, 1.3, 0.2, 0.4])
    """
    order = [0, 2, 1, 3]  # i, j, f, o -> i, f, g, o
    W_xh, W_hh = (_ordered(w, order) for w in _apart("kernel", kernel, gates=4))
    units = len(W_hh)
    b = _ordered(_sized("bias", bias, (4 * units,)), order)
    b[units : 2 * units] += _sized("forget_bias", forget_bias, ())
    peepholes = {"w_i_diag": w_i_diag, "w_f_diag": w_f_diag, "w_o_diag": w_o_diag}
    absent = [name for name, p in peepholes.items() if p is None]
    if len(absent) == 3:
        return [W_xh, W_hh, b]
    if absent:
        raise ValueError(
            f"`{absent[0]}` must have shape ({units},), got None: "
            "a cell with peepholes has all three"
        )
    return [W_xh, W_hh, b, np.stack([_sized(n, p, (units,)) for n, p in peepholes.items()])]


def gru_weights(gates_kernel, gates_bias, candidate_kernel, candidate_bias):
    """The weights of a `GRUCell`, for ours and Keras's with `reset_after=False`.

    TensorFlow 1 kept the two gates apart from the candidate, in the order r, u. Its
    u is our z and keeps the state as z does: h' = u h + (1 - u) c.

    Args:
        gates_kernel: `gates/kernel`, `(F + H, 2H)`.
        gates_bias: `gates/bias`, `(2H,)`; it started at 1, Keras's starts at 0.
        candidate_kernel: `candidate/kernel`, `(F + H, H)`.
        candidate_bias: `candidate/bias`, `(H,)`.

    Returns:
        `[W_xh, W_hh, b]`: `(F, 3H)`, `(H, 3H)`, `(3H,)`, parts in the order z, r, h̃.

    Raises:
        ValueError: Shapes that do not fit, NaN or infinity.
        TypeError: Anything but numbers.

    >>> gru_weights(np.ones((2, 2)), [0.1, 0.2], np.ones((2, 1)), [0.3])[2]
    array([0.2, 0.1, 0.3])
    """
    W_zr, U_zr = (_ordered(w, [1, 0]) for w in _apart("gates_kernel", gates_kernel, gates=2))
    features, units = len(W_zr), len(U_zr)
    candidate = _sized("candidate_kernel", candidate_kernel, (features + units, units))
    W_h, U_h = candidate[:features], candidate[features:]
    b_zr = _ordered(_sized("gates_bias", gates_bias, (2 * units,)), [1, 0])
    b = np.concatenate([b_zr, _sized("candidate_bias", candidate_bias, (units,))])
    return [np.concatenate([W_zr, W_h], axis=1), np.concatenate([U_zr, U_h], axis=1), b]


def cudnn_gru_weights(
    gates_kernel, gates_bias, input_kernel, input_bias, hidden_kernel, hidden_bias
):
    """The weights of a `CudnnCompatibleGRUCell`, for ours and Keras's with `reset_after=True`.

    Args:
        gates_kernel: `gates/kernel`, `(F + H, 2H)`, in the order r, u.
        gates_bias: `gates/bias`, `(2H,)`, one for two: it goes with the inputs.
        input_kernel: `candidate/input_projection/kernel`, `(F, H)`.
        input_bias: `candidate/input_projection/bias`, `(H,)`.
        hidden_kernel: `candidate/hidden_projection/kernel`, `(H, H)`.
        hidden_bias: `candidate/hidden_projection/bias`, `(H,)`, multiplied by r.

    Returns:
        `[W_xh, W_hh, b]`: `(F, 3H)`, `(H, 3H)`, `(2, 3H)`, parts in the order z, r, h̃.

    Raises:
        ValueError: Shapes that do not fit, NaN or infinity.
        TypeError: Anything but numbers.

    >>> weights = np.ones((2, 2)), [0.1, 0.2], [[1]], [0.3], [[1]], [0.4]
    >>> cudnn_gru_weights(*weights)[2]
    array([[0.2, 0.1, 0.3],
           [0. , 0. , 0.4]])
    """
    W_zr, U_zr = (_ordered(w, [1, 0]) for w in _apart("gates_kernel", gates_kernel, gates=2))
    features, units = len(W_zr), len(U_zr)
    W_h = _sized("input_kernel", input_kernel, (features, units))
    U_h = _sized("hidden_kernel", hidden_kernel, (units, units))
    b_zr = _ordered(_sized("gates_bias", gates_bias, (2 * units,)), [1, 0])
    b_x = np.concatenate([b_zr, _sized("input_bias", input_bias, (units,))])
    b_h = np.concatenate([np.zeros_like(b_zr), _sized("hidden_bias", hidden_bias, (units,))])
    W_xh, W_hh = np.concatenate([W_zr, W_h], axis=1), np.concatenate([U_zr, U_h], axis=1)
    return [W_xh, W_hh, np.stack([b_x, b_h])]


def _sized(name, array, shape):
    """Finite numbers of this shape."""
    array = require_numbers(name, array)
    require_size(name, array.shape, shape, "H is the number of the kernel's columns over its gates")
    require_finite(name, array)
    return array


def _apart(name, kernel, gates):
    """The rows of a kernel for x, `(F, GH)`, and those for h, `(H, GH)`."""
    kernel = require_numbers(name, kernel)
    rows, columns = kernel.shape if kernel.ndim == 2 else (0, 0)
    units = columns // gates
    if not columns or columns % gates or rows <= units:
        wide = "H" if gates == 1 else f"{gates}H"
        raise ValueError(
            f"`{name}` must have shape (F + H, {wide}) with F ≥ 1, got {kernel.shape}: "
            "inputs and state share one kernel, x above h"
        )
    require_finite(name, kernel)
    return kernel[: rows - units], kernel[rows - units :]


def _ordered(array, order):
    """The parts of the last axis in another order."""
    parts = np.split(array, len(order), axis=-1)
    return np.concatenate([parts[k] for k in order], axis=-1)
