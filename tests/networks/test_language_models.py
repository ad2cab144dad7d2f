"""A language model carries its state, drops in training only, and goes on after a kill."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.data.text import batch_producer
from rnncourse.evaluation import relative_difference
from rnncourse.generation import continue_words
from rnncourse.networks import language_models
from rnncourse.networks.language_models import LanguageModel, score, stream_loss
from rnncourse.reference import lstm_step
from rnncourse.training.loop import train

ROOT = Path(__file__).parents[2]
KINDS = {"lstm": 2, "gru": 1, "rnn": 1}


def randomized(seed=3, **settings):
    """A small model with random, asymmetric weights."""
    model = LanguageModel(**{"vocabulary": 11, "units": 4} | settings)
    model.build((None, None))
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape))
    return model


def ids(*shape, seed=0):
    return np.random.default_rng(seed).integers(11, size=shape).astype(np.int32)


def text(words, seed=0):
    return ids(words, seed=seed)


# The equation.


def by_hand(model, words):
    """Logits of a stack of LSTMs `(B, T, V)`, from NumPy's reference."""
    rows = np.asarray(model.embedding.embeddings)[words]  # (B, T, H)
    for layer in model.recurrent:
        kernel, recurrent, bias = map(np.asarray, layer.get_weights())
        h = c = np.zeros((len(words), recurrent.shape[0]))
        steps = []
        for x in rows.transpose(1, 0, 2):
            h, c = lstm_step(x, (h, c), kernel, recurrent, bias)
            steps.append(h)
        rows = np.stack(steps, axis=1)
    if model.head is None:
        table = np.asarray(model.embedding.embeddings)
        return rows @ table.T + np.asarray(model.head_bias)
    return rows @ np.asarray(model.head.kernel) + np.asarray(model.head.bias)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_logits_are_those_of_the_reference(layers, tied):
    model, words = randomized(layers=layers, tied=tied), ids(3, 6)
    assert relative_difference(model(words)[0], by_hand(model, words)) < 1e-5


@pytest.mark.parametrize("cell", KINDS)
def test_the_state_is_one_tensor_of_layers_parts_rows_and_units(cell):
    model = LanguageModel(vocabulary=11, units=4, layers=3, cell=cell)
    logits, states = model(ids(2, 5))
    assert logits.shape == (2, 5, 11)
    assert states.shape == model.zero_state(2).shape == (3, KINDS[cell], 2, 4)


def test_the_state_of_an_lstm_holds_first_the_output_then_the_cell():
    model, words = randomized(layers=1), ids(2, 5)
    _, states = model(words)
    outputs, h, c = model.recurrent[0](model.embedding(words))
    assert relative_difference(states[0, 0], outputs[:, -1]) < 1e-6
    assert relative_difference(states[0], tf.stack([h, c])) < 1e-6


@pytest.mark.parametrize("cell", KINDS)
def test_text_in_pieces_with_the_state_carried_is_the_text_whole(cell):
    model, words = randomized(cell=cell), ids(2, 9)
    whole, last = model(words)
    states, said = None, []
    for piece in np.split(words, [1, 4], axis=1):
        logits, states = model(piece, states)
        said.append(logits)
    assert relative_difference(tf.concat(said, axis=1), whole) < 1e-5
    assert relative_difference(states, last) < 1e-5


def test_a_word_changes_nothing_that_was_said_before_it():
    model, words = randomized(), ids(2, 6)
    other = words.copy()
    other[:, 3:] = (other[:, 3:] + 1) % 11
    before, after = model(words)[0], model(other)[0]
    assert np.array_equal(before[:, :3], after[:, :3])
    assert not np.allclose(before[:, 3:], after[:, 3:])


def test_rows_of_a_batch_do_not_hear_each_other():
    model, words = randomized(), ids(4, 5)
    order = [2, 0, 3, 1]
    assert relative_difference(model(words[order])[0], model(words)[0].numpy()[order]) < 1e-6


def test_dropout_is_off_unless_training_and_drops_the_share_it_is_given():
    model, words = randomized(dropout=0.9), ids(2, 5)
    assert np.array_equal(model(words)[0], model(words)[0])
    assert not np.allclose(model(words, training=True)[0], model(words)[0])
    dropped = model.drop[0](tf.ones((100, 100)), training=True).numpy() == 0
    assert dropped.mean() == pytest.approx(0.9, abs=0.02)


def test_dropout_stands_on_the_words_and_on_what_each_layer_says():
    model = LanguageModel(vocabulary=11, units=4, layers=3, dropout=0.5)
    assert [layer.rate for layer in model.drop] == [0.5] * 4


def test_tied_weights_are_fewer_and_one_table():
    free, tied = (LanguageModel(100, 8, tied=tied) for tied in (False, True))
    for model in free, tied:
        model.build((None, None))
    assert free.count_params() - tied.count_params() == 8 * 100
    tied.embedding.embeddings.assign(tf.zeros((100, 8)))
    assert not np.any(tied(ids(1, 3))[0])


def test_the_embedding_may_be_narrower_than_the_layers():
    model = LanguageModel(vocabulary=11, units=8, embedding=3)
    model(ids(1, 2))
    assert model.embedding.embeddings.shape == (11, 3)


def test_a_saved_model_says_the_same_bit_for_bit(tmp_path):
    model, words = randomized(layers=2, tied=True, dropout=0.3), ids(2, 5)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(again(words)[0], model(words)[0])


# What must match to restore.


def test_weights_go_to_any_batch_and_any_number_of_steps(tmp_path):
    trained = randomized()
    trained.save_weights(tmp_path / "some.weights.h5")
    fresh = LanguageModel(vocabulary=11, units=4)
    fresh.build((None, None))
    fresh.load_weights(tmp_path / "some.weights.h5")
    words = ids(7, 3)
    assert np.array_equal(fresh(words)[0], trained(words)[0])


@pytest.mark.parametrize("other", [{"units": 5}, {"vocabulary": 12}, {"layers": 3}])
def test_weights_go_to_no_other_size(other, tmp_path):
    randomized().save_weights(tmp_path / "some.weights.h5")
    with pytest.raises(ValueError):
        fresh = LanguageModel(**{"vocabulary": 11, "units": 4} | other)
        fresh.build((None, None))
        fresh.load_weights(tmp_path / "some.weights.h5")


# Training on a stream.


def losses_by_hand(model, x, y, carry=True):
    states, found = model.zero_state(x.shape[1]), []
    for words, wanted in zip(x, y):
        logits, new = model(words, states)
        states = new if carry else states
        log_p = np.array(tf.nn.log_softmax(logits), np.float64)
        found.append(-np.mean(np.take_along_axis(log_p, wanted[..., None], -1)))
    return found


@pytest.mark.parametrize("carry", [True, False])
def test_the_loss_is_the_mean_over_words_with_the_state_carried_or_not(carry):
    model = randomized()
    x, y = batch_producer(text(60), batch_size=3, steps=4)
    loss, _ = stream_loss(model, x, y, carry=carry)
    got = [float(loss(tf.constant(k))) for k in range(len(x))]
    assert relative_difference(got, losses_by_hand(model, x, y, carry)) < 1e-5


def test_each_pass_begins_from_zeros():
    model = randomized()
    x, y = batch_producer(text(60), batch_size=3, steps=4)
    loss, state = stream_loss(model, x, y)
    first = [float(loss(tf.constant(k))) for k in range(len(x))]
    assert np.any(state)
    again = [float(loss(tf.constant(len(x) + k))) for k in range(len(x))]
    assert again == first


def test_no_gradient_goes_back_past_the_window():
    model = randomized()
    x, y = batch_producer(text(60), batch_size=3, steps=4)
    loss, _ = stream_loss(model, x, y)
    loss(tf.constant(0))
    with tf.GradientTape() as tape:
        value = loss(tf.constant(1))
    got = tape.gradient(value, model.recurrent[0].cell.recurrent_kernel.value)
    _, before = model(x[0])
    with tf.GradientTape() as tape:
        logits, _ = model(x[1], tf.stop_gradient(before))
        value = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant(y[1], tf.int32), logits)
        )
    alone = tape.gradient(value, model.recurrent[0].cell.recurrent_kernel.value)
    assert relative_difference(got, alone) < 1e-5


MUTATIONS = {
    "the state is forgotten": lambda loss, state, step: (state.assign(0 * state), loss(step))[1],
    "the targets are the inputs": None,
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_likely_slip_is_seen(mutation):
    model = randomized()
    x, y = batch_producer(text(60), batch_size=3, steps=4)
    change = MUTATIONS[mutation]
    loss, state = stream_loss(model, x, y if change else x)
    ask = (lambda step: change(loss, state, step)) if change else loss
    got = [float(ask(tf.constant(k))) for k in range(len(x))]
    with pytest.raises(AssertionError):
        assert relative_difference(got, losses_by_hand(model, x, y)) < 1e-5


def test_training_learns_a_text_that_repeats():
    keras.utils.set_random_seed(2)
    model = LanguageModel(vocabulary=5, units=8, layers=1)
    x, y = batch_producer([0, 1, 2, 1, 3, 1, 4, 1] * 40, batch_size=4, steps=8)
    loss, state = stream_loss(model, x, y)
    losses = train(loss, [model], keras.optimizers.Adam(0.03), 200, carry=[state], clip=5.0)
    assert losses[:5].mean() > 1.3
    assert losses[-5:].mean() < 0.1


# Reading.


def test_every_word_but_the_first_is_asked_for():
    model, words = randomized(), text(30)
    said = score(model, words, steps=7)
    log_p = tf.nn.log_softmax(model(words[None, :-1])[0])[0].numpy()
    assert said.targets.tolist() == [words[1:].tolist()]
    assert said.predicted.tolist() == [log_p.argmax(axis=-1).tolist()]
    assert relative_difference(said.log_probability[0], log_p[np.arange(29), words[1:]]) < 1e-5


def test_the_size_of_the_pieces_changes_nothing_if_the_state_is_carried():
    model, words = randomized(), text(30)
    reads = [score(model, words, steps=steps).log_probability for steps in (1, 7, 99)]
    assert relative_difference(reads[0], reads[1]) < 1e-5
    assert relative_difference(reads[0], reads[2]) < 1e-5


def test_without_carrying_each_piece_is_read_as_if_it_were_the_first():
    model, words = randomized(), text(21)
    said = score(model, words, steps=5, carry=False).log_probability[0]
    for start in range(0, 20, 5):
        alone = score(model, words[start : start + 6]).log_probability[0]
        assert relative_difference(said[start : start + 5], alone) < 1e-5


def test_rows_read_side_by_side_leave_the_remainder_out():
    said = score(randomized(), text(24), batch_size=5)
    assert said.targets.shape == said.predicted.shape == said.log_probability.shape == (5, 4)


def test_probabilities_of_all_words_sum_to_one():
    model, words = randomized(), text(4)
    total = sum(np.exp(score(model, [*words, word]).log_probability[0, -1]) for word in range(11))
    assert total == pytest.approx(1, abs=1e-5)


def test_word_for_word_is_the_same_as_all_at_once():
    model, words, state = randomized(), text(6), None
    for word in words:
        logits, state = model.step(word, state)
    assert relative_difference(logits, model(words[None])[0][0, -1]) < 1e-5


def test_a_model_continues_a_prompt():
    model = randomized()
    said = continue_words(model.step, [1, 2], 5, temperature=0.7, seed=4)
    assert said.shape == (5,)
    assert np.array_equal(said, continue_words(model.step, [1, 2], 5, temperature=0.7, seed=4))


# What is refused.


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"vocabulary": 0}, "`vocabulary` must be an integer ≥ 1, got 0"),
        ({"units": 2.0}, "`units` must be an integer"),
        ({"layers": "two"}, "`layers` must be an integer"),
        ({"cell": "transformer"}, "one of lstm, gru, rnn"),
        ({"dropout": 1}, "a share to drop"),
        ({"dropout": "half"}, "a share to drop"),
        ({"tied": True, "embedding": 3}, "must equal units = 4"),
    ],
)
def test_bad_settings_are_named(settings, match):
    with pytest.raises(ValueError, match=match):
        LanguageModel(**{"vocabulary": 11, "units": 4} | settings)


@pytest.mark.parametrize(
    ("words", "states", "error", "match"),
    [
        (ids(3), None, ValueError, r"\(B, T\)"),
        (np.zeros((1, 2)), None, TypeError, "must be integers"),
        (np.array([["a", "girl"]]), None, TypeError, "must be integers"),
        (ids(3, 2), np.zeros((2, 2, 4, 4)), ValueError, r"\(2, 2, 3, 4\)"),
    ],
)
def test_bad_calls_are_named(words, states, error, match):
    with pytest.raises(error, match=match):
        randomized()(words, states)


@pytest.mark.parametrize("word", [-1, 11])
def test_an_id_that_no_word_has_is_refused(word):
    with pytest.raises(ValueError, match="0 … 10"):
        score(randomized(), [1, word, 2])
    with pytest.raises(tf.errors.InvalidArgumentError):
        randomized()(np.array([[word]]))


@pytest.mark.parametrize(
    ("x", "y", "error", "match"),
    [
        (ids(3, 4), ids(3, 4), ValueError, r"\(n, B, T\)"),
        (ids(2, 3, 4), ids(2, 3, 5), ValueError, "shape of `x`"),
        (np.zeros((2, 3, 4)), ids(2, 3, 4), TypeError, "integer ids"),
        (ids(0, 3, 4), ids(0, 3, 4), ValueError, "at least one window"),
    ],
)
def test_bad_windows_are_named(x, y, error, match):
    with pytest.raises(error, match=match):
        stream_loss(randomized(), x, y)


# Kills.

KILLED = """
import sys
import time

import keras
import numpy as np

from rnncourse.data.text import batch_producer
from rnncourse.networks.language_models import LanguageModel, stream_loss
from rnncourse.training.loop import train


def run(seed, **settings):
    keras.utils.set_random_seed(seed)
    model = LanguageModel(vocabulary=30, units=6, layers=2, dropout=0.4, tied=True)
    words = np.random.default_rng(0).integers(30, size=400)
    x, y = batch_producer(words, batch_size=4, steps=5)
    loss, state = stream_loss(model, x, y)
    rate = keras.optimizers.schedules.ExponentialDecay(0.05, 20, 0.93)
    losses = train(
        loss, [model], keras.optimizers.Adam(rate), 150, carry=[state], clip=0.5,
        steps_per_call=7, **settings,
    )
    return [losses, state.numpy(), *model.get_weights()]


def tell(step, losses):
    print(step, flush=True)
    time.sleep(0.03)


saved = {"checkpoint": sys.argv[1], "checkpoint_every": 0}
resumed = run(int(sys.argv[2]), **saved, after_call=tell)
print(all(map(np.array_equal, resumed, run(1))))
"""


@pytest.fixture
def start(tmp_path):
    script, started = tmp_path / "killed.py", []
    script.write_text(KILLED)

    def begin(seed):
        process = subprocess.Popen(
            [sys.executable, script, tmp_path / "saved", str(seed)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def test_a_language_model_killed_at_random_moments_ends_with_the_same_bits(start):
    for seed in 1, 2:  # who goes on from a checkpoint may start from any weights
        process = start(seed)
        for _ in range(random.randint(1, 5)):
            assert process.stdout.readline(), process.stderr.read()
        time.sleep(random.uniform(0, 0.06))
        process.kill()
        assert process.wait() == -signal.SIGKILL
    last = start(3)
    said, errors = last.communicate()
    assert last.returncode == 0, errors
    first, *_, same = said.split()
    assert int(first) > 14, "it began anew"
    assert same == "True"


def test_a_model_that_reads_the_wrong_table_is_seen(monkeypatch):
    def untied(self, outputs):
        return tf.einsum("bth,vh->btv", outputs, -self.embedding.embeddings) + self.head_bias

    model, words = randomized(tied=True), ids(3, 6)
    monkeypatch.setattr(language_models.LanguageModel, "_ask", untied)
    with pytest.raises(AssertionError):
        assert relative_difference(model(words)[0], by_hand(model, words)) < 1e-5
