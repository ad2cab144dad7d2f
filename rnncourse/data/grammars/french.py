"""English sentences and their French, from a grammar in which each has exactly one.

"the small black cat does not drink milk" is "le petit chat noir ne boit pas de lait".
Articles, adjectives and verbs agree, "not" goes round the verb and leaves "de" behind
it, "him" moves before it, and words lean on the next one ("l'eau", "qu'il"). Where
English leaves something open the grammar fixes it: "you" is "tu", "child" is a boy,
"they" is "ils" unless it stands for a feminine noun; "I am", "you are" and "we are" go
with adjectives that are alike for both genders.

Cast: `sample` draws sentences, `pairs` gives them as two lists of words each, and
`split` parts them so that some *combinations* (I + drink + milk) never occur in training
although every word does.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from numbers import Real
from typing import NamedTuple

import numpy as np

from rnncourse.data.grammars.french_clauses import SINGERS, Sentence, Writer
from rnncourse.data.grammars.french_words import ADJECTIVES, NOUNS, PRONOUNS, VERBS
from rnncourse.shapes import require_integer

__all__ = ["Sentence", "Split", "combinations", "hold_out", "pairs", "sample", "split"]

Pair = tuple[tuple[str, ...], tuple[str, ...]]


class Split(NamedTuple):
    """Pairs to train on and to test with, and the combinations that only the latter have."""

    train: list[Pair]
    test: list[Pair]
    held_out: frozenset[tuple[str, ...]]


def sample(
    count: int,
    seed,
    *,
    max_words: int = 8,
    min_words: int = 2,
    wanted: Callable[[Sentence], bool] | None = None,
) -> list[Sentence]:
    """Different sentences, about as many of each length.

    Args:
        count: How many.
        seed: A seed, or a NumPy random generator.
        max_words: Words of the longest English sentence, at least 2.
        min_words: Words of the shortest.
        wanted: Says of a sentence whether to keep it; `None` keeps all.

    Returns:
        Always the same for a seed.

    Raises:
        ValueError: No integers, out of range, or fewer such sentences than asked for.

    >>> english, french, met = sample(1, seed=5)[0]
    >>> " ".join(english), " ".join(french), sorted(met)
    ('the small girl works', 'la petite fille travaille', [('girl', 'work'), ('small', 'girl')])
    """
    count = require_integer("count", count, 0, "ask for some sentences")
    min_words = require_integer("min_words", min_words, 2, "no sentence is shorter")
    max_words = require_integer("max_words", max_words, min_words, "no less than `min_words`")
    chances, found, tries = _chances(np.random.default_rng(seed)), {}, 0
    while len(found) < count:
        room = min_words + int(next(chances) * (max_words + 1 - min_words))
        sentence = Writer(chances.__next__, room).sentence()
        fits = min_words <= len(sentence.english) <= max_words
        if fits and (wanted is None or wanted(sentence)):
            found.setdefault(sentence.english, sentence)
        tries += 1
        if tries > 1_000 + 200 * count:
            raise ValueError(
                f"`count` must be no more than there are, got {count} of {min_words} to "
                f"{max_words} words and found {len(found)}: ask for fewer, or longer sentences"
            )
    return list(found.values())


def pairs(count: int = 20_000, seed=0, *, max_words: int = 8, min_words: int = 2) -> list[Pair]:
    """Sentences of the grammar as `(English words, French words)`; see `sample`."""
    return [found[:2] for found in sample(count, seed, max_words=max_words, min_words=min_words)]


def combinations(words: int = 3) -> list[tuple[str, ...]]:
    """What content words the grammar lets meet.

    Args:
        words: 3 for who does what to what, (noun or pronoun, verb, noun); 2 for
            (adjective, noun), (noun, verb) and (verb, noun).

    Raises:
        ValueError: Another number.

    >>> len(combinations()), len(combinations(2))
    (1214, 327)
    """
    if words not in (2, 3):
        raise ValueError(f"`words` must be 2 or 3, got {words!r}: 3 is who does what to what")
    found = {(a, noun) for a, about in ADJECTIVES.items() for noun in about.nouns.split()}
    triples = set()
    for verb, about in VERBS.items():
        upon = about.objects.split()
        found |= {(verb, noun) for noun in upon}
        triples |= {(who, verb, noun) for who in PRONOUNS for noun in upon}
        for noun, described in NOUNS.items():
            beast = described.kind == "animal" and about.beasts is not None
            if described.kind == "person" or beast:
                if verb != "sing" or noun in SINGERS:
                    found.add((noun, verb))
                upon = (about.beasts if beast else about.objects).split()
                triples |= {(noun, verb, other) for other in upon if other != noun}
    return sorted(found if words == 2 else triples)


def hold_out(
    seed, share: float = 0.1, words: int = 3, always: Iterable[tuple[str, ...]] | None = None
) -> frozenset[tuple[str, ...]]:
    """Draw combinations to keep for a test.

    Every word keeps at least half of its combinations, and of three words every two do.

    Args:
        seed: A seed, or a NumPy random generator.
        share: Of all combinations, more than 0, at most 0.3.
        words: How many words make a combination, see `combinations`.
        always: Combinations that are held out whatever the seed; if `None`, that I, or
            with two words that anybody, drink milk.

    Raises:
        ValueError: Numbers out of range, or combinations that the grammar does not have.

    >>> ("i", "drink", "milk") in hold_out(seed=1)
    True
    """
    if isinstance(share, bool) or not (isinstance(share, Real) and 0 < share <= 0.3):
        raise ValueError(f"`held_out` must be a share above 0, at most 0.3, got {share!r}: try 0.1")
    rng, possible = np.random.default_rng(seed), combinations(words)
    held = {("i", "drink", "milk")[-words:]} if always is None else set(always)
    if strange := sorted(held - set(possible)):
        raise ValueError(
            f"`always` must be combinations of the grammar, got {strange[0]}: combinations() "
            "lists them"
        )
    had = Counter(part for combination in possible for part in _parts(combination))
    left = had - Counter(part for combination in held for part in _parts(combination))
    for i in rng.permutation(len(possible)):
        if len(held) >= share * len(possible):
            break
        parts = _parts(possible[i])
        if possible[i] not in held and all(2 * (left[part] - 1) >= had[part] for part in parts):
            held.add(possible[i])
            left.subtract(parts)
    return frozenset(held)


def split(
    seed,
    held_out: float = 0.1,
    *,
    words: int = 3,
    train: int = 20_000,
    test: int = 1_000,
    max_words: int = 8,
    min_words: int = 2,
    always: Iterable[tuple[str, ...]] | None = None,
) -> Split:
    """Part the language by combinations of words.

    No training sentence has one of the combinations that are held out, every test sentence
    has at least one, and every form in the test, English or French, stands in the training
    part. With three words a network may have read "i drink water" and "she drinks milk",
    but nothing in which I drink milk; with two, nothing in which anybody does.

    Args:
        seed: Decides what is held out and which sentences are drawn.
        held_out: Share of the combinations, more than 0, at most 0.3, see `hold_out`.
        words: How many words make a combination, see `combinations`.
        train: Number of training pairs.
        test: Number of test pairs.
        max_words: Words of the longest English sentence.
        min_words: Words of the shortest.
        always: As for `hold_out`.

    Raises:
        ValueError: No integers, out of range, or combinations that the grammar does not have.

    >>> parts = split(seed=0, train=2_000, test=100)
    >>> ("i", "drink", "milk") in parts.held_out, len(parts.train), len(parts.test)
    (True, 2000, 100)
    """
    rng = np.random.default_rng(seed)
    held = hold_out(rng, held_out, words, always)
    about = {"max_words": max_words, "min_words": min_words}
    learnt = sample(train, rng, wanted=lambda s: held.isdisjoint(s.combinations), **about)
    seen = [{word for s in learnt for word in s[side]} for side in (0, 1)]

    def new_but_known(sentence):
        known = seen[0].issuperset(sentence.english) and seen[1].issuperset(sentence.french)
        return known and not held.isdisjoint(sentence.combinations)

    tested = sample(test, rng, wanted=new_but_known, **about)
    return Split([s[:2] for s in learnt], [s[:2] for s in tested], held)


def _parts(combination):
    """The words of a combination, each at its place, and if there are three every two."""
    placed = list(enumerate(combination))
    return placed + (list(itertools.combinations(placed, 2)) if len(placed) == 3 else [])


def _chances(rng):
    """Numbers in [0, 1) without end."""
    while True:
        yield from rng.random(4096).tolist()
