"""The oracle against cases worked out by hand, its mutations, properties and refusals."""

import math
import re
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import reference
from rnncourse.reference import LSTMState, gru_step, lstm_step, rnn_step, sigmoid, unroll

few_examples = settings(max_examples=40)
seeds = st.integers(0, 2**16)
sides = st.integers(1, 5)


# The cases by hand. Every weight is a whole multiple of log 2, because then every gate is a
# fraction: σ(k log 2) = 2^k / (1 + 2^k) and tanh(k log 2) = (4^k - 1) / (4^k + 1).
# One input x = 1, two units, h = (1, -1), so h @ U is the first row of U minus the second.
LOG2 = math.log(2)
X, H, C = [[1.0]], [[1.0, -1.0]], [[3.0, 5.0]]

RNN_WEIGHTS = {
    "W_xh": [[2, -1]],
    "W_hh": [[3, 1], [5, 0]],  # h @ W_hh = (-2, 1)
    "b": [1, -1],  # sums (1, -1)
}
RNN_ANSWER = [[3 / 5, -3 / 5]]

LSTM_WEIGHTS = {  # columns i1 i2 f1 f2 g1 g2 o1 o2
    "W_xh": [[1, 0, 2, -1, 0, 1, -1, 1]],
    "W_hh": [
        [0, 1, -1, 2, 1, 0, 2, -1],
        [1, -1, 0, 1, 2, 1, 0, -2],
    ],  # h @ W_hh = -1 2 -1 1 -1 -1 2 1
    "b": [1, -3, -2, 2, 0, 1, 1, -4],  # sums 1 -1 -1 2 -1 1 2 -2
}
# i = (2/3, 1/3), f = (1/3, 4/5), g = (-3/5, 3/5), o = (4/5, 1/5)
LSTM_CELL = [[1 / 3 * 3 + 2 / 3 * -3 / 5, 4 / 5 * 5 + 1 / 3 * 3 / 5]]  # (0.6, 4.2)
LSTM_ANSWER = [[4 / 5 * math.tanh(0.6), 1 / 5 * math.tanh(4.2)]]

GRU_WEIGHTS = {  # columns z1 z2 r1 r2 h1 h2
    "W_xh": [[1, 0, -1, 2, 1, -2]],
    "W_hh": [[1, -1, 0, 2, 3, 6], [0, 1, -1, 1, 5, -5]],  # h @ W_hh = 1 -2 1 1 -2 11
}
# The gates get the same sums 1 -1 -1 2 in both forms: z = (2/3, 1/3), r = (1/3, 4/5).
# After: candidate sums (1 - 1) + 1/3 (-2 + 5) and (-2 - 3) + 4/5 (11 - 6), so (1, -1).
GRU_AFTER = GRU_WEIGHTS | {"b": [[1, 0, -2, 3, -1, -3], [-2, 1, 1, -4, 5, -6]]}
# Before: r h = (1/3, -4/5), (r h) @ U_h = (1 - 4, 2 + 4), plus (1 + 3, -2 - 5), so (1, -1) again.
GRU_BEFORE = GRU_WEIGHTS | {"b": [-1, 1, -1, -1, 3, -5]}
GRU_ANSWER = [[2 / 3 * 1 + 1 / 3 * 3 / 5, 1 / 3 * -1 + 2 / 3 * -3 / 5]]


# p_i c = (-3, 5) and p_f c = (3, -5) log 2 make i and f look at the cell of before:
PEEPHOLE_WEIGHTS = LSTM_WEIGHTS | {"p": [[-1, 1], [1, -1], [2, -1]]}
# i = σ(1 - 3), σ(-1 + 5) = (1/5, 16/17), f = σ(-1 + 3), σ(2 - 5) = (4/5, 1/9), g = (-3/5, 3/5)
PEEPHOLE_CELL = [[4 / 5 * 3 + 1 / 5 * -3 / 5, 1 / 9 * 5 + 16 / 17 * 3 / 5]]
# and o, whose own sums are (2, -2), at the cell of now: σ(k log 2) = 1 / (1 + 2^-k).
PEEPHOLE_OUTPUT_GATE = [
    1 / (1 + 2 ** -(2 + 2 * PEEPHOLE_CELL[0][0])),
    1 / (1 + 2 ** -(-2 - PEEPHOLE_CELL[0][1])),
]
PEEPHOLE_ANSWER = [[o * math.tanh(c) for o, c in zip(PEEPHOLE_OUTPUT_GATE, PEEPHOLE_CELL[0])]]


def in_log2(weights):
    return {name: LOG2 * np.array(table, float) for name, table in weights.items()}


def simple_by_hand(assert_close):
    assert_close(reference.rnn_step(X, H, **in_log2(RNN_WEIGHTS)), RNN_ANSWER)


def lstm_by_hand(assert_close):
    new = reference.lstm_step(X, (H, C), **in_log2(LSTM_WEIGHTS))
    assert_close(new[1], LSTM_CELL)
    assert_close(new[0], LSTM_ANSWER)


def peephole_by_hand(assert_close):
    new = reference.peephole_lstm_step(X, (H, C), **in_log2(PEEPHOLE_WEIGHTS))
    assert_close(new.c, PEEPHOLE_CELL)
    assert_close(new.h, PEEPHOLE_ANSWER)


def gru_after_by_hand(assert_close):
    assert_close(reference.gru_step(X, H, **in_log2(GRU_AFTER)), GRU_ANSWER)


def gru_before_by_hand(assert_close):
    assert_close(reference.gru_step(X, H, **in_log2(GRU_BEFORE), reset_after=False), GRU_ANSWER)


HAND_CASES = {
    "rnn": simple_by_hand,
    "lstm": lstm_by_hand,
    "peephole_lstm": peephole_by_hand,
    "gru": gru_after_by_hand,
    "gru_reset_before": gru_before_by_hand,
}
GATES = {"rnn": 1, "lstm": 4, "peephole_lstm": 4, "gru": 3, "gru_reset_before": 3}
STEPS = {
    "rnn": "rnn_step",
    "lstm": "lstm_step",
    "peephole_lstm": "peephole_lstm_step",
    "gru": "gru_step",
    "gru_reset_before": "gru_step",
}
PAIRS = ("lstm", "peephole_lstm")


@pytest.mark.parametrize("name", HAND_CASES)
def test_a_step_gives_what_it_gives_by_hand(name, assert_close):
    HAND_CASES[name](assert_close)


def test_the_lstm_returns_a_named_state():
    state = lstm_step(X, LSTMState(np.array(H), np.array(C)), **in_log2(LSTM_WEIGHTS))
    assert isinstance(state, LSTMState)
    assert state.c[0, 0] == pytest.approx(0.6)


def test_two_steps_by_hand():
    weights = [[1.0]], [[0.5]], [0.25]
    outputs, final = unroll(lambda x, h: rnn_step(x, h, *weights), [[[1.0], [2.0]]], [[0.0]])
    first = math.tanh(1.0 + 0.25)
    second = math.tanh(2.0 + 0.5 * first + 0.25)
    assert outputs.ravel().tolist() == pytest.approx([first, second])
    assert final.tolist() == outputs[:, -1].tolist()


# Mutations: each likely mistake must make the hand case fail.


def with_changed_weights(step, change):
    return lambda x, state, W_xh, W_hh, b, *p, **kwargs: step(
        x, state, *change(W_xh, W_hh, b), *p, **kwargs
    )


def swap_gates(first, second, gates):
    def change(*weights):
        order = list(range(gates))
        order[first], order[second] = second, first
        parts = ([np.split(w, gates, axis=-1)[k] for k in order] for w in weights)
        return [np.concatenate(part, axis=-1) for part in parts]

    return change


def transpose_recurrent_kernel(gates):
    def change(W_xh, W_hh, b):
        return W_xh, np.concatenate([part.T for part in np.split(W_hh, gates, axis=-1)], axis=-1), b

    return change


def drop_bias(W_xh, W_hh, b):
    return W_xh, W_hh, np.zeros_like(b)


def swap_bias_rows(W_xh, W_hh, b):
    return W_xh, W_hh, b[::-1]


WEIGHT_MUTATIONS = [
    *(
        (name, f"gates {a} and {b} swapped", swap_gates(a, b, gates))
        for name, gates in GATES.items()
        for a, b in combinations(range(gates), 2)
    ),
    *(
        (name, "recurrent kernel transposed", transpose_recurrent_kernel(g))
        for name, g in GATES.items()
    ),
    *((name, "bias dropped", drop_bias) for name in GATES),
    ("gru", "rows of the bias swapped", swap_bias_rows),
]


@pytest.mark.parametrize(
    ("name", "change"),
    [(name, change) for name, _, change in WEIGHT_MUTATIONS],
    ids=[f"{name}: {what}" for name, what, _ in WEIGHT_MUTATIONS],
)
def test_the_hand_case_catches_wrong_weights(name, change, assert_close, monkeypatch):
    step = getattr(reference, STEPS[name])
    monkeypatch.setattr(reference, STEPS[name], with_changed_weights(step, change))
    with pytest.raises(AssertionError, match="differs by"):
        HAND_CASES[name](assert_close)


def wrong_peepholes(change):
    """The step with its peepholes changed by `change(p)`."""
    step = reference.peephole_lstm_step
    return lambda x, state, W_xh, W_hh, b, p: step(x, state, W_xh, W_hh, b, change(p))


def peeping_at_the_wrong_cell(x, state, W_xh, W_hh, b, p):
    """All three gates look at the cell of before."""
    c, units = state[1], len(W_hh)
    seen = np.concatenate([p[0] * c, p[1] * c, np.zeros((1, units)), p[2] * c], axis=-1)
    return lstm_step(x, state, W_xh, W_hh, b + seen[0])


PEEPHOLE_MUTATIONS = {
    "of i and f swapped": wrong_peepholes(lambda p: p[[1, 0, 2]]),
    "of f and o swapped": wrong_peepholes(lambda p: p[[0, 2, 1]]),
    "dropped": wrong_peepholes(np.zeros_like),
    "of o at the cell of before": peeping_at_the_wrong_cell,
}


@pytest.mark.parametrize("wrong", PEEPHOLE_MUTATIONS.values(), ids=PEEPHOLE_MUTATIONS)
def test_the_hand_case_catches_wrong_peepholes(wrong, assert_close, monkeypatch):
    monkeypatch.setattr(reference, "peephole_lstm_step", wrong)
    with pytest.raises(AssertionError, match="differs by"):
        peephole_by_hand(assert_close)


@pytest.mark.parametrize("name", [*PAIRS, "gru", "gru_reset_before"])
def test_the_hand_case_catches_a_wrong_gate_function(name, assert_close, monkeypatch):
    monkeypatch.setattr(reference, "sigmoid", np.tanh)
    with pytest.raises(AssertionError, match="differs by"):
        HAND_CASES[name](assert_close)


def test_the_hand_case_catches_the_other_gru(assert_close, monkeypatch):
    def other(x, h, W_xh, W_hh, b, reset_after=True):
        b = b.sum(axis=0) if reset_after else np.stack([b, np.zeros_like(b)])
        return gru_step(x, h, W_xh, W_hh, b, reset_after=not reset_after)

    monkeypatch.setattr(reference, "gru_step", other)
    for case in gru_after_by_hand, gru_before_by_hand:
        with pytest.raises(AssertionError, match="differs by"):
            case(assert_close)


# Properties.


class Problem:
    """Random weights, inputs, state and lengths for one kind of cell."""

    def __init__(self, name, batch, steps, features, units, seed):
        rng = np.random.default_rng(seed)
        wide = GATES[name] * units
        bias = (2, wide) if name == "gru" else (wide,)
        self.name, self.units = name, units
        self.weights = [
            2 * rng.normal(size=shape) for shape in ((features, wide), (units, wide), bias)
        ]
        if name == "peephole_lstm":
            self.weights.append(2 * rng.normal(size=(3, units)))
        self.x = 2 * rng.normal(size=(batch, steps, features))
        h, c = rng.uniform(-1, 1, (batch, units)), 2 * rng.normal(size=(batch, units))
        self.state = LSTMState(h, c) if name in PAIRS else h
        self.lengths = rng.integers(0, steps + 1, batch)
        self.rng = rng

    def step(self, x, state):
        kwargs = {"reset_after": False} if self.name == "gru_reset_before" else {}
        return getattr(reference, STEPS[self.name])(x, state, *self.weights, **kwargs)

    def run(self, x=None, state=None, lengths=None):
        """Outputs and final states by name."""
        outputs, final = reference.unroll(
            self.step,
            self.x if x is None else x,
            self.state if state is None else state,
            lengths,
        )
        final = final if isinstance(final, LSTMState) else (final,)
        return {"outputs": outputs} | dict(zip("hc", final, strict=False))


problems = st.builds(Problem, st.sampled_from(list(GATES)), sides, sides, sides, sides, seeds)


@few_examples
@given(problems, sides)
def test_the_past_does_not_know_the_future(problem, t):
    changed = problem.x.copy()
    changed[:, t:] = problem.rng.normal(size=changed[:, t:].shape)
    same = problem.run()["outputs"][:, :t] == problem.run(changed)["outputs"][:, :t]
    assert same.all()


@few_examples
@given(problems, sides)
def test_running_in_two_chunks_is_running_once(assert_close, problem, k):
    steps = problem.x.shape[1]
    if steps == 1:
        return
    k = min(k, steps - 1)
    whole = problem.run(lengths=problem.lengths)
    _, state = reference.unroll(
        problem.step, problem.x[:, :k], problem.state, np.minimum(problem.lengths, k)
    )
    rest = problem.run(problem.x[:, k:], state, np.maximum(problem.lengths - k, 0))
    assert_close(rest.pop("outputs"), whole.pop("outputs")[:, k:])
    assert_close(rest, whole)


@few_examples
@given(problems)
def test_the_order_of_the_batch_does_not_matter(assert_close, problem):
    order = problem.rng.permutation(len(problem.x))
    state = problem.state
    state = LSTMState(*(s[order] for s in state)) if problem.name in PAIRS else state[order]
    shuffled = problem.run(problem.x[order], state, problem.lengths[order])
    whole = problem.run(lengths=problem.lengths)
    assert_close(shuffled, {name: array[order] for name, array in whole.items()})


@few_examples
@given(problems, st.sampled_from([np.nan, np.inf, -np.inf, 1e300]))
def test_what_stands_behind_a_length_does_not_matter(problem, junk):
    spoilt = problem.x.copy()
    for row, length in enumerate(problem.lengths):
        spoilt[row, length:] = junk
    clean = problem.run(lengths=problem.lengths)
    assert all(
        (array == clean[name]).all()
        for name, array in problem.run(spoilt, lengths=problem.lengths).items()
    )


@few_examples
@given(problems)
def test_lengths_are_slicing_each_row_by_hand(assert_close, problem):
    padded = problem.run(lengths=problem.lengths)
    for row, length in enumerate(problem.lengths):
        here = slice(row, row + 1)
        state = (
            LSTMState(*(s[here] for s in problem.state))
            if problem.name in PAIRS
            else problem.state[here]
        )
        assert (padded["outputs"][row, length:] == 0).all()
        if length == 0:
            assert (padded["h"][row] == np.atleast_2d(state[0])[0]).all()
            continue
        alone = problem.run(problem.x[here, :length], state)
        assert_close(padded["outputs"][here, :length], alone["outputs"])
        for name in alone.keys() - {"outputs"}:
            assert_close(padded[name][here], alone[name])


@few_examples
@given(problems)
def test_outputs_stay_between_minus_one_and_one(problem):
    assert (np.abs(problem.run()["outputs"]) <= 1).all()


@few_examples
@given(sides, sides, sides, seeds)
def test_lstm_keeps_its_cell_when_the_forget_gate_is_open(batch, steps, units, seed):
    problem = Problem("lstm", batch, steps, 2, units, seed)
    problem.weights[0][:], problem.weights[1][:] = 0, 0
    problem.weights[2][:] = np.repeat([-800, 800, 1, 0], units)
    assert (problem.run()["c"] == problem.state.c).all()


@few_examples
@given(st.sampled_from(["gru", "gru_reset_before"]), sides, sides, sides, seeds)
def test_gru_keeps_its_state_when_the_update_gate_is_one(name, batch, steps, units, seed):
    problem = Problem(name, batch, steps, 2, units, seed)
    problem.weights[0][:], problem.weights[1][:], problem.weights[2][:] = 0, 0, 0
    problem.weights[2][..., :units] = 800
    assert (problem.run()["h"] == problem.state).all()


@pytest.mark.parametrize("value", [1e4, -1e4, 1e30, -1e30], ids="{:g}".format)
@pytest.mark.parametrize("name", GATES)
def test_huge_inputs_saturate_without_a_warning(name, value):
    problem = Problem(name, 2, 3, 2, 2, seed=0)
    result = problem.run(np.full((2, 3, 2), value))
    assert all(np.isfinite(array).all() for array in result.values())


def test_sigmoid_does_not_overflow_and_is_symmetric():
    a = np.array([-1e300, -5.0, 0.0, 0.5, 1e300])
    assert sigmoid(a)[[0, 2, 4]].tolist() == [0.0, 0.5, 1.0]
    assert sigmoid(a) + sigmoid(-a) == pytest.approx(np.ones(5))


# Unrolling without any network: a step whose answer is known.


def count(x, n):
    return n + 1


def test_unroll_counts_the_steps_of_each_row():
    outputs, final = unroll(count, np.zeros((3, 4, 1)), np.zeros((3, 1)), lengths=[4, 2, 0])
    assert outputs[..., 0].tolist() == [[1, 2, 3, 4], [1, 2, 0, 0], [0, 0, 0, 0]]
    assert final[:, 0].tolist() == [4, 2, 0]


def test_unroll_starts_from_the_given_state():
    outputs, final = unroll(count, np.zeros((2, 2, 1)), [[10], [20]], lengths=[2, 0])
    assert outputs[..., 0].tolist() == [[11, 12], [0, 0]]
    assert final[:, 0].tolist() == [12, 20]


def test_unroll_hands_each_step_its_own_input():
    outputs, _ = unroll(lambda x, h: x, np.arange(12.0).reshape(2, 3, 2), np.zeros((2, 2)))
    assert outputs.tolist() == np.arange(12.0).reshape(2, 3, 2).tolist()


@pytest.mark.parametrize(
    "container", [tuple, list, lambda pair: LSTMState(*pair)], ids=["tuple", "list", "LSTMState"]
)
def test_unroll_takes_any_pair_and_returns_a_named_one(container):
    def step(x, state):
        h, c = state
        return LSTMState(h + 1, c + 10)

    outputs, final = unroll(
        step, np.zeros((1, 3, 1)), container([np.zeros((1, 1)), np.zeros((1, 1))]), [2]
    )
    assert outputs.ravel().tolist() == [1, 2, 0]
    assert (final.h.item(), final.c.item()) == (2, 20)


def test_unroll_reads_nested_lists_as_one_state():
    outputs, final = unroll(count, [[[0]], [[0]]], [[0, 5], [7, 9]])
    assert outputs.tolist() == [[[1, 6]], [[8, 10]]]
    assert final.tolist() == [[1, 6], [8, 10]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_precision_of_the_inputs_is_kept(dtype):
    problem = Problem("lstm", 2, 3, 2, 2, seed=0)
    problem.weights = [w.astype(dtype) for w in problem.weights]
    problem.state = LSTMState(*(s.astype(dtype) for s in problem.state))
    assert {array.dtype for array in problem.run(problem.x.astype(dtype)).values()} == {
        np.dtype(dtype)
    }


def test_inputs_are_left_as_they_were():
    problem = Problem("gru", 2, 3, 2, 2, seed=0)
    x, state = problem.x.copy(), problem.state.copy()
    problem.x[1, 1:] = np.nan
    problem.run(lengths=[3, 1])
    assert (problem.x[0] == x[0]).all() and np.isnan(problem.x[1, 1:]).all()
    assert (problem.state == state).all()


# Refusals.

GOOD = {
    "rnn_step": (
        rnn_step,
        {
            "x": np.ones((4, 3)),
            "state": np.ones((4, 2)),
            "W_xh": np.ones((3, 2)),
            "W_hh": np.ones((2, 2)),
            "b": np.ones(2),
        },
    ),
    "lstm_step": (
        lstm_step,
        {
            "x": np.ones((4, 3)),
            "state": (np.ones((4, 2)), np.ones((4, 2))),
            "W_xh": np.ones((3, 8)),
            "W_hh": np.ones((2, 8)),
            "b": np.ones(8),
        },
    ),
    "peephole_lstm_step": (
        reference.peephole_lstm_step,
        {
            "x": np.ones((4, 3)),
            "state": (np.ones((4, 2)), np.ones((4, 2))),
            "W_xh": np.ones((3, 8)),
            "W_hh": np.ones((2, 8)),
            "b": np.ones(8),
            "p": np.ones((3, 2)),
        },
    ),
    "gru_step": (
        gru_step,
        {
            "x": np.ones((4, 3)),
            "state": np.ones((4, 2)),
            "W_xh": np.ones((3, 6)),
            "W_hh": np.ones((2, 6)),
            "b": np.ones((2, 6)),
        },
    ),
}

BAD_FOR_EVERY_STEP = [
    (
        "x without batch",
        {"x": np.ones(3)},
        ValueError,
        r"`x` must have shape \(B, F\), got \(3,\): add a batch",
    ),
    (
        "x with time",
        {"x": np.ones((4, 5, 3))},
        ValueError,
        r"got \(4, 5, 3\): a cell takes one time step",
    ),
    (
        "zero batch",
        {"x": np.ones((0, 3))},
        ValueError,
        r"B ≥ 1, got \(0, 3\): pass at least one sequence",
    ),
    (
        "wrong F",
        {"x": np.ones((4, 5))},
        ValueError,
        r"`W_xh` must have shape \(5, \d\), got \(3, \d\): F = 5",
    ),
    ("text", {"x": "hello"}, TypeError, "`x` must hold numbers, got dtype str"),
    ("words", {"x": [["a", "b", "c"]]}, TypeError, "`x` must hold numbers, got dtype str"),
    (
        "objects",
        {"x": np.array([[object()]])},
        TypeError,
        "`x` must hold numbers, got dtype object",
    ),
    (
        "complex",
        {"x": np.ones((4, 3), complex)},
        TypeError,
        "`x` must hold numbers, got dtype complex",
    ),
    (
        "ragged",
        {"x": [[1, 2, 3], [1]]},
        TypeError,
        "`x` must be a rectangular array .+ unequal length: pad",
    ),
    (
        "kernel",
        {"W_xh": np.ones((3, 7))},
        ValueError,
        r"`W_xh` must have shape \(3, \d\), got \(3, 7\): F = 3",
    ),
    (
        "recurrent",
        {"W_hh": np.ones((5, 2))},
        ValueError,
        r"`W_hh` must have shape \(2, \d\), got \(5, 2\): H = 2",
    ),
    (
        "bias",
        {"b": np.ones(9)},
        ValueError,
        r"`b` must have shape \(.+\), got \(9,\): one number for each sum",
    ),
    ("bias scalar", {"b": 0}, ValueError, r"`b` must have shape \(.+\), got \(\): one number"),
    ("weights text", {"W_hh": "identity"}, TypeError, "`W_hh` must hold numbers, got dtype str"),
]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [case[1:] for case in BAD_FOR_EVERY_STEP],
    ids=[c[0] for c in BAD_FOR_EVERY_STEP],
)
@pytest.mark.parametrize("name", GOOD)
def test_a_step_refuses_what_does_not_fit(name, change, error, message):
    step, arguments = GOOD[name]
    step(**arguments)
    with pytest.raises(error, match=message):
        step(**arguments | change)


@pytest.mark.parametrize(
    ("name", "state", "error", "message"),
    [
        (
            "rnn_step",
            np.ones((3, 2)),
            ValueError,
            r"`state` must have shape \(4, 2\), got \(3, 2\): one row",
        ),
        (
            "rnn_step",
            np.ones(2),
            ValueError,
            r"`state` must have shape \(B, H\), got \(2,\): add a batch axis",
        ),
        ("gru_step", np.ones((4, 3)), ValueError, r"`W_xh` must have shape \(3, 9\), got \(3, 6\)"),
        ("gru_step", "zero", TypeError, "`state` must hold numbers"),
        (
            "lstm_step",
            np.ones((4, 2)),
            ValueError,
            r"must be the pair \(h, c\).+got ndarray: start from LSTMState",
        ),
        ("lstm_step", (np.ones((4, 2)),), ValueError, r"must be the pair \(h, c\)"),
        (
            "lstm_step",
            (np.ones((4, 2)), np.ones((4, 3))),
            ValueError,
            r"`c` must have shape \(4, 2\), got \(4, 3\)",
        ),
        ("lstm_step", (np.ones((4, 2)), "c"), TypeError, "`c` must hold numbers"),
    ],
    ids=["batch", "rank", "units", "text", "no pair", "half a pair", "c of other size", "c text"],
)
def test_a_step_refuses_a_wrong_state(name, state, error, message):
    step, arguments = GOOD[name]
    with pytest.raises(error, match=message):
        step(**arguments | {"state": state})


@pytest.mark.parametrize(
    ("p", "error", "message"),
    [
        (np.ones(6), ValueError, r"`p` must have shape \(3, 2\), got \(6,\): one weight for each"),
        (np.ones((2, 3)), ValueError, r"`p` must have shape \(3, 2\), got \(2, 3\)"),
        ("none", TypeError, "`p` must hold numbers, got dtype str"),
    ],
    ids=["flat", "transposed", "text"],
)
def test_wrong_peepholes_are_refused(p, error, message):
    step, arguments = GOOD["peephole_lstm_step"]
    with pytest.raises(error, match=message):
        step(**arguments | {"p": p})


@few_examples
@given(sides, sides, sides, sides, seeds)
def test_with_closed_peepholes_it_is_the_lstm(batch, steps, features, units, seed):
    problem = Problem("peephole_lstm", batch, steps, features, units, seed)
    problem.weights[3][:] = 0
    peephole = problem.run()
    problem.name = "lstm"
    problem.weights = problem.weights[:3]
    for name, array in problem.run().items():
        assert (peephole[name] == array).all()


def test_each_gru_refuses_the_bias_of_the_other():
    _, arguments = GOOD["gru_step"]
    with pytest.raises(ValueError, match=r"`b` must have shape \(2, 6\), got \(6,\)"):
        gru_step(**arguments | {"b": np.ones(6)})
    with pytest.raises(ValueError, match=r"`b` must have shape \(6,\), got \(2, 6\)"):
        gru_step(**arguments, reset_after=False)


NAN_INSIDE = np.zeros((2, 3, 1))
NAN_INSIDE[1, 1] = np.nan

BAD_SEQUENCES = {
    "rank 1": (
        {"xs": np.ones(3)},
        ValueError,
        r"`xs` must have shape \(B, T, F\), got \(3,\): add a batch and",
    ),
    "rank 2": (
        {"xs": np.ones((2, 3))},
        ValueError,
        r"got \(2, 3\): add a feature axis with x\[..., None\]",
    ),
    "rank 4": ({"xs": np.ones((2, 3, 1, 1))}, ValueError, r"got \(2, 3, 1, 1\): reshape it to 3"),
    "empty sequence": (
        {"xs": np.ones((2, 0, 1))},
        ValueError,
        r"T ≥ 1, got \(2, 0, 1\): pass at least one time step",
    ),
    "zero batch": ({"xs": np.ones((0, 3, 1))}, ValueError, r"B ≥ 1, got \(0, 3, 1\)"),
    "no feature": ({"xs": np.ones((2, 3, 0))}, ValueError, r"F ≥ 1, got \(2, 3, 0\)"),
    "nan": (
        {"xs": NAN_INSIDE},
        ValueError,
        r"`xs` must be finite, got nan at \(1, 1, 0\): replace it, or hide",
    ),
    "nan within a length": (
        {"xs": NAN_INSIDE, "lengths": [3, 2]},
        ValueError,
        r"got nan at \(1, 1, 0\)",
    ),
    "infinity": ({"xs": np.full((2, 3, 1), np.inf)}, ValueError, r"got inf at \(0, 0, 0\)"),
    "text": ({"xs": "hello"}, TypeError, "`xs` must hold numbers"),
    "ragged": ({"xs": [[[1]], [[1], [2]]]}, TypeError, "rows of unequal length"),
    "state batch": (
        {"state": np.zeros((3, 1))},
        ValueError,
        r"`state` must have shape \(2, H\), got \(3, 1\)",
    ),
    "state rank": (
        {"state": np.zeros(2)},
        ValueError,
        r"`state` must have shape \(B, H\), got \(2,\)",
    ),
    "state nan": (
        {"state": [[0], [np.nan]]},
        ValueError,
        r"`state` must be finite, got nan at \(1, 0\)",
    ),
    "state text": ({"state": "zeros"}, TypeError, "`state` must hold numbers"),
    "state none": ({"state": None}, TypeError, "`state` must hold numbers"),
    "float lengths": (
        {"lengths": [3.0, 2.0]},
        TypeError,
        "`lengths` must be integers, got dtype float64",
    ),
    "mask as lengths": ({"lengths": [True, True]}, TypeError, "got dtype bool"),
    "string lengths": ({"lengths": ["3", "2"]}, TypeError, "`lengths` must be integers"),
    "negative length": ({"lengths": [3, -1]}, ValueError, "got -1 for sequence 1"),
    "large length": ({"lengths": [4, 3]}, ValueError, "between 0 and T = 3, got 4 for sequence 0"),
    "too few lengths": (
        {"lengths": [3]},
        ValueError,
        r"`lengths` must have shape \(2,\), got \(1,\)",
    ),
    "lengths of rank 2": (
        {"lengths": [[3], [2]]},
        ValueError,
        r"`lengths` must have shape \(2,\), got \(2, 1\)",
    ),
}


@pytest.mark.parametrize(("change", "error", "message"), BAD_SEQUENCES.values(), ids=BAD_SEQUENCES)
def test_unroll_refuses_what_does_not_fit(change, error, message):
    good = {"xs": np.zeros((2, 3, 1)), "state": np.zeros((2, 1)), "lengths": [3, 3]}
    unroll(count, **good)
    with pytest.raises(error, match=message) as caught:
        unroll(count, **good | change)
    assert re.match(r"^`\w+` must .+, got .+: .+", str(caught.value))


def test_the_oracle_needs_no_tensorflow():
    code = (
        "import sys, rnncourse.reference, rnncourse.evaluation;"
        "print(sorted({'tensorflow', 'keras', 'torch', 'jax'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
