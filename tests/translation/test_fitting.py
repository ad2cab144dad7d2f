"""Training teaches what the targets say, whatever the padding, and can be taken up again."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.translation import batches, fitting
from rnncourse.translation.batches import PAD, Prepared, prepare, vocabularies
from rnncourse.translation.decoding import greedy
from rnncourse.translation.fitting import (
    exact_match,
    fit,
    masked_mean,
    order,
    sampled_logits,
    token_loss,
)
from rnncourse.translation.models import EncoderDecoder

VERBS = {"drink": "bois", "want": "veux", "see": "vois"}
NOUNS = {"milk": "le lait", "water": "l' eau", "red tea": "le thé rouge", "tea": "le thé"}
PAIRS = [
    (f"i {do} the {noun}".split(), f"je {fais} {nom}".split())
    for do, fais in VERBS.items()
    for noun, nom in NOUNS.items()
]
WORDS = vocabularies(PAIRS)
READY = prepare(PAIRS, *WORDS)


def model(seed=0, **settings):
    keras.utils.set_random_seed(seed)
    return EncoderDecoder.for_vocabularies(*WORDS, **{"units": 32, "embedding": 16} | settings)


def learn(ready=READY, *, updates, network=None, seed=0, **options):
    network = model() if network is None else network
    plain = {"batch_size": 6, "rate": 0.02, "jit": False, "steps_per_call": 200}
    losses = fit(network, ready, updates, seed=seed, **plain | options)
    return network, losses


def widened(ready, by=3):
    source, lengths, *rest = ready
    wide = [np.pad(a, ((0, 0), (0, by)), constant_values=PAD) for a in (source, *rest[:2])]
    return Prepared(wide[0], lengths, *wide[1:], wide[2] != PAD)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("seed", [1])
def test_it_learns_a_dozen_sentences_by_heart(cell, seed):
    # So do five seeds of five.
    network, losses = learn(seed=seed, updates=200, network=model(seed, cell=cell))
    assert exact_match(network, READY).all() and losses[-1] < 0.1 * losses[0]
    assert token_loss(network, READY) < 0.2


@pytest.mark.parametrize("jit", [False, True], ids=["loop", "xla"])
def test_padding_the_width_of_batches_and_xla_do_not_change_the_training(jit, plainly_trained):
    network, losses = plainly_trained
    wide, wide_losses = learn(widened(READY), updates=8, jit=jit)
    assert relative_difference(wide_losses, losses) < 1e-4
    for ours, theirs in zip(wide.get_weights(), network.get_weights()):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.fixture(scope="module")
def plainly_trained():
    return learn(updates=8)


def test_a_training_taken_up_again_ends_with_the_very_same_bits(tmp_path):
    """With dropout and words of its own: all chance follows from the seed and the update."""

    def run(updates_first=None):
        network = model(dropout=0.2, units=8)
        options = {"batch_size": 6, "jit": False, "steps_per_call": 5, "sampling": 0.5}
        if updates_first is None:
            losses = fit(network, READY, 20, **options)
            return losses, network.get_weights()

        class Stop(Exception):
            pass

        def stop(done, _):
            if done >= updates_first:
                raise Stop

        saved = {"checkpoint": tmp_path / "c", "checkpoint_every": 0}
        with pytest.raises(Stop):
            fit(network, READY, 20, after_call=stop, **options, **saved)
        fresh = model(seed=9, dropout=0.2, units=8)
        return fit(fresh, READY, 20, **options, **saved), fresh.get_weights()

    (losses, weights), (again, other) = run(), run(10)
    assert np.array_equal(losses, again)
    assert all(np.array_equal(a, b) for a, b in zip(weights, other))


def test_the_mean_is_over_words_and_not_over_padding():
    logits = tf.random.stateless_normal((2, 3, 5), [1, 2])
    targets = tf.constant([[3, 0, PAD], [0, PAD, PAD]])
    log_p = tf.nn.log_softmax(logits).numpy()
    by_hand = -(log_p[0, 0, 3] + log_p[0, 1, 0] + log_p[1, 0, 0]) / 3
    assert float(masked_mean(logits, targets)) == pytest.approx(by_hand, rel=1e-6)
    poisoned = tf.where((targets == PAD)[..., None], np.nan, logits)
    assert float(masked_mean(poisoned, targets)) == pytest.approx(by_hand, rel=1e-6)


def test_the_loss_of_a_text_is_that_of_its_words_however_it_is_cut():
    network = model()
    whole = token_loss(network, READY)
    assert token_loss(network, READY, batch_size=5) == pytest.approx(whole, rel=1e-5)
    assert token_loss(network, widened(READY)) == pytest.approx(whole, rel=1e-5)
    log_p = tf.nn.log_softmax(network.logits(READY.source, READY.inputs)).numpy()
    each = np.take_along_axis(log_p, np.maximum(READY.targets, 0)[..., None], 2)[..., 0]
    assert whole == pytest.approx(-each[READY.mask].mean(), rel=1e-5)


@pytest.fixture(scope="module")
def trained():
    return learn(updates=200)[0]


def test_exact_match_is_word_for_word_with_its_end(trained):
    assert exact_match(trained, READY).all() and exact_match(trained, READY, batch_size=5).all()
    changed = READY.targets.copy()
    changed[3, 1] = (changed[3, 1] + 1) % trained.target_size
    expected = np.arange(len(PAIRS)) != 3
    assert np.array_equal(exact_match(trained, READY._replace(targets=changed)), expected)
    assert np.array_equal(exact_match(trained, READY, max_length=40), [True] * len(PAIRS))


def test_a_translation_cut_off_is_no_match(trained):
    needed = READY.mask.sum(axis=1)
    assert np.array_equal(exact_match(trained, READY, max_length=4), needed <= 4)


# Likely mistakes, each of which must show as wrong translations or another loss.


def test_targets_that_are_not_pushed_back_are_seen():
    """The decoder is given the very word it must say: it learns to repeat, and cannot speak."""
    ready = READY._replace(inputs=READY.targets)
    network, losses = learn(ready, updates=200)
    assert losses[-1] < 0.1  # and yet:
    with pytest.raises(AssertionError):
        assert exact_match(network, READY).mean() > 0.5


def test_a_missing_go_is_seen(trained):
    """Decoding that begins with the first word, as if somebody had said it already."""
    state, memory = trained.encode(READY.source)
    for begun, right in ((trained.go, True), (int(WORDS[1].encode(["je"])[0]), False)):
        logits, _ = trained.step(np.full(len(PAIRS), begun), state, memory)
        assert (np.argmax(logits, axis=-1) == READY.targets[:, 0]).all() == right


def test_a_source_that_is_not_reversed_at_inference_is_seen(trained):
    forwards = prepare(PAIRS, *WORDS, reverse=False)
    with pytest.raises(AssertionError):
        assert exact_match(trained, forwards).mean() > 0.5


def test_a_decoder_that_takes_padding_for_words_is_seen(monkeypatch, plainly_trained):
    def unmasked(logits, targets):
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(targets, 0), logits)
        )

    monkeypatch.setattr(fitting, "masked_mean", unmasked)
    with pytest.raises(AssertionError):
        test_padding_the_width_of_batches_and_xla_do_not_change_the_training(False, plainly_trained)


def test_sampling_with_a_share_of_zero_is_teacher_forcing():
    network, ready = model(), READY.rows(slice(0, 5))
    source, inputs = map(tf.constant, (ready.source, ready.inputs))
    sampled = sampled_logits(network, source, inputs, 0.0, [0, 1])
    there = ready.inputs != PAD
    forced = network.logits(source, inputs).numpy()
    assert relative_difference(sampled.numpy()[there], forced[there]) < 1e-5


def test_sampling_with_a_share_of_one_is_greedy_decoding():
    network, ready = model(3), READY
    logits = sampled_logits(
        network, tf.constant(ready.source), tf.constant(ready.inputs), 1.0, [0, 1]
    )
    own = np.argmax(logits, axis=-1)
    said = greedy(network, ready.source, own.shape[1])
    for row, expected in zip(own, said):
        n = list(expected).index(network.eos) if network.eos in expected else len(expected)
        assert np.array_equal(row[:n], expected[:n])


def test_coins_follow_from_the_seed_alone_and_their_share_is_kept():
    network, ready = model(3), READY
    source, inputs = tf.constant(ready.source), tf.constant(ready.inputs)
    first, again, other = (
        sampled_logits(network, source, inputs, 0.5, [0, k]).numpy() for k in (1, 1, 2)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_training_that_hears_itself_also_learns():
    network, _ = learn(updates=250, sampling=0.5)
    assert exact_match(network, READY).all()


def test_every_epoch_deals_all_pairs_and_lengths_lie_together():
    rng = np.random.default_rng(0)
    lengths = rng.integers(2, 20, 103)
    filled = np.where(np.arange(20) < lengths[:, None], 1, PAD).astype(np.int32)
    ready = Prepared(filled, lengths, filled, filled, filled != PAD)
    dealt = order(ready, 24, 8, seed=4)
    for epoch in np.split(dealt, 2):
        assert len(set(epoch.ravel())) == 96
    spread = np.ptp(lengths[dealt], axis=1)
    assert spread.mean() < 3 and (np.diff(lengths[dealt].mean(axis=1)) < 0).any()
    assert np.array_equal(order(ready, 13, 8, seed=4), dealt[:13])
    assert not np.array_equal(order(ready, 24, 8, seed=5), dealt)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"updates": 0}, ValueError, "`updates` must be an integer ≥ 1"),
        ({"batch_size": 13}, ValueError, "`batch_size` must be at most 12"),
        ({"sampling": 1.5}, ValueError, "`sampling` must be a share"),
        ({"sampling": True}, ValueError, "`sampling` must be a share"),
        ({"seed": -1}, ValueError, "`seed` must be"),
        ({"rate": 0}, ValueError, "`rate` must be"),
        ({"final_rate": -1}, ValueError, "`final_rate` must be"),
        ({"ready": PAIRS}, TypeError, r"`prepared` must come from prepare\(pairs"),
        (
            {"ready": READY._replace(targets=READY.targets + 90)},
            ValueError,
            r"`prepared\.targets` must lie",
        ),
    ],
)
def test_arguments_it_cannot_use_are_named(options, error, message):
    with pytest.raises(error, match=message):
        learn(**{"updates": 2} | options)


def test_the_words_for_the_edges_are_those_of_the_vocabulary():
    network = model()
    assert [WORDS[1].words[i] for i in (network.go, network.eos)] == [batches.GO, batches.EOS]
