from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.spelling import LONGEST, Spelling

LETTERS = st.text("abA", max_size=7)


def plain_distance(one, other):
    """The recursion as it is written in papers, letter by letter."""
    one, other = one.lower(), other.lower()

    @cache
    def distance(i, j):
        if 0 in (i, j):
            return i + j
        best = min(
            distance(i - 1, j) + 1,
            distance(i, j - 1) + 1,
            distance(i - 1, j - 1) + (one[i - 1] != other[j - 1]),
        )
        if min(i, j) > 1 and (one[i - 1], one[i - 2]) == (other[j - 2], other[j - 1]):
            best = min(best, distance(i - 2, j - 2) + 1)
        return best

    return distance(len(one), len(other))


@given(LETTERS, st.lists(LETTERS))
def test_distances_are_those_of_the_plain_recursion(word, words):
    expected = [plain_distance(word, other) for other in words]
    assert Spelling(words).distances(word).tolist() == expected


@given(st.text(st.characters()), st.text(st.characters()))
def test_distance_is_the_same_both_ways_and_bounded(one, other):
    (there,), (back,) = Spelling([other]).distances(one), Spelling([one]).distances(other)
    assert there == back <= LONGEST
    assert Spelling([one]).distances(one).tolist() == [0]


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [("", "", 0), ("", "abc", 3), ("teh", "the", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)
def test_distances_known_by_heart(one, other, changes):
    assert Spelling([other]).distances(one).tolist() == [changes]


def test_endless_words_are_compared_by_their_beginning():
    spelling = Spelling(["a" * 10**6, "b"])
    assert spelling.distances("a" * 10**6).tolist() == [0, LONGEST]


def test_no_words_have_no_distances():
    assert Spelling([]).distances("a").tolist() == []
