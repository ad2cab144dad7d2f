"""Counting with several powers, the baseline that takes no step, and what the controls say."""

import numpy as np
import pytest

from rnncourse.data.grammars import small_world
from rnncourse.reproduce import place_controls, places, records
from rnncourse.word_vectors.neighbours import analogy_accuracy

QUICK = {"window": 5, "dimensions": 20, "stretch": 0.5, "power": 1.0, "sentences": 100}


def medians(name, metric="right"):
    """(settings, median) of each case."""
    record = records.load(name)
    middle = np.median(record.values(metric), axis=0)
    return [(record.config | case, float(m)) for case, m in zip(record.config["cases"], middle)]


def best(name, metric="right", **wanted):
    return max(m for of, m in medians(name, metric) if wanted.items() <= of.items())


def test_the_nearest_of_the_third_word_is_found_as_by_hand():
    vectors = np.random.default_rng(3).normal(size=(places.V, 9))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    hits = []
    for a, b, c, d in places.QUESTIONS["gender"]:
        order = [i for i in np.argsort(-unit @ unit[c]) if i not in (a, b, c)]
        hits.append(order[0] == d)
    assert place_controls.nearest_of_third(vectors)["gender"] == pytest.approx(np.mean(hits))


def test_who_lies_beside_his_partner_needs_no_step():
    """rain and rainy in one place: the baseline answers, whatever the step is."""
    vectors = np.random.default_rng(0).normal(size=(places.V, 60))
    for a, b, c, d in places.QUESTIONS["adjective or noun"]:
        vectors[b] = vectors[a] + 1e-3
        vectors[d] = vectors[c] + 1e-3
    found = place_controls.nearest_of_third(vectors)
    assert found["adjective or noun"] == 1
    assert found["gender"] < 0.2


def test_a_case_says_how_to_count():
    cases = [{}, {"power": 0.75}, {"stretch": 1.0}]
    (result,) = place_controls.try_counts(QUICK | {"cases": cases}, (5,))
    assert {name: np.shape(v) for name, v in result.items()} == {
        "right": (3,),
        "axes": (3, len(small_world.AXES)),
        "near": (3,),
        "near_axes": (3, len(small_world.AXES)),
    }
    vectors = places.counted(places.sentences(100, [5, 3]), 5, 20)
    questions = np.concatenate(list(places.QUESTIONS.values()))
    assert result["right"][0] == pytest.approx(analogy_accuracy(vectors, questions))
    assert len({tuple(axes) for axes in result["axes"]}) > 1


def test_biases_may_begin_at_the_log_frequency():
    text = places.sentences(60, 4)
    logs = places.log_frequencies(text)
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-3)
    times = np.bincount(np.concatenate(text), minlength=places.V)
    there = times > 0
    assert np.allclose((logs - logs.max())[there], np.log(times[there] / times.max()))
    config = places.PLAIN | {"objective": "nce", "updates": 8, "batch": 16, "sentences": 60}
    cold = places.train_places(config, (4,), [text])
    warm = places.train_places(config | {"biases": "log frequency"}, (4,), [text])
    assert not np.allclose(cold, warm, atol=1e-3)


def test_counting_is_tuned_as_well_and_the_baseline_stays_below_one_half():
    for count in (500, 1000):
        plain = best("places-counts", sentences=count, power=1.0, dimensions=50)
        assert best("places-counts", sentences=count, power=0.75, dimensions=50) > plain
        assert best("places-text", reads="skip-gram", sentences=count) < best(
            "places-counts", sentences=count, dimensions=50
        )
    assert best("places-counts", "near", dimensions=50) < 0.5
    record = records.load("places-counts")
    axis = list(small_world.AXES).index("adjective or noun")
    k = record.config["cases"].index({"sentences": 2000, "power": 0.75})
    assert np.median(record.values("near_axes")[:, k, axis]) > 0.9


def test_roots_of_the_weights_are_what_makes_150_numbers_worse():
    roots = best("places-counts", dimensions=150, stretch=0.5)
    assert roots + 0.04 < best("places-counts", dimensions=150, stretch=1.0)


def test_with_as_many_pairs_cbow_is_still_ahead_and_by_less():
    skip, cbow = (best("places-text", reads=r, sentences=500) for r in ("skip-gram", "cbow"))
    assert skip + 0.05 < best("places-reading") < cbow - 0.03


def test_the_records_are_of_these_settings_too():
    for sweep in place_controls.SWEEPS:
        assert records.load(sweep.name).config == sweep.config
