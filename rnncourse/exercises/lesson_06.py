"""Self-checks of lesson 06, Read an image row by row.

Cast: a function, a number or two from the reader in, `Feedback` out. Images and
answers are drawn here, so that one made for the lesson's own digits does not pass.
"""

from math import comb

import numpy as np

from rnncourse.data.images import digits
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_near,
    require_number,
    require_returned,
)


@check
def check_columns(columns):
    """Does `columns(x)` give images `(N, T, F)` as sequences of columns, from left to right?

    Args:
        columns: A function of images `(N, T, F)` that returns `(N, F, T)`.
    """
    require_function(columns, "columns(x)")
    x = np.random.default_rng(6).random((3, 8, 5))
    got = np.asarray(require_returned(columns(x.copy())))
    right = x.transpose(0, 2, 1)
    if got.shape == right.shape and np.array_equal(got, right):
        return "step t is column t, from the top pixel down to the last"
    if np.array_equal(got, x.reshape(3, 5, 8)):
        raise Miss(
            "the shape is right, but step 0 of image 0 is not its first column: `reshape` moves "
            "the border between rows, it does not turn anything"
        )
    square = np.random.default_rng(7).random((3, 6, 6))
    said = np.asarray(columns(square.copy()))
    columns_of = square.transpose(0, 2, 1)
    slips = {
        "these are the rows still, each of them read from the right": square[:, :, ::-1],
        "these are the rows still, from the last to the first": square[:, ::-1],
        "these are the rows, unchanged": square,
        "these are columns, from the right to the left": columns_of[:, ::-1],
        "these are columns, each from the bottom up": columns_of[:, :, ::-1],
        "the axis of the images has moved too: image 0 must stay image 0": square.T,
    }
    for hint, slip in slips.items():
        if said.shape == slip.shape and np.array_equal(said, slip):
            raise Miss(f"{hint}; expected step 0 to be the first column")
    if got.shape != right.shape:
        raise Miss(
            f"for images of shape (3, 8, 5) expected five steps of eight numbers, (3, 5, 8), got "
            f"{got.shape}"
        )
    raise Miss("the shape is right, but step 0 of image 0 is not its first column, top pixel first")


@check
def check_resolution(step, standard_error):
    """What a training accuracy of 0.987, counted on one batch of 150, can tell.

    Args:
        step: The smallest difference between two accuracies that such a batch can show.
        standard_error: Of the accuracy, if 148 of 150 are right.
    """
    hints = {
        1e-6: "so many digits are printed; but 150 images are either right or wrong",
        1 / 360: "that is one image of this page's test part; a batch has 150",
        1 / 10_000: "that is one image of the 10,000 of the test; a batch has 150",
        0.01: "a percent is a habit; how many images are there to be right or wrong?",
        2 / 150: "two images is what is missing; one is the smallest step",
    }
    ask = "one image more or less out of how many?"
    require_near("step", step, 1 / 150, hints, ask, near=5e-5, share=True)
    p = 148 / 150
    hints = {
        p * (1 - p) / 150: "that is the variance of the share; take the root",
        np.sqrt(p * (1 - p)): "that is the spread of one image; the mean of 150 varies less",
        np.sqrt(150 * p * (1 - p)): "that is the error of the count of right images; divide by 150",
        np.sqrt(p * (1 - p) / 10_000): "that is the error on 10,000 images; a batch has 150",
        np.sqrt(0.25 / 150): "that is for a share of a half; here 148 of 150 are right",
        1 / 150: "that is one image; equation 6.1 has a root in it",
    }
    ask = "the root of p (1 - p) / n, with p = 148/150"
    right = np.sqrt(p * (1 - p) / 150)
    require_near("standard_error", standard_error, right, hints, ask, near=5e-5, share=True)
    return "steps of 0.67 points and an error of 0.94: one batch cannot tell 97.8 from 98.7"


@check
def check_weights(weights):
    """Does `weights(features, units, classes)` count a classifier with a GRU, as Keras builds it?

    Args:
        weights: A function of three integers: F, H, K.
    """
    require_function(weights, "weights(features, units, classes)")
    for F, H, K in ((8, 86, 10), (28, 150, 10), (3, 5, 2)):
        right = 3 * (F * H + H * H + 2 * H) + H * K + K
        got = require_number(f"weights({F}, {H}, {K})", require_returned(weights(F, H, K)))
        if got == right:
            continue
        slips = {
            "the GRU has three parts, two gates and the candidate, and each its own weights": (
                F * H + H * H + H + H * K + K
            ),
            "three parts it is; but Keras gives each two biases, one for the inputs' sum and one "
            "for the state's": 3 * (F * H + H * H + H) + H * K + K,
            "the head is missing: H times K weights and K biases": 3 * (F * H + H * H + 2 * H),
            "the biases of the head are missing, K of them": right - K,
            "that is an LSTM, with four parts": 4 * (F * H + H * H + H) + H * K + K,
            "only one of the two biases is taken three times": (
                3 * (F * H + H * H + H) + H + H * K + K
            ),
        }
        hints = [hint for hint, slip in slips.items() if slip == got]
        why = hints[0] if hints else "count kernel, recurrent kernel, biases and head one by one"
        raise Miss(f"weights({F}, {H}, {K}) is {got:,}, expected {right:,}: {why}")
    return "25,638 for 86 units: as good as the 25,360 of the 150 plain ones"


@check
def check_confusion(confusion):
    """Does `confusion(was, said, classes)` count how often k was called j?

    Args:
        confusion: A function of two integer arrays `(N,)` and an integer K that returns
            `(K, K)`: row what it was, column what was said.
    """
    require_function(confusion, "confusion(was, said, classes)")
    rng = np.random.default_rng(8)
    was = rng.integers(0, 4, 200)
    said = np.where(rng.random(200) < 0.7, was, rng.integers(0, 4, 200))
    right = np.zeros((4, 4), int)
    np.add.at(right, (was, said), 1)
    got = np.asarray(require_returned(confusion(was.copy(), said.copy(), 4)))
    if got.shape != (4, 4):
        raise Miss(f"for four classes expected a table (4, 4), got {got.shape}")
    if np.array_equal(got, right):
        return "every one of the 200 is counted, in the row of what it was"
    if np.array_equal(got, right > 0):
        raise Miss(
            f"it holds nothing but zeros and ones, {int(got.sum())} in all, for 200 images: "
            "`counts[was, said] += 1` adds once for each place, however often the place is named"
        )
    if np.array_equal(got, right.T):
        raise Miss("rows and columns are exchanged: a row is what the image was")
    if np.allclose(got, right / 200):
        raise Miss("these are shares; expected counts, which add up to 200")
    if np.allclose(got, right / right.sum(axis=1, keepdims=True)):
        raise Miss("these are shares of each row; expected counts, which add up to 200")
    if np.array_equal(got, right * (1 - np.eye(4))):
        raise Miss("the right answers are missing: they stand on the diagonal")
    raise Miss(f"the counts add up to {got.sum():g}, expected 200, and they differ from mine")


@check
def check_deaf(share, weights):
    """A trained reader loses its recurrent weights: what share of digits does it get right?

    Args:
        share: Of the validation part, a number between 0 and 1.
        weights: Those of the reader: kernel `(F, H)`, recurrent kernel `(H, H)`, bias
            `(H,)`, and the head's `(H, 10)` and `(10,)`.
    """
    kernel, recurrent, bias, head, head_bias = _weights_of_a_reader(weights)
    slips = {
        0.52: "so much can be got from the last row; but this read-out has never seen a state that "
        "holds the last row alone",
        0.96: "without recurrent weights nothing of rows 0 to 6 reaches the last state",
        0.98: "without recurrent weights nothing of rows 0 to 6 reaches the last state",
    }
    share = require_number("share", share)
    guess = any(abs(share - wrong) <= 0.06 for wrong in slips)
    if not guess and np.any(recurrent):
        raise Miss("`weights` still holds recurrent weights: set them to zero, then count")
    x, y = digits().validation
    said = np.argmax(np.tanh(x[:, -1] @ kernel + bias) @ head + head_bias, axis=1)
    ask = "count with the weights that you hand over, on the validation part"
    right = np.mean(said == y)
    require_near("share", share, right, slips, ask, near=0.004, near_slip=0.06, share=True)
    return "little more than guessing gives: it reads a state of a kind it was never shown"


@check
def check_sign_test(sign_test):
    """Does `sign_test(a_right, b_right)` tell how likely so uneven a split is, if it is chance?

    Args:
        sign_test: A function of two boolean arrays `(N,)`, whether A and B are right on
            the same images, that returns the two-sided probability.
    """
    require_function(sign_test, "sign_test(a_right, b_right)")
    for only_a, only_b, both, neither in ((9, 3, 340, 8), (2, 10, 340, 8), (12, 0, 300, 48)):
        counts = (only_a, only_b, both, neither)
        pairs = np.repeat([(1, 0), (0, 1), (1, 1), (0, 0)], counts, axis=0).astype(bool)
        a, b = np.random.default_rng(9).permutation(pairs).T
        n, least = only_a + only_b, min(only_a, only_b)
        tail = sum(comb(n, k) for k in range(least + 1)) / 2**n
        got = require_returned(sign_test(a.copy(), b.copy()))
        got = require_number("sign_test(a_right, b_right)", got, "one probability")
        if abs(got - 2 * tail) < 1e-6:
            continue
        told = f"A alone is right on {only_a} images, B alone on {only_b}: expected {2 * tail:.3g}"
        slips = {
            "a difference may be as uneven in the other direction: count both tails": tail,
            "that is the chance of exactly this split; more uneven ones count too": (
                comb(n, least) / 2**n
            ),
            "that counts splits that are less uneven as well": 1 - tail,
            "images on which both are right or both wrong say nothing about which is better": (
                _tail(sum(counts), only_a + both)
            ),
        }
        hints = [hint for hint, slip in slips.items() if abs(got - slip) < 1e-6]
        why = hints[0] if hints else "only images on which the two differ count, and each is a coin"
        raise Miss(f"{told}, got {got:.3g}: {why}")
    return "of twelve disagreements nine to three is still within chance, twelve to none is not"


def _weights_of_a_reader(weights):
    """Five arrays whose shapes fit, or a `Miss`."""
    if not isinstance(weights, list | tuple) or len(weights) != 5:
        raise Miss("expected the five arrays of `reader.get_weights()` as `weights`")
    arrays = [np.asarray(array, float) for array in weights]
    units = arrays[2].shape[-1] if arrays[2].ndim else 0
    shapes = [(8, units), (units, units), (units,), (units, 10), (10,)]
    if [array.shape for array in arrays] != shapes:
        raise Miss(f"expected weights of shapes {shapes}, got {[a.shape for a in arrays]}")
    return arrays


def _tail(n, k):
    """Twice the chance of at most min(k, n - k) heads in n throws, at most 1."""
    return min(1.0, 2 * sum(comb(n, i) for i in range(min(k, n - k) + 1)) / 2**n)
