"""The tunes are what they say, and parts of them share no melody."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from rnncourse.data.melodies import bar_lengths, bar_size, notes, transpose
from rnncourse.data.tunes import Tune, folds, join, longest_run, places, sides, tunes

TUNES = tunes()
HOME = {"C": 0, "A": 9, "D": 2, "E": 4}
# A first part that ends on the fifth, and a carol that ends on the third.
OPEN = {"Surprise Symphony, second movement (first eight bars)", "The First Nowell"}
each_tune = pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.title)


def test_there_are_57_and_each_has_a_name_and_an_origin():
    assert len(TUNES) == 57 == len({tune.title for tune in TUNES})
    for tune in TUNES:
        years = [int(year) for year in re.findall(r"\d{4}", tune.origin)]
        assert all(1500 < year < 1930 for year in years)
        assert years or "century" in tune.origin or "Edo" in tune.origin


@each_tune
def test_every_bar_adds_up_to_the_metre(tune):
    """But for an upbeat, which the last bar makes whole."""
    first, *middle, last = bar_lengths(tune.tokens)
    full = bar_size(tune.metre)
    assert set(middle) == {full}
    assert (first, last) == (full, full) or (first < full and first + last == full)


@each_tune
def test_a_tune_begins_with_its_metre_and_ends_once(tune):
    assert tune.tokens[0] == tune.metre
    assert tune.tokens.index("||") == len(tune.tokens) - 1


@each_tune
def test_a_tune_comes_home_in_its_key(tune):
    pitches = [note.pitch for note in notes(tune.tokens) if note.pitch is not None]
    assert 52 <= min(pitches) and max(pitches) <= 77  # what a voice can sing
    assert max(pitches) - min(pitches) <= 19
    white = np.isin(np.array(pitches) % 12, [0, 2, 4, 5, 7, 9, 11])
    assert white.mean() > 0.85
    assert pitches[-1] % 12 == HOME[tune.key] or tune.title in OPEN


@each_tune
def test_no_tune_stands_in_another_of_another_family(tune):
    """Not even in another key: what is compared are intervals and lengths."""

    def steps(one):
        played = [note for note in notes(one.tokens) if note.pitch is not None]
        return [(b.pitch - a.pitch, a.eighths / b.eighths) for a, b in pairwise(played)]

    own = steps(tune)
    for other in TUNES:
        if other.family != tune.family:
            assert longest_run(own, steps(other)) <= 0.5 * min(len(own), len(steps(other)))


def test_one_melody_in_two_dresses_is_one_family():
    sizes = Counter(tune.family for tune in TUNES)
    assert {family: n for family, n in sizes.items() if n > 1} == {"Ah! vous dirai-je, maman": 2}


@pytest.mark.parametrize("seed", range(20))
def test_families_stay_together_and_parts_are_even(seed):
    part = folds(TUNES, 5, seed)
    assert len(part) == len(TUNES) and set(part) == set(range(5))
    assert np.bincount(part).max() - np.bincount(part).min() <= 2
    found = {}
    for tune, k in zip(TUNES, part):
        assert found.setdefault(tune.family, k) == k


def test_all_keys_of_a_tune_stay_in_its_part():
    """Parts are made before tunes are moved to other keys, or by the tune's family after."""
    moved = [
        tune._replace(tokens=tuple(transpose(tune.tokens, up))) for tune in TUNES for up in (0, 5)
    ]
    part = folds(moved, 5, seed=3)
    assert np.array_equal(part[::2], part[1::2])
    assert np.array_equal(part[::2], folds(TUNES, 5, seed=3))


def test_other_seeds_deal_otherwise():
    assert not np.array_equal(folds(TUNES, 5, 0), folds(TUNES, 5, 1))


def test_too_few_families_are_told():
    with pytest.raises(ValueError, match="at least 3 families, got 2"):
        folds([tune for tune in TUNES[:3]], 3)
    with pytest.raises(ValueError, match="`parts` must be an integer"):
        folds(TUNES, 0)


def test_parts_by_tune_that_divide_a_family_are_seen(monkeypatch):
    """The likely mistake: tunes are dealt out one by one."""
    alone = [tune._replace(family=tune.title) for tune in TUNES]
    divided = [
        len({k for tune, k in zip(TUNES, folds(alone, 5, seed)) if "vous" in tune.family})
        for seed in range(20)
    ]
    assert max(divided) == 2


@pytest.mark.parametrize(
    ("a", "b", "length"),
    [
        ("abc", "abc", 3),
        ("abc", "xyz", 0),
        ("", "abc", 0),
        ("banana", "ananas", 5),
        ("ab", "ba", 1),
    ],
)
def test_the_longest_shared_run(a, b, length):
    assert longest_run(a, b) == longest_run(b, a) == length


def test_a_tune_can_be_made_by_hand():
    tune = Tune("mine", "today", "2/4", "C", "mine", ("2/4", "C4", "||"))
    assert bar_lengths(tune.tokens) == [4]


@each_tune
def test_two_sides_make_the_token_again(tune):
    for token in tune.tokens:
        assert join(*sides(token)) == token


@pytest.mark.parametrize(
    ("token", "both"),
    [
        ("C", ("1", "C")),
        ("c'/2", ("1/2", "c'")),
        ("z3/2", ("3/2", "z")),
        ("^F,12", ("12", "^F,")),
        ("||", ("||", "")),
        ("4/4", ("4/4", "")),
    ],
)
def test_a_token_has_two_sides(token, both):
    assert sides(token) == both
    assert join(*both) == token


@each_tune
def test_bar_lines_stand_where_the_place_is_full(tune):
    found, full = places(tune.tokens), bar_size(tune.metre)
    before = [found[k - 1] for k, token in enumerate(tune.tokens) if token == "|"]
    assert {place for _, later, place in before if later} <= {full}
    assert [later for _, later, _ in found] == sorted(later for _, later, _ in found)


def test_a_place_is_read_from_what_stands_before_it():
    text = ["2/4", "C2", "D2", "|", "E4", "||"]
    whole = places(text)
    for k in range(1, len(text)):
        assert places(text[:k]) == whole[:k]
