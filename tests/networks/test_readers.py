import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.networks.readers import Reader, borrow, pad
from rnncourse.training.loop import train

RNG = np.random.default_rng(0)


def a_reader(**options):
    keras.utils.set_random_seed(1)
    return Reader(9, keras.layers.GRUCell(4), width=3, **options)


def test_a_borrowed_row_is_the_lenders_and_a_missing_one_is_of_the_same_size():
    lent = RNG.normal(0, 2, (200, 50))
    words = [f"w{k}" for k in range(200)]
    table, known = borrow(["w7", "nobody", "w3"], words, lent, seed=4)
    assert known.tolist() == [True, False, True]
    assert np.allclose(table[[0, 2]], lent[[7, 3]])
    assert 1 < table[1].std() < 3
    assert np.array_equal(table, borrow(["w7", "nobody", "w3"], words, lent, seed=4)[0])
    assert table.dtype == np.float32


def test_a_lender_who_knows_none_of_the_words_lends_random_rows():
    table, known = borrow(["a", "b"], ["c"], [[1.0, 3.0]])
    assert not known.any() and table.shape == (2, 2)


@pytest.mark.parametrize(
    ("words", "vectors", "match"),
    [
        (["a"], [[1.0], [2.0]], "one row for each word, got 2 for 1"),
        (["a"], [1.0], "must have shape"),
        (["a"], [[np.nan]], "finite"),
    ],
)
def test_a_broken_loan_is_told(words, vectors, match):
    with pytest.raises(ValueError, match=match):
        borrow(["a"], words, vectors)


def test_texts_are_padded_with_zeros_and_cut_where_asked():
    ids, lengths = pad([[5, 3, 4], [7]], length=2)
    assert ids.tolist() == [[5, 3], [7, 0]] and lengths.tolist() == [2, 1]
    with pytest.raises(ValueError, match="at least one id"):
        pad([[1], []])
    with pytest.raises(ValueError, match="at least one id"):
        pad([])
    with pytest.raises(ValueError, match="`length`"):
        pad([[1]], length=0)


def test_what_stands_behind_the_end_of_a_text_changes_nothing():
    reader = a_reader()
    ids, lengths = pad([[5, 3, 4], [7]])
    filled = np.where(np.arange(3) < lengths[:, None], ids, 8)
    assert np.allclose(reader(ids, lengths=lengths), reader(filled, lengths=lengths))
    assert np.allclose(reader(ids, lengths=lengths)[1], reader([[7]])[0], atol=1e-6)
    assert not np.allclose(reader(ids)[1], reader([[7]])[0], atol=1e-4)


def test_a_reader_is_kerass_embedding_gru_and_dense():
    reader = a_reader()
    ids, lengths = pad([[5, 3, 4, 1], [7, 2]])
    said = reader(ids, lengths=lengths)
    E, W, U, b, V, c = reader.get_weights()
    gru = keras.layers.GRU(4)
    gru.build((None, None, 3))
    gru.set_weights([W, U, b])
    theirs = gru(E[ids], mask=np.arange(4) < lengths[:, None]).numpy() @ V + c
    assert relative_difference(said, theirs) < 1e-5


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_table_stays_and_another_moves_where_it_was_read(frozen):
    table = RNG.normal(size=(9, 3)).astype(np.float32)
    reader = a_reader(vectors=table, frozen=frozen)
    ids, labels = np.array([[5, 3], [7, 5]]), tf.constant([0, 1])
    reader(ids)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(0.1)
    train(lambda step: cross_entropy(labels, reader(ids)), [reader], optimizer, 5)
    after = reader.embedding.get_weights()[0]
    moved = np.any(after != table, axis=1)
    assert np.flatnonzero(moved).tolist() == ([] if frozen else [3, 5, 7])


def test_a_reader_comes_back_from_its_file(tmp_path):
    reader = a_reader(vectors=RNG.normal(size=(9, 3)), frozen=True)
    ids = np.array([[5, 3], [7, 5]])
    said = reader(ids).numpy()
    reader.save(tmp_path / "reader.keras")
    again = keras.saving.load_model(tmp_path / "reader.keras")
    assert np.array_equal(again(ids), said)
    assert again.frozen and not again.embedding.trainable


def test_the_last_of_the_answers_over_time_is_the_answer():
    reader = a_reader()
    ids = np.array([[5, 3, 1]])
    assert np.allclose(reader.logits_over_time(ids)[:, -1], reader(ids), atol=1e-6)


def test_bad_ids_and_tables_are_told():
    reader = a_reader()
    with pytest.raises(TypeError, match="must be integers"):
        reader(np.array([[0.5]]))
    with pytest.raises(ValueError, match=r"must have shape \(B, T\)"):
        reader(np.array([1, 2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"`ids` must lie in 0 .* 8"):
        reader(np.array([[9]]))
    with pytest.raises(ValueError, match="`vectors` must have shape"):
        a_reader(vectors=np.zeros((4, 3)))
