"""How far one word is from another, letter by letter.

Cast: a word and a list of words go in, the number of changes to each comes out, `(V,)`.
"""

import unicodedata
from collections.abc import Sequence

import numpy as np

__all__ = ["Spelling"]

LONGEST = 64  # letters looked at, so that a word of a million does not take for ever


class Spelling:
    """A list of words that any other word can be compared with.

    >>> Spelling(["cat", "bell", "mice"]).distances("belt").tolist()
    [3, 1, 4]
    """

    def __init__(self, words: Sequence[str]):
        """Keep the letters of `words`, upper and lower case being the same."""
        plain = [_plain(word) for word in words]
        self._lengths = np.array([len(word) for word in plain], int)
        self._codes = np.zeros((self._lengths.max(initial=0), len(plain)), np.uint32)
        for i, word in enumerate(plain):
            self._codes[: len(word), i] = [ord(letter) for letter in word]

    def distances(self, word: str) -> np.ndarray:
        """How many letters must be put in, left out, changed or swapped with their neighbour.

        Args:
            word: Any text; only its first 64 letters count, and those of the others.

        Returns:
            Integers `(V,)`.

        Source: Damerau (1964), doi:10.1145/363958.363994, no letter being changed twice.
        """
        word, codes = [ord(letter) for letter in _plain(word)], self._codes
        # row[j] is the distance of what was read of `word` from the first j letters of each.
        first = np.arange(len(codes) + 1, dtype=np.uint8)  # no distance is above 64
        row = np.repeat(first[:, None], codes.shape[1], axis=1)
        above = row
        for i, letter in enumerate(word):
            before, above, row = above, row, np.full_like(row, i + 1)
            for j in range(1, len(row)):
                same = codes[j - 1] == letter
                best = np.minimum(above[j - 1] + ~same, np.minimum(above[j], row[j - 1]) + 1)
                if i > 0 and j > 1:
                    swapped = (codes[j - 2] == letter) & (codes[j - 1] == word[i - 1])
                    best = np.where(swapped, np.minimum(best, before[j - 2] + 1), best)
                row[j] = best
        return row[self._lengths, np.arange(codes.shape[1])].astype(int)


def _plain(word):
    return unicodedata.normalize("NFC", word[:LONGEST]).lower()[:LONGEST]
