"""Which words stand near which: the pairs that word vectors are learned from.

Cast: a stream of ids `(N,)` comes in, and a window w. `skip_gram_pairs` makes pairs
`(N', 2)` of a word and one of its neighbours, `cbow_pairs` the 2w neighbours `(N', 2w)` and
the word between them `(N',)`. `join_sentences` lays many sentences end to end and keeps
in mind which word is of which. NumPy alone.
"""

import numpy as np

from rnncourse.shapes import require_ids, require_integer

__all__ = ["cbow_pairs", "join_sentences", "skip_gram_pairs"]


def skip_gram_pairs(ids, window: int = 1, *, edges: bool = False) -> np.ndarray:
    """Each word with each of its neighbours, one pair a row.

    Args:
        ids: A stream, `(N,)`.
        window: w, how far a neighbour may stand to the left or to the right.
        edges: Whether words with fewer than w neighbours on one side have a turn, too. The
            sources leave them out, as the first TensorFlow tutorial did; word2vec keeps them.

    Returns:
        `(P, 2)` of int32, centre and context: centres in the order of the stream, contexts
        from left to right. Without the edges P = 2w (N - 2w); a stream too short has none.

    Raises:
        TypeError: No integers.
        ValueError: Wrong rank, or no window.

    Source: source C, "(quick, the), (quick, brown), (brown, quick), (brown, fox), …".

    >>> words = "the quick brown fox".split()
    >>> [(words[centre], words[context]) for centre, context in skip_gram_pairs(range(4))]
    [('quick', 'the'), ('quick', 'brown'), ('brown', 'quick'), ('brown', 'fox')]
    """
    ids = require_ids("ids", ids).astype(np.int32)
    window = _require_window(window)
    first, last = (0, len(ids)) if edges else (window, len(ids) - window)
    centres = np.arange(first, max(first, last))[:, None]
    at = centres + _offsets(window)
    inside = (at >= 0) & (at < len(ids))
    centres = np.broadcast_to(centres, at.shape)
    return np.stack([ids[centres[inside]], ids[at[inside]]], axis=1)


def cbow_pairs(ids, window: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The neighbours of each word, from which it is to be guessed, and the word.

    Args:
        ids: A stream, `(N,)`.
        window: w, how many neighbours on each side.

    Returns:
        `(contexts, targets)`, `(P, 2w)` and `(P,)` of int32, in the order of the stream;
        P = N - 2w, since the first and the last w words lack a neighbour.

    Raises:
        TypeError: No integers.
        ValueError: Wrong rank, or no window.

    Source: source C, "([the, brown], quick), ([quick, fox], brown), …".

    >>> contexts, targets = cbow_pairs(range(4))
    >>> contexts.tolist(), targets.tolist()
    ([[0, 2], [1, 3]], [1, 2])
    """
    ids = require_ids("ids", ids).astype(np.int32)
    window = _require_window(window)
    centres = np.arange(window, max(window, len(ids) - window))
    return ids[centres[:, None] + _offsets(window)], ids[centres]


def join_sentences(sentences, size: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """All sentences as one stream, and the number of the sentence that each word is of.

    Args:
        sentences: A list of sentences, each a list or an array of ids; or a single stream
            of ids `(N,)`, which counts as one sentence. Empty sentences are passed over.
        size: V, the size of the vocabulary, if the ids are to be checked against it.

    Returns:
        `(ids, owners)`, `(N,)` of int32 each; owners go up from 0.

    Raises:
        TypeError: Words or other things that are no integers.
        ValueError: No word at all, or ids outside 0 … V - 1.

    >>> ids, owners = join_sentences([[3, 1], [2]])
    >>> ids.tolist(), owners.tolist()
    ([3, 1, 2], [0, 0, 1])
    """
    if isinstance(sentences, str | bytes):
        raise TypeError(
            "`sentences` must be lists of ids, got a text: split it into words and encode them"
        )
    if not hasattr(sentences, "__array__"):
        sentences = list(sentences)
        nested = any(not np.isscalar(sentence) for sentence in sentences[:1])
        sentences = [s for s in sentences if len(s)] if nested else [sentences]
    elif np.ndim(sentences) < 2:
        sentences = [sentences]
    if not len(sentences) or not len(sentences[0]):
        raise ValueError("`sentences` must hold at least one word, got none: pass some text")
    try:
        ids = np.concatenate([np.asarray(sentence) for sentence in sentences])
    except ValueError:
        raise TypeError(
            "`sentences` must be lists of ids, got lists within them: pass one list a sentence"
        ) from None
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    owners = np.repeat(np.arange(len(sentences), dtype=np.int32), lengths)
    return require_ids("sentences", ids, size).astype(np.int32), owners


def _offsets(window):
    """-w … -1, 1 … w."""
    steps = np.arange(-window, window + 1)
    return steps[steps != 0]


def _require_window(window):
    return require_integer("window", window, 1, "1 takes the word to the left and to the right")
