import numpy as np
import pytest

from rnncourse.diagrams.looks import maps, two_ways

ALT = "A map of weights with frames where the right word is."
ENGLISH, FRENCH = ["the", "red", "car"], ["la", "voiture", "rouge", "<eos>"]
WEIGHTS = np.array([[0.3, 0.1, 0.6], [0.0, 0.0, 1.0], [0.02, 0.98, 0.0], [0.4, 0.3, 0.3]])
PLACES = [-1, 2, 1, -1]


def test_two_ways_are_drawn_with_all_words_and_weights():
    picture = two_ways(ENGLISH, FRENCH[:3], [0.04, 0.86, 0.1])
    for svg in (picture.wide, picture.narrow):
        assert svg.count(">reads<") == 6 and svg.count(">says<") == 6
        assert svg.count(">rouge<") == 2 and svg.count(">red<") == 2
        for share in ("4%", "86%", "10%"):
            assert svg.count(f">{share}<") == 1
    assert "the thickest one to red" in picture.alt


def test_a_map_names_all_words_and_frames_the_known_ones():
    picture = maps([(ENGLISH, FRENCH, WEIGHTS, PLACES)], ALT)
    bare = maps([(ENGLISH, FRENCH, WEIGHTS, [-1] * 4)], ALT)
    for svg in (picture.wide, picture.narrow):
        for word in (*ENGLISH, "la", "voiture", "rouge"):
            assert f">{word}<" in svg
    assert picture.wide.count("<path") == bare.wide.count("<path") + 1
    assert picture.alt == ALT


def test_the_whole_weight_is_darkest_and_none_is_blank():
    nothing = maps([(ENGLISH, FRENCH, np.zeros((4, 3)), [-1] * 4)], ALT).wide
    all_of_it = maps([(ENGLISH, FRENCH, np.eye(4)[:, :3], [-1] * 4)], ALT).wide
    assert all_of_it.count("<path") == nothing.count("<path") + 1
    assert all_of_it != maps([(ENGLISH, FRENCH, np.eye(4)[:, :3] / 2, [-1] * 4)], ALT).wide


def test_several_sentences_stand_side_by_side():
    one = (ENGLISH, FRENCH, WEIGHTS, PLACES)
    assert maps([one, one], ALT).wide.count(">voiture<") == 2


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: maps([], ALT), "at least one sentence"),
        (lambda: maps([(ENGLISH, FRENCH, WEIGHTS.T, PLACES)], ALT), r"\(T, S\) = \(4, 3\)"),
        (lambda: maps([(ENGLISH, FRENCH, WEIGHTS, PLACES[1:])], ALT), "and 3: French words down"),
        (lambda: two_ways(ENGLISH, FRENCH, [0.5, 0.5]), "one number for each"),
        (lambda: two_ways(ENGLISH, [], [0.2, 0.3, 0.5]), "0 French words"),
    ],
    ids=["nothing", "turned round", "too few places", "too few weights", "no French"],
)
def test_what_does_not_fit_is_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()
