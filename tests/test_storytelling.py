"""A storyteller knows its story, and says where it leaves it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.data.prompts import PromptError
from rnncourse.storytelling import Storyteller, Tale


@pytest.fixture(scope="module")
def teller():
    return Storyteller(seed=0)


def test_it_learns_all_that_three_words_can_tell(teller):
    assert teller.right == 199 / 201
    # The floor is 0.0138 nats; of 20 seeds the highest was 0.016.
    assert 4 * np.log(2) / 201 <= teller.losses[-1] < 0.02


def test_words_of_the_story_are_known_and_others_are_not(teller):
    tale = teller.tell("long ago ,", words=20)
    assert tale.said[:6] == ("the", "mice", "had", "a", "general", "council")
    assert all(tale.known)
    strange = teller.tell("cat cat cat", words=1)
    assert not any(strange.known)


@given(
    prompt=st.lists(st.sampled_from(["the", "mice", "cat", ".", "said", "bell"]), min_size=3),
    temperature=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 9),
)
@settings(max_examples=15)
def test_a_word_is_known_if_the_four_stand_in_the_story(teller, prompt, temperature, seed):
    tale = teller.tell(" ".join(prompt), 8, temperature, seed)
    story = " ".join(teller.tokens)
    whole = [*tale.read, *tale.said]
    for k, known in enumerate(tale.known):
        stands = f" {' '.join(whole[k : k + 4])} " in f" {story} "
        assert known == stands


def test_the_same_prompt_and_seed_tell_the_same_tale(teller):
    for temperature in (0.0, 1.5):
        first, again = (teller.tell("the cat .", 30, temperature, seed=3) for _ in range(2))
        assert first == again
    others = {teller.tell("the cat .", 30, 1.5, seed).said for seed in range(5)}
    assert len(others) > 1


def test_a_tale_is_text_a_line_of_marks_and_html():
    tale = Tale(("the", "cat", "."), ("some", "<b>", ","), (True, False, True), ("a note",))
    assert tale.text == "the cat. some <b>,"
    assert repr(tale) == "(a note)\nthe cat. | some [<b>],"
    page = tale._repr_html_()
    assert "</span> <u>some</u> <b" in page and ">&lt;b&gt;</b><u>,</u>" in page
    assert "(a note)" in page


@pytest.mark.parametrize(
    ("prompt", "words", "over"),
    [("impossible remedies .", 2, 0), ("to propose impossible", 5, 2), ("long ago ,", 9, None)],
)
def test_a_tale_says_when_the_story_is_over(teller, prompt, words, over):
    tale = teller.tell(prompt, words)
    assert tale.over == over
    for shown in (repr(tale), tale._repr_html_()):
        assert shown.count("here the fable ends") == (over is not None)


def test_what_it_cannot_read_or_count_is_refused(teller):
    with pytest.raises(PromptError, match="'mouze' is not among its words"):
        teller.tell("the mouze looked")
    with pytest.raises(ValueError, match="`length` must be an integer ≥ 1"):
        teller.tell("the mice looked", words=0)
    with pytest.raises(ValueError, match="`temperature`"):
        teller.tell("the mice looked", temperature=-1)
