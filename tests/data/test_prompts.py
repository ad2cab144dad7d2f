"""Whatever is typed, three known words come out, or a sentence that says what to do."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.corpora import fable
from rnncourse.data.prompts import READ, PromptError, three_words
from rnncourse.data.text import Vocabulary, join_words, split_words

STORY = split_words(fable())
VOCABULARY = Vocabulary(STORY)
known_words = st.lists(st.sampled_from(VOCABULARY.words), min_size=1, max_size=12)


@given(known_words)
def test_known_words_of_any_number_become_three(words):
    read, notes = three_words(" ".join(words), VOCABULARY, STORY)
    assert len(read) == READ and all(word in VOCABULARY for word in read)
    assert read[: len(words)] == words[-READ:]
    assert len(notes) == (len(words) != READ)


@given(st.integers(0, len(STORY) - 4), st.integers(1, 3))
def test_words_of_the_story_are_completed_from_the_story(place, count):
    read, _ = three_words(" ".join(STORY[place : place + count]), VOCABULARY, STORY)
    pairs = list(pairwise(STORY))
    assert all(pair in pairs for pair in zip(read[count - 1 :], read[count:]))
    assert read[:count] == STORY[place : place + count]


def test_upper_case_and_marks_are_read_as_the_story_has_them():
    for prompt in ("Long ago,", "  LONG   ago\n,\t", "“Long” ago ,"):
        assert three_words(prompt, VOCABULARY, STORY) == (["long", "ago", ","], [])


def test_of_a_long_prompt_the_end_is_read_and_the_reader_is_told():
    read, notes = three_words("once upon a time the mice looked", VOCABULARY, STORY)
    assert (read, notes) == (
        ["the", "mice", "looked"],
        ["only the last three of 7 words are read"],
    )


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("", "no words in this: try three"),
        (" \t\n ", "no words in this"),
        ("…—()«»", "no words in this"),
        ("\x00\x1b\x07", "no words in this"),
        ("the mouze looked", "'mouze' is not among its words, the nearest is 'mouse'"),
        ("elephant", "'elephant' is not among its words, and none of them is near it"),
        ("xylophone", "none of them is near it"),
        ("its", "'its' is not among its words, the nearest are 'is', 'it'"),
        ("the 🐭 looked", "'🐭' is not among its words, and none of them is near it"),
        ("mouze lookd", "'mouze' is not .*; 'lookd' is not .* 'looked'"),
        ("mouze mouze mouze", "^'mouze' is not[^;]*$"),
    ],
)
def test_what_cannot_be_read_is_told_what_to_do(prompt, message):
    with pytest.raises(PromptError, match=message):
        three_words(prompt, VOCABULARY, STORY)


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("the mice", "added 'had', which comes after 'the mice' in the story"),
        ("the mouse", "added 'got', which comes after 'mouse' in the story"),
        ("remedies .", "added 'some', which comes after '.' in the story"),
        ("mice", "added 'had', which comes after 'mice' in the story, and 'a', which comes after"),
    ],
)
def test_a_note_says_after_what_the_added_words_come(prompt, note):
    _, notes = three_words(prompt, VOCABULARY, STORY)
    assert note in notes[0]


@pytest.mark.parametrize(
    "key", ["\x1b[A", "\x1bOB", "\x1b[31m", "\x1b[1;5C", "\x9b31m", "\x1b", "\x1b[?25h"]
)
def test_the_keys_of_a_terminal_leave_no_letters(key):
    assert three_words(f"{key}the{key} mice {key}looked{key}", VOCABULARY, STORY) == (
        ["the", "mice", "looked"],
        [],
    )


@given(st.text(max_size=60))
def test_any_text_is_read_or_answered_in_one_printable_line(prompt):
    try:
        read, _ = three_words(prompt, VOCABULARY, STORY)
    except PromptError as error:
        assert len(str(error).splitlines()) == 1 and str(error).isprintable()
    else:
        assert len(read) == READ


def test_a_word_without_end_is_cut_in_the_answer():
    with pytest.raises(PromptError) as error:
        three_words("mouse" * 200_000, VOCABULARY, STORY)
    assert len(str(error.value)) < 200


def test_megabytes_of_words_are_read_from_their_end():
    prompt = "the mice looked " * 100_000 + join_words(STORY[:3])
    assert three_words(prompt, VOCABULARY, STORY)[0] == STORY[:3]


def test_a_word_that_only_ends_the_story_is_followed_by_its_beginning():
    story = ["a", "b", "c", "end"]
    assert three_words("end", Vocabulary(story), story)[0] == ["end", "a", "b"]
