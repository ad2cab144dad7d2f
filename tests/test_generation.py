"""A network that goes on by itself hears what it said, and nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from rnncourse import generation
from rnncourse.data.series import two_waves
from rnncourse.evaluation import relative_difference
from rnncourse.generation import continue_series, continue_words, windowed
from rnncourse.networks.forecasters import Forecaster


def a_network(seed=0, F=1, units=6, activation="tanh"):
    keras.utils.set_random_seed(seed)
    network = Forecaster(keras.layers.SimpleRNNCell(units, activation), outputs=F)
    network.build((None, None, F))
    return network


def a_beginning(seed=0, B=3, T=8, F=1):
    return np.random.default_rng(seed).normal(size=(B, T, F)).astype("float32")


@pytest.mark.parametrize("F", [1, 2])
def test_a_window_is_run_anew_on_the_last_values(F):
    network, series = a_network(F=F), a_beginning(F=F)
    added = continue_series(network, series, 12, window=5)
    for _ in range(12):
        series = np.concatenate([series, network(series[:, -5:])[:, -1:]], axis=1)
    assert added.shape == (3, 12, F)
    assert relative_difference(added.numpy(), series[:, 8:]) < 1e-5


@pytest.mark.parametrize("F", [1, 2])
def test_a_carried_state_is_a_window_that_forgets_nothing(F):
    network, series = a_network(F=F), a_beginning(F=F)
    added = continue_series(network, series, 12)
    for _ in range(12):
        series = np.concatenate([series, network(series)[:, -1:]], axis=1)
    assert relative_difference(added.numpy(), series[:, 8:]) < 1e-5


def test_both_ways_begin_alike_and_part():
    network, beginning = a_network(), a_beginning()
    again = continue_series(network, beginning, 5, window=8).numpy()
    carried = continue_series(network, beginning, 5).numpy()
    assert relative_difference(again[:, 0], carried[:, 0]) < 1e-5
    assert relative_difference(again[:, 1], carried[:, 1]) > 1e-4


def test_a_network_that_remembers_two_steps_goes_on_the_same_both_ways():
    """A chain of two neurons, h = (x, the x before): all that leaves a window is forgotten."""
    network = a_network(units=2, activation=None)
    rule = [2 * np.cos(0.1), -1]
    chain = [[[1, 0]], [[0, 1], [0, 0]], [0, 0], [[rule[0]], [rule[1]]], [0]]
    network.set_weights([np.array(w, "float32") for w in chain])
    t = 0.1 * np.arange(60)
    wave = np.sin(t)[None, :, None].astype("float32")
    for window in (2, 10, None):
        added = continue_series(network, wave[:, :10], 50, window)
        assert relative_difference(added.numpy(), wave[:, 10:]) < 1e-3


def test_the_recurrence_of_order_six_goes_on_with_the_curve_itself():
    keras.utils.set_random_seed(0)
    network = Forecaster(keras.layers.SimpleRNNCell(6, None, dtype="float64"))
    network.build((None, None, 1))
    slow, fast = ([1, -2 * np.cos(0.1 * w), 1] for w in (1, 5))
    rule = -np.polymul(np.polymul(slow, slow), fast)[1:]
    chain = [np.eye(1, 6), np.eye(6, k=1), np.zeros(6), rule[:, None], np.zeros(1)]
    network.set_weights(chain)
    curve = two_waves(0.1 * np.arange(320))
    added = continue_series(network, curve[None, :20, None], 300)
    # Three hundred steps of a growing rule multiply the rounding of float64.
    assert np.max(np.abs(added[0, :, 0] - curve[20:])) < 1e-4


def test_any_function_will_do_with_a_window():
    added = continue_series(lambda x: 2 * x, np.ones((1, 3, 1)), 4, window=1)
    assert added.numpy().ravel().tolist() == [2, 4, 8, 16]


def test_a_batch_goes_on_as_each_would_alone():
    network, beginning = a_network(), a_beginning()
    together = continue_series(network, beginning, 6, window=4).numpy()
    alone = [continue_series(network, b[None], 6, window=4).numpy()[0] for b in beginning]
    assert relative_difference(together, np.array(alone)) < 1e-5


def test_states_of_any_structure_are_carried():
    cells = [keras.layers.LSTMCell(3), keras.layers.GRUCell(4)]
    network = Forecaster(keras.layers.StackedRNNCells(cells))
    series = a_beginning()
    added = continue_series(network, series, 4)
    for _ in range(4):
        series = np.concatenate([series, network(series)[:, -1:]], axis=1)
    assert relative_difference(added.numpy(), series[:, 8:]) < 1e-5


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"network": 3}, TypeError, "must be a network"),
        ({"network": lambda x: x}, TypeError, "method `walk`"),
        ({"network": a_network(F=2), "beginning": np.ones((1, 4, 2))}, None, ""),
        ({"beginning": np.ones((4, 1))}, ValueError, "must have shape"),
        ({"beginning": np.full((1, 4, 1), np.nan)}, ValueError, "must be finite"),
        ({"beginning": [["a"]]}, TypeError, "must hold numbers"),
        ({"beginning": np.ones((1, 0, 1))}, ValueError, "at least one time step"),
        ({"steps": 0}, ValueError, "`steps` must be an integer ≥ 1"),
        ({"steps": 2.5}, ValueError, "`steps` must be an integer ≥ 1"),
        ({"steps": True}, ValueError, "`steps` must be an integer ≥ 1"),
        ({"window": 0}, ValueError, "must be an integer ≥ 1"),
        ({"window": 5}, ValueError, "make the beginning longer or the window shorter"),
        ({"window": "all"}, ValueError, "must be an integer ≥ 1"),
    ],
)
def test_bad_requests_are_told_what_to_do(change, error, message):
    request = {"network": a_network(), "beginning": np.ones((1, 4, 1)), "steps": 3} | change
    if error is None:
        continue_series(**request)
        return
    with pytest.raises(error, match=message):
        continue_series(**request)


def test_a_network_that_says_more_than_it_hears_cannot_feed_on_itself():
    network = Forecaster(keras.layers.SimpleRNNCell(3), outputs=2)
    for window in (None, 2):
        with pytest.raises(ValueError, match="1 in and 2 out"):
            continue_series(network, np.ones((1, 4, 1)), 3, window)


def test_a_series_that_grows_beyond_all_numbers_is_reported():
    with pytest.raises(ValueError, match="infinity at step 12"):
        continue_series(lambda x: 1000 * x, tf.ones((1, 2, 1)), 60, window=2)


def test_a_loop_that_hears_the_beginning_again_is_seen(monkeypatch):
    """The likely mistake: the window does not move on."""

    def stuck(network, first, last, steps):
        return tf.stack([network(last)[:, -1]] * steps)

    monkeypatch.setattr(generation, "_loop_with_window", stuck)
    with pytest.raises(AssertionError):
        test_a_window_is_run_anew_on_the_last_values(1)


def heard(V=7, seed=0):
    """A step that remembers all it reads, in its state and in a list from outside."""
    table = np.random.default_rng(seed).normal(size=(V, V, V))
    diary = []

    def step(id, state):
        before = state[-1] if state else 0
        diary.append(id)
        return table[before, id], [*(state or []), id]

    return step, diary


@given(
    prompt=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    length=st.integers(1, 12),
    temperature=st.sampled_from([0, 0.5, 1.0, 3]),
    seed=st.integers(0, 2**70),
)
def test_what_is_said_is_heard_once_and_in_order(prompt, length, temperature, seed):
    step, diary = heard()
    words = continue_words(step, prompt, length, temperature=temperature, seed=seed)
    assert words.shape == (length,) and words.dtype == np.int32
    assert diary == [*prompt, *words[:-1].tolist()]


@given(seed=st.integers(0, 1000), temperature=st.sampled_from([0.0, 0.7, 1]))
def test_a_shorter_continuation_is_the_beginning_of_a_longer_one(seed, temperature):
    step, _ = heard()
    again = {"temperature": temperature, "seed": seed}
    longer = continue_words(step, [1, 2], 12, **again)
    assert continue_words(step, [1, 2], 5, **again).tolist() == longer[:5].tolist()
    assert continue_words(step, [1, 2], 12, **again).tolist() == longer.tolist()


def test_at_temperature_zero_the_lowest_of_the_likeliest_is_taken():
    def step(id, state):
        return [0.0, 2.0, 2.0, 1.0], state

    assert continue_words(step, [3], 4).tolist() == [1, 1, 1, 1]


def test_the_first_state_is_the_one_given():
    def step(id, state):
        return np.eye(9)[state], state + 1

    assert continue_words(step, [0, 0], 3, state=4).tolist() == [5, 6, 7]


@given(
    prompt=st.lists(st.integers(0, 6), min_size=1, max_size=6),
    words=st.integers(1, 4),
    length=st.integers(1, 9),
)
def test_a_windowed_network_reads_the_last_words_and_no_more(prompt, words, length):
    read = []

    def network(ids):
        read.append(ids[0].tolist())
        return np.random.default_rng(ids[0]).normal(size=(1, 7))

    said = continue_words(windowed(network, words), prompt, length).tolist()
    whole = prompt + said
    ends = range(1, len(whole))
    assert read == [whole[max(0, end - words) : end] for end in ends]


@pytest.mark.parametrize("words", [0, -1, 2.0, True, "three"])
def test_a_window_of_no_width_is_refused(words):
    with pytest.raises(ValueError, match="`words` must be an integer ≥ 1"):
        windowed(lambda ids: ids, words)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_words_are_drawn_as_often_as_the_softmax_says(temperature):
    logits = np.log([0.6, 0.3, 0.1, 1e-300])
    p = np.exp(logits / temperature)
    words = continue_words(lambda id, state: (logits, None), [0], 20_000, temperature=temperature)
    shares = np.bincount(words, minlength=4) / len(words)
    assert np.max(np.abs(shares - p / p.sum())) < 0.02


def test_logits_of_any_size_and_impossible_words_are_fine():
    def step(id, state):
        return np.array([-np.inf, 1e6, 1e6 - 1, -1e6], "float32"), state

    for temperature in (0, 1e-300, 0.1, 1.0, 1e300):
        words = continue_words(step, [1], 200, temperature=temperature)
        assert 0 not in words


def test_a_draw_on_the_border_belongs_to_the_next_word():
    for draw, word in ((0.0, 1), (0.49, 1), (0.5, 3), (np.nextafter(1, 0), 3)):
        assert generation._choose(np.array([-np.inf, 0, -np.inf, 0]), 1.0, draw) == word


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"step": 3}, TypeError, "`step` must be a function"),
        ({"prompt": []}, ValueError, "pass at least one id"),
        ({"prompt": 3}, ValueError, r"shape \(N,\)"),
        ({"prompt": [[1, 2]]}, ValueError, r"shape \(N,\)"),
        ({"prompt": [[1], [1, 2]]}, TypeError, "encode the words"),
        ({"prompt": ["mouse"]}, TypeError, "encode the words"),
        ({"prompt": "mouse"}, ValueError, r"shape \(N,\)"),
        ({"prompt": [1.0]}, TypeError, "integer ids"),
        ({"prompt": [True]}, TypeError, "integer ids"),
        ({"prompt": [-1]}, ValueError, "ids ≥ 0"),
        ({"prompt": [7]}, ValueError, "must lie in 0 … 6, got 7"),
        ({"length": 0}, ValueError, "`length` must be an integer ≥ 1"),
        ({"length": 2.0}, ValueError, "`length` must be an integer ≥ 1"),
        ({"temperature": -1}, ValueError, "number ≥ 0"),
        ({"temperature": np.nan}, ValueError, "number ≥ 0"),
        ({"temperature": np.inf}, ValueError, "number ≥ 0"),
        ({"temperature": "hot"}, ValueError, "number ≥ 0"),
        ({"temperature": True}, ValueError, "number ≥ 0"),
        ({"seed": -1}, ValueError, "`seed` must be an integer ≥ 0"),
        ({"seed": 0.5}, ValueError, "`seed` must be an integer ≥ 0"),
        ({"step": lambda i, s: np.ones(7)}, ValueError, "return a pair"),
        ({"step": lambda i, s: (np.ones((1, 7)), s)}, ValueError, r"shape \(V,\)"),
        ({"step": lambda i, s: ([], s)}, ValueError, r"shape \(V,\)"),
        ({"step": lambda i, s: ([1, np.nan], s), "prompt": [0]}, ValueError, "diverged"),
        ({"step": lambda i, s: ([1, np.inf], s), "prompt": [0]}, ValueError, "diverged"),
        ({"step": lambda i, s: ([-np.inf] * 2, s), "prompt": [0]}, ValueError, "diverged"),
    ],
)
def test_bad_requests_for_words_are_told_what_to_do(change, error, message):
    request = {
        "step": lambda id, state: (np.eye(7)[(id + 1) % 7], state),
        "prompt": [0, 1],
        "length": 3,
    }
    with pytest.raises(error, match=message):
        continue_words(**request | change)


def test_a_loop_that_reads_the_prompt_only_is_seen(monkeypatch):
    """The likely mistake: the words said are not fed back."""
    read = generation._read
    monkeypatch.setattr(generation, "_read", lambda step, id, state: read(step, 0, state))
    with pytest.raises(AssertionError):
        test_what_is_said_is_heard_once_and_in_order.hypothesis.inner_test([1, 2], 6, 0, 0)
