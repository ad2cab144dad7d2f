import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.word_vectors.pairs import cbow_pairs, join_sentences, skip_gram_pairs

WORDS = "the quick brown fox jumped over the lazy dog".split()
SIZE = 9
streams = st.lists(st.integers(0, SIZE - 1), max_size=30)
windows = st.integers(1, 4)


def as_words(ids):
    """The places 0 … 8 spelled out, so that the two "the" stay apart."""
    return [WORDS[i] for i in ids]


def test_skip_gram_pairs_are_those_that_the_source_lists():
    pairs = [tuple(as_words(pair)) for pair in skip_gram_pairs(np.arange(SIZE))]
    printed = "(quick, the), (quick, brown), (brown, quick), (brown, fox)"
    assert ", ".join(f"({a}, {b})" for a, b in pairs[:4]) == printed
    assert pairs[4:] == [
        ("fox", "brown"),
        ("fox", "jumped"),
        ("jumped", "fox"),
        ("jumped", "over"),
        ("over", "jumped"),
        ("over", "the"),
        ("the", "over"),
        ("the", "lazy"),
        ("lazy", "the"),
        ("lazy", "dog"),
    ]


def test_cbow_pairs_are_those_that_the_source_lists():
    contexts, targets = cbow_pairs(np.arange(SIZE))
    spelled = [
        f"([{', '.join(as_words(context))}], {WORDS[target]})"
        for context, target in zip(contexts, targets)
    ]
    printed = "([the, brown], quick), ([quick, fox], brown), ([brown, jumped], fox)"
    assert ", ".join(spelled[:3]) == printed
    assert spelled[-1] == "([the, dog], lazy)" and len(spelled) == 7


def test_with_edges_the_first_and_the_last_word_have_a_turn():
    pairs = skip_gram_pairs(np.arange(SIZE), edges=True).tolist()
    assert pairs[0] == [0, 1] and pairs[-1] == [8, 7]
    assert pairs[1:-1] == skip_gram_pairs(np.arange(SIZE)).tolist()


@given(streams, windows, st.booleans())
def test_pairs_are_all_those_within_the_window_and_no_others(ids, window, edges):
    found = skip_gram_pairs(ids, window, edges=edges)
    count, expected = len(ids), []
    for i in range(count) if edges else range(window, count - window):
        for j in range(max(0, i - window), min(count, i + window + 1)):
            if j != i:
                expected.append([ids[i], ids[j]])
    assert found.dtype == np.int32 and found.shape == (len(expected), 2)
    assert found.tolist() == expected


@given(streams, windows)
def test_cbow_and_skip_gram_hold_the_same_neighbours(ids, window):
    contexts, targets = cbow_pairs(ids, window)
    assert contexts.shape == (max(0, len(ids) - 2 * window), 2 * window)
    assert contexts.dtype == targets.dtype == np.int32
    inverted = np.stack([np.repeat(targets, 2 * window), contexts.ravel()], axis=1)
    np.testing.assert_array_equal(inverted, skip_gram_pairs(ids, window))


@pytest.mark.parametrize(
    "mutant",
    [
        lambda ids: skip_gram_pairs(ids)[:, ::-1],  # centre and context swapped
        lambda ids: np.stack([ids[1:-1], ids[2:]], 1),  # the window looks to the right alone
        lambda ids: skip_gram_pairs(ids[1:]),  # shifted by one
        lambda ids: skip_gram_pairs(ids, edges=True),
        lambda ids: skip_gram_pairs(ids, 2),
    ],
)
def test_likely_mistakes_do_not_list_what_the_source_lists(mutant):
    ids = np.arange(SIZE)
    assert mutant(ids).tolist() != skip_gram_pairs(ids).tolist()


@given(st.lists(streams, max_size=6))
def test_sentences_laid_end_to_end_can_be_told_apart(sentences):
    whole = [s for s in sentences if s]
    if not whole:
        with pytest.raises(ValueError, match="must hold at least one word, got none"):
            join_sentences(sentences)
        return
    ids, owners = join_sentences(sentences, SIZE)
    assert ids.dtype == owners.dtype == np.int32
    assert [ids[owners == k].tolist() for k in range(len(whole))] == whole


def test_a_stream_an_array_and_a_list_of_arrays_are_all_sentences():
    for sentences in ([3, 1, 2], np.array([3, 1, 2]), [np.array([3, 1, 2])], [(3, 1, 2)]):
        ids, owners = join_sentences(sentences)
        assert ids.tolist() == [3, 1, 2] and owners.tolist() == [0, 0, 0]
    assert join_sentences(np.array([[3, 1], [2, 0]]))[1].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("sentences", "error", "message"),
    [
        ("the cat", TypeError, "must be lists of ids, got a text"),
        ([["the", "cat"]], TypeError, "must be integers, got dtype"),
        (["the", "cat"], TypeError, "must be integers, got dtype"),
        ([[0.5, 1.0]], TypeError, "must be integers, got dtype float64"),
        ([[[1, 2]], [[3], [4]]], TypeError, "lists within them|must have shape"),
        ([[[1, 2]], [[3, 4]]], ValueError, "must have shape"),
        ([], ValueError, "at least one word, got none"),
        ([[], []], ValueError, "at least one word, got none"),
        ([[1], [SIZE]], ValueError, f"must lie in 0 … 8, got {SIZE} at 1"),
        ([[-1]], ValueError, "must lie in 0 … 8, got -1"),
    ],
)
def test_what_is_no_sentence_of_ids_is_said_so(sentences, error, message):
    with pytest.raises(error, match=message):
        join_sentences(sentences, SIZE)


@pytest.mark.parametrize("function", [skip_gram_pairs, cbow_pairs])
def test_pairs_need_ids_and_a_window(function):
    with pytest.raises(TypeError, match="must be integers"):
        function(WORDS)
    with pytest.raises(ValueError, match=r"must have shape \(N,\), got \(2, 2\)"):
        function([[1, 2], [3, 4]])
    for window in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="`window` must be an integer ≥ 1"):
            function([1, 2, 3], window)
