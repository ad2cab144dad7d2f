"""The settings of the remedies: alike but for what they name, and scored as they say."""

import numpy as np
import pytest

from rnncourse.data.distances import WORDS, reviews
from rnncourse.reproduce.remedies import PLAIN
from rnncourse.reproduce.remedy_sweeps import (
    ADDING_RATES,
    REVIEW_RATES,
    SWEEPS,
    TASKS,
    TRIED,
    cases,
    review,
    try_cases,
)

SMALL = {"steps": 6, "tail": 3, "batch": 8, "units": 5, "updates": 30, "rate": 0.01}


def test_both_tasks_try_the_same_remedies():
    assert list(ADDING_RATES) == list(REVIEW_RATES) == list(TRIED)
    pairs = [
        [(c["name"], c["optimizer"]) for c in cases(rates)]
        for rates in (ADDING_RATES, REVIEW_RATES)
    ]
    assert pairs[0] == pairs[1]


def test_a_remedy_changes_only_what_it_names():
    for case in cases(ADDING_RATES):
        settings = {k: v for k, v in case.items() if k not in ("name", "optimizer", "rate")}
        assert settings == TRIED[case["name"]]
        assert settings.keys() - {"gain"} <= PLAIN.keys()


def test_every_case_of_a_sweep_has_what_a_training_needs():
    for sweep in SWEEPS:
        assert len(sweep.seeds) >= 20
        for case in sweep.config["cases"]:
            setting = PLAIN | sweep.config | case
            assert {"task", "batch", "units", "updates", "rate"} <= setting.keys()
            assert setting["task"] in TASKS


def test_scores_stand_in_the_order_of_seeds_and_cases():
    config = SMALL | {"task": "adding", "cases": [{"optimizer": "adam"}, {"clip": 0.01}]}
    both = try_cases(config, (0, 1))
    alone = try_cases(config | {"cases": [{"clip": 0.01}]}, (1,))
    assert both[1]["score"][1] == pytest.approx(alone[0]["score"][0], abs=2e-4)
    assert [len(result["score"]) for result in both] == [2, 2]
    assert np.shape(both[0]["above"]) == (2, 2)


def test_a_network_that_diverges_scores_one():
    config = SMALL | {"task": "adding", "cases": [{"activation": "relu", "rate": 100.0}]}
    (result,) = try_cases(config, (0,))
    assert result["score"] == [1.0]


def test_reviews_are_scored_apart_with_and_without_a_verdict():
    config = SMALL | {"task": "review", "optimizer": "adam", "tail": 1, "updates": 400}
    (result,) = try_cases(config | {"cases": [{}]}, (0,))
    assert result["score"] == [0.0]
    assert result["plain"] == [0.0]


def test_a_review_is_one_word_at_each_step():
    x, y = review({"tail": 4})(np.random.default_rng(3), 5)
    words, liked, _ = reviews(5, 4, np.random.default_rng(3))
    assert x.shape == (5, 9, len(WORDS))
    assert np.array_equal(x.argmax(axis=-1), words)
    assert np.array_equal(y > 0, liked)
