"""Numbers that judge predictions, against values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.evaluation import (
    Interval,
    accuracy,
    interval,
    negative_log_likelihood,
    perplexity,
    relative_difference,
)

numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
vectors = st.lists(numbers, min_size=1, max_size=5)
few_examples = settings(max_examples=50)


@pytest.mark.parametrize(
    ("a", "b", "difference"),
    [
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([1e-9, 1.0], [2e-9, 1.0], 1e-9),
        ([[3.0]], [[3.0]], 0.0),
        ([0.0], [0.0], 0.0),
        ([], [], 0.0),
        (3, 4, 0.25),
        ([-1.0], [1.0], 2.0),
        ([1.0], [0.0], math.inf),
        ([math.inf], [math.inf], 0.0),
        ([-math.inf], [math.inf], math.inf),
        ([math.inf], [1.0], math.inf),
        ([1.0], [math.inf], math.inf),
    ],
    ids=str,
)
def test_relative_difference_divides_the_largest_gap_by_the_largest_value(a, b, difference):
    assert relative_difference(a, b) == pytest.approx(difference)


@pytest.mark.parametrize(
    ("a", "b"), [([math.nan, 1], [1, 1]), ([1, 1], [1, math.nan])], ids=["a", "b"]
)
def test_relative_difference_hides_no_nan(a, b):
    assert math.isnan(relative_difference(a, b))


def test_relative_difference_does_not_broadcast():
    with pytest.raises(
        ValueError, match=r"must have the same shape, got \(2,\) and \(1, 2\): broadcast or slice"
    ):
        relative_difference([1, 2], [[1, 2]])


@few_examples
@given(vectors, st.floats(0.5, 100))
def test_relative_difference_does_not_depend_on_the_unit(values, scale):
    a, b = np.array(values), np.array(values[::-1]) + 1
    difference = relative_difference(a, b)
    if math.isfinite(difference):
        assert relative_difference(scale * a, scale * b) == pytest.approx(difference)


@pytest.mark.parametrize(
    ("predictions", "targets", "share"),
    [([0, 1, 1, 0], [0, 1, 0, 0], 0.75), ([["a"]], [["b"]], 0.0), (2, 2, 1.0)],
    ids=["ids", "labels", "scalar"],
)
def test_accuracy_is_the_share_of_hits(predictions, targets, share):
    assert accuracy(predictions, targets) == share


def test_accuracy_asks_for_ids_when_given_probabilities():
    with pytest.raises(
        ValueError, match=r"shape of `targets` \(2,\), got \(2, 3\): take the argmax"
    ):
        accuracy(np.ones((2, 3)), [0, 1])


def test_accuracy_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one entry, got none: "):
        accuracy([], [])


@few_examples
@given(st.lists(st.integers(0, 3), min_size=1, max_size=5), st.randoms())
def test_accuracy_does_not_depend_on_the_order(targets, random):
    predictions = [random.randint(0, 3) for _ in targets]
    order = random.sample(range(len(targets)), len(targets))
    shuffled = accuracy([predictions[k] for k in order], [targets[k] for k in order])
    assert shuffled == accuracy(predictions, targets)


def test_negative_log_likelihood_by_hand():
    p = [[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]  # (1, 2, 3)
    assert negative_log_likelihood(p, [[1, 2]]) == pytest.approx((math.log(4) - math.log(0.8)) / 2)


def test_a_certain_prediction_costs_nothing_and_an_impossible_target_everything():
    assert str(negative_log_likelihood([[0.0, 1.0]], [1])) == "0.0"
    assert negative_log_likelihood([[0.0, 1.0]], [0]) == math.inf


@few_examples
@given(st.integers(1, 5), st.integers(1, 5))
def test_uniform_guessing_has_the_vocabulary_as_perplexity(count, vocabulary):
    p = np.full((count, vocabulary), 1 / vocabulary)
    targets = np.arange(count) % vocabulary
    assert perplexity(negative_log_likelihood(p, targets)) == pytest.approx(vocabulary)


@pytest.mark.parametrize(
    ("probabilities", "targets", "error", "message"),
    [
        (
            [[0.5, 0.5]],
            [0, 1],
            ValueError,
            r"must have shape \(2, 'V'\), got \(1, 2\): one distribution",
        ),
        (0.5, 0, ValueError, r"must have shape \('V',\), got \(\)"),
        (np.zeros((0, 2)), [], ValueError, r"got \(0, 2\)"),
        ([[2.0, -1.0]], [0], ValueError, "got entries from -1 and sums up to 1: apply softmax"),
        ([[0.5, 0.6]], [0], ValueError, "got entries from 0.5 and sums up to 1.1: apply softmax"),
        ([[math.nan, 1.0]], [0], ValueError, "got entries from nan"),
        ([[0.5, 0.5]], [2], ValueError, "must lie in 0 … 1, got 2 … 2: V is"),
        ([[0.5, 0.5]], [-1], ValueError, "must lie in 0 … 1, got -1 … -1: V is"),
        ([[0.5, 0.5]], [1.0], TypeError, "must be integer ids, got dtype float64: cast"),
        ([[0.5, 0.5]], [True], TypeError, "must be integer ids, got dtype bool: cast"),
        ([[0.5, 0.5]], ["1"], TypeError, "must be integer ids, got dtype <U1: cast"),
    ],
    ids=[
        "count",
        "scalar",
        "empty",
        "negative",
        "logits",
        "nan",
        "id too large",
        "negative id",
        "float ids",
        "mask",
        "words",
    ],
)
def test_what_is_no_distribution_or_no_target_is_refused(probabilities, targets, error, message):
    with pytest.raises(error, match=message):
        negative_log_likelihood(probabilities, targets)


@pytest.mark.parametrize(
    ("nll", "choices"),
    [(0.0, 1.0), (math.log(6), 6.0), (1e4, math.inf), (math.inf, math.inf)],
    ids=["certain", "a die", "overflow", "impossible"],
)
def test_perplexity_counts_equally_likely_choices(nll, choices):
    assert perplexity(nll) == pytest.approx(choices)


def test_perplexity_insists_on_averaging_first():
    with pytest.raises(ValueError, match=r"must be one number, got shape \(2,\): average first"):
        perplexity([1.0, 4.0])


def test_interval_of_equal_seeds_has_no_width():
    assert interval([2.0, 2.0, 2.0]) == Interval(2.0, 2.0, 2.0)


def test_interval_of_two_seeds_by_hand():
    # Of four equally likely resamples one is (0, 0), one (1, 1), two have mean 0.5.
    assert interval([0.0, 1.0], level=0.95) == Interval(0.5, 0.0, 1.0)
    assert interval([0.0, 1.0], level=0.2) == Interval(0.5, 0.5, 0.5)


def test_interval_covers_the_true_mean_about_as_often_as_promised():
    rng = np.random.default_rng(0)
    hits = [
        low <= 0 <= high
        for _, low, high in (interval(rng.normal(size=20), resamples=400) for _ in range(300))
    ]
    # A percentile interval over 20 seeds is a little too narrow: 0.93 ± 0.015 rather than 0.95.
    assert 0.88 <= np.mean(hits) <= 0.98


@few_examples
@given(st.lists(numbers, min_size=2, max_size=5), st.floats(0.05, 0.99))
def test_interval_stays_within_the_seeds(values, level):
    mean, low, high = interval(values, level, resamples=200)
    slack = 1e-9 * max(1, np.max(np.abs(values)))
    assert min(values) - slack <= low <= high <= max(values) + slack
    assert mean == pytest.approx(np.mean(values))


@few_examples
@given(st.lists(numbers, min_size=2, max_size=5))
def test_interval_grows_with_its_level(values):
    _, low, high = interval(values, 0.5, resamples=200)
    _, lower, higher = interval(values, 0.99, resamples=200)
    assert lower <= low <= high <= higher


def test_interval_is_the_same_every_time():
    values = [0.1, 0.5, 0.2, 0.9]
    assert interval(values) == interval(values)


def test_a_diverged_seed_is_not_averaged_away():
    assert all(math.isnan(bound) for bound in interval([1.0, math.nan, 2.0]))


@pytest.mark.parametrize(
    ("values", "level", "message"),
    [
        ([1.0], 0.95, "at least two seeds, got 1: one run has no spread"),
        ([], 0.95, "at least two seeds, got 0"),
        ([1.0, 2.0], 95, "between 0 and 1, got 95: 0.95 means 95%"),
        ([1.0, 2.0], 0, "between 0 and 1, got 0"),
        ([1.0, 2.0], 1.0, "between 0 and 1, got 1.0"),
    ],
    ids=["one seed", "no seed", "per cent", "zero", "one"],
)
def test_interval_refuses_what_has_no_answer(values, level, message):
    with pytest.raises(ValueError, match=message):
        interval(values, level)
