"""Tasks with a distance: their shapes, their exact baselines, what they leave to know."""

import numpy as np
import pytest

from rnncourse.data.distances import (
    BAD,
    GOOD,
    PLAIN,
    WORDS,
    adding_task,
    copy_task,
    daily_sales,
    mixed_scales,
    reviews,
)


@pytest.mark.parametrize("steps", [2, 3, 40])
def test_two_numbers_are_marked_one_in_each_half(steps):
    x, y = adding_task(200, steps, 0)
    assert x.shape == (200, steps, 2)
    half = steps // 2
    assert np.all(x[:, :half, 1].sum(axis=1) == 1)
    assert np.all(x[:, half:, 1].sum(axis=1) == 1)
    assert np.allclose(y, (x[..., 0] * x[..., 1]).sum(axis=1))


def test_the_baselines_of_the_adding_task_are_a_sixth_and_a_twelfth():
    x, y = adding_task(40_000, 10, 1)
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.003)
    later = np.sum(x[:, 5:, 0] * x[:, 5:, 1], axis=1)
    assert np.mean((y - later - 0.5) ** 2) == pytest.approx(1 / 12, abs=0.002)


def test_a_copy_task_asks_for_its_symbols_after_the_signal():
    x, y = copy_task(50, delay=7, rng=0, symbols=5, length=3)
    assert x.shape == (50, 13, 7)
    classes = x.argmax(axis=-1)
    assert np.array_equal(classes[:, :3], y[:, -3:])
    assert np.all((1 <= y[:, -3:]) & (y[:, -3:] <= 5))
    assert np.all(classes[:, 9] == 6)  # length + delay - 1
    assert np.all(np.delete(classes[:, 3:], 6, axis=1) == 0)
    assert np.all(y[:, :-3] == 0)


def test_forgetting_costs_the_copy_task_what_its_docstring_says():
    _, y = copy_task(2000, delay=40, rng=3)
    p = np.zeros((*y.shape, 10))
    p[:, :-10, 0] = 1
    p[:, -10:, 1:9] = 1 / 8
    cost = -np.log(np.take_along_axis(p, y[..., None], -1)).mean()
    assert cost == pytest.approx(10 * np.log(8) / 60, rel=1e-12)


def spoken(words):
    return [" ".join(WORDS[i] for i in row) for row in words]


@pytest.mark.parametrize("contrary", [False, True])
def test_a_verdict_counts_and_without_one_the_tail_does(contrary):
    words, liked, verdict = reviews(400, 6, 0, contrary)
    assert words.shape == (400, 11)
    praised = np.isin(words[:, 5:], [WORDS.index(w) for w in GOOD])
    blamed = np.isin(words[:, 5:], [WORDS.index(w) for w in BAD])
    for text, good, bad, likes, has in zip(
        spoken(words), praised, blamed, liked, verdict, strict=True
    ):
        if has:
            assert text.startswith(f"I {'loved' if likes else 'hated'} this movie ,")
            against = bad if likes else good
            assert np.all(against) if contrary else not np.any(good | bad)
        else:
            assert text.startswith("We saw this movie ,")
            assert np.all(good if likes else bad)


def test_the_words_are_all_different():
    assert len(set(WORDS)) == len(WORDS)
    assert {*GOOD, *BAD, *PLAIN} < set(WORDS)


def test_half_of_the_reviews_have_a_verdict_and_half_are_kind():
    _, liked, verdict = reviews(20_000, 1, 0)
    assert np.mean(verdict) == pytest.approx(0.5, abs=0.02)
    assert np.mean(liked) == pytest.approx(0.5, abs=0.02)


def test_who_reads_only_the_tail_is_always_wrong_after_contrary_words():
    words, liked, verdict = reviews(500, 20, 1, contrary=True)
    said = np.isin(words[:, -1], [WORDS.index(w) for w in GOOD])
    assert np.mean((said == liked)[verdict]) == 0
    assert np.mean((said == liked)[~verdict]) == 1


def test_sales_come_back_after_a_year():
    past, later = daily_sales(4000, 0, "year")
    without, then = daily_sales(4000, 0)

    def shared(past, later):
        return np.corrcoef(past[:, -241] - past[:, -242], later - past[:, -1])[0, 1]

    assert shared(past, later) > shared(without, then) + 0.05


def test_an_election_lasts():
    past, later = daily_sales(4000, 2, "election")
    neighbours = (past[:, -782] + past[:, -780]) / 2
    result = np.sign(past[:, -781] - neighbours)
    assert np.mean(later[result > 0]) - np.mean(later[result < 0]) == pytest.approx(3, abs=0.35)


def test_nobody_forecasts_below_the_floor():
    """With everything known that can be: level, week, wave and the last day's drift."""
    rng = np.random.default_rng(5)
    drift = rng.normal(size=200_000)
    later = drift
    for _ in range(20):
        later = 0.9 * later + np.sqrt(1 - 0.9**2) * rng.normal(size=later.size)
    error = later + rng.normal(size=later.size) - 0.9**20 * drift
    assert np.mean(error**2) == pytest.approx(1 + 1 - 0.9**40, rel=0.02)


def test_a_window_on_three_scales_ends_with_the_last_days():
    past = np.random.default_rng(0).normal(size=(4, 150))
    window = mixed_scales(past)
    assert window.shape == (4, 15)
    assert np.array_equal(window[:, 10:], past[:, -5:])
    assert np.allclose(window[:, 9], past[:, -5:].mean(axis=1))
    assert np.allclose(window[:, 4], past[:, -20:].mean(axis=1))
    assert np.allclose(window[:, 0], past[:, -100:-80].mean(axis=1))
    assert np.array_equal(window, mixed_scales(past[:, -100:]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adding_task(0, 10, 0), "`examples` must be an integer ≥ 1, got 0"),
        (lambda: adding_task(3, 1, 0), "`steps` must be an integer ≥ 2, got 1"),
        (lambda: adding_task(3, 2.5, 0), "`steps` must be an integer ≥ 2, got 2.5"),
        (lambda: copy_task(3, 0, 0), "`delay` must be an integer ≥ 1, got 0"),
        (lambda: copy_task(3, 4, 0, symbols=1), "`symbols` must be an integer ≥ 2, got 1"),
        (lambda: copy_task(3, 4, 0, length="2"), "`length` must be an integer ≥ 1, got '2'"),
        (lambda: reviews(3, 0, 0), "`tail` must be an integer ≥ 1, got 0"),
        (lambda: reviews(True, 4, 0), "`examples` must be an integer ≥ 1, got True"),
        (lambda: daily_sales(0, 0), "`shops` must be an integer ≥ 1, got 0"),
        (lambda: daily_sales(3, 0, "war"), "`lasting` must be None, 'year' or 'election'"),
        (lambda: mixed_scales(np.ones(200)), r"`past` must have shape \(B, T\), got \(200,\)"),
        (lambda: mixed_scales(np.ones((2, 99))), "got 99 days: look back further"),
    ],
)
def test_bad_input_is_told_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: adding_task(5, 6, rng),
        lambda rng: copy_task(5, 6, rng),
        lambda rng: reviews(5, 6, rng),
        lambda rng: daily_sales(5, rng),
    ],
    ids=["adding", "copy", "reviews", "sales"],
)
def test_a_seed_says_it_all(make):
    for first, second, other in zip(make(7), make(7), make(8), strict=True):
        assert np.array_equal(first, second)
        assert first.size < 3 or not np.array_equal(first, other)
