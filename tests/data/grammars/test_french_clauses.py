import numpy as np
import pytest

from rnncourse.data.grammars.french_clauses import SINGERS, Writer


@pytest.fixture(scope="module")
def written():
    rng = np.random.default_rng(0)
    rooms = (2, 4, 6, 9, 14)
    return [
        (rooms[k % 5], Writer(iter(rng.random(600).tolist()).__next__, rooms[k % 5]).sentence())
        for k in range(3_000)
    ]


def test_more_room_makes_longer_sentences(written):
    means = [
        np.mean([len(s.english) for room, s in written if room == wanted])
        for wanted in (2, 4, 6, 9, 14)
    ]
    assert means == sorted(means)
    assert means[-1] > 2 * means[0]


def test_who_does_what_to_what_is_noted_with_each_two_of_them(written):
    triples = 0
    for _, sentence in written:
        for who, verb, noun in (c for c in sentence.combinations if len(c) == 3):
            triples += 1
            assert (verb, noun) in sentence.combinations
            assert who in sentence.english or (who, verb) in sentence.combinations
    assert triples > 500


def test_nobody_is_upon_themselves_and_only_some_sing(written):
    for _, sentence in written:
        for combination in sentence.combinations:
            assert len(set(combination)) == len(combination)
            if combination[1:] == ("sing",):
                assert combination[0] in SINGERS


def test_the_same_chances_write_the_same_sentence():
    chances = np.random.default_rng(4).random(300).tolist()
    one, again = (Writer(iter(chances).__next__, 12).sentence() for _ in range(2))
    assert one == again
