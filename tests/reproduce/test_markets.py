"""Prices that follow a competitor or nothing, and series that somebody recorded."""

import numpy as np
import pytest

from rnncourse.data.recordings import read_closes, read_eeg, sample_path
from rnncourse.reproduce import markets, records
from rnncourse.reproduce.markets import (
    SETTINGS,
    SWEEPS,
    batches_of,
    compare,
    linear_forecast,
    price_paths,
    recorded,
)


def steps_of(link, count=40_000, window=6):
    paths = price_paths(link, 2, window, (count,), np.random.default_rng(0))
    return np.diff(paths, axis=0)  # (window, count, 2)


@pytest.mark.parametrize("link", [0.0, 0.6, 1.0])
def test_a_step_is_the_link_times_the_competitors_last_and_chance(link):
    steps = steps_of(link)
    own, leader = steps[1:, :, 0].ravel(), steps[:-1, :, 1].ravel()
    # Standard error of 200,000 draws: 0.003.
    assert own.var() == pytest.approx(1, abs=0.015)
    assert np.mean(own * leader) == pytest.approx(link, abs=0.015)
    assert np.var(own - link * leader) == pytest.approx(1 - link**2, abs=0.015)


@pytest.mark.parametrize("link", [0.0, 0.6, 1.0])
def test_the_own_past_tells_nothing_of_the_next_step(link):
    own = steps_of(link)[:, :, 0]
    products = np.mean(own[-1] * own[:-1], axis=1)
    assert np.max(np.abs(products)) < 0.025


def test_every_path_begins_at_zero_with_as_many_features_as_asked_for():
    for features in (1, 2):
        paths = price_paths(0.6, features, 20, (3, 4), np.random.default_rng(1))
        assert paths.shape == (21, 3, 4, features)
        assert not paths[0].any()


def test_repeating_the_last_price_is_the_best_linear_rule_of_a_random_walk():
    paths = price_paths(0.0, 1, 10, (40_000,), np.random.default_rng(2))[..., 0].T
    rule, *_ = np.linalg.lstsq(paths[:, 1:10], paths[:, 10], rcond=None)
    np.testing.assert_allclose(rule, [0] * 8 + [1], atol=0.03)


@pytest.mark.parametrize(("series", "features"), [("eeg", 1), ("eeg", 4), ("google", 1)])
def test_a_recorded_series_is_cut_in_time(series, features):
    before, after = recorded(series, features, 0.75)
    whole = np.concatenate([before, after])
    assert len(before) == int(0.75 * len(whole))
    assert whole.shape[1] == features
    if series == "eeg":
        np.testing.assert_array_equal(whole, read_eeg(sample_path("eeg.dat"))[:, :features])
    else:
        closes = read_closes(sample_path("goog.npz"))[1]
        scale = np.std(np.diff(before[:, 0]))
        assert scale == pytest.approx(1)
        steps = np.diff(np.log(closes))
        np.testing.assert_allclose(np.diff(whole[:, 0]) * steps[:784].std(), steps, atol=1e-3)


@pytest.mark.parametrize("series", ["eeg", "google"])
def test_no_training_window_holds_a_step_of_the_test(series):
    settings = SETTINGS | {"series": series, "features": 1, "batch": 400}
    draw, (x, y) = batches_of(settings, (0, 1))
    before, after = recorded(series, 1, settings["share"])
    known, target = draw(0)
    assert known.shape == target.shape == (20, 2, 400, 1)
    steps = np.diff(np.concatenate([known, target[-1:]]), axis=0).ravel()
    allowed = np.diff(before[:, 0])
    nearest = np.abs(steps[:, None] - allowed).min(axis=1)
    assert nearest.max() < 1e-4
    tested = np.diff(np.concatenate([x, y[-1:]]), axis=0)[:, 0].ravel()
    assert np.abs(tested[:, None] - np.diff(after[:, 0])).min(axis=1).max() < 1e-4


def test_prices_are_counted_from_the_first_of_a_window_on():
    settings = SETTINGS | {"series": "google", "features": 1}
    draw, (x, _) = batches_of(settings, (0,))
    assert not draw(0)[0][0].any()
    assert not x[0].any()


def test_a_linear_rule_learns_a_wave_and_not_a_coin():
    t = 0.3 * np.arange(400)
    wave = np.sin(t)[:, None]
    misses = linear_forecast(wave[:300], wave[300:], 2, 20)
    assert misses.shape == (80,)
    assert misses.max() < 1e-20
    coin = np.random.default_rng(0).normal(size=(4000, 1))
    misses = linear_forecast(coin[:3000], coin[3000:], 4, 20)
    assert misses.mean() == pytest.approx(1, abs=0.15)


def test_a_linear_rule_hears_every_channel():
    coin = np.random.default_rng(1).normal(size=(2000, 1))
    echo = np.concatenate([np.roll(coin, 1, axis=0), coin], axis=1)  # the second leads the first
    assert linear_forecast(echo[:1000], echo[1000:], 1, 20).max() < 1e-20
    assert linear_forecast(echo[:1000, :1], echo[1000:, :1], 1, 20).mean() > 0.5


def test_without_the_burst_the_mean_is_that_of_the_other_windows():
    config = SWEEPS[1].config | {"iterations": 2, "cases": SWEEPS[1].config["cases"][:1]}
    (whole,), (half,) = (compare(config | {"burst": b}, (0,)) for b in ([0, 0], [0, 90]))
    (rest,) = compare(config | {"burst": [90, 180]}, (0,))
    assert whole["outside"] == whole["error"]
    both = (half["outside"][0] + rest["outside"][0]) / 2
    assert both == pytest.approx(whole["error"][0], rel=1e-3)


def test_a_short_training_gives_what_the_record_holds():
    for sweep in SWEEPS:
        short = sweep.config | {"iterations": 5, "tests": 600}
        (found,) = compare(short | {"cases": short["cases"][-1:]}, (0,))
        record = records.load(sweep.name)
        assert set(found) == record.metrics()
        assert record.config == sweep.config
        assert np.isfinite(found["error"][0])


def test_a_seed_finds_the_same_in_any_company():
    config = SWEEPS[1].config | {"iterations": 5, "cases": SWEEPS[1].config["cases"][:1]}
    assert compare(config, (0, 3))[1]["error"] == pytest.approx(compare(config, (3,))[0]["error"])


def test_a_cut_that_leaks_is_seen(monkeypatch):
    """The likely mistake: windows first, the cut afterwards."""
    right = markets.recorded

    def leaky(series, features, share):
        before, after = right(series, features, share)
        return np.concatenate([before, after]), after

    monkeypatch.setattr(markets, "recorded", leaky)
    with pytest.raises(AssertionError):
        test_no_training_window_holds_a_step_of_the_test("google")
