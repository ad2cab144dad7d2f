"""The small world: every word tells what it is said to tell, and nothing else does."""

from collections import Counter

import numpy as np
import pytest

from rnncourse.data.grammars import small_world as world
from rnncourse.data.grammars.small_world import features, questions, sample, sayings, sensible

MEANS = features()


def with_a_person(sentences):
    return [s for s in sentences if len(s) == 9]


def assert_signs_agree(sentences):
    for near, owner, thing, count, who, deed, a, take, when in with_a_person(sentences):
        person, act = MEANS[who], MEANS[deed]
        assert (near, a) == ("near", "a")
        assert owner in world.OWNERS[person["gender"]]
        assert count in world.COUNTS[person["number"]]
        assert when in world.TIMES[act["tense"]]
        assert act.get("number", person["number"]) == person["number"]
        (things,) = [t for people, t in world.PEOPLE.items() if who in people]
        (takes,) = [t for forms, t in world.DEEDS.items() if deed in forms]
        assert thing in things and take in takes


@pytest.mark.parametrize("seed", range(3))
def test_signs_agree_with_what_the_words_mean(seed):
    assert_signs_agree(sample(2000, seed))


@pytest.mark.parametrize("slip", ["gender", "number", "tense"])
def test_a_sign_of_the_wrong_kind_would_be_seen(slip, monkeypatch):
    table = {"gender": "OWNERS", "number": "COUNTS", "tense": "TIMES"}[slip]
    signs = getattr(world, table)
    sentences = sample(200, 1)
    monkeypatch.setattr(world, table, dict(zip(signs, reversed(signs.values()))))
    with pytest.raises(AssertionError):
        assert_signs_agree(sentences)


def test_choices_are_drawn_one_by_one():
    """Gender, number and time say nothing about each other or about the deed."""
    people = with_a_person(sample(20_000, 4))
    seen = Counter(
        (MEANS[s[4]]["gender"], MEANS[s[4]]["number"], MEANS[s[5]]["tense"]) for s in people
    )
    assert len(seen) == 8
    assert min(seen.values()) > 0.9 * len(people) / 8
    pairs = Counter((MEANS[s[4]]["of"], MEANS[s[5]]["of"]) for s in people)
    assert len(pairs) == 64
    assert max(pairs.values()) < 1.4 * len(people) / 64


def test_shares_of_the_three_kinds():
    sentences = sample(20_000, 5)
    kinds = Counter(9 if len(s) == 9 else s[0] for s in sentences)
    assert kinds[9] / 20_000 == pytest.approx(0.6, abs=0.015)
    assert kinds["near"] / 20_000 == pytest.approx(0.25, abs=0.015)


def test_every_word_comes_and_none_has_two_meanings():
    words = {word for sentence in sample(5000, 6) for word in sentence}
    assert len(words) == 170
    assert set(MEANS) <= words
    tables = (world.PEOPLE, world.DEEDS, world.WEATHER)
    content = [w for table in tables for row in table for w in row]
    content += [w for table in tables for row in table.values() for w in row]
    assert len(content) == len(set(content))


def test_analogies_follow_from_the_features():
    asked = questions()
    assert len(asked) == len(set(asked)) == 392
    for a, b, c, d in asked:
        apart = {k for k in MEANS[a] | MEANS[b] if MEANS[a].get(k) != MEANS[b].get(k)}
        changed = {k for k in MEANS[c] | MEANS[d] if MEANS[c].get(k) != MEANS[d].get(k)}
        assert apart == changed
        assert MEANS[c]["of"] == MEANS[d]["of"] != MEANS[a]["of"] == MEANS[b]["of"]
    assert sum(len(questions(axis)) for axis in world.AXES) == 392


def test_held_out_pairs_are_never_said_and_all_others_are():
    held = [("drink", "water"), ("wear", "shoes"), ("slice", "pies")]
    said = {(deed, thing) for _, deed, thing in sayings(4000, 7, held)}
    assert said == set(sensible()) - set(held)
    assert len(sensible()) == 72 and ("drink", "shoes") not in sensible()


@pytest.mark.parametrize("draw", [sample, sayings])
def test_a_seed_gives_the_same_sentences_again(draw):
    assert draw(50, 3) == draw(50, 3)
    assert draw(50, 3) != draw(50, 4)
    assert draw(50, 3)[:10] == draw(50, np.random.default_rng(3))[:10]
    assert draw(0, 3) == []


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: sample(-1, 0), "`sentences` must be"),
        (lambda: sample(1.5, 0), "`sentences` must be"),
        (lambda: sayings("many", 0), "`sentences` must be"),
        (lambda: questions("colour"), "one of gender, number"),
        (lambda: sayings(3, 0, [("drink", "shoes")]), "`held_out` must hold"),
        (lambda: sayings(3, 0, [("drink", "milk")] * 2), "different pairs"),
        (lambda: sayings(3, 0, sensible()), "leave a pair"),
    ],
)
def test_odd_requests_are_answered_with_what_was_expected(call, match):
    with pytest.raises((ValueError, TypeError), match=match):
        call()
