"""A cell over time: inputs `(B, T, F)` in, outputs `(B, T, H)` and the final state out.

Cast: `static_rnn` writes the cell down T times, so the graph grows with T and
every step stands in plain sight; `dynamic_rnn` writes it once inside a
`tf.while_loop`. They take the same arguments and give the same numbers, forward
and backward. `chunked_rnn` gives the same outputs and stops the gradient at the
edges of its chunks. Any Keras cell will do, ours and `keras.layers.*Cell` alike.

`lengths` says how many steps of each sequence count. Past its length a row's
output is zero and its state stands still, so the final state is the one at the
length. A length of 0 is legal: the row keeps its initial state. Whatever stands
in `inputs` past a length, NaN included, reaches neither outputs nor gradients.

Ranks, sizes and types are checked when the function is called or traced
(`ValueError`, `TypeError`). Values (a NaN, a length out of range) are checked at
the eager edge (`ValueError`); inside a `tf.function` the error is
`tf.errors.InvalidArgumentError`, and under XLA there is none.
"""

import tensorflow as tf

from rnncourse.shapes import require_integer, require_size
from rnncourse.tensors import as_lengths, as_tensor, finite, guard, require_cell

__all__ = ["chunked_rnn", "dynamic_rnn", "static_rnn"]


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
    # A slice `inputs[:, t]` would have a gradient as large as `inputs`, T times.
    xs = tf.unstack(inputs, axis=1)
    lives = [None] * steps if valid is None else tf.unstack(valid, axis=1)
    outputs = []
    for x, live in zip(xs, lives, strict=True):
        output, states = _step(cell, x, states, live)
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


def chunked_rnn(cell, inputs, chunk, initial_state=None, lengths=None):
    """Unroll `cell` chunk by chunk: the state is carried across the edges, the gradient is not.

    The forward pass of truncated backpropagation through time over a sequence that
    is at hand as a whole.

    Args:
        cell: A Keras cell: `cell(x, states) -> (output, states)`.
        inputs: `(B, T, F)`; T must be known when the graph is traced.
        chunk: Steps in a chunk, at least 1; the last one may be shorter.
        initial_state: As for `dynamic_rnn`.
        lengths: As for `dynamic_rnn`.

    Returns:
        `(outputs, final_state)` as `dynamic_rnn`'s; a gradient of the final state
        goes no further back than the last chunk.

    Raises:
        ValueError: `chunk` no positive integer, T not static, and as `dynamic_rnn`.
        TypeError: As `dynamic_rnn`.

    Source: Williams & Peng (1990), doi:10.1162/neco.1990.2.4.490.

    >>> from rnncourse.cells import GRUCell
    >>> outputs, (h,) = chunked_rnn(GRUCell(5), tf.ones((4, 9, 3)), chunk=4)
    >>> tuple(outputs.shape), tuple(h.shape)
    ((4, 9, 5), (4, 5))
    """
    chunk = require_integer("chunk", chunk, 1, "it counts time steps")
    inputs, states, _ = _prepare(cell, inputs, initial_state, lengths)
    steps = inputs.shape[1]
    if steps is None:
        raise ValueError(
            "chunked_rnn needs a static T, got inputs of shape (B, None, F): "
            "fix T in the input_signature"
        )
    left = None if lengths is None else as_lengths(lengths, inputs)
    pieces = []
    for start in range(0, steps, chunk):
        piece = inputs[:, start : start + chunk]
        here = None if left is None else tf.clip_by_value(left - start, 0, piece.shape[1])
        states = tf.nest.map_structure(tf.stop_gradient, states) if start else states
        outputs, states = dynamic_rnn(cell, piece, states, here)
        pieces.append(outputs)
    return tf.concat(pieces, axis=1), states


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
    require_cell(cell)
    inputs = as_tensor("inputs", inputs, "BTF", cell.compute_dtype)
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
        inputs = guard(inputs, tf.size(inputs) > 0, message)
    states = _match_state(_zero_state(cell, inputs), initial_state, inputs)
    if lengths is None:
        return finite("inputs", inputs), states, None
    valid = tf.sequence_mask(as_lengths(lengths, inputs), tf.shape(inputs)[1])  # (B, T)
    valid.set_shape((batch, steps))
    inputs = tf.where(valid[..., None], inputs, tf.zeros_like(inputs))
    return finite("inputs", inputs), states, valid


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
    state = as_tensor("initial_state", given, "BH", inputs.dtype)
    why = "one row of H values for each sequence"
    require_size("initial_state", state.shape, wanted, why)
    if None in (inputs.shape[0], state.shape[0]):
        rows = tf.shape(state)[0] == tf.shape(inputs)[0]
        state = guard(state, rows, f"`initial_state` must have shape (B, H): {why}")
    return finite("initial_state", state)
