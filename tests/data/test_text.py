import itertools
import random
import sys
import time
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnncourse.data import text
from rnncourse.data.corpora import fable
from rnncourse.data.text import Vocabulary, batch_producer, join_words, rows, split_words

# Lone surrogates included, and some characters that are seldom drawn and often wrong.
CHARACTERS = st.one_of(
    st.characters(),
    st.sampled_from(
        "aΣσİẞß1٣½²'’-‐—.,:;?!%&$€<>_ \t\n\r\0\x1b\u00ad\u200b\u200d\u200e\u202e\ufeff"
    ),
    st.sampled_from(
        "\u0301\u0323\u0345\u05b4\ufe0f\u1161\u11a8\u0338אب한あ👩🏽\ud83d\udc69\U000e0041"
    ),
)
TEXTS = st.text(CHARACTERS)
TOKENS = st.lists(TEXTS, min_size=1)


@given(TEXTS)
@example("ΑΣ.Α ΑΣ")
@example("1,2.3:4 1, 2 a.b U.S.")
@example("<unk><eos> <UNK> <\u0338unk>")
@example("e\u00ad\u0301 e\u200b\u0301 .\u0301 $\ufe0f")
def test_words_put_together_and_split_again_are_the_same(message):
    tokens = split_words(message)
    assert split_words(join_words(tokens)) == tokens
    assert split_words(" ".join(tokens)) == tokens


@given(TEXTS)
def test_words_are_composed_lower_case_and_visible(message):
    for token in split_words(message):
        assert token and token == token.lower() == unicodedata.normalize("NFC", token)
        assert not any(unicodedata.category(c)[0] in "CZ" for c in token)


@given(TEXTS, TEXTS)
def test_texts_on_two_lines_are_split_one_by_one(first, second):
    # But for Σ, whose lower case looks at its neighbours.
    first, second = first.replace("Σ", "s"), second.replace("Σ", "s")
    assert split_words(first + "\n" + second) == split_words(first) + split_words(second)


@given(st.text(st.characters(codec="ascii")))
def test_no_letter_or_digit_is_lost(message):
    kept = "".join(split_words(message.replace("<", "").replace(">", "")))
    assert [c for c in kept if c.isalnum()] == [c for c in message.lower() if c.isalnum()]


def test_every_character_of_unicode_round_trips_beside_letters():
    some = range(random.SystemRandom().randrange(40), sys.maxunicode + 1, 40)
    tokens = split_words(" ".join(f"a{chr(c)}b {chr(c)}" for c in some))
    assert split_words(join_words(tokens)) == tokens


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        ("", []),
        ("  \n\t ", []),
        ("Don't! Don’t?", ["don't", "!", "don't", "?"]),
        ("the mice' tails 'tis", ["the", "mice", "tails", "tis"]),
        ("south-west—or so", ["south-west", "or", "so"]),
        ("a leader--a move", ["a", "leader", "a", "move"]),
        ("4:00pm, 10,000 men; 1.5%", ["4:00pm", ",", "10,000", "men", "1.5", "%"]),
        ("U.S. …", ["u", ".", "s", "."]),
        ("R&B $5 2+2", ["r", "&", "b", "$", "5", "2", "+", "2"]),
        ("“(he)” [said]: 'so'", ["he", "said", "so"]),
        ("<unk> said <EOS> <b>", ["<unk>", "said", "<eos>", "<", "b", ">"]),
        ("CAFE\u0301 caf\u00e9", ["café", "café"]),
        ("ver\u00adsteckt zero\u200bwidth", ["versteckt", "zero", "width"]),
        ("snake_case and/or", ["snake", "case", "and", "or"]),
        ("\ud800a\udfff", ["a"]),
        ("שלום, عالم", ["שלום", ",", "عالم"]),
    ],
)
def test_text_is_split_as_the_docstring_says(message, tokens):
    assert split_words(message) == tokens


def test_the_fable_has_204_tokens_of_112_kinds():
    tokens = split_words(fable())
    assert (len(tokens), len(set(tokens))) == (204, 112)
    assert join_words(tokens[:8]) == "long ago, the mice had a general"


@pytest.mark.parametrize("odd", [None, b"text", 3, float("nan"), ["a"], {"a": 1}], ids=repr)
def test_what_is_no_text_is_refused_with_a_remedy(odd):
    with pytest.raises(TypeError, match=r"`text` must be a text, got \w+: \w+"):
        split_words(odd)


def test_a_million_words_take_seconds():
    start = time.process_time()
    tokens = split_words("The mice, at last, spoke. " * 125_000)
    assert len(tokens) == 1_000_000
    vocabulary = Vocabulary(tokens)
    assert vocabulary.decode(vocabulary.encode(tokens)) == tokens
    assert time.process_time() - start < 30


@pytest.mark.parametrize("piece", ["a", "'", "a-", "1.", "\u0301", "<unk>", "\ud800", "👩"])
def test_a_text_of_one_long_piece_is_no_trouble(piece):
    tokens = split_words(piece * 200_000)
    assert split_words(join_words(tokens)) == tokens


@pytest.mark.parametrize("odd", ["abc", b"abc", None, 3, [None], ["a", 1], [b"a"], [float("nan")]])
def test_what_is_no_list_of_texts_is_refused_everywhere(odd):
    vocabulary = Vocabulary(["a"], unknown="?")
    for function in (join_words, Vocabulary, vocabulary.encode):
        with pytest.raises(TypeError, match=r"`tokens` must (be a list of words|hold texts), got"):
            function(odd)


@given(TOKENS, st.sampled_from([None, "<unk>", "", "a"]))
def test_known_words_survive_their_ids(tokens, unknown):
    vocabulary = Vocabulary(tokens, unknown=unknown)
    ids = vocabulary.encode(tokens)
    assert ids.dtype == np.int32 and ids.shape == (len(tokens),)
    assert vocabulary.decode(ids) == tokens
    assert sorted(vocabulary.encode(vocabulary.words)) == list(range(len(vocabulary)))


@given(TOKENS)
def test_ids_go_by_frequency_and_ties_by_alphabet(tokens):
    vocabulary = Vocabulary(tokens)
    counts = Counter(tokens)
    assert vocabulary.counts.tolist() == [counts[word] for word in vocabulary.words]
    for (one, other), (n, m) in zip(
        itertools.pairwise(vocabulary.words), itertools.pairwise(vocabulary.counts)
    ):
        assert n > m or (n == m and one < other)


@given(TOKENS, st.integers(1, 6), TOKENS)
def test_a_small_vocabulary_maps_every_other_word_to_the_unknown_one(tokens, size, others):
    vocabulary = Vocabulary(tokens, size=size, unknown="<unk>")
    assert len(vocabulary) <= size
    assert "<unk>" in vocabulary
    assert vocabulary.counts.sum() == len(tokens)
    for token, word in zip(others, vocabulary.decode(vocabulary.encode(others))):
        assert word == (token if token in vocabulary else "<unk>")


@given(TOKENS, TEXTS, st.integers(1, 5))
def test_the_nearest_words_are_known_ones_in_order_and_never_fail(tokens, word, k):
    vocabulary = Vocabulary(tokens, unknown="<unk>")
    near = vocabulary.nearest(word, k)
    assert len(near) == min(k, len(vocabulary) - 1) == len(set(near))
    assert all(known in vocabulary and known != "<unk>" for known in near)


@given(TOKENS, TEXTS)
def test_an_unknown_word_is_answered_with_the_nearest_known_ones(tokens, word):
    vocabulary = Vocabulary(tokens)
    if word in vocabulary:
        assert vocabulary.decode(vocabulary.encode([word])) == [word]
        return
    with pytest.raises(ValueError) as caught:
        vocabulary.encode([tokens[0], word])
    assert f"got {word[:40]!r} at 1: the nearest" in str(caught.value)
    assert repr(vocabulary.nearest(word)[0]) in str(caught.value)


def test_a_misspelt_word_finds_its_neighbours():
    vocabulary = Vocabulary(split_words(fable()), unknown="<unk>")
    assert vocabulary.nearest("mouze", 1) == ["mouse"]
    assert vocabulary.nearest("cuncil")[0] == "council"
    assert vocabulary.nearest("CAT", 1) == ["cat"]
    assert vocabulary.nearest("teh", 1) == ["the"]
    assert len(vocabulary.nearest("x" * 1_000_000)) == 3
    assert len(vocabulary.nearest("", 500)) == 112


def test_equally_near_words_come_in_the_order_of_their_frequency():
    assert Vocabulary(["bat", "cat", "cat", "hat"]).nearest("rat") == ["cat", "bat", "hat"]


@pytest.mark.parametrize("odd", [None, 3, b"a", ["a"], float("nan")], ids=repr)
def test_no_word_is_in_the_vocabulary_that_is_no_text(odd):
    vocabulary = Vocabulary(["a"])
    assert odd not in vocabulary
    with pytest.raises(TypeError, match="`word` must be a text"):
        vocabulary.nearest(odd)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"tokens": []}, ValueError, "at least one word, got none"),
        ({"tokens": ["a"], "size": 0}, ValueError, "`size` must be an integer ≥ 1"),
        ({"tokens": ["a"], "size": 2.0}, ValueError, "`size` must be an integer"),
        ({"tokens": ["a"], "size": True}, ValueError, "`size` must be an integer"),
        ({"tokens": ["a"], "unknown": 0}, TypeError, "`unknown` must be a word or None, got 0"),
    ],
)
def test_a_vocabulary_that_cannot_be_is_refused(arguments, error, match):
    with pytest.raises(error, match=match):
        Vocabulary(**arguments)


@pytest.mark.parametrize(
    ("ids", "error", "match"),
    [
        ([3], ValueError, r"must lie in 0 … 2, got 3 at 0"),
        ([0, -1], ValueError, r"must lie in 0 … 2, got -1 at 1"),
        ([0.0], TypeError, "integers, got dtype float64"),
        ([True], TypeError, "integers, got dtype bool"),
        ([2**70], TypeError, "integers, got dtype object"),
        ("ab", TypeError, "integers"),
        (None, TypeError, "integers"),
        ([None], TypeError, "integers"),
        ([[0], [0, 1]], TypeError, "integers"),
        ([[0, 1]], ValueError, r"shape \(N,\), got \(1, 2\)"),
        (np.float64("nan"), TypeError, "integers"),
    ],
    ids=repr,
)
def test_ids_that_no_word_has_are_refused(ids, error, match):
    with pytest.raises(error, match=match):
        Vocabulary(["a", "b", "c"]).decode(ids)


def test_no_ids_are_no_words():
    vocabulary = Vocabulary(["a"])
    assert vocabulary.decode([]) == []
    assert vocabulary.encode([]).tolist() == []


def test_words_of_numpy_become_plain_ones():
    vocabulary = Vocabulary(np.array(["b", "b", "a"]))
    assert {type(word) for word in vocabulary.words} == {str}
    assert repr(vocabulary) == "<Vocabulary of 2 words: 'b', 'a'>"


def test_the_integers_to_20_give_the_matrices_of_source_a():
    ids = range(1, 21)
    assert rows(ids, 3).tolist() == [
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 11, 12],
        [13, 14, 15, 16, 17, 18],
    ]
    x, y = batch_producer(ids, 3, 2)
    assert x.shape == y.shape == (2, 3, 2)
    assert x[0].tolist() == [[1, 2], [7, 8], [13, 14]]
    assert y[0].tolist() == [[2, 3], [8, 9], [14, 15]]
    # The text of source A begins with 0: then a row has 7 entries, and there are 3 batches.
    assert rows(range(21), 3).shape == (3, 7)
    assert len(batch_producer(range(21), 3, 2)[0]) == 3


def as_source_a(ids, batch_size, steps):
    """`batch_producer` of source A, without its queue."""
    batch_len = len(ids) // batch_size
    data = np.reshape(ids[: batch_size * batch_len], [batch_size, batch_len])
    for i in range((batch_len - 1) // steps):
        x = data[:, i * steps : (i + 1) * steps]
        yield x, data[:, i * steps + 1 : (i + 1) * steps + 1]


@given(st.integers(1, 60), st.integers(1, 5), st.integers(1, 6), st.integers(0, 9))
def test_batches_are_those_of_source_a(length, batch, steps, seed):
    ids = np.random.default_rng(seed).integers(0, 9, length).astype(np.int32)
    expected = list(as_source_a(ids, batch, steps))
    if not expected:
        with pytest.raises(ValueError, match=r"`(ids|series)` must hold"):
            batch_producer(ids, batch, steps)
        return
    x, y = batch_producer(ids, batch, steps)
    assert x.dtype == y.dtype == np.int32
    np.testing.assert_array_equal(x, [x for x, _ in expected])
    np.testing.assert_array_equal(y, [y for _, y in expected])


def mutants():
    """Batches with the likely mistakes."""

    def delayed(ids, batch, steps):
        laid = rows(ids, batch)
        return text.windows(laid[:, 1:], steps), text.windows(laid[:, :-1], steps)

    def overlapping(ids, batch, steps):
        laid = rows(ids, batch)
        return text.windows(laid[:, :-1], steps, 1), text.windows(laid[:, 1:], steps, 1)

    def transposed(ids, batch, steps):
        laid = np.reshape(ids[: len(ids) // batch * batch], (-1, batch)).T
        return text.windows(laid[:, :-1], steps), text.windows(laid[:, 1:], steps)

    def unshifted(ids, batch, steps):
        x = text.windows(rows(ids, batch)[:, :-1], steps)
        return x, x

    return [delayed, overlapping, transposed, unshifted]


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.__name__)
def test_a_wrong_batch_producer_is_seen(mutant, monkeypatch):
    monkeypatch.setitem(globals(), "batch_producer", mutant)
    with pytest.raises(AssertionError):
        test_the_integers_to_20_give_the_matrices_of_source_a()


@pytest.mark.parametrize(
    ("ids", "batch", "steps", "match"),
    [
        (range(6), 3, 2, r"`ids` must hold 3 for each of the 3 rows.*got 2"),
        (range(2), 3, 1, "at least one step for each of the 3 rows, got 2"),
        (range(9), 0, 1, "`batch_size` must be an integer ≥ 1, got 0"),
        (range(9), 3, 0, "`steps` must be an integer ≥ 1, got 0"),
        (range(9), 3, "2", "`steps` must be an integer ≥ 1, got '2'"),
        ([[1, 2]], 1, 1, r"`ids` must have shape \(N,\)"),
    ],
)
def test_batches_that_cannot_be_made_are_refused(ids, batch, steps, match):
    with pytest.raises(ValueError, match=match):
        batch_producer(ids, batch, steps)


@pytest.mark.parametrize("ids", ["words", ["words"], [0.5], None])
def test_batches_are_made_of_integers(ids):
    with pytest.raises(TypeError, match="encode the words first"):
        batch_producer(ids, 1, 1)


def shortest_first(words, key=None):
    return sorted(words, key=lambda item: (item[1], item[0]))


@pytest.mark.parametrize(
    ("name", "mutant"),
    [("sorted", lambda words, key=None: list(words)), ("sorted", shortest_first)],
    ids=["order of appearance, as in source E", "rarest first"],
)
def test_a_wrong_order_of_ids_is_seen(name, mutant, monkeypatch):
    monkeypatch.setattr(text, name, mutant, raising=False)
    with pytest.raises(AssertionError):
        test_ids_go_by_frequency_and_ties_by_alphabet()
