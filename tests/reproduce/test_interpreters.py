import numpy as np
import pytest
import tensorflow as tf

from rnncourse.reproduce import habits, interpreters

CONFIG = interpreters.SWEEPS[0].config


@pytest.mark.parametrize("register", interpreters.REGISTERS)
def test_54_different_sentences_of_five_words(register):
    pairs = interpreters.sentences(register)
    assert len(set(pairs)) == len({english for english, _ in pairs}) == 54
    assert {len(text) for pair in pairs for text in pair} == {5}


def test_only_formal_questions_change_the_order():
    for casual, formal in zip(interpreters.sentences("casual"), interpreters.sentences("formal")):
        asks = casual[0][3] == "?"
        expected = ("est-ce que", *casual[1][:4]) if asks else casual[1]
        assert formal == (casual[0], expected)


@pytest.mark.parametrize("register", interpreters.REGISTERS)
def test_what_is_knowable_grows_with_waiting_and_is_all_at_the_end(register):
    pairs = interpreters.sentences(register)
    shares = np.array([interpreters.knowable(pairs, wait) for wait in range(5)])
    assert np.all(np.diff(shares, axis=0) >= 0)
    assert np.all(shares[4] == 1)


def test_the_mark_is_heard_as_the_fourth_word():
    pairs = interpreters.sentences("formal")
    means = [interpreters.knowable(pairs, wait).mean() for wait in range(4)]
    assert means == pytest.approx([0.7, 0.8, 0.9, 1.0])


def test_another_register_is_refused():
    with pytest.raises(ValueError, match="`register` must be one of"):
        interpreters.sentences("slang")


def test_a_decoder_hears_nothing_but_the_encoders_last_state():
    sizes, rng = (12, 6, 9), np.random.default_rng(0)
    weights = habits.start(sizes, (0,), recurrent=True)
    weights += habits.start(sizes, (1,), recurrent=True)[4:] + [tf.zeros((1, 1, 6))]
    x = rng.normal(size=(5, 1, 3, 12)).astype("float32")
    logits = interpreters.encode_decode(weights, tf.constant(x)).numpy()
    assert logits.shape == (5, 1, 3, 9)
    x[0] += 1
    moved = interpreters.encode_decode(weights, tf.constant(x)).numpy()
    assert np.all(np.abs(moved - logits).max(axis=(1, 2, 3)) > 0)


def test_one_who_speaks_while_listening_is_not_moved_by_later_words():
    weights = habits.start((12, 6, 9), (0,), recurrent=True)
    x = np.random.default_rng(0).normal(size=(5, 1, 3, 12)).astype("float32")
    early = habits.answer(weights, tf.constant(x)).numpy()[:3]
    x[3:] = 0
    np.testing.assert_array_equal(habits.answer(weights, tf.constant(x)).numpy()[:3], early)


def test_a_network_on_the_fly_learns_what_is_knowable_and_no_more():
    config = CONFIG | {"cases": [{"register": "formal", "waits": False, "unheard": 0}]}
    (result,) = interpreters.try_interpreters(config, (31,))
    knowable = interpreters.knowable(interpreters.sentences("formal"))
    np.testing.assert_allclose(result["right"][0], knowable, atol=0.02)


def test_unheard_sentences_have_no_part_in_the_training(monkeypatch):
    batches = []
    learn = interpreters.learn

    def spy(weights, batch, updates, rate, network):
        batches.append(batch(0))
        learn(weights, batch, 2, rate, network=network)

    monkeypatch.setattr(interpreters, "learn", spy)
    config = CONFIG | {"cases": [{"register": "formal", "waits": True, "unheard": 12}]}
    (result,) = interpreters.try_interpreters(config, (31,))
    ((x, y),) = batches
    assert x.shape[:3] == y.shape == (5, 1, 42)
    assert len({sentence.tobytes() for sentence in x.numpy()[:, 0].swapaxes(0, 1)}) == 42
    assert np.shape(result["new"]) == np.shape(result["right"]) == (1, 5)


def test_words_counted_one_too_late_would_be_noticed(monkeypatch):
    """The likely mistake: word k said after hearing word k + 1."""
    knowable = interpreters.knowable
    monkeypatch.setattr(interpreters, "knowable", lambda pairs, wait=0: knowable(pairs, wait + 1))
    with pytest.raises(AssertionError):
        test_the_mark_is_heard_as_the_fourth_word()
