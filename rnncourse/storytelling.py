"""A network that has learned one story by heart goes on from whatever words it is given.

Cast: a `Storyteller` learns the fable in seconds; a prompt comes in, and it goes on from
its last three words; a `Tale` is what came out, with a mark on every word that stands in
the fable after the three before it, and one where the fable is over.
"""

import html
import textwrap
from dataclasses import dataclass

import keras

from rnncourse.data.contexts import contexts, followers
from rnncourse.data.corpora import fable
from rnncourse.data.prompts import READ, three_words
from rnncourse.data.text import Vocabulary, join_words, split_words
from rnncourse.generation import continue_words, windowed
from rnncourse.networks.next_words import NextWord, learn_windows, share_right

__all__ = ["Storyteller", "Tale"]

END = "here the fable ends"


@dataclass(frozen=True, repr=False)
class Tale:
    """What a storyteller made of a prompt.

    Attributes:
        read: The three words that were read.
        said: The words added.
        known: For each word added: does it stand in the story after the three before it?
        notes: What was done to a prompt that was not three words long.
        over: How many words were added when the story had come to its end; `None` if it
            never did.
    """

    read: tuple[str, ...]
    said: tuple[str, ...]
    known: tuple[bool, ...]
    notes: tuple[str, ...] = ()
    over: int | None = None

    @property
    def text(self) -> str:
        """The words read and the words added, as one reads them."""
        return join_words([*self.read, *self.said])

    @property
    def marked(self) -> str:
        """The words read, a bar, the words added; what the story does not say in brackets."""
        words = [word if known else f"[{word}]" for word, known in zip(self.said, self.known)]
        if self.over is not None:
            words.insert(self.over, f"({END})")
        return join_words(self.read) + " | " + join_words(words)

    def __repr__(self) -> str:
        """The same in lines, with the notes before them."""
        return "\n".join([*map(_note, self.notes), *textwrap.wrap(self.marked, 74)])

    def _repr_html_(self) -> str:
        """The same with what the story says underlined and what it does not say in bold."""
        words, end = "", f" <small>({END})</small>"
        for k, (word, known) in enumerate(zip(self.said, self.known)):
            words += end if k == self.over else ""
            shown = html.escape(word)
            marked = f"<u>{shown}</u>" if known else f'<b style="color: #A63C06">{shown}</b>'
            words += marked if word in ",.?!%" else f" {marked}"
        words += end if self.over == len(self.said) else ""
        notes = "".join(f"<br><small>{html.escape(_note(note))}</small>" for note in self.notes)
        style = "background: #F7F6F2; color: #1E2329; padding: .6em .9em; border-radius: 6px"
        return (
            f'<div style="{style}"><span style="color: #1A6C9B">'
            f"{html.escape(join_words(self.read))}</span>{words}{notes}</div>"
        )


class Storyteller:
    """A network with the fable in its weights.

    Attributes:
        tokens: The fable, word by word.
        vocabulary: Its words.
        network: Three ids → logits.
        losses: Of the training.
        right: The share of the fable's next words that it gets.

    >>> teller = Storyteller(updates=60)
    >>> print(teller.tell("long ago ,", words=4).text)
    long ago, the mice had a
    """

    def __init__(self, units=64, updates=150, seed=0, **options):
        """Learn the fable, all 201 windows of it in each update.

        Args:
            units: H of its one LSTM layer.
            updates: How many.
            seed: Of the random weights it begins with.
            **options: Of `rnncourse.training.loop.train`, such as `progress` and `jit`.
        """
        self.tokens = split_words(fable())
        self.vocabulary = Vocabulary(self.tokens)
        keras.utils.set_random_seed(seed)
        self.network = NextWord(len(self.vocabulary), keras.layers.LSTMCell(units))
        before, after = contexts(self.vocabulary.encode(self.tokens), READ)
        self.losses = learn_windows(self.network, before, after, updates, **options)
        self.right = share_right(self.network, before, after)
        self._followers = followers(self.tokens, READ)

    def tell(self, prompt: str, words=32, temperature=0.0, seed=0) -> Tale:
        """Go on from a prompt.

        Args:
            prompt: Any text.
            words: How many to add.
            temperature: As in `rnncourse.generation.continue_words`.
            seed: Of the draws, at a temperature above 0.

        Raises:
            PromptError: Words it does not know, or none.
            ValueError: Numbers out of range.
        """
        read, notes = three_words(prompt, self.vocabulary, self.tokens)
        step, ids = windowed(self.network, READ), self.vocabulary.encode(read)
        added = continue_words(step, ids, words, temperature=temperature, seed=seed)
        said = self.vocabulary.decode(added)
        whole = [*read, *said]
        known = [
            word in self._followers.get(tuple(whole[k : k + READ]), ())
            for k, word in enumerate(said)
        ]
        ends = (k for k in range(len(said) + 1) if whole[k : k + READ] == self.tokens[-READ:])
        return Tale(tuple(read), tuple(said), tuple(known), tuple(notes), next(ends, None))


def _note(note):
    return f"({note})"
