"""The encoder-decoder is its equations; padding and neighbours in a batch change nothing."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse import reference
from rnncourse.evaluation import relative_difference
from rnncourse.translation import loops, models
from rnncourse.translation.batches import PAD
from rnncourse.translation.fitting import masked_mean
from rnncourse.translation.models import EncoderDecoder, Seq2Seq

CELLS = ["gru", "lstm"]
SOURCE = np.array([[5, 3, 8, 1], [2, PAD, PAD, PAD], [7, 7, 0, PAD]], np.int32)
INPUTS = np.array([[1, 7, 2], [1, 9, PAD], [1, PAD, PAD]], np.int32)
TARGETS = np.array([[7, 2, 0], [9, 0, PAD], [0, PAD, PAD]], np.int32)


def network(cell="gru", seed=0, **settings):
    """A small model whose weights are random without any symmetry, biases included."""
    model = EncoderDecoder(9, 12, units=6, embedding=5, go=1, eos=0, cell=cell, **settings)
    rng = np.random.default_rng(seed)
    model.set_weights([0.6 * rng.normal(size=w.shape) for w in model.weights])
    return model


def by_hand(model, source, inputs):
    """The same logits in plain NumPy, one sentence after the other."""
    step = {"gru": reference.gru_step, "lstm": reference.lstm_step}[model.settings["cell"]]
    E_s, E_t = (
        e.embeddings.numpy().astype(float) for e in (model.source_embedding, model.target_embedding)
    )
    encoder, decoder = (
        [w.astype(float) for w in cell.get_weights()] for cell in (model.encoder, model.decoder)
    )
    W_hy, b_y = (w.astype(float) for w in model.head.get_weights())
    logits = np.zeros((*inputs.shape, model.target_size))
    for b, (words, given) in enumerate(zip(source, inputs)):
        zeros = np.zeros((1, model.settings["units"]))
        state = zeros if model.settings["cell"] == "gru" else (zeros, zeros)
        for i in words[words != PAD]:
            state = step(E_s[[i]], state, *encoder)
        for t, i in enumerate(given[given != PAD]):
            state = step(E_t[[i]], state, *decoder)
            h = state if model.settings["cell"] == "gru" else state[0]
            logits[b, t] = (h @ W_hy + b_y)[0]
    return logits


def there(logits, inputs=INPUTS):
    return np.asarray(logits)[inputs != PAD]


def loss_and_gradients(model, source, inputs, targets):
    with tf.GradientTape() as tape:
        loss = masked_mean(model.logits(tf.constant(source), tf.constant(inputs)), targets)
    gradients = tape.gradient(loss, [w.value for w in model.trainable_variables])
    return float(loss), np.concatenate([np.ravel(tf.convert_to_tensor(g)) for g in gradients])


def widened(ids, by):
    return np.pad(ids, ((0, 0), (0, by)), constant_values=PAD)


each_cell = pytest.mark.parametrize("cell", CELLS)


@each_cell
@pytest.mark.parametrize("jit", [None, False, True], ids=["eager", "graph", "xla"])
def test_logits_are_those_of_the_equations(cell, jit):
    model = network(cell)
    run = model.logits if jit is None else tf.function(model.logits, jit_compile=jit)
    ours = run(tf.constant(SOURCE), tf.constant(INPUTS))
    assert relative_difference(there(ours), there(by_hand(model, SOURCE, INPUTS))) < 1e-5


@each_cell
def test_teacher_forcing_says_what_the_steps_say(cell):
    model = network(cell)
    stepwise = Seq2Seq.logits(model, tf.constant(SOURCE), tf.constant(INPUTS))
    assert relative_difference(there(model.logits(SOURCE, INPUTS)), there(stepwise)) < 1e-5


@each_cell
def test_with_unknown_sizes_it_says_the_same(cell):
    model = network(cell)
    run = tf.function(model.logits, input_signature=[tf.TensorSpec((None, None), tf.int32)] * 2)
    assert relative_difference(there(run(SOURCE, INPUTS)), there(model.logits(SOURCE, INPUTS))) < (
        1e-5
    )


@each_cell
def test_padding_changes_neither_loss_nor_gradients(cell):
    model = network(cell)
    loss, gradients = loss_and_gradients(model, SOURCE, INPUTS, TARGETS)
    wide = [widened(SOURCE, 3), widened(INPUTS, 2), widened(TARGETS, 2)]
    wide_loss, wide_gradients = loss_and_gradients(model, *wide)
    assert wide_loss == pytest.approx(loss, rel=1e-6)
    assert relative_difference(wide_gradients, gradients) < 1e-5


@each_cell
def test_a_sentence_does_not_notice_its_neighbours(cell):
    model = network(cell)
    together = model.logits(SOURCE, INPUTS).numpy()
    for k in range(len(SOURCE)):
        n, m = (SOURCE[k] != PAD).sum(), (INPUTS[k] != PAD).sum()
        alone = model.logits(SOURCE[k : k + 1, :n], INPUTS[k : k + 1, :m])
        assert relative_difference(alone[0], together[k, :m]) < 1e-5


def test_what_comes_later_does_not_change_what_was_said():
    model, other = network(), INPUTS.copy()
    other[0, 2] = 11
    assert np.array_equal(model.logits(SOURCE, INPUTS)[0, :2], model.logits(SOURCE, other)[0, :2])


def test_a_loss_over_padding_is_seen(monkeypatch):
    """The likely mistake: the mean is taken over all places, padding among them."""
    model = network()

    def unmasked(logits, targets):
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(np.maximum(targets, 0), logits)
        )

    monkeypatch.setitem(globals(), "masked_mean", unmasked)
    with pytest.raises(AssertionError):
        test_padding_changes_neither_loss_nor_gradients("gru")
    assert model.built


def test_an_encoder_that_reads_padding_is_seen(monkeypatch):
    """The likely mistake: the state goes on past the end of a sentence."""
    whole = lambda ids: tf.fill([tf.shape(ids)[0]], tf.shape(ids)[1])  # noqa: E731
    monkeypatch.setattr(models, "lengths_of", whole)
    for test in (
        lambda: test_logits_are_those_of_the_equations("gru", None),
        lambda: test_padding_changes_neither_loss_nor_gradients("gru"),
        lambda: test_a_sentence_does_not_notice_its_neighbours("gru"),
    ):
        with pytest.raises(AssertionError):
            test()


def test_gates_in_another_order_are_seen(monkeypatch):
    right = loops.advance
    monkeypatch.setattr(
        loops, "advance", lambda cell, p, s: right(cell, tf.roll(p, cell.units, axis=1), s)
    )
    with pytest.raises(AssertionError):
        test_logits_are_those_of_the_equations("lstm", None)


def test_dropout_leaves_inference_alone_and_changes_training():
    model = network(dropout=0.5)
    plain = model.logits(SOURCE, INPUTS)
    assert np.array_equal(plain, network().logits(SOURCE, INPUTS))
    assert not np.allclose(model.logits(SOURCE, INPUTS, training=True), plain)


def test_the_config_makes_the_same_network_again():
    model = network("lstm", dropout=0.1)
    twin = EncoderDecoder.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    assert np.array_equal(twin((SOURCE, INPUTS)), model((SOURCE, INPUTS)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"units": 0}, "`units` must be an integer ≥ 1"),
        ({"embedding": 2.5}, "`embedding` must be an integer"),
        ({"cell": "rnn"}, "`cell` must be one of gru, lstm, got 'rnn'"),
        ({"dropout": 1}, "`dropout` must be a share"),
        ({"source_size": 0}, "`source_size` must be"),
        ({"eos": 1}, "`go` and `eos` must be two words"),
        ({"eos": 12}, "`go` and `eos` must be two words below 12"),
    ],
)
def test_settings_it_cannot_use_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        EncoderDecoder(**{"source_size": 9, "target_size": 12, "go": 1, "eos": 0} | settings)


def test_ids_out_of_range_are_named():
    with pytest.raises(
        ValueError, match=r"`source` must lie in 0 … 8, or be -1 for padding, got 9"
    ):
        network().encode([[9]])
    with pytest.raises(ValueError, match=r"`inputs` must lie in 0 … 11"):
        network().logits(SOURCE, [[12]] * 3)


def test_a_protocol_without_its_two_halves_says_so():
    with pytest.raises(NotImplementedError):
        Seq2Seq().encode(SOURCE)
    with pytest.raises(NotImplementedError):
        Seq2Seq().step(SOURCE[:, 0], (), ())


def test_the_model_is_registered_for_saving():
    name = keras.saving.get_registered_name(EncoderDecoder)
    assert keras.saving.get_registered_object(name) is EncoderDecoder
