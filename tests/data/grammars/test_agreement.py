"""Sentences that agree at a distance: their form, and that what can be known is computed right."""

import numpy as np
import pytest

from rnncourse.data.grammars import agreement as grammar
from rnncourse.data.grammars.agreement import (
    ANSWERS,
    BAR_WORDS,
    EITHER,
    HE,
    SHE,
    SUBJECT,
    UNKNOWN,
    WORDS,
    agreement,
    bar_scenes,
    names_alone,
    optimum,
    probability_of_she,
)


def spoken(words):
    return [[WORDS[i] for i in row] for row in words]


@pytest.mark.parametrize("clauses", [1, 2, 7])
@pytest.mark.parametrize("named", [0, 0.2, 1])
def test_a_sentence_has_a_scene_a_subject_clauses_and_an_and(clauses, named):
    words, she = agreement(300, clauses, 0, named)
    assert words.shape == (300, 3 * clauses + 7)
    persons = {*SHE, *HE, *EITHER}
    for sentence, female in zip(spoken(words), she, strict=True):
        assert sentence[3] == "."
        assert sentence[-1] == "and"
        for article, noun in (sentence[:2], sentence[SUBJECT - 1 : SUBJECT + 1]):
            assert noun in persons
            assert (article == "the") == noun.islower()
        assert sentence[SUBJECT] in (*EITHER, *(SHE if female else HE))
        objects, commas = sentence[SUBJECT + 2 : -1 : 3], sentence[SUBJECT + 3 : -1 : 3]
        assert set(commas) == {","}
        assert len(commas) == clauses
        met = [thing in persons for thing in objects]
        assert all(met) if named == 1 else not any(met) or named > 0


def test_between_noun_and_pronoun_lie_three_words_for_each_clause():
    words, _ = agreement(1, 20, 0)
    assert len(words[0, SUBJECT + 1 : -1]) == 60


def test_persons_met_are_of_the_subjects_gender_in_six_of_ten_cases():
    words, she = agreement(20_000, 3, 1, named=1)
    women = np.isin(words[:, SUBJECT + 2 : -1 : 3], [WORDS.index(w) for w in SHE])
    assert np.mean(women == she[:, None]) == pytest.approx(0.6, abs=0.01)


def test_the_earlier_subject_tells_nothing():
    words, she = agreement(20_000, 1, 2)
    earlier = np.isin(words[:, 1], [WORDS.index(w) for w in SHE])
    told = np.isin(words[:, 1], [WORDS.index(w) for w in (*SHE, *HE)])
    assert np.mean((earlier == she)[told]) == pytest.approx(0.5, abs=0.02)


def test_half_of_the_answers_are_she_and_a_tenth_of_the_subjects_do_not_tell():
    words, she = agreement(20_000, 2, 3)
    assert np.mean(she) == pytest.approx(0.5, abs=0.015)
    untold = np.isin(words[:, SUBJECT], [WORDS.index(w) for w in EITHER])
    assert np.mean(untold) == pytest.approx(UNKNOWN, abs=0.01)


def assert_true_on_average(words, she, p):
    for low in np.arange(0, 1, 0.1):
        about = (p >= low) & (p < low + 0.1)
        if about.sum() > 300:
            spread = np.sqrt(0.25 / about.sum())
            assert np.mean(she[about]) == pytest.approx(np.mean(p[about]), abs=4 * spread)


@pytest.mark.parametrize("named", [0, 0.2, 0.7])
def test_what_can_be_known_of_each_sentence_is_true_on_average(named):
    words, she = agreement(60_000, 6, 4, named)
    assert_true_on_average(words, she, probability_of_she(words))


@pytest.mark.parametrize("slip", ["earlier subject", "names the other way round"])
def test_a_slip_in_what_can_be_known_is_seen(slip, monkeypatch):
    words, she = agreement(60_000, 6, 4, named=0.7)
    if slip == "earlier subject":
        monkeypatch.setattr(grammar, "SUBJECT", 1)
    else:
        monkeypatch.setattr(grammar, "ALIKE", 0.4)
    with pytest.raises(AssertionError):
        assert_true_on_average(words, she, probability_of_she(words))


@pytest.mark.parametrize(("clauses", "named"), [(1, 0.2), (4, 0.2), (20, 0.2), (5, 0), (5, 1)])
def test_the_optimum_is_what_the_best_guess_gets(clauses, named):
    words, _ = agreement(60_000, clauses, 5, named)
    p = probability_of_she(words)
    assert np.mean(np.maximum(p, 1 - p)) == pytest.approx(optimum(clauses, named), abs=0.004)


def test_nobody_named_leaves_a_coin_for_the_untold():
    assert names_alone(5, named=0) == pytest.approx(0.5, abs=1e-12)
    assert optimum(5, named=0) == pytest.approx(0.95, abs=1e-12)


def test_a_window_without_the_subject_gets_what_names_alone_tell():
    words, she = agreement(60_000, 4, 6)
    objects = words[:, SUBJECT + 2 : -1 : 3]
    balance = sum(np.isin(objects, WORDS.index(w)).sum(1) for w in ("Clare", "Helen"))
    balance = balance - sum(np.isin(objects, WORDS.index(w)).sum(1) for w in ("Tom", "Paul"))
    right = np.where(balance == 0, 0.5, (balance > 0) == she)
    assert np.mean(right) == pytest.approx(names_alone(4), abs=0.006)


def test_the_order_of_bayes_rule_would_be_noticed():
    words, she = agreement(20_000, 8, 7, named=1)
    p = probability_of_she(words)
    untold = (p > 0) & (p < 1)
    assert np.mean((p > 0.5)[untold] == she[untold]) > 0.6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3, 0), "`examples` must be"),
        ((3, 0, 0), "`clauses` must be"),
        ((3, 2.5, 0), "`clauses` must be"),
        (("many", 3, 0), "`examples` must be"),
        ((3, 3, 0, 1.5), "`named` must be a share"),
        ((3, 3, 0, "some"), "`named` must be a share"),
        ((3, 3, 0, float("nan")), "`named` must be a share"),
    ],
)
def test_odd_settings_are_answered_with_what_was_expected(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        agreement(*arguments)


@pytest.mark.parametrize(
    "words", [np.zeros((2, 13), int), np.zeros((0, 13)), np.zeros(13), [["she"] * 13], np.nan]
)
def test_sentences_of_another_grammar_are_refused(words):
    with pytest.raises((ValueError, TypeError), match="`words`"):
        probability_of_she(words)


def test_every_scene_in_the_bar_has_its_own_words_and_sums_to_one():
    words, probabilities = bar_scenes()
    assert words.shape[0] == probabilities.shape[0] == 11
    assert len({tuple(row) for row in words.tolist()}) == 11
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert probabilities.shape[1] == len(ANSWERS) == 4
    assert len(set(BAR_WORDS)) == len(BAR_WORDS)


def test_a_cue_never_makes_the_bartender_less_sure_of_the_gender():
    words, probabilities = bar_scenes()
    scenes = {
        (BAR_WORDS[row[1]], BAR_WORDS[row[8]]): p
        for row, p in zip(words, probabilities, strict=True)
    }
    assert scenes["guest", "then"].tolist() == pytest.approx([0.275, 0.225, 0.325, 0.175])
    assert scenes["guest", "she"][:2].sum() == pytest.approx(1)
    assert scenes["guest", "he"][2:].sum() == pytest.approx(1)
    for who in ("girl", "woman"):
        assert np.array_equal(scenes[who, "she"], scenes[who, "then"])
