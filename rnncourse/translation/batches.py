"""Pairs of sentences as arrays: what an encoder reads, what a decoder is given and must say.

Cast: pairs `("i drink milk", "je bois du lait")` come in; `vocabularies` collects their
words, `prepare` lays them out as ids `(N, S)` and `(N, T)`, and `sentences` makes words
again of what a decoder said. A side may be a text, which `split_words` takes apart, or a
list of words, which is left as it is: French parted after the apostrophe, say.

Padding is the id -1, on the right. No word has it, so nobody can take it for one, and
whoever reads an array finds the lengths in it: as many ids as are not negative.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from rnncourse.data.text import Vocabulary, join_words, split_words

__all__ = [
    "EOS",
    "GO",
    "PAD",
    "Prepared",
    "encode_sources",
    "join",
    "prepare",
    "sentences",
    "vocabularies",
    "words_of",
]

PAD = -1
GO, EOS = "<go>", "<eos>"


class Prepared(NamedTuple):
    """Pairs of sentences as ids, padded on the right with `PAD`.

    Attributes:
        source: What the encoder reads, `(N, S)` int32.
        lengths: Its words, `(N,)`.
        inputs: What the decoder is given: `<go>` and the target, `(N, T)` int32.
        targets: What it must say: the target and `<eos>`, `(N, T)` int32.
        mask: Where `targets` holds a word, `(N, T)` bool.
    """

    source: np.ndarray
    lengths: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    mask: np.ndarray

    def rows(self, chosen) -> "Prepared":
        """The pairs at `chosen`, indices or a slice, without columns of nothing but padding."""
        source, lengths, inputs, targets, mask = (array[chosen] for array in self)
        most, steps = int(lengths.max(initial=1)), int(mask.sum(axis=1).max(initial=1))
        columns = slice(0, steps)
        return Prepared(
            source[:, :most], lengths, inputs[:, columns], targets[:, columns], mask[:, columns]
        )


def words_of(side) -> list[str]:
    """The words of one side of a pair: a text is taken apart, a list of words is not.

    >>> words_of("I drink milk."), words_of(["j'", "aime", "le", "lait"])
    (['i', 'drink', 'milk', '.'], ["j'", 'aime', 'le', 'lait'])
    """
    return split_words(side) if isinstance(side, str) else list(side)


def vocabularies(pairs: Iterable) -> tuple[Vocabulary, Vocabulary]:
    """The words of the sources, and those of the targets with `<go>` and `<eos>`.

    Raises:
        TypeError: Something else than pairs of texts or lists of words.
        ValueError: No pairs, or a target that holds `<go>` or `<eos>`.

    >>> source, target = vocabularies([("I drink milk", "je bois du lait")])
    >>> target.words
    ('<eos>', '<go>', 'bois', 'du', 'je', 'lait')
    """
    sources, targets = _sides(pairs)
    return (
        Vocabulary(chain.from_iterable(sources)),
        Vocabulary(chain.from_iterable([GO, *words, EOS] for words in targets)),
    )


def prepare(pairs, source_vocabulary, target_vocabulary, *, reverse=True) -> Prepared:
    """Pairs as arrays of ids for training with teacher forcing.

    The decoder is given the target pushed back by one step: `<go>` stands where it must
    say the first word, the first word where it must say the second, and after the last
    one it must say `<eos>`.

    Args:
        pairs: `(source, target)`, each a text or a list of words; N of them.
        source_vocabulary: The words of the sources.
        target_vocabulary: Those of the targets, with `<go>` and `<eos>`.
        reverse: Hand the source over backwards, its last word first.

    Returns:
        `Prepared`, S and T as long as the longest needs.

    Raises:
        TypeError: Something else than pairs of texts or lists of words.
        ValueError: No pairs, an empty sentence, a word that is in no vocabulary, a target
            vocabulary without `<go>` or `<eos>`, a target that holds one of them.

    Source: Sutskever, Vinyals & Le (2014), arXiv:1409.3215; the drawing of source C.

    >>> pairs = [("I drink milk", "je bois du lait"), ("I run", "je cours")]
    >>> source, target = vocabularies(pairs)
    >>> ready = prepare(pairs, source, target)
    >>> source.decode(ready.source[0]), target.decode(ready.inputs[0])
    (['milk', 'drink', 'i'], ['<go>', 'je', 'bois', 'du', 'lait'])
    >>> ready.targets.tolist(), ready.source.tolist()
    ([[2, 3, 5, 6, 0], [2, 4, 0, -1, -1]], [[2, 1, 0], [3, 0, -1]])
    """
    go, eos = specials(target_vocabulary)
    sources, targets = _sides(pairs)
    source = encode_sources(sources, source_vocabulary, reverse=reverse)
    encoded = _encoded("target", targets, target_vocabulary)
    inputs = _padded([np.concatenate([[go], ids]) for ids in encoded])
    said = _padded([np.concatenate([ids, [eos]]) for ids in encoded])
    return Prepared(source, (source != PAD).sum(axis=1), inputs, said, said != PAD)


def encode_sources(sources, vocabulary: Vocabulary, *, reverse=True) -> np.ndarray:
    """Sentences as ids for the encoder, `(N, S)` int32.

    Args:
        sources: Texts or lists of words, N ≥ 1.
        vocabulary: Their words.
        reverse: The last word first; padding stays on the right.

    Raises:
        TypeError: No texts or lists of words.
        ValueError: No sentences, an empty one, or a word that is not in the vocabulary.

    >>> encode_sources(["b a", "a"], Vocabulary(["a", "a", "b"])).tolist()
    [[0, 1], [0, -1]]
    """
    if isinstance(sources, str):
        raise TypeError("`sources` must be a list of sentences, got one text: write [text]")
    encoded = _encoded("source", [words_of(side) for side in sources], vocabulary)
    return _padded([ids[::-1] if reverse else ids for ids in encoded])


def sentences(ids, vocabulary: Vocabulary) -> tuple[list[list[str]], np.ndarray]:
    """What a decoder said, as words: each row up to its first `<eos>`.

    Args:
        ids: `(B, L)` integers; padding counts as an end, too.
        vocabulary: Of the targets.

    Returns:
        `(words, ended)`: a list of words for each row, and whether its `<eos>` came, `(B,)`.

    >>> words, ended = sentences([[1, 0, 0], [1, 1, 1]], Vocabulary(["<eos>", "<eos>", "oui"]))
    >>> words, ended.tolist()
    ([['oui'], ['oui', 'oui', 'oui']], [True, False])
    """
    ids = np.asarray(ids)
    if ids.ndim != 2 or (ids.size and ids.dtype.kind not in "iu"):
        raise ValueError(
            f"`ids` must be integers (B, L), got {ids.dtype} {ids.shape}: greedy(...) gives them"
        )
    eos = vocabulary.words.index(EOS)
    over = (ids == eos) | (ids == PAD)
    first = np.where(over.any(axis=1), over.argmax(axis=1), ids.shape[1])
    words = [vocabulary.decode(row[:n]) for row, n in zip(ids, first)]
    return words, (ids == eos).any(axis=1)


def join(words: Iterable[str]) -> str:
    """Words for display: no space before `, . ? !`, none after an apostrophe that parts two words.

    >>> join(["j'", "aime", "l'", "eau", "."])
    "j'aime l'eau."
    """
    return join_words(words).replace("' ", "'")


def specials(vocabulary: Vocabulary) -> tuple[int, int]:
    """The ids of `<go>` and `<eos>`.

    Raises:
        ValueError: One of them is missing.
    """
    missing = [word for word in (GO, EOS) if word not in vocabulary]
    if missing:
        raise ValueError(
            f"`target_vocabulary` must hold {GO} and {EOS}, got none of {missing[0]}: "
            "vocabularies(pairs) puts them in"
        )
    go, eos = vocabulary.encode([GO, EOS]).tolist()
    return go, eos


def _sides(pairs) -> tuple[list[list[str]], list[list[str]]]:
    """The words of all sources and of all targets."""
    sources, targets = [], []
    for k, pair in enumerate(pairs):
        if isinstance(pair, str) or not (isinstance(pair, Sequence) and len(pair) == 2):
            raise TypeError(
                f"`pairs` must hold pairs (source, target), got {str(pair)[:60]!r} at {k}: "
                'write [("i drink milk", "je bois du lait")]'
            )
        source, target = map(words_of, pair)
        if GO in target or EOS in target:
            raise ValueError(
                f"`pairs` must hold targets without {GO} and {EOS}, got them at {k}: "
                "they are put in here"
            )
        sources.append(source)
        targets.append(target)
    if not sources:
        raise ValueError("`pairs` must hold at least one pair, got none: pass a list of pairs")
    return sources, targets


def _encoded(name, sides, vocabulary) -> list[np.ndarray]:
    if not sides:
        raise ValueError(f"`{name}s` must hold at least one sentence, got none: pass a list")
    encoded = []
    for k, words in enumerate(sides):
        if not words:
            raise ValueError(
                f"a {name} must hold at least one word, got none in sentence {k}: leave it out"
            )
        encoded.append(vocabulary.encode(words))
    return encoded


def _padded(rows) -> np.ndarray:
    """Rows of unequal length as `(N, longest)` int32, filled up with `PAD` on the right."""
    filled = np.full((len(rows), max(map(len, rows))), PAD, np.int32)
    for k, row in enumerate(rows):
        filled[k, : len(row)] = row
    return filled
