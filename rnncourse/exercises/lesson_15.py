"""Self-checks of lesson 15, Borrow vectors that others trained.

Cast: a number, a function or a pair of reviews from the reader in, `Feedback` out.
"""

from collections import Counter

import numpy as np

from rnncourse.data.grammars.reviews import probability_of_good
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_near,
    require_number,
    require_returned,
    require_whole,
)

WORDS, DIMENSIONS, LIMIT = 3_000_000, 300, 100_000
# Chosen so that each slip of `HOW`, and to exclude nothing, shows in one of the questions.
PLACES = np.array(
    [[-2, 0, 2], [5, 3, 5], [2, 5, -4], [12, 3, 15], [0, -12, 12], [5, 3, 3]], np.float64
)
QUESTIONS = ((0, 1, 2), (2, 3, 0), (1, 0, 3))
READ = {
    "first": "acting good , plot bad , music great .",
    "second": "acting good , music great but plot dull .",
    "third": "plot not awful .",
}


@check
def check_memory(number):
    """How many bytes do the first 100,000 of the GoogleNews vectors take in memory?"""
    got = require_whole("bytes", number, "3,000,000 words have 300 numbers each")
    right = LIMIT * DIMENSIONS * 4
    slips = {
        WORDS * DIMENSIONS * 4: "that is the whole file; `limit` reads the first 100,000 words",
        LIMIT * DIMENSIONS: "that is how many numbers there are; each is a float32",
        LIMIT * DIMENSIONS * 8: "eight bytes are a float64; the vectors are float32",
        LIMIT * DIMENSIONS * 2: "two bytes are a float16; the vectors are float32",
        right // 1_000_000: "that is in megabytes; give bytes",
        LIMIT * 4: "that is one number a word; each has 300",
    }
    require_near("bytes", got, right, slips, "words × numbers × bytes of a number", near=0.5)
    return "120 megabytes instead of 3.6 gigabytes: what is not kept costs nothing"


@check
def check_analogy(analogy):
    """Does `analogy(vectors, a, b, c)` find the id nearest to b - a + c, none of the three?

    Args:
        analogy: A function of `(V, D)` and three ids that returns an id.
    """
    require_function(analogy, "analogy(vectors, a, b, c)")
    for a, b, c in QUESTIONS:
        got = require_whole("id", require_returned(analogy(PLACES.copy(), a, b, c)))
        ranked = {name: _nearest(a, b, c, **how) for name, how in HOW.items()}
        if got == ranked["right"]:
            continue
        if got in (a, b, c):
            raise Miss(
                f"for a={a}, b={b}, c={c} the answer is {got}, a word of the question: the custom "
                "is to exclude all three"
            )
        if not 0 <= got < len(PLACES):
            raise Miss(f"expected an id of 0 to {len(PLACES) - 1}, got {got}")
        for name, slip in ranked.items():
            if got == slip:
                raise Miss(f"for a={a}, b={b}, c={c} expected {ranked['right']}, got {got}: {name}")
        raise Miss(f"for a={a}, b={b}, c={c} expected {ranked['right']}, got {got}")
    return "b - a + c, the cosine to every word, and the three of the question left out"


def _nearest(a, b, c, unit=True, cosine=True, sign=1):
    rows = PLACES / np.linalg.norm(PLACES, axis=1, keepdims=True) if unit else PLACES
    aim = rows[b] + sign * (rows[c] - rows[a])
    near = rows @ aim
    if cosine:
        near = near / np.linalg.norm(rows, axis=1)
    near[[a, b, c]] = -np.inf
    return int(np.argmax(near))


HOW = {
    "right": {},
    "the longest vector wins a product; divide by the lengths": {"unit": False, "cosine": False},
    "bring all vectors to length 1 before you add them": {"unit": False},
    "that is the word nearest to b - c + a": {"sign": -1},
}


@check
def check_verdicts(numbers):
    """What three reviews of the grammar give away: the probabilities that the verdict is good.

    Args:
        numbers: Three numbers between 0 and 1, in the order of the page.
    """
    numbers = list(numbers)
    if len(numbers) != len(READ):
        raise Miss(f"expected three numbers, got {len(numbers)}")
    slips = {
        "first": {2 / 3: "two of three opinions are good, but each is right five times in six"},
        "second": {
            19 / 20: "that is the probability of the other verdict: the plot is dull",
            5 / 6: "after a but, only the last opinion tells",
            1 / 6: "after a but the last opinion agrees nineteen times in twenty",
        },
        "third": {1 / 6: "not awful is praise"},
    }
    for (name, text), number in zip(READ.items(), numbers):
        right = probability_of_good(text.split())
        require_near(
            name, number, right, slips[name], "how often is each opinion right?", share=True
        )
    return "one good and one bad opinion cancel; a but silences what came before"


@check
def check_interval(half_width):
    """Half of the width of a 95% interval around 0.75, measured on 40 sentences.

    Args:
        half_width: A number.
    """
    right = 1.96 * np.sqrt(0.75 * 0.25 / 40)
    slips = {
        right / 1.96: "that is the standard error; the interval reaches 1.96 of them",
        2 * right: "that is the whole width",
        1.96 * np.sqrt(0.75 * 0.25 / 200): "that is for 200 sentences; 160 of them are trained on",
        1.96 * 0.75 * 0.25 / 40: "the root is missing",
        1.96 * np.sqrt(0.75 * 0.25): "divide by the number of sentences under the root",
    }
    require_near("half_width", half_width, right, slips, "√(p (1 - p) / n)", near=2e-3)
    return "0.75 ± 0.13: of two readers that differ by five points nobody can tell the better one"


@check
def check_same_words(one, other):
    """Break it: two reviews of the same words, the likelier verdict on one good, on the other bad.

    Args:
        one: A review of the grammar, as a text.
        other: Another.
    """
    for name, text in (("one", one), ("other", other)):
        if not isinstance(text, str):
            raise Miss(f"expected a text for `{name}`, got {type(text).__name__}")
    words = [text.split() for text in (one, other)]
    verdicts = []
    for name, review in zip(("one", "other"), words):
        try:
            verdicts.append(probability_of_good(review))
        except ValueError:
            raise Miss(
                f"`{name}` is no review of the grammar: {' '.join(review)[:60]!r}; a thing, an "
                "opinion, then a comma, a but or a full stop, each with spaces around it"
            ) from None
    counts = [Counter(review) for review in words]
    if counts[0] != counts[1]:
        odd = sorted(((counts[0] - counts[1]) + (counts[1] - counts[0])).elements())
        raise Miss(f"they must have the same words, and {odd[0]!r} is not as often in both")
    if words[0] == words[1]:
        raise Miss("they are the same review; change the order")
    if (verdicts[0] - 0.5) * (verdicts[1] - 0.5) >= 0:
        shown = " and ".join(f"{require_number('p', p):.2f}" for p in verdicts)
        raise Miss(f"the verdicts are good with {shown}: one must lie above a half, one below")
    return "who counts words must say the same of both, and is wrong about one of them"
