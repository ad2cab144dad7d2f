import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.grammars import sentences
from rnncourse.data.grammars.sentences import (
    STATES,
    WORDS,
    entropy_after,
    entropy_rate,
    first_mistake,
    log_probabilities,
    next_word_probabilities,
    sample,
)

SEEDS = st.integers(0, 10_000)


def split(stream):
    """The whole sentences of a stream."""
    text = " ".join(stream)
    return [sentence.split() + ["."] for sentence in text.split(" .")[:-1]]


def test_from_each_state_the_odds_sum_to_one_and_lead_to_a_state():
    for state, after in STATES.items():
        assert sum(p for p, _ in after.values()) == pytest.approx(1, abs=1e-12), state
        assert all(then in STATES for _, then in after.values())
    assert len(STATES) == 62


@given(SEEDS, st.integers(0, 40))
def test_every_next_word_of_a_sample_is_possible_and_the_odds_sum_to_one(seed, words):
    tokens = sample(words, seed)
    odds = next_word_probabilities(tokens)
    assert sum(odds.values()) == pytest.approx(1, abs=1e-12)
    assert list(odds.values()) == sorted(odds.values(), reverse=True)
    assert set(odds) <= set(WORDS)
    assert sample(words + 1, seed)[:-1] == tokens
    assert sample(words + 1, seed)[-1] in odds


@given(SEEDS, st.integers(0, 60))
def test_the_probability_of_each_token_is_the_one_announced_before_it(seed, words):
    tokens = sample(words, seed)
    announced = [next_word_probabilities(tokens[:i])[token] for i, token in enumerate(tokens)]
    np.testing.assert_allclose(np.exp(log_probabilities(tokens)), announced, rtol=1e-12)
    assert first_mistake(tokens) is None


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another():
    assert sample(200, 5) == sample(200, 5) == sample(200, np.random.default_rng(5))
    assert sample(200, 5) != sample(200, 6)


def test_long_streams_cost_the_entropy_rate():
    words = 200_000
    costs = -log_probabilities(sample(words, seed=1))
    # Three times a generous standard error: sentences, not words, are independent.
    assert abs(costs.mean() - entropy_rate()) < 3 * 4 * costs.std() / np.sqrt(words)


def test_the_rate_is_the_entropy_of_a_sentence_over_its_mean_length():
    """Sums over all paths, one word longer at a time, instead of a system of equations."""
    paths, length, entropy = {sentences.START: (1.0, 0.0)}, 0.0, 0.0
    for steps in itertools.count(1):
        longer = {}
        for state, (share, surprise) in paths.items():
            for p, then in STATES[state].values():
                mass, cost = longer.get(then, (0.0, 0.0))
                longer[then] = mass + share * p, cost + p * surprise - share * p * np.log(p)
        ended, cost = longer.pop(sentences.START, (0.0, 0.0))
        length, entropy, paths = length + steps * ended, entropy + cost, longer
        if sum(mass for mass, _ in paths.values()) < 1e-13:
            break
    assert entropy / length == pytest.approx(entropy_rate(), rel=1e-9)
    assert length == pytest.approx(11.6, rel=1e-9)


def test_more_context_costs_less_and_never_less_than_the_rate():
    costs = [entropy_after(words) for words in range(5)] + [entropy_rate()]
    assert all(more > less for more, less in itertools.pairwise(costs))


def test_a_trigram_is_at_least_a_third_worse_than_the_bound():
    assert np.exp(entropy_after(2) - entropy_rate()) > 1.34


def test_entropy_after_two_words_is_that_of_counts_in_a_long_stream():
    tokens = sample(300_000, seed=2)
    runs, contexts = {}, {}
    for run in zip(tokens, tokens[1:], tokens[2:]):
        runs[run] = runs.get(run, 0) + 1
        contexts[run[:2]] = contexts.get(run[:2], 0) + 1
    counted = -sum(n * np.log(n / contexts[run[:2]]) for run, n in runs.items()) / len(tokens)
    assert counted == pytest.approx(entropy_after(2), abs=0.01)


@pytest.mark.parametrize(
    ("prefix", "certain"),
    [
        ("the girl that the cats hear sleeps and", "she"),
        ("the king near the girls that fears the queen chases himself and", "he"),
        ("a mouse that the girls see that the boy hears runs and", "it"),
        ("two mice near the cat sleep and", "they"),
        ("the girl sleeps and she sings near", "her"),
    ],
)
def test_a_pronoun_agrees_with_the_subject_across_everything_between(prefix, certain):
    assert next_word_probabilities(prefix.split()) == {certain: 1.0}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", None),
        ("two girls sleep .", None),
        ("two girls sleeps .", 2),
        ("a girls", 1),
        ("the girl that the cats hear sleep", 6),
        ("the girl sleeps and he", 4),
        ("the cat sees herself", 3),
        ("girl", 0),
        ("two mice run . . the", 4),
        ("the \ud800", 1),
    ],
)
def test_the_first_mistake_is_found(text, place):
    assert first_mistake(text.split()) == place


def test_a_verb_that_does_not_agree_is_named_with_what_could_stand_there():
    with pytest.raises(ValueError, match="got 'sleeps' at 2: possible there is sleep, wait"):
        log_probabilities(["two", "girls", "sleeps"])


@pytest.mark.parametrize("function", [next_word_probabilities, log_probabilities, first_mistake])
@pytest.mark.parametrize("odd", ["the girl", b"the", None, 3, [None], [3], [float("nan")]])
def test_what_is_no_list_of_words_is_refused(function, odd):
    with pytest.raises(TypeError, match=r"`tokens` must (be a list of words|hold texts), got"):
        function(odd)


@pytest.mark.parametrize("words", [-1, 2.0, "3", None, True])
def test_a_number_of_words_that_cannot_be_is_refused(words):
    with pytest.raises(ValueError, match="`words` must be an integer ≥ 0"):
        sample(words, 0)
    with pytest.raises(ValueError, match="`words` must be an integer ≥ 0"):
        entropy_after(words)


def test_no_words_have_no_probabilities():
    assert sample(0, 0) == []
    assert log_probabilities([]).shape == (0,)


def test_whole_sentences_obey_number_and_gender():
    """A reader without the table of states."""
    many = set(sentences.NOUNS["they"])
    owners = {noun: kind for kind, nouns in sentences.NOUNS.items() for noun in nouns}
    for sentence in split(sample(20_000, seed=3)):
        subject = sentence[1]
        if "and" in sentence:
            at = sentence.index("and")
            assert sentence[at + 1] == owners[subject]
            assert sentence[at + 2].endswith("s") == (subject not in many)
        for own in set(sentence) & set(sentences.OWN.values()):
            assert own == sentences.OWN[owners[subject]]
        for word in set(sentence) & set(sentences.SELF.values()):
            assert word == sentences.SELF[owners[subject]]


def forgetful():
    """The grammar with the subject lost inside a relative clause."""
    states = dict(STATES)
    for kind in sentences.KINDS:
        states["that", kind] = STATES["that", "she" if kind == "he" else kind]
    return states


def test_a_grammar_that_forgets_the_subject_is_seen(monkeypatch):
    monkeypatch.setattr(sentences, "STATES", forgetful())
    with pytest.raises(AssertionError):
        test_whole_sentences_obey_number_and_gender()


def test_visits_by_sentence_instead_of_by_word_are_seen(monkeypatch):
    shares, odds = sentences._visits()
    monkeypatch.setattr(sentences, "_visits", lambda: (np.full(62, 1 / 62), odds))
    with pytest.raises(AssertionError):
        test_long_streams_cost_the_entropy_rate()
    monkeypatch.setattr(sentences, "_visits", lambda: (shares * 11.6, odds))
    with pytest.raises(AssertionError):
        test_the_rate_is_the_entropy_of_a_sentence_over_its_mean_length()
