"""The two waves: what no forecaster can do better, and what became of the inventions."""

import numpy as np
import pytest

from rnncourse.data.series import two_waves
from rnncourse.reproduce import records, waves
from rnncourse.reproduce.forecasting import start
from rnncourse.reproduce.waves import (
    FALLING,
    SOURCE,
    WAVES,
    batches,
    bayes_floor,
    character,
    errors,
    fresh_windows,
    guess_from_one,
    linear_floor,
)


def test_no_training_window_reaches_what_is_kept_for_the_test():
    config = WAVES | {"batch": 500}
    draw, latest = batches(config, (0, 1)), two_waves(np.linspace(25, 30, 5001))
    x, y = draw(0)
    assert x.shape == y.shape == (20, 2, 500, 1)
    np.testing.assert_array_equal(x[1:], y[:-1])
    # The deepest and the highest values of the curve lie after t = 25 alone.
    assert y.min() > latest.min() + 1
    assert y.max() < latest.max() - 1


def test_every_seed_and_every_iteration_has_its_own_windows():
    draw = batches(WAVES, (0, 1))
    first, second = draw(0)[0], draw(1)[0]
    assert not np.array_equal(first[:, 0], first[:, 1])
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(batches(WAVES, (1,))(0)[0][:, 0], first[:, 1])


def test_noise_is_on_what_is_heard_and_not_on_what_is_scored():
    x, y = fresh_windows(WAVES, 25.0, noise=0.3, count=2000)
    clean, same = fresh_windows(WAVES, 25.0, count=2000)
    np.testing.assert_array_equal(y, same)
    assert np.std(x - clean) == pytest.approx(0.3, abs=0.01)


def test_one_value_of_a_sine_leaves_the_sign_of_its_slope_open(monkeypatch):
    monkeypatch.setattr(waves, "two_waves", np.sin)
    floor = guess_from_one(0, 8 * np.pi)
    assert floor == pytest.approx(np.sin(0.1) ** 2 / 2, rel=2e-3)


def test_one_value_of_a_line_tells_all(monkeypatch):
    monkeypatch.setattr(waves, "two_waves", lambda t: 3 * t)
    assert guess_from_one(0, 20) < 1e-12


def test_the_floor_from_one_value_lies_below_all_that_was_tried():
    floor = guess_from_one(0, 28)
    t = np.linspace(0, 28, 200_001)
    now, then = two_waves(t), two_waves(t + 0.1)
    # A guess from the mean of what followed in narrow bins of the value.
    bins = np.digitize(now, np.linspace(now.min(), now.max(), 2000))
    count = np.maximum(np.bincount(bins), 1)
    guess = (np.bincount(bins, then) / count)[bins]
    assert floor == pytest.approx(np.mean((guess - then) ** 2), rel=0.01)
    assert floor < linear_floor(WAVES, 0)[0] < np.mean((now - then) ** 2)
    assert records.load("wave-forecast").values("anywhere")[:, :2, 0].min() > floor - 0.01


def test_the_linear_floor_is_zero_from_six_values_on_and_not_before():
    floor = linear_floor(WAVES, 0)
    assert np.all(floor[5:] < 1e-20)
    assert floor[4] > 1e-10
    assert np.all(np.diff(floor[:6]) < 0)


def test_no_linear_rule_does_better_in_noise_than_the_linear_floor():
    floor = linear_floor(WAVES, 0, noise=0.3)
    rng = np.random.default_rng(3)
    starts = rng.uniform(0, 28, 40_000)
    clean = two_waves(starts[:, None] + 0.1 * np.arange(21))
    noisy = clean + 0.3 * rng.normal(size=clean.shape)
    for heard in (1, 6, 20):
        rule, *_ = np.linalg.lstsq(noisy[:, :heard], clean[:, heard], rcond=None)
        error = np.mean((noisy[:, :heard] @ rule - clean[:, heard]) ** 2)
        assert error == pytest.approx(floor[heard - 1], rel=0.03)


def test_who_knows_the_curve_does_better_than_any_linear_rule():
    best, linear = bayes_floor(WAVES, 0, 0.3), linear_floor(WAVES, 0, 0.3)
    # 600 windows: the first steps are uncertain by several hundredths.
    assert np.all(best[3:] < 0.9 * linear[3:])
    assert best[-1] < 0.01


def test_a_curve_has_the_character_of_itself_and_a_point_has_none():
    t = 0.1 * np.arange(300)
    own = character(two_waves(t))
    assert own["fast"] == pytest.approx(2, abs=0.05)
    assert own["rest"] < 0.02
    point = character(np.full(300, 3.0))
    assert point == {"range": 0, "slow": 0, "fast": 0, "rest": 1, "repeats": 1}
    other = character(3 * np.sin(2.7 * t))
    assert other["rest"] > 0.95
    shifted = character(4 * np.sin(1.1 * t) + 1.5 * np.cos(4.7 * t))
    assert (shifted["slow"], shifted["fast"]) == pytest.approx((4, 1.5), rel=0.1)
    assert shifted["rest"] < 0.05


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (lambda t: two_waves(t), "resembles"),
        (lambda t: 7 * np.sin(1.05 * t) + 2.5 * np.cos(4.8 * t), "resembles"),
        (lambda t: 0 * t + 4, "a point"),
        (lambda t: 9 * np.exp(-t), "a point"),
        (lambda t: 60 * np.sin(t), "runs away"),
        (lambda t: np.exp(0.2 * t), "runs away"),
        (lambda t: np.sin(2 * np.pi * t / 4), "a cycle"),
        (lambda t: 3 * np.sin(0.7 * t) * np.sin(0.13 * t**1.5), "something else"),
        (lambda t: 8 * np.sin(t + 0.5), "a cycle"),
        (lambda t: two_waves(t) / 4, "something else"),
    ],
)
def test_a_series_gets_the_verdict_that_fits(series, expected):
    assert waves.verdict(series(0.1 * np.arange(300))) == expected


def test_an_untrained_network_costs_what_the_lesson_says():
    losses = errors(start(100, range(40)), *fresh_windows(WAVES, 0.0)).mean(axis=1)
    assert 5 < losses.min()
    assert losses.max() < 60


def test_training_lowers_the_error_and_the_record_keeps_its_shape():
    config = WAVES | {"cases": [SOURCE | {"iterations": 450}]}
    (found,) = waves.forecast(config, (3,))
    record = records.load("wave-forecast")
    assert set(found) == record.metrics()
    for name, values in found.items():
        assert np.shape(values)[1:] == record.values(name).shape[2:]
    assert found["log"][0][4] < 0.05 * found["log"][0][0]
    assert found["last_ten"][0] < 0.1


def test_the_record_has_the_cases_of_the_lesson():
    cases = records.load("wave-forecast").config["cases"]
    assert cases == [SOURCE, FALLING, FALLING | {"noise": 0.3}]
    assert records.load("wave-creations").config["cases"] == [SOURCE, FALLING]


def test_creations_begin_as_they_are_told():
    config = WAVES | {"steps": 8, "cases": [SOURCE | {"iterations": 20}]}
    found = waves.creations(config, (0, 1))
    assert np.shape(found[0]["zeros"]) == np.shape(found[1]["instance"]) == (1, 8)
    assert found[0]["zeros"] != found[1]["zeros"]


def test_the_first_values_of_the_inventions_come_out_again():
    config = WAVES | {"steps": 10, "cases": [SOURCE]}
    record = records.load("wave-creations")
    (found,) = waves.creations(config, (7,))
    for name in ("zeros", "instance"):
        recorded = record.values(name)[:, 0, :10]
        low, high = recorded.min(axis=0), recorded.max(axis=0)
        assert np.all((low - 1 < found[name][0]) & (found[name][0] < high + 1))


def test_a_window_that_leaks_from_the_future_is_seen(monkeypatch):
    """The likely mistake: windows are drawn from the whole curve."""
    right = waves.batches
    leaky = lambda config, seeds: right(config | {"known": 30.0}, seeds)  # noqa: E731
    monkeypatch.setitem(globals(), "batches", leaky)
    with pytest.raises(AssertionError):
        test_no_training_window_reaches_what_is_kept_for_the_test()
