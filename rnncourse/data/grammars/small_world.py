"""A small world in which it is written down what every word means.

"near his crown two kings sang a song once": "his" tells that it is a he, "two" that they
are several, "once" that it was before, "crown" who it was and "song" what was done. So
"kings" comes with the words of a he, of several, and of a crown; "queen" with those of a
she, of one, and of a crown. Whether vectors made from the text alone show this can be
checked word by word.

Cast: `sample` draws sentences, `features` says what each word means, `questions` are the
analogies that follow, with their right answers. `sayings` are sentences like "i drink milk",
without the pairs one holds out; `sensible` tells which pairs there are.
"""

from collections.abc import Iterable
from itertools import permutations

import numpy as np

from rnncourse.shapes import require_integer

__all__ = ["AXES", "features", "questions", "sample", "sayings", "sensible"]

# One of him, one of her, several of him, several of her; and what they stand near to.
PEOPLE = {
    ("king", "queen", "kings", "queens"): ("crown", "throne", "palace"),
    ("prince", "princess", "princes", "princesses"): ("pony", "castle", "ring"),
    ("man", "woman", "men", "women"): ("house", "axe", "bench"),
    ("boy", "girl", "boys", "girls"): ("school", "kite", "ball"),
    ("actor", "actress", "actors", "actresses"): ("stage", "mask", "curtain"),
    ("waiter", "waitress", "waiters", "waitresses"): ("tray", "napkin", "inn"),
    ("uncle", "aunt", "uncles", "aunts"): ("garden", "nephew", "armchair"),
    ("shepherd", "shepherdess", "shepherds", "shepherdesses"): ("sheep", "hill", "flute"),
}
# What one does, what several do, what was done, who does it; and with what.
DEEDS = {
    ("sings", "sing", "sang", "singer"): ("song", "tune"),
    ("walks", "walk", "walked", "walker"): ("road", "mile"),
    ("writes", "write", "wrote", "writer"): ("letter", "poem"),
    ("rides", "ride", "rode", "rider"): ("horse", "mule"),
    ("swims", "swim", "swam", "swimmer"): ("lake", "river"),
    ("bakes", "bake", "baked", "baker"): ("cake", "loaf"),
    ("dances", "dance", "danced", "dancer"): ("waltz", "polka"),
    ("paints", "paint", "painted", "painter"): ("picture", "fence"),
}
# What there is, and what it is like there; and where.
WEATHER = {
    ("wind", "windy"): ("mill", "harbour"),
    ("rain", "rainy"): ("street", "meadow"),
    ("salt", "salty"): ("sea", "soup"),
    ("dust", "dusty"): ("shelf", "attic"),
    ("smoke", "smoky"): ("fire", "chimney"),
    ("rock", "rocky"): ("cliff", "coast"),
    ("mud", "muddy"): ("ditch", "field"),
    ("sun", "sunny"): ("beach", "balcony"),
}
OWNERS = {"he": ("his", "tom's", "paul's"), "she": ("her", "clare's", "helen's")}
COUNTS = {"one": ("this", "one", "every"), "several": ("two", "many", "these")}
TIMES = {"now": ("now", "today", "often"), "before": ("yesterday", "once", "before")}
VERY, SOME = ("very", "so", "rather"), ("much", "some", "enough")
CALLS = ("ask", "meet", "thank")
SHARES = (0.6, 0.25, 0.15)  # of sentences about people, about the weather, about who did it

# Table, and the columns of it whose words an axis tells apart.
AXES = {
    "gender": (PEOPLE, ((0, 1), (2, 3))),
    "number": (PEOPLE, ((0, 2), (1, 3))),
    "tense": (DEEDS, ((1, 2),)),
    "adjective or noun": (WEATHER, ((0, 1),)),
    "verb or noun": (DEEDS, ((1, 3),)),
}

WHO = ("i", "you", "we", "they")
# What is done with things of a kind, and the things.
KINDS = {
    ("drink", "pour", "sip", "spill"): ("milk", "water", "tea", "juice", "cider", "coffee"),
    ("wear", "mend", "brush", "lend"): ("shoes", "coats", "gloves", "shirts", "hats", "socks"),
    ("eat", "chew", "slice", "warm"): ("bread", "rolls", "scones", "buns", "pies", "tarts"),
}


def sample(sentences: int, seed) -> list[list[str]]:
    """Sentences of the small world, each a list of six, seven or nine words.

    Six of ten are about people, one in four is about the weather, the others call
    for somebody. All choices are drawn one by one, each with equal chances.

    Args:
        sentences: How many.
        seed: A seed, or a NumPy random generator.

    Returns:
        The sentences, always the same for a seed.

    >>> for sentence in sample(3, seed=186):
    ...     print(" ".join(sentence))
    near clare's inn every waitress swam a lake before
    near the fire it is very smoky
    ask the dancer of the polka
    """
    sentences = require_integer("sentences", sentences, 0, "ask for some sentences")
    rng = np.random.default_rng(seed)
    kinds = rng.choice(3, size=sentences, p=SHARES).tolist()
    chances = rng.random((sentences, 10)).tolist()
    makers = (_about_people, _about_weather, _call)
    return [makers[kind](iter(chance)) for kind, chance in zip(kinds, chances)]


def _pick(options, chances):
    options = list(options)
    return options[int(next(chances) * len(options))]


def _about_people(chances):
    people, things = _pick(PEOPLE.items(), chances)
    deeds, takes = _pick(DEEDS.items(), chances)
    she, several, before = (int(2 * next(chances)) for _ in range(3))
    owner = _pick(list(OWNERS.values())[she], chances)
    count = _pick(list(COUNTS.values())[several], chances)
    when = _pick(list(TIMES.values())[before], chances)
    who, deed = people[2 * several + she], deeds[2 if before else several]
    near, take = _pick(things, chances), _pick(takes, chances)
    return ["near", owner, near, count, who, deed, "a", take, when]


def _about_weather(chances):
    words, places = _pick(WEATHER.items(), chances)
    place = _pick(places, chances)
    if next(chances) < 0.5:
        return ["near", "the", place, "there", "is", _pick(SOME, chances), words[0]]
    return ["near", "the", place, "it", "is", _pick(VERY, chances), words[1]]


def _call(chances):
    deeds, takes = _pick(DEEDS.items(), chances)
    return [_pick(CALLS, chances), "the", deeds[3], "of", "the", _pick(takes, chances)]


def features() -> dict[str, dict[str, str]]:
    """What each word of the tables means: word → feature → value.

    >>> features()["queens"]
    {'word': 'noun', 'of': 'king', 'gender': 'she', 'number': 'several'}
    >>> features()["swam"]
    {'word': 'verb', 'of': 'swim', 'tense': 'before'}
    """
    found = {}
    for people in PEOPLE:
        for k, word in enumerate(people):
            gender, number = list(OWNERS)[k % 2], list(COUNTS)[k // 2]
            found[word] = {"word": "noun", "of": people[0], "gender": gender, "number": number}
    for one, several, past, doer in DEEDS:
        verb = {"word": "verb", "of": several}
        found[one] = verb | {"tense": "now", "number": "one"}
        found[several] = verb | {"tense": "now", "number": "several"}
        found[past] = verb | {"tense": "before"}
        found[doer] = {"word": "noun", "of": several}
    for thing, like in WEATHER:
        found[thing] = {"word": "noun", "of": thing}
        found[like] = {"word": "adjective", "of": thing}
    return found


def questions(axis: str | None = None) -> list[tuple[str, str, str, str]]:
    """Analogies a : b = c : d, of which d is asked: every pair of pairs of an axis.

    Args:
        axis: One of `AXES`; all of them one after the other if `None`.

    Raises:
        ValueError: No such axis.

    >>> questions("gender")[0], len(questions("gender")), len(questions())
    (('king', 'queen', 'prince', 'princess'), 112, 392)
    """
    if axis is not None and axis not in AXES:
        raise ValueError(f"`axis` must be one of {', '.join(AXES)}, got {axis!r}: choose one")
    asked = []
    for name, (table, columns) in AXES.items():
        if axis in (None, name):
            for a, b in columns:
                pairs = [(words[a], words[b]) for words in table]
                asked += [(*one, *other) for one, other in permutations(pairs, 2)]
    return asked


def sensible() -> list[tuple[str, str]]:
    """All pairs of a deed and a thing it can be done to, ("drink", "milk") the first.

    >>> ("drink", "water") in sensible(), ("drink", "shoes") in sensible()
    (True, False)
    """
    return [(deed, thing) for deeds, things in KINDS.items() for deed in deeds for thing in things]


def sayings(sentences: int, seed, held_out: Iterable[tuple[str, str]] = ()) -> list[list[str]]:
    """Sentences such as "i drink milk", all pairs that are not held out as likely as another.

    Args:
        sentences: How many.
        seed: A seed, or a NumPy random generator.
        held_out: Pairs of a deed and a thing that no sentence has.

    Returns:
        Lists of three words.

    Raises:
        ValueError: A pair that there is not, or none left.

    >>> [" ".join(words) for words in sayings(3, seed=14, held_out=[("drink", "water")])]
    ['you pour coffee', 'i chew tarts', 'we lend socks']
    """
    sentences = require_integer("sentences", sentences, 0, "ask for some sentences")
    left, held_out = sensible(), [tuple(pair) for pair in held_out]
    for pair in held_out:
        if pair not in left:
            raise ValueError(
                f"`held_out` must hold different pairs of `sensible()`, got {pair!r}: "
                "a deed, and a thing of its kind"
            )
        left.remove(pair)
    if not left:
        raise ValueError("`held_out` must leave a pair to speak of, got all: hold out fewer")
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, len(left), sentences).tolist()
    return [[WHO[k], *left[pair]] for k, pair in zip(rng.integers(0, 4, sentences), pairs)]
