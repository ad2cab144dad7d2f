import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.networks.readers import Reader
from rnncourse.reproduce.reviewers import SPREAD, ask, learn, lend, logits, start

RNG = np.random.default_rng(0)
CONFIG = {"units": 5, "batch": 8, "updates": 60, "every": 30}


def networks(seeds=(0, 1), tuned=True):
    return start(CONFIG, RNG.normal(size=(len(seeds), 7, 3)), tuned, seeds)


def texts(count, N=2):
    ids = RNG.integers(7, size=(N, count, 4))
    return ids, RNG.integers(1, 5, size=(N, count)), ids[..., 0] > 3


def test_networks_side_by_side_are_readers_of_their_own():
    w = networks()
    ids, lengths, _ = texts(6)
    said = logits(w, tf.constant(ids, tf.int32), tf.constant(lengths, tf.int32)).numpy()
    for n in range(2):
        reader = Reader(7, keras.layers.GRUCell(5), width=3)
        reader(ids[n])
        part = {name: v.numpy()[n] for name, v in w.items() if name != "E"}
        E = w["E"].numpy().reshape(2, 7, 3)[n]
        head = np.concatenate([np.zeros((5, 1)), part["W_hy"]], axis=1)
        b_y = np.array([0, part["b_y"][0, 0]])
        b = np.concatenate([part["b"], part["c"]])
        reader.set_weights([E, part["W"], part["U"], b, head, b_y])
        theirs = reader(ids[n], lengths=lengths[n]).numpy()
        assert relative_difference(said[n], theirs[:, 1] - theirs[:, 0]) < 1e-5


def test_every_table_begins_with_the_same_spread():
    tables = RNG.normal(size=(2, 7, 3)) * np.array([1, 50])[:, None, None]
    w = start(CONFIG, tables, True, (0, 1))
    flat = w["E"].numpy().reshape(2, 7, 3)
    assert np.allclose(flat.std(axis=(1, 2)), SPREAD)


@pytest.mark.parametrize("tuned", [True, False])
def test_a_table_is_trained_only_if_it_is_tuned(tuned):
    w = networks(tuned=tuned)
    before = w["E"].numpy().copy()
    ids, lengths, good = texts(20)
    calls = []
    learn(CONFIG, w, ids, lengths, good, (0, 1), 0.05, calls.append)
    assert calls == [30, 60]
    assert np.array_equal(before, w["E"].numpy()) != tuned
    assert np.mean((ask(w)(ids[0], lengths[0])[0] > 0) == good[0]) > 0.85


def test_a_network_does_not_notice_its_neighbour():
    ids, lengths, good = texts(20)
    tables = RNG.normal(size=(2, 7, 3))
    both = start(CONFIG, tables, True, (4, 9))
    alone = start(CONFIG, tables[1:], True, (9,))
    learn(CONFIG, both, ids, lengths, good, (4, 9), 0.02)
    learn(CONFIG, alone, ids[1:], lengths[1:], good[1:], (9,), 0.02)
    said = [ask(w)(ids[1], lengths[1])[-1] for w in (both, alone)]
    assert relative_difference(*said) < 1e-3


def test_a_lender_reads_texts_of_ids():
    config = {"lending": {"dimensions": 4, "window": 2, "epochs": 1}}
    assert lend([[0, 1, 2], [3, 1]] * 20, 5, config, seed=0).shape == (5, 4)
