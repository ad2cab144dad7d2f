import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data import gym
from rnncourse.evaluation import relative_difference

chance = st.floats(0, 1)
members = st.builds(gym.Member, chance, st.floats(0.01, 1), chance, chance)


def every_path(days, member):
    """(probability, ill, done, due) of everything that can happen, by enumeration."""
    for ill in itertools.product((0, 1), repeat=days):
        p = member.ill if ill[0] else 1 - member.ill
        for before, now in itertools.pairwise(ill):
            change = member.recovers if before else member.falls_ill
            p *= change if before != now else 1 - change
        for missed in itertools.product((False, True), repeat=days):
            q, turn, done, due = p, 0, [], []
            for h, m in zip(ill, missed):
                q *= member.misses[h] if m else 1 - member.misses[h]
                due.append(turn)
                done.append(gym.MISSED if m else turn)
                turn = turn if m else (turn + 1) % gym.PLAN
            yield q, ill, tuple(done), tuple(due)


def best_by_enumeration(days, member, lags):
    """Best share of right answers from weekday, month, health and a window of the diary."""
    weekday, month = gym.calendar(days)
    seen = {}
    for p, ill, done, _ in every_path(days, member):
        for t in range(days):
            window = tuple(done[t - k] if t >= k else gym.MISSED for k in range(1, lags + 1))
            key = weekday[t], month[t], ill[t], window
            seen.setdefault(key, np.zeros(8))[done[t]] += p
    return sum(chances.max() for chances in seen.values()) / days


@given(people=st.integers(1, 5), days=st.integers(1, 40), seed=st.integers(0, 99), member=members)
def test_what_was_due_stays_due_until_it_is_done(people, days, seed, member):
    ill, done, due = gym.diaries(people, days, seed, member)
    assert ill.shape == done.shape == due.shape == (people, days)
    attended = done != gym.MISSED
    np.testing.assert_array_equal(done[attended], due[attended])
    turns = np.cumsum(attended, axis=1) - attended
    np.testing.assert_array_equal(due, turns % gym.PLAN)


def test_chances_are_those_of_the_member():
    member = gym.Member(0.05, 0.2, 0.15, 0.7)
    ill, done, _ = gym.diaries(4000, 100, 3, member)
    missed = done == gym.MISSED
    # Standard errors below 0.003 for 400,000 days, of which a fifth are ill.
    assert ill.mean() == pytest.approx(member.ill, abs=0.01)
    assert ill[:, 0].mean() == pytest.approx(member.ill, abs=0.03)
    assert missed[ill == 0].mean() == pytest.approx(0.15, abs=0.01)
    assert missed[ill == 1].mean() == pytest.approx(0.7, abs=0.01)
    assert (ill[:, 1:][ill[:, :-1] == 0]).mean() == pytest.approx(0.05, abs=0.005)


def test_the_chances_of_each_day_are_those_of_all_paths():
    member = gym.Member(0.3, 0.4, 0.2, 0.6)
    chances = np.zeros((7, 2, 8))
    for p, ill, done, _ in every_path(7, member):
        chances[np.arange(7), ill, done] += p
    assert relative_difference(gym.odds(7, member), chances) < 1e-12


@pytest.mark.parametrize("lags", [0, 1, 2, 3])
def test_the_best_rate_of_a_window_is_that_of_all_paths(lags):
    member = gym.Member(0.3, 0.4, 0.2, 0.6)
    rate = gym.window_rate(lags, 8, member).mean()
    assert rate == pytest.approx(best_by_enumeration(8, member, lags), abs=1e-12)


@given(member=members)
def test_more_in_sight_is_never_worse_and_the_ceiling_is_above_all(member):
    rates = [gym.window_rate(lags, 60, member).mean() for lags in (0, 1, 2, 5, 60)]
    assert np.all(np.diff(rates) > -1e-12)
    assert rates[-1] == pytest.approx(gym.ceiling(member), abs=1e-9)


def test_the_odds_sum_to_one_and_settle_where_the_process_rests():
    chances = gym.odds(3000)
    np.testing.assert_allclose(chances.sum(axis=(1, 2)), 1)
    well, ill = 10 / 11, 1 / 11
    rest = np.array([[well * 0.9 / 7] * 7 + [well * 0.1], [ill * 0.1 / 7] * 7 + [ill * 0.9]])
    np.testing.assert_allclose(chances[-1], rest, atol=1e-9)


def test_a_punctual_member_is_known_from_the_weekday_alone():
    punctual = gym.Member(misses_well=0, misses_ill=0)
    np.testing.assert_allclose(gym.calendar_rate(member=punctual), 1)
    assert gym.ceiling(punctual) == 1


def test_the_score_of_answers_by_date_is_their_share_in_drawn_diaries():
    rng = np.random.default_rng(0)
    answers = rng.integers(8, size=(365, 2))
    ill, done, _ = gym.diaries(3000, 365, 1)
    share = np.mean(answers[np.arange(365), ill] == done)
    # Standard error below 0.0004.
    assert gym.calendar_score(answers).mean() == pytest.approx(share, abs=0.003)


def test_the_best_answers_by_date_score_the_calendar_rate_if_months_are_days():
    chances = gym.odds()
    by_date = gym.calendar_score(chances.argmax(axis=-1))
    assert by_date.mean() >= gym.calendar_rate().mean()
    np.testing.assert_allclose(by_date, chances.max(axis=-1).sum(axis=1))


def test_expected_is_the_share_of_right_answers_without_the_luck_of_who_came():
    ill, done, due = gym.diaries(2000, 100, 2)
    answers = np.where(ill == 1, gym.MISSED, due)
    expected = gym.expected(answers, ill, due)
    np.testing.assert_allclose(expected, 0.9)
    assert np.mean(answers == done) == pytest.approx(0.9, abs=0.005)
    assert np.all(gym.expected((due + 1) % 7, ill, due) == 0)


@given(lags=st.integers(0, 4), dated=st.booleans(), days=st.integers(1, 40))
def test_a_day_reads_its_own_date_and_health_and_the_days_before_it(lags, dated, days):
    ill, done, _ = gym.diaries(3, days, 5)
    x = gym.inputs(ill, done, lags, dated)
    assert x.shape == (3, days, 19 * dated + 1 + 7 * lags)
    assert x.dtype == np.float32
    later = done.copy()
    later[:, -1] = (later[:, -1] + 1) % 8
    np.testing.assert_array_equal(gym.inputs(ill, later, lags, dated), x)
    np.testing.assert_array_equal(x[..., 19 * dated], ill)
    for lag in range(1, lags + 1):
        start = 19 * dated + 1 + 7 * (lag - 1)
        seen = x[:, lag:, start : start + 7]
        np.testing.assert_array_equal(seen, gym.vectors(done[:, :-lag]) if days > lag else seen)
        assert not x[:, :lag, start : start + 7].any()


def test_a_year_begins_on_a_monday_and_has_twelve_months():
    weekday, month = gym.calendar(366)
    assert weekday[:8].tolist() == [0, 1, 2, 3, 4, 5, 6, 0]
    assert np.bincount(month[:365]).tolist() == list(gym.MONTH_DAYS)
    assert month[365] == 0


def test_days_missed_before_are_counted_from_the_last_exercise():
    done = np.array([[7, 7, 0, 1, 7, 7, 7, 2]])
    assert gym.missed_before(done).tolist() == [[-1, -1, -1, 0, 0, 1, 2, 3]]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: gym.diaries(0, 5, 1), "`people` must be an integer ≥ 1, got 0"),
        (lambda: gym.diaries(2, 1.5, 1), "`days` must be an integer ≥ 1, got 1.5"),
        (lambda: gym.diaries(2, "5", 1), "`days` must be an integer"),
        (
            lambda: gym.diaries(2, 5, 1, gym.Member(misses_well=1.2)),
            "`misses_well` must be a chance",
        ),
        (lambda: gym.ceiling(gym.Member(falls_ill=float("nan"))), "`falls_ill` must be a chance"),
        (lambda: gym.odds(member=gym.Member(recovers="often")), "`recovers` must be a chance"),
        (lambda: gym.vectors([8]), "integers from 0 to 7"),
        (lambda: gym.vectors([0.5]), "integers from 0 to 7"),
        (lambda: gym.vectors([]), "integers from 0 to 7"),
    ],
)
def test_bad_input_is_told_what_was_expected(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_a_plan_that_jumps_over_missed_days_would_be_noticed(monkeypatch):
    """The likely mistake: the plan moves on although nobody came."""
    drawn = gym.diaries

    def jumping(people, days, rng, member=gym.MEMBER):
        ill, done, _ = drawn(people, days, rng, member)
        due = np.tile(np.arange(days) % gym.PLAN, (people, 1))
        return ill, np.where(done == gym.MISSED, gym.MISSED, due), due

    monkeypatch.setattr(gym, "diaries", jumping)
    with pytest.raises(AssertionError):
        test_what_was_due_stays_due_until_it_is_done.hypothesis.inner_test(
            3, 40, 1, gym.Member(misses_well=0.5)
        )


def test_a_window_shifted_by_a_day_would_be_noticed(monkeypatch):
    """The likely mistake: today's entry among the inputs."""
    before = gym.before
    monkeypatch.setattr(gym, "before", lambda done, lag: before(done, lag - 1))
    with pytest.raises(AssertionError):
        test_a_day_reads_its_own_date_and_health_and_the_days_before_it.hypothesis.inner_test(
            1, False, 10
        )
