"""What lesson 16 says, for other weights, sizes and seeds than the page's."""

from collections import defaultdict, namedtuple

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

Interval = namedtuple("Interval", "low high")


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
def forwards():
    return records.load("translations")


@pytest.fixture(scope="module")
def backwards():
    return records.load("translations-reversed")


def interval(differences):
    half = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return Interval(np.mean(differences) - half, np.mean(differences) + half)


def test_forwards_at_least_eighteen_of_twenty_reach_95_percent(forwards):
    right = forwards.values("right")[:, 0]
    assert len(right) == 20
    assert np.sum(right >= 0.95) >= 18


def test_two_words_that_never_met_and_longer_sentences_are_harder(forwards):
    right, pair, longer = (forwards.values(name)[:, 0] for name in ("right", "pair", "longer"))
    assert interval(right - pair).low > 0
    assert interval(right - longer[:, 0]).low > 0
    assert np.all(np.diff(np.median(longer, axis=0)) < 0)


def test_both_directions_are_taught_alike_and_asked_the_same(forwards, backwards):
    same = ("sentences", "tests", "updates", "batch", "units", "embedding", "max_words")
    for name in same:
        assert forwards.config[name] == backwards.config[name]
    seeds = sorted(map(int, backwards.results))
    assert seeds == sorted(map(int, forwards.results))[: len(seeds)]
    assert len(seeds) >= 10


def test_reading_backwards_brings_no_gain_at_any_length(forwards, backwards):
    for k in range(len(LENGTHS)):
        theirs = backwards.values("by length")[:, 0, k]
        assert interval(theirs - forwards.values("by length")[: len(theirs), 0, k]).low <= 0


def test_a_beam_changes_little(forwards):
    """The verdict is that the likeliest word each time does nearly as well."""
    beam = forwards.values("beam")[:, 0]
    np.testing.assert_allclose(beam[:, 0], forwards.values("right")[:, 0], atol=0.004)
    gain = interval(beam[:, 2] - beam[:, 0])
    assert -0.02 < gain.low < gain.high < 0.02


def test_waiting_pays_in_french_and_costs_where_nobody_has_to_wait():
    right = records.load("translations-waiting").values("right")
    french_now, french_after, gloss_now, gloss_after = right.T
    assert interval(french_after - french_now).low > 0
    assert interval(gloss_now - gloss_after).low > 0
