"""From whatever somebody types to the three words that a network reads.

Cast: a prompt of any length comes in; `three_words` returns the words to read and what
had to be done to find them, or says which word it does not know and what it may have
been.
"""

from rnncourse.data.text import Vocabulary, split_words

__all__ = ["READ", "PromptError", "three_words"]

READ = 3
SHOWN = 30


class PromptError(ValueError):
    """A prompt that cannot be read; the text says what to do."""


def three_words(prompt: str, vocabulary: Vocabulary, tokens) -> tuple[list[str], list[str]]:
    """The three words to read of a prompt, and what had to be done to find them.

    Of more than three words the last three are read. To fewer the story's own are
    added: those after the first place where they stand in it, or after the first place
    of the last of them.

    Args:
        prompt: Any text.
        vocabulary: The words there are.
        tokens: The story.

    Returns:
        `(words, notes)`: three known words, and sentences for the reader.

    Raises:
        PromptError: No words, or one that is not known; the message names the nearest.

    >>> story = split_words("long ago, the mice had a council")
    >>> three_words("the mice", Vocabulary(story), story)
    (['the', 'mice', 'had'], ["three words are needed: added 'had', as in the story"])
    """
    words = split_words(prompt)
    if not words:
        raise PromptError("there are no words in this: try three, such as 'the mice looked'")
    notes = []
    if len(words) > READ:
        notes.append(f"only the last three of {len(words):,} words are read")
    words = words[-READ:]
    unknown = [word for word in dict.fromkeys(words) if word not in vocabulary]
    if unknown:
        complaints = []
        for word in unknown:
            near = ", ".join(map(repr, vocabulary.nearest(word[:SHOWN])))
            complaints.append(f"{_printable(word)} is not among its words, the nearest are {near}")
        raise PromptError("; ".join(complaints))
    added = []
    while len(words) < READ:
        added.append(_next_in_story(words, tokens))
        words.append(added[-1])
    if added:
        shown = " ".join(added)
        notes.append(f"three words are needed: added {shown!r}, as in the story")
    return words, notes


def _next_in_story(words, tokens):
    """What follows `words` where the story first has them, or else their last word."""
    for tail in (words, words[-1:]):
        n = len(tail)
        for k in range(len(tokens) - n):
            if tokens[k : k + n] == tail:
                return tokens[k + n]
    return tokens[0]


def _printable(word):
    """A word as one may show it in a terminal: quoted, short, without control characters."""
    return repr(word if len(word) <= SHOWN else word[:SHOWN] + "…")
