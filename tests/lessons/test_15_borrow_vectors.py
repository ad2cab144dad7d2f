"""What lesson 15 says, for other weights, sizes and seeds than the page's."""

import tracemalloc

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from rnncourse.data.corpora import analogy_questions, polarity_lines
from rnncourse.data.grammars import reviews
from rnncourse.reproduce import borrowing, records
from rnncourse.word_vectors.files import load_word2vec, save_word2vec, to_keyed_vectors
from rnncourse.word_vectors.lent import wikipedia_vectors
from rnncourse.word_vectors.neighbours import analogy, answers_right

WORDS, VECTORS = wikipedia_vectors()
IDS = {word: i for i, word in enumerate(WORDS)}
RECORD = records.load("reviews")
CASES = RECORD.config["cases"]
RIGHT = RECORD.values("right")


def case(lender, tuned, labelled, kept_back=False):
    (k,) = [
        k
        for k, c in enumerate(CASES)
        if c["reader"] == "gru"
        and (c["lender"], c["tuned"], c["labelled"]) == (lender, tuned, labelled)
        and c.get("kept_back", False) == kept_back
    ]
    return k


def interval(differences):
    error = 1.96 * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean() - error, differences.mean() + error


@pytest.mark.parametrize("binary", [False, True])
def test_files_go_to_gensim_and_back_byte_for_byte(tmp_path, binary):
    vectors = np.random.default_rng(3).normal(size=(40, 7)).astype(np.float32)
    words = [f"été{k}" for k in range(40)]
    ours = save_word2vec(tmp_path / "ours", words, vectors, binary)
    kv = KeyedVectors.load_word2vec_format(ours, binary=binary)
    kv.save_word2vec_format(tmp_path / "theirs", binary=binary)
    assert ours.read_bytes() == (tmp_path / "theirs").read_bytes()
    back, numbers = load_word2vec(tmp_path / "theirs")
    assert back == words and np.array_equal(numbers, vectors)


def test_a_limit_costs_the_memory_of_what_it_keeps(tmp_path):
    numbers = np.random.default_rng(4).normal(size=(8000, 300))
    file = save_word2vec(tmp_path / "big", [f"w{k}" for k in range(8000)], numbers, True)
    for limit in (500, 2000, 8000):
        tracemalloc.start()
        load_word2vec(file, limit=limit)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.3 * limit * 300 * 4 + 5e5


def test_the_word_nearest_to_king_minus_man_plus_woman_is_king():
    question = [IDS[w] for w in ("man", "king", "woman")]
    order, _ = analogy(VECTORS, *question, 5, exclude=False)
    assert WORDS[order[0]] == "king"
    kv = to_keyed_vectors(WORDS, VECTORS)
    assert "king" not in dict(kv.most_similar(positive=["woman", "king"], negative=["man"]))


def test_our_count_of_analogies_is_gensims():
    kv = to_keyed_vectors(WORDS, VECTORS)
    _, sections = kv.evaluate_word_analogies(datapath("questions-words.txt"))
    theirs = {s["section"]: len(s["correct"]) for s in sections}
    for name, questions in analogy_questions().items():
        known = [[IDS[w] for w in q] for q in questions if all(w in IDS for w in q)]
        assert int(answers_right(VECTORS, known).sum()) == theirs[name]


def test_the_nearest_word_to_good_is_bad():
    kv = to_keyed_vectors(WORDS, VECTORS)
    assert kv.most_similar("good", topn=1)[0][0] == "bad"


def test_frozen_vectors_of_a_lender_who_read_reviews_win_while_labels_are_few():
    frozen = RIGHT[:, case("film", False, 100)]
    for other in ((None, True), ("mixed up", False), ("mixed up", True)):
        assert interval(frozen - RIGHT[:, case(*other, 100)])[0] > 0
    frozen, tuned = (RIGHT[:, case("film", t, 100)] for t in (False, True))
    assert interval(frozen - tuned)[0] > 0


def test_frozen_vectors_of_mixed_up_reviews_stay_poor_at_every_amount():
    for labelled in borrowing.AMOUNTS[2:]:
        low = RIGHT[:, case("mixed up", False, labelled)]
        assert interval(RIGHT[:, case(None, True, labelled)] - low)[0] > 0.05


def test_with_three_thousand_labels_who_trains_the_table_is_near_the_bayes_rate():
    for lender, tuned in ((None, True), ("film", True), ("mixed up", True)):
        right = RIGHT[:, case(lender, tuned, 3000)]
        assert reviews.bayes_rate() - 0.04 < right.mean() <= reviews.bayes_rate()


def test_words_without_labels_are_read_with_borrowed_vectors_frozen_or_tuned():
    strange = RECORD.values("strange")
    frozen, tuned, random = (
        strange[:, case(lender, t, 1000, True)]
        for lender, t in (("film", False), ("film", True), (None, True))
    )
    assert interval(frozen - random)[0] > 0.2
    assert abs(np.mean(tuned - frozen)) < 0.04
    assert random.mean() < 0.6


def test_freezing_wins_at_a_hundred_labels_for_other_seeds_than_the_records():
    cases = [CASES[case(lender, t, 100)] for lender, t in (("film", False), (None, True))]
    seeds = (60, 61, 62)
    results = borrowing.try_cases(borrowing.SETTINGS | {"cases": cases}, seeds)
    right = np.array([result["right"] for result in results])
    assert right[:, 0].mean() > right[:, 1].mean() + 0.03


def test_counting_words_levels_off_below_the_networks():
    counts = [k for k, c in enumerate(CASES) if c["reader"] == "counts"]
    assert RIGHT[:, counts].mean(axis=0).max() < 0.72
    assert RIGHT[:, case(None, True, 3000)].min() > 0.78


def test_two_hundred_sentences_decide_nothing():
    texts, good = polarity_lines()
    assert (len(texts), int(good.sum())) == (200, 100)
    assert 1.96 * np.sqrt(0.75 * 0.25 / 200) > 0.05
