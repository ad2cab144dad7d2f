"""The way back, against tapes and central differences, its mutations, properties and refusals."""

import inspect
import re
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import bptt, reference
from rnncourse.bptt import Cell, Gradients, backpropagate, terms
from rnncourse.evaluation import central_differences, relative_difference
from rnncourse.reference import LSTMState, unroll

few_examples = settings(max_examples=25)
seeds = st.integers(0, 2**16)
sides = st.integers(1, 4)

CELLS = {
    "rnn": bptt.RNN,
    "lstm": bptt.LSTM,
    "gru": bptt.GRU,
    "gru_reset_before": bptt.GRU_RESET_BEFORE,
}
GATES = {"rnn": 1, "lstm": 4, "gru": 3, "gru_reset_before": 3}
each_cell = pytest.mark.parametrize("name", CELLS)


class Problem:
    """A cost Σ d·output + Σ d·final state, so that d is the upstream gradient itself."""

    def __init__(self, name, batch, steps, features, units, seed):
        rng = np.random.default_rng(seed)
        wide = GATES[name] * units
        bias = (2, wide) if name == "gru" else (wide,)
        self.cell, self.cell_name, self.units = CELLS[name], name, units
        self.rng = rng
        self.weights = [
            0.7 * rng.normal(size=shape) for shape in ((features, wide), (units, wide), bias)
        ]
        self.x = rng.normal(size=(batch, steps, features))
        self.lengths = rng.integers(0, steps + 1, batch)
        self.pair = name == "lstm"
        self.state, self.d_state = self.random_state(batch, units), self.random_state(batch, units)
        self.d_outputs = rng.normal(size=(batch, steps, units))

    def random_state(self, batch, units):
        h, c = self.rng.uniform(-0.9, 0.9, (batch, units)), self.rng.normal(size=(batch, units))
        return LSTMState(h, c) if self.pair else h

    def back(self, cell=None, **changes):
        arguments = {
            "weights": self.weights,
            "xs": self.x,
            "state": self.state,
            "d_outputs": self.d_outputs,
            "d_state": self.d_state,
            "lengths": self.lengths,
        }
        return named(backpropagate(cell or self.cell, **arguments | changes))

    def cost(self, weights, x, *state):
        state = LSTMState(*state) if self.pair else state[0]
        outputs, final = unroll(
            lambda x, h: self.cell.step(x, h, *weights), x, state, lengths=self.lengths
        )
        final = np.asarray(final).ravel() @ np.asarray(self.d_state).ravel()
        return np.sum(self.d_outputs * outputs) + final

    def by_trying(self):
        """All gradients by central differences."""
        states = list(self.state) if self.pair else [self.state]
        arrays = [*self.weights, self.x, *states]
        slopes = []
        for k, array in enumerate(arrays):

            def cost(a, k=k):
                changed = [*arrays[:k], a, *arrays[k + 1 :]]
                return self.cost(changed[:3], *changed[3:])

            slopes.append(central_differences(cost, array))
        return dict(zip(("W_xh", "W_hh", "b", "x", "h", "c"), slopes, strict=False))


def named(gradients):
    """Arrays by name, h and c apart."""
    parts = gradients._asdict()
    state = parts.pop("state")
    return parts | dict(zip("hc", state if isinstance(state, LSTMState) else [state], strict=False))


def assert_near(actual, expected, tolerance):
    assert actual.keys() == expected.keys()
    for name, wanted in expected.items():
        gap = relative_difference(actual[name], wanted)
        assert gap <= tolerance, f"{name} differs by {gap:.2g} of its size"


# A case by hand: one neuron, three steps, every factor a fraction.


def test_three_steps_by_hand():
    log2 = np.log(2)
    # Sums log 2, 2 log 2, log 2 make states 3/5, 15/17, 3/5 and slopes 16/25, 64/289, 16/25.
    w = log2
    x = np.array([1, 2 - 3 / 5, 1 - 15 / 17])
    slope = np.array([16 / 25, 64 / 289, 16 / 25])
    weights = [[w]], [[w]], [0.0]
    steps = terms(bptt.RNN, weights, x[None, :, None], [[0.0]], d_state=[[1.0]])
    back = [slope[2] * w * slope[1] * w * slope[0], slope[2] * w * slope[1], slope[2]]
    assert [term.W_xh.item() for term in steps] == pytest.approx(back * x)
    assert [term.b.item() for term in steps] == pytest.approx(back)
    before = np.array([0, 3 / 5, 15 / 17])
    assert [term.W_hh.item() for term in steps] == pytest.approx(back * before)
    whole = backpropagate(bptt.RNN, weights, x[None, :, None], [[0.0]], d_state=[[1.0]])
    assert whole.W_xh.item() == pytest.approx(back @ x)
    assert whole.state.item() == pytest.approx(back[0] * w)


# The oracle chain: central differences, our cells on a tape, Keras's layers on a tape.


@each_cell
@pytest.mark.parametrize("seed", range(3))
def test_the_way_back_is_the_slope(name, seed):
    problem = Problem(name, batch=3, steps=4, features=2, units=3, seed=seed)
    assert_near(problem.back(), problem.by_trying(), 1e-6)


def on_tape(forward, layer, problem):
    import tensorflow as tf

    features = problem.x.shape[-1]
    layer.build((None, None, features) if hasattr(layer, "cell") else (None, features))
    layer.set_weights(problem.weights)
    x = tf.constant(problem.x)
    start = [tf.constant(s) for s in (problem.state if problem.pair else [problem.state])]
    weights = [w.value for w in layer.weights]
    d_states = problem.d_state if problem.pair else [problem.d_state]
    with tf.GradientTape() as tape:
        tape.watch([x, *start])
        outputs, states = forward(layer, x, start)
        cost = tf.reduce_sum(problem.d_outputs * outputs)
        cost += sum(tf.reduce_sum(d * s) for d, s in zip(d_states, states, strict=True))
    names = ("x", *"hc"[: len(start)], "W_xh", "W_hh", "b")
    return dict(zip(names, tape.gradient(cost, [x, *start, *weights]), strict=True))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("padded", [False, True], ids=["full", "lengths"])
@each_cell
def test_the_way_back_is_the_tapes_through_our_cells(name, padded, seed, kind_named):
    from rnncourse.unroll import dynamic_rnn

    problem = Problem(name, batch=4, steps=6, features=3, units=5, seed=seed)
    lengths = problem.lengths if padded else None
    cell = kind_named(name).ours(5, dtype="float64")
    expected = on_tape(lambda c, x, s: dynamic_rnn(c, x, s, lengths), cell, problem)
    assert_near(problem.back(lengths=lengths), expected, 1e-12)


@pytest.mark.parametrize("seed", range(3))
@each_cell
def test_the_way_back_is_the_tapes_through_keras_layers(name, seed, kind_named):
    problem = Problem(name, batch=4, steps=6, features=3, units=5, seed=seed)
    layer = kind_named(name).keras_layer(
        5, return_sequences=True, return_state=True, dtype="float64"
    )

    def forward(layer, x, start):
        outputs, *states = layer(x, initial_state=start)
        return outputs, states

    assert_near(problem.back(lengths=None), on_tape(forward, layer, problem), 1e-12)


@pytest.mark.parametrize("window", [1, 2, 4, 6, 9])
@each_cell
def test_a_window_cuts_where_chunked_rnn_cuts(name, window, kind_named):
    from rnncourse.unroll import chunked_rnn

    problem = Problem(name, batch=4, steps=6, features=3, units=5, seed=7)
    cell = kind_named(name).ours(5, dtype="float64")
    expected = on_tape(lambda c, x, s: chunked_rnn(c, x, window, s, problem.lengths), cell, problem)
    assert_near(problem.back(window=window), expected, 1e-12)


# Mutations: each likely mistake is written into the source, and central differences see it.

MUTATIONS = [
    ("rnn", "rnn_backward", "dh * (1 - new**2)", "dh", "no slope of tanh"),
    ("rnn", "rnn_backward", "(1 - new**2)", "(1 - new)", "slope without the square"),
    ("rnn", "rnn_backward", "da @ W_hh.T", "da @ W_hh", "W_hh not transposed"),
    ("rnn", "rnn_backward", "h.T @ da", "new.T @ da", "the state after for the state before"),
    ("rnn", "rnn_backward", "da.sum(axis=0)", "da.mean(axis=0)", "mean over the batch"),
    (
        "lstm",
        "lstm_backward",
        "[da_i, da_f, da_g, da_o]",
        "[da_f, da_i, da_g, da_o]",
        "i, f swapped",
    ),
    (
        "lstm",
        "lstm_backward",
        "[da_i, da_f, da_g, da_o]",
        "[da_i, da_f, da_o, da_g]",
        "g, o swapped",
    ),
    ("lstm", "lstm_backward", "dc + dh * o * (1 - read**2)", "dc", "c' left out of h'"),
    ("lstm", "lstm_backward", "dc = dc + dh * o", "dc = dh * o", "dc' dropped"),
    ("lstm", "lstm_backward", "dc * c * f", "dc * new.c * f", "the cell after for the cell before"),
    ("lstm", "lstm_backward", "(da @ W_hh.T, dc * f)", "(da @ W_hh.T, dc)", "forget gate left out"),
    ("lstm", "lstm_backward", "dh * read * o", "dh * o", "o's own factor dropped"),
    ("gru", "gru_backward", "[da_z, da_r, da_h], axis", "[da_r, da_z, da_h], axis", "z, r swapped"),
    ("gru", "gru_backward", "dh * z + da_z", "da_z", "the direct path dropped"),
    ("gru", "gru_backward", "(h - new) * z", "(new - h) * z", "z turned round"),
    ("gru", "gru_backward", "[da_z, da_r, d_rh]", "[da_z, da_r, da_h]", "r left out of dU_h"),
    ("gru", "gru_backward", "[da.sum(axis=0), da_state", "[da.sum(axis=0), da", "one bias for two"),
    (
        "gru",
        "gru_backward",
        "(h @ U_h + b_h) if reset_after else d",
        "(h @ U_h) if reset_after else d",
        "b_h dropped",
    ),
    (
        "gru_reset_before",
        "gru_backward",
        "else d_rh * r\n",
        "else d_rh\n",
        "r dropped on the way to h",
    ),
    ("gru_reset_before", "gru_backward", "(r * h).T @ da_h", "h.T @ da_h", "r left out of dU_h"),
    ("gru_reset_before", "gru_backward", "else d_rh * h)", "else d_rh)", "h left out of dr"),
]
WALK_MUTATIONS = [
    ("LSTMState(here.h + d_outputs[:, t], here.c) if pair else here + d_outputs[:, t]", "here",
     "outputs dropped"),
    ("(d + p) * (not cut), term.state", "p, term.state", "nothing passed back in time"),
    ("_checked_upstream(d_outputs, d_state,", "_checked_upstream(d_outputs, None,",
     "final state dropped"),
    ("np.where(live, 0, d)", "0 * d", "the state of ended rows dropped"),
    ("np.where(live, d, 0)", "d", "steps behind a length counted"),
    ("(d + p) * (not cut)", "d * (not cut)", "ended rows do not wait"),
    ("return walk[::-1]", "return walk", "time not turned round"),
]  # fmt: skip


def mutated(function, old, new):
    """`function` with a mistake in it."""
    source = inspect.getsource(function)
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {function}"
    room = dict(vars(bptt))
    exec(source.replace(old, new), room)
    return room[function.__name__]


@pytest.mark.parametrize(
    ("name", "function", "old", "new"),
    [mutation[:4] for mutation in MUTATIONS],
    ids=[f"{name}: {what}" for name, _, _, _, what in MUTATIONS],
)
def test_central_differences_catch_a_wrong_backward_step(name, function, old, new):
    problem = Problem(name, batch=3, steps=4, features=2, units=3, seed=0)
    wrong = mutated(getattr(bptt, function), old, new)
    if name == "gru_reset_before":
        wrong = partial(wrong, reset_after=False)
    with pytest.raises(AssertionError, match="differs by"):
        assert_near(problem.back(Cell(problem.cell.step, wrong)), problem.by_trying(), 1e-3)


@pytest.mark.parametrize("name", ["rnn", "lstm"])
@pytest.mark.parametrize(
    ("old", "new"),
    [mutation[:2] for mutation in WALK_MUTATIONS],
    ids=[what for _, _, what in WALK_MUTATIONS],
)
def test_central_differences_catch_a_wrong_walk(name, old, new, monkeypatch):
    problem = Problem(name, batch=3, steps=4, features=2, units=3, seed=0)
    problem.lengths = np.array([4, 2, 0])
    monkeypatch.setattr(bptt, "terms", mutated(bptt.terms, old, new))
    with pytest.raises(AssertionError, match="differs by"):
        assert_near(problem.back(), problem.by_trying(), 1e-3)


def test_central_differences_catch_a_missing_sum_over_time(monkeypatch):
    problem = Problem("rnn", batch=3, steps=4, features=2, units=3, seed=0)
    wrong = mutated(bptt.backpropagate, "sum(parts) for", "parts[-1] for")
    with pytest.raises(AssertionError, match="W_xh differs by"):
        assert_near(
            named(
                wrong(
                    problem.cell, problem.weights, problem.x, problem.state, problem.d_outputs,
                    problem.d_state, problem.lengths,
                )
            ),
            problem.by_trying(),
            1e-3,
        )  # fmt: skip


# Properties.

problems = st.builds(Problem, st.sampled_from(list(CELLS)), sides, sides, sides, sides, seeds)


@few_examples
@given(problems)
def test_central_differences_agree_for_any_sizes(problem):
    back, slopes = problem.back(), problem.by_trying()
    for name, slope in slopes.items():
        assert np.max(np.abs(back[name] - slope)) <= 1e-6 * max(1, np.max(np.abs(slope)))


@few_examples
@given(problems, seeds)
def test_the_gradient_is_linear_in_what_comes_in_at_the_top(problem, seed):
    other = Problem(problem.cell_name, *problem.x.shape, problem.units, seed)
    d_outputs = 2 * problem.d_outputs - other.d_outputs
    d_state = combine(lambda a, b: 2 * a - b, problem.d_state, other.d_state)
    both = problem.back(d_outputs=d_outputs, d_state=d_state)
    one = problem.back()
    two = problem.back(d_outputs=other.d_outputs, d_state=other.d_state)
    for name, array in both.items():
        size = 1 + np.max(np.abs(one[name])) + np.max(np.abs(two[name]))
        assert np.max(np.abs(array - (2 * one[name] - two[name]))) <= 1e-12 * size


def combine(function, *states):
    if isinstance(states[0], LSTMState):
        return LSTMState(*(function(*parts) for parts in zip(*states, strict=True)))
    return function(*states)


@few_examples
@given(problems, sides)
def test_no_gradient_flows_into_the_future(problem, t):
    only = np.zeros_like(problem.d_outputs)
    only[:, t - 1 : t] = problem.d_outputs[:, t - 1 : t]
    back = problem.back(d_outputs=only, d_state=None)
    assert (back["x"][:, t:] == 0).all()


@few_examples
@given(problems)
def test_the_order_of_the_batch_does_not_matter(problem):
    order = problem.rng.permutation(len(problem.x))
    shuffled = problem.back(
        xs=problem.x[order],
        state=combine(lambda s: s[order], problem.state),
        d_outputs=problem.d_outputs[order],
        d_state=combine(lambda s: s[order], problem.d_state),
        lengths=problem.lengths[order],
    )
    for name, array in problem.back().items():
        expected = array[order] if name in ("x", "h", "c") else array
        assert np.max(np.abs(shuffled[name] - expected)) <= 1e-12 * (1 + np.max(np.abs(expected)))


@few_examples
@given(problems, sides)
def test_two_pieces_with_the_state_handed_over_both_ways_are_the_whole(problem, k):
    steps = problem.x.shape[1]
    if steps == 1:
        return
    k = min(k, steps - 1)
    first, rest = np.minimum(problem.lengths, k), np.maximum(problem.lengths - k, 0)
    _, middle = unroll(
        lambda x, h: problem.cell.step(x, h, *problem.weights),
        problem.x[:, :k], problem.state, first,
    )  # fmt: skip
    late = backpropagate(
        problem.cell, problem.weights, problem.x[:, k:], middle,
        problem.d_outputs[:, k:], problem.d_state, rest,
    )  # fmt: skip
    early = backpropagate(
        problem.cell, problem.weights, problem.x[:, :k], problem.state,
        problem.d_outputs[:, :k], late.state, first,
    )  # fmt: skip
    whole = problem.back()
    pieces = named(early) | {"x": np.concatenate([early.x, late.x], axis=1)}
    pieces |= {name: named(early)[name] + named(late)[name] for name in ("W_xh", "W_hh", "b")}
    for name, array in whole.items():
        assert np.max(np.abs(pieces[name] - array)) <= 1e-12 * (1 + np.max(np.abs(array)))


@few_examples
@given(problems, st.sampled_from([np.nan, np.inf, 1e300]))
def test_what_stands_behind_a_length_passes_nothing(problem, junk):
    clean = problem.back()
    x, d_outputs = problem.x.copy(), problem.d_outputs.copy()
    for row, length in enumerate(problem.lengths):
        x[row, length:], d_outputs[row, length:] = junk, junk
        assert (clean["x"][row, length:] == 0).all()
    spoilt = problem.back(xs=x, d_outputs=d_outputs)
    assert all((spoilt[name] == array).all() for name, array in clean.items())


@few_examples
@given(problems)
def test_the_terms_of_all_steps_add_up(problem):
    steps = terms(
        problem.cell, problem.weights, problem.x, problem.state, problem.d_outputs,
        problem.d_state, problem.lengths,
    )  # fmt: skip
    whole = problem.back()
    for name in ("W_xh", "W_hh", "b"):
        total = sum(getattr(term, name) for term in steps)
        assert np.max(np.abs(total - whole[name])) <= 1e-12 * (1 + np.max(np.abs(total)))
    assert (named(steps[0])["h"] == whole["h"]).all()
    assert (np.stack([term.x for term in steps], axis=1) == whole["x"]).all()


def test_a_row_of_length_zero_hands_its_derivative_to_the_initial_state():
    problem = Problem("lstm", batch=2, steps=3, features=2, units=3, seed=0)
    back = problem.back(lengths=[0, 3])
    assert (back["h"][0] == problem.d_state.h[0]).all()
    assert (back["c"][0] == problem.d_state.c[0]).all()


@each_cell
def test_the_final_state_alone_or_the_outputs_alone_will_do(name):
    problem = Problem(name, batch=2, steps=3, features=2, units=3, seed=0)
    outputs, state = problem.back(d_state=None), problem.back(d_outputs=None)
    both = problem.back()
    assert_near({n: outputs[n] + state[n] for n in both}, both, 1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each_cell
def test_precision_of_the_weights_is_kept(name, dtype):
    problem = Problem(name, batch=2, steps=3, features=2, units=3, seed=0)
    back = problem.back(
        weights=[w.astype(dtype) for w in problem.weights],
        xs=problem.x.astype(dtype),
        state=combine(lambda s: s.astype(dtype), problem.state),
        d_outputs=problem.d_outputs.astype(dtype),
        d_state=combine(lambda s: s.astype(dtype), problem.d_state),
    )
    assert {array.dtype for array in back.values()} == {np.dtype(dtype)}


def test_nothing_that_comes_in_is_changed():
    problem = Problem("gru", batch=2, steps=3, features=2, units=3, seed=0)
    arrays = [*problem.weights, problem.x, problem.state, problem.d_outputs, problem.d_state]
    copies = [a.copy() for a in arrays]
    problem.back()
    assert all((a == c).all() for a, c in zip(arrays, copies, strict=True))


def test_a_cell_of_ones_own_walks_too():
    def counter_step(x, h, W_xh, W_hh, b):
        return h + x

    def counter_back(d, x, h, W_xh, W_hh, b):
        return Gradients(d, d, 0 * W_xh, 0 * W_hh, 0 * b)

    weights = np.ones((1, 1)), np.ones((1, 1)), np.ones(1)
    back = backpropagate(
        Cell(counter_step, counter_back), weights, np.zeros((1, 4, 1)), [[0]], np.ones((1, 4, 1))
    )
    assert back.x.ravel().tolist() == [4, 3, 2, 1]
    assert back.state.item() == 4


# Refusals.

NAN = np.full((2, 3, 4), np.nan)
GOOD = {
    "cell": bptt.RNN,
    "weights": (np.ones((5, 4)), np.ones((4, 4)), np.ones(4)),
    "xs": np.ones((2, 3, 5)),
    "state": np.zeros((2, 4)),
    "d_outputs": np.ones((2, 3, 4)),
    "d_state": np.ones((2, 4)),
    "lengths": [3, 1],
    "window": 2,
}
BAD = {
    "a name": ({"cell": "rnn"}, TypeError, r"`cell` must be RNN, .+, got str: pass bptt.RNN"),
    "a step": ({"cell": reference.rnn_step}, TypeError, "got function: pass bptt.RNN"),
    "half a cell": ({"cell": Cell(reference.rnn_step, None)}, TypeError, "got Cell"),
    "two weights": (
        {"weights": (1, 2)},
        ValueError,
        r"arrays \(W_xh, W_hh, b\), got tuple of length 2",
    ),
    "one weight": ({"weights": 1.0}, ValueError, r"arrays .+, got float"),
    "one array": ({"weights": np.ones((5, 4))}, ValueError, "arrays .+, got ndarray"),
    "weights of text": ({"weights": ("a", "b", "c")}, TypeError, "`W_xh` must hold numbers"),
    "weights NaN": (
        {"weights": (np.ones((5, 4)), np.full((4, 4), np.nan), np.ones(4))},
        ValueError,
        r"`W_hh` must be finite, got nan at \(0, 0\)",
    ),
    "weights of another size": (
        {"weights": (np.ones((3, 4)), np.ones((4, 4)), np.ones(4))},
        ValueError,
        r"`W_xh` must have shape \(5, 4\), got \(3, 4\)",
    ),
    "inputs without features": (
        {"xs": np.ones((2, 3))},
        ValueError,
        r"got \(2, 3\): add a feature",
    ),
    "no steps": ({"xs": np.ones((2, 0, 5))}, ValueError, "T ≥ 1"),
    "state of another batch": ({"state": np.zeros((3, 4))}, ValueError, r"`state` must .+\(3, 4\)"),
    "nothing": (
        {"d_outputs": None, "d_state": None},
        ValueError,
        "got None for both: the way back",
    ),
    "outputs of another length": (
        {"d_outputs": np.ones((2, 2, 4))},
        ValueError,
        r"`d_outputs` must have shape \(2, 3, 4\), got \(2, 2, 4\): one derivative",
    ),
    "outputs NaN": (
        {"d_outputs": NAN},
        ValueError,
        r"`d_outputs` must be finite, got nan at \(0, 0",
    ),
    "outputs of text": ({"d_outputs": "up"}, TypeError, "`d_outputs` must hold numbers"),
    "final state of another size": (
        {"d_state": np.ones((2, 3))},
        ValueError,
        r"`d_state` must have shape \(2, 4\), got \(2, 3\): one derivative",
    ),
    "final state NaN": ({"d_state": NAN[:, 0]}, ValueError, "`d_state` must be finite"),
    "long length": ({"lengths": [3, 4]}, ValueError, "got 4 for sequence 1"),
    "float lengths": ({"lengths": [3.0, 1.0]}, TypeError, "`lengths` must be integers"),
    "no window": ({"window": 0}, ValueError, "`window` must be an integer ≥ 1, got 0: it counts"),
    "half a window": ({"window": 1.5}, ValueError, "got 1.5: it counts time steps"),
    "window of truth": ({"window": True}, ValueError, "got True"),
}


@pytest.mark.parametrize("function", [backpropagate, terms])
@pytest.mark.parametrize(("change", "error", "message"), BAD.values(), ids=BAD)
def test_the_walk_refuses_what_does_not_fit(function, change, error, message):
    function(**GOOD)
    with pytest.raises(error, match=message) as caught:
        function(**GOOD | change)
    assert re.match(r"^`[^:]+ must .+, got .+: .+", str(caught.value))


def test_an_lstm_asks_for_both_derivatives_of_its_state():
    problem = Problem("lstm", batch=2, steps=3, features=2, units=3, seed=0)
    with pytest.raises(
        ValueError, match=r"`d_state` of an LSTM must be the pair \(dh, dc\).+ndarray"
    ):
        problem.back(d_state=problem.d_state.h)
    with pytest.raises(ValueError, match=r"`d_state` must have shape \(2, 3\), got \(2, 1\)"):
        problem.back(d_state=(problem.d_state.h, np.ones((2, 1))))


@each_cell
def test_a_backward_step_refuses_what_its_step_refuses(name):
    problem = Problem(name, batch=2, steps=3, features=2, units=3, seed=0)
    x, d_new = problem.x[:, 0], problem.d_state
    problem.cell.backward(d_new, x, problem.state, *problem.weights)
    with pytest.raises(ValueError, match="a cell takes one time step"):
        problem.cell.backward(d_new, problem.x, problem.state, *problem.weights)
    with pytest.raises(TypeError, match="`x` must hold numbers"):
        problem.cell.backward(d_new, "x", problem.state, *problem.weights)
    one_unit = combine(lambda d: d[:, :1], d_new)
    with pytest.raises(ValueError, match=r"`d_new` must have shape \(2, 3\), got \(2, 1\)"):
        problem.cell.backward(one_unit, x, problem.state, *problem.weights)


@each_cell
def test_a_backward_step_takes_lists(name):
    problem = Problem(name, batch=2, steps=3, features=2, units=3, seed=0)
    arguments = problem.d_state, problem.x[:, 0], problem.state, *problem.weights
    lists = ([s.tolist() for s in a] if isinstance(a, LSTMState) else a.tolist() for a in arguments)
    assert_near(
        named(problem.cell.backward(*lists)), named(problem.cell.backward(*arguments)), 1e-12
    )
