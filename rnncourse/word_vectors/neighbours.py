"""Who stands near whom among word vectors, and analogies: a is to b as c is to what?

Cast: vectors `(V, D)`, one a word, and ids. Near means a large cosine: the length of a
vector does not count. `nearest` lists the words nearest to one, `analogy` those nearest to
b - a + c, `analogy_accuracy` asks many such questions. NumPy alone.
"""

import numpy as np

from rnncourse.shapes import (
    require_finite,
    require_ids,
    require_integer,
    require_numbers,
    require_rank,
)

__all__ = ["analogy", "analogy_accuracy", "answers_right", "nearest"]

AT_ONCE = 2**25  # similarities in memory, 128 MiB of float32


def nearest(vectors, id: int, k: int = 10, *, exclude: bool = True):
    """The k words with the largest cosine to one of them.

    Args:
        vectors: `(V, D)`.
        id: The word.
        k: How many; fewer come if there are not so many.
        exclude: Whether the word itself is left out.

    Returns:
        `(ids, cosines)`, `(k,)` each, the nearest first.

    Raises:
        TypeError: No numbers, or no integer.
        ValueError: Wrong rank, not finite, or an id outside 0 … V - 1.

    >>> ids, cosines = nearest([[1, 0], [3, 0], [0, 1], [-1, 0]], 0, k=2)
    >>> ids.tolist(), cosines.tolist()
    ([1, 2], [1.0, 0.0])
    """
    unit = _as_directions(vectors)
    query = require_ids("id", [id], len(unit))
    return _first(unit, unit[query], query[None] if exclude else None, k)


def analogy(vectors, a: int, b: int, c: int, k: int = 1, *, exclude: bool = True):
    """a is to b as c is to what? The words nearest to b - a + c, of vectors of length one.

    "man is to king as woman is to …": `analogy(vectors, man, king, woman)`.

    Args:
        vectors: `(V, D)`.
        a: The word to come from.
        b: The word to come to.
        c: The word to go from in the same direction.
        k: How many answers.
        exclude: Whether a, b and c are no answers. It is the custom; without it the
            nearest word is most often b or c itself.

    Returns:
        `(ids, cosines)`, `(k,)` each, the nearest first.

    Raises:
        As `nearest`.

    Source: Mikolov, Yih & Zweig (2013), https://aclanthology.org/N13-1090.

    >>> man, woman, king, queen = [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]
    >>> int(analogy([man, woman, king, queen], 0, 2, 1)[0][0])
    3
    """
    unit = _as_directions(vectors)
    question = require_ids("a, b, c", [a, b, c], len(unit))[None]
    return _first(unit, _aims(unit, question), question if exclude else None, k)


def analogy_accuracy(vectors, questions, *, exclude: bool = True) -> float:
    """The share of questions (a, b, c, d) to which `analogy` answers d.

    Args, errors: As of `answers_right`.

    >>> words = [[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]
    >>> analogy_accuracy(words, [[0, 1, 2, 3], [0, 2, 1, 3]])
    1.0
    """
    return float(np.mean(answers_right(vectors, questions, exclude=exclude)))


def answers_right(vectors, questions, *, exclude: bool = True) -> np.ndarray:
    """To which questions (a, b, c, d) `analogy` answers d, `(Q,)` of bool.

    Args:
        vectors: `(V, D)`.
        questions: Ids `(Q, 4)`.
        exclude: As of `analogy`.

    Raises:
        TypeError: No numbers, or no integers.
        ValueError: Wrong rank, not finite, no questions, or ids outside 0 … V - 1.

    >>> words = [[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]
    >>> answers_right(words, [[0, 1, 2, 3], [0, 1, 2, 1]])
    array([ True, False])
    """
    unit = _as_directions(vectors)
    questions = np.asarray(questions)
    if questions.ndim != 2 or questions.shape[1] != 4 or not len(questions):
        raise ValueError(
            f"`questions` must have shape (Q, 4), got {questions.shape}: "
            "four ids for each, a is to b as c is to d"
        )
    ids = require_ids("questions", questions.ravel(), len(unit)).reshape(-1, 4)
    rows, answers = max(1, AT_ONCE // len(unit)), []
    for first in range(0, len(ids), rows):
        asked = ids[first : first + rows, :3]
        near = _aims(unit, asked) @ unit.T
        if exclude:
            np.put_along_axis(near, asked, -np.inf, axis=1)
        answers.append(near.argmax(axis=1))
    return np.concatenate(answers) == ids[:, 3]


def _as_directions(vectors):
    """Rows of length one, in float32; a row of zeros stays one."""
    vectors = require_numbers("vectors", vectors)
    require_rank("vectors", vectors.shape, "VD")
    require_finite("vectors", vectors)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _aims(unit, questions):
    """b - a + c of each question `(Q, 3)`, of length one."""
    a, b, c = unit[questions.T]
    aims = b - a + c
    lengths = np.linalg.norm(aims, axis=1, keepdims=True)
    return aims / np.where(lengths > 0, lengths, 1)


def _first(unit, aim, excluded, k):
    """The k best for one aim `(1, D)`."""
    k = require_integer("k", k, 1, "ask for at least one word")
    near = (aim @ unit.T)[0]
    if excluded is not None:
        near[excluded[0]] = -np.inf
    k = min(k, np.count_nonzero(near > -np.inf))
    best = np.argsort(-near, kind="stable")[:k]
    return best, near[best]
