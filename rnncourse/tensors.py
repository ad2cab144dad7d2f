"""Is this tensor what the next room expects? The rules of `shapes`, for TensorFlow.

Cast: whatever a caller passes comes in under its name; out comes a tensor of the
right type and rank, or an error that says what was expected, what was got and
the remedy. Ranks and types are checked at once. Values can only be read outside
of a graph; inside one, `guard` puts the check into the graph. `require_cell` asks
the same of what walks over such tensors.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.shapes import (
    require_finite,
    require_integer_dtype,
    require_length_shape,
    require_lengths,
    require_numbers,
    require_numeric_dtype,
    require_rank,
    spell,
)

__all__ = ["as_lengths", "as_tensor", "finite", "guard", "require_cell"]


def as_tensor(name, value, axes, dtype):
    """`value` as a tensor of `dtype` with one dimension for each letter of `axes`.

    Args:
        name: What the caller calls it; it stands in the message.
        value: Numbers, an array, a tensor or a variable.
        axes: The expected axes, for instance `"BTF"`.
        dtype: Of the tensor.

    Raises:
        ValueError: Wrong or unknown rank, or an empty axis.
        TypeError: No numbers, a symbolic Keras tensor, a ragged or sparse one, or a
            list of tensors.

    >>> as_tensor("x", [[1, 2]], "BT", "float32").shape
    TensorShape([1, 2])
    """
    if isinstance(value, keras.KerasTensor):
        raise TypeError(
            f"`{name}` must hold numbers, got a symbolic Keras tensor: "
            "inside a functional model use keras.layers.RNN(cell)"
        )
    if isinstance(value, tf.RaggedTensor | tf.SparseTensor):
        raise TypeError(
            f"`{name}` must be a dense rectangular tensor, got a {type(value).__name__}: "
            "use .to_tensor() with .row_lengths() as `lengths`, or tf.sparse.to_dense"
        )
    if isinstance(value, list | tuple) and any(
        tf.is_tensor(v) or isinstance(v, np.ndarray) for v in value
    ):
        raise TypeError(
            f"`{name}` must be one tensor, got a list of {len(value)}: "
            "join the steps with tf.stack(steps, axis=1)"
        )
    if tf.is_tensor(value) or isinstance(value, keras.Variable):
        value = tf.convert_to_tensor(value)
        require_numeric_dtype(name, value.dtype.name)
    else:
        value = require_numbers(name, value)
    if tf.is_tensor(value) and value.shape.rank is None:
        raise ValueError(
            f"`{name}` must have shape {spell(axes)}, got an unknown rank: "
            "give it a shape in the input_signature"
        )
    require_rank(name, value.shape, axes)
    return tf.cast(value, dtype)


def as_lengths(lengths, inputs):
    """Lengths as an integer tensor `(B,)`; values checked at once or by an op in the graph.

    Args:
        lengths: Valid steps of each sequence, `(B,)`.
        inputs: The sequences, `(B, T, ...)`.

    Raises:
        ValueError: Wrong count, or a length outside 0 … T.
        TypeError: Anything but integers.
        tf.errors.InvalidArgumentError: Bad values inside a `tf.function`.

    >>> as_lengths([2, 0], tf.zeros((2, 3, 1))).numpy().tolist()
    [2, 0]
    """
    batch, steps, _ = inputs.shape
    if isinstance(lengths, keras.KerasTensor | tf.RaggedTensor | tf.SparseTensor):
        raise TypeError(
            f"`lengths` must be integers, got a {type(lengths).__name__}: "
            "pass one number for each sequence"
        )
    if isinstance(lengths, list | tuple) and any(tf.is_tensor(n) for n in lengths):
        lengths = tf.stack(lengths)
    if tf.is_tensor(lengths) or isinstance(lengths, keras.Variable):
        lengths = tf.convert_to_tensor(lengths)
    if _is_symbolic(lengths):
        require_integer_dtype(lengths.dtype.name)
        if lengths.shape.rank is None:
            raise ValueError(
                "`lengths` must have shape (B,), got an unknown rank: "
                "give it a shape in the input_signature"
            )
        require_length_shape(lengths.shape, batch)
    else:
        lengths = require_lengths(lengths, batch, steps)
        if None not in (batch, steps):
            return tf.constant(lengths)
    lengths = tf.cast(lengths, tf.int64)
    limits = tf.shape(inputs, tf.int64)
    in_range = tf.reduce_all((lengths >= 0) & (lengths <= limits[1]))
    message = (
        "`lengths` must lie between 0 and T, one for each sequence: clip them or pad the inputs"
    )
    return guard(lengths, in_range & (tf.size(lengths, tf.int64) == limits[0]), message)


def finite(name, tensor):
    """`tensor`, if it holds neither NaN nor infinity; inside a graph the check is an op."""
    if not _is_symbolic(tensor):
        require_finite(name, tensor.numpy())
        return tensor
    message = f"`{name}` must be finite: replace the NaN, or hide it behind `lengths`"
    return guard(tensor, tf.reduce_all(tf.math.is_finite(tensor)), message)


def require_cell(cell):
    """Check that `cell` is a Keras cell: it takes one time step and says how large its state is.

    Raises:
        TypeError: A layer that walks over time, the class of a cell, or no cell at all.

    >>> require_cell(keras.layers.LSTM(5))
    Traceback (most recent call last):
    TypeError: `cell` must be a cell, one time step, got the layer LSTM: pass layer.cell
    """
    if isinstance(cell, keras.layers.RNN):
        kind = type(cell).__name__
        raise TypeError(
            f"`cell` must be a cell, one time step, got the layer {kind}: pass layer.cell"
        )
    if not (isinstance(cell, keras.layers.Layer) and hasattr(cell, "state_size")):
        raise TypeError(
            f"`cell` must be a Keras cell, got {cell!r}: make one, for instance LSTMCell(32)"
        )


def _is_symbolic(value):
    return tf.is_tensor(value) and not hasattr(value, "numpy")


def guard(tensor, holds, message):
    """`tensor`, out of reach unless `holds`: how a compiled function checks values."""
    with tf.control_dependencies([tf.debugging.Assert(holds, [message])]):
        return tf.identity(tensor)
