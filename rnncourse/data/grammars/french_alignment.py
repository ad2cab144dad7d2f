"""Which English word a French one stands for, as far as one word stands for one.

Cast: `alignment` takes a sentence and its French, as lists of words of the grammar, and
says for each French word the place of its English one: nouns, verbs, adjectives, adverbs,
joining words. Words that lean on others (articles, pronouns, "ne", "de", "que") stand for
none or for several, and are left open. `articles` finds both that matter for `le`, `la`,
`un` and `une`: the English article and the noun. `diagonal` is the guess of somebody who knows no
word of either language: as far along in the one as in the other.
"""

from collections.abc import Sequence

import numpy as np

from rnncourse.data.grammars.french_words import ADJECTIVES, NOUNS, VERBS

__all__ = ["alignment", "articles", "diagonal"]

SINGLE = {
    "not": "pas",
    "often": "souvent",
    "always": "toujours",
    "never": "jamais",
    "and": "et",
    "but": "mais",
    "because": "parce",
    "when": "quand",
    "near": "près",
    "behind": "derrière",
    "with": "avec",
    "today": "aujourd'hui",
    "every": "tous",
    "day": "jours",
    "morning": "matin",
    "evening": "soir",
}


def _lexicon():
    """English form → dictionary form, and French form → English dictionary form."""
    english = {word: word for word in SINGLE} | dict.fromkeys(("am", "is", "are"), "be")
    english["home"] = "house"  # "à la maison"
    french = {said: word for word, said in SINGLE.items()}
    french |= dict.fromkeys("suis es est sommes sont".split(), "be")
    for word, noun in NOUNS.items():
        english |= {word: word} | ({noun.many: word} if noun.many else {})
        french |= {form: word for form in (noun.french, noun.french_many) if form}
    for word, verb in VERBS.items():
        english |= {word: word, verb.third: word}
        french |= dict.fromkeys(verb.french.split(), word)
    for word, adjective in ADJECTIVES.items():
        english[word] = word
        forms = adjective.french.split() + ([adjective.vowel] if adjective.vowel else [])
        french |= dict.fromkeys(forms, word)
    return english, french


ENGLISH, FRENCH = _lexicon()


def alignment(english: Sequence[str], french: Sequence[str]) -> np.ndarray:
    """The place of the English word that each French word stands for, -1 where it is open.

    A word that comes more than once stands in both languages in the same order: French
    moves words within a phrase, never past another phrase.

    Args:
        english: S words.
        french: T words of its translation.

    Returns:
        `(T,)` int32, each -1 or in 0 … S - 1.

    Raises:
        ValueError: A word comes more often in one language than in the other.

    >>> alignment("the black cat does not drink".split(), "le chat noir ne boit pas".split())
    array([-1,  2,  1, -1,  5,  4], dtype=int32)
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(english):
        places.setdefault(ENGLISH.get(word, ""), []).append(place)
    found = np.full(len(french), -1, np.int32)
    said: dict[str, int] = {}
    for t, word in enumerate(french):
        meaning = FRENCH.get(word)
        if meaning is None:
            continue
        k = said[meaning] = said.get(meaning, 0) + 1
        if k > len(places.get(meaning, ())):
            raise ValueError(
                f"`french` must be the translation of `english`, got {word!r} {k} times: "
                f"English has {meaning!r} {len(places.get(meaning, ()))} times"
            )
        found[t] = places[meaning][k - 1]
    return found


def articles(english: Sequence[str], french: Sequence[str]) -> np.ndarray:
    """For each French word that is an article of one thing: the English article, and the noun.

    "the" tells that it is `le` or `la`, and the noun, which of the two.

    Returns:
        `(T, 2)` int32: places in 0 … S - 1 for `le`, `la`, `un` and `une` before a noun and its
        adjectives where English has "the", "a" or "an"; -1 elsewhere.

    >>> articles("the old cat sees a mouse".split(), "le vieux chat voit une souris".split())[0]
    array([0, 2], dtype=int32)
    """
    aligned, found = alignment(english, french), np.full((len(french), 2), -1, np.int32)
    for t, word in enumerate(french):
        if word not in ("le", "la", "un", "une"):
            continue
        noun = t + 1
        while noun < len(french) and FRENCH.get(french[noun]) in ADJECTIVES:
            noun += 1
        if noun == len(french) or FRENCH.get(french[noun]) not in NOUNS:
            continue
        article = aligned[noun]
        while article > 0 and ENGLISH.get(english[article - 1]) in ADJECTIVES:
            article -= 1
        if article > 0 and english[article - 1] in ("the", "a", "an"):
            found[t] = article - 1, aligned[noun]
    return found


def diagonal(source: int, target: int) -> np.ndarray:
    """The guess without a word known: `(target,)` places in 0 … source - 1, in step.

    >>> diagonal(3, 6).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    return ((np.arange(target) + 0.5) * source / target).astype(np.int32)
