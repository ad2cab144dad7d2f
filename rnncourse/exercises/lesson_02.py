"""Self-checks of lesson 02, Build a recurrent neuron.

Cast: a function, a number or a few arrays from the reader in, `Feedback` out.
Every check compares with `reference`, on inputs drawn here, so that an answer
made for one example does not pass.
"""

import numpy as np

from rnncourse.exercises.feedback import Miss, check
from rnncourse.reference import rnn_step

CLOSE = 1e-6


@check
def check_neuron(neuron):
    """Is `neuron(x, h, w_x, w_h, b)` one step of a recurrent neuron?

    Args:
        neuron: A function of five numbers that returns the new state.
    """
    if not callable(neuron):
        raise Miss(
            f"expected a function neuron(x, h, w_x, w_h, b), got {type(neuron).__name__}: pass it without calling it"
        )
    rng = np.random.default_rng(2)
    for x, h, w_x, w_h, b in rng.normal(size=(20, 5)):
        got = neuron(x, h, w_x, w_h, b)
        if got is None:
            raise Miss("your function returned nothing: end it with `return`")
        expected = np.tanh(w_x * x + w_h * h + b)
        if np.shape(got) != () or not np.isfinite(got):
            raise Miss(f"expected one finite number, got {got!r}: five numbers in, one out")
        if abs(got - expected) > CLOSE:
            _explain_neuron(got, expected, x, h, w_x, w_h, b)
    return "twenty random neurons agree with the equation: input, loop, bias and squash are all in place"


def _explain_neuron(got, expected, x, h, w_x, w_h, b):
    slips = {
        "the loop is missing: add w_h * h, or nothing is remembered": np.tanh(w_x * x + b),
        "the bias is missing: add b": np.tanh(w_x * x + w_h * h),
        "the squash is missing: pass the sum through np.tanh": w_x * x + w_h * h + b,
        "the weights changed places: w_x goes with x, w_h with h": np.tanh(w_h * x + w_x * h + b),
        "np.tan is the tangent and has no limits: use np.tanh": np.tan(w_x * x + w_h * h + b),
        "np.arctan squashes to ±π/2, not to ±1: use np.tanh": np.arctan(w_x * x + w_h * h + b),
        "that is the logistic sigmoid: use np.tanh": 1 / (1 + np.exp(-(w_x * x + w_h * h + b))),
        "the bias belongs inside the squash": np.tanh(w_x * x + w_h * h) + b,
    }
    where = f"for x = {x:.2f}, h = {h:.2f} expected {expected:.3f}, got {got:.3f}"
    for hint, value in slips.items():
        if abs(got - value) <= CLOSE:
            raise Miss(
                f"{where}. It looks as if {hint}."
                if hint.startswith("the")
                else f"{where}. Note: {hint}."
            )
    raise Miss(f"{where}. Compare your line with equation 2.1, term by term.")


@check
def check_parameters(short, long):
    """How many numbers does a layer of 7 neurons with 4 inputs hold, for 10 and for 1,000 steps?

    Args:
        short: The count for sequences of 10 steps.
        long: The count for sequences of 1,000 steps.
    """
    features, units = 4, 7
    right = (features + units + 1) * units
    for name, got in (("10", short), ("1,000", long)):
        if (
            isinstance(got, bool)
            or not isinstance(got, int | np.integer | float)
            or got != int(got)
        ):
            raise Miss(
                f"expected a whole number for {name} steps, got {got!r}: count the entries of the matrices"
            )
    if short != long:
        raise Miss(
            f"you gave {short:,} for 10 steps and {long:,} for 1,000: the same matrices are used at "
            "every step, so the count cannot depend on the number of steps"
        )
    slips = {
        features * units + units: "W_hh is missing: every neuron also hears all 7 neurons",
        (features + units) * units: "the bias is missing: one more number for each neuron",
        (features + 1 + 1)
        * units: "W_hh has a row for each neuron that is heard, not one row in all",
        features * units: "that is W_xh alone: W_hh and the bias are missing",
        (features + units + 2) * units: "one bias is enough: it stands outside both products",
    }
    if short != right:
        why = slips.get(int(short), "add up W_xh (4 × 7), W_hh (7 × 7) and b (7)")
        raise Miss(f"got {int(short):,}: {why}")
    return f"{right} = (4 + 7 + 1) · 7, however long the sequences are"


@check
def check_welded(weld):
    """Does `weld(W_xh, W_hh)` give the W for which [h, x] @ W = x @ W_xh + h @ W_hh?

    Args:
        weld: A function of two matrices; the state stands *before* the input.
    """
    if not callable(weld):
        raise Miss(
            f"expected a function weld(W_xh, W_hh), got {type(weld).__name__}: pass it without calling it"
        )
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
                "this W fits [x, h], not [h, x]: both have the same shape, so nothing complains and every "
                "number is wrong. Rows of W follow the columns of what is multiplied by it"
            )
        gap = np.max(np.abs(np.concatenate([h, x], 1) @ W - expected))
        if gap > CLOSE:
            raise Miss(
                f"the shape is right, but the sums are off by up to {gap:.2g}: stack W_hh on top of W_xh, unchanged"
            )
    return "three sizes agree, the square one included, where a wrong order has the right shape"


@check
def check_latch(w_x, w_h):
    """Does this neuron hold a bit for 1,000 noisy steps, and let one clap of strength 1 rewrite it?

    Args:
        w_x: Input weight, a number.
        w_h: Loop gain, a number.
    """
    w_x, w_h = float(w_x), float(w_h)
    if not np.isfinite([w_x, w_h]).all():
        raise Miss(f"expected two finite numbers, got w_x = {w_x}, w_h = {w_h}")
    rng = np.random.default_rng(4)
    noise = 0.1 * rng.normal(size=(1000, 200))
    h = np.tanh(np.full(200, w_x))
    if np.max(np.abs(h)) < 1e-3:
        raise Miss(f"with w_x = {w_x:g} a clap leaves {h[0]:.4f} in the neuron: it hears nothing")
    sign = np.sign(w_x)
    for n in noise:
        before, h = h, np.tanh(w_x * n + w_h * h)
    # Two steps in a row, or a state that turns round at every step would pass for one that holds.
    held = float(np.mean((np.sign(h) == sign) & (np.sign(before) == sign)))
    if held < 0.99:
        why = (
            "a gain of at most 1 has nowhere to rest but silence"
            if abs(w_h) <= 1
            else "a negative gain turns the sign round at every step"
            if w_h < 0
            else "the two resting points lie so close together that noise carries the state across"
        )
        raise Miss(
            f"after 1,000 steps {held:.0%} of 200 neurons still hold their bit, expected at least 99%: {why}"
        )
    after = np.tanh(-w_x + w_h * h)
    flipped = float(np.mean(np.sign(after) == -sign))
    if flipped < 0.99:
        raise Miss(
            f"it holds ({held:.0%}), but one clap of −1 rewrites only {flipped:.0%} of 200 neurons: a held state "
            f"pushes back with w_h · |h| ≈ {np.mean(np.abs(w_h * h)):.2f}, and the clap pushes with w_x = {abs(w_x):.2f}"
        )
    h = after
    for n in noise[:100]:
        h = np.tanh(w_x * n + w_h * h)
    kept = float(np.mean(np.sign(h) == -sign))
    if kept < 0.99:
        raise Miss(
            f"the new bit is written but only {kept:.0%} of 200 neurons still hold it 100 steps later"
        )
    return f"{held:.0%} of 200 neurons hold the bit for 1,000 noisy steps and {flipped:.0%} take a new one at a single clap"


@check
def check_delay_line(W_xh, W_hh):
    """Does neuron k hold the input of k steps ago, for four neurons and quiet inputs?

    Args:
        W_xh: `(1, 4)`.
        W_hh: `(4, 4)`, with `h @ W_hh` as everywhere.
    """
    W_xh, W_hh = np.asarray(W_xh, float), np.asarray(W_hh, float)
    if W_xh.shape != (1, 4) or W_hh.shape != (4, 4):
        raise Miss(
            f"expected W_xh of shape (1, 4) and W_hh of shape (4, 4), got {W_xh.shape} and {W_hh.shape}"
        )
    x = 0.01 * np.random.default_rng(5).choice([-1.0, 1.0], size=60)
    h, states = np.zeros((1, 4)), []
    for value in x:
        h = rnn_step([[value]], h, W_xh, W_hh, np.zeros(4))
        states.append(h[0])
    states = np.array(states)[10:]
    for k in range(4):
        echoes = {d: x[10 - d : 60 - d] for d in range(9)}
        gaps = {d: np.max(np.abs(states[:, k] - echo)) / 0.01 for d, echo in echoes.items()}
        if gaps[k] > 0.05:
            heard = min(gaps, key=gaps.get)
            if gaps[heard] <= 0.05:
                raise Miss(
                    f"neuron {k} should hold the input of {k} steps ago, but it holds the one of {heard} steps ago"
                )
            if np.max(np.abs(states[:, k])) < 1e-6:
                raise Miss(
                    f"neuron {k} stays at zero: nothing reaches it. Row j, column k of W_hh carries neuron j to neuron k"
                )
            raise Miss(
                f"neuron {k} should hold the input of {k} steps ago, but it holds a mixture (off by "
                f"{gaps[k]:.1f} of an input): each neuron must hear exactly one voice"
            )
    return "four neurons pass the input along like a bucket chain: an echo three steps late, with no training at all"


@check
def check_hiding_place(hides, shows):
    """Find a W_hh that hides the mistake `h @ W_hh.T`, and one that shows it.

    Args:
        hides: `(2, 2)`, not zero, not a multiple of the identity: with it the mistake changes nothing.
        shows: `(2, 2)`: with it some state differs by at least 0.1.
    """
    matrices = {}
    for name, matrix in (("hides", hides), ("shows", shows)):
        matrices[name] = matrix = np.asarray(matrix, float)
        if matrix.shape != (2, 2) or not np.isfinite(matrix).all():
            raise Miss(
                f"expected `{name}` to be a finite matrix of shape (2, 2), got shape {matrix.shape}"
            )
    gaps = {name: _transposition_gap(matrix) for name, matrix in matrices.items()}
    if gaps["hides"] > 1e-12:
        raise Miss(
            f"`hides` gives the mistake away: states differ by up to {gaps['hides']:.2f}. "
            "Which matrices are their own transpose?"
        )
    if np.allclose(matrices["hides"], matrices["hides"][0, 0] * np.eye(2)):
        raise Miss(
            "a multiple of the identity hides it indeed, but so would no mixing at all: find one with mixing"
        )
    if gaps["shows"] < 0.1:
        raise Miss(
            f"`shows` leaves a difference of {gaps['shows']:.3f}, expected at least 0.1: make the two "
            "off-diagonal entries differ more"
        )
    return (
        "symmetric weights hide a transposition from every test, and so do constant ones; that is why the "
        "tests of this course draw random, asymmetric weights"
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
