"""What stood before each word, and which words may follow.

Cast: tokens come in, words or ids. `contexts` cuts them into windows and what came
next, `(N, n)` and `(N,)`; `followers` counts what came after each window, and
`ceiling` says how many next words anyone can get who sees a window and nothing else.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from rnncourse.shapes import require_integer

__all__ = ["ceiling", "contexts", "followers"]


def contexts(ids, words: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Each window of `words` ids, and the id after it.

    Args:
        ids: A stream, `(N,)`.
        words: n, the width of the window.

    Returns:
        `(before, after)`, `(N - n, n)` and `(N - n,)`, in the order of the stream.

    Raises:
        TypeError: Anything but whole ids.
        ValueError: Another rank, a window that is no integer ≥ 1, or that leaves nothing to
            follow.

    >>> before, after = contexts([5, 0, 3, 4, 0], words=3)
    >>> before.tolist(), after.tolist()
    ([[5, 0, 3], [0, 3, 4]], [4, 0])
    """
    ids = np.asarray(ids)
    if ids.ndim != 1:
        raise ValueError(f"`ids` must have shape (N,), got {ids.shape}: pass one stream of ids")
    if ids.dtype.kind not in "iu":
        raise TypeError(f"`ids` must be integers, got dtype {ids.dtype}: encode the words first")
    words = _width(words, len(ids))
    windows = np.lib.stride_tricks.sliding_window_view(ids, words)[:-1]
    return windows.copy(), ids[words:].copy()


def followers(tokens: Iterable[Hashable], words: int = 3) -> dict[tuple, Counter]:
    """What came after each window, and how often.

    Args:
        tokens: Words or ids.
        words: The width of the window.

    Returns:
        Window → counts of the tokens that came next, in the order of the text.

    Raises:
        TypeError: A single text.
        ValueError: A window that is no integer ≥ 1, or that leaves nothing to follow.

    >>> followers("the cat and the mouse".split(), words=1)["the",]
    Counter({'cat': 1, 'mouse': 1})
    """
    tokens = _as_list(tokens)
    words = _width(words, len(tokens))
    found: dict[tuple, Counter] = {}
    for i, token in enumerate(tokens[words:]):
        found.setdefault(tuple(tokens[i : i + words]), Counter())[token] += 1
    return found


def ceiling(tokens: Iterable[Hashable], words: int = 3) -> tuple[int, int]:
    """How many next words can be told from windows, at best, and of how many.

    Whoever answers the same to the same window is right most often with the token
    that came most often.

    Returns:
        `(right, asked)`.

    Raises:
        As `followers`.

    >>> ceiling("the cat and the mouse".split(), words=1)
    (3, 4)
    """
    tokens = _as_list(tokens)
    right = sum(max(after.values()) for after in followers(tokens, words).values())
    return right, len(tokens) - int(words)


def _as_list(tokens) -> Sequence:
    if isinstance(tokens, str | bytes):
        raise TypeError(
            f"`tokens` must be a list of words or ids, got {type(tokens).__name__}: "
            "split_words(text) makes words, list(text) letters"
        )
    return tokens.tolist() if isinstance(tokens, np.ndarray) else list(tokens)


def _width(words, tokens):
    words = require_integer("words", words, 1, "one word is the least")
    if tokens <= words:
        raise ValueError(
            f"`words` must leave a word to follow, got {words} of {tokens} tokens: "
            "take a narrower window or a longer text"
        )
    return words
