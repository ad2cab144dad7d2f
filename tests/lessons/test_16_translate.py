"""What lesson 16 says, for other weights, sizes and seeds than the page's."""

from collections import defaultdict

import keras
import numpy as np
import pytest
from scipy import stats

from rnncourse.data.grammars import french
from rnncourse.reference import gru_step
from rnncourse.reproduce import records
from rnncourse.reproduce.simultaneous import dictionary
from rnncourse.reproduce.translating import LENGTHS
from rnncourse.translation.batches import prepare, vocabularies
from rnncourse.translation.decoding import greedy
from rnncourse.translation.models import EncoderDecoder


@pytest.fixture(scope="module")
def parts():
    return french.split(3, train=4_000, test=200, max_words=5)


def test_i_never_drink_milk_in_training_but_others_do(parts):
    for words in ({"drink", "milk"}, {"i", "drink"}, {"i", "milk"}):
        assert any(words <= set(english) for english, _ in parts.train)
    assert not any(" ".join(english) == "i drink milk" for english, _ in parts.train)
    assert ("i", "drink", "milk") in parts.held_out


def test_the_ceiling_is_all_of_it(parts):
    said = defaultdict(set)
    for english, translation in [*parts.train, *parts.test]:
        said[english].add(translation)
    assert max(map(len, said.values())) == 1


def test_word_by_word_is_right_in_a_few_cases_only(parts):
    found = dictionary(parts.train)
    right = [tuple(found[w] for w in english) == said for english, said in parts.test]
    assert 0.03 < np.mean(right) < 0.25


@pytest.mark.parametrize("seed", [0, 5])
def test_the_loop_by_hand_says_what_the_package_says(parts, seed):
    keras.utils.set_random_seed(seed)
    words = vocabularies(parts.train)
    model = EncoderDecoder.for_vocabularies(*words, units=9, embedding=7)
    E, F, *encoder, W, U, b, V, c = model.get_weights()
    V *= 9  # stronger opinions, so that no two words are equally likely
    model.head.set_weights([V, c])
    ready = prepare(parts.test[:20], *words, reverse=False)
    said = greedy(model, ready.source, max_length=6)
    for row, ids in zip(ready.source, said):
        h, word, mine = np.zeros((1, 9)), model.go, []
        for i in row[row >= 0]:
            h = gru_step(E[[i]], h, *encoder)
        while word != model.eos and len(mine) < 6:
            h = gru_step(F[[word]], h, W, U, b)
            word = int(np.argmax(h @ V + c))
            mine.append(word)
        assert mine == ids[: len(mine)].tolist()


@pytest.fixture(scope="module")
def recorded():
    return records.load("translations")


def test_forwards_at_least_eighteen_of_twenty_reach_95_percent(recorded):
    right = recorded.values("right")[:, 1]
    assert len(right) == 20
    assert np.sum(right >= 0.95) >= 18


def test_two_words_that_never_met_and_longer_sentences_are_much_harder(recorded):
    right, pair = recorded.values("right")[:, 1], recorded.values("pair")[:, 1]
    assert stats.ttest_rel(right, pair).confidence_interval().low > 0.05
    longer = np.median(recorded.values("longer")[:, 1], axis=0)
    assert longer[0] < 0.75
    assert longer[2] < 0.05


def test_reading_backwards_is_never_better_by_length(recorded):
    by_length = recorded.values("by length")
    for k in range(len(LENGTHS)):
        difference = by_length[:, 0, k] - by_length[:, 1, k]
        assert stats.ttest_1samp(difference, 0).confidence_interval().low < 0


def test_waiting_pays_in_french_and_costs_where_nobody_has_to_wait():
    right = records.load("translations-waiting").values("right")
    french_now, french_after, gloss_now, gloss_after = right.T
    assert stats.ttest_rel(french_after, french_now).confidence_interval().low > 0.2
    assert stats.ttest_rel(gloss_now, gloss_after).confidence_interval().low > 0
    assert french_now.max() < 0.5
