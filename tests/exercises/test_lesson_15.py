import numpy as np
import pytest

from rnncourse.data.grammars.reviews import probability_of_good
from rnncourse.exercises import lesson_15 as exercises

CHECKS = [
    exercises.check_memory,
    exercises.check_analogy,
    exercises.check_verdicts,
    exercises.check_interval,
    lambda answer: exercises.check_same_words(answer, answer),
]


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def find(vectors, a, b, c):
    rows = unit(vectors)
    near = rows @ (rows[b] - rows[a] + rows[c])
    near[[a, b, c]] = -np.inf
    return int(np.argmax(near))


def not_excluding(vectors, a, b, c):
    rows = unit(vectors)
    return int(np.argmax(rows @ (rows[b] - rows[a] + rows[c])))


def by_products(vectors, a, b, c):
    near = vectors @ (vectors[b] - vectors[a] + vectors[c])
    near[[a, b, c]] = -np.inf
    return int(np.argmax(near))


def not_brought_to_length_one(vectors, a, b, c):
    aim = vectors[b] - vectors[a] + vectors[c]
    near = vectors @ aim / np.linalg.norm(vectors, axis=1)
    near[[a, b, c]] = -np.inf
    return int(np.argmax(near))


def the_other_way(vectors, a, b, c):
    return find(vectors, c, b, a)


def test_right_answers_pass():
    assert exercises.check_memory(120_000_000).passed
    assert exercises.check_analogy(find).passed
    right = [probability_of_good(t.split()) for t in exercises.READ.values()]
    assert exercises.check_verdicts(right).passed
    assert exercises.check_verdicts((5 / 6, 1 / 20, 5 / 6)).passed
    assert exercises.check_interval(0.134).passed
    assert exercises.check_same_words(
        "acting superb but plot dull .", "plot dull but acting superb ."
    ).passed
    assert (
        exercises.check_same_words(
            "acting not dull , plot dull , cast dull .", "acting good ."
        ).passed
        is False
    )
    assert exercises.check_same_words(
        "cast not good but plot good .", "plot good but cast not good ."
    ).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (3_600_000_000, "whole file"),
        (30_000_000, "each is a float32"),
        (240_000_000, "float64"),
        (60_000_000, "float16"),
        (120, "megabytes"),
    ],
)
def test_slips_about_memory_are_named(answer, hint):
    feedback = exercises.check_memory(answer)
    assert not feedback.passed and hint in feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (not_excluding, "a word of the question"),
        (by_products, "the longest vector wins"),
        (the_other_way, "expected"),
        (not_brought_to_length_one, "to length 1 before"),
        (lambda v, a, b, c: None, "returned nothing"),
        (lambda v, a, b, c: 99, "an id of 0 to"),
    ],
)
def test_slips_about_analogies_are_named(answer, hint):
    feedback = exercises.check_analogy(answer)
    assert not feedback.passed and hint in feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((2 / 3, 1 / 20, 5 / 6), "two of three"),
        ((5 / 6, 19 / 20, 5 / 6), "the plot is dull"),
        ((5 / 6, 5 / 6, 5 / 6), "only the last"),
        ((5 / 6, 1 / 20, 1 / 6), "praise"),
        ((5 / 6, 1 / 20), "three numbers"),
        ((83, 5, 83), "percentage"),
    ],
)
def test_slips_about_verdicts_are_named(answer, hint):
    feedback = exercises.check_verdicts(answer)
    assert not feedback.passed and hint in feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [(0.0685, "standard error"), (0.268, "whole width"), (0.06, "for 200"), (0.5, "√")],
)
def test_slips_about_the_interval_are_named(answer, hint):
    feedback = exercises.check_interval(answer)
    assert not feedback.passed and hint in feedback


@pytest.mark.parametrize(
    ("one", "other", "hint"),
    [
        ("acting superb , plot dull .", "plot dull , acting superb .", "one must lie above"),
        ("acting superb .", "acting dull .", "not as often in both"),
        ("acting superb .", "acting superb .", "change the order"),
        ("superb acting .", "acting superb .", "`one` is no review"),
        ("acting superb .", 5, "expected a text for `other`"),
    ],
)
def test_slips_about_equal_words_are_named(one, other, hint):
    feedback = exercises.check_same_words(one, other)
    assert not feedback.passed and hint in feedback


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "garbage", [None, "three", 1j, np.nan, [], {}, object(), lambda: 1, np.zeros((2, 2))]
)
def test_garbage_is_answered_and_never_raises(check, garbage):
    feedback = check(garbage)
    assert not feedback.passed and feedback.startswith("✗ ")
