import gzip

import numpy as np
import pytest

from rnncourse.reproduce import records, wikipedia
from rnncourse.word_vectors.lent import wikipedia_vectors

SETTINGS = {"least": 2, "piece": 5, "dimensions": 4, "window": 2, "epochs": 1}


def test_frequent_words_get_vectors_and_the_most_frequent_comes_first(tmp_path):
    (tmp_path / "text8-head").mkdir()
    (tmp_path / wikipedia.TEXT).write_text(" the cat the bell once the cat bell" * 30 + " rare")
    words, vectors = wikipedia.train_wikipedia(SETTINGS, folder=tmp_path)
    assert words == ["the", "bell", "cat", "once"] and vectors.shape == (4, 4)


def test_without_the_text_it_says_where_to_find_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="first 6,877,824 characters of text8"):
        wikipedia.train_wikipedia(folder=tmp_path)


def test_the_written_file_has_two_decimals_and_no_negative_zero(tmp_path):
    path = tmp_path / "two.gz"
    wikipedia.write_vectors(["a", "b", "c"], np.array([[-0.001, 1.237], [2, 3], [4, 5]]), path, 2)
    assert gzip.decompress(path.read_bytes()) == b"2 2\na 0.00 1.24\nb 2.00 3.00\n"
    first = path.read_bytes()
    wikipedia.write_vectors(["a", "b", "c"], np.array([[-0.001, 1.237], [2, 3], [4, 5]]), path, 2)
    assert path.read_bytes() == first


def test_perfect_vectors_answer_what_is_asked():
    words = ["king", "queen", "man", "woman", "boy", "girl", "the"]
    royal, male, young, other = np.eye(4)
    vectors = [royal + male, royal - male, male, -male, young + male, young - male, other]
    found = wikipedia.judge(words, vectors)
    assert sum(found["asked"]) == sum(found["right"]) > 0
    assert found["queen"] == 0


def test_the_shipped_vectors_know_what_the_recipe_teaches():
    record = records.load("wikipedia-vectors")
    found = wikipedia.judge(*wikipedia_vectors())
    assert found["asked"] == record.values("asked")[0].tolist()
    for name in ("right", "right_of_all"):
        totals = record.values(name).sum(axis=1)
        assert 0.8 * totals.min() <= sum(found[name]) <= 1.2 * totals.max()


def test_most_answers_need_the_words_of_the_question_crossed_out():
    record = records.load("wikipedia-vectors")
    for end in ("", "_all"):
        left = record.values("right_of_all" + end).sum(axis=1)
        assert np.all(left < 0.35 * record.values("right" + end).sum(axis=1))
    assert np.all(record.values("queen") > 0)
