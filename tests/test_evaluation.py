"""Numbers that judge predictions, against values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.evaluation import (
    Interval,
    accuracy,
    central_differences,
    entropy,
    eos_lengths,
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


def padded(seed=0, batch=4, steps=6, vocabulary=5):
    """Random distributions and targets with lengths, one of them zero."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(vocabulary), size=(batch, steps))
    lengths = rng.permutation([steps, 0, *rng.integers(1, steps, size=batch - 2)])
    return p, rng.integers(vocabulary, size=(batch, steps)), lengths


@pytest.mark.parametrize("seed", range(5))
def test_targets_behind_a_length_do_not_count(seed):
    p, targets, lengths = padded(seed)
    real = [(p[b, t], targets[b, t]) for b in range(len(p)) for t in range(lengths[b])]
    expected = -np.mean([math.log(row[target]) for row, target in real])
    assert negative_log_likelihood(p, targets, lengths) == pytest.approx(expected)


def test_nothing_that_stands_behind_a_length_is_looked_at():
    p, targets, lengths = padded()
    behind = np.arange(targets.shape[1]) >= lengths[:, None]
    p_junk, targets_junk = p.copy(), targets.copy()
    p_junk[behind], targets_junk[behind] = math.nan, -1
    score = negative_log_likelihood(p, targets, lengths)
    assert negative_log_likelihood(p_junk, targets_junk, lengths) == score


def test_full_lengths_are_no_lengths():
    p, targets, _ = padded()
    score = negative_log_likelihood(p, targets, [targets.shape[1]] * len(targets))
    assert score == pytest.approx(negative_log_likelihood(p, targets))


@pytest.mark.parametrize(
    ("targets", "lengths", "error", "message"),
    [
        ([0, 1], [1], ValueError, r"`targets` must have shape \(B, T\), got \(2,\): add a batch"),
        ([[0, 1]], [3], ValueError, "`lengths` must lie between 0 and T = 2, got 3"),
        ([[0, 1]], [1, 1], ValueError, r"`lengths` must have shape \(1,\), got \(2,\)"),
        ([[0, 1]], [0], ValueError, "must leave at least one target, got only zeros: nothing"),
        ([[0, 1]], [1.0], TypeError, "`lengths` must be integers, got dtype float64"),
    ],
    ids=["no batch", "too long", "too many", "all zero", "floats"],
)
def test_lengths_that_do_not_fit_the_targets_are_refused(targets, lengths, error, message):
    p = np.full((*np.shape(targets), 2), 0.5)
    with pytest.raises(error, match=message):
        negative_log_likelihood(p, targets, lengths)


@pytest.mark.parametrize(
    ("row", "length"),
    [
        ([5, 1, 0], 2),
        ([1, 5, 5], 1),
        ([5, 5, 1], 3),
        ([5, 5, 5], 3),
        ([1, 1, 1], 1),
        ([0, 0, 0], 3),
    ],
    ids=["within", "at once", "at the end", "never", "again and again", "padding alone"],
)
def test_a_sequence_ends_with_its_first_end_of_sequence_token(row, length):
    assert eos_lengths([row], eos=1).tolist() == [length]


@few_examples
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 2**16))
def test_what_stands_behind_the_first_end_changes_no_length(batch, steps, seed):
    rng = np.random.default_rng(seed)
    tokens = rng.integers(3, size=(batch, steps))
    lengths = eos_lengths(tokens, eos=1)
    behind = np.arange(steps) >= lengths[:, None]
    other = np.where(behind, rng.integers(3, size=tokens.shape), tokens)
    assert eos_lengths(other, eos=1).tolist() == lengths.tolist()
    assert not np.any(tokens[np.arange(steps) < lengths[:, None] - 1] == 1)


def test_lengths_of_whole_numbers_fit_the_walk():
    assert eos_lengths([[2, 1]], eos=1).dtype.kind == "i"


@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        ([5, 1, 0], ValueError, r"must have shape \(B, T\), got \(3,\): add a batch axis"),
        (np.zeros((2, 0), int), ValueError, "T ≥ 1"),
        ([[5.0, 1.0]], TypeError, "must be integer ids, got dtype float64: cast"),
        ([[True, False]], TypeError, "must be integer ids, got dtype bool: cast"),
        ([["do", "re"]], TypeError, "turn words or categories into numbers"),
        ([[5, 1], [5]], TypeError, "rows of unequal length: pad them"),
    ],
    ids=["no batch", "empty", "floats", "mask", "words", "ragged"],
)
def test_what_is_no_batch_of_ids_is_refused(tokens, error, message):
    with pytest.raises(error, match=message):
        eos_lengths(tokens, eos=1)


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


@pytest.mark.parametrize(
    ("odds", "nats"),
    [
        ([0.5, 0.5], math.log(2)),
        ([1, 0], 0.0),
        ([0.25] * 4, math.log(4)),
        ([0.4, 0.6], 0.6730116670092565),
    ],
)
def test_entropy_is_what_one_must_pay_who_knows_the_odds(odds, nats):
    assert entropy(odds) == pytest.approx(nats, abs=1e-12)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=5), st.data())
def test_no_other_odds_cost_less_than_the_true_ones(weights, data):
    p = np.array(weights) / sum(weights)
    other = data.draw(st.lists(st.floats(0.01, 1), min_size=len(p), max_size=len(p)))
    q = np.array(other) / sum(other)
    assert -np.sum(p * np.log(q)) >= entropy(p) - 1e-12


def test_entropy_is_taken_row_by_row():
    np.testing.assert_allclose(entropy([[0.5, 0.5], [0, 1]]), [math.log(2), 0])


@pytest.mark.parametrize("odds", [0.5, [0.5, 0.6], [-0.5, 1.5], [math.nan, 1.0]], ids=str)
def test_odds_that_are_none_have_no_entropy(odds):
    with pytest.raises(ValueError, match=r"rows that sum to 1, got .*: for one coin write \[p, 1"):
        entropy(odds)


def test_central_differences_are_the_slope_of_a_curve():
    at = np.array([[0.3, -1.2, 2.0]])
    slopes = central_differences(lambda a: np.sum(np.sin(a) * [1, 2, 3]), at)
    assert slopes == pytest.approx(np.cos(at) * [1, 2, 3], abs=1e-9)


def test_central_differences_leave_the_array_as_it_was_and_keep_its_precision():
    at = np.ones(3, np.float32)
    slopes = central_differences(np.sum, at, step=0.25)
    assert (at == 1).all() and slopes.dtype == np.float32
    assert slopes.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"function": 3}, TypeError, "`function` must be a function of an array, got 3: pass one"),
        ({"step": 0}, ValueError, "`step` must be above 0, got 0: 1e-5"),
        ({"step": float("nan")}, ValueError, "`step` must be above 0, got nan"),
        ({"at": [1, np.nan]}, ValueError, r"`at` must be finite, got nan at \(1,\)"),
        ({"at": "here"}, TypeError, "`at` must hold numbers, got dtype str"),
        ({"function": np.sin}, ValueError, r"must return one number, got shape \(2,\): sum it"),
    ],
)
def test_central_differences_refuse_what_has_no_slope(change, error, message):
    with pytest.raises(error, match=message):
        central_differences(**{"function": np.sum, "at": [1.0, 2.0]} | change)
