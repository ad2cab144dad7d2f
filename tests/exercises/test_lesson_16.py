"""Right answers pass; each likely slip is named."""

import numpy as np
import pytest

from rnncourse.exercises import lesson_16 as exercises


def padded(rows):
    width = max(map(len, rows))
    return np.array([[*row, *[-1] * (width - len(row))] for row in rows])


def agreed(adjective, noun):
    return {
        "white cat": "un chat blanc",
        "white house": "une maison blanche",
        "small cat": "un petit chat",
        "small house": "une petite maison",
        "old bird": "un vieil oiseau",
    }[f"{adjective} {noun}"].split()


ALL = (
    exercises.check_decoder,
    exercises.check_reversed_padding,
    exercises.check_wait,
    exercises.check_steps,
    exercises.check_agreement,
)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (exercises.check_decoder, lambda words: (["<go>", *words], [*words, "<eos>"])),
        (exercises.check_decoder, lambda words: [("<go>", *words), (*words, "<eos>")]),
        (exercises.check_reversed_padding, lambda s: padded([row[::-1] for row in s])),
        (exercises.check_wait, [1, 2, 2, 4]),
        (exercises.check_wait, (1, 2, 2, np.int64(4))),
        (exercises.check_steps, 12),
        (exercises.check_agreement, agreed),
        (exercises.check_agreement, lambda *pair: " ".join(agreed(*pair))),
    ],
)
def test_right_answers_pass(check, answer):
    assert check(answer).passed


@pytest.mark.parametrize(
    ("check", "answer", "hint"),
    [
        (exercises.check_decoder, lambda words: (words, [*words, "<eos>"]), "hears 4"),
        (
            exercises.check_decoder,
            lambda words: (["<go>", *words], ["<go>", *words]),
            "one step late",
        ),
        (exercises.check_decoder, lambda words: ([*words, "<eos>"], ["<go>", *words]), "swapped"),
        (exercises.check_decoder, lambda words: (["<go>", *words[:-1]], list(words)), "to stop"),
        (
            exercises.check_decoder,
            lambda words: (["<go>", *words[::-1]], [*words[::-1], "<eos>"]),
            "expected to hear",
        ),
        (exercises.check_decoder, lambda words: None, "returned nothing"),
        (exercises.check_decoder, lambda words: 3, "two lists"),
        (exercises.check_decoder, "bois", "expected a function"),
        (exercises.check_reversed_padding, lambda s: padded(s)[:, ::-1], "turned round with"),
        (exercises.check_reversed_padding, padded, "own order"),
        (exercises.check_reversed_padding, lambda s: padded(s)[:2], "shape"),
        (exercises.check_reversed_padding, lambda s: padded(s) * 0, "expected"),
        (exercises.check_wait, [1, 1, 1, 1], "je or j'"),
        (exercises.check_wait, [1, 2, 2, 2], "le or la"),
        (exercises.check_wait, [2, 2, 2, 4], "too many"),
        (exercises.check_wait, [1, 2, 2], "four|4 numbers"),
        (exercises.check_steps, 11, "<eos>"),
        (exercises.check_steps, 5, "both"),
        (exercises.check_steps, 13, "<go>"),
        (exercises.check_steps, 99, "count"),
        (exercises.check_agreement, lambda a, n: ["un", a, n], "expected"),
        (
            exercises.check_agreement,
            lambda a, n: agreed(a, n) if a != "white" else ["un", "blanc", "chat"],
            "order",
        ),
        (
            exercises.check_agreement,
            lambda a, n: agreed(a, n) if n != "house" else ["un", "maison", "blanc"],
            "article",
        ),
        (
            exercises.check_agreement,
            lambda a, n: agreed(a, n) if a != "old" else ["un", "vieux", "oiseau"],
            "vieil",
        ),
    ],
)
def test_wrong_answers_are_told_why(check, answer, hint):
    feedback = check(answer)
    assert not feedback.passed
    assert any(part in str(feedback).replace("\n ", "") for part in hint.split("|")), str(feedback)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
@pytest.mark.parametrize("garbage", [None, "x", [], {}, float("nan"), lambda: 1, lambda *a: "x"])
def test_garbage_is_answered_and_never_raises(check, garbage):
    assert not check(garbage).passed
