"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.data.melodies import bar_lengths, bar_size, notes
from rnncourse.data.tunes import tunes
from rnncourse.exercises import lesson_18 as exercises

TUNE = "3/4 C2 E2 A2 | B4 G2 | F2 A2 D2 | C6 ||"


def full(tokens):
    return [length == bar_size(tokens[0]) for length in bar_lengths(tokens)]


@pytest.mark.parametrize("form", [list, tuple, np.array])
def test_full_bars_pass_in_any_form(form):
    assert exercises.check_full(lambda tokens: form(full(tokens))).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda t: [n == int(t[0][0]) for n in bar_lengths(t)], "a quarter is two"),
        (
            lambda t: [
                len(notes(bar)) in (int(t[0][0]), bar_size(t[0]))
                for bar in " ".join(t[1:-1]).split("|")
            ],
            "counts the notes",
        ),
        (lambda t: [True] * len(bar_lengths(t)), "bar 2 holds 8 eighths of 6"),
        (lambda t: full(t)[:-1], "the last one at ||"),
        (lambda t: full(t)[0], "one answer for each of 3 bars"),
        (lambda t: None, "returned nothing"),
        (lambda t: [[True], [True, False]], "a truth value for each bar"),
        (lambda t: 1 / 0, "ZeroDivisionError"),
        (3, "expected a function"),
    ],
)
def test_wrong_bars_are_told_why(answer, hint):
    feedback = exercises.check_full(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize("nats", [np.log(12), 2.48, np.float32(2.485)])
def test_the_right_price_of_a_key_passes(nats):
    assert exercises.check_key(nats).passed


@pytest.mark.parametrize(
    ("nats", "hint"),
    [
        (12, "number of keys"),
        (np.log2(12), "in bits"),
        (1 / 12, "the chance"),
        (0, "before the key is known"),
        (5.5, "how likely is the right key"),
        ("much", "expected a number"),
        (None, "expected a number"),
    ],
)
def test_a_wrong_price_is_told_why(nats, hint):
    feedback = exercises.check_key(nats)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def divide(families):
    names = sorted(set(families))
    return [names.index(family) % 5 for family in families]


@pytest.mark.parametrize("form", [list, np.array, tuple])
def test_parts_by_family_pass(form):
    assert exercises.check_parts(lambda families: form(divide(families))).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda f: [k % 5 for k in range(len(f))], "is then tested on the other"),
        (lambda f: [5 * k // len(f) for k in range(len(f))], "is then tested on the other"),
        (lambda f: [0] * len(f), "deal them out evenly"),
        (lambda f: [k + 1 for k in divide(f)], "parts are 0 to 4"),
        (lambda f: [float(k) for k in divide(f)], "whole numbers"),
        (lambda f: divide(f)[:-1], "a part for each of 57"),
        (lambda f: divide(sorted(f)), "tested on the other"),
        (lambda f: None, "returned nothing"),
        (divide(["a", "b"]), "expected a function"),
    ],
)
def test_parts_that_leak_are_told_why(answer, hint):
    feedback = exercises.check_parts(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


def warm(p, temperature):
    odds = p ** (1 / temperature)
    return odds / odds.sum()


@pytest.mark.parametrize("form", [np.asarray, list])
def test_the_right_temperature_passes(form):
    assert exercises.check_warm(lambda p, t: form(warm(p, t))).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p, t: p / t, "dividing p does nothing"),
        (lambda p, t: p, "dividing p does nothing"),
        (lambda p, t: p**t / np.sum(p**t), "1 / temperature"),
        (lambda p, t: p**t, "1 / temperature"),
        (lambda p, t: [[1], [1, 2]], "expected `warm(p, temperature)` as numbers"),
        (lambda p, t: p ** (1 / t), "adds up to"),
        (lambda p, t: np.exp(p / t) / np.exp(p / t).sum(), "no logits"),
        (lambda p, t: np.log(p), "adds up to"),
        (lambda p, t: warm(p, t) + 0 * np.log(p), "log 0"),
        (lambda p, t: warm(p, t)[:2], "expected shape"),
        (lambda p, t: None, "returned nothing"),
        (lambda p, t: p["a"], "IndexError"),
        ([0.5, 0.5], "expected a function"),
    ],
)
def test_a_wrong_temperature_is_told_why(answer, hint):
    feedback = exercises.check_warm(answer)
    assert not feedback.passed
    assert hint in str(feedback), feedback


@pytest.mark.parametrize(
    "text",
    [
        TUNE,
        TUNE.split(),
        "6/8 E | A2 B c2 e | d3 B2 G | A3 z3 | E2 ^G A2 ||".replace("A2 ||", "A2 ||"),
        "2/4 C2 G2 | ^F E G2 | D2 B, D | C4 ||",
    ],
)
def test_a_tune_of_ones_own_passes(text):
    feedback = exercises.check_tune(text)
    assert feedback.passed, feedback
    assert "notes in a row" in str(feedback)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (TUNE.replace("B4 G2", "B4 G4"), "bar 2 holds 8 eighths; 3/4 asks for 6"),
        (TUNE.removesuffix("||"), "ends with ||"),
        (TUNE.removeprefix("3/4 "), "begins with its metre"),
        (TUNE.replace("C6 ||", "G6 ||"), "away from home"),
        (TUNE.replace("B4", "b4"), "a voice goes"),
        ("4/4 C2 C2 C2 C2 | C4 C4 | C8 | C8 ||", "1 different pitches"),
        ("4/4 z8 | z8 | z8 | z8 ||", "nothing to hear"),
        ("4/4 C8 | D8 ||", "expected 4 bars or more, got 2"),
        (" ".join(tunes()[0].tokens), "notes in a row are those of 'Frère Jacques'"),
        (TUNE.replace("B4", "H4"), "token 6, 'H4', is no note"),
        (TUNE.replace("| B4 G2", "| 3/4 B4 G2"), "token 6 is a second metre"),
        ("4/4 C4 E4 | c8 | z8 | G4 C4 ||", "bar 3 is silent"),
        ("", "text of tokens"),
        (None, "text of tokens"),
        (3, "text of tokens"),
        ([1, 2], "text of tokens"),
    ],
)
def test_what_is_no_tune_is_told_why(text, hint):
    feedback = exercises.check_tune(text)
    assert not feedback.passed
    assert hint in str(feedback), feedback
