"""Short film reviews with a verdict, and how well the verdict can be known from the words.

"acting superb and moving , plot not dull but ending flat ." A review speaks of one to
three things, and of each it has an opinion. Without a "but" each opinion agrees with the
verdict five times in six, on its own. With a "but" before the last one, only that one
counts, and it agrees nineteen times in twenty. An opinion is an adjective, or two joined by
"and", or "not" and an adjective of the other side.

Cast: `sample` draws reviews with their verdicts; `probability_of_good` knows the grammar
and says what a review gives away; `bayes_rate` is the share of verdicts that the best
reader gets right; `mixed_up` makes of reviews a text of the same words in which the
company of an adjective tells nothing of its side.
"""

from bisect import bisect
from collections import Counter
from functools import cache
from itertools import accumulate, product

import numpy as np

from rnncourse.shapes import require_integer

__all__ = [
    "BAD",
    "GOOD",
    "LONGEST",
    "THINGS",
    "WORDS",
    "bayes_rate",
    "mixed_up",
    "opinions",
    "probability_of_good",
    "sample",
]

THINGS = ("acting", "plot", "music", "ending", "dialogue", "camera", "cast", "pace")
# The k-th words of both lists are equally frequent; twins, for `mixed_up`.
GOOD = tuple(
    """good great superb moving funny fresh brilliant charming gripping witty tender bold
    lively clever honest graceful vivid warm subtle rich daring crisp elegant inspired
    luminous playful stirring radiant shrewd hypnotic sublime dazzling joyous poignant
    masterly magical sparkling winning zesty exquisite""".split()
)
BAD = tuple(
    """bad awful dull flat silly stale dreadful boring tedious clumsy bland timid
    lifeless stupid false awkward vague cold crude thin predictable muddled ugly listless
    murky leaden tiresome dreary shallow numbing dismal tacky joyless mawkish
    amateurish lazy plodding grating insipid hideous""".split()
)
STRONG = ("very", "quite")
WORDS = tuple(sorted({*THINGS, *GOOD, *BAD, *STRONG, "not", "and", "but", ",", "."}))
SIDE = dict.fromkeys(GOOD, 1) | dict.fromkeys(BAD, -1)
TWIN = dict(zip(GOOD + BAD, BAD + GOOD))
CLAUSES = (0.3, 0.35, 0.35)  # one, two, three
FORMS = ("plain", "strong", "pair", "not")
CLAUSE_LIMITS = list(accumulate(CLAUSES))
FORM_LIMITS = list(accumulate((0.4, 0.1, 0.25, 0.25)))
RANK_LIMITS = (np.cumsum(1 / np.arange(2, 42)) / np.sum(1 / np.arange(2, 42))).tolist()
BUT = 0.5  # share, among reviews of two or three clauses, that end on a "but"
AGREES, AGREES_AFTER_BUT = 5 / 6, 19 / 20
LONGEST = 3 * 5  # three clauses of a thing and three words, each with the mark after it


def sample(reviews: int, seed) -> tuple[list[list[str]], np.ndarray]:
    """Draw reviews; half of the verdicts are good.

    Args:
        reviews: N.
        seed: A seed, or a NumPy random generator.

    Returns:
        `(reviews, good)`: N lists of at most `LONGEST` words, and `(N,)` integers, 1 for
        good and 0 for bad; always the same for a seed.

    Raises:
        TypeError: `reviews` is no integer.
        ValueError: `reviews` is negative.

    >>> reviews, good = sample(1, seed=4)
    >>> " ".join(reviews[0]), int(good[0])
    ('acting daring , pace not stale .', 1)
    """
    reviews = require_integer("reviews", reviews, 0, "ask for some")
    rng = np.random.default_rng(seed)
    good = rng.integers(2, size=reviews)
    chances = _chances(rng)
    return [_review(chances, 2 * verdict - 1) for verdict in good.tolist()], good


def _chances(rng):
    """Numbers between 0 and 1 without end; drawn one by one they would take ten times as long."""
    while True:
        yield from rng.random(1024).tolist()


def _pick(chances, limits):
    return min(bisect(limits, next(chances)), len(limits) - 1)


def _review(chances, verdict):
    """The words of one review; the verdict is 1 or -1."""
    clauses = 1 + _pick(chances, CLAUSE_LIMITS)
    but = clauses > 1 and next(chances) < BUT
    odds = [0.5] * (clauses - 1) + [AGREES_AFTER_BUT] if but else [AGREES] * clauses
    things, words = list(THINGS), []
    for k, agrees in enumerate(odds):
        thing = things.pop(int(next(chances) * len(things)))
        side = verdict if next(chances) < agrees else -verdict
        last = k == clauses - 1
        mark = "." if last else "but" if but and k == clauses - 2 else ","
        words += [thing, *_opinion(chances, side), mark]
    return words


def _opinion(chances, side):
    form = FORMS[_pick(chances, FORM_LIMITS)]
    words = GOOD if (side > 0) != (form == "not") else BAD
    first = second = words[_pick(chances, RANK_LIMITS)]
    if form == "pair":
        while second == first:
            second = words[_pick(chances, RANK_LIMITS)]
        return [first, "and", second]
    front = {"strong": STRONG[int(next(chances) * len(STRONG))], "not": "not"}.get(form)
    return [front, first] if front else [first]


def opinions(review) -> tuple[list[int], bool]:
    """What a review says of each thing, 1 or -1, and whether the last comes after a "but".

    Raises:
        TypeError: No list of words.
        ValueError: Words that are no review.

    >>> opinions("acting superb and moving , plot not dull but ending flat .".split())
    ([1, 1, -1], True)
    """
    if isinstance(review, str) or not all(isinstance(word, str) for word in review):
        raise TypeError("`review` must be a list of words: split the text first")
    words, found = list(review), []
    clauses, clause = [], []
    for word in words:
        clause.append(word)
        if word in (",", "but", "."):
            clauses.append(clause)
            clause = []
    marks = [clause[-1] for clause in clauses]
    order = not clause and marks and set(marks[:-2]) <= {","} and marks[-1] == "."
    if not order or len(clauses) > len(CLAUSES):
        raise _no_review(words)
    for thing, *opinion, _ in clauses:
        adjectives = [SIDE[word] for word in opinion if word in SIDE]
        rest = [word for word in opinion if word not in SIDE]
        plain = thing in THINGS and 1 <= len(adjectives) <= 2
        if not plain or opinion[-1] not in SIDE or len(set(adjectives)) > 1:
            raise _no_review(words)
        if len(adjectives) == 2 and (rest != ["and"] or opinion[1] != "and"):
            raise _no_review(words)
        if len(adjectives) == 1 and (len(rest) > 1 or not {*rest} <= {"not", *STRONG}):
            raise _no_review(words)
        found.append(-adjectives[0] if rest == ["not"] else adjectives[0])
    return found, len(marks) > 1 and marks[-2] == "but"


def _no_review(words):
    return ValueError(
        f"`review` must be a review of the grammar, got {' '.join(words)[:60]!r}: "
        "sample(1, seed) draws one"
    )


def probability_of_good(review) -> float:
    """The probability that the verdict is good, for who reads these words and knows the grammar.

    Raises:
        As `opinions`.

    >>> round(probability_of_good("plot not dull but ending flat .".split()), 2)
    0.05
    """
    found, but = opinions(review)
    if but:
        found, agrees = found[-1:], AGREES_AFTER_BUT
    else:
        agrees = AGREES
    up, down = (np.prod([agrees if o == side else 1 - agrees for o in found]) for side in (1, -1))
    return float(up / (up + down))


@cache
def bayes_rate() -> float:
    """The share of verdicts that the best reader gets right, exact: over all opinions there are.

    >>> round(bayes_rate(), 4)
    0.8904
    """
    total = 0.0
    for clauses, share in enumerate(CLAUSES, start=1):
        but = BUT if clauses > 1 else 0.0
        plain = 0.0
        for agree in product((True, False), repeat=clauses):
            n = Counter(agree)
            odds = [AGREES ** n[s] * (1 - AGREES) ** n[not s] for s in (True, False)]
            # Each pattern is met under either verdict; the better guess is right with the larger.
            plain += max(odds) / 2
        total += share * (but * AGREES_AFTER_BUT + (1 - but) * plain)
    return total


def mixed_up(reviews, seed) -> list[list[str]]:
    """The same reviews with each adjective left as it is, or put in its twin's place, by a coin.

    Every word stays as frequent and stands between the same words as before, but whether
    it is good or bad shows in nothing any more.

    Args:
        reviews: Lists of words.
        seed: A seed, or a NumPy random generator.

    >>> mixed_up([["plot", "not", "dull", "."]], seed=2)
    [['plot', 'not', 'superb', '.']]
    """
    rng = np.random.default_rng(seed)
    return [
        [TWIN[w] if w in TWIN and rng.random() < 0.5 else w for w in review] for review in reviews
    ]
