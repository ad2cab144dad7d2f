import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.series import echo_bits, in_rows, next_step_windows, two_waves, windows

sizes = st.integers(1, 5)


@given(length=st.integers(1, 40), data=st.data())
def test_the_echo_says_each_bit_again_so_many_steps_later(length, data):
    step = data.draw(st.integers(0, length))
    bits, echo = echo_bits(length, step, rng=1)
    assert bits.shape == echo.shape == (length,)
    assert all(echo[t] == (bits[t - step] if t >= step else 0) for t in range(length))


def test_an_echo_of_a_million_bits_is_fair_and_follows_the_generator():
    bits, _ = echo_bits(1_000_000, 3, np.random.default_rng(4))
    # Standard error of a million coins: 0.0005.
    assert bits.mean() == pytest.approx(0.5, abs=0.003)
    assert set(np.unique(bits)) == {0, 1}
    np.testing.assert_array_equal(bits, echo_bits(1_000_000, 5, 4)[0])


@given(batch=sizes, width=sizes, rest=st.integers(0, 4))
def test_a_row_goes_on_where_the_row_above_ends(batch, width, rest):
    series = np.arange(batch * width + min(rest, batch - 1))
    rows = in_rows(series, batch)
    assert rows.shape == (batch, width)
    np.testing.assert_array_equal(rows.ravel(), series[: batch * width])


@given(batch=sizes, width=st.integers(1, 12), data=st.data())
def test_windows_follow_each_other_and_never_cross_a_row(batch, width, data):
    length = data.draw(st.integers(1, width))
    stride = data.draw(st.integers(1, width))
    rows = np.arange(batch * width).reshape(batch, width)
    cut = windows(rows, length, stride)
    assert cut.shape == ((width - length) // stride + 1, batch, length)
    for k, window in enumerate(cut):
        np.testing.assert_array_equal(window, rows[:, k * stride : k * stride + length])


def test_windows_as_long_as_their_stride_give_the_rows_back():
    rows = in_rows(np.arange(60), 3)
    np.testing.assert_array_equal(np.concatenate(list(windows(rows, 5)), axis=1), rows)


def test_the_miniature_of_the_source_holds_the_steps_it_says():
    # Source K: series of 36, batch 3, window 3, the second window, counted from 1.
    batch = windows(in_rows(np.arange(1, 37), 3), 3)[1]
    assert batch.tolist() == [[4, 5, 6], [16, 17, 18], [28, 29, 30]]


def test_a_window_can_be_written_to_without_changing_its_neighbours():
    cut = windows(np.zeros((1, 4)), 2, stride=1)
    cut[0] = 7
    assert cut[1].tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: echo_bits(0, 3, 0), "`length` must be an integer ≥ 1, got 0: ask for at least"),
        (lambda: echo_bits(True, 0, 0), "`length` must be an integer ≥ 1, got True"),
        (lambda: echo_bits(5, -1, 0), "`echo_step` must be an integer ≥ 0, got -1: count steps"),
        (lambda: echo_bits(5, 2.0, 0), "`echo_step` must be an integer ≥ 0, got 2.0"),
        (lambda: echo_bits(5, 6, 0), "`echo_step` must be at most the length 5, got 6: make more"),
        (lambda: in_rows([], 1), r"`series` must have shape \(T,\) with T ≥ 1, got \(0,\)"),
        (lambda: in_rows([[1, 2]], 1), r"`series` must have shape \(T,\), got \(1, 2\)"),
        (lambda: in_rows([1, 2], 0), "`batch_size` must be an integer ≥ 1, got 0: one row"),
        (lambda: in_rows([1, 2], 3), "one step for each of the 3 rows, got 2: make it longer"),
        (lambda: windows([1, 2], 1), r"`rows` must have shape \(B, T\), got \(2,\)"),
        (lambda: windows([[1, 2]], 0), "`length` must be an integer ≥ 1, got 0: a window holds"),
        (lambda: windows([[1, 2]], 3), "`length` must be at most T = 2, got 3: shorten the"),
        (lambda: windows([[1, 2]], 1, 0), "`stride` must be an integer ≥ 1, got 0: the window has"),
    ],
)
def test_bad_input_is_answered_with_a_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(length=st.integers(1, 8), features=st.integers(1, 3), data=st.data())
def test_a_target_is_the_input_of_the_next_step(length, features, data):
    steps = data.draw(st.integers(length + 1, 20))
    stride = data.draw(st.integers(1, 4))
    series = np.arange(steps * features).reshape(steps, features)
    inputs, targets = next_step_windows(series, length, stride)
    assert inputs.shape == targets.shape == ((steps - length - 1) // stride + 1, length, features)
    for k in range(len(inputs)):
        np.testing.assert_array_equal(inputs[k], series[k * stride : k * stride + length])
        np.testing.assert_array_equal(targets[k], series[k * stride + 1 : k * stride + length + 1])


def test_windows_of_parts_cut_first_share_no_step():
    series = np.arange(50)
    known, kept = (next_step_windows(part, 5) for part in (series[:30], series[30:]))
    seen, tested = (set(np.concatenate(pair).ravel()) for pair in (known, kept))
    assert not seen & tested


@pytest.mark.parametrize(
    ("series", "length", "message"),
    [
        (np.ones(5), 5, "one step more than the window"),
        (np.ones(5), 0, "`length` must be an integer"),
        (np.ones(5), 2.5, "`length` must be an integer"),
        (np.ones((2, 3, 4)), 2, "`series` must have shape"),
        (np.ones(0), 1, "`series` must have shape"),
    ],
)
def test_windows_that_cannot_be_cut_are_refused(series, length, message):
    with pytest.raises(ValueError, match=message):
        next_step_windows(series, length)


def test_two_waves_obey_a_recurrence_of_order_six_and_none_of_order_five():
    curve = two_waves(0.1 * np.arange(301))
    slow, fast = ([1, -2 * np.cos(0.1 * w), 1] for w in (1, 5))
    whole = np.polymul(np.polymul(slow, slow), fast)
    assert np.max(np.abs(np.convolve(curve, whole, "valid"))) < 1e-10
    heard = np.lib.stride_tricks.sliding_window_view(curve, 6)
    assert np.linalg.matrix_rank(heard, tol=1e-8) == 6
