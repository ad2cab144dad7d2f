import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from rnncourse import cells
from rnncourse.networks import classifiers
from rnncourse.networks.classifiers import SequenceClassifier
from rnncourse.training.loop import train

B, T, F, K = 4, 6, 2, 3
LENGTHS = [6, 3, 1, 5]


def sequences(seed=0, shape=(B, T, F)):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def returning(kind, units, **settings):
    return kind(units, return_sequences=True, **settings)


READERS = {
    "our_cell": lambda: cells.SimpleRNNCell(5),
    "our_lstm_cell": lambda: cells.LSTMCell(5),
    "keras_cell": lambda: layers.GRUCell(5),
    "keras_layer": lambda: returning(layers.LSTM, 5),
    "stack": lambda: [cells.GRUCell(5), returning(layers.SimpleRNN, 4)],
    "both_ways": lambda: layers.Bidirectional(returning(layers.GRU, 5)),
    "stack_both_ways": lambda: [
        returning(layers.LSTM, 3),
        layers.Bidirectional(returning(layers.GRU, 4)),
    ],
}
each_reader = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
FORWARD = [name for name in READERS if "both_ways" not in name]
each_forward_reader = pytest.mark.parametrize("reader", [READERS[n] for n in FORWARD], ids=FORWARD)


def classifier(reader, **settings):
    """A built classifier with random biases too, so that nothing is symmetric."""
    made = SequenceClassifier(reader(), K, **settings)
    made.build((B, T, F))
    rng = np.random.default_rng(1)
    made.set_weights([rng.normal(size=w.shape) * 0.6 for w in made.get_weights()])
    return made


def test_it_is_a_layer_and_a_dense_head_on_the_last_state(assert_close):
    rnn, dense = layers.SimpleRNN(5), layers.Dense(K)
    x = sequences()
    wanted = dense(rnn(x))
    made = classifier(READERS["our_cell"])
    made.set_weights([*rnn.get_weights(), *dense.get_weights()])
    assert_close(made(x), wanted, "float32")


def test_the_logits_over_time_are_the_head_on_each_state(assert_close):
    made, x = classifier(READERS["our_cell"]), sequences()
    *cell, kernel, bias = made.get_weights()
    h, said = np.zeros((B, 5)), []
    for t in range(T):
        h = np.tanh(x[:, t] @ cell[0] + h @ cell[1] + cell[2])
        said.append(h @ kernel + bias)
    assert_close(made.logits_over_time(x), np.stack(said, axis=1), "float32")
    assert_close(made.states(x)[:, -1], h, "float32")


@each_forward_reader
def test_what_it_says_after_k_steps_is_what_it_says_of_the_first_k(reader, assert_close):
    made, x = classifier(reader), sequences()
    over_time = made.logits_over_time(x)
    for k in range(1, T + 1):
        assert_close(over_time[:, k - 1], made(x[:, :k]), "float32")


@each_reader
def test_a_row_is_read_to_its_own_end(reader, assert_close):
    made, x = classifier(reader), sequences()
    said = made(x, lengths=LENGTHS)
    for row, length in enumerate(LENGTHS):
        assert_close(said[row], made(x[row : row + 1, :length])[0], "float32")


@each_reader
def test_what_stands_behind_a_length_reaches_neither_answer_nor_gradient(reader, assert_close):
    made, x = classifier(reader), sequences()
    dirty = x.copy()
    for row, length in enumerate(LENGTHS):
        dirty[row, length:] = np.nan
    results = []
    for inputs in (x, dirty):
        with tf.GradientTape() as tape:
            said = made(inputs, lengths=LENGTHS)
            loss = tf.reduce_sum(said**2)
        results.append([said, *tape.gradient(loss, made.trainable_variables)])
    for clean, other in zip(*results, strict=True):
        assert_close(other, clean, "float32")


@each_reader
def test_a_row_without_steps_gets_the_biases_of_the_head(reader, assert_close):
    made = classifier(reader)
    said = made(sequences(), lengths=[0, 6, 6, 6])
    assert_close(said[0], made.head.bias, "float32")


@each_reader
def test_a_mask_says_the_same_as_lengths(reader, assert_close):
    made, x = classifier(reader), sequences()
    mask = np.arange(T) < np.array(LENGTHS)[:, None]
    assert_close(made(x, mask=tf.constant(mask)), made(x, lengths=LENGTHS), "float32")


def test_steps_may_be_masked_at_the_front_too(assert_close):
    made, x = classifier(READERS["both_ways"]), sequences(shape=(1, T, F))
    mask = tf.constant([[False, False, True, True, True, False]])
    assert_close(made(x, mask=mask), made(x[:, 2:5]), "float32")


def test_the_mask_of_a_keras_layer_is_heard(assert_close):
    made, x = classifier(READERS["stack"]), sequences()
    for row, length in enumerate(LENGTHS):
        x[row, length:] = 0
    inputs = keras.Input((T, F))
    model = keras.Model(inputs, made(layers.Masking()(inputs)))
    assert_close(model(x), made(x, lengths=LENGTHS), "float32")


@each_reader
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_a_compiled_call_says_the_same(reader, jit, assert_close):
    made, x = classifier(reader), sequences()
    compiled = tf.function(lambda x, n: made(x, lengths=n), jit_compile=jit)
    wanted = made(x, lengths=LENGTHS)
    assert_close(compiled(tf.constant(x), tf.constant(LENGTHS)), wanted, "float32")


def test_unrolled_cells_say_the_same(assert_close):
    x = sequences()
    said = [classifier(READERS["our_cell"], unroll=u)(x, lengths=LENGTHS) for u in (False, True)]
    assert_close(*said, "float32")


@each_reader
def test_what_is_saved_comes_back(reader, tmp_path, assert_close):
    made, x = classifier(reader, dropout=0.2), sequences()
    made.save(tmp_path / "classifier.keras")
    again = keras.saving.load_model(tmp_path / "classifier.keras")
    assert_close(again(x, lengths=LENGTHS), made(x, lengths=LENGTHS), "float32")
    settings = "classes", "dropout", "unroll"
    assert [again.get_config()[name] for name in settings] == [K, 0.2, False]


def first_or_last(rows=96):
    """Sequences whose first feature at the first step tells the class, and the classes."""
    x = sequences(3, (rows, T, F))
    return x, (x[:, 0, 0] > 0).astype("int64")


def test_it_learns_with_fit_with_lengths_as_a_pair():
    x, y = first_or_last()
    lengths = np.full(len(x), 4)
    x[:, 4:] = np.nan
    keras.utils.set_random_seed(1)
    made = SequenceClassifier(layers.GRUCell(8), 2)
    made.compile(
        keras.optimizers.Adam(0.03),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = made.fit((x, lengths), y, epochs=15, batch_size=32, verbose=0).history
    # Margin: ten seeds gave 0.95 to 1.0.
    assert history["accuracy"][-1] > 0.85
    assert made.predict((x, lengths), verbose=0).shape == (len(x), 2)


def test_it_learns_in_the_loop_of_the_course():
    x, y = map(tf.constant, first_or_last())
    keras.utils.set_random_seed(1)
    made = SequenceClassifier(cells.SimpleRNNCell(8), 2, dropout=0.1, unroll=True)
    made.build(x.shape)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = train(
        lambda step: cross_entropy(y, made(x, training=True)),
        [made],
        keras.optimizers.Adam(0.03),
        steps=60,
    )
    # Margin: ten seeds gave 0.02 to 0.2.
    assert losses[-1] < 0.4


def test_dropout_is_for_training_only():
    made, x = classifier(READERS["our_cell"], dropout=0.5), sequences()
    assert np.array_equal(made(x), made(x))
    assert not np.array_equal(made(x, training=True), made(x, training=True))
    assert not np.array_equal(
        made.logits_over_time(x, training=True), made.logits_over_time(x, training=True)
    )


SHARED = layers.LSTMCell(3)


@pytest.mark.parametrize(
    ("recurrent", "settings", "message"),
    [
        ([], {}, "at least one layer, got none"),
        ([SHARED, SHARED], {}, "the same one twice"),
        (layers.LSTM(3), {}, "return_sequences=True"),
        (returning(layers.LSTM, 3, return_state=True), {}, "return_state=False"),
        (layers.Bidirectional(layers.LSTM(3)), {}, "return_sequences=True"),
        (layers.Bidirectional(returning(layers.LSTM, 3), merge_mode="sum"), {}, "at 'concat'"),
        (layers.Dense(3), {}, "must be a cell or a recurrent layer"),
        ("LSTM", {}, "must be a cell or a recurrent layer, got 'LSTM'"),
        (SHARED, {"classes": 1}, "integer ≥ 2, got 1"),
        (SHARED, {"classes": "3"}, "integer ≥ 2, got '3'"),
        (SHARED, {"dropout": 1.0}, "0 ≤ share < 1, got 1.0"),
        (SHARED, {"dropout": "half"}, "0 ≤ share < 1, got 'half'"),
    ],
)
def test_a_classifier_that_cannot_be_is_refused_with_a_remedy(recurrent, settings, message):
    with pytest.raises(ValueError, match=message):
        SequenceClassifier(recurrent, **{"classes": K} | settings)


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (sequences()[..., 0], ValueError, r"must have shape \(B, T, F\).*x\[..., None\]"),
        (sequences()[0, 0], ValueError, r"must have shape \(B, T, F\)"),
        (np.zeros((0, T, F)), ValueError, "at least one sequence"),
        (np.zeros((B, 0, F)), ValueError, "at least one time step"),
        (np.full((B, T, F), "a"), TypeError, "must hold numbers"),
        (np.full((B, T, F), np.nan), ValueError, "must be finite, got nan"),
    ],
)
def test_inputs_that_cannot_be_read_are_refused_with_a_remedy(inputs, error, message):
    made = classifier(READERS["our_cell"])
    for read in (made, made.states, made.logits_over_time):
        with pytest.raises(error, match=message):
            read(inputs)


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ([7, 1, 1, 1], ValueError, "between 0 and T = 6"),
        ([1, 1], ValueError, "one length for each sequence"),
        ([1.5, 1, 1, 1], TypeError, "must be integers"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(lengths, error, message):
    with pytest.raises(error, match=message):
        classifier(READERS["our_cell"])(sequences(), lengths=lengths)


def test_what_both_ways_say_over_time_is_not_asked_for():
    with pytest.raises(ValueError, match=r"call the classifier on inputs\[:, :k\]"):
        classifier(READERS["stack_both_ways"]).logits_over_time(sequences())


def last_entry(sequence, mask):
    return sequence[:, -1]


def one_too_early(sequence, mask):
    return sequence[:, -2]


@pytest.mark.parametrize("slip", [last_entry, one_too_early])
def test_a_state_picked_at_the_wrong_step_would_be_seen(slip, monkeypatch, assert_close):
    monkeypatch.setattr(classifiers, "_at_the_end", slip)
    with pytest.raises(AssertionError):
        test_a_row_is_read_to_its_own_end(READERS["both_ways"], assert_close)


def test_a_backward_half_read_at_the_last_step_would_be_seen(monkeypatch, assert_close):
    made = classifier(READERS["both_ways"])
    x = sequences()
    half_read = made.head(made.states(x)[:, -1])
    with pytest.raises(AssertionError):
        assert_close(made(x), half_read, "float32")
