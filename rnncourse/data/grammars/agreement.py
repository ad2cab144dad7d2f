"""Sentences whose last word agrees with a noun far away, and scenes in a bar.

Cast: `agreement` draws sentences of one length, "then Paul slept . the girl took
Helen , saw boats , and", whose next word is "she" or "he". What can be known of it
is computed from the grammar: `probability_of_she` for each sentence, `optimum` for
the share of right answers that the best guess gets, `names_alone` for somebody who
heard everything but the subject. `bar_scenes` are all the scenes that end with
"certainly", with the probabilities of what the bartender says next.
"""

from math import comb
from numbers import Real

import numpy as np

from rnncourse.shapes import require_finite, require_integer, require_numbers, require_rank

__all__ = [
    "ANSWERS",
    "BAR_WORDS",
    "SUBJECT",
    "WORDS",
    "agreement",
    "bar_scenes",
    "names_alone",
    "optimum",
    "probability_of_she",
]

SHE = ("girl", "woman", "Clare", "Helen")
HE = ("boy", "man", "Tom", "Paul")
EITHER = ("child", "Robin")
NOUNS = ("girl", "woman", "boy", "man", "child")  # they follow "the", names follow "then"
VERBS = ("took", "met", "saw", "heard", "passed")
THINGS = ("boats", "birds", "bells", "trains", "hills", "stars")
RESTS = ("slept", "sang", "waved")
WORDS = ("then", "the", ".", ",", "and", *SHE, *HE, *EITHER, *VERBS, *THINGS, *RESTS)
SUBJECT = 5  # step at which the subject's noun is heard
UNKNOWN = 0.1  # share of subjects whose gender their noun does not tell
NAMED = 0.2  # share of clauses whose object is a person
ALIKE = 0.6  # share of those persons who have the subject's gender

SCENE = "a {} walked into a bar , and {} said ' can I have a drink , please ? '"
SCENE += " the bartender said ' certainly ,"
ANSWERS = ("miss", "ma'am", "sir", "mister")
SAID_TO = {
    "girl": (0.8, 0.2, 0, 0),
    "woman": (0.3, 0.7, 0, 0),
    "man": (0, 0, 0.9, 0.1),
    "boy": (0, 0, 0.4, 0.6),
}
BAR_WORDS = tuple(
    dict.fromkeys(SCENE.replace("{}", "").split() + [*SAID_TO, "guest", "she", "he", "then"])
)


def agreement(examples: int, clauses: int, rng, named: float = NAMED):
    """Sentences that end with "and"; the next word is "she" or "he".

    An earlier scene, "then Paul slept .", has a subject of its own, which does not
    matter. The sentence has a subject, a girl, a woman, Clare or Helen, a boy, a man, Tom
    or Paul, and in one of ten cases a child or Robin, who may be either. Clauses of three
    words follow. One in five has a person as its object, and six of ten such persons have the
    subject's gender: they are a weak cue where the subject tells nothing, and a lure elsewhere.

    Args:
        examples: B.
        clauses: How many, at least 1; 3 · `clauses` words lie between the noun and "and".
        rng: A NumPy random generator, or a seed for one.
        named: Share of clauses whose object is a person; with 0 nothing between the noun and
            the pronoun tells anything.

    Returns:
        `(words, she)`: ids of `WORDS`, `(B, 3 · clauses + 7)`; 1 for "she" and 0 for "he",
        `(B,)`.

    Raises:
        ValueError: No integers, no share, or out of range.

    Source: "Clare took Helen …, and she" is from Adventures in Machine Learning (source A).

    >>> words, she = agreement(1, 2, rng=4)
    >>> " ".join(WORDS[i] for i in words[0]), she.tolist()
    ('then Paul waved . the boy passed birds , saw hills , and', [0])
    """
    require_integer("examples", examples, 1, "ask for at least one sentence")
    require_integer("clauses", clauses, 1, "the subject does something")
    _require_share(named)
    rng = np.random.default_rng(rng)
    words = np.empty((examples, SUBJECT + 3 * clauses + 2), int)
    _introduce(words[:, :2], rng)
    words[:, 2] = rng.choice(_ids(RESTS), examples)
    words[:, 3] = WORDS.index(".")
    she = _introduce(words[:, SUBJECT - 1 : SUBJECT + 1], rng)
    verbs, objects, commas = (words[:, SUBJECT + 1 + k : -1 : 3] for k in range(3))
    verbs[:] = rng.choice(_ids(VERBS), verbs.shape)
    objects[:] = rng.choice(_ids(THINGS), objects.shape)
    commas[:] = WORDS.index(",")
    met = rng.random(objects.shape) < named
    women = (rng.random(objects.shape) < ALIKE) == she[:, None]
    which = rng.integers(0, 2, objects.shape)
    persons = np.where(women, _ids(SHE[2:])[which], _ids(HE[2:])[which])
    objects[met] = persons[met]
    words[:, -1] = WORDS.index("and")
    return words, she.astype(int)


def probability_of_she(words):
    """What can be known: the probability that "she" comes next, given all words.

    Args:
        words: Sentences as `agreement` draws them, `(B, T)`.

    Returns:
        `(B,)`: 1 or 0 if the subject's noun tells; else Bayes' rule on the persons met.

    Raises:
        ValueError: Wrong rank, or no sentences of this grammar.

    >>> ids = [[WORDS.index(w) for w in "then Tom sang . the child met Clare , and".split()]]
    >>> probability_of_she(ids).round(2)
    array([0.6])
    """
    words = require_numbers("words", words)
    require_rank("words", words.shape, "BT")
    require_finite("words", words)
    subject = words[:, SUBJECT : SUBJECT + 1]
    known = {name: np.isin(words, _ids(group)) for name, group in (("she", SHE), ("he", HE))}
    told = np.isin(subject, _ids(SHE + HE + EITHER))
    if words.shape[1] % 3 != 1 or words.shape[1] < SUBJECT + 5 or not told.all():
        raise ValueError(
            f"`words` must hold sentences of this grammar, {SUBJECT + 2} + 3 words for each clause "
            f"and a person at step {SUBJECT}, got shape {words.shape}: draw them with agreement()"
        )
    more = np.sum(known["she"][:, SUBJECT + 1 :], 1) - np.sum(known["he"][:, SUBJECT + 1 :], 1)
    odds = (ALIKE / (1 - ALIKE)) ** more.astype(float)
    sure = np.isin(subject, _ids(SHE + HE))[:, 0]
    return np.where(sure, known["she"][:, SUBJECT], odds / (1 + odds))


def names_alone(clauses: int, named: float = NAMED) -> float:
    """How often the best guess is right of somebody who heard all but the subject.

    The number of persons among the objects is binomial, and so is, given the subject's
    gender, the number of women among them.

    Args:
        clauses: At least 1.
        named: Share of clauses whose object is a person.

    Raises:
        ValueError: No integer, no share, or out of range.

    >>> round(names_alone(1), 3), round(names_alone(20), 3)
    (0.52, 0.652)
    """
    require_integer("clauses", clauses, 1, "the subject does something")
    _require_share(named)
    right = 0.0
    for n in range(clauses + 1):
        met = comb(clauses, n) * named**n * (1 - named) ** (clauses - n)
        for women in range(n + 1):
            if_she, if_he = (p**women * (1 - p) ** (n - women) for p in (ALIKE, 1 - ALIKE))
            right += met * comb(n, women) * max(if_she, if_he) / 2
    return right


def optimum(clauses: int, named: float = NAMED) -> float:
    """The share of right answers that nobody can beat, at this number of clauses.

    Args:
        clauses: At least 1.
        named: Share of clauses whose object is a person.

    Raises:
        ValueError: No integer, no share, or out of range.

    >>> round(optimum(20), 3)
    0.965
    """
    return 1 - UNKNOWN + UNKNOWN * names_alone(clauses, named)


def bar_scenes():
    """Every scene in the bar, and what the bartender says next.

    Who comes in is a girl, a woman, a man, a boy, or a guest of whom nothing is known;
    who speaks is "she", "he", or "then", which tells nothing. A guest is any of the four
    with equal probability, until "she" or "he" leaves two.

    Returns:
        `(words, probabilities)`: ids of `BAR_WORDS`, `(11, T)`, and the probability of each of
        `ANSWERS`, `(11, 4)`.

    Source: the scene is from Adventures in Machine Learning (source A); the bartender's
    habits are made up.

    >>> words, probabilities = bar_scenes()
    >>> " ".join(BAR_WORDS[i] for i in words[0][:10]), probabilities[0].tolist()
    ('a girl walked into a bar , and she said', [0.8, 0.2, 0.0, 0.0])
    """
    women, men = ("girl", "woman"), ("man", "boy")
    scenes = [(who, "she", [who]) for who in women] + [(who, "he", [who]) for who in men]
    scenes += [(who, "then", [who]) for who in women + men]
    scenes += [("guest", "she", women), ("guest", "he", men), ("guest", "then", women + men)]
    words = [[BAR_WORDS.index(w) for w in SCENE.format(*s[:2]).split()] for s in scenes]
    return np.array(words), np.array([np.mean([SAID_TO[w] for w in s[2]], axis=0) for s in scenes])


def _ids(words):
    return np.array([WORDS.index(word) for word in words])


def _require_share(named):
    if isinstance(named, bool) or not isinstance(named, Real) or not 0 <= named <= 1:
        raise ValueError(f"`named` must be a share from 0 to 1, got {named!r}: 0 is nobody")


def _introduce(places, rng):
    """Write "the" or "then" and a noun into `places (B, 2)`; whether it is a she, `(B,)`."""
    examples = len(places)
    she, told = rng.random(examples) < 0.5, rng.random(examples) >= UNKNOWN
    of_four, of_two = rng.integers(0, 4, examples), rng.integers(0, 2, examples)
    noun = np.where(she, _ids(SHE)[of_four], _ids(HE)[of_four])
    noun = np.where(told, noun, _ids(EITHER)[of_two])
    places[:, 1] = noun
    places[:, 0] = np.where(np.isin(noun, _ids(NOUNS)), WORDS.index("the"), WORDS.index("then"))
    return she
