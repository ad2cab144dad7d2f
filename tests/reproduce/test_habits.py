import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.data import gym
from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import habits

RUNS = {"people": 50, "days": 100, "gaps": [0, 1]}
WINDOWS = {"units": 8, "people": 20, "batch": 64, "updates": 300, "rate": 0.02, "runs": RUNS}


def fresh(seed, people=3, days=20):
    return gym.diaries(people, days, seed)


def test_the_recurrent_network_is_keras_s():
    weights = habits.start((8, 5, 8), (4,), recurrent=True)
    W_x, b, W_y, b_y, W_h = (w.numpy()[0] for w in weights)
    rnn, read_out = keras.layers.SimpleRNN(5, return_sequences=True), keras.layers.Dense(8)
    x = gym.inputs(*fresh(1)[:2], 1, dated=False)
    rnn.build(x.shape)
    read_out.build((3, 20, 5))
    rnn.set_weights([W_x, W_h, b[0]])
    read_out.set_weights([W_y, b_y[0]])
    ours = habits.answer(weights, tf.constant(x.transpose(1, 0, 2)[:, None]))[:, 0]
    assert relative_difference(tf.transpose(ours, (1, 0, 2)), read_out(rnn(x))) < 1e-5


def test_the_feed_forward_network_is_keras_s():
    weights = habits.start((20, 6, 8), (4,), recurrent=False)
    W_x, b, W_y, b_y = (w.numpy()[0] for w in weights)
    layers = keras.layers.Dense(6, "relu"), keras.layers.Dense(8)
    x = gym.inputs(*fresh(1)[:2], 0, dated=True).reshape(60, 20)
    layers[0].build(x.shape)
    layers[1].build((60, 6))
    layers[0].set_weights([W_x, b[0]])
    layers[1].set_weights([W_y, b_y[0]])
    assert relative_difference(habits.answer(weights, x)[0], layers[1](layers[0](x))) < 1e-5


def test_the_walk_in_numpy_says_what_the_network_says():
    weights = habits.start((8, 5, 8), (7,), recurrent=True)
    ill, done, _ = fresh(2)
    x = gym.inputs(ill, done, 1, dated=False)
    logits = habits.answer(weights, tf.constant(x.transpose(1, 0, 2)[:, None]))[:, 0]
    said = habits.walk([w.numpy()[0] for w in weights], ill, done)
    np.testing.assert_array_equal(said, np.argmax(logits, axis=-1).T)


@pytest.mark.parametrize("lags", [0, 1, 3])
def test_ids_become_the_inputs_that_the_lesson_uses(lags):
    ill, done, _ = fresh(3, days=400)
    ids = habits._ids(ill, done, lags)
    np.testing.assert_array_equal(ids[:, 0], done.ravel())
    x = gym.inputs(ill, done, lags, dated=True).reshape(-1, 20 + 7 * lags)
    np.testing.assert_array_equal(habits._one_hot(tf.constant(ids[:, 1:])), x)


def test_a_seed_trains_the_same_network_alone_and_in_company():
    config = WINDOWS | {"cases": [{"lags": 1}], "updates": 60}
    alone = habits.try_windows(config, (5,))[0]
    company = habits.try_windows(config, (4, 5))[1]
    assert alone["right"] == pytest.approx(company["right"], abs=0.02)


def test_days_are_drawn_evenly_over_the_gaps_if_asked():
    _, done, _ = gym.diaries(50, 365, 1)
    config = {"updates": 200, "batch": 100, "runs": {"gaps": [0, 1, 2]}}
    missed = gym.missed_before(done).ravel()
    even = missed[habits._draw(done, config | {"evenly": True}, 0)]
    # Standard error of a third of 20,000: 0.0033.
    assert np.bincount(even.ravel()) / even.size == pytest.approx([1 / 3] * 3, abs=0.02)
    plain = missed[habits._draw(done, config, 0)]
    assert np.mean(plain == 2) == pytest.approx(np.mean(missed == 2), abs=0.005)


def test_a_case_replaces_settings_and_each_has_its_scores():
    config = WINDOWS | {"updates": 5, "cases": [{"lags": 0}, {"lags": 2, "updates": 7}]}
    (result,) = habits.try_windows(config, (0,))
    assert np.shape(result["after"]) == (2, 2)
    assert {np.shape(result[name]) for name in ("exact", "first", "right", "later")} == {(2,)}
    assert result["exact"][1] == -1


def test_who_answers_best_scores_the_ceiling_and_one_after_every_gap():
    def said(ill, done):
        _, _, due = gym.diaries(RUNS["people"], RUNS["days"], rng=10**9)
        return np.where(ill == 1, gym.MISSED, due)

    assert habits.scores(said, RUNS) == {
        "first": 0.9,
        "right": 0.9,
        "later": 0.9,
        "after": [1.0, 1.0],
    }


def test_the_exact_score_is_that_of_the_answers_by_date_and_health():
    def best(ill, done):
        answers = gym.odds().argmax(axis=-1)
        return answers[np.arange(365), ill]

    exact = gym.calendar_score(gym.odds().argmax(axis=-1)).mean()
    assert habits._exact(best) == pytest.approx(exact, abs=1e-5)


def test_an_untrained_network_predicts_nothing():
    (result,) = habits.try_windows(WINDOWS | {"rate": 0.0, "cases": [{"lags": 1}]}, (3,))
    assert result["right"][0] < 0.4


def test_targets_moved_by_a_day_would_be_noticed(monkeypatch):
    """The likely mistake: yesterday's entry as the target, which the input already holds."""
    ids = habits._ids
    monkeypatch.setattr(habits, "_ids", lambda ill, done, lags: ids(ill, gym.before(done, 1), lags))
    with pytest.raises(AssertionError):
        test_ids_become_the_inputs_that_the_lesson_uses(1)


def test_a_network_without_its_loop_would_be_noticed(monkeypatch):
    """The likely mistake: every day walked from zeros."""
    answer = habits.answer

    def forgetful(weights, x):
        *rest, loop = weights
        return answer([*rest, 0 * loop], x)

    monkeypatch.setattr(habits, "answer", forgetful)
    with pytest.raises(AssertionError):
        test_the_recurrent_network_is_keras_s()
