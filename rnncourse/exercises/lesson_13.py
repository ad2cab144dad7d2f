"""Self-checks of lesson 13, Finish the fable.

Cast: a number, a function, a text or a tale from the reader in, `Feedback` out.
"""

from collections import Counter

import numpy as np

from rnncourse.data.contexts import ceiling, followers
from rnncourse.data.corpora import fable
from rnncourse.data.text import Vocabulary, split_words
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_number,
    require_returned,
)

TOKENS = split_words(fable())
PLACES = len(TOKENS) - 3
LISTS = {
    "a rhyme": "see saw see saw up and down see saw".split(),
    "the fable": TOKENS,
}


@check
def check_numbers(number):
    """Does `number(tokens)` give each word an id: the most frequent first, ties by alphabet?

    Args:
        number: A function of a list of words that returns a dictionary, word → id.
    """
    require_function(number, "number(tokens)")
    for name, tokens in LISTS.items():
        wanted = {word: i for i, word in enumerate(Vocabulary(tokens).words)}
        got = require_returned(number(list(tokens)))
        if not isinstance(got, dict):
            raise Miss(f"expected a dictionary, word → id, got {type(got).__name__}")
        if got.keys() != wanted.keys():
            raise Miss(f"expected {len(wanted)} words for {name}, got {len(got)}: each word once")
        if got == wanted:
            continue
        ids = sorted(got.values(), key=str)
        if ids != sorted(wanted.values(), key=str):
            raise Miss(f"the ids of {name} must be 0 to {len(wanted) - 1}, each once")
        counts = Counter(tokens)
        ranked = [counts[word] for word in sorted(got, key=got.get)]
        if ranked == sorted(ranked) and len(set(ranked)) > 1:
            raise Miss("the rarest word has id 0: begin with the most frequent one")
        if ranked != sorted(ranked, reverse=True):
            raise Miss(f"in {name} a rarer word stands before a more frequent one")
        if got == {word: i for i, (word, _) in enumerate(counts.most_common())}:
            raise Miss(
                "words that come equally often stand in the order of their first appearance, as "
                "in the tutorial; by alphabet the ids do not depend on the order of the text"
            )
        raise Miss(f"in {name}, words that come equally often do not stand by alphabet")
    return "75 of the 112 words come once: without a rule for ties two thirds of the ids are luck"


@check
def check_ambiguous(ambiguous):
    """Does `ambiguous(tokens, words)` find the windows that go on in more than one way?

    Args:
        ambiguous: A function that returns the windows, each as a tuple of words.
    """
    require_function(ambiguous, "ambiguous(tokens, words)")
    for name, tokens in LISTS.items():
        for words in (1, 2, 3):
            _check_windows(ambiguous, name, tokens, words)
    return "two of the fable's 197 windows of three words: where it forks"


def _check_windows(ambiguous, name, tokens, words):
    found = followers(tokens, words)
    wanted = {window for window, after in found.items() if len(after) > 1}
    got = list(require_returned(ambiguous(list(tokens), words)))
    for window in got:
        if not isinstance(window, tuple | list):
            raise Miss(f"expected each window as a tuple of words, got {str(window)[:40]!r}")
    got = [tuple(window) for window in got]
    if len(got) != len(set(got)):
        raise Miss(f"a window of {name} comes twice: name each once")
    where = f"{name}, {words} word{'s' * (words > 1)}"
    if set(got) == wanted:
        return
    if any(len(window) != words for window in got):
        raise Miss(f"{where}: expected tuples of {words}, got {got[0]!r}")
    if set(got) == {window for window, after in found.items() if sum(after.values()) > 1}:
        raise Miss(
            f"{where}: these are the windows that come more than once; if the same word follows "
            "each time, nothing is in doubt"
        )
    windows = Counter(tuple(tokens[k : k + words]) for k in range(len(tokens) - words + 1))
    if set(got) == {window for window, count in windows.items() if count > 1}:
        raise Miss(
            f"{where}: these are the windows that come more than once; if the same word follows "
            "each time, nothing is in doubt"
        )
    missing, extra = wanted - set(got), set(got) - wanted
    example = f"{sorted(missing)[0]!r} is missing" if missing else f"{sorted(extra)[0]!r} is not"
    raise Miss(f"{where}: expected {len(wanted)}, got {len(got)}; {example}")


@check
def check_strides(share):
    """What share of the tutorial's updates shows a window at a place that four divides?

    Args:
        share: Between 0 and 1. Each pass begins at a place drawn from 0 to 4 and goes on in
            strides of four to the end of the 201 windows.
    """
    share = require_number("share", share)
    passes = [np.arange(start, PLACES, 4) for start in range(5)]
    right = sum(np.sum(p % 4 == 0) for p in passes) / sum(len(p) for p in passes)
    slips = {
        0.25: "0, 1, 2, 3 and 4 are five beginnings, and two of them are divided by four",
        0.2: "the pass that begins at 4 is on those places as well",
        0.5: "of five beginnings two are divided by four",
        40.0: "that is the number of percent",
    }
    if abs(share - right) <= 0.006:
        return "two passes in five, so these windows are shown twice as often as the others"
    for slip, hint in slips.items():
        if abs(share - slip) <= 0.011:
            raise Miss(f"got {share:g}: {hint}")
    raise Miss(f"got {share:g}: list the passes that begin at 0, 1, 2, 3 and 4")


@check
def check_third_fork(text):
    """Break it: is this the fable with one word changed, so that three words settle less?

    Args:
        text: The changed fable.
    """
    if not isinstance(text, str):
        raise Miss(f"expected a text, got {type(text).__name__}")
    tokens = split_words(text)
    if len(tokens) != len(TOKENS):
        raise Miss(f"expected {len(TOKENS)} words, got {len(tokens)}: change one, remove none")
    changed = [k for k, (old, new) in enumerate(zip(TOKENS, tokens)) if old != new]
    if not changed:
        raise Miss(
            "nothing is changed: what was to be replaced does not stand in the text; a line of "
            "the fable may end between two words, write \\n there"
        )
    if len(changed) != 1:
        raise Miss(f"{len(changed)} words are changed: it takes one")
    right, asked = ceiling(tokens)
    (place,) = changed
    if right >= ceiling(TOKENS)[0]:
        raise Miss(
            f"with {tokens[place]!r} for {TOKENS[place]!r} three words settle {right} of {asked}: "
            "make three words in a row that stand elsewhere too, before another word"
        )
    return f"with {tokens[place]!r} for {TOKENS[place]!r} nobody gets more than {right} of {asked}"


@check
def check_floor(loss):
    """The least mean loss after three words of the fable, in nats, for 201 words asked.

    Args:
        loss: A number.
    """
    loss = require_number("loss", loss)
    right = 4 * np.log(2) / PLACES
    slips = {
        np.log(2): "that is the loss at a fork; at 197 of 201 places it can be zero",
        4 * np.log(2): "that is the sum over the places; divide by their number",
        2 * np.log(2) / PLACES: "each of the two windows stands in the fable twice",
        4 / PLACES: "that is in bits: with the natural logarithm a coin costs log 2",
        2 / PLACES: "that is the share of wrong answers; a coin costs log 2 each time it is tossed",
        0.0: "at two windows even the best answer is a coin toss",
    }
    if abs(loss - right) <= 2.5e-4:
        return f"{right:.4f} nats; four coins are tossed on the way through the fable"
    for slip, hint in slips.items():
        if abs(loss - slip) <= 2e-4:
            raise Miss(f"got {loss:.4g}: {hint}")
    raise Miss(f"got {loss:.4g}: at how many of the {PLACES} places is it in doubt?")


@check
def check_told(said):
    """Is this the whole fable, from its first word to its last?

    Args:
        said: A list of words.
    """
    if isinstance(said, str):
        said = split_words(said)
    if not isinstance(said, list | tuple | np.ndarray):
        raise Miss(f"expected a list of words, got {type(said).__name__}")
    said = [str(word) for word in said]
    for place, (word, wanted) in enumerate(zip(said, TOKENS)):
        if word != wanted:
            before = " ".join(TOKENS[max(0, place - 3) : place])
            again = [
                k
                for k in range(3, len(TOKENS))
                if TOKENS[k - 3 : k + 1] == [*TOKENS[place - 3 : place], word]
            ]
            hint = (
                ": there the fable has these words too; a wider window can tell the places apart"
                if place >= 3 and again
                else ": is it trained, and are the words those it was trained on?"
            )
            raise Miss(
                f"word {place + 1} is {word!r} and should be {wanted!r}, after {before!r}{hint}"
            )
    if len(said) < len(TOKENS):
        raise Miss(f"{len(said)} words, and all of them right: {len(TOKENS) - len(said)} to go")
    if len(said) > len(TOKENS):
        raise Miss(f"the fable ends after {len(TOKENS)} words, and here are {len(said)}")
    return f"from the first word to the last, all {len(TOKENS)} of them"
