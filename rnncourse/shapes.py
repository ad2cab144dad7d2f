"""Is this array what the next room expects? Messages that say what to do.

Cast: an array enters with its *name* and its shape; out comes nothing, or the
array as numbers, or a `ValueError` / `TypeError` that names what was expected,
what was got and the remedy. The axis letters are those of the conventions page:
B batch, T time, F features, H hidden.

Rooms with tensors of their own (`cells`, `unroll`) pass plain tuples of
integers here, with `None` for a dimension not known yet, so this room needs
NumPy alone.
"""

from collections.abc import Sequence
from numbers import Integral

import numpy as np

REMEDIES = {
    ("BTF", "BT"): "add a feature axis with x[..., None]",
    ("BTF", "T"): "add a batch and a feature axis with x[None, :, None]",
    ("BT", "T"): "add a batch axis with x[None]",
    ("BF", "F"): "add a batch axis with x[None]",
    ("BF", "BTF"): "a cell takes one time step: pass x[:, t], or unroll over time",
    ("BH", "H"): "add a batch axis with state[None]: one row of state per sequence",
}


def spell(axes: Sequence) -> str:
    """`"BTF"` → `"(B, T, F)"`, and `("B", 3)` → `"(B, 3)"`."""
    return "(" + ", ".join(map(str, axes)) + ("," if len(axes) == 1 else "") + ")"


def require_rank(name: str, shape: Sequence[int | None], axes: str) -> None:
    """Check that `shape` has one dimension for each letter of `axes`, none of them zero.

    Args:
        name: What the caller calls the array; it stands in the message.
        shape: The dimensions; `None` where one is not known yet.
        axes: The expected axes, for instance `"BTF"`.

    Raises:
        ValueError: Wrong number of dimensions, or an empty one.

    >>> require_rank("x", (32, 10), "BTF")
    Traceback (most recent call last):
    ValueError: `x` must have shape (B, T, F), got (32, 10): add a feature axis with x[..., None]
    """
    shape = tuple(shape)
    if len(shape) != len(axes):
        known = {len(got): text for (expected, got), text in REMEDIES.items() if expected == axes}
        remedy = known.get(len(shape), f"reshape it to {len(axes)} dimensions")
        raise ValueError(f"`{name}` must have shape {spell(axes)}, got {shape}: {remedy}")
    for axis, size in zip(axes, shape, strict=True):
        if size == 0:
            what = {"B": "sequence", "T": "time step", "F": "feature", "H": "unit"}.get(
                axis, "entry"
            )
            raise ValueError(
                f"`{name}` must have shape {spell(axes)} with {axis} ≥ 1, got {shape}: "
                f"pass at least one {what}"
            )


def require_size(
    name: str, shape: Sequence[int | None], expected: Sequence[int | str | None], why: str
) -> None:
    """Check every known dimension of `shape` against every known one of `expected`.

    Args:
        name: What the caller calls the array.
        shape: The dimensions it has.
        expected: The dimensions it should have; a letter or `None` matches anything.
        why: The remedy, one clause.

    Raises:
        ValueError: The number of dimensions or one of the sizes differs.

    >>> require_size("W_hh", (5, 4), (5, 5), "it maps a state to a state")
    Traceback (most recent call last):
    ValueError: `W_hh` must have shape (5, 5), got (5, 4): it maps a state to a state
    """
    shape, expected = tuple(shape), tuple(expected)
    fits = len(shape) == len(expected) and all(
        not isinstance(want, int) or have is None or want == have
        for have, want in zip(shape, expected, strict=True)
    )
    if not fits:
        raise ValueError(f"`{name}` must have shape {spell(expected)}, got {shape}: {why}")


def require_numbers(name: str, array: object) -> np.ndarray:
    """`array` as a NumPy array of floats (integers and booleans are cast to float64).

    Raises:
        TypeError: It holds text, objects, complex numbers or rows of unequal length.

    >>> require_numbers("x", [[1, 2]])
    array([[1., 2.]])
    """
    try:
        array = np.asarray(array)
    except ValueError as error:
        raise TypeError(
            f"`{name}` must be a rectangular array of numbers, got rows of unequal length: "
            "pad them with zeros and pass `lengths`"
        ) from error
    require_numeric_dtype(name, array.dtype.name)
    return array.astype(np.float64) if array.dtype.kind in "biu" else array


def require_numeric_dtype(name: str, dtype: str) -> None:
    """Check that `dtype` is one of real numbers or truth values (`"float16"`, `"bool"`)."""
    if not dtype.startswith(("float", "bfloat", "int", "uint", "bool")):
        raise TypeError(
            f"`{name}` must hold numbers, got dtype {dtype}: "
            "turn words or categories into numbers first (ids, one-hot rows, embeddings)"
        )


def require_integer(name: str, value: object, least: int, remedy: str) -> int:
    """Check that a count, a size or a seed is a whole number by type, and not too small.

    Args:
        name: What the caller calls it.
        value: A Python or NumPy integer.
        least: The smallest that will do.
        remedy: One clause.

    Returns:
        `value` as a Python integer.

    Raises:
        ValueError: A truth value, a float (2.0 too), text, anything else, or below `least`.

    >>> require_integer("steps", 0, 1, "ask for at least one value")
    Traceback (most recent call last):
    ValueError: `steps` must be an integer ≥ 1, got 0: ask for at least one value
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"`{name}` must be an integer ≥ {least}, got {value!r}: {remedy}")
    return int(value)


def require_lengths(lengths: object, batch: int | None, steps: int | None) -> np.ndarray:
    """Check the number of valid steps of each sequence and return them as integers `(B,)`.

    Args:
        lengths: One integer per sequence, `0 ≤ length ≤ T`.
        batch: B, or `None` if not known.
        steps: T, or `None` if not known.

    Raises:
        TypeError: The lengths are not integers, or nested unevenly.
        ValueError: Wrong count, wrong rank or out of range.

    >>> require_lengths([3, 9], batch=2, steps=5)
    Traceback (most recent call last):
    ValueError: `lengths` must lie between 0 and T = 5, got 9 for sequence 1: clip them or pad the inputs
    """  # noqa: E501
    try:
        lengths = np.asarray(lengths)
    except ValueError as error:
        raise TypeError(
            "`lengths` must be integers, got nested lists: one number for each sequence"
        ) from error
    if lengths.size:
        require_integer_dtype(lengths.dtype.name)
    require_length_shape(lengths.shape, batch)
    bad = np.flatnonzero((lengths < 0) | (lengths > (np.inf if steps is None else steps)))
    if bad.size:
        row = int(bad[0])
        limit = "T" if steps is None else f"T = {steps}"
        raise ValueError(
            f"`lengths` must lie between 0 and {limit}, got {int(lengths[row])} "
            f"for sequence {row}: clip them or pad the inputs"
        )
    return lengths.astype(np.int64)


def require_integer_dtype(dtype: str) -> None:
    """Check that lengths are whole numbers by type (`"int32"`, not `"float32"` or `"bool"`)."""
    if not dtype.startswith(("int", "uint")):
        hints = {"bool": "a mask? sum it over time", "float": "round and cast them to int"}
        kind = next((hint for start, hint in hints.items() if dtype.startswith(start)), None)
        hint = kind or "count the valid steps of each sequence"
        raise TypeError(f"`lengths` must be integers, got dtype {dtype}: {hint}")


def require_length_shape(shape: Sequence[int | None], batch: int | None) -> None:
    """Check that lengths have shape `(B,)`."""
    require_size("lengths", shape, (batch,), "one length for each sequence of the batch")


def require_finite(name: str, array: np.ndarray) -> None:
    """Check that every number is finite.

    Raises:
        ValueError: With the index of the first NaN or infinity.

    >>> require_finite("x", np.array([[0.0, np.nan]]))
    Traceback (most recent call last):
    ValueError: `x` must be finite, got nan at (0, 1): replace it, or hide it behind `lengths`
    """
    array = np.asarray(array)
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        where = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"`{name}` must be finite, got {array[where]} at {where}: "
            "replace it, or hide it behind `lengths`"
        )


def require_ids(name: str, ids: object, size: int | None = None) -> np.ndarray:
    """`ids` as a NumPy array of integers `(N,)`, each the number of a word or another class.

    Args:
        name: What the caller calls them.
        ids: A list, a range or an array; it may be empty.
        size: How many classes there are, if that is to be checked.

    Raises:
        TypeError: Anything but integers.
        ValueError: Wrong rank, or an id outside 0 … size - 1.

    >>> require_ids("ids", [2, 7], size=5)
    Traceback (most recent call last):
    ValueError: `ids` must lie in 0 … 4, got 7 at 1: use the vocabulary that made them
    """
    try:
        array = np.asarray(ids if hasattr(ids, "__array__") else list(ids))
    except (TypeError, ValueError):
        raise TypeError(
            f"`{name}` must be integers (N,), got {type(ids).__name__}: encode the words first"
        ) from None
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(
            f"`{name}` must be integers, got dtype {array.dtype}: encode the words first"
        )
    if array.ndim != 1:
        raise ValueError(f"`{name}` must have shape (N,), got {array.shape}: pass a single stream")
    if size is not None:
        wrong = np.flatnonzero((array < 0) | (array >= size))
        if wrong.size:
            raise ValueError(
                f"`{name}` must lie in 0 … {size - 1}, got {array[wrong[0]]} at {wrong[0]}: "
                "use the vocabulary that made them"
            )
    return array if array.size else array.astype(np.int64)
