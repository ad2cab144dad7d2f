"""What is followed word by word, and what is counted on the way."""

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.reproduce import records, tales
from rnncourse.reproduce.fable import BEFORE, TOKENS, VOCABULARY, V

QUICK = tales.PLAIN | {"updates": 4, "every": 2, "units": 6, "prompts": 5, "words": 7}


@pytest.fixture
def by_heart(monkeypatch):
    """Networks that answer from the fable, and take the first way at each fork; else word 0."""
    answers = {window: next(iter(after)) for window, after in tales.FOLLOWERS.items()}

    def logits(config, w, ids):
        said = [[answers.get(tuple(row), 0) for row in rows.tolist()] for rows in np.asarray(ids)]
        return tf.one_hot(said, V, on_value=20.0, off_value=-20.0)

    monkeypatch.setattr(tales, "logits", logits)
    return {"b_y": np.zeros((2, 1, V))}


def test_a_tale_is_followed_from_its_own_words(by_heart):
    said = tales.follow({}, by_heart, BEFORE[:1], 300)
    assert said.shape == (2, 1, 303)
    told = VOCABULARY.decode(said[0, 0])
    # The first way at both forks goes round: see the drawing of the four ways.
    assert told[:129] == TOKENS[:129] and told[129:133] == TOKENS[25:29]
    assert tales._alike(said[0, 0], VOCABULARY.encode(TOKENS)) == 129
    assert not tales._holds(said[0, 0], VOCABULARY.encode(TOKENS[-3:]))


def test_who_is_on_the_fable_stays_on_it_and_others_are_off(by_heart):
    prompts = np.array([BEFORE[5], [0, 0, 0]])
    on = tales._on_rails(tales.follow({}, by_heart, prompts, 6))
    assert on.tolist() == [[0.5] * 7] * 2


@pytest.mark.parametrize("seed", range(3))
def test_one_word_is_changed_and_the_window_is_new(seed):
    changed = tales.one_word_changed(np.random.default_rng(seed), 50)
    assert changed.shape == (50, 3)
    for window in changed:
        assert tuple(window.tolist()) not in tales.FOLLOWERS
        assert np.max(np.sum(BEFORE == window, axis=1)) == 2


def test_probabilities_add_up_to_one(by_heart):
    p = tales.probabilities({}, by_heart, BEFORE[:4])
    assert p.shape == (2, 4, V) and np.allclose(p.sum(axis=-1), 1)


def test_counting_knows_what_was_shown_and_nothing_else():
    seen = np.arange(0, 201, 2)
    everything = tales._by_counting(np.arange(201), np.arange(201))
    ids = VOCABULARY.encode(TOKENS)
    assert np.sum(everything == ids[3:]) == 184
    assert set(tales._by_counting(seen, np.arange(1, 201, 2))) <= set(ids[3:][seen])


def test_results_have_an_entry_for_each_case():
    cases = [{"reads": "embedding", "layers": 0}, {"reads": "one-hot", "layers": 1}]
    for result in tales.tales(QUICK | {"cases": cases}, (0, 1)):
        assert {name: np.shape(v) for name, v in result.items()} == {
            "right": (2,),
            "reached": (2,),
            "first_way": (2, 2),
            "told": (2,),
            "ends": (2,),
            "whole": (2,),
            "back": (2, 8),
        }
    for result in tales.unseen(QUICK | {"cases": cases, "left_out": 40}, (0, 1)):
        assert {name: np.shape(v) for name, v in result.items()} == dict.fromkeys(
            ("shown", "unseen", "counting"), (2,)
        )


def test_the_record_says_what_the_lesson_says():
    record = records.load("fable-tales")
    told = record.values("told")
    assert np.all(np.isin(told, [25, 43, 129]))  # the first forks, and never the whole
    assert np.all(record.values("whole") < 2.0**-4)
    back = np.median(record.values("back"), axis=0)
    assert back[3, 3] > 0.7 > 0.3 > back[0, 3] > back[1, 3]
    unseen = records.load("fable-unseen")
    assert np.all(unseen.values("unseen").mean(axis=0) < unseen.values("counting").mean(axis=0))


def test_a_tale_told_from_the_book_is_seen(by_heart, monkeypatch):
    """The likely mistake: the next question is asked from the book, not from the answer."""
    follow = tales.follow

    def from_the_book(config, w, prompts, words):
        said = follow(config, w, BEFORE[: words + 1], 1)[..., -1]
        return np.concatenate([np.repeat(prompts[None], 2, axis=0), said[:, None, :words]], axis=-1)

    monkeypatch.setattr(tales, "follow", from_the_book)
    with pytest.raises(AssertionError):
        said = tales.follow({}, by_heart, BEFORE[:1], 200)
        assert VOCABULARY.decode(said[0, 0])[129:133] == TOKENS[25:29]
