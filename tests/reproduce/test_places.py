"""What the networks read, what noise they get, and that analogies are counted right."""

import numpy as np
import pytest

from rnncourse.data.grammars import small_world
from rnncourse.reproduce import places, records
from rnncourse.word_vectors.noise import log_uniform
from rnncourse.word_vectors.pairs import skip_gram_pairs

QUICK = places.PLAIN | {"updates": 12, "batch": 16, "dimensions": 7, "sentences": 60}
V = places.V


def the_world_itself():
    """Vectors made from the features, not from a text."""
    meanings = small_world.features()
    names = sorted({(k, v) for meaning in meanings.values() for k, v in meaning.items()})
    vectors = np.zeros((V, len(names) + V))
    for i, word in enumerate(places.VOCABULARY.words):
        for item in meanings.get(word, {}).items():
            vectors[i, names.index(item)] = 1
        vectors[i, len(names) + i] = 1e-3 if word in meanings else 1
    return vectors


def test_the_vocabulary_holds_the_whole_world_sorted_by_frequency():
    assert V == 170
    assert list(places.VOCABULARY.counts) == sorted(places.VOCABULARY.counts, reverse=True)


@pytest.mark.parametrize("window", [1, 2, 5, 9])
def test_pairs_are_those_of_the_package_and_never_cross_a_sentence(window):
    text = places.sentences(40, 3)
    wanted = np.concatenate([skip_gram_pairs(words, window, edges=True) for words in text])
    assert np.array_equal(np.stack(places.pairs_of(text, window), axis=1), wanted)


def test_contexts_hold_the_words_around_and_fill_up():
    text = [np.array([5, 6, 7], np.int32)]
    contexts, targets = places.contexts_of(text, 1)
    assert contexts.tolist() == [[V, 6], [5, 7], [6, V]]
    assert targets.tolist() == [5, 6, 7]


def test_meanings_themselves_answer_all_analogies():
    assert places.right_answers(the_world_itself()) == dict.fromkeys([*small_world.AXES, "all"], 1)


def test_vectors_by_lot_answer_next_to_none():
    by_lot = np.random.default_rng(0).normal(size=(V, 50))
    assert places.right_answers(by_lot)["all"] < 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_counting_two_thousand_sentences_answers_nearly_all(seed):
    vectors = places.counted(places.sentences(2000, seed), 5, 50)
    assert places.right_answers(vectors)["all"] > 0.93


def test_axes_stand_where_the_meanings_are():
    seen = places.on_axes(the_world_itself())
    assert len(seen) == 32
    for one, her, them, hers in small_world.PEOPLE:
        assert seen[her][0] - seen[one][0] > 0.3 < seen[hers][0] - seen[them][0]
        assert seen[them][1] - seen[one][1] > 0.3 < seen[hers][1] - seen[her][1]
        assert seen[one][1] == pytest.approx(seen[her][1], abs=1e-3)


def test_noise_of_each_kind():
    text = places.sentences(500, 1)
    counts = np.bincount(np.concatenate(text), minlength=V)
    assert np.allclose(places.noise_of({"noise": 1.0}, text), counts / counts.sum())
    assert np.allclose(places.noise_of({"noise": "log-uniform"}, text), log_uniform(V))
    by_alphabet = places.noise_of({"noise": "alphabet"}, text)
    assert places.VOCABULARY.words[by_alphabet.argmax()] == min(places.VOCABULARY.words)
    assert by_alphabet.sum() == pytest.approx(1)


@pytest.mark.parametrize("reads", ["skip-gram", "cbow"])
@pytest.mark.parametrize("objective", ["nce", "negative sampling", "softmax"])
def test_every_kind_of_network_is_trained_seed_by_seed(reads, objective):
    """Two seeds side by side give what each of them gives alone."""
    config = QUICK | {"reads": reads, "objective": objective}
    texts = [places.sentences(60, seed) for seed in (4, 5)]
    together = places.train_places(config, (4, 5), texts)
    alone = places.train_places(config, (5,), texts[1:])
    assert together.shape == (2, V, 7)
    assert np.allclose(together[1], alone[0], atol=1e-4)
    assert not np.allclose(together[0], together[1])
    assert not np.allclose(together, places.start(config, (4, 5))[0], atol=1e-3)


def test_results_have_an_entry_for_each_case():
    cases = [{"reads": "cbow"}, {"objective": "nce", "noise": "log-uniform"}]
    for result in places.try_places(QUICK | {"cases": cases}, (0, 1)):
        assert {name: np.shape(v) for name, v in result.items()} == {
            "right": (2,),
            "axes": (2, 5),
            "counted": (2,),
            "counted_axes": (2, 5),
        }


def test_the_records_are_of_these_settings():
    for sweep in places.SWEEPS:
        assert records.load(sweep.name).config == sweep.config
