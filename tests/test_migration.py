"""Weights of TensorFlow 1, replayed by its own formulas, written down here once more."""

import numpy as np
import pytest

from rnncourse import migration, reference
from rnncourse.migration import cudnn_gru_weights, gru_weights, lstm_weights, rnn_weights

B, F, H = 4, 3, 5
DIAGONALS = ("w_i_diag", "w_f_diag", "w_o_diag")


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


# TensorFlow 1.15's steps: one matmul of [x, h], then whatever the cell does with its sums.


def old_rnn(x, h, kernel, bias):
    return np.tanh(np.hstack([x, h]) @ kernel + bias)


def old_lstm(x, h, c, kernel, bias, forget_bias=1.0, w_i_diag=0, w_f_diag=0, w_o_diag=0):
    i, j, f, o = np.split(np.hstack([x, h]) @ kernel + bias, 4, axis=1)
    c_new = sigmoid(f + forget_bias + w_f_diag * c) * c
    c_new = c_new + sigmoid(i + w_i_diag * c) * np.tanh(j)
    return sigmoid(o + w_o_diag * c_new) * np.tanh(c_new), c_new


def old_gru(x, h, gates_kernel, gates_bias, candidate_kernel, candidate_bias):
    r, u = np.split(sigmoid(np.hstack([x, h]) @ gates_kernel + gates_bias), 2, axis=1)
    c = np.tanh(np.hstack([x, r * h]) @ candidate_kernel + candidate_bias)
    return u * h + (1 - u) * c


def old_cudnn_gru(x, h, gates_kernel, gates_bias, W, b_w, U, b_u):
    r, u = np.split(sigmoid(np.hstack([x, h]) @ gates_kernel + gates_bias), 2, axis=1)
    c = np.tanh(x @ W + b_w + r * (h @ U + b_u))
    return u * h + (1 - u) * c


def draw(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [0.7 * rng.normal(size=shape) for shape in shapes]


X, STATE, CELL = draw((B, F), (B, H), (B, H), seed=1)
RNN = draw((F + H, H), (H,))
LSTM = draw((F + H, 4 * H), (4 * H,))
PEEPHOLES = dict(zip(DIAGONALS, draw((H,), (H,), (H,), seed=2), strict=True))
GRU = draw((F + H, 2 * H), (2 * H,), (F + H, H), (H,))
CUDNN_GRU = draw((F + H, 2 * H), (2 * H,), (F, H), (H,), (H, H), (H,))


def rnn_agrees(assert_close):
    new = reference.rnn_step(X, STATE, *migration.rnn_weights(*RNN))
    assert_close(new, old_rnn(X, STATE, *RNN))


def lstm_agrees(assert_close, forget_bias=1.0):
    weights = migration.lstm_weights(*LSTM, forget_bias=forget_bias)
    new = reference.lstm_step(X, (STATE, CELL), *weights)
    assert_close(np.stack(new), np.stack(old_lstm(X, STATE, CELL, *LSTM, forget_bias)))


def peephole_agrees(assert_close):
    weights = migration.lstm_weights(*LSTM, forget_bias=0.5, **PEEPHOLES)
    new = reference.peephole_lstm_step(X, (STATE, CELL), *weights)
    assert_close(np.stack(new), np.stack(old_lstm(X, STATE, CELL, *LSTM, 0.5, **PEEPHOLES)))


def gru_agrees(assert_close):
    new = reference.gru_step(X, STATE, *migration.gru_weights(*GRU), reset_after=False)
    assert_close(new, old_gru(X, STATE, *GRU))


def cudnn_gru_agrees(assert_close):
    new = reference.gru_step(X, STATE, *migration.cudnn_gru_weights(*CUDNN_GRU))
    assert_close(new, old_cudnn_gru(X, STATE, *CUDNN_GRU))


CASES = {
    "rnn_weights": rnn_agrees,
    "lstm_weights": lstm_agrees,
    "gru_weights": gru_agrees,
    "cudnn_gru_weights": cudnn_gru_agrees,
    "peephole": peephole_agrees,
}


@pytest.mark.parametrize("name", CASES)
def test_moved_weights_do_what_they_did(name, assert_close):
    CASES[name](assert_close)


@pytest.mark.parametrize("forget_bias", [0.0, 1.0, 5.0])
def test_the_forget_bias_moves_into_the_bias(forget_bias, assert_close):
    lstm_agrees(assert_close, forget_bias)


def test_a_whole_sequence_of_the_old_lstm_is_repeated_by_keras(assert_close):
    import keras

    xs = np.random.default_rng(3).normal(size=(B, 20, F))
    h, c = np.zeros((B, H)), np.zeros((B, H))
    outputs = []
    for x in xs.swapaxes(0, 1):
        h, c = old_lstm(x, h, c, *LSTM)
        outputs.append(h)
    layer = keras.layers.LSTM(H, return_sequences=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights(lstm_weights(*LSTM))
    assert_close(layer(xs).numpy(), np.stack(outputs, axis=1))


@pytest.mark.parametrize(
    ("weights", "reset_after", "step"),
    [(gru_weights(*GRU), False, old_gru), (cudnn_gru_weights(*CUDNN_GRU), True, old_cudnn_gru)],
    ids=["GRUCell", "CudnnCompatibleGRUCell"],
)
def test_keras_repeats_the_old_gru(weights, reset_after, step, assert_close):
    import keras

    layer = keras.layers.GRU(H, reset_after=reset_after, dtype="float64")
    layer.build((B, 1, F))
    layer.set_weights(weights)
    old = step(X, STATE, *(CUDNN_GRU if reset_after else GRU))
    assert_close(layer(X[:, None], initial_state=STATE).numpy(), old)


def test_our_peephole_cell_repeats_the_old_one(assert_close):
    from rnncourse.variants import PeepholeLSTMCell

    cell = PeepholeLSTMCell(H, dtype="float64")
    cell.build((None, F))
    cell.set_weights(lstm_weights(*LSTM, **PEEPHOLES))
    _, new = cell(X, [STATE, CELL])
    assert_close(np.stack(new), np.stack(old_lstm(X, STATE, CELL, *LSTM, **PEEPHOLES)))


# Mutations: what a hasty translation gets wrong.


def order_kept(kernel, bias, forget_bias=1.0, **_):
    W_xh, W_hh = kernel[:F], kernel[F:]
    bias = bias.copy()
    bias[H : 2 * H] += forget_bias
    return [W_xh, W_hh, bias]


MUTATIONS = {
    "rnn: state above inputs": ("rnn_weights", lambda k, b: rnn_weights(np.roll(k, H, 0), b)),
    "rnn: recurrent kernel transposed": (
        "rnn_weights",
        lambda k, b: [k[:F], k[F:].T, b],
    ),
    "lstm: order i, j, f, o kept": ("lstm_weights", order_kept),
    "lstm: forget bias left out": ("lstm_weights", lambda k, b, **_: lstm_weights(k, b, 0.0)),
    "lstm: forget bias on the old place of f": (
        "lstm_weights",
        lambda k, b, **_: lstm_weights(k, b + np.repeat([0, 1.0, 0, 0], H), 0.0),
    ),
    "lstm: state above inputs": (
        "lstm_weights",
        lambda k, b, **kw: lstm_weights(np.roll(k, H, 0), b, **kw),
    ),
    "gru: order r, u kept": (
        "gru_weights",
        lambda k, b, c, d: gru_weights(np.roll(k, H, 1), np.roll(b, H), c, d),
    ),
    "gru: u turned round": (
        "gru_weights",
        lambda k, b, c, d: gru_weights(
            np.hstack([k[:, :H], -k[:, H:]]), np.hstack([b[:H], -b[H:]]), c, d
        ),
    ),
    "gru: candidate's state above its inputs": (
        "gru_weights",
        lambda k, b, c, d: gru_weights(k, b, np.roll(c, H, 0), d),
    ),
    "cudnn gru: biases of the candidate swapped": (
        "cudnn_gru_weights",
        lambda k, b, w, b_w, u, b_u: cudnn_gru_weights(k, b, w, b_u, u, b_w),
    ),
    "cudnn gru: gates' bias counted twice": (
        "cudnn_gru_weights",
        lambda k, b, *rest: cudnn_gru_weights(k, 2 * b, *rest),
    ),
}


@pytest.mark.parametrize(("name", "wrong"), MUTATIONS.values(), ids=MUTATIONS)
def test_the_replay_catches_a_wrong_move(name, wrong, assert_close, monkeypatch):
    monkeypatch.setattr(migration, name, wrong)
    with pytest.raises(AssertionError, match="differs by"):
        CASES[name](assert_close)


def test_the_replay_catches_peepholes_in_another_order(assert_close, monkeypatch):
    def wrong(*weights, w_i_diag, w_f_diag, w_o_diag, **kwargs):
        return lstm_weights(
            *weights, w_i_diag=w_f_diag, w_f_diag=w_i_diag, w_o_diag=w_o_diag, **kwargs
        )

    monkeypatch.setattr(migration, "lstm_weights", wrong)
    with pytest.raises(AssertionError, match="differs by"):
        peephole_agrees(assert_close)


def test_the_reset_gate_of_the_other_form_is_caught(assert_close):
    W_xh, W_hh, b = gru_weights(*GRU)
    other = reference.gru_step(X, STATE, W_xh, W_hh, np.stack([b, np.zeros_like(b)]))
    with pytest.raises(AssertionError, match="differs by"):
        assert_close(other, old_gru(X, STATE, *GRU))


# What comes in stays as it was; precision is kept; what does not fit is refused.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept_and_the_old_arrays_are_left_alone(dtype):
    kernel, bias = (w.astype(dtype) for w in LSTM)
    before = kernel.copy(), bias.copy()
    moved = lstm_weights(kernel, bias)
    assert {w.dtype for w in moved} == {np.dtype(dtype)}
    assert (kernel == before[0]).all() and (bias == before[1]).all()


REFUSED = {
    "rnn: flat kernel": (rnn_weights, (RNN[1], RNN[1]), ValueError, r"\(F \+ H, H\).+got \(5,\)"),
    "rnn: transposed": (rnn_weights, (RNN[0].T, RNN[1]), ValueError, r"got \(5, 8\): inputs and"),
    "rnn: no inputs": (rnn_weights, (np.ones((5, 5)), RNN[1]), ValueError, "with F ≥ 1"),
    "rnn: empty": (rnn_weights, (np.ones((0, 0)), []), ValueError, r"got \(0, 0\)"),
    "rnn: bias": (rnn_weights, (RNN[0], np.ones(4)), ValueError, r"`bias` must have shape \(5,\)"),
    "lstm: columns": (
        lstm_weights,
        (np.ones((8, 18)), LSTM[1]),
        ValueError,
        r"\(F \+ H, 4H\) with F ≥ 1, got \(8, 18\): inputs and state share",
    ),
    "lstm: text": (lstm_weights, ("kernel", LSTM[1]), TypeError, "`kernel` must hold numbers"),
    "lstm: NaN": (lstm_weights, (LSTM[0] * np.nan, LSTM[1]), ValueError, "must be finite, got nan"),
    "lstm: forget bias of text": (lstm_weights, (*LSTM, "1"), TypeError, "`forget_bias` must hold"),
    "lstm: many forget biases": (
        lstm_weights,
        (*LSTM, np.ones(H)),
        ValueError,
        r"`forget_bias` must have shape \(\), got \(5,\)",
    ),
    "lstm: one peephole": (
        lstm_weights,
        (*LSTM, 1.0, np.ones(H)),
        ValueError,
        r"`w_f_diag` must have shape \(5,\), got None: a cell with peepholes has all three",
    ),
    "lstm: peephole matrix": (
        lstm_weights,
        (*LSTM, 1.0, np.ones(H), np.eye(H), np.ones(H)),
        ValueError,
        r"`w_f_diag` must have shape \(5,\), got \(5, 5\)",
    ),
    "gru: candidate": (
        gru_weights,
        (*GRU[:2], GRU[0], GRU[3]),
        ValueError,
        r"`candidate_kernel` must have shape \(8, 5\), got \(8, 10\)",
    ),
    "gru: gates' bias": (
        gru_weights,
        (GRU[0], GRU[3], *GRU[2:]),
        ValueError,
        r"`gates_bias` must have shape \(10,\), got \(5,\)",
    ),
    "cudnn gru: projections swapped": (
        cudnn_gru_weights,
        (*CUDNN_GRU[:2], *CUDNN_GRU[4:], *CUDNN_GRU[2:4]),
        ValueError,
        r"`input_kernel` must have shape \(3, 5\), got \(5, 5\)",
    ),
}


@pytest.mark.parametrize(("move", "weights", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(move, weights, error, message):
    with pytest.raises(error, match=message):
        move(*weights)
