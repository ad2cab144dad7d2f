"""Greedy decoding is one argmax after another, and a beam finds what it should."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.translation.batches import PAD
from rnncourse.translation.decoding import beam_search, greedy
from rnncourse.translation.models import EncoderDecoder, Seq2Seq

GO, EOS = 1, 0


@functools.cache
def made(cell, target):
    """One network of each kind, so that it is compiled once."""
    return EncoderDecoder(6, target, units=5, embedding=4, go=GO, eos=EOS, cell=cell)


def network(cell="gru", seed=0, target=4, scale=1.5):
    model = made(cell, target)
    rng = np.random.default_rng(seed)
    model.set_weights([scale * rng.normal(size=w.shape) for w in model.weights])
    return model


def sources(seed=0, batch=7, width=5, size=6):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, size, (batch, width)).astype(np.int32)
    return np.where(np.arange(width) < rng.integers(1, width + 1, (batch, 1)), ids, PAD)


def log_probabilities(model, source, sequences):
    """log p of each sequence, `<eos>` included, for one source; by teacher forcing."""
    longest = max(map(len, sequences))
    said = np.array([[*words, *[PAD] * (longest - len(words))] for words in sequences], np.int32)
    inputs = np.concatenate([np.full((len(said), 1), GO), said[:, :-1]], axis=1)
    inputs[inputs == EOS] = PAD
    logits = model.logits(np.repeat(source[None], len(said), axis=0), inputs)
    log_p = np.take_along_axis(tf.nn.log_softmax(logits).numpy(), np.maximum(said, 0)[..., None], 2)
    return np.where(said == PAD, 0, log_p[..., 0]).sum(axis=1)


def all_sequences(size, length):
    """Every sequence of at most `length` words that ends with `<eos>` and has no other."""
    others = [word for word in range(size) if word != EOS]
    for n in range(length):
        for words in itertools.product(others, repeat=n):
            yield [*words, EOS]


def cut(row):
    """A row up to its first `<eos>`."""
    row = list(map(int, row))
    return row[: row.index(EOS) + 1] if EOS in row else row


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("seed", range(3))
def test_greedy_takes_the_likeliest_word_at_each_step(cell, seed):
    model, source = network(cell, seed, target=8), sources(seed)
    said = greedy(model, source, max_length=6)
    for row, words in zip(said, source):
        expected = []
        while EOS not in expected and len(expected) < 6:
            logits = model.logits(words[None], [[GO, *expected]])
            expected.append(int(np.argmax(logits[0, -1])))
        assert cut(row) == expected and set(row[len(expected) :]) <= {EOS}


def test_it_stops_as_soon_as_every_row_has_ended():
    model = network(target=8)
    model.head.bias.assign(np.eye(8)[EOS] * 100)
    assert greedy(model, sources(), max_length=1000).tolist() == [[EOS]] * 7
    assert beam_search(model, sources(), 2, max_length=1000).ids.shape[-1] < 1000


def test_where_no_end_comes_none_is_made_up():
    model = network(target=8)
    model.head.bias.assign(np.eye(8)[EOS] * -100)
    said = greedy(model, sources(), max_length=9)
    assert said.shape == (7, 9) and not (said == EOS).any()
    beams = beam_search(model, sources(), 3, max_length=9)
    assert beams.ids.shape == (7, 3, 9) and not (beams.ids == EOS).any()
    assert np.isfinite(beams.score).all() and (np.diff(beams.score) <= 0).all()


@pytest.mark.parametrize("decode", [greedy, lambda *a: beam_search(*a, 3).ids[:, 0]])
def test_neither_padding_nor_neighbours_change_a_translation(decode):
    model, source = network(target=8, seed=3), sources(3)
    together = decode(model, source)
    wide = decode(model, np.pad(source, ((0, 0), (0, 4)), constant_values=PAD))
    assert np.array_equal(together, wide)
    for k in range(len(source)):
        assert cut(decode(model, source[k : k + 1])[0]) == cut(together[k])


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_beam_of_one_is_greedy(cell, penalty):
    model, source = network(cell, seed=5, target=8), sources(5, batch=20)
    beams = beam_search(model, source, 1, 8, penalty)
    said = greedy(model, source, 8)
    assert [cut(row) for row in beams.ids[:, 0]] == [cut(row) for row in said]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_what_trying_everything_finds(cell, penalty):
    model, source, length = network(cell, seed=1), sources(1, batch=3), 4
    every = list(all_sequences(4, length))
    beams = beam_search(model, source, width=27, max_length=length, length_penalty=penalty)
    for b, words in enumerate(source):
        log_p = log_probabilities(model, words, every)
        score = log_p / np.array([len(s) for s in every]) ** penalty
        best = np.argsort(-score)[:10]
        assert [cut(row) for row in beams.ids[b, :10]] == [every[k] for k in best]
        np.testing.assert_allclose(beams.log_probability[b, :10], log_p[best], rtol=1e-4)
        np.testing.assert_allclose(beams.score[b, :10], score[best], rtol=1e-4)


def test_a_beam_finds_likelier_sentences_than_greed():
    """Over many random networks a wider beam never does worse by much, and often better."""
    better = 0
    for seed in range(12):
        model, source = network(seed=seed, target=8), sources(seed, batch=8)
        greedy_score = beam_search(model, source, 1, 8).log_probability[:, 0]
        better += (
            beam_search(model, source, 3, 8).log_probability[:, 0] > greedy_score + 1e-4
        ).sum()
    assert better > 10


def test_the_log_probability_is_that_of_the_words():
    model, source = network(seed=2, target=8), sources(2, batch=4)
    beams = beam_search(model, source, 3, 8)
    for b in range(4):
        words = [cut(row) for row in beams.ids[b]]
        expected = log_probabilities(model, source[b], words)
        np.testing.assert_allclose(beams.log_probability[b], expected, rtol=1e-4)


def test_a_penalty_prefers_longer_sentences():
    lengths = {0.0: 0, 2.0: 0}
    for seed in range(6):
        model, source = network(seed=seed, target=8), sources(seed, batch=8)
        for penalty in lengths:
            ids = beam_search(model, source, 3, 8, penalty).ids[:, 0]
            lengths[penalty] += sum(len(cut(row)) for row in ids)
    assert lengths[2.0] > lengths[0.0]


def test_where_there_are_fewer_hypotheses_than_asked_for_the_rest_is_impossible():
    beams = beam_search(network(seed=1), sources(1, batch=2), width=9, max_length=1)
    assert np.isfinite(beams.score[:, :4]).all() and (beams.score[:, 4:] == -np.inf).all()
    assert (beams.ids[:, 0] == EOS).all()  # what came to an end stands before what did not


def test_it_is_compiled_once_for_all_shapes():
    calls = []

    class Counting(Seq2Seq):
        def __init__(self):
            super().__init__()
            self.keep(source_size=6, target_size=4, go=GO, eos=EOS)

        def encode(self, source, training=False):
            calls.append(source.shape)
            return (tf.cast(source[:, :1], tf.float32),), ()

        def step(self, ids, state, memory, training=False):
            return tf.one_hot(ids, 4) + tf.concat([state[0]] * 4, axis=1), state

    model = Counting()
    for batch, width, length in ((2, 3, 4), (5, 1, 9), (1, 7, 2)):
        greedy(model, sources(batch=batch, width=width), length)
    assert len(calls) == 1


def test_memory_is_handed_to_every_step_and_hypothesis():
    """What looks back must see its own row, whatever beam it is in."""

    class Copying(Seq2Seq):
        """Says the source again, and then `<eos>`; its state counts."""

        def __init__(self):
            super().__init__()
            self.keep(source_size=6, target_size=6, go=GO, eos=EOS)

        def encode(self, source, training=False):
            ended = tf.pad(tf.maximum(source, EOS), ((0, 0), (0, 1)), constant_values=EOS)
            return tf.zeros([tf.shape(source)[0]], tf.int32), {"words": ended}

        def step(self, ids, state, memory, training=False):
            here = tf.gather(memory["words"], state, batch_dims=1)
            return 3 * tf.one_hot(here, 6), state + 1

    source = np.array([[2, 3, 4], [5, PAD, PAD], [4, 2, PAD]], np.int32)
    wanted = [[2, 3, 4, EOS], [5, EOS], [4, 2, EOS]]
    assert [cut(row) for row in greedy(Copying(), source, 4)] == wanted
    beams = beam_search(Copying(), source, 3, 4, 1.0)
    assert [cut(row) for row in beams.ids[:, 0]] == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "`width` must be an integer ≥ 1"),
        ({"max_length": 0}, "`max_length` must be"),
        ({"length_penalty": -1}, "`length_penalty` must be a number ≥ 0"),
        ({"length_penalty": float("nan")}, "`length_penalty`"),
        ({"source": [[9]]}, "`source` must lie in 0 … 5"),
    ],
)
def test_arguments_it_cannot_use_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        beam_search(**{"model": network(), "source": sources()} | arguments)


def test_greedy_names_them_too():
    with pytest.raises(ValueError, match="`max_length` must be"):
        greedy(network(), sources(), 0)
    with pytest.raises(TypeError, match="must be integers"):
        greedy(network(), sources().astype(float))
