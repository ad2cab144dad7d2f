import numpy as np
import pytest

from rnncourse.reproduce import translating
from rnncourse.reproduce.translating import BASE, Class, held_out, lessons, meanings

TINY = BASE | {
    "sentences": 600,
    "tests": 30,
    "units": 24,
    "embedding": 16,
    "updates": 40,
    "every": 20,
    "batch": 16,
    "jit": False,
    "cases": [{"reverse": True}, {"reverse": False}],
}


@pytest.fixture(scope="module")
def made():
    return lessons(TINY, 3)


def test_each_test_asks_what_it_says(made):
    learnt = {english for english, _ in made["train"]}
    for name in ("held out", "pair", "others"):
        assert not learnt & {english for english, _ in made[name]}
    assert [len(made[name]) for name in ("train", "held out", "pair", "others")] == [600, 30, 1, 30]
    assert [len(english) for english, _ in made["longer"]] == [6] * 15 + [7] * 15 + [8] * 15
    assert max(len(english) for english, _ in made["train"]) == 5


def test_every_form_of_the_tests_was_taught(made):
    for side in (0, 1):
        taught = {word for pair in made["train"] for word in pair[side]}
        for name in ("held out", "pair", "others"):
            assert taught.issuperset(word for pair in made[name] for word in pair[side])


def test_lessons_come_again_with_their_seed(made):
    assert lessons(TINY, 3) == made
    assert lessons(TINY, 4)["train"] != made["train"]


def test_a_class_starts_anew_for_each_seed(made):
    group = Class(TINY, jit=False)
    ready = group.prepare(made["train"], reverse=True)
    weights = []
    for seed in (5, 6, 5):
        group.teach(ready, seed)
        weights.append(group.model.get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(weights[0], weights[2]))
    assert not np.array_equal(weights[0][0], weights[1][0])
    assert float(group.optimizer.learning_rate.numpy()) < 1e-3


def test_sources_are_turned_round_only_if_asked(made):
    group = Class(TINY)
    backwards, forwards = (group.prepare(made["train"], r).source for r in (True, False))
    for a, b, (english, _) in zip(backwards[:50], forwards[:50], made["train"]):
        n = len(english)
        assert group.words[0].decode(b[:n]) == list(english)
        assert a[:n].tolist() == b[:n][::-1].tolist()


@pytest.fixture(scope="module")
def found():
    return held_out(TINY, (1,))[0]


def test_a_sweep_scores_each_case(found):
    assert np.shape(found["right"]) == (2,)
    assert np.shape(found["by length"]) == (2, 3)
    assert np.shape(found["longer"]) == (2, 3)
    assert np.shape(found["course"]) == (2, 2)
    assert np.shape(found["beam"]) == np.shape(found["likelier"]) == (2, 3)
    # A beam of one is the likeliest word each time.
    assert np.array(found["beam"])[:, 0].tolist() == found["right"]
    assert np.array(found["likelier"])[:, 0].tolist() == [0, 0]
    for scores in found.values():
        assert np.all((np.asarray(scores) >= 0) & (np.asarray(scores) <= 1))


def test_a_rerun_makes_the_first_part_of_the_very_training(found):
    sweep = translating.SWEEPS[0]
    begun = sweep.run(TINY, 1)["course"]
    assert np.isnan(begun).tolist() == [[False, True]] * 2
    np.testing.assert_allclose(np.array(begun)[:, 0], np.array(found["course"])[:, 0], atol=0.05)


def test_another_form_of_a_word_means_the_same_and_another_word_does_not():
    assert meanings(["chats", "blanches"]) == meanings(["chat", "blanc"])
    assert meanings(["je", "bois", "du", "thé"]) != meanings(["je", "bois", "du", "lait"])
