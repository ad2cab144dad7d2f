"""The ways through a story that one answer to each window allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.contexts import followers
from rnncourse.data.corpora import fable
from rnncourse.data.text import split_words
from rnncourse.diagrams import rails

FABLE = split_words(fable())
FORKS = [window for window, after in followers(FABLE).items() if len(after) > 1]


def walked(tokens, choices, words, most):
    """The same by walking word by word with one answer to each window."""
    answers = {window: next(iter(after)) for window, after in followers(tokens, words).items()}
    answers |= choices
    said = tokens[:words]
    while len(said) < most and tuple(said[-words:]) in answers:
        said.append(answers[tuple(said[-words:])])
    return said


@pytest.mark.parametrize("pick", [("some", "he"), ("some", "that"), ("by", "he"), ("by", "that")])
def test_a_route_is_what_a_reader_of_three_words_says(pick):
    choices = dict(zip(FORKS, pick))
    stretches, ends = rails.route(FABLE, choices)
    told = [word for a, b in stretches for word in FABLE[a:b]]
    said = walked(FABLE, choices, 3, most=1000)
    assert said[: len(told)] == told
    assert (len(said) == len(told)) == ends == (len(said) < 1000)


def test_the_fable_has_four_ways_and_none_is_the_fable():
    ends = {}
    for first in ("some", "by"):
        for second in ("he", "that"):
            stretches, end = rails.route(FABLE, dict(zip(FORKS, (first, second))))
            ends[first, second] = end
            assert stretches != [(0, 204)]
    assert ends == {
        ("some", "he"): False,
        ("some", "that"): True,
        ("by", "he"): False,
        ("by", "that"): True,
    }


@given(st.lists(st.integers(0, 3), min_size=4, max_size=25), st.data())
def test_any_text_is_walked_to_its_end_or_round(tokens, data):
    found = followers(tokens, 2)
    choices = {
        window: data.draw(st.sampled_from(sorted(after)))
        for window, after in found.items()
        if len(after) > 1
    }
    stretches, ends = rails.route(tokens, choices, words=2)
    assert all(0 <= a < b <= len(tokens) or a == b for a, b in stretches)
    assert not ends or stretches[-1][1] == len(tokens)


def test_the_drawing_says_which_ways_end():
    alt = rails.ways(FABLE).alt
    assert "some, he: 129 of 204 words, round and round" in alt
    assert "by, that: 100 of 204 words, from word 25 to 130." in alt


def test_the_window_moves_on_over_what_was_said():
    picture = rails.sliding_window(FABLE)
    for svg in (picture.wide, picture.narrow):
        assert [svg.count(f">{word}<") for word in ("long", "the", "mice", "had")] == [3, 3, 2, 1]
