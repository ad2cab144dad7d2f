from collections import Counter
from itertools import product

import numpy as np
import pytest

from rnncourse.data.grammars import reviews

TEXTS, GOOD = reviews.sample(20_000, seed=7)


def by_hand(found, but):
    """Bayes' rule, opinion by opinion."""
    up = down = 1.0
    for k, side in enumerate(found):
        if but:
            agrees = 19 / 20 if k == len(found) - 1 else 1 / 2
        else:
            agrees = 5 / 6
        up *= agrees if side == 1 else 1 - agrees
        down *= agrees if side == -1 else 1 - agrees
    return up / (up + down)


def test_every_review_is_read_as_it_was_meant_and_fits():
    assert max(map(len, TEXTS)) <= reviews.LONGEST
    assert {word for text in TEXTS for word in text} <= set(reviews.WORDS)
    for text in TEXTS[:2000]:
        found, but = reviews.opinions(text)
        assert 1 <= len(found) <= 3
        assert but == ("but" in text)
        assert reviews.probability_of_good(text) == pytest.approx(by_hand(found, but))


def test_the_probability_of_good_is_the_share_of_good_ones():
    said = np.array([reviews.probability_of_good(text) for text in TEXTS]).round(6)
    for p, count in Counter(said.tolist()).items():
        error = 4 * np.sqrt(p * (1 - p) / count)
        assert abs(GOOD[said == p].mean() - p) < error, p


def test_the_bayes_rate_is_reached_by_the_likelier_verdict_and_by_enumeration():
    said = np.array([reviews.probability_of_good(text) for text in TEXTS])
    assert np.mean((said > 0.5) == GOOD) == pytest.approx(reviews.bayes_rate(), abs=0.01)
    total = 0.0
    for clauses, share in zip((1, 2, 3), (0.3, 0.35, 0.35)):
        for but, part in ((True, 0.5), (False, 0.5)) if clauses > 1 else ((False, 1.0),):
            for found in product((1, -1), repeat=clauses):
                odds = []
                for verdict in (1, -1):
                    p = 1.0
                    for k, side in enumerate(found):
                        last = k == clauses - 1
                        agrees = (19 / 20 if last else 1 / 2) if but else 5 / 6
                        p *= agrees if side == verdict else 1 - agrees
                    odds.append(p / 2)
                total += share * part * max(odds)
    assert reviews.bayes_rate() == pytest.approx(total)


@pytest.mark.parametrize(
    ("text", "probability"),
    [
        ("acting good .", 5 / 6),
        ("acting not good .", 1 / 6),
        ("acting very good .", 5 / 6),
        ("acting good and fresh .", 5 / 6),
        ("acting good , plot bad .", 1 / 2),
        ("acting bad but plot good .", 19 / 20),
        ("acting good , cast good but plot bad .", 1 / 20),
    ],
)
def test_a_review_gives_away_what_the_grammar_says(text, probability):
    assert reviews.probability_of_good(text.split()) == pytest.approx(probability)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "good acting .",
        "acting good",
        "acting good , plot bad but",
        "acting good but plot bad , cast good .",
        "acting .",
        "acting good and bad .",
        "acting good bad .",
        "acting not very good .",
        "acting and good .",
        "acting nice .",
        "acting good , plot good , cast good , pace good .",
    ],
)
def test_what_is_no_review_is_told(text):
    with pytest.raises(ValueError, match="must be a review of the grammar, got"):
        reviews.probability_of_good(text.split())


def test_a_text_that_is_not_split_is_told():
    with pytest.raises(TypeError, match="split the text first"):
        reviews.opinions("acting good .")


def test_a_seed_gives_the_same_reviews_and_none_are_none():
    assert reviews.sample(50, 3)[0] == reviews.sample(50, 3)[0] != reviews.sample(50, 4)[0]
    texts, good = reviews.sample(0, 0)
    assert texts == [] and good.shape == (0,)
    with pytest.raises(ValueError, match="`reviews` must be"):
        reviews.sample(-1, 0)


def test_both_sides_are_equally_frequent():
    counts = Counter(word for text in TEXTS for word in text)
    good, bad = ([counts[w] for w in words] for words in (reviews.GOOD, reviews.BAD))
    assert sum(good) == pytest.approx(sum(bad), rel=0.05)
    assert min(good + bad) > 50
    assert GOOD.mean() == pytest.approx(0.5, abs=0.02)


def test_mixed_up_reviews_keep_their_places_and_lose_their_sides():
    mixed = reviews.mixed_up(TEXTS, seed=1)
    swapped = kept = 0
    together = []
    for old, new in zip(TEXTS, mixed):
        assert len(old) == len(new)
        for a, b in zip(old, new):
            assert b == a or b == reviews.TWIN[a]
            swapped += a != b
            kept += a in reviews.SIDE and a == b
        if "and" in new:
            k = new.index("and")
            together.append(reviews.SIDE[new[k - 1]] == reviews.SIDE[new[k + 1]])
    assert swapped / (swapped + kept) == pytest.approx(0.5, abs=0.02)
    assert np.mean(together) == pytest.approx(0.5, abs=0.03)
