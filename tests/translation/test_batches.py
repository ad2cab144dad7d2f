"""Pairs become arrays as a decoder needs them, and padding is nobody's word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.text import Vocabulary
from rnncourse.translation.batches import (
    EOS,
    GO,
    PAD,
    encode_sources,
    join,
    prepare,
    sentences,
    vocabularies,
    words_of,
)

PAIRS = [("I drink milk", "je bois du lait"), ("I run", "je cours"), ("you run", "tu cours")]
words = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6)
some_pairs = st.lists(st.tuples(words, words), min_size=1, max_size=5)


@pytest.mark.parametrize("reverse", [True, False])
@given(pairs=some_pairs)
def test_inputs_are_the_targets_pushed_back_by_one(reverse, pairs):
    source, target = vocabularies(pairs)
    ready = prepare(pairs, source, target, reverse=reverse)
    go, eos = target.encode([GO, EOS])
    for k, (said, meant) in enumerate(pairs):
        n, m = len(said), len(meant)
        assert source.decode(ready.source[k, :n]) == (said[::-1] if reverse else said)
        assert ready.lengths[k] == n and (ready.source[k, n:] == PAD).all()
        assert ready.inputs[k, 0] == go and ready.targets[k, m] == eos
        assert target.decode(ready.targets[k, :m]) == meant
        assert np.array_equal(ready.inputs[k, 1 : m + 1], ready.targets[k, :m])
        assert (ready.inputs[k, m + 1 :] == PAD).all() and (ready.targets[k, m + 1 :] == PAD).all()
    assert np.array_equal(ready.mask, ready.targets != PAD)
    assert ready.mask.any(axis=0).all() and (ready.source != PAD).any(axis=0).all()


@given(pairs=some_pairs)
def test_what_was_prepared_reads_back_as_it_was(pairs):
    source, target = vocabularies(pairs)
    said, ended = sentences(prepare(pairs, source, target).targets, target)
    assert said == [list(meant) for _, meant in pairs] and ended.all()


def test_rows_drop_columns_that_hold_nothing_but_padding():
    ready = prepare(PAIRS, *vocabularies(PAIRS))
    short = ready.rows([1, 2])
    assert short.source.shape == (2, 2) and short.targets.shape == short.inputs.shape == (2, 3)
    assert short.mask.all()


def test_texts_are_taken_apart_and_lists_are_not():
    assert words_of("J'aime l'eau.") == ["j'aime", "l'eau", "."]
    parted = ["j'", "aime", "l'", "eau"]
    assert words_of(tuple(parted)) == parted and join(parted) == "j'aime l'eau"


def test_without_an_end_a_row_is_not_said_to_have_ended():
    target = vocabularies(PAIRS)[1]
    je, eos = target.encode(["je", EOS])
    said, ended = sentences([[je, eos, eos], [je, je, je], [je, PAD, PAD]], target)
    assert said == [["je"], ["je"] * 3, ["je"]] and ended.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("pairs", "error", "message"),
    [
        ([], ValueError, "at least one pair"),
        (["i drink"], TypeError, "pairs .*got 'i drink' at 0"),
        ([("a", "b", "c")], TypeError, "must hold pairs"),
        ([("a", ["b", EOS])], ValueError, "without <go> and <eos>"),
        ([("a", "b"), ("", "c")], ValueError, "a source must hold at least one word.* sentence 1"),
        ([("a", "")], ValueError, "a target must hold at least one word"),
        ([("a", "drink")], ValueError, "got 'drink'"),
    ],
)
def test_pairs_that_cannot_be_prepared_are_named(pairs, error, message):
    known = Vocabulary(["a", "b", "c"]), Vocabulary(["b", "c", GO, EOS])
    with pytest.raises(error, match=message):
        prepare(pairs, *known)


def test_other_mistakes_get_a_remedy():
    source, target = vocabularies(PAIRS)
    with pytest.raises(ValueError, match=r"<go>.*vocabularies"):
        prepare(PAIRS, source, source)
    with pytest.raises(TypeError, match=r"write \[text\]"):
        encode_sources("i run", source)
    with pytest.raises(ValueError, match="at least one sentence"):
        encode_sources([], source)
    with pytest.raises(ValueError, match=r"integers \(B, L\)"):
        sentences([1, 2], target)
