"""Generated streams, and how a stream becomes batches.

Cast: `echo_bits` makes a stream of random bits `(N,)` and its echo; `in_rows`
lays a stream out in the rows of a batch, `(N,) → (B, T)`; `windows` cuts the rows
into the pieces that a network is trained on one after the other,
`(B, T) → (n, B, L)`. What does not fill a row or a window is left out at the end.
`two_waves` is a curve to forecast; `next_step_windows` cuts a series into windows and
the same windows one step later, `(T, F) → (n, L, F)` twice.
"""

import numpy as np

from rnncourse.shapes import require_integer, require_rank

__all__ = ["echo_bits", "in_rows", "next_step_windows", "two_waves", "windows"]


def echo_bits(length, echo_step, rng):
    """Random bits, and the same bits `echo_step` steps later.

    Args:
        length: N.
        echo_step: Delay of the echo in steps, 0 … N. Before the first bit comes
            back the echo is 0.
        rng: A NumPy random generator, or a seed for one.

    Returns:
        `(bits, echo)`: two integer arrays `(N,)` with `echo[t] = bits[t - echo_step]`.

    Raises:
        ValueError: `length` or `echo_step` no integer, or out of range.

    >>> bits, echo = echo_bits(8, 3, rng=0)
    >>> bits.tolist(), echo.tolist()
    ([1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 0, 0])
    """
    require_integer("length", length, 1, "ask for at least one bit")
    require_integer("echo_step", echo_step, 0, "count steps forward from the bit to its echo")
    if echo_step > length:
        raise ValueError(
            f"`echo_step` must be at most the length {length}, got {echo_step}: make more bits"
        )
    bits = np.random.default_rng(rng).integers(0, 2, size=length)
    echo = np.zeros_like(bits)
    echo[echo_step:] = bits[: length - echo_step]
    return bits, echo


def in_rows(series, batch_size):
    """Lay a stream out in rows: each row goes on where the one above it ends.

    Args:
        series: `(N,)`.
        batch_size: B, at most N.

    Returns:
        `(B, N // B)`.

    Raises:
        ValueError: Wrong rank, or too few steps for one in each row.

    Source: the reshaped data matrix of Hallström's echo tutorial (source K).

    >>> in_rows(np.arange(7), 2)
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    series = np.asarray(series)
    require_rank("series", series.shape, "T")
    require_integer("batch_size", batch_size, 1, "one row is the least")
    width = len(series) // batch_size
    if not width:
        raise ValueError(
            f"`series` must hold at least one step for each of the {batch_size} rows, "
            f"got {len(series)}: make it longer or the batch smaller"
        )
    return series[: width * batch_size].reshape(batch_size, width)


def windows(rows, length, stride=None):
    """Cut rows into windows, in the order in which they are trained on.

    Args:
        rows: `(B, T)`.
        length: L, steps in a window, at most T.
        stride: Steps from the start of a window to the start of the next; L if
            `None`, so that windows neither overlap nor leave gaps.

    Returns:
        `(n, B, L)` with n = (T - L) // stride + 1; row b of window k goes on in
        row b of window k + 1.

    Raises:
        ValueError: Wrong rank, or a length or stride out of range.

    >>> windows(np.arange(12).reshape(2, 6), 3).tolist()
    [[[0, 1, 2], [6, 7, 8]], [[3, 4, 5], [9, 10, 11]]]
    """
    rows = np.asarray(rows)
    require_rank("rows", rows.shape, "BT")
    require_integer("length", length, 1, "a window holds at least one step")
    stride = length if stride is None else stride
    require_integer("stride", stride, 1, "the window has to move on")
    if length > rows.shape[1]:
        raise ValueError(
            f"`length` must be at most T = {rows.shape[1]}, got {length}: "
            "shorten the window or make the stream longer"
        )
    cut = np.lib.stride_tricks.sliding_window_view(rows, length, axis=1)[:, ::stride]
    return np.ascontiguousarray(cut.transpose(1, 0, 2))  # (B, n, L) -> (n, B, L)


def two_waves(t):
    """t·sin(t)/3 + 2·sin(5t): a slow wave that grows, and a small fast one on top.

    Args:
        t: Times, of any shape. In steps of 0.1 the curve obeys a linear recurrence of
            order six, and so is known from any six values in a row.

    Returns:
        Its values, of the same shape.

    Source: the series behind the slides of source C, there for t from 0 to 30.

    >>> two_waves(np.array([0.0, np.pi])).round(6).tolist()
    [0.0, 0.0]
    """
    t = np.asarray(t, float)
    return t * np.sin(t) / 3 + 2 * np.sin(5 * t)


def next_step_windows(series, length, stride=1):
    """Windows of a series, and the same windows one step later.

    Cut the series into a part to train on and a part to test on first, and each part
    into windows afterwards: windows of the two then share no step.

    Args:
        series: `(T, F)`, or `(T,)` for one feature.
        length: L, steps in a window, less than T.
        stride: Steps from the start of a window to the start of the next.

    Returns:
        `(inputs, targets)`, each `(n, L, F)`: `targets[k, t] = inputs[k, t + 1]`.

    Raises:
        ValueError: Wrong rank, or a length or stride out of range.

    >>> inputs, targets = next_step_windows(np.arange(5), 3)
    >>> inputs[..., 0].tolist(), targets[..., 0].tolist()
    ([[0, 1, 2], [1, 2, 3]], [[1, 2, 3], [2, 3, 4]])
    """
    series = np.asarray(series)
    series = series[:, None] if series.ndim == 1 else series
    require_rank("series", series.shape, "TF")
    require_integer("length", length, 1, "a window holds at least one step")
    if length >= len(series):
        raise ValueError(
            f"`length` must be less than T = {len(series)}, got {length}: "
            "the last target needs one step more than the window"
        )
    cut = windows(series.T, length + 1, stride).swapaxes(1, 2)  # (n, F, L + 1) -> (n, L + 1, F)
    return cut[:, :-1], cut[:, 1:]
