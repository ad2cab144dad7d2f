"""Text in, text out: a translator is a model with the words it was trained on.

Cast: a text comes in, is taken apart into sentences and words, and goes through the model
in one call; a `Translation` is what came out, with notes on whatever the reader should know:
words put in the place of others, words that the training never set side by side, a sentence
that did not come to an end. A word that is not known is answered with those spelt like it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from rnncourse.data.prompts import PromptError, require_known, require_words
from rnncourse.data.text import Vocabulary
from rnncourse.shapes import require_integer
from rnncourse.translation.batches import encode_sources, join, sentences, specials
from rnncourse.translation.decoding import greedy
from rnncourse.translation.models import Seq2Seq

__all__ = ["Translation", "Translator", "neighbours"]

ENDS = ".?!"
LEFT_OUT = ",&%"
MOST_WORDS = 60  # of one sentence; more than a network that learned from ten can make sense of
SHORT_FORMS = {
    "i'm": "i am",
    "you're": "you are",
    "he's": "he is",
    "she's": "she is",
    "it's": "it is",
    "we're": "we are",
    "they're": "they are",
    "don't": "do not",
    "doesn't": "does not",
    "isn't": "is not",
    "aren't": "are not",
}


@dataclass(frozen=True)
class Translation:
    """What a translator made of a text.

    Attributes:
        text: The translation, as one reads it.
        source: The words that were read, of each sentence.
        words: The words that were said, of each sentence.
        ended: For each sentence: did the decoder say `<eos>`? Otherwise it was cut off.
        notes: What the reader should know.
    """

    text: str
    source: tuple[tuple[str, ...], ...]
    words: tuple[tuple[str, ...], ...]
    ended: tuple[bool, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The translation alone."""
        return self.text


class Translator:
    """A model, its two vocabularies, and how its sources are to be laid out.

    Attributes:
        model: A `Seq2Seq`.
        source_vocabulary: The words it reads.
        target_vocabulary: The words it says.
        reverse: Whether it was trained on sources that begin with their last word.
        max_length: Most words it may say in a sentence, `<eos>` included.
        met: Pairs of words that stood side by side in its training, or `None`.

    >>> from rnncourse.translation.batches import vocabularies
    >>> from rnncourse.translation.models import EncoderDecoder
    >>> words = vocabularies([("I drink milk", "je bois du lait")])
    >>> translator = Translator(EncoderDecoder.for_vocabularies(*words, units=8), *words)
    >>> translator.translate("I drink mikl")
    Traceback (most recent call last):
    rnncourse.data.prompts.PromptError: 'mikl' is not among its words, the nearest is 'milk'
    """

    def __init__(
        self,
        model: Seq2Seq,
        source_vocabulary: Vocabulary,
        target_vocabulary: Vocabulary,
        *,
        reverse=True,
        max_length=30,
        met: Iterable[tuple[str, str]] | None = None,
    ):
        """Put a trained model and its vocabularies together.

        Raises:
            ValueError: A model made for other vocabularies, or a length below 1.
            TypeError: No model.
        """
        if not isinstance(model, Seq2Seq):
            raise TypeError(
                f"`model` must be a Seq2Seq, got {type(model).__name__}: pass a trained one"
            )
        sizes = len(source_vocabulary), len(target_vocabulary), *specials(target_vocabulary)
        expected = model.source_size, model.target_size, model.go, model.eos
        if sizes != expected:
            raise ValueError(
                "the model must be made for these vocabularies, expected sizes and ids of <go> and "
                f"<eos> {expected}, got {sizes}: pass those that prepared its training"
            )
        self.model = model
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary
        self.reverse = bool(reverse)
        self.max_length = require_integer("max_length", max_length, 1, "one word is the least")
        self.met = None if met is None else frozenset(map(tuple, met))

    def translate(self, text: str) -> Translation:
        """Translate a text, sentence by sentence.

        Capitals do not matter. A point, a question mark or an exclamation mark ends a
        sentence and is carried over; commas are left out. Short forms such as "don't" are
        written out if the long ones are known.

        Raises:
            PromptError: No words, a word that is not known, or a sentence too long.
            TypeError: No text.
        """
        notes, parts = [], _parts(require_words(text))
        if any(mark == "," for words, _ in parts for mark in words):
            notes.append("commas are left out")
        read = [self._read(words, notes) for words, _ in parts]
        require_known([word for words in read for word in words], self.source_vocabulary)
        for words in read:
            if len(words) > MOST_WORDS:
                raise PromptError(
                    f"a sentence of {len(words):,} words is too long, "
                    f"{MOST_WORDS} are the most: make two of it"
                )
        notes += self._strange(read)
        said, ended = self._say(read)
        texts = []
        for words, over, (_, mark) in zip(said, ended, parts):
            texts.append(join(words) + (mark if over else " …"))
        if not all(ended):
            notes.append(f"no end came within {self.max_length} words: cut off at …")
        return Translation(
            " ".join(texts),
            tuple(map(tuple, read)),
            tuple(map(tuple, said)),
            tuple(bool(over) for over in ended),
            tuple(dict.fromkeys(notes)),
        )

    def translate_words(self, sources: Iterable[Iterable[str]]) -> list[list[str]]:
        """Translate many sentences, each a list of known words, in one call.

        Raises:
            ValueError: No sentences, an empty one, or a word that is not known.
        """
        return self._say([list(words) for words in sources])[0]

    def _say(self, read):
        ids = encode_sources(read, self.source_vocabulary, reverse=self.reverse)
        return sentences(greedy(self.model, ids, self.max_length), self.target_vocabulary)

    def _read(self, words, notes):
        """The words as the training wrote them: marks left out, short forms written out."""
        known, read = self.source_vocabulary, []
        for word in words:
            full = SHORT_FORMS.get(word, "").split()
            if word in known:
                read.append(word)
            elif full and all(part in known for part in full):
                read += full
                notes.append(f"{word!r} is read as {' '.join(full)!r}")
            elif word not in LEFT_OUT:
                read.append(word)
        return read

    def _strange(self, read):
        """A note for words side by side that never were so in training."""
        if self.met is None:
            return []
        new = [pair for words in read for pair in neighbours(words) if pair not in self.met]
        shown = [_spelled(*pair) for pair in dict.fromkeys(new)]
        if not shown:
            return []
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        return [f"never met in training: {', '.join(shown[:3])}{more}; this may be wrong"]


def neighbours(words: Iterable[str]) -> list[tuple[str, str]]:
    """All pairs of words side by side, the edges of the sentence being an empty word.

    >>> neighbours(["i", "run"])
    [('', 'i'), ('i', 'run'), ('run', '')]
    """
    words = ["", *words, ""]
    return list(pairwise(words))


def _spelled(first, second):
    """Two words side by side, for the reader."""
    if not first:
        return f"{second!r} as the first word"
    return f"'{first} {second}'" if second else f"{first!r} as the last word"


def _parts(typed):
    """Sentences, each as its words and the mark that ended it; those without words left out."""
    parts, words = [], []
    for word in [*typed, ""]:
        if word and word not in ENDS:
            words.append(word)
            continue
        if any(w not in LEFT_OUT for w in words):
            parts.append((words, word))
        words = []
    return parts
