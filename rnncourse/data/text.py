"""From text to words, from words to ids, from ids to batches.

Cast: `split_words` takes a text apart into tokens and `join_words` puts tokens
together for display; a `Vocabulary` gives each token an id, the most frequent one 0;
`rows` lays a stream of ids out in the rows of a batch, `(N,) → (B, T)`, and
`batch_producer` cuts the rows into pairs of inputs and targets, each `(n, B, T)`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import numpy as np

from rnncourse.data.series import in_rows, windows
from rnncourse.data.spelling import Spelling
from rnncourse.shapes import require_ids, require_integer

__all__ = ["Vocabulary", "batch_producer", "join_words", "rows", "split_words"]

SPECIAL = re.compile("(<unk>|<eos>)")
MARKS = ",.?!%&"
# Written with one letter for each kind of character, see `_kind`.
TOKEN = re.compile("[wd][wdm]*(?:(?:['-]|(?<=d)[.,:](?=d))[wd][wdm]*)*|sm*|[p.,]")
SAME = {"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u200b": " "}


def split_words(text: str) -> list[str]:
    """Take a text apart: words, numbers, punctuation marks.

    The text is brought into Unicode's composed form (NFC) and lower case first.
    A word is a run of letters, digits and their accents; an apostrophe, straight or
    curly, or a hyphen inside it belongs to it (`don't`, `south-west`), and so does a
    point, comma or colon between two digits (`10,000`, `4:00`). The marks
    `, . ? ! % &` are tokens of their own, and so is every symbol (`$`, `+`, an
    emoji). Every other mark parts words and is left out: quotation marks, brackets,
    semicolons, colons, dashes. Invisible characters are left out. `<unk>` and
    `<eos>` stay whole.

    Args:
        text: Any text. Languages that put no spaces between words are not taken apart.

    Returns:
        The tokens. Put together again, with `join_words` or with single spaces, and
        split once more, they are the same.

    Raises:
        TypeError: No text.

    >>> split_words("“You will all agree,” said he; it’s 4:00 now.")
    ['you', 'will', 'all', 'agree', ',', 'said', 'he', "it's", '4:00', 'now', '.']
    """
    if not isinstance(text, str):
        hint = "decode it first" if isinstance(text, bytes) else "split one text after the other"
        raise TypeError(f"`text` must be a text, got {type(text).__name__}: {hint}")
    visible = {
        ord(c): SAME.get(c, "") for c in set(text) if c in SAME or unicodedata.category(c) == "Cf"
    }
    text = unicodedata.normalize("NFC", text.translate(visible)).lower()
    tokens = []
    for part in SPECIAL.split(unicodedata.normalize("NFC", text)):
        if SPECIAL.fullmatch(part):
            tokens.append(part)
            continue
        kinds = part.translate({ord(c): _kind(c) for c in set(part)})
        tokens += [part[match.start() : match.end()] for match in TOKEN.finditer(kinds)]
    return tokens


def _kind(char):
    """One letter: word, digit, accent, symbol, punctuation; `-':.,` themselves; else a space."""
    if char in "-':.,":
        return char
    if char in MARKS:
        return "p"
    category = unicodedata.category(char)
    return (
        "d" if category == "Nd" else {"L": "w", "N": "w", "M": "m", "S": "s"}.get(category[0], " ")
    )


def join_words(tokens: Iterable[str]) -> str:
    """Put tokens together for display: single spaces, and none before `, . ? ! %`.

    >>> join_words(["who", "is", "to", "bell", "the", "cat", "?"])
    'who is to bell the cat?'
    """
    text = " ".join(_require_words("tokens", tokens))
    return re.sub(" (?=[,.?!%](?: |$))", "", text)


class Vocabulary:
    """The words there are, each with an id: the most frequent first, ties by alphabet.

    Attributes:
        words: The words in the order of their ids.
        counts: How often each one came, `(V,)`; of the unknown word, how many tokens
            it stands for.
        unknown: The word that stands for all others, or `None`.

    Source: the order is that of `build_vocab` in the language model of source A.

    >>> vocabulary = Vocabulary(split_words("the cat, the mice and the cat"))
    >>> vocabulary.words, vocabulary.encode(["the", "mice"])
    (('the', 'cat', ',', 'and', 'mice'), array([0, 4], dtype=int32))
    """

    def __init__(self, tokens: Iterable[str], size: int | None = None, unknown: str | None = None):
        """Count the words of a text.

        Args:
            tokens: The text, at least one token.
            size: V at most: the most frequent words are kept, `unknown` among them.
            unknown: The word that `encode` puts in the place of any other, or `None`
                to be told of them.

        Raises:
            TypeError: Tokens that are not text.
            ValueError: No tokens, or a size below 1.
        """
        counted = Counter(_require_words("tokens", tokens))
        if not counted:
            raise ValueError("`tokens` must hold at least one word, got none: pass a text")
        if size is not None:
            size = require_integer("size", size, 1, "None keeps every word")
        if unknown is not None and not isinstance(unknown, str):
            raise TypeError(f"`unknown` must be a word or None, got {unknown!r}: '<unk>' is usual")
        stands_for = counted.pop(unknown, 0)
        ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        if size is not None:
            kept = size - (unknown is not None)
            stands_for += sum(count for _, count in ranked[kept:])
            ranked = ranked[:kept]
        if unknown is not None:
            ranked.append((unknown, stands_for))
            ranked.sort(key=lambda item: (-item[1], item[0]))
        self.words = tuple(str(word) for word, _ in ranked)
        self.counts = np.array([count for _, count in ranked])
        self.unknown = unknown
        self._ids = {word: i for i, word in enumerate(self.words)}
        self._spelling = None

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word) -> bool:
        return isinstance(word, str) and word in self._ids

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.words[:3])) + (", …" if len(self) > 3 else "")
        return f"<Vocabulary of {len(self)} words: {shown}>"

    def encode(self, tokens: Iterable[str]) -> np.ndarray:
        """The ids of tokens, `(N,)` int32.

        Raises:
            TypeError: Tokens that are not text.
            ValueError: A word that is not known, if there is no unknown word; the
                message names the words that are spelt most like it.
        """
        tokens = _require_words("tokens", tokens)
        try:
            if self.unknown is None:
                ids = [self._ids[token] for token in tokens]
            else:
                other = self._ids[self.unknown]
                ids = [self._ids.get(token, other) for token in tokens]
        except KeyError as error:
            (word,) = error.args
            near = ", ".join(map(repr, self.nearest(word)))
            raise ValueError(
                "`tokens` must be words of the vocabulary, "
                f"got {word[:40]!r} at {tokens.index(word)}: "
                f"the nearest it has are {near}; or give it an `unknown` word"
            ) from None
        return np.array(ids, np.int32)

    def decode(self, ids) -> list[str]:
        """The words of ids.

        Args:
            ids: Integers `(N,)`, each in 0 … V - 1.

        Raises:
            TypeError: No integers.
            ValueError: Wrong rank, or an id that no word has.
        """
        ids = require_ids("ids", ids, size=len(self))
        return [self.words[i] for i in ids.tolist()]

    def nearest(self, word: str, k: int = 3) -> list[str]:
        """The `k` known words that are spelt most like `word`, the nearest first.

        Of two words equally far the more frequent one comes first.

        Raises:
            TypeError: No text.
            ValueError: `k` below 1.

        >>> Vocabulary(["cat", "bell", "mice"]).nearest("belt", k=1)
        ['bell']
        """
        if not isinstance(word, str):
            raise TypeError(f"`word` must be a text, got {type(word).__name__}: ask for one word")
        k = require_integer("k", k, 1, "ask for at least one word")
        self._spelling = self._spelling or Spelling(self.words)
        order = np.argsort(self._spelling.distances(word), kind="stable")
        return [self.words[i] for i in order[: k + 1] if self.words[i] != self.unknown][:k]


def rows(ids, batch_size: int) -> np.ndarray:
    """Lay a stream of ids out in rows: each row goes on where the one above it ends.

    Args:
        ids: Integers `(N,)`.
        batch_size: B, the number of rows.

    Returns:
        `(B, N // B)`; the remainder of up to B - 1 ids is left out.

    Raises:
        TypeError: No integers.
        ValueError: Wrong rank, or fewer ids than rows.

    >>> rows(range(1, 21), 3)[:, -1]
    array([ 6, 12, 18])
    """
    return in_rows(require_ids("ids", ids), batch_size)


def batch_producer(ids, batch_size: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs, and as targets the same ids one step ahead, batch after batch.

    Row b of batch k goes on in row b of batch k + 1. What is left of the rows when
    no whole batch fits any more is not used, nor are the ids that `rows` leaves out.

    Args:
        ids: Integers `(N,)`.
        batch_size: B.
        steps: T.

    Returns:
        `(x, y)`, each `(n, B, T)` with n = (N // B - 1) // T.

    Raises:
        TypeError: No integers.
        ValueError: Wrong rank, or too few ids for a single batch.

    Source: `batch_producer` of source A.

    >>> x, y = batch_producer(range(1, 21), 3, 2)
    >>> x[0].tolist(), y[0].tolist(), len(x)
    ([[1, 2], [7, 8], [13, 14]], [[2, 3], [8, 9], [14, 15]], 2)
    """
    laid = rows(ids, batch_size)
    if laid.shape[1] <= require_integer("steps", steps, 1, "one step is the least"):
        raise ValueError(
            f"`ids` must hold {steps + 1} for each of the {batch_size} rows, steps and one target, "
            f"got {laid.shape[1]}: make the stream longer, or the batch or `steps` smaller"
        )
    return windows(laid[:, :-1], steps), windows(laid[:, 1:], steps)


def _require_words(name, tokens):
    """`tokens` as a list of texts."""
    if isinstance(tokens, str | bytes) or not isinstance(tokens, Iterable):
        raise TypeError(
            f"`{name}` must be a list of words, got {type(tokens).__name__}: "
            "split_words(text) makes words, list(text) letters"
        )
    tokens = list(tokens)
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TypeError(
                f"`{name}` must hold texts, got {type(token).__name__} at {i}: "
                "turn each token into str"
            )
    return tokens
