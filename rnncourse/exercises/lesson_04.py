"""Self-checks of lesson 04, Backpropagate through time.

Cast: a number, a few arrays or a function from the reader in, `Feedback` out.
Right gradients come from `bptt` or from central differences. `SUSPECTS` are seven
walks back with a mistake each, for the lesson and for its fourth exercise.
"""

from functools import partial

import numpy as np

from rnncourse.bptt import RNN, backpropagate, terms
from rnncourse.evaluation import central_differences, relative_difference
from rnncourse.exercises.feedback import Miss, check, require_function, require_near
from rnncourse.reference import rnn_step, unroll

# The lesson's neuron: input weight, loop weight, target; the error is (h_last - target)².
W_X, W_H, TARGET = 0.5, 1.5, 1.0
KEEP = 0.8  # of the leaky layer in exercise 5


def neuron_terms(x, w_x=W_X, w_h=W_H):
    """What each step adds to the derivatives of the neuron's error.

    Args:
        x: Inputs, `(T,)`.
        w_x: Input weight.
        w_h: Loop weight.

    Returns:
        `(of w_x, of w_h)`, each `(T,)`.

    >>> of_w_x, of_w_h = neuron_terms([1, -1, 0.5])
    >>> of_w_x.round(2), of_w_h.round(2)[1:]
    (array([-1.32,  1.12, -0.39]), array([-0.52, -0.15]))
    """
    weights = [[w_x]], [[w_h]], [0.0]
    xs = np.reshape(x, (1, -1, 1)).astype(float)
    _, last = unroll(lambda x, h: rnn_step(x, h, *weights), xs, np.zeros((1, 1)))
    walk = terms(RNN, weights, xs, np.zeros((1, 1)), d_state=2 * (last - TARGET))
    return tuple(np.array([getattr(t, name).item() for t in walk]) for name in ("W_xh", "W_hh"))


def _wrong_walk(W_xh, W_hh, b, xs, d_outputs, mistake=None):
    """Backpropagation through time from a state of zeros, with a mistake in it if so named."""
    batch, steps, _ = xs.shape
    states = [np.zeros((batch, len(W_hh)), np.result_type(xs))]
    for t in range(steps):
        states.append(np.tanh(xs[:, t] @ W_xh + states[-1] @ W_hh + b))
    dh, sums = np.zeros_like(states[0]), [np.zeros_like(w) for w in (W_xh, W_hh, b)]
    for t in reversed(range(steps)):
        if mistake != "only the last output" or t == steps - 1:
            dh = dh + d_outputs[:, t]
        da = dh if mistake == "no slope" else dh * (1 - states[t + 1] ** 2)
        heard = states[t + 1] if mistake == "state after" else states[t]
        db = da.mean(axis=0) if mistake == "mean over batch" else da.sum(axis=0)
        parts = xs[:, t].T @ da, heard.T @ da, db
        sums = list(parts if mistake == "no sum over time" else map(np.add, sums, parts))
        dh = da @ (W_hh if mistake == "not transposed" else W_hh.T)
        dh = dh if mistake != "nothing passed back" else 0 * dh
    return sums


# What a point is like where a mistake does not show.
HIDING = {
    "no slope": "where all states are near zero the slope is 1, and leaving it out costs nothing",
    "not transposed": "one step has no way back in time, and some W_hh are their own transpose",
    "no sum over time": "with a single step there is nothing to sum",
    "nothing passed back": "it shows only if a cost at a later step reaches an earlier one",
    "state after": "it shows in W_hh only; does anything reach it?",
    "mean over batch": "the mean over one row is its sum",
    "only the last output": "it shows only if the cost looks at more than the last output",
}
SUSPECTS = {mistake: partial(_wrong_walk, mistake=mistake) for mistake in HIDING}


@check
def check_fourth_step(term):
    """Inputs 1, -1, 0.5 and then -0.5: what does step 1 add to the derivative by the loop weight?

    Args:
        term: A number.
    """
    x = [1, -1, 0.5, -0.5]
    of_w_x, of_w_h = neuron_terms(x)
    states = [0.0]
    for value in x:
        states.append(np.tanh(W_X * value + W_H * states[-1]))
    slopes = 1 - np.array(states[1:]) ** 2
    right = of_w_h[1]
    slips = {
        right / W_H: "one w_h is missing: the way from step 3 to step 1 passes the loop twice",
        right / W_H**2: "both w_h are missing: the way from step 3 to step 1 passes the loop twice",
        right * W_H: "one w_h too many: from step 3 to step 1 the loop is passed twice",
        of_w_x[1]: "that is step 1's share of w_x; for w_h the last factor is the state it met, h₀",
        right / slopes[1]: "the slope of step 1 itself is missing",
        right / slopes[3]: "the slope of the last step is missing",
        right / slopes[2]: "the slope of step 2 is missing: every step on the way has one",
        right / states[1] * states[2]: "the last factor is the state that step 1 met, h₀, not h₁",
        right / 2: "the error is squared: its derivative is 2 (h₃ - 1)",
        -right: "the sign: h₃ - 1 is negative",
        of_w_h[2]: "that is what step 2 adds",
        of_w_h[3]: "that is what step 3 adds",
        of_w_h.sum(): "that is the sum over all steps",
        neuron_terms(x[:3])[1][1]: "that is step 1 in the neuron of three steps; now there is h₃",
    }
    why = "write the path down: 2 (h₃ - 1), slope, w_h, slope, w_h, slope, h₀"
    require_near("term", term, right, slips, why, near_slip=0.002)
    return f"{right:.2f}: the error, three slopes, the loop twice and the state that step 1 met"


@check
def check_zeros(own_output, state, loop_at_first_step, padding):
    """A cost of the last output alone: which gradients are exactly zero?

    Args:
        own_output: By the output of step 0, seen by nobody.
        state: By the state of step 0.
        loop_at_first_step: What step 0 adds to the gradient of W_hh, from a state of zeros.
        padding: By an input that stands behind its row's length.
    """
    answers = {
        "own_output": (own_output, True, "no cost looks at it, and no state is made from it"),
        "state": (state, False, "the cost does not look at step 0; does anything it looks at?"),
        "loop_at_first_step": (
            loop_at_first_step,
            True,
            "the last factor on this way is the state that step 0 met",
        ),
        "padding": (padding, True, "a step behind the length changes no state and no output"),
    }
    for name, (got, right, hint) in answers.items():
        if not isinstance(got, bool | np.bool_):
            raise Miss(f"expected True or False for `{name}`, got {got!r}")
        if got != right:
            raise Miss(f"`{name}` is {'exactly zero' if right else 'not zero'}: {hint}")
    return "an unseen output and a step behind the length get nothing, an early state does"


@check
def check_chain(negative, above_one, whole):
    """Three inputs each, for which the longest path has such a share of the gradient of w_x.

    Args:
        negative: Its share is below 0.
        above_one: Its share is above 1.
        whole: Its share is 1, and it is not zero.
    """
    wanted = {
        "negative": (negative, lambda share: share < -1e-6, "below 0"),
        "above_one": (above_one, lambda share: share > 1 + 1e-6, "above 1"),
        "whole": (whole, lambda share: abs(share - 1) < 1e-9, "1"),
    }
    for name, (x, holds, what) in wanted.items():
        try:
            x = np.asarray(given := x, float)
        except (TypeError, ValueError):
            x = np.empty(0)
        if x.shape != (3,) or not np.isfinite(x).all():
            raise Miss(f"expected `{name}` as three finite numbers, got {given!r}")
        of_w_x, _ = neuron_terms(x)
        total = of_w_x.sum()
        if abs(of_w_x[0]) < 1e-9:
            stop = f"x₀ = {x[0]:g}" if abs(x[0]) < 1e-6 else "a tanh that is flat for such inputs"
            raise Miss(f"`{name}`: the longest path ends at x₀, and {stop} stops it")
        if abs(total) < 1e-9:
            raise Miss(f"`{name}`: the gradient is zero, and nothing has a share of it")
        share = of_w_x[0] / total
        if not holds(share):
            parts = ", ".join(f"{part:.3g}" for part in of_w_x)
            raise Miss(
                f"`{name}`: the share is {share:.3g}, expected {what}. The steps add {parts}: "
                "each has its input as a factor, so you can choose its sign and its size"
            )
    return "the same weights and any share you like: it is the inputs that decide"


@check
def check_test_point(W_xh, W_hh, b, xs, d_outputs):
    """A point at which a gradient check lets none of the seven suspects through.

    Args:
        W_xh: `(F, H)`.
        W_hh: `(H, H)`.
        b: `(H,)`.
        xs: `(B, T, F)`, no side above 6.
        d_outputs: `(B, T, H)`.
    """
    arrays = [np.asarray(a, float) for a in (W_xh, W_hh, b, xs, d_outputs)]
    if arrays[1].ndim != 2:
        raise Miss(f"expected `W_hh` of shape (H, H), got {arrays[1].shape}")
    if max(side for a in arrays for side in a.shape) > 6:
        raise Miss("expected no side above 6: a check by trying walks twice for each weight")
    weights, (xs, d_outputs) = arrays[:3], arrays[3:]
    if not d_outputs.any():
        raise Miss("`d_outputs` is zero throughout: a cost that looks nowhere blames nobody")
    if np.abs(weights[1]).max(initial=0) < 1e-6:
        raise Miss("`W_hh` is (nearly) zero: nothing goes back through it, rightly or wrongly")
    start = np.zeros((len(xs), weights[1].shape[0]))
    right = backpropagate(RNN, weights, xs, start, d_outputs)[2:]
    by_trying = _slopes(weights, xs, d_outputs)
    if _gap(right, by_trying) > 1e-6:
        raise Miss(
            "here even the right gradient fails, by "
            f"{_gap(right, by_trying):.1g}: weights or inputs so large that every tanh is flat "
            "leave nothing to compare"
        )
    through = [
        name
        for name, walk in SUSPECTS.items()
        if not _gap(walk(*weights, xs, d_outputs), by_trying) > 1e-6
    ]
    if through:
        raise Miss(
            f"{len(through)} of 7 get through: {', '.join(through)}. "
            f"Look at the first of them: {HIDING[through[0]]}"
        )
    return "seven suspects, and your point gives every one of them away"


@check
def check_leaky(leaky_backward):
    """The way back through h' = 0.8 h + 0.2 tanh(x W_xh + h W_hh + b).

    Args:
        leaky_backward: `(dh, x, h, W_xh, W_hh, b)` to the derivatives by x, h, W_xh,
            W_hh and b, in this order.
    """
    require_function(leaky_backward, "leaky_backward(dh, x, h, W_xh, W_hh, b)")
    rng = np.random.default_rng(4)
    names = ("x", "h", "W_xh", "W_hh", "b")
    for batch, features, units in ((3, 2, 4), (1, 3, 2)):
        shapes = ((batch, features), (batch, units), (features, units), (units, units), (units,))
        arrays = [rng.normal(size=shape) for shape in shapes]
        dh = rng.normal(size=(batch, units))
        got = leaky_backward(dh.copy(), *(a.copy() for a in arrays))
        if not isinstance(got, tuple | list) or len(got) != 5:
            what = "nothing: end it with `return`" if got is None else f"{type(got).__name__}"
            raise Miss(f"expected five derivatives, by {', '.join(names)}, got {what}")
        for k, (name, array) in enumerate(zip(names, arrays)):
            part = np.asarray(got[k])
            if part.shape != array.shape:
                raise Miss(
                    f"the derivative by {name}: expected shape {array.shape}, got {part.shape}"
                )

            def cost(moved, k=k, arrays=arrays, dh=dh):
                return np.sum(dh * _leaky(*arrays[:k], moved, *arrays[k + 1 :]))

            if relative_difference(part, central_differences(cost, array)) > 1e-6:
                raise Miss(f"the derivative by {name} is off: {_leak(part, k, dh, arrays)}")
    return "two sizes agree with central differences: one way through tanh, one past it"


def _leaky(x, h, W_xh, W_hh, b):
    return KEEP * h + (1 - KEEP) * np.tanh(x @ W_xh + h @ W_hh + b)


def _leak(got, k, dh, arrays):
    """What seems to be wrong with the derivative by array number k."""
    x, h, W_xh, W_hh, b = arrays
    new = np.tanh(x @ W_xh + h @ W_hh + b)
    past = KEEP * dh

    def derivative(da):
        return (da @ W_xh.T, past + da @ W_hh.T, x.T @ da, h.T @ da, da.sum(axis=0))[k]

    da = dh * (1 - KEEP) * (1 - new**2)
    flat = dh * (1 - KEEP) * (1 - _leaky(*arrays) ** 2)
    slips = [
        (derivative(flat), "the slope is that of tanh, 1 - tanh(a)², not that of h'"),
        (derivative(dh * (1 - new**2)), "tanh comes in with a factor of 0.2"),
        (derivative(dh * (1 - KEEP)), "the slope of tanh is missing"),
    ]
    if k == 1:
        slips += [
            (da @ W_hh.T, "that is the way through tanh; 0.8 of h, and of dh, goes past it"),
            (past + da @ W_hh, "back through a matrix is back through its transpose"),
            (dh + da @ W_hh.T, "what goes past tanh keeps its 0.8 on the way back too"),
            (KEEP * h + da @ W_hh.T, "what comes back past tanh is 0.8 of dh, not of the state h"),
        ]
    if k == 3:
        slips += [(new.T @ da, "W_hh multiplied h, the state the step met, not the new one")]
    if k > 1:
        slips += [(derivative(da) / len(h), "the rows of the batch add up: a sum, not a mean")]
    for slip, hint in slips:
        if relative_difference(got, slip) < 1e-9:
            return hint
    return "take the sum inside tanh as a variable of its own, and go back one factor at a time"


def _slopes(weights, xs, d_outputs):
    """Derivatives of Σ d·output by each of the weights, by trying."""

    def cost(moved, k):
        arrays = [*weights[:k], moved, *weights[k + 1 :]]
        start = np.zeros((len(xs), len(weights[1])))
        return np.sum(d_outputs * unroll(lambda x, h: rnn_step(x, h, *arrays), xs, start)[0])

    return [central_differences(partial(cost, k=k), weights[k]) for k in range(3)]


def _gap(actual, expected) -> float:
    """The largest relative difference among the three gradients."""
    return max(map(relative_difference, actual, expected))
