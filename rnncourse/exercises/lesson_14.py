"""Self-checks of lesson 14, Give words a place.

Cast: a function, a number or a list of pairs from the reader in, `Feedback` out.
"""

from collections.abc import Iterable

import numpy as np

from rnncourse.data.grammars.small_world import sensible
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_returned,
)
from rnncourse.word_vectors.counts import positive_pmi

FOX = "the quick brown fox jumped over the lazy dog".split()
LINES = {
    "the fox": FOX,
    "no no milk": ["no", "no", "milk"],
    "two words": ["i", "drink"],
    "one word": ["milk"],
}
TABLE = np.array([[0, 8, 2], [8, 0, 0], [2, 0, 4]])
MOST = 8  # pairs that may be held out


@check
def check_pairs(pairs):
    """Does `pairs(words, window)` list each word with each of its neighbours?

    Args:
        pairs: A function that returns tuples (word, neighbour), words in the order of the
            sentence, neighbours from left to right; at the edges as many as there are.
    """
    require_function(pairs, "pairs(words, window)")
    for name, words in LINES.items():
        for window in (1, 2, 5):
            _check_pairs(pairs, f"{name}, window {window}", words, window)
    return "60 pairs of the fox's nine words with a window of five: at the edges it is cut off"


def _check_pairs(pairs, where, words, window):
    wanted = _neighbours(words, range(len(words)), window)
    got = require_returned(pairs(list(words), window))
    if isinstance(got, str) or not isinstance(got, Iterable):
        raise Miss(f"expected a list of tuples (word, neighbour), got {str(got)[:40]!r}")
    got = list(got)
    for pair in got:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Miss(f"expected tuples (word, neighbour), got {str(pair)[:40]!r}")
    got = [tuple(map(str, pair)) for pair in got]
    if got == wanted:
        return
    slips = {
        "the words near the edges are missing; give them the neighbours they have": _neighbours(
            words, range(window, len(words) - window), window
        ),
        "two equal words are neighbours, too; compare their places, not the words": [
            pair for pair in wanted if pair[0] != pair[1]
        ],
        "only the right side; take the words to the left, too": _neighbours(
            words, range(len(words)), window, left=0
        ),
        "only the left side; take the words to the right, too": _neighbours(
            words, range(len(words)), window, right=0
        ),
    }
    for hint, slip in slips.items():
        if got == slip:
            raise Miss(f"{where}: {hint}")
    if sorted(got) == sorted(wanted):
        raise Miss(f"{where}: all pairs are there, in another order than that of the sentence")
    for pair in got:
        if pair not in wanted and pair[0] == pair[1]:
            raise Miss(f"{where}: a word stands beside itself; leave out the place of the word")
    for pair in got:
        if pair not in wanted:
            raise Miss(
                f"{where}: {str(pair)[:60]} are no neighbours; a negative index counts from the "
                "end, so stop at the first word"
            )
    raise Miss(f"{where}: expected {len(wanted)} pairs, got {len(got)}")


def _neighbours(words, places, window, left=1, right=1):
    """Words at some places with those around them, on both sides or on one."""
    return [
        (words[i], words[j])
        for i in places
        for j in range(max(0, i - left * window), min(len(words), i + right * window + 1))
        if j != i
    ]


@check
def check_ppmi(ppmi):
    """Does `ppmi(counts)` give equation 14.1, negative values set to zero?

    Args:
        ppmi: A function of a table of counts, symmetric, that returns a table of its shape.
    """
    require_function(ppmi, "ppmi(counts)")
    wanted = positive_pmi(TABLE)
    with np.errstate(all="ignore"):
        got = require_returned(ppmi(TABLE.copy()))
        p = TABLE / TABLE.sum()
        slips = {
            "take the logarithm": np.exp(wanted) * (TABLE > 0),
            "divide by both words' probabilities, of the row and of the column": np.maximum(
                0, np.log(p / p.sum(axis=1, keepdims=True))
            ),
            "that is in bits; take the natural logarithm": wanted / np.log(2),
        }
    got = require_array("ppmi(counts)", got, wanted.shape, finite=False)
    if np.any(np.isneginf(got)):
        raise Miss("a pair that never met has log 0; set it to zero, like all negative values")
    if np.any(np.isnan(got)):
        raise Miss("there is a NaN in the table: what is 0 / 0, and what is log of it?")
    if np.any(got < 0):
        raise Miss(f"the smallest value is {got.min():.3g}: what is rarer than by chance gets 0")
    if np.allclose(got, wanted, atol=1e-6):
        return "0.9 nats for the first pair: they meet 2.4 times as often as by chance"
    for hint, slip in slips.items():
        if np.allclose(got, np.maximum(slip, 0), atol=1e-6):
            raise Miss(hint)
    raise Miss(
        f"row 0, column 1 is {got[0, 1]:.3g} and should be {wanted[0, 1]:.3g}: "
        f"p(w, c) = 8 / {TABLE.sum()}, p(w) = {TABLE[0].sum()} / {TABLE.sum()}"
    )


@check
def check_updates(count):
    """Of 50,000 rows a table, how many does a step on NCE change: 128 pairs, 20 noise words?

    Args:
        count: The most rows of both tables together that it can touch.
    """
    slips = {
        128 + 20: "beside the noise words the true neighbours have rows in the second table, too",
        128 * 22: "the noise words are drawn once and shared by all pairs of the update",
        128 + 128 * 21: "the noise words are drawn once and shared by all pairs of the update",
        100_000: "not even the softmax changes all; who takes part in the loss of NCE?",
        50_128: "that is what the softmax changes; who takes part in the loss of NCE?",
        50_148: "with noise there is no sum over all words; who takes part in the loss of NCE?",
        256: "the noise words have rows, too",
    }
    require_near(
        "count", count, 276, slips, "count the given words, the true ones and the noise", near=0.1
    )
    return "at most 276 of 100,000 rows; by the softmax it would be 50,128"


@check
def check_score(score):
    """What negative sampling wants: the score of a pair at which its objective is largest.

    Args:
        score: For two words that meet three times as often as by chance, with five noise
            words drawn as they come in the text.
    """
    right = np.log(3 / 5)
    slips = {
        np.log(3): "that is the mutual information; five noise words are against it",
        np.log(3) + np.log(5): "more noise makes a pair less likely to be a true one",
        3 / 5: "these are the odds; the score is their logarithm",
        3 / 8: "that is the probability, 3 of 8; the score is the logarithm of the odds",
        np.log(3 / 8): "that is the logarithm of the probability; of the odds it is asked",
        0.75: "that is for three noise words, as a probability; there are five",
        np.log2(3 / 5): "that is in bits",
    }
    require_near(
        "score", score, right, slips, "for each true meeting, how many false ones?", near=0.006
    )
    return "log 3 - log 5: what counting writes into its table, less log k"


@check
def check_cut(held_out):
    """Break it: which pairs must not be said, so that milk tells nothing about water?

    Args:
        held_out: At most eight pairs (deed, thing) of the small world. Milk must still be
            drunk, water must still be mentioned, and nothing may lead from one to the other.
    """
    if isinstance(held_out, str) or not isinstance(held_out, Iterable):
        raise Miss(f"expected a list of pairs, got {type(held_out).__name__}")
    pairs = []
    for pair in held_out:
        if isinstance(pair, str) or not isinstance(pair, Iterable) or len(tuple(pair)) != 2:
            raise Miss(f'expected pairs like ("drink", "water"), got {str(pair)[:40]!r}')
        pairs.append(tuple(pair))
    said = sensible()
    for pair in pairs:
        if pair not in said:
            raise Miss(f"{str(pair)[:60]} is no pair of the small world, or it comes twice")
        said.remove(pair)
    if ("drink", "water") in said:
        raise Miss("water is still drunk: hold out (drink, water) to begin with")
    if ("drink", "milk") not in said:
        raise Miss("milk is no longer drunk: then there is nothing to carry over")
    if not any(thing == "water" for _, thing in said):
        raise Miss("nothing is ever done with water: a word that never comes has no company at all")
    way = _way(said)
    if way:
        raise Miss(
            f"a way is left: {' - '.join(way)}; what milk is drunk for still reaches the water"
        )
    if len(pairs) > MOST:
        raise Miss(f"the way is cut, with {len(pairs)} pairs; {MOST} are enough")
    return "nothing leads from drinking to water any more: to this network it might be a shoe"


def _way(said):
    """A shortest chain of words from "drink" to "water" in which neighbours are said together."""
    chains, seen = [["drink"]], {"drink"}
    while chains:
        longer = []
        for chain in chains:
            for pair in said:
                if chain[-1] in pair:
                    other = pair[1] if pair[0] == chain[-1] else pair[0]
                    if other == "water":
                        return [*chain, other]
                    if other not in seen:
                        seen.add(other)
                        longer.append([*chain, other])
        chains = longer
    return []
