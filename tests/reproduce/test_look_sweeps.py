"""Where a translator looks is counted as it should be, and the records say what the page says."""

import numpy as np
import pytest

from rnncourse.evaluation import interval
from rnncourse.reproduce import look_sweeps, looking, records

QUICK = look_sweeps.SIZES | {"embedding": 3, "units": 4}


@pytest.fixture
def fewer_sentences(monkeypatch):
    for module in (looking, look_sweeps):
        monkeypatch.setattr(module, "TEST", 6)
    monkeypatch.setattr(looking, "TRAIN", 300)
    for cached in (looking.material, looking.arrays):
        cached.cache_clear()
    yield
    for cached in (looking.material, looking.arrays):
        cached.cache_clear()


def pointed(reverse, off=0):
    """Weights of two networks that point at the right word, or so many words beside it."""
    held = looking.arrays("test", reverse).rows(slice(0, look_sweeps.WITHIN * 6))
    words, pairs = look_sweeps.places(reverse, held.targets.shape[1])
    at = np.where(words >= 0, words + off, np.maximum(pairs[..., 1], 0))
    at = np.clip(at, 0, held.lengths[:, None] - 1)
    weights = (at[..., None] == np.arange(held.source.shape[1])).astype(float)
    return np.stack([weights] * 2), words


@pytest.fixture
def answers(monkeypatch, fewer_sentences):
    """Networks that are right exactly where the right word, or the noun, may be looked at."""

    def ask(config, w, part="test", bins=None, hidden=None):
        _, width = looking.arrays("test", config["reverse"]).rows(slice(0, 24)).targets.shape
        words, pairs = look_sweeps.places(config["reverse"], width)
        needed = np.where(words >= 0, words, pairs[..., 1])
        right = np.ones((2, *needed.shape), bool)
        if hidden is not None:
            seen = ~np.take_along_axis(hidden, np.maximum(needed, 0)[None, ..., None], -1)[..., 0]
            right = seen | (needed < 0)
        return right, None

    monkeypatch.setattr(look_sweeps, "ask", ask)
    return ask


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "reversed"])
def test_who_needs_the_right_word_loses_what_it_is_hidden_from(answers, reverse):
    config = {"reverse": reverse}
    weights, words = pointed(reverse)
    right, _ = answers(config, None)
    found = look_sweeps.where(config, None, right, weights)
    assert {name: np.shape(v) for name, v in found.items()} == {
        name: (2, *shape) for name, shape in look_sweeps.SHAPES.items()
    }
    assert np.all(found["hit"] == 1) and np.all(found["after"] == 0)
    assert found["lost"].tolist() == [[1, 1, 0]] * 2
    assert found["alone"].tolist() == [[1, 1]] * 2
    assert found["article_looks"].tolist() == [[0, 1]] * 2
    assert found["article_lost"].tolist() == [[0, 1, 0]] * 2
    assert (words >= 0).sum() > 50


@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "reversed"])
def test_a_finger_beside_the_word_is_seen_to_be_beside(answers, reverse):
    weights, _ = pointed(reverse, off=1)
    right, _ = answers({"reverse": reverse}, None)
    found = look_sweeps.where({"reverse": reverse}, None, right, weights)
    assert np.all(found["hit"] < 0.4) and np.allclose(found["hit"] + found["after"], 1)
    assert found["lost_beside"].tolist() == [[0, 1, 0]] * 2


def test_validation_and_test_share_no_sentence_with_each_other_or_the_training():
    known, asked, _ = looking.material()
    parts = [
        {s.english for s in known},
        {s.english for bin_ in asked["validation"] for s in bin_},
        {s.english for bin_ in asked["test"] for s in bin_},
    ]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    for part in asked.values():
        for (low, high), sentences in zip(looking.BINS, part, strict=True):
            assert len(sentences) == looking.TEST
            assert all(low <= len(s.english) <= high for s in sentences)
    assert max(len(s.english) for s in known) == looking.LONGEST


def test_results_have_an_entry_for_each_case(fewer_sentences, monkeypatch):
    monkeypatch.setattr(look_sweeps, "learn", looking.start)  # untrained: compiling takes long
    cases = [
        {"score": "additive", "reverse": True, "rate": 0.01},
        {"score": "mean", "reverse": False, "rate": 0.01},
        {"score": "none", "reverse": False, "rate": 0.01},
    ]
    for result in look_sweeps.quality(QUICK | {"cases": cases}, (0, 1)):
        shapes = {"exact": (6,), **look_sweeps.SHAPES}
        assert {name: np.shape(v) for name, v in result.items()} == {
            name: (3, *shape) for name, shape in shapes.items()
        }
    for result in look_sweeps.rates(QUICK | {"cases": cases[2:]}, (0, 1)):
        assert np.shape(result["valid"]) == (1,)


def test_each_kind_learns_at_the_best_rate_of_the_validation():
    record = records.load("look-back-rates")
    valid = record.values("valid").mean(axis=0)
    cases = record.config["cases"]
    for name, like in (
        ("looking", look_sweeps.LOOKING),
        ("plain", look_sweeps.PLAIN | {"updates": None}),
        ("longer", look_sweeps.PLAIN | look_sweeps.LONGER),
    ):
        of_kind = [
            k
            for k, case in enumerate(cases)
            if all(case.get(key) == value for key, value in like.items())
        ]
        best = max(of_kind, key=lambda k: valid[k])
        assert cases[best]["rate"] == look_sweeps.RATES[name]


def test_looking_back_wins_on_the_longest_quarter_and_loses_nowhere():
    exact = records.load("look-back").values("exact")  # (seeds, cases, bins)
    for plain in (4, 5):
        gain = exact[:, 0, : look_sweeps.WITHIN] - exact[:, plain, : look_sweeps.WITHIN]
        assert interval(gain[:, -1]).low > 0
        assert all(interval(gain[:, k]).high >= 0 for k in range(look_sweeps.WITHIN))
