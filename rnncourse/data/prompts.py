"""From whatever somebody types to the three words that a network reads.

Cast: a prompt of any length comes in; `three_words` returns the words to read and what
had to be done to find them, or says which word it does not know and what it may have
been.
"""

import re

from rnncourse.data.spelling import Spelling
from rnncourse.data.text import MARKS, Vocabulary, split_words

__all__ = ["READ", "PromptError", "require_known", "require_words", "three_words", "typed_words"]

READ = 3
SHOWN = 30
SHOWN_WORDS = 3
# What a key such as an arrow sends to a program: the escape character and what belongs to it.
KEYS = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b(?:O[A-Z])?")


class PromptError(ValueError):
    """A prompt that cannot be read; the text says what to do."""


def three_words(prompt: str, vocabulary: Vocabulary, tokens) -> tuple[list[str], list[str]]:
    """The three words to read of a prompt, and what had to be done to find them.

    Of more than three words the last three are read. To fewer the story's own are
    added: those after the first place where they stand in it, or after the first place
    of the last of them, or, if nothing follows there, its first word. Escape sequences
    of a terminal are left out.

    Args:
        prompt: Any text.
        vocabulary: The words there are.
        tokens: The story.

    Returns:
        `(words, notes)`: three known words, and sentences for the reader.

    Raises:
        PromptError: No words, or one that is not known; the message names the nearest,
            and says so if none is near.

    >>> story = split_words("long ago, the mice had a council")
    >>> three_words("the mice", Vocabulary(story), story)[0]
    ['the', 'mice', 'had']
    """
    words = typed_words(prompt)
    if not words:
        raise PromptError("there are no words in this: try three, such as 'the mice looked'")
    notes = []
    if len(words) > READ:
        notes.append(f"only the last three of {len(words):,} words are read")
    words = words[-READ:]
    require_known(words, vocabulary)
    added = []
    while len(words) < READ:
        word, where = _next_in_story(words, tokens)
        added.append(f"{word!r}, which {where}")
        words.append(word)
    if added:
        notes.append("three words are needed: added " + ", and ".join(added))
    return words, notes


def typed_words(text: str) -> list[str]:
    """The words that somebody typed; escape sequences of a terminal are left out.

    >>> typed_words("the mice\x1b[A looked")
    ['the', 'mice', 'looked']
    """
    return split_words(KEYS.sub(" ", text) if isinstance(text, str) else text)


def require_words(text: str) -> list[str]:
    """The words that somebody typed, at least one of which is more than a mark.

    Raises:
        PromptError: There are none.
    """
    words = typed_words(text)
    if all(word in MARKS for word in words):
        raise PromptError("there are no words in this: try a sentence, such as 'I drink milk'")
    return words


def require_known(words, vocabulary: Vocabulary) -> None:
    """Check that a vocabulary has all of `words`.

    Raises:
        PromptError: One is not known; the message names the nearest of each.

    >>> require_known(["mouze"], Vocabulary(["mouse", "cat"]))
    Traceback (most recent call last):
    rnncourse.data.prompts.PromptError: 'mouze' is not among its words, the nearest is 'mouse'
    """
    unknown = [word for word in dict.fromkeys(words) if word not in vocabulary]
    if unknown:
        complaints = []
        for word in unknown[:SHOWN_WORDS]:
            near = _near(word, vocabulary)
            complaints.append(f"{_printable(word)} is not among its words, {near}")
        if len(unknown) > SHOWN_WORDS:
            complaints.append(f"and {len(unknown) - SHOWN_WORDS:,} more are not")
        raise PromptError("; ".join(complaints))


def _next_in_story(words, tokens):
    """What follows `words` in the story, or their last word alone, and a clause that says so."""
    for tail in (words, words[-1:]):
        n = len(tail)
        for k in range(len(tokens) - n):
            if tokens[k : k + n] == tail:
                return tokens[k + n], f"comes after {' '.join(tail)!r} in the story"
    return tokens[0], "begins the story"


def _near(word, vocabulary):
    """A clause with the words spelt most like this one; near means two letters in three alike."""
    word = word[:SHOWN]
    nearest = vocabulary.nearest(word)
    near = [
        known
        for known in nearest
        if 3 * Spelling([known]).distances(word)[0] <= max(len(word), len(known))
    ]
    verb = "is" if len(near or nearest) == 1 else "are"
    clause = f"the nearest {verb} " + ", ".join(map(repr, near or nearest))
    return clause if near else f"and none of them is near it ({clause})"


def _printable(word):
    """A word as one may show it in a terminal: quoted, short, without control characters."""
    return repr(word if len(word) <= SHOWN else word[:SHOWN] + "…")
