"""Self-checks of lesson 17, Look back.

Cast: a number, a function or two sentences from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.data.grammars.french_alignment import ENGLISH
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_near,
    require_returned,
)

SCORES = np.array([[0.0, np.log(3.0), 5.0], [1.0, 1.0, 1.0], [2.0, -1.0, 0.5]])
MASK = np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0]], bool)
SMALL_WORDS = frozenset("the a an this these my your his her our i you he she we they".split())


@check
def check_scores(ratio):
    """How many times as many scores do sentences need that are twice as long?

    Args:
        ratio: A number.
    """
    slips = {
        2.0: "each French word asks every English one, and there are twice as many of both",
        8.0: "two lengths are doubled, not three",
        1.0: "a score for each pair of a French and an English word: are there no more pairs?",
    }
    require_near("ratio", ratio, 4.0, slips, "count the cells of an alignment map")
    return "the map is twice as wide and twice as high"


@check
def check_masked(softmax):
    """Does `softmax(scores, mask)` share the weight among words, and give padding none?

    Args:
        softmax: A function of scores `(T, S)` and of a mask of the same shape, `True` where
            there is a word, that returns weights `(T, S)`.
    """
    require_function(softmax, "softmax(scores, mask)")
    got = _numbers(softmax(SCORES.copy(), MASK.copy()), SCORES.shape)
    odds = np.where(MASK, np.exp(SCORES), 0.0)
    wanted = odds / odds.sum(axis=1, keepdims=True)
    if np.allclose(got, wanted, atol=1e-6) and np.all(got[~MASK] == 0):
        with np.errstate(all="ignore"):
            large = _numbers(softmax(SCORES + 1000.0, MASK.copy()), SCORES.shape)
        if not np.allclose(large, wanted, atol=1e-6):
            raise Miss(
                "right, but not for scores near 1000, whose exponential is infinite: subtract the "
                "largest score of the row first"
            )
        return "exactly 0 on padding, and the rest adds up to 1"
    plain = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
    zeroed = np.exp(SCORES * MASK)
    if np.allclose(got, zeroed / zeroed.sum(axis=1, keepdims=True), atol=1e-6):
        raise Miss(
            f"padding gets {got[0, 2]:.2f} of the first row: a score of 0 is a score like any "
            "other, and its exponential is 1"
        )
    if np.allclose(got, plain, atol=1e-6):
        raise Miss(f"padding gets {got[0, 2]:.2f} of the first row: the mask changes nothing")
    if np.allclose(got, plain * MASK, atol=1e-6):
        raise Miss(
            f"the first row adds up to {got[0].sum():.2f}: what padding had was taken away and not "
            "given to the words; mask before you normalise"
        )
    if np.allclose(got, odds / odds.sum(axis=0, keepdims=True), atol=1e-6):
        raise Miss("the columns add up to 1: each question, a row, must share out its own weight")
    if np.isnan(got).any():
        raise Miss("some weights are NaN: infinity less infinity, or a division by zero")
    row = int(np.argmax(np.abs(got - wanted).max(axis=1)))
    shown = ", ".join(f"{x:.2f}" for x in wanted[row])
    raise Miss(f"row {row}: expected ({shown}), got {np.round(got[row], 2).tolist()}")


@check
def check_dot(scores):
    """Does `scores(queries, keys)` give scaled dot products?

    Args:
        scores: A function of queries `(T, A)` and keys `(S, A)` that returns `(T, S)`.
    """
    require_function(scores, "scores(queries, keys)")
    rng = np.random.default_rng(17)
    queries, keys = rng.normal(size=(3, 16)), rng.normal(size=(5, 16))
    got = _numbers(scores(queries.copy(), keys.copy()), None)
    wanted = queries @ keys.T / 4.0
    if got.shape == wanted.shape and np.allclose(got, wanted, atol=1e-6):
        return "one product of two matrices, no tanh and no v"
    if got.shape == wanted.T.shape and np.allclose(got, wanted.T, atol=1e-6):
        raise Miss("expected (3, 5), a row for each question, got (5, 3): transpose")
    if got.shape != wanted.shape:
        raise Miss(f"expected scores (T, S) = (3, 5), got shape {got.shape}")
    if np.allclose(got, 4.0 * wanted, atol=1e-6):
        raise Miss(
            "the products are right and not scaled: those of 16 numbers of size 1 have a standard "
            "deviation of 4, and a softmax of such scores sees one word only; divide by √16"
        )
    if np.allclose(got, wanted / 4.0, atol=1e-6):
        raise Miss("divided by 16: divide by its root, the standard deviation of the products")
    if np.allclose(got, 4.0 * wanted / np.sqrt(5), atol=1e-6):
        raise Miss("divided by the root of the number of words: it is the width A that counts")
    raise Miss(f"expected {wanted[0, 0]:.3f} for the first pair, got {got[0, 0]:.3f}")


@check
def check_hits(hits):
    """Does `hits(weights, places)` give the share of words whose heaviest weight is right?

    Args:
        hits: A function of weights `(T, S)` and places `(T,)`, -1 where the right word is
            not known, that returns a share.
    """
    require_function(hits, "hits(weights, places)")
    weights = np.array(
        [[0.7, 0.2, 0.1], [0.1, 0.4, 0.5], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6], [0.1, 0.1, 0.8]]
    )
    places = np.array([0, 1, 1, -1, 2])
    got = require_returned(hits(weights.copy(), places.copy()))
    slips = {
        3 / 5: "words of which the right place is not known count among the wrong ones: leave "
        "them out",
        4 / 5: "-1 is the last word for Python: leave those words out first",
        (0.7 + 0.4 + 0.4 + 0.8) / 4: "that is the mean weight on the right word; ask whether it is "
        "the largest of its row",
        3.0: "that is their number; divide by that of all words with a known place",
    }
    require_near("hits", got, 3 / 4, slips, "where is the largest weight of each row?", near=1e-3)
    return "3 of 4, and the fifth word has no right place"


@check
def check_bag(first, second):
    """Break it: can a finger without a memory not tell these two sentences apart?

    Args:
        first: English words of the grammar, in one text.
        second: The same.
    """
    both = []
    for name, text in (("first", first), ("second", second)):
        if not isinstance(text, str) or not text.split():
            raise Miss(f"expected a sentence for `{name}`, got {str(text)[:40]!r}: write a text")
        words = text.lower().replace(".", " ").split()
        strange = [word for word in words if word not in ENGLISH and word not in SMALL_WORDS]
        if strange:
            raise Miss(f"{strange[0]!r} is no word that this check knows: dog, cat, sees … are")
        both.append(words)
    if both[0] == both[1]:
        raise Miss("the two are the same sentence, and nobody could tell them apart")
    if sorted(both[0]) != sorted(both[1]):
        odd = sorted(set(both[0]) ^ set(both[1]))
        which = f"{odd[0]!r} stands" if odd else "a word stands more often"
        raise Miss(f"{which} in only one of them, and the finger would find it: use the same words")
    return "the same words in another order: to a mean of embeddings both are one heap"


def _numbers(value, shape):
    """What a reader's function returned as an array; a `Miss` if it has another shape."""
    value = require_returned(value)
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.kind not in "biuf":
        raise Miss(f"expected numbers, got {array.dtype}")
    if shape is not None and array.shape != shape:
        raise Miss(f"expected shape {shape}, got {array.shape}")
    if array.ndim == 0:
        raise Miss(f"expected an array, got the single number {array}")
    return array.astype(float)
