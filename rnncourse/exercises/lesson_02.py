"""Self-checks of lesson 02, Build a recurrent neuron.

Cast: a function, a number or a few arrays from the reader in, `Feedback` out.
Every check compares with `reference`, on inputs drawn here, so that an answer
made for one example does not pass.
"""

import numpy as np

from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_returned,
    require_whole,
)
from rnncourse.reference import rnn_step

CLOSE = 1e-6


@check
def check_neuron(neuron):
    """Is `neuron(x, h, w_x, w_h, b)` one step of a recurrent neuron?

    Args:
        neuron: A function of five numbers that returns the new state.
    """
    require_function(neuron, "neuron(x, h, w_x, w_h, b)")
    rng = np.random.default_rng(2)
    for x, h, w_x, w_h, b in rng.normal(size=(20, 5)):
        got = require_returned(neuron(x, h, w_x, w_h, b))
        expected = np.tanh(w_x * x + w_h * h + b)
        if np.shape(got) != () or not np.isfinite(got):
            raise Miss(f"expected one finite number, got {got!r}: five numbers in, one out")
        if abs(got - expected) > CLOSE:
            where = f"for x = {x:.2f}, h = {h:.2f} expected {expected:.3f}, got {got:.3f}"
            raise Miss(f"{where}: {_slip(got, x, h, w_x, w_h, b)}")
    return "twenty random neurons agree with the equation: input, loop, bias and squash are there"


def _slip(got, x, h, w_x, w_h, b) -> str:
    """What seems to have gone wrong with the neuron that gave `got`."""
    right = w_x * x + w_h * h + b
    slips = {
        "the loop is missing; add w_h * h, or nothing is remembered": np.tanh(w_x * x + b),
        "the loop has no weight; the state comes in as w_h * h": np.tanh(w_x * x + h + b),
        "the bias is missing; add b": np.tanh(w_x * x + w_h * h),
        "the bias belongs inside the squash": np.tanh(w_x * x + w_h * h) + b,
        "the squash is missing; pass the sum through np.tanh": right,
        "the weights changed places; w_x goes with x, w_h with h": np.tanh(w_h * x + w_x * h + b),
        "np.tan is the tangent and has no limits; use np.tanh": np.tan(right),
        "np.arctan squashes to ±π/2, not to ±1; use np.tanh": np.arctan(right),
        "that is the logistic sigmoid; use np.tanh": 1 / (1 + np.exp(-right)),
    }
    found = [hint for hint, value in slips.items() if abs(got - value) <= CLOSE]
    return found[0] if found else "compare your line with equation 2.1, term by term"


@check
def check_parameters(recurrent, crossing):
    """How many numbers do 7 neurons with 4 inputs hold, and when does feed-forward need more?

    Args:
        recurrent: The count.
        crossing: The smallest number of steps T for which a feed-forward layer of
            7 neurons that reads all 4 T inputs at once holds more.
    """
    right = (4 + 7 + 1) * 7
    recurrent = require_whole("recurrent", recurrent, "count the entries")
    crossing = require_whole("crossing", crossing, "count the entries")
    slips = {
        (4 + 1) * 7: "W_hh is missing; every neuron also hears all 7 neurons",
        (4 + 7) * 7: "the bias is missing; one more number for each neuron",
        (4 + 1 + 1) * 7: "W_hh has a row for each neuron that is heard, not one row in all",
        4 * 7: "that is W_xh alone; W_hh and the bias are missing",
        (4 + 7 + 2) * 7: "one bias is enough; it stands outside both products",
        4 + 7 + 1: "that is what one neuron holds; there are 7",
    }
    if recurrent != right:
        why = slips.get(recurrent, "add up W_xh (4 × 7), W_hh (7 × 7) and b (7)")
        raise Miss(f"got {recurrent:,} for the recurrent layer: {why}")
    at, before = ((4 * steps + 1) * 7 for steps in (crossing, crossing - 1))
    if at <= right:
        raise Miss(f"at {crossing} steps the feed-forward layer holds {at}, not more than {right}")
    if before > right:
        raise Miss(f"at {crossing - 1} steps it holds {before} already, more than {right}")
    return f"{right} against {at}: from three steps on it is cheaper to share weights over time"


@check
def check_welded(weld):
    """Does `weld(W_xh, W_hh)` give the W for which [h, x] @ W = x @ W_xh + h @ W_hh?

    Args:
        weld: A function of two matrices; the state stands *before* the input.
    """
    require_function(weld, "weld(W_xh, W_hh)")
    rng = np.random.default_rng(3)
    for features, units in ((4, 4), (3, 5), (1, 2)):
        x, h = rng.normal(size=(6, features)), rng.normal(size=(6, units))
        W_xh, W_hh = rng.normal(size=(features, units)), rng.normal(size=(units, units))
        W = np.asarray(weld(W_xh.copy(), W_hh.copy()))
        if W.shape != (features + units, units):
            raise Miss(
                f"with W_xh {W_xh.shape} and W_hh {W_hh.shape} expected a W of shape "
                f"{(features + units, units)}, got {W.shape}: stack rows (axis 0), not columns"
            )
        expected = x @ W_xh + h @ W_hh
        if np.allclose(np.concatenate([x, h], 1) @ W, expected):
            raise Miss(
                "this W fits [x, h], not [h, x]: both have the same shape, so nothing complains "
                "and every number is wrong. Rows of W follow the columns of what it multiplies"
            )
        gap = np.max(np.abs(np.concatenate([h, x], 1) @ W - expected))
        if gap > CLOSE:
            raise Miss(
                f"the shape is right, but the sums are off by up to {gap:.2g}: take both matrices "
                "unchanged, and stack W_hh on top of W_xh"
            )
    return "three sizes agree, the square one too, where a wrong order has the right shape"


@check
def check_hiding_place(hides, shows):
    """Find a W_hh that hides the mistake `h @ W_hh.T`, and one that shows it.

    Args:
        hides: `(2, 2)`, not a multiple of the identity; the mistake changes nothing.
        shows: `(2, 2)`; some state differs by at least 0.1.
    """
    matrices = {}
    for name, matrix in (("hides", hides), ("shows", shows)):
        matrices[name] = require_array(name, matrix, (2, 2)).astype(float)
    gaps = {name: _transposition_gap(matrix) for name, matrix in matrices.items()}
    if gaps["hides"] > 1e-12:
        raise Miss(
            f"`hides` gives the mistake away: states differ by up to {gaps['hides']:.2f}. "
            "Which matrices are their own transpose?"
        )
    if not matrices["hides"][0, 1]:
        raise Miss("a diagonal matrix hides it, but its neurons do not hear each other: mix them")
    if gaps["shows"] < 0.1:
        raise Miss(
            f"`shows` leaves a difference of {gaps['shows']:.3f}, expected at least 0.1: make the "
            "two off-diagonal entries differ more"
        )
    return (
        "symmetric weights, all entries equal for instance, hide a transposition from every test; "
        "so tests draw random, asymmetric ones"
    )


def _transposition_gap(W_hh) -> float:
    rng = np.random.default_rng(6)
    x, W_xh = rng.normal(size=(50, 2)), rng.normal(size=(2, 2))
    right = wrong = np.zeros((50, 2))
    gap = 0.0
    for _ in range(4):
        right = rnn_step(x, right, W_xh, W_hh, np.zeros(2))
        wrong = rnn_step(x, wrong, W_xh, W_hh.T, np.zeros(2))
        gap = max(gap, float(np.max(np.abs(right - wrong))))
    return gap


@check
def check_latch(w_x, w_h):
    """Does this neuron hold a bit for 1,000 noisy steps, and does one clap of 1 rewrite it?

    Args:
        w_x: Input weight, a number.
        w_h: Recurrent weight, a number.
    """
    w_x, w_h = float(w_x), float(w_h)
    if not np.isfinite([w_x, w_h]).all():
        raise Miss(f"expected two finite numbers, got w_x = {w_x}, w_h = {w_h}")
    noise = 0.1 * w_x * np.random.default_rng(4).normal(size=(1000, 200))
    h = np.tanh(np.full(200, w_x))
    if np.max(np.abs(h)) < 1e-3:
        raise Miss(f"with w_x = {w_x:g} a clap leaves {h[0]:.4f} in the neuron: it hears nothing")
    sign = np.sign(w_x)
    for n in noise:
        before, h = h, np.tanh(n + w_h * h)
    # Two steps in a row, or a state that turns round at every step would pass for one that holds.
    held = float(np.mean((np.sign(h) == sign) & (np.sign(before) == sign)))
    if held < 0.99:
        raise Miss(
            f"after 1,000 steps {held:.0%} of 200 neurons still hold their bit, "
            f"expected at least 99%: {_leak(w_x, w_h)}"
        )
    after = np.tanh(-w_x + w_h * h)
    flipped = float(np.mean(np.sign(after) == -sign))
    if flipped < 0.99:
        raise Miss(
            f"it holds ({held:.0%}), but one clap of −1 rewrites only {flipped:.0%} of 200 "
            f"neurons: the state pushes back with w_h · |h| ≈ {np.mean(np.abs(w_h * h)):.2f}, "
            f"and the clap pushes with w_x = {abs(w_x):.2f}"
        )
    h = after
    for n in noise[:100]:
        h = np.tanh(n + w_h * h)
    kept = float(np.mean(np.sign(h) == -sign))
    if kept < 0.99:
        raise Miss(
            f"the new bit is written so faintly that 100 steps later only {kept:.0%} of 200 "
            "neurons still hold it: let the clap win by more"
        )
    turned = ", stored upside down since w_x is negative" if w_x < 0 else ""
    return (
        f"{held:.0%} of 200 neurons hold the bit for 1,000 noisy steps and {flipped:.0%} take a "
        f"new one at a single clap{turned}"
    )


def _leak(w_x: float, w_h: float) -> str:
    """Why the latch with these weights loses its bit."""
    if w_h < 0:
        return "a negative recurrent weight turns the sign round at every step"
    if w_h <= 1:
        return "up to a recurrent weight of 1 there is nowhere to rest but silence"
    if abs(w_x) > w_h:
        push = abs(w_x) * 0.1
        return f"w_x makes the noise louder too; it now pushes with w_x · 0.1 = {push:.2f}"
    return "the two resting places lie so close together that noise carries the state across"


@check
def check_delay_line(W_in, W_loop):
    """Does neuron k hold the input of k steps ago, for four neurons and quiet inputs?

    Args:
        W_in: W_xh, `(1, 4)`.
        W_loop: W_hh, `(4, 4)`, with `h @ W_loop` as everywhere.
    """
    W_in, W_loop = np.asarray(W_in, float), np.asarray(W_loop, float)
    if W_in.shape != (1, 4) or W_loop.shape != (4, 4):
        raise Miss(
            f"expected W_in of shape (1, 4) and W_loop of shape (4, 4), got {W_in.shape} and "
            f"{W_loop.shape}"
        )
    x = np.random.default_rng(5).choice([-1.0, 1.0], size=60)
    h, states = np.zeros((1, 4)), []
    for value in 0.01 * x:
        h = rnn_step([[value]], h, W_in, W_loop, np.zeros(4))
        states.append(h[0] / 0.01)
    states = np.array(states)[10:]  # (50, 4)
    past = np.stack([x[10 - d : 60 - d] for d in range(9)], axis=1)  # (50, delays)
    for k in range(4):
        _require_delay(k, states[:, k], past)
    return (
        "four neurons pass the input along like a bucket chain: an echo three steps late, with no "
        "training at all"
    )


def _require_delay(k: int, state, past) -> None:
    when = ["this step's input", "the input of one step ago"]
    when += [f"the input of {d} steps ago" for d in range(2, 9)]
    if np.max(np.abs(state - past[:, k])) <= 0.05:
        return
    if np.max(np.abs(state)) < 1e-6:
        raise Miss(
            f"neuron {k} stays at zero: nothing reaches it. Row j, column k of W_loop carries "
            "neuron j to neuron k"
        )
    shares = np.linalg.lstsq(past, state, rcond=None)[0]
    heard = int(np.argmax(np.abs(shares)))
    alone = np.max(np.abs(state - shares[heard] * past[:, heard])) <= 0.05 * abs(shares[heard])
    if alone and heard != k:
        raise Miss(f"neuron {k} should hold {when[k]}, but it holds {when[heard]}")
    if alone:
        raise Miss(f"neuron {k} holds {when[k]}, but {abs(shares[k]):.2f} times as loud, not once")
    raise Miss(
        f"neuron {k} should hold {when[k]} alone, but it holds a mixture: each neuron must hear "
        "exactly one voice, and the first must hear no neuron"
    )
