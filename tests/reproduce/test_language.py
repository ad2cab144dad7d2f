"""What the sweeps of language models are made of."""

import numpy as np
import pytest

from rnncourse.networks.language_models import LanguageModel, Score
from rnncourse.reproduce import language
from rnncourse.reproduce.language import (
    DESCENT,
    GRAMMAR,
    NEWS,
    cold_start,
    learn,
    rate,
    read,
    shared_words,
)

TINY = GRAMMAR | {"words": 2000, "units": 6, "layers": 1, "batch": 8}


def test_a_text_is_read_into_ids_that_its_vocabulary_turns_back():
    text = read("grammar", 2000)
    assert len(text.train) == 2000
    assert len(text.vocabulary) == 45
    assert text.vocabulary.decode(text.train[:3])[0] in {"the", "a", "two"}


def test_the_parts_of_the_grammar_are_different_sentences():
    text = read("grammar", 10_000)
    assert not np.array_equal(text.train, text.test)
    assert not np.array_equal(text.validation, text.test)


def test_the_rate_waits_and_then_falls_once_a_pass():
    schedule = rate({"rate": 2.0, "passes": 5, "decay": [3, 0.5]}, per_pass=10)
    got = [float(schedule(step)) for step in (0, 29, 30, 39, 40, 49)]
    assert got == [2, 2, 1, 1, 0.5, 0.5]


def test_the_rate_is_the_sources():
    schedule = rate({"rate": 1.0, "passes": 38, "decay": [10, 0.93]}, per_pass=7)
    for epoch in range(38):
        wanted = 0.93 ** max(epoch + 1 - 10, 0)
        assert float(schedule(7 * epoch)) == pytest.approx(wanted, rel=1e-5)
        assert float(schedule(7 * epoch + 6)) == pytest.approx(wanted, rel=1e-5)


def test_a_constant_rate_is_a_number_and_a_cosine_ends_at_zero():
    assert rate({"rate": 0.1, "passes": 2, "decay": None}, 5) == 0.1
    assert float(rate({"rate": 0.1, "passes": 2, "decay": "cosine"}, 5)(10)) == 0


def test_the_same_seed_learns_the_same_and_another_another():
    text = read("grammar", 2000)
    weights = [learn(TINY, seed, text).get_weights() for seed in (1, 1, 2)]
    assert all(map(np.array_equal, weights[0], weights[1]))
    assert not all(map(np.array_equal, weights[0], weights[2]))


def test_small_weights_start_small_and_leave_the_biases_alone():
    text = read("grammar", 2000)
    start = TINY | {"start": 0.05, "rate": 0.0, "decay": None, "optimizer": "sgd"}
    for variable in learn(start, 1, text).trainable_variables:
        largest = np.abs(variable.numpy()).max()
        assert largest <= 0.05 if len(variable.shape) > 1 else largest in (0, 1)


def test_a_sum_over_steps_at_a_tenth_of_the_rate_is_a_mean():
    text = read("grammar", 2000)
    plain = TINY | {"optimizer": "sgd", "decay": None, "rate": 1.0, "clip": 0.2}
    summed = plain | {"sum": True, "rate": 0.1, "clip": 2.0}
    one, other = (learn(config, 3, text).get_weights() for config in (plain, summed))
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(one, other, strict=True))


def test_a_callback_hears_of_every_pass():
    heard = []
    learn(TINY | {"passes": 3}, 1, read("grammar", 2000), heard.append)
    assert len(heard) == 3


def test_nobody_is_below_the_floor():
    above = language.above_floor(TINY, 1)
    assert above["new"] > 1
    assert above["old"] > 1


class Forgetful:
    """A stand-in for a model: what it gives to a word depends on how long it has listened."""

    def __call__(self, model, ids, batch_size, steps, carry):
        width = (len(ids) - 1) // batch_size
        since = np.arange(width) if carry else np.arange(width) % steps
        log_p = np.tile(-1.0 / (1 + since), (batch_size, 1))
        return Score(log_p, log_p, log_p)


def test_the_cost_of_a_cold_start_is_read_step_by_step(monkeypatch):
    monkeypatch.setattr(language, "score", Forgetful())
    cold = cold_start(None, np.arange(100_001), steps=20)
    assert cold.shape == (20,)
    assert cold == pytest.approx(1 / (1 + np.arange(20)), abs=0.01)


def test_a_model_without_a_state_to_speak_of_starts_as_warm_as_ever():
    model = LanguageModel(45, 4, layers=1)
    model.build((None, None))
    model.recurrent[0].cell.recurrent_kernel.assign(np.zeros((4, 16)))
    bias = np.zeros(16)
    bias[4:8] = -40  # the forget gate is shut
    model.recurrent[0].cell.bias.assign(bias)
    assert np.abs(cold_start(model, read("grammar", 2000).test, steps=10)).max() < 1e-5


def test_shared_words_count_rare_words_in_the_line_but_not_in_their_place():
    targets = np.arange(100, 400)
    predicted = targets.copy()
    predicted[::2] = targets[1::2]  # half of them one step too early
    own, others = shared_words(predicted, targets, width=30)
    assert own == 1
    assert others == 0
    assert shared_words(targets, targets, width=30) == [0, 0]


def test_frequent_words_are_not_counted_as_shared():
    targets = np.tile(np.arange(30), 10)
    assert shared_words(np.roll(targets, 1), targets, width=30) == [0, 0]


def test_the_sweeps_say_what_they_change():
    for base in (GRAMMAR, DESCENT, NEWS):
        for name in ("units", "layers", "dropout", "rate", "clip", "passes", "carry", "sum"):
            assert name in base


def test_a_rerun_of_the_news_makes_two_passes_of_the_very_training(monkeypatch):
    monkeypatch.setattr(language, "read", lambda name, size: read("grammar", 2000))
    whole, curve = TINY | {"vocabulary": 0, "passes": 4, "decay": "cosine"}, []

    def after_pass(model):
        said = language.score(model, read("grammar", 2000).validation, batch_size=20)
        curve.append(np.exp(-said.log_probability.mean()))

    learn(whole, 5, read("grammar", 2000), after_pass)
    news = next(sweep for sweep in language.SWEEPS if sweep.name == "news-words")
    (found,) = news.run(whole | {"cases": [{}]}, 5)["validation"]
    assert np.isnan(found).tolist() == [True, False, True, True]
    assert found[1] == pytest.approx(curve[1], rel=1e-4)


def test_the_final_seeds_are_none_of_those_that_the_settings_were_found_under():
    seeds = next(sweep for sweep in language.SWEEPS if sweep.name == "grammar-words").seeds
    assert len(seeds) == 20
    assert not set(seeds) & set(language.FEW)


def test_the_sources_settings_stay_what_they_are():
    assert language.SOURCE_A == {
        "layers": 2,
        "dropout": 0.5,
        "tied": False,
        "start": 0.05,
        "batch": 20,
        "steps": 35,
        "sum": True,
        "optimizer": "sgd",
        "rate": 1.0,
        "decay": [3, 0.8],
        "clip": 5.0,
    }
