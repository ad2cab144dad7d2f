"""Right answers pass; each likely slip is named."""

from collections import Counter

import numpy as np
import pytest

from rnncourse.data.contexts import followers
from rnncourse.data.corpora import fable
from rnncourse.data.text import Vocabulary, split_words
from rnncourse.exercises import lesson_13 as exercises

TOKENS = split_words(fable())


def number(tokens):
    counts = Counter(tokens)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked)}


def number_by_package(tokens):
    vocabulary = Vocabulary(tokens)
    return dict(zip(vocabulary.words, np.arange(len(vocabulary))))


@pytest.mark.parametrize("answer", [number, number_by_package])
def test_right_ids_pass(answer):
    assert exercises.check_numbers(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (
            lambda tokens: {w: i for i, (w, _) in enumerate(Counter(tokens).most_common())},
            "first appearance",
        ),
        (lambda tokens: {w: len(set(tokens)) - 1 - i for w, i in number(tokens).items()}, "rarest"),
        (lambda tokens: {w: i + 1 for w, i in number(tokens).items()}, "each once"),
        (lambda tokens: dict.fromkeys(tokens, 0), "each once"),
        (lambda tokens: {w: i for i, w in enumerate(sorted(set(tokens)))}, "a rarer word"),
        (
            lambda tokens: {
                w: i
                for i, w in enumerate(
                    sorted(sorted(set(tokens), reverse=True), key=lambda w: -tokens.count(w))
                )
            },
            "do not stand by alphabet",
        ),
        (lambda tokens: dict([*number(tokens).items()][1:]), "each word once"),
        (lambda tokens: list(number(tokens)), "expected a dictionary"),
        (lambda tokens: None, "returned nothing"),
        (lambda tokens: {w: "one" for w in tokens}, "each once"),
        (lambda tokens: tokens["a"], "TypeError"),
        (7, "expected a function"),
    ],
)
def test_wrong_ids_are_told_why(answer, hint):
    feedback = exercises.check_numbers(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def ambiguous(tokens, words):
    after = {}
    for k in range(len(tokens) - words):
        after.setdefault(tuple(tokens[k : k + words]), set()).add(tokens[k + words])
    return [window for window, found in after.items() if len(found) > 1]


@pytest.mark.parametrize("form", [list, set, tuple, dict.fromkeys])
def test_the_right_forks_pass_in_any_form(form):
    assert exercises.check_ambiguous(lambda tokens, words: form(ambiguous(tokens, words))).passed


def repeated(tokens, words):
    windows = Counter(tuple(tokens[k : k + words]) for k in range(len(tokens) - words))
    return [window for window, count in windows.items() if count > 1]


def repeated_to_the_end(tokens, words):
    windows = Counter(tuple(tokens[k : k + words]) for k in range(len(tokens) - words + 1))
    return [window for window, count in windows.items() if count > 1]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (repeated, "if the same word follows"),
        (repeated_to_the_end, "if the same word follows"),
        (lambda tokens, words: list(followers(tokens, words)), "is not"),
        (lambda tokens, words: ambiguous(tokens, words)[1:], "is missing"),
        (lambda tokens, words: ambiguous(tokens, words) * 2, "name each once"),
        (lambda tokens, words: ambiguous(tokens, 2), "expected tuples of 1"),
        (lambda tokens, words: [], "is missing"),
        (
            lambda tokens, words: [" ".join(window) for window in ambiguous(tokens, words)],
            "as a tuple of words, got",
        ),
        (lambda tokens, words: None, "returned nothing"),
        (lambda tokens, words: 3, "TypeError"),
        (None, "expected a function"),
    ],
)
def test_wrong_forks_are_told_why(answer, hint):
    feedback = exercises.check_ambiguous(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("share", [0.4, 2 / 5, 101 / 251, np.float64(0.402)])
def test_the_right_share_of_updates_passes(share):
    assert exercises.check_strides(share).passed


@pytest.mark.parametrize(
    ("share", "hint"),
    [
        (0.25, "five beginnings"),
        (0.2, "begins at 4"),
        (0.5, "of five beginnings two"),
        (40, "percent"),
        (0.9, "list the passes"),
        ("a quarter", "expected a number"),
        (None, "expected a number"),
        (float("nan"), "expected a number"),
    ],
)
def test_a_wrong_share_is_told_why(share, hint):
    feedback = exercises.check_strides(share)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def with_one_changed(place, word):
    return " ".join([*TOKENS[:place], word, *TOKENS[place + 1 :]])


def test_a_third_fork_passes():
    looked = TOKENS.index("looked")
    feedback = exercises.check_third_fork(with_one_changed(looked, "had"))
    assert feedback.passed and "198 of 201" in str(feedback)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (fable(), "nothing is changed"),
        (fable().replace("The mice looked", "The mice had", 1), "write \\n there"),
        (with_one_changed(0, "once"), "make three words in a row"),
        (with_one_changed(0, "once").replace("neighbourhood", "house"), "2 words are changed"),
        ("the mice had a cat", "got 5: change one"),
        ("", "got 0"),
        (3, "expected a text"),
        (None, "expected a text"),
    ],
)
def test_a_text_without_a_third_fork_is_told_why(text, hint):
    feedback = exercises.check_third_fork(text)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("loss", [4 * np.log(2) / 201, 0.0138, 0.014, np.float32(0.01379)])
def test_the_right_floor_passes(loss):
    assert exercises.check_floor(loss).passed


@pytest.mark.parametrize(
    ("loss", "hint"),
    [
        (np.log(2), "at 197 of 201 places"),
        (4 * np.log(2), "divide by their number"),
        (2 * np.log(2) / 201, "stands in the fable twice"),
        (4 / 201, "in bits"),
        (2 / 201, "share of wrong answers"),
        (0, "a coin toss"),
        (0.5, "at how many of the 201 places"),
        ("little", "expected a number"),
        ([], "expected a number"),
    ],
)
def test_a_wrong_floor_is_told_why(loss, hint):
    feedback = exercises.check_floor(loss)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("said", [TOKENS, np.array(TOKENS), fable()])
def test_the_whole_fable_passes(said):
    assert exercises.check_told(said).passed


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ([*TOKENS[:25], *TOKENS[129:]], "there the fable has these words too"),
        ([*TOKENS[:43], *TOKENS[167:]], "there the fable has these words too"),
        ([*TOKENS[:60], "cat"], "is it trained"),
        (["once"], "is it trained"),
        (TOKENS[:100], "104 to go"),
        ([], "204 to go"),
        ([*TOKENS, "amen"], "the fable ends after 204"),
        (None, "expected a list of words, got NoneType"),
        (list(range(5)), "should be 'long'"),
    ],
)
def test_another_tale_is_told_where_it_parts(said, hint):
    feedback = exercises.check_told(said)
    assert not feedback.passed
    assert hint in str(feedback), feedback
