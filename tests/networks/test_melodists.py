"""Two sides of a note are heard and said, causally, and what is composed is a text."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.data.melodies import notes
from rnncourse.data.tunes import sides, tunes
from rnncourse.networks import melodists

BOOK = tunes()[:6]
TEXTS = melodists.prepare(BOOK)
CONFIG = {
    "units": 7,
    "width": 5,
    "hear": 0.2,
    "say": 0.2,
    "rate": 0.02,
    "decay": 0.01,
    "rows": 2,
    "steps": 20,
    "passes": 2,
}


def walked(w, ids, config=CONFIG):
    N, B, _ = ids[0].shape
    state = tf.zeros((2, N, B, config["units"]))
    heard = [x[..., :-1] for x in ids]
    return melodists.walk(config, w, *heard, ids[0][..., 1:], state, np.zeros(heard[0].shape))


def some_ids(N=2, B=3, T=9):
    return [np.stack([side[n : n + B, :T] for n in range(N)]) for side in TEXTS[3:6]]


def test_a_text_is_its_ids():
    for row, tune in enumerate(BOOK):
        written = [
            TEXTS.lengths[length] + TEXTS.pitches[pitch]
            for length, pitch in zip(TEXTS.length[row], TEXTS.pitch[row])
        ]
        assert TEXTS.counts[row] == len(tune.tokens)
        assert written[0] == tune.metre and written[len(tune.tokens) - 1] == "||"
        assert sum(name != "" for name in TEXTS.pitches) == len(TEXTS.pitches) - 1


def test_the_walk_is_that_of_keras():
    w = melodists.start(CONFIG, TEXTS, seeds=[1, 2])
    ids = some_ids()
    _, _, state = walked(w, ids)
    for n in range(2):
        x = tf.gather(w["E_length"][n], ids[0][n, :, :-1])
        x += tf.gather(w["E_pitch"][n], ids[1][n, :, :-1])
        layer = keras.layers.LSTM(7, return_state=True)
        layer.build(x.shape)
        layer.set_weights([w["W"][n], w["U"][n], w["b"][n, 0]])
        for own, theirs in zip(state[:, n], layer(x)[1:]):
            assert np.allclose(own, theirs, atol=1e-5)


def test_what_comes_later_changes_nothing_before():
    w = melodists.start(CONFIG, TEXTS, seeds=[1, 2])
    ids = some_ids()
    changed = [x.copy() for x in ids]
    for x in changed:
        x[..., 6:] = 0
    first, second = walked(w, ids), walked(w, changed)
    assert np.allclose(first[0][:, :, :6], second[0][:, :, :6])
    # The pitch is told its own length, and no more.
    assert np.allclose(first[1][:, :, :5], second[1][:, :, :5])
    assert not np.allclose(first[0][:, :, 6:], second[0][:, :, 6:])


def test_the_pitch_is_told_the_length_and_the_length_is_not_told_the_pitch():
    w = melodists.start(CONFIG, TEXTS, seeds=[3])
    ids = some_ids(N=1)
    state = tf.zeros((2, 1, 3, 7))
    heard, zeros = [x[..., :-1] for x in ids], np.zeros(ids[0][..., 1:].shape)
    plain = melodists.walk(CONFIG, w, *heard, ids[0][..., 1:], state, zeros)
    other = melodists.walk(CONFIG, w, *heard, ids[0][..., 1:] * 0, state, zeros)
    assert np.allclose(plain[0], other[0]) and not np.allclose(plain[1], other[1])


def test_networks_side_by_side_share_nothing():
    both = melodists.start(CONFIG, TEXTS, seeds=[4, 5])
    alone = melodists.start(CONFIG, TEXTS, seeds=[5])
    ids = some_ids()
    assert np.allclose(
        walked(both, ids)[0][1], walked(alone, [x[1:] for x in ids])[0][0], atol=1e-5
    )


def test_a_new_tune_begins_from_zeros():
    w = melodists.start(CONFIG, TEXTS, seeds=[6])
    ids = some_ids(N=1, B=1, T=9)
    heard, after = [x[..., :-1] for x in ids], ids[0][..., 1:]
    fresh = np.arange(8) == 4
    zeros = tf.zeros((2, 1, 1, 7))
    told = melodists.walk(CONFIG, w, *heard, after, zeros, fresh[None, None])
    anew = melodists.walk(
        CONFIG, w, *(x[..., 4:] for x in heard), after[..., 4:], zeros, 0 * after[..., 4:]
    )
    assert np.allclose(told[0][:, :, 4:], anew[0], atol=1e-5)


def test_only_who_is_told_the_place_hears_it():
    w = melodists.start(CONFIG | {"told": True}, TEXTS, seeds=[7])
    ids = some_ids(N=1)
    moved = [*ids[:2], np.roll(ids[2], 1, axis=-1)]
    assert np.allclose(walked(w, ids)[0], walked(w, moved)[0])
    told = CONFIG | {"told": True}
    assert not np.allclose(walked(w, ids, told)[0], walked(w, moved, told)[0])


def test_training_makes_tunes_less_surprising_and_each_learns_its_own():
    rows = [np.array([0, 1]), np.array([2, 3])]
    config = CONFIG | {"passes": 40, "units": 16, "hear": 0.0, "say": 0.0}
    seen = []
    w = melodists.learn(config, TEXTS, rows, [1, 1], lambda w, passes: seen.append(passes))
    assert seen == list(range(1, 41))
    cost = melodists.surprise(config, TEXTS, w).sum(axis=(0, 3))  # (N, M)
    assert cost[0, :2].sum() < cost[1, :2].sum() and cost[1, 2:4].sum() < cost[0, 2:4].sum()
    before = melodists.surprise(config, TEXTS, melodists.start(config, TEXTS, [1, 1]))
    assert cost[0, :2].sum() < 0.7 * before.sum(axis=(0, 3))[0, :2].sum()


def test_only_what_stands_first_is_a_metre_and_dotted_lengths_are_learned():
    """3/2 and 1/2 look like metres; they are lengths, and each is learned and can be said."""
    book = tunes()
    dotted = [k for k, tune in enumerate(book) if "3/2" in " ".join(tune.tokens)][:2]
    texts = melodists.prepare([book[k] for k in dotted])
    first = {tune.tokens[0] for k, tune in enumerate(book) if k in dotted}
    names = np.array(texts.lengths)
    assert set(names[melodists.metres(texts)]) == first
    assert {"1/2", "3/2"} <= set(names[~melodists.metres(texts)])
    config = CONFIG | {"passes": 60, "units": 16, "hear": 0.0, "say": 0.0}
    rows = np.arange(2)
    start = melodists.start(config, texts, [1])["b_length"].numpy()
    w = melodists.learn(config, texts, [rows], [1])
    moved = np.abs(w["b_length"].numpy() - start)[0, 0]
    assert np.all(moved[~melodists.metres(texts)] > 1e-3)
    cost = melodists.surprise(config, texts, w)[0, 0]
    after = (names[texts.length[:, :-1]] == "3/2") & (names[texts.length[:, 1:]] == "1/2")
    assert after.sum() > 5 and cost[after].mean() < 1
    pieces = melodists.compose(config, texts, w, book[dotted[0]].tokens[:1], 3, 30, 1.0)[0]
    assert any(sides(token)[0] == "3/2" for piece in pieces for token in piece)


def test_a_temperature_divides_the_logits():
    w = melodists.start(CONFIG, TEXTS, seeds=[8])
    plain, warm = melodists.surprise(CONFIG, TEXTS, w, temperatures=(1.0, 1e6))
    assert np.array_equal(plain, melodists.surprise(CONFIG, TEXTS, w))
    assert np.allclose(warm[0][warm[0] > 0], np.log(len(TEXTS.lengths)), atol=1e-3)


def test_surprise_adds_up_over_sides_and_ends_with_the_tune():
    w = melodists.start(CONFIG, TEXTS, seeds=[8])
    cost = melodists.surprise(CONFIG, TEXTS, w, rows=np.array([4, 1]))
    assert cost.shape == (2, 1, 2, TEXTS.length.shape[1] - 1)
    for k, row in enumerate((4, 1)):
        n = TEXTS.counts[row] - 1
        assert np.all(cost[0, 0, k, :n] > 0) and not cost[:, 0, k, n:].any()
        assert np.count_nonzero(cost[1, 0, k]) == len(notes(BOOK[row].tokens))


@pytest.mark.parametrize("temperature", [0, 0.5, 2.0])
def test_what_is_composed_can_be_read(temperature):
    w = melodists.start(CONFIG, TEXTS, seeds=[9, 10])
    prompt = ["4/4", "C2", "D2"]
    pieces = melodists.compose(CONFIG, TEXTS, w, prompt, 3, 12, temperature, seed=1)
    assert len(pieces) == 2 and all(len(own) == 3 for own in pieces)
    for piece in (piece for own in pieces for piece in own):
        assert piece[:3] == prompt and len(notes(piece)) >= 2
        assert len(piece) == 15 or piece[-1] == "||"
        assert piece.count("||") <= 1 and "4/4" not in piece[1:]
    again = melodists.compose(CONFIG, TEXTS, w, prompt, 3, 12, temperature, seed=1)
    assert again == pieces


def test_composing_and_walking_are_the_same_network():
    """Greedy: each token said is the likeliest by the walk that is compiled for training."""
    w = melodists.start(CONFIG, TEXTS, seeds=[11])
    ((piece,),) = melodists.compose(CONFIG, TEXTS, w, ["4/4"], 1, 8, temperature=0)
    written = BOOK[0]._replace(tokens=tuple(piece))
    ids = [[names.index(s) for s in side] for names, side in zip(TEXTS[:2], _sides(written))]
    ids = [np.array(side)[None, None] for side in ids]
    of_length, of_pitch, _ = walked(w, [*ids, 0 * ids[0]])
    sounding = np.flatnonzero(~melodists.metres(TEXTS))
    best = sounding[of_length.numpy()[0, 0][:, sounding].argmax(axis=-1)]
    assert best.tolist() == ids[0][0, 0, 1:].tolist()
    for k, pitch in enumerate(ids[1][0, 0, 1:]):
        if TEXTS.pitches[pitch]:
            assert of_pitch[0, 0, k, 1:].numpy().argmax() + 1 == pitch


def _sides(tune):
    return zip(*(sides(token) for token in tune.tokens))


def test_targets_that_are_not_shifted_are_seen():
    """The likely mistake: the network is asked for what it has just heard."""
    w = melodists.start(CONFIG, TEXTS, seeds=[12])
    cost = melodists.surprise(CONFIG, TEXTS, w)
    ids = [x[None] for x in TEXTS[3:6]]
    of_length, _, _ = walked(w, ids)
    same = tf.nn.sparse_softmax_cross_entropy_with_logits(ids[0][..., :-1], of_length)
    with pytest.raises(AssertionError):
        assert np.allclose(cost[0, 0, 0, :9], same[0, 0, :9])
