import numpy as np
import pytest

from rnncourse.data.grammars import reviews
from rnncourse.reproduce import borrowing, records

RECORD = records.load("reviews")
CASES = RECORD.config["cases"]
RIGHT = RECORD.values("right")
SMALL = borrowing.SETTINGS | {"updates": 50, "tests": 60, "unlabelled": 300}


def of(lender, tuned, labelled, kept_back=False):
    (k,) = [
        k
        for k, case in enumerate(CASES)
        if case["reader"] == "gru"
        and (case["lender"], case["tuned"], case["labelled"]) == (lender, tuned, labelled)
        and case.get("kept_back", False) == kept_back
    ]
    return k


def ahead(one, other):
    """The lower end of the 95% interval of the mean difference over the seeds."""
    differences = RIGHT[:, one] - RIGHT[:, other]
    return differences.mean() - 1.96 * differences.std(ddof=1) / np.sqrt(len(differences))


def test_rates_and_strengths_are_those_that_did_best_on_other_seeds():
    tried = records.load("review-rates")
    found = borrowing.best(tried)
    assert not set(tried.results) & set(RECORD.results)
    for case in CASES:
        key = tuple(case.get(name) for name in ("reader", "lender", "tuned", "labelled"))
        assert {name: case[name] for name in found[key]} == found[key], case


def test_kept_back_words_are_in_no_labelled_review_and_alone_in_their_test():
    ids, lengths, good = borrowing.labelled(50, 3, kept_back=True)
    adjectives = {borrowing.IDS[word] for word in borrowing.KEPT_BACK}
    assert len(good) == 50
    assert not adjectives & {i for row, n in zip(ids, lengths) for i in row[:n].tolist()}
    ids, lengths, _ = borrowing.unseen_reviews({"tests": 40}, kept_back=True)
    others = {borrowing.IDS[w] for w in reviews.SIDE} - adjectives
    assert len(ids) == 40
    assert not others & {i for row, n in zip(ids, lengths) for i in row[:n].tolist()}


def test_who_knows_the_grammar_gets_the_bayes_rate_and_a_liar_the_rest():
    _, _, good = borrowing.unseen_reviews({"tests": 500})
    assert borrowing.share_right(good > 0.5, good) == pytest.approx(reviews.bayes_rate())
    mean = np.mean(np.maximum(good, 1 - good))
    opposite = borrowing.share_right(good < 0.5, good)
    assert opposite == pytest.approx(reviews.bayes_rate() - (2 * mean - 1), abs=1e-9)


def test_cases_side_by_side_are_the_same_as_one_by_one():
    cases = [
        {"reader": "counts", "labelled": 40, "C": 1.0},
        {"reader": "gru", "lender": None, "tuned": True, "labelled": 40, "rate": 0.01, "at": 0},
        {"reader": "gru", "lender": "film", "tuned": False, "labelled": 20, "rate": 0.01, "at": 0},
    ]
    together = borrowing.try_cases(SMALL | {"cases": cases}, (5,))[0]
    for k, case in enumerate(cases):
        alone = borrowing.try_cases(SMALL | {"cases": [case]}, (5,))[0]
        assert alone["right"][0] == pytest.approx(together["right"][k], abs=0.05)
        assert len(alone["course"][0]) == 1


def test_the_lender_must_have_read_reviews_and_not_only_their_words():
    config = borrowing.SETTINGS
    rows = [borrowing.IDS[word] for word in reviews.GOOD + reviews.BAD]
    side = np.array([reviews.SIDE[word] for word in reviews.GOOD + reviews.BAD])
    for lender, low, high in (("film", 0.97, 1.0), ("mixed up", 0.35, 0.65)):
        table = borrowing.table(config, lender, seed=11)[rows]
        unit = table / np.linalg.norm(table, axis=1, keepdims=True)
        cosines = unit @ unit.T - 2 * np.eye(len(rows))
        near = np.argsort(-cosines, axis=1)[:, :3]
        assert low <= np.mean(side[near] == side[:, None]) <= high
