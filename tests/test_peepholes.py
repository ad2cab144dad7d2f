"""The way back through peepholes: tapes, central differences, likely mistakes, refusals."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import bptt, peepholes
from rnncourse.bptt import Cell, backpropagate
from rnncourse.evaluation import central_differences, relative_difference
from rnncourse.peepholes import PEEPHOLE_LSTM, PeepholeGradients, peephole_lstm_backward
from rnncourse.reference import LSTMState, unroll

few_examples = settings(max_examples=25)
sides = st.integers(1, 4)
NAMES = ("W_xh", "W_hh", "b", "p", "x", "h", "c")


class Problem:
    """A cost Σ d·output + Σ d·final state, so that d is the upstream gradient itself."""

    def __init__(self, batch, steps, features, units, seed):
        rng = np.random.default_rng(seed)
        shapes = (features, 4 * units), (units, 4 * units), (4 * units,), (3, units)
        self.weights = [0.7 * rng.normal(size=shape) for shape in shapes]
        self.x = rng.normal(size=(batch, steps, features))
        self.lengths = rng.integers(0, steps + 1, batch)
        pairs = rng.normal(size=(4, batch, units))
        self.state, self.d_state = LSTMState(*pairs[:2]), LSTMState(*pairs[2:])
        self.d_outputs = rng.normal(size=(batch, steps, units))

    def back(self, cell=PEEPHOLE_LSTM, **changes):
        arguments = {
            "weights": self.weights,
            "xs": self.x,
            "state": self.state,
            "d_outputs": self.d_outputs,
            "d_state": self.d_state,
            "lengths": self.lengths,
        }
        parts = backpropagate(cell, **arguments | changes)._asdict()
        h, c = parts.pop("state")
        return parts | {"h": h, "c": c}

    def cost(self, *arrays):
        *weights, x, h, c = arrays
        outputs, final = unroll(
            lambda x, state: PEEPHOLE_LSTM.step(x, state, *weights), x, (h, c), self.lengths
        )
        return np.sum(self.d_outputs * outputs) + np.sum(np.multiply(self.d_state, final))

    def by_trying(self):
        """All gradients by central differences."""
        arrays = [*self.weights, self.x, *self.state]
        slopes = {}
        for k, name in enumerate(NAMES):

            def cost(a, k=k):
                return self.cost(*arrays[:k], a, *arrays[k + 1 :])

            slopes[name] = central_differences(cost, arrays[k])
        return slopes

    def on_tape(self, forward):
        """All gradients by TensorFlow, through `forward(cell, x, start) -> outputs, states`."""
        import tensorflow as tf

        from rnncourse.variants import PeepholeLSTMCell

        cell = PeepholeLSTMCell(self.weights[1].shape[0], dtype="float64")
        cell.build((None, self.x.shape[-1]))
        cell.set_weights(self.weights)
        sources = [tf.constant(a) for a in (self.x, *self.state)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs, states = forward(cell, sources[0], sources[1:])
            cost = tf.reduce_sum(self.d_outputs * outputs)
            cost += sum(tf.reduce_sum(d * s) for d, s in zip(self.d_state, states, strict=True))
        weights = [w.value for w in cell.weights]
        return dict(zip(NAMES, tape.gradient(cost, [*weights, *sources]), strict=True))


def assert_near(actual, expected, tolerance):
    assert actual.keys() == expected.keys()
    for name, wanted in expected.items():
        gap = relative_difference(actual[name], wanted)
        assert gap <= tolerance, f"{name} differs by {gap:.2g} of its size"


# The oracle chain: central differences, our cell on a tape, statically, in a loop, in Keras.


@pytest.mark.parametrize("seed", range(3))
def test_the_way_back_is_the_slope(seed):
    problem = Problem(batch=3, steps=4, features=2, units=3, seed=seed)
    assert_near(problem.back(), problem.by_trying(), 1e-6)


@pytest.mark.parametrize("padded", [False, True], ids=["full", "lengths"])
@pytest.mark.parametrize("way", ["static_rnn", "dynamic_rnn"])
def test_the_way_back_is_the_tapes_through_our_cell(way, padded):
    from rnncourse import unroll as unrolls

    for seed in range(3):
        problem = Problem(batch=4, steps=6, features=3, units=5, seed=seed)
        lengths = problem.lengths if padded else None
        expected = problem.on_tape(lambda *a, n=lengths: getattr(unrolls, way)(*a, n))
        assert_near(problem.back(lengths=lengths), expected, 1e-12)


def test_the_way_back_is_the_tapes_through_keras():
    import keras

    def forward(cell, x, start):
        layer = keras.layers.RNN(cell, return_sequences=True, return_state=True, dtype="float64")
        outputs, *states = layer(x, initial_state=start)
        return outputs, states

    problem = Problem(batch=4, steps=6, features=3, units=5, seed=0)
    assert_near(problem.back(lengths=None), problem.on_tape(forward), 1e-12)


@pytest.mark.parametrize("window", [1, 2, 4, 6])
def test_a_window_cuts_where_chunked_rnn_cuts(window):
    from rnncourse.unroll import chunked_rnn

    problem = Problem(batch=4, steps=6, features=3, units=5, seed=7)
    expected = problem.on_tape(lambda c, x, s: chunked_rnn(c, x, window, s, problem.lengths))
    assert_near(problem.back(window=window), expected, 1e-12)


# Mutations: each likely mistake is written into the source, and central differences see it.

MUTATIONS = {
    "o's look left out of dc'": (" + da_o * p[2]", ""),
    "i's look left out of dc": (" + da_i * p[0]", ""),
    "f's look left out of dc": (" + da_f * p[1]", ""),
    "o looks at the cell before": ("(o + p[2] * new.c)", "(o + p[2] * c)"),
    "f looks at the cell after": ("(f + p[1] * c)", "(f + p[1] * new.c)"),
    "dp_o by the cell before": ("(da_o * new.c)", "(da_o * c)"),
    "dp_i by the cell after": ("(da_i * c)", "(da_i * new.c)"),
    "peepholes of i and f swapped": ("da_i * p[0] + da_f * p[1]", "da_i * p[1] + da_f * p[0]"),
    "mean over the batch": ("(da_f * c).sum", "(da_f * c).mean"),
    "i, f swapped": ("[da_i, da_f, da_g, da_o]", "[da_f, da_i, da_g, da_o]"),
    "W_hh not transposed": ("W_hh.T", "W_hh.reshape(W_hh.shape[::-1])"),
    "dc' dropped": ("dc = dc + dh", "dc = dh"),
}


@pytest.mark.parametrize(("old", "new"), MUTATIONS.values(), ids=MUTATIONS)
def test_central_differences_catch_a_wrong_backward_step(old, new):
    source = inspect.getsource(peephole_lstm_backward)
    assert source.count(old) == 1
    room = dict(vars(peepholes))
    exec(source.replace(old, new), room)
    wrong = Cell(PEEPHOLE_LSTM.step, room["peephole_lstm_backward"], PEEPHOLE_LSTM.weights)
    problem = Problem(batch=3, steps=4, features=2, units=3, seed=0)
    with pytest.raises(AssertionError, match="differs by"):
        assert_near(problem.back(wrong), problem.by_trying(), 1e-3)


# Properties.


@few_examples
@given(st.builds(Problem, sides, sides, sides, sides, st.integers(0, 2**16)))
def test_central_differences_agree_for_any_sizes(problem):
    back = problem.back()
    for name, slope in problem.by_trying().items():
        assert np.max(np.abs(back[name] - slope)) <= 1e-6 * max(1, np.max(np.abs(slope)))


def test_with_closed_peepholes_it_is_the_way_back_of_the_lstm():
    problem = Problem(batch=3, steps=4, features=2, units=3, seed=0)
    problem.weights[3][:] = 0
    peeping = problem.back()
    assert peeping.pop("p").any()
    assert_near(problem.back(bptt.LSTM, weights=problem.weights[:3]), peeping, 1e-12)


# Refusals.


def test_the_walk_asks_for_the_peepholes():
    problem = Problem(batch=2, steps=3, features=2, units=3, seed=0)
    with pytest.raises(ValueError, match=r"arrays \(W_xh, W_hh, b, p\), got list of length 3"):
        problem.back(weights=problem.weights[:3])
    with pytest.raises(ValueError, match=r"`p` must be finite, got nan at \(0, 0\)"):
        problem.back(weights=[*problem.weights[:3], np.full((3, 3), np.nan)])
    with pytest.raises(ValueError, match=r"`p` must have shape \(3, 3\), got \(3, 2\)"):
        problem.back(weights=[*problem.weights[:3], np.ones((3, 2))])


def test_a_step_back_gives_named_gradients_and_takes_lists():
    problem = Problem(batch=2, steps=3, features=2, units=3, seed=0)
    arrays = problem.d_state, problem.x[:, 0], problem.state, *problem.weights
    lists = ([s.tolist() for s in a] if isinstance(a, LSTMState) else a.tolist() for a in arrays)
    back, again = peephole_lstm_backward(*arrays), peephole_lstm_backward(*lists)
    assert isinstance(back, PeepholeGradients)
    assert (back.p == again.p).all() and (back.state.c == again.state.c).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_of_the_weights_is_kept(dtype):
    problem = Problem(batch=2, steps=3, features=2, units=3, seed=0)
    problem.weights = [w.astype(dtype) for w in problem.weights]
    problem.x, problem.d_outputs = problem.x.astype(dtype), problem.d_outputs.astype(dtype)
    problem.state = LSTMState(*(s.astype(dtype) for s in problem.state))
    problem.d_state = LSTMState(*(s.astype(dtype) for s in problem.d_state))
    assert {array.dtype for array in problem.back().values()} == {np.dtype(dtype)}
