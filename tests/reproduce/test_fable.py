"""Networks side by side are Keras's, and each is what it would be alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import fable, records
from rnncourse.reproduce.fable import AFTER, BEFORE, SWEEPS, V

SMALL = {"reads": "embedding", "layers": 1, "units": 6, "width": 5, "head": "normal"}
QUICK = SMALL | {"batch": "all", "optimizer": "adam", "rate": 0.05, "updates": 6, "every": 3}
KINDS = [
    {"reads": reads, "layers": layers}
    for reads in (*fable.CODES, "one-hot", "embedding")
    for layers in (0, 1, 2)
]


def each(kinds):
    return pytest.mark.parametrize("kind", kinds, ids=lambda k: f"{k['reads']}-{k['layers']}")


def by_keras(config, w, ids, n):
    """Network n as a Keras model with the same weights."""
    w = {name: v.numpy()[n] for name, v in w.items()}
    x = ids[..., None].astype("float32")
    if config["reads"] == "bits":
        x = np.unpackbits(ids.astype("uint8")[..., None], axis=-1, bitorder="little")[..., :7]
        x = 2 * x.astype("float32") - 1
    elif config["reads"] == "standardised":
        x = (x - 55.5) / np.sqrt((112**2 - 1) / 12)
    elif config["reads"] != "magnitude":
        x = np.eye(V, dtype="float32")[ids]
        if config["reads"] == "embedding":
            x = x @ w["E"]
    H, weights = config["units"], []
    if config["layers"] == 0:
        layers = [keras.layers.Flatten(), keras.layers.Dense(H, "tanh")]
        weights = [w["W"], w["b"][0]]
    else:
        layers = [keras.layers.LSTM(H, return_sequences=True) for _ in range(config["layers"])]
        layers[-1].return_sequences = False
        for k in range(config["layers"]):
            weights += [w[f"W{k}"][:-H], w[f"W{k}"][-H:], w[f"b{k}"][0]]
    model = keras.Sequential([*layers, keras.layers.Dense(V)])
    model.build(x.shape)
    model.set_weights([*weights, w["W_hy"], w["b_y"][0]])
    return model(x)


@each(KINDS)
def test_each_network_is_keras_number_for_number(kind):
    config = SMALL | kind
    w = fable.start(config, (3, 4))
    ids = np.random.default_rng(0).integers(0, V, (2, 7, 3))
    said = fable.logits(config, w, tf.constant(ids))
    for n in range(2):
        assert relative_difference(said[n], by_keras(config, w, ids[n], n)) < 1e-5


@pytest.mark.parametrize("batch", ["all", "stride"])
def test_a_network_side_by_side_learns_what_it_would_alone(batch):
    config = QUICK | {"batch": batch}
    both, alone = fable.learn(config, (0, 5)), fable.learn(config, (5,))
    for name, weights in alone.items():
        assert relative_difference(both[name][1], weights[0]) < 1e-4
    assert relative_difference(both["W_hy"][0], both["W_hy"][1]) > 0.1


def test_the_head_is_drawn_wide_or_as_glorot_says():
    config = SMALL | {"units": 512}
    wide, narrow = (
        fable.start(config | {"head": head}, (0,))["W_hy"].numpy() for head in ("normal", "glorot")
    )
    assert abs(wide.std() - 1) < 0.01
    assert abs(narrow.std() - np.sqrt(2 / (512 + V))) < 0.002


def test_strides_are_those_of_the_tutorial():
    seen = fable.strides(np.random.default_rng(0), 201, 50_000)
    steps = np.diff(seen)
    begins = seen[np.flatnonzero(steps != 4) + 1]
    assert seen.min() == 0 and seen.max() == 200
    assert set(begins) == {0, 1, 2, 3, 4} and np.all(seen[:-1][steps != 4] > 196)
    assert abs(np.mean(seen % 4 == 0) - 101 / 251) < 0.01


def test_what_is_left_out_is_never_shown():
    for seed in range(5):
        kept = fable.shown(seed, 40)
        assert len(set(kept)) == 161 and np.all(np.diff(kept) > 0)
    assert fable.shown(0, 0).tolist() == list(range(201))
    assert set(fable.shown(0, 40)) != set(fable.shown(1, 40))


def test_the_ceiling_is_found_in_a_course():
    course = np.array([[198, 199, 150], [199, 199, 160], [198, 199, 170], [199, 199, 180]]) / 201
    assert fable.reached(course).tolist() == [0.5, 0.25, 0]


def test_a_recipe_has_a_number_for_each_case():
    cases = [{"reads": "magnitude"}, {"layers": 0}]
    for result in fable.recipes(QUICK | {"cases": cases}, (0, 1)):
        assert {name: np.shape(v) for name, v in result.items()} == {
            "course": (2, 2),
            "right": (2,),
            "reached": (2,),
            "neighbour": (2,),
            "stranger": (2,),
        }


def test_the_questions_are_the_fables():
    assert BEFORE.shape == (201, 3) and AFTER.shape == (201,) and V == 112
    assert fable.CEILING == 199


QUANTITIES, CONTROLS, WORDS = (records.load(sweep.name) for sweep in SWEEPS)
CASES = ("wide layer", "small weights", "standardised", "bits", "embedding")


def control(name, metric="right"):
    return CONTROLS.values(metric)[:, CASES.index(name)]


def test_quantities_are_learned_slowly_and_words_to_the_ceiling_by_all_of_twenty():
    assert QUANTITIES.values("right").shape == (20, 2)
    assert np.all(QUANTITIES.values("right") < 0.985)
    assert np.sum(WORDS.values("right") > 0.985, axis=0).min() >= 19
    neighbour, words = QUANTITIES.values("neighbour"), WORDS.values("neighbour")
    assert np.median(neighbour[:, 0]) > np.median(words[:, 1])


def test_a_second_layer_helps_with_quantities_and_not_with_words():
    one, two = np.transpose(QUANTITIES.values("right"))
    assert one.max() < two.min()
    words = WORDS.values("right")
    assert np.array_equal(np.sort(words[:, 1]), np.sort(words[:, 2]))


def after_as_many_updates():
    """One layer and two with ids as quantities, at the end of the controls' trainings."""
    asking = CONTROLS.config["updates"] // QUANTITIES.config["every"] - 1
    return np.transpose(QUANTITIES.values("course")[:, :, asking])


def test_it_is_not_only_the_weights_that_a_second_layer_brings():
    one, two = after_as_many_updates()
    assert np.median(one) < np.median(control("wide layer")) < np.median(two) - 0.05


def test_a_word_as_seven_numbers_is_learned_where_one_number_of_any_scale_is_not():
    one, _ = after_as_many_updates()
    assert np.median(control("bits")) > 0.9 and np.median(control("embedding")) > 0.98
    assert np.median(control("standardised")) < np.median(one)


def test_large_output_weights_learn_no_more_slowly_than_small_ones():
    one, _ = after_as_many_updates()
    assert np.median(control("small weights")) < np.median(one) - 0.05


def test_a_state_that_does_not_walk_on_is_seen(monkeypatch):
    """The likely mistake: each step begins with the state of zeros."""
    right = fable.logits

    def forgetful(config, w, ids):
        return right(config, w, ids[..., -1:])

    monkeypatch.setattr(fable, "logits", forgetful)
    with pytest.raises(AssertionError):
        test_each_network_is_keras_number_for_number({"reads": "one-hot", "layers": 1})
