import gzip

import numpy as np

from rnncourse.word_vectors.lent import WIKIPEDIA, wikipedia_vectors
from rnncourse.word_vectors.neighbours import nearest

WORDS, VECTORS = wikipedia_vectors()


def test_three_thousand_different_words_have_fifty_finite_numbers_each():
    assert len(set(WORDS)) == 3000
    assert VECTORS.shape == (3000, 50) and VECTORS.dtype == np.float32
    assert np.isfinite(VECTORS).all() and 0.2 < VECTORS.std() < 0.6


def test_the_file_is_small_plain_text_and_says_no_date():
    content = WIKIPEDIA.read_bytes()
    assert len(content) < 250_000
    assert content[4:8] == bytes(4)
    text = gzip.decompress(content).decode("ascii")
    assert text.startswith("3000 50\nthe ") and "-0.00" not in text


def test_gensim_opens_the_file_as_it_is():
    from gensim.models import KeyedVectors

    kv = KeyedVectors.load_word2vec_format(str(WIKIPEDIA))
    assert kv.index_to_key == WORDS and np.array_equal(kv.vectors, VECTORS)


def test_a_limit_keeps_the_most_frequent_words():
    words, vectors = wikipedia_vectors(limit=10)
    assert words == WORDS[:10] and np.array_equal(vectors, VECTORS[:10])


def test_numbers_lie_among_numbers_and_countries_among_countries():
    ids = {word: i for i, word in enumerate(WORDS)}
    for word, company in (
        ("two", {"three", "four", "five", "zero", "six", "one", "seven"}),
        ("france", {"spain", "germany", "portugal", "italy", "louis", "belgium"}),
    ):
        near, _ = nearest(VECTORS, ids[word], k=4)
        assert sum(WORDS[i] in company for i in near) >= 3
