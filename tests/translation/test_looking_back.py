"""The translator that looks back: its protocol, its parts against NumPy, what hiding does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.translation import looking_back
from rnncourse.translation.batches import prepare, vocabularies
from rnncourse.translation.decoding import beam_search, greedy
from rnncourse.translation.fitting import exact_match, fit
from rnncourse.translation.looking_back import AttentiveEncoderDecoder
from rnncourse.translation.models import EncoderDecoder

PAIRS = [
    ("I drink milk", "je bois du lait"),
    ("the black cat sleeps", "le chat noir dort"),
    ("the cat drinks black milk", "le chat boit du lait noir"),
    ("I sleep", "je dors"),
]
SOURCE = np.array([[3, 1, 4, 1], [5, 0, -1, -1], [2, 2, 6, -1]])
INPUTS = np.array([[1, 5, 2, 6, 4], [1, 4, -1, -1, -1], [1, 3, 3, -1, -1]])
SETTINGS = [
    {"score": score, "cell": cell, "width": width}
    for score, cell, width in (
        ("additive", "gru", None),
        ("additive", "lstm", 3),
        ("dot", "gru", 7),
        ("mean", "gru", None),
    )
]
each_kind = pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: f"{s['score']} {s['cell']}")


def a_model(seed=0, **settings):
    keras.utils.set_random_seed(seed)
    model = AttentiveEncoderDecoder(7, 8, units=6, embedding=4, go=1, eos=0, **settings)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(scale=0.7, size=w.shape) for w in model.get_weights()])
    return model


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(x, h, cell):
    W, U, (b_x, b_h) = (np.asarray(w, float) for w in cell.get_weights())
    x, r_h, n = x @ W + b_x, h @ U + b_h, len(h)
    z, r = sigmoid(x[:n] + r_h[:n]), sigmoid(x[n : 2 * n] + r_h[n : 2 * n])
    return z * h + (1 - z) * np.tanh(x[2 * n :] + r * r_h[2 * n :])


def by_hand(model, source, inputs):
    """Logits and weights of one sentence, word by word in float64."""
    E, F = (
        np.asarray(e.embeddings, float) for e in (model.source_embedding, model.target_embedding)
    )
    h, memory = np.zeros(6), []
    for word in source:
        h = gru(E[word], h, model.encoder)
        memory.append(h)
    memory, said, looked = np.array(memory), [], []
    W_q, W_m, v = (
        np.asarray(w, float) for w in (model.query_kernel, model.memory_kernel, model.scale)
    )
    (W_c, b_c), (W_y, b_y) = model.combine.get_weights(), model.head.get_weights()
    for word in inputs:
        h = gru(F[word], h, model.decoder)
        odds = np.exp(np.tanh(h @ W_q + memory @ W_m) @ v)
        looked.append(odds / odds.sum())
        said.append(np.tanh(np.concatenate([h, looked[-1] @ memory]) @ W_c + b_c) @ W_y + b_y)
    return np.array(said), np.array(looked)


def same_as_by_hand():
    model = a_model()
    logits, weights = model.look(SOURCE, INPUTS)
    for k, (words, steps) in enumerate([(4, 5), (2, 2), (3, 3)]):
        said, looked = by_hand(model, SOURCE[k, :words], INPUTS[k, :steps])
        assert relative_difference(logits[k, :steps], said) < 1e-5
        assert relative_difference(weights[k, :steps, :words], looked) < 1e-5
        assert np.all(weights[k, :, words:] == 0)


def test_the_whole_network_is_the_one_computed_by_hand():
    same_as_by_hand()


@each_kind
def test_teacher_forcing_equals_step_by_step(settings):
    model = a_model(**settings)
    logits = model.logits(SOURCE, INPUTS).numpy()
    state, memory = model.encode(SOURCE)
    for t in range(INPUTS.shape[1]):
        said, state = model.step(tf.constant(np.maximum(INPUTS[:, t], 0)), state, memory)
        rows = INPUTS[:, t] >= 0
        assert relative_difference(said.numpy()[rows], logits[rows, t]) < 1e-5


@each_kind
def test_columns_of_padding_change_nothing(settings):
    model = a_model(**settings)
    wide = np.pad(SOURCE, ((0, 0), (0, 3)), constant_values=-1)
    logits, weights = model.look(SOURCE, INPUTS)
    again, wider = model.look(wide, INPUTS)
    there = INPUTS >= 0
    assert relative_difference(again.numpy()[there], logits.numpy()[there]) < 1e-6
    assert np.all(wider[..., 4:] == 0) and np.allclose(np.sum(weights, axis=-1), 1)


@pytest.mark.parametrize("settings", SETTINGS[1:3], ids=["additive lstm", "dot gru"])
def test_it_decodes_greedily_and_with_a_beam_in_a_graph_of_unknown_sizes(settings):
    model = a_model(**settings)
    said = greedy(model, SOURCE, max_length=6)
    beams = beam_search(model, SOURCE, width=1, max_length=6)
    assert np.array_equal(beams.ids[:, 0, : said.shape[1]], said)
    prefix = np.concatenate([np.ones((3, 1), int), said[:, :-1]], axis=1)
    ended = np.cumsum(said == 0, axis=1) - (said == 0) > 0
    forced = np.argmax(model.logits(SOURCE, prefix), axis=-1)
    assert np.array_equal(forced[~ended], said[~ended])


def test_it_learns_a_few_sentences_by_heart():
    words = vocabularies(PAIRS)
    ready = prepare(PAIRS, *words, reverse=False)
    keras.utils.set_random_seed(3)
    model = AttentiveEncoderDecoder.for_vocabularies(*words, units=16, embedding=8)
    fit(model, ready, updates=60, batch_size=4, rate=0.03, jit=False, progress=False)
    assert exact_match(model, ready).all()


@each_kind
def test_it_is_made_again_from_its_settings(settings):
    model = a_model(**settings)
    again = AttentiveEncoderDecoder.from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert np.array_equal(again.logits(SOURCE, INPUTS), model((SOURCE, INPUTS)))


def test_it_has_the_parts_of_the_plain_one_and_four_more():
    plain = EncoderDecoder(7, 8, units=6, embedding=4, go=1, eos=0).count_params()
    more = {"mean": 0, "dot": 2 * 6 * 5, "additive": 2 * 6 * 5 + 5}
    for score, attention in more.items():
        model = AttentiveEncoderDecoder(
            7, 8, units=6, embedding=4, go=1, eos=0, score=score, width=5
        )
        assert model.count_params() == plain + (12 * 6 + 6) + attention


def test_the_mean_looks_at_all_words_alike():
    _, weights = a_model(score="mean").look(SOURCE, INPUTS)
    assert np.allclose(weights[1], [[0.5, 0.5, 0, 0]] * 5)


@pytest.mark.parametrize("each", [False, True], ids=["for all questions", "for each another"])
def test_hidden_words_have_no_weight_and_the_others_share_it(each):
    model = a_model()
    logits, weights = (x.numpy() for x in model.look(SOURCE, INPUTS))
    hidden = np.zeros((3, 5, 4) if each else (3, 4), bool)
    hidden[0, ..., 2] = True
    again, hiding = (x.numpy() for x in model.look(SOURCE, INPUTS, hidden))
    assert np.all(hiding[0, :, 2] == 0)
    left = weights[0, :, [0, 1, 3]]
    assert np.allclose(hiding[0, :, [0, 1, 3]], left / left.sum(axis=0), atol=1e-6)
    assert np.array_equal(again[1:], logits[1:]) and not np.allclose(again[0], logits[0])


def test_what_is_hidden_from_one_question_is_seen_by_the_others():
    """So all words of a sentence can be hidden one at a time in a single pass."""
    model = a_model()
    logits, _ = (x.numpy() for x in model.look(SOURCE, INPUTS))
    hidden = np.zeros((3, 5, 4), bool)
    hidden[0, 3, 1] = True
    again, _ = (x.numpy() for x in model.look(SOURCE, INPUTS, hidden))
    changed = np.abs(again - logits).max(axis=-1) > 0
    assert np.argwhere(changed).tolist() == [[0, 3]]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: a_model(score="cosine"), "`score` must be one of additive, dot, mean"),
        (lambda: a_model(width=0), "`width` must be an integer ≥ 1, got 0"),
        (
            lambda: a_model().look(SOURCE, INPUTS, np.zeros((3, 5), bool)),
            r"`hidden` must .* \(3, 4\)",
        ),
        (lambda: a_model().look(SOURCE, INPUTS, np.zeros((3, 1, 4), bool)), r"\(3, 5, 4\)"),
        (lambda: a_model().look(SOURCE + 9, INPUTS), "`source` must lie in 0 … 6"),
        (lambda: a_model().look(SOURCE, INPUTS[0]), "`inputs` must have shape"),
    ],
    ids=["no such score", "no width", "hidden targets", "one question", "no such word", "one row"],
)
def test_what_does_not_fit_is_refused_in_words(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def unmasked(scores, memory, mask=None):
    weights = tf.nn.softmax(scores)
    return weights @ memory, weights


def keys_for_memory(scores, memory, mask=None):
    context, weights = ATTEND(scores, memory, mask)
    return tf.roll(context, 1, axis=1), weights


ATTEND = looking_back.attend


@pytest.mark.parametrize("mistake", [unmasked, keys_for_memory], ids=["no mask", "late by a step"])
def test_a_likely_mistake_is_seen(mistake, monkeypatch):
    monkeypatch.setattr(looking_back, "attend", mistake)
    with pytest.raises(AssertionError):
        same_as_by_hand()
