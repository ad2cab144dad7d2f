"""Windows over a text, what follows them, and what can be told from them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data import contexts as module
from rnncourse.data.contexts import ceiling, contexts, followers

streams = st.lists(st.integers(0, 4), min_size=6, max_size=40)
widths = st.integers(1, 5)


@given(streams, widths)
def test_each_id_follows_the_window_before_it(ids, words):
    before, after = contexts(ids, words)
    assert before.shape == (len(ids) - words, words) and after.shape == (len(ids) - words,)
    for i, (window, then) in enumerate(zip(before.tolist(), after.tolist())):
        assert [*window, then] == ids[i : i + words + 1]


@given(streams, widths)
def test_every_window_is_counted_once_for_each_place(ids, words):
    found = followers(ids, words)
    assert sum(sum(after.values()) for after in found.values()) == len(ids) - words
    before, after = contexts(ids, words)
    for window, then in zip(before.tolist(), after.tolist()):
        assert found[tuple(window)][then] >= 1


@given(streams, widths)
def test_the_ceiling_is_reached_by_the_best_answers_and_by_no_others(ids, words):
    right, asked = ceiling(ids, words)
    found = followers(ids, words)
    before, after = contexts(ids, words)
    best = [found[tuple(window)].most_common(1)[0][0] for window in before.tolist()]
    assert (right, asked) == (int(np.sum(best == after)), len(after))
    rng = np.random.default_rng(0)
    for _ in range(5):
        answers = {window: rng.choice(list(then)) for window, then in found.items()}
        said = [answers[tuple(window)] for window in before.tolist()]
        assert np.sum(said == after) <= right


@given(streams, st.integers(1, 4))
def test_a_wider_window_settles_no_smaller_share(ids, words):
    """Of the places that both windows are asked about."""
    narrow = followers(ids[1:], words)
    wide = followers(ids, words + 1)
    most = [sum(max(after.values()) for after in found.values()) for found in (narrow, wide)]
    assert most[0] <= most[1]


def test_words_and_ids_are_counted_alike():
    words = "to be or not to be that is".split()
    ids = np.array([0, 1, 2, 3, 0, 1, 4, 5])
    assert followers(words, 2)["to", "be"] == Counter({"or": 1, "that": 1})
    assert followers(ids, 2)[0, 1] == Counter({2: 1, 4: 1})
    assert ceiling(words, 2) == ceiling(ids, 2) == (5, 6)


def test_windows_are_the_readers_own():
    ids = np.arange(6)
    before, after = contexts(ids, 2)
    before[0, 0], after[0] = 9, 9
    assert ids.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    [
        (contexts, ([[1, 2, 3]], 1), ValueError, r"shape \(N,\)"),
        (contexts, (["a", "b", "c"], 1), TypeError, "encode the words"),
        (contexts, ([1.0, 2.0, 3.0], 1), TypeError, "encode the words"),
        (contexts, ([1, 2, 3], 3), ValueError, "leave a word to follow, got 3 of 3"),
        (contexts, ([1, 2, 3], 0), ValueError, "`words`"),
        (contexts, ([1, 2, 3], 1.5), ValueError, "`words`"),
        (contexts, ([1, 2, 3], True), ValueError, "`words`"),
        (followers, ("long ago , the", 2), TypeError, "split_words"),
        (followers, (b"long ago", 2), TypeError, "split_words"),
        (followers, ([], 1), ValueError, "got 1 of 0 tokens"),
        (ceiling, ("long ago , the", 2), TypeError, "split_words"),
        (ceiling, (["long", "ago"], 2), ValueError, "leave a word to follow"),
    ],
)
def test_what_cannot_be_cut_is_told_what_to_do(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)


def test_windows_that_hold_the_answer_are_seen(monkeypatch):
    """The likely mistake: a window shifted by one, so that it ends with what follows."""

    def peeking(ids, words=3):
        windows = np.lib.stride_tricks.sliding_window_view(np.asarray(ids), words)[1:]
        return windows, np.asarray(ids)[words:]

    monkeypatch.setattr(module, "contexts", peeking)
    monkeypatch.setitem(globals(), "contexts", peeking)
    with pytest.raises(AssertionError):
        test_each_id_follows_the_window_before_it.hypothesis.inner_test([0, 1, 2, 3, 4, 0], 2)
