"""Vectors that come with the course: 3,000 words of Wikipedia, 50 numbers each.

Cast: `wikipedia_vectors` reads them; `WIKIPEDIA` is the file, text in the format of
word2vec, compressed, which gensim opens as well. The recipe is `reproduce.wikipedia`.

The text they were trained on is the first 6.9 MB of text8, English Wikipedia as of March
2006, whose authors gave it under the GNU Free Documentation License and, since 2009, CC
BY-SA 3.0. The vectors are offered under CC BY-SA 3.0 as well.
"""

from pathlib import Path

from rnncourse.word_vectors.files import load_word2vec

__all__ = ["WIKIPEDIA", "wikipedia_vectors"]

WIKIPEDIA = Path(__file__).with_name("wikipedia_2006.txt.gz")


def wikipedia_vectors(limit: int | None = None):
    """The words and their vectors, the most frequent word first.

    Args:
        limit: How many; all 3,000 if `None`.

    Returns:
        `(words, vectors)`: a list of texts, and `(N, 50)` float32 with two decimals.

    Raises:
        As `load_word2vec`.

    >>> words, vectors = wikipedia_vectors(limit=3)
    >>> words, vectors.shape
    (['the', 'of', 'one'], (3, 50))
    """
    return load_word2vec(WIKIPEDIA, limit)
