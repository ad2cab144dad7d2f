import numpy as np
import tensorflow as tf

from rnncourse.reproduce.simultaneous import SWEEPS, Simultaneous, compare, delayed, dictionary
from rnncourse.translation.batches import prepare, vocabularies

PAIRS = [("i drink milk", "je bois du lait"), ("she sings", "elle chante")]
CONFIG = SWEEPS[0].config
TINY = CONFIG | {"sentences": 300, "tests": 20, "units": 16, "embedding": 8, "updates": 5}


def test_with_a_wait_of_one_a_word_is_said_as_each_is_heard():
    words = vocabularies(PAIRS)
    ready = prepare(PAIRS, *words, reverse=False)
    heard, said = delayed(ready, silence=99, wait=1)
    assert said.tolist() == ready.targets.tolist()
    assert heard[0].tolist() == [*ready.source[0], 99, 99]
    assert heard[1].tolist() == [*ready.source[1][:2], 99, -1, -1]


def test_with_a_longer_wait_the_first_word_is_said_later():
    words = vocabularies(PAIRS)
    ready = prepare(PAIRS, *words, reverse=False)
    heard, said = delayed(ready, silence=99, wait=3)
    assert said[:, :2].tolist() == [[-1, -1]] * 2
    assert said[:, 2:].tolist() == ready.targets.tolist()
    assert (heard[1] >= 0).sum() == 3 + 2


def test_what_is_said_does_not_depend_on_what_is_not_yet_heard():
    model = Simultaneous(9, 7, units=5, embedding=4)
    heard = np.array([[1, 2, 3, 4]], np.int32)
    changed = heard.copy()
    changed[0, 2:] = 8
    before, after = (model(tf.constant(a)).numpy() for a in (heard, changed))
    np.testing.assert_array_equal(before[:, :2], after[:, :2])
    assert np.abs(before[:, 2:] - after[:, 2:]).max() > 0


def test_a_dictionary_finds_what_keeps_a_word_company():
    pairs = [(("a", "cat"), ("un", "chat")), (("a", "dog"), ("un", "chien")), (("cat",), ("chat",))]
    assert dictionary(pairs) == {"a": "un", "cat": "chat", "dog": "chien"}


def test_each_case_is_scored():
    found = compare(TINY, 1)
    assert np.shape(found["right"]) == (len(CONFIG["cases"]),)
