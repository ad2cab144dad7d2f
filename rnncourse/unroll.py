"""A cell over time: inputs `(B, T, F)` in, outputs `(B, T, H)` and the final state out.

Cast: `static_rnn` writes the cell down T times, so the graph grows with T and
every step stands in plain sight; `dynamic_rnn` writes it once inside a
`tf.while_loop`. They take the same arguments and give the same numbers, forward
and backward. Any Keras cell will do, ours and `keras.layers.*Cell` alike.

`lengths` says how many steps of each sequence count. Past its length a row's
output is zero and its state stands still, so the final state is the one at the
length. A length of 0 is legal: the row keeps its initial state. Whatever stands
in `inputs` past a length, NaN included, reaches neither outputs nor gradients.

Ranks, sizes and types are checked when the function is called or traced
(`ValueError`, `TypeError`). Values (a NaN, a length out of range) are checked at
the eager edge (`ValueError`); inside a `tf.function` the error is
`tf.errors.InvalidArgumentError`, and under XLA there is none.
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
    require_size,
    spell,
)

__all__ = ["dynamic_rnn", "static_rnn"]


def static_rnn(cell, inputs, initial_state=None, lengths=None):
    """Unroll `cell` by writing it down once for each step.

    Args:
        cell: A Keras cell: `cell(x, states) -> (output, states)`.
        inputs: `(B, T, F)`; T must be known when the graph is traced.
        initial_state: As the cell's state: a list `[h]` or `[h, c]` of `(B, H)`
            tensors (a single tensor stands for `[h]`), zeros if `None`.
        lengths: Valid steps of each sequence, integers `(B,)` between 0 and T.

    Returns:
        `(outputs, final_state)`: `(B, T, H)` and a list as Keras's, `[h]` or
        `[h, c]`.

    Raises:
        ValueError: Wrong rank or size, an empty axis, T not static, NaN or
            infinity within a length, lengths of wrong count or out of range.
        TypeError: Text instead of numbers, lengths that are not integers, a list
            of time steps instead of one tensor, a layer instead of a cell.
        tf.errors.InvalidArgumentError: Bad values inside a `tf.function`.

    >>> from rnncourse.cells import SimpleRNNCell
    >>> outputs, (h,) = static_rnn(SimpleRNNCell(5), tf.ones((4, 2, 3)))
    >>> tuple(outputs.shape), bool(tf.reduce_all(h == outputs[:, -1]))
    ((4, 2, 5), True)
    """
    inputs, states, valid = _prepare(cell, inputs, initial_state, lengths)
    steps = inputs.shape[1]
    if steps is None:
        raise ValueError(
            "static_rnn needs a static T, got inputs of shape (B, None, F): "
            "fix T in the input_signature, or use dynamic_rnn"
        )
    outputs = []
    for t in range(steps):
        live = None if valid is None else valid[:, t]
        output, states = _step(cell, inputs[:, t], states, live)
        outputs.append(output)
    return tf.stack(outputs, axis=1), states


def dynamic_rnn(cell, inputs, initial_state=None, lengths=None):
    """Unroll `cell` in a loop: the graph holds the cell once, whatever T.

    Args:
        cell: A Keras cell: `cell(x, states) -> (output, states)`.
        inputs: `(B, T, F)`; T may be unknown when the graph is traced.
        initial_state: As the cell's state: a list `[h]` or `[h, c]` of `(B, H)`
            tensors (a single tensor stands for `[h]`), zeros if `None`.
        lengths: Valid steps of each sequence, integers `(B,)` between 0 and T.

    Returns:
        `(outputs, final_state)`: `(B, T, H)` and a list as Keras's, `[h]` or
        `[h, c]`.

    Raises:
        ValueError: Wrong rank or size, an empty axis, NaN or infinity within a
            length, lengths of wrong count or out of range.
        TypeError: Text instead of numbers, lengths that are not integers, a list
            of time steps instead of one tensor, a layer instead of a cell.
        tf.errors.InvalidArgumentError: Bad values inside a `tf.function`.

    >>> from rnncourse.cells import LSTMCell
    >>> outputs, (h, c) = dynamic_rnn(LSTMCell(5), tf.ones((4, 9, 3)), lengths=[9, 2, 0, 9])
    >>> tuple(outputs.shape), float(tf.reduce_max(abs(outputs[1, 2:])))
    ((4, 9, 5), 0.0)
    """
    inputs, states, valid = _prepare(cell, inputs, initial_state, lengths)
    steps = tf.shape(inputs)[1]
    # Slicing `inputs[:, t]` in the loop would make the backward pass quadratic in T.
    xs = _by_time(inputs, steps)
    lives = None if valid is None else _by_time(valid, steps)

    def body(t, states, outputs):
        live = None if lives is None else lives.read(t)
        output, states = _step(cell, xs.read(t), states, live)
        return t + 1, states, outputs.write(t, output)

    _, states, outputs = tf.while_loop(
        cond=lambda t, *_: t < steps,
        body=body,
        loop_vars=(0, states, tf.TensorArray(inputs.dtype, size=steps)),
        maximum_iterations=inputs.shape[1],
    )
    outputs = tf.transpose(outputs.stack(), (1, 0, 2))  # (T, B, H) -> (B, T, H)
    outputs.set_shape((*inputs.shape[:2], None))
    return outputs, states


def _by_time(tensor, steps):
    """`(B, T, ...)` as an array of T tensors `(B, ...)`."""
    rest = range(2, tensor.shape.rank)
    array = tf.TensorArray(tensor.dtype, size=steps, clear_after_read=False)
    return array.unstack(tf.transpose(tensor, [1, 0, *rest]))


def _step(cell, x, states, live):
    """One step; rows that are not `live` give zeros and keep their state."""
    output, new = cell(x, states)
    new = tf.nest.pack_sequence_as(states, tf.nest.flatten(new))
    if live is None:
        return output, new
    live = live[:, None]  # (B, 1)
    kept = tf.nest.map_structure(lambda n, o: tf.where(live, n, o), new, states)
    return tf.where(live, output, tf.zeros_like(output)), kept


def _prepare(cell, inputs, initial_state, lengths):
    """Checked inputs with zeros past each length, the initial state, the mask `(B, T)`."""
    _require_cell(cell)
    inputs = _as_tensor("inputs", inputs, "BTF", cell.compute_dtype)
    batch, steps, features = inputs.shape
    if not cell.built:
        if features is None:
            raise ValueError(
                "`inputs` must have a static F, got shape (B, T, None): "
                "fix F in the input_signature, or build the cell first"
            )
        cell.build((batch, features))
    built_for = (cell.get_build_config() or {}).get("input_shape")
    if built_for is not None:
        why = f"the cell was built for F = {built_for[-1]}, make a new one for another F"
        require_size("inputs", inputs.shape, ("B", "T", built_for[-1]), why)
    if None in (batch, steps):
        message = "`inputs` must have shape (B, T, F) with B ≥ 1 and T ≥ 1: pass at least one step"
        inputs = _guard(inputs, tf.size(inputs) > 0, message)
    states = _match_state(_zero_state(cell, inputs), initial_state, inputs)
    if lengths is None:
        return _finite("inputs", inputs), states, None
    valid = tf.sequence_mask(_lengths(lengths, inputs), tf.shape(inputs)[1])  # (B, T)
    valid.set_shape((batch, steps))
    inputs = tf.where(valid[..., None], inputs, tf.zeros_like(inputs))
    return _finite("inputs", inputs), states, valid


def _require_cell(cell):
    if isinstance(cell, keras.layers.RNN):
        kind = type(cell).__name__
        raise TypeError(
            f"`cell` must be a cell, one time step, got the layer {kind}: pass layer.cell"
        )
    if not (isinstance(cell, keras.layers.Layer) and hasattr(cell, "state_size")):
        raise TypeError(
            f"`cell` must be a Keras cell, got {cell!r}: make one, for instance LSTMCell(32)"
        )


def _as_tensor(name, value, axes, dtype):
    """`value` as a tensor of `dtype` with one dimension for each letter of `axes`."""
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


def _zero_state(cell, inputs):
    batch = tf.shape(inputs)[0]
    if hasattr(cell, "get_initial_state"):
        zeros = cell.get_initial_state(batch_size=batch)
    else:
        zeros = [tf.zeros((batch, size), inputs.dtype) for size in tf.nest.flatten(cell.state_size)]
    return list(zeros) if isinstance(zeros, list | tuple) else [zeros]


def _match_state(zeros, given, inputs):
    """`given`, checked, in the structure of the cell's own state `zeros`."""
    if isinstance(zeros, list | tuple):
        given = [given] * len(zeros) if given is None else given
        given = given if isinstance(given, list | tuple) else [given]
        if len(given) != len(zeros):
            raise ValueError(
                f"`initial_state` must be a list of {len(zeros)}, got {len(given)}: "
                "start from cell.get_initial_state(batch_size)"
            )
        return [_match_state(zero, state, inputs) for zero, state in zip(zeros, given, strict=True)]
    wanted = (inputs.shape[0], zeros.shape[-1])
    if given is None:
        return tf.ensure_shape(zeros, wanted)
    state = _as_tensor("initial_state", given, "BH", inputs.dtype)
    why = "one row of H values for each sequence"
    require_size("initial_state", state.shape, wanted, why)
    if None in (inputs.shape[0], state.shape[0]):
        rows = tf.shape(state)[0] == tf.shape(inputs)[0]
        state = _guard(state, rows, f"`initial_state` must have shape (B, H): {why}")
    return _finite("initial_state", state)


def _lengths(lengths, inputs):
    """Lengths as an integer tensor `(B,)`; values checked eagerly or by an op in the graph."""
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
    return _guard(lengths, in_range & (tf.size(lengths, tf.int64) == limits[0]), message)


def _finite(name, tensor):
    if not _is_symbolic(tensor):
        require_finite(name, tensor.numpy())
        return tensor
    message = f"`{name}` must be finite: replace the NaN, or hide it behind `lengths`"
    return _guard(tensor, tf.reduce_all(tf.math.is_finite(tensor)), message)


def _is_symbolic(value):
    return tf.is_tensor(value) and not hasattr(value, "numpy")


def _guard(tensor, holds, message):
    """`tensor`, out of reach unless `holds`: how a compiled function checks values."""
    with tf.control_dependencies([tf.debugging.Assert(holds, [message])]):
        return tf.identity(tensor)
