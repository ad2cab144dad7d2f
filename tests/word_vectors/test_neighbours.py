import numpy as np
import pytest
from gensim.models import KeyedVectors

from rnncourse.word_vectors import neighbours as module
from rnncourse.word_vectors.neighbours import analogy, analogy_accuracy, answers_right, nearest

V, D = 60, 7
rng = np.random.default_rng(0)
VECTORS = rng.normal(size=(V, D)).astype(np.float32) * rng.uniform(0.1, 9, (V, 1)).astype("f4")
WORDS = [f"w{i}" for i in range(V)]
QUESTIONS = np.array([rng.choice(V, 4, replace=False) for _ in range(300)])


@pytest.fixture(scope="module")
def keyed():
    vectors = KeyedVectors(D)
    vectors.add_vectors(WORDS, VECTORS)
    return vectors


def test_the_nearest_are_gensims(keyed):
    for word in range(0, V, 7):
        ids, cosines = nearest(VECTORS, word, 10)
        expected = keyed.most_similar(WORDS[word], topn=10)
        assert [WORDS[i] for i in ids] == [name for name, _ in expected]
        np.testing.assert_allclose(cosines, [c for _, c in expected], atol=1e-6)


def test_analogies_are_gensims(keyed):
    for a, b, c, _ in QUESTIONS[:20].tolist():
        ids, cosines = analogy(VECTORS, a, b, c, 5)
        expected = keyed.most_similar(positive=[WORDS[b], WORDS[c]], negative=[WORDS[a]], topn=5)
        assert [WORDS[i] for i in ids] == [name for name, _ in expected]
        np.testing.assert_allclose(cosines, [s for _, s in expected], atol=1e-6)


@pytest.mark.parametrize("exclude", [True, False])
def test_accuracy_asks_what_analogy_answers(exclude):
    right = [int(analogy(VECTORS, a, b, c, exclude=exclude)[0][0]) for a, b, c, _ in QUESTIONS]
    answers = np.where(np.arange(300) % 3, right, QUESTIONS[:, 3])
    asked = np.column_stack([QUESTIONS[:, :3], answers])
    expected = np.mean(answers == right)
    assert 0.6 < expected < 0.8
    assert analogy_accuracy(VECTORS, asked, exclude=exclude) == expected
    found = answers_right(VECTORS, asked, exclude=exclude)
    np.testing.assert_array_equal(found, answers == right)


def test_accuracy_is_gensims(keyed, tmp_path):
    planted = [[a, b, c, int(analogy(VECTORS, a, b, c)[0][0])] for a, b, c, _ in QUESTIONS[:40]]
    questions = np.concatenate([planted, QUESTIONS])
    path = tmp_path / "questions.txt"
    lines = [" ".join(WORDS[i] for i in question) for question in questions]
    path.write_text(": all\n" + "\n".join(lines) + "\n")
    score, _ = keyed.evaluate_word_analogies(str(path), case_insensitive=False)
    assert analogy_accuracy(VECTORS, questions) == pytest.approx(score, abs=1e-12)
    assert score > 0.1


def test_many_questions_are_asked_a_few_at_a_time(monkeypatch):
    whole = analogy_accuracy(VECTORS, QUESTIONS)
    monkeypatch.setattr(module, "AT_ONCE", 7 * V)
    assert analogy_accuracy(VECTORS, QUESTIONS) == whole


def test_without_the_custom_a_word_of_the_question_may_be_the_answer():
    man, woman, king, queen = [1, 0, 0.1], [1, 0.2, 0.1], [1, 0, 1], [1, 0.3, 0.9]
    words = [man, woman, king, queen]
    assert analogy(words, 0, 2, 1)[0][0] == 3
    close = [[1, 0, 0], [1, 0.05, 0], [0, 0, 1], [0.3, 0.3, 0.9]]
    assert analogy(close, 0, 2, 1)[0].tolist() == [3]
    assert analogy(close, 0, 2, 1, exclude=False)[0].tolist() == [2]
    assert analogy_accuracy(close, [[0, 2, 1, 3]]) == 1
    assert analogy_accuracy(close, [[0, 2, 1, 3]], exclude=False) == 0


def test_itself_is_left_out_unless_asked_for():
    assert 5 not in nearest(VECTORS, 5, V)[0] and len(nearest(VECTORS, 5, V)[0]) == V - 1
    ids, cosines = nearest(VECTORS, 5, V + 9, exclude=False)
    assert len(ids) == V and ids[0] == 5 and cosines[0] == pytest.approx(1, abs=1e-6)
    assert np.all(np.diff(cosines) <= 0)


def test_the_length_of_a_vector_does_not_count_and_zeros_are_near_nobody():
    scaled = VECTORS * rng.uniform(0.01, 100, (V, 1))
    np.testing.assert_array_equal(nearest(scaled, 3)[0], nearest(VECTORS, 3)[0])
    ids, cosines = nearest([[1, 0], [0, 0], [1, 1]], 0)
    assert ids.tolist() == [2, 1] and cosines[1] == 0
    assert nearest([[1, 0], [0, 0]], 1)[1].tolist() == [0]


@pytest.mark.parametrize(
    "mutant",
    [
        lambda v, a, b, c: v[a] - v[b] + v[c],  # the wrong way round
        lambda v, a, b, c: v[b] + v[a] + v[c],
        lambda v, a, b, c: v[b] - v[a] - v[c],
        lambda v, a, b, c: VECTORS[b] - VECTORS[a] + VECTORS[c],  # lengths not made equal
    ],
)
def test_likely_mistakes_give_other_answers(mutant):
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    wrong = 0
    for a, b, c, _ in QUESTIONS[:50]:
        near = unit @ mutant(unit, a, b, c)
        near[[a, b, c]] = -np.inf
        wrong += near.argmax() != analogy(VECTORS, a, b, c)[0][0]
    assert wrong > 5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nearest(VECTORS, V), ValueError, f"must lie in 0 … {V - 1}, got {V}"),
        (lambda: nearest(VECTORS, -1), ValueError, "got -1"),
        (lambda: nearest(VECTORS, "king"), TypeError, "encode the words first"),
        (lambda: nearest(VECTORS, 0, 0), ValueError, "`k` must be an integer ≥ 1"),
        (lambda: nearest(VECTORS[0], 0), ValueError, r"must have shape \(V, D\)"),
        (lambda: nearest([[1.0, np.nan]], 0), ValueError, "must be finite, got nan"),
        (lambda: nearest([], 0), ValueError, "must have shape"),
        (lambda: analogy(VECTORS, 0, 1, V), ValueError, f"got {V}"),
        (lambda: analogy(VECTORS, "a", "b", "c"), TypeError, "encode the words first"),
        (lambda: analogy_accuracy(VECTORS, []), ValueError, r"must have shape \(Q, 4\), got"),
        (lambda: analogy_accuracy(VECTORS, [[1, 2, 3]]), ValueError, r"got \(1, 3\)"),
        (lambda: analogy_accuracy(VECTORS, [[0, 1, 2, V]]), ValueError, f"got {V}"),
        (lambda: analogy_accuracy(VECTORS, [["a", "b", "c", "d"]]), TypeError, "encode"),
    ],
)
def test_what_cannot_be_asked_is_said_so(call, error, message):
    with pytest.raises(error, match=message):
        call()
