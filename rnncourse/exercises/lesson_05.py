"""Self-checks of lesson 05, Train on a stream.

Cast: a function, a number or a few arrays from the reader in, `Feedback` out.
Streams are drawn here, so that an answer made for one stream does not pass.
"""

import numpy as np

from rnncourse.data.series import in_rows, windows
from rnncourse.evaluation import entropy
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_returned,
)
from rnncourse.reproduce.echo import Weights, fresh_rows, listen


@check
def check_cut(cut):
    """Does `cut(series, batch_size, length, number)` give window `number` of the rows?

    Args:
        cut: A function of a stream `(N,)` and three integers that returns
            `(batch_size, length)`; windows are counted from 0.
    """
    require_function(cut, "cut(series, batch_size, length, number)")
    for steps, batch_size, length, number in ((36, 3, 3, 1), (36, 3, 3, 0), (100, 4, 5, 3)):
        series = np.arange(1, steps + 1)
        rows = in_rows(series, batch_size)
        expected = windows(rows, length)[number]
        got = np.asarray(require_returned(cut(series.copy(), batch_size, length, number)))
        asked = f"cut(series of {steps}, {batch_size}, {length}, {number})"
        if got.shape != expected.shape:
            raise Miss(f"{asked} must have shape {expected.shape}, got {got.shape}")
        if not np.array_equal(got, expected):
            slips = {
                "windows follow each other; window k starts at step k · length": rows[
                    :, number : number + length
                ],
                "windows are counted from 0": windows(rows, length)[number - 1],
                "the stream runs along the rows, not down the columns": windows(
                    series[: rows.size].reshape(-1, batch_size).T, length
                )[number],
            }
            found = [hint for hint, slip in slips.items() if np.array_equal(got, slip)]
            hint = found[0] if found else f"its first row should be {expected[0].tolist()}"
            raise Miss(f"{asked} holds {got[0].tolist()} in its first row: {hint}")
    return "three streams agree: rows first, then windows along them"


@check
def check_forgetful(share):
    """What share of an echo of 5 steps is right if the state is reset every 8 steps?

    Args:
        share: A number between 0 and 1.
    """
    slips = {
        1 - 5 / 8: "five bits in eight are unknowable, but a coin is right about half of them",
        0.5 * 5 / 8: "that is the share that is wrong",
        1 - 0.5 * 3 / 8: "that is an echo of 3 steps; this one comes 5 steps late",
        1 - 0.5 * 5 / 15: "that is a window of 15 steps; this one has 8",
        1 - 0.5 * 4 / 8: "count again; the bits of steps 0 to 4 come from before the window",
        0.5: "three of eight steps can be known; the window is longer than the echo",
        1: "the first steps of a window ask for bits from before it, and the state forgot them",
    }
    why = "which steps of a window ask for a bit that came before it?"
    require_near("share", share, 1 - 0.5 * 5 / 8, slips, why, share=True)
    return "five steps in eight are a coin toss, the other three can be known"


@check
def check_floors(told, untold):
    """The least loss of a first window: 8 rows, windows of 20 steps, an echo of 4.

    Args:
        told: In nats, for somebody who knows which row is the first.
        untold: In nats, for somebody to whom all rows look alike.
    """
    share, zeros = 4 / 20, entropy([7 / 16, 9 / 16])
    coin = np.log(2)
    slips = {
        share * coin: "the first row follows nothing, and its echo begins with zeros; seven of "
        "eight rows are unknown",
        share * 7 / 8: "that is in bits; a coin costs log 2 nats",
        7 / 8 * coin: "the loss is a mean over all 20 steps, of which 4 are unknown",
        4 * 7 / 8 * coin: "the loss is a mean over the steps, not their sum",
        share * zeros: "that is the floor of somebody who cannot tell the rows apart",
        3 / 15 * 4 / 5 * coin: "that is the floor of the lesson's own network",
    }
    right = share * 7 / 8 * coin
    what = "4 of 20 steps are unknown, in 7 of 8 rows, and each costs a coin's log 2"
    require_near("told", told, right, slips, what, near=6e-4)
    slips = {
        right: "that is the floor of somebody who knows the rows apart",
        share * coin: "the zeros of the first row tilt the coin: 1 in 7 of 16 cases",
        share * entropy([1 / 8, 7 / 8]): "seven rows toss a coin and one is always zero: how often "
        "is the bit a one?",
        zeros: "the loss is a mean over all 20 steps, of which 4 are unknown",
    }
    what = "how often is an unheard bit a one, over all 8 rows? Then `entropy`"
    require_near("untold", untold, share * zeros, slips, what, near=6e-4)
    return f"{right:.3f} and {share * zeros:.3f} nats: not to know one's place costs a little more"


@check
def check_shuffled(in_training, in_order):
    """Windows of 15 in random order, state carried, an echo of 3 steps: what share is right?

    Args:
        in_training: Of the bits of the shuffled windows, once it is trained.
        in_order: Of the bits of a stream that the same network then hears in order.
    """
    slips = {
        1: "the carried state belongs to another place in the stream; its three bits are wrong",
        0.5: "twelve of fifteen steps ask for a bit within the window",
        0.8: "three of fifteen bits are guessed, and half of the guesses are right",
    }
    why = "what is a state worth that comes from another place in the stream?"
    require_near("in_training", in_training, 0.9, slips, why, share=True)
    slips = {
        0.9: "in order the state is the right one again; has the network learned to use it?",
        0.5: "it was trained well on twelve steps of every window",
    }
    why = "at step 7 of a window, does it know that the window began 7 steps ago?"
    require_near("in_order", in_order, 1.0, slips, why, share=True)
    return (
        "a state from elsewhere is worth nothing in training; in order the same weights echo every "
        "bit, for within a window they have learned to keep them"
    )


@check
def check_carry(carry):
    """Windows of 15 that move on by 5: does `carry(states)` pick the state to start the next with?

    Args:
        carry: A function of the states after each step of a window, `(B, 15, H)`,
            that returns `(B, H)`.
    """
    require_function(carry, "carry(states)")
    states = np.random.default_rng(1).normal(size=(3, 15, 4))
    got = np.asarray(carry(states.copy()))
    if got.shape != (3, 4):
        raise Miss(f"expected one state for each row, shape (3, 4), got {got.shape}")
    found = [t for t in range(15) if np.array_equal(got, states[:, t])]
    if not found:
        raise Miss("this is none of the fifteen states: pick one, unchanged")
    if found[0] == 14:
        raise Miss(
            "the last state has heard ten bits that the next window brings again: it would hear "
            "them twice"
        )
    if found[0] == 5:
        raise Miss(
            "states[:, 5] has heard six steps, number 5 among them, and the next window starts "
            "with step 5"
        )
    if found[0] != 4:
        raise Miss(
            f"states[:, {found[0]}] has heard {found[0] + 1} steps, and the next window starts "
            "with step 5: which state has heard exactly what comes before it?"
        )
    return "the state after five steps has heard exactly what lies before the next window"


@check
def check_wiring(W_xh, W_hh, b, W_hy, b_y):
    """Does a network of four units with these weights say each bit again three steps later?

    Args:
        W_xh: `(1, 4)`.
        W_hh: `(4, 4)`, with `h @ W_hh` as everywhere.
        b: `(4,)`.
        W_hy: `(4, 2)`, one column for each class.
        b_y: `(2,)`.
    """
    shapes = {"W_xh": (1, 4), "W_hh": (4, 4), "b": (4,), "W_hy": (4, 2), "b_y": (2,)}
    arrays = []
    for value, (name, shape) in zip((W_xh, W_hh, b, W_hy, b_y), shapes.items()):
        value = require_array(name, value, shape).astype(float)
        arrays.append(value if value.ndim == 2 else value[None])
    x, y = fresh_rows(3)
    weights = Weights(*(array[None] for array in arrays))
    (said,), (states,) = listen(weights, x)
    right = np.mean((said == y)[:, 10:])
    lead = np.diff(states @ weights.W_hy[0] + weights.b_y[0])[..., 0]  # of class 1, (B, T)
    if right == 1 and np.min(np.abs(lead[:, 10:])) < 1e-9:
        raise Miss("where the echo is 0 both logits are the same: a tie is no answer, move `b_y`")
    if right == 1:
        return "50,000 bits, and not one is wrong: an echo without any training"
    if np.ptp(lead[:, 10:]) < 1e-9:
        raise Miss("it says the same whatever it hears: does the input reach the read-out?")
    if np.ptp(said) == 0:
        low, high = lead[:, 10:].min(), lead[:, 10:].max()
        raise Miss(
            f"it always says {said[0, 0]}: logit 1 less logit 0 lies between {low:.2g} and "
            f"{high:.2g}; with `b_y` you can move zero in between"
        )
    delays = range(9)
    shares = [np.mean(said[:, 10:] == x[:, 10 - d : x.shape[1] - d]) for d in delays]
    best = int(np.argmax(shares))
    worst = int(np.argmin(shares))
    if shares[best] == 1:
        raise Miss(f"it says each bit again {best} steps later, not 3: count the neurons passed")
    if shares[worst] == 0:
        raise Miss(
            f"it says the opposite of the bit {worst} steps ago: change the columns of W_hy, "
            "class 1 is the second"
        )
    raise Miss(
        f"{right:.1%} of the bits are right; what it says agrees best, in {shares[best]:.1%}, with "
        f"the bit {best} steps ago: is zero told apart from one when it reaches the read-out?"
    )
