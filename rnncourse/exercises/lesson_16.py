"""Self-checks of lesson 16, Translate.

Cast: a function, a number or a list of words from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_returned,
    require_whole,
)
from rnncourse.translation.batches import EOS, GO

PAIRS = (
    ("i drink milk", "je bois du lait"),
    ("the small cat sleeps", "le petit chat dort"),
    ("she sings", "elle chante"),
)


@check
def check_decoder(decoder):
    """Does `decoder(words)` give what the decoder hears and what it should say?

    Args:
        decoder: A function of a list of French words that returns two lists.
    """
    require_function(decoder, "decoder(words)")
    for _, said in PAIRS:
        words = said.split()
        got = require_returned(decoder(list(words)))
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Miss(f"expected two lists, what it hears and what it says, got {_shown(got)}")
        heard, target = (list(side) for side in got)
        if len(heard) != len(target):
            raise Miss(
                f"for {said!r} it hears {len(heard)} words and says {len(target)}: at each step "
                "one of either"
            )
        if heard == [*words, EOS] and target == [GO, *words]:
            raise Miss("the two are swapped: <go> is heard, <eos> is said")
        if heard[1:] == target[1:]:
            raise Miss(
                f"for {said!r} it hears {heard[1]!r} when it should say it: what it hears is one "
                "step late, and begins with <go>"
            )
        if EOS not in target:
            raise Miss(f"after {words[-1]!r} nobody tells it to stop: end with <eos>")
        if heard != [GO, *words] or target != [*words, EOS]:
            raise Miss(
                f"expected to hear {[GO, *words]} and to say {[*words, EOS]}, got {heard} and "
                f"{target}"
            )
    return "what is heard at a step is what was said, or should have been, the step before"


@check
def check_reversed_padding(rows):
    """Does `rows(sentences)` turn sentences round before it pads them?

    Args:
        rows: A function of lists of ids that returns an array, padded with -1 on the right.
    """
    require_function(rows, "rows(sentences)")
    sentences = [[5, 3, 8], [2], [7, 4]]
    wanted = np.array([[8, 3, 5], [2, -1, -1], [4, 7, -1]])
    got = np.asarray(require_returned(rows([list(s) for s in sentences])))
    if got.shape != wanted.shape:
        raise Miss(f"expected an array of shape {wanted.shape}, got {got.shape}")
    if np.array_equal(got, wanted):
        return "first round, then padding: the words begin every row, and the last word comes first"
    if np.array_equal(got, np.array([[8, 3, 5], [-1, -1, 2], [-1, 4, 7]])):
        raise Miss(
            "the padding was turned round with the words: it now comes first, where the network "
            "would read it"
        )
    if np.array_equal(got, np.array([[5, 3, 8], [2, -1, -1], [7, 4, -1]])):
        raise Miss("the sentences stand in their own order: the last word must come first")
    raise Miss(f"expected {wanted.tolist()}, got {got.tolist()}")


@check
def check_wait(words):
    """How many words must be heard before the first French word of each sentence is sure?

    Args:
        words: A list of four numbers, for the sentences of the exercise.
    """
    wanted = {
        "she sings": 1,
        "i drink milk": 2,
        "i like milk": 2,
        "the small white house is old": 4,
    }
    got = list(words) if isinstance(words, tuple | list) else [words]
    if len(got) != len(wanted):
        raise Miss(f"expected {len(wanted)} numbers, one for each sentence, got {len(got)}")
    for number, (sentence, right) in zip(got, wanted.items()):
        number = require_whole(f"the number for {sentence!r}", number)
        if number == right:
            continue
        if sentence.startswith("i ") and number == 1:
            raise Miss(
                f"{sentence!r}: after 'i' it may still be je or j', and that depends on the sound "
                "with which the next French word begins"
            )
        if sentence.startswith("the") and number < right:
            raise Miss(
                f"{sentence!r}: after {' '.join(sentence.split()[:number])!r} it may be le or la: "
                "who decides?"
            )
        raise Miss(
            f"{sentence!r}: got {number}, which is too {'many' if number > right else 'few'}"
        )
    return "the article waits for the noun, je for the sound of what follows it, she for nobody"


@check
def check_steps(steps):
    """How many steps of a cell does it take to translate one sentence without padding?

    Args:
        steps: For "i do not drink milk" and its translation.
    """
    steps = require_whole("steps", steps)
    english, said = "i do not drink milk".split(), "je ne bois pas de lait".split()
    right = len(english) + len(said) + 1
    if steps == right - 1:
        raise Miss(f"got {steps}: <eos> has to be said as well, in a step of its own")
    if steps in (len(english), len(said), len(said) + 1):
        raise Miss(f"got {steps}: both of the two networks take steps, add them up")
    if steps == right + 1:
        raise Miss(f"got {steps}: <go> is heard in the very step in which the first word is said")
    if steps != right:
        raise Miss(f"got {steps}: count the words read, the words said, and the end")
    return f"{len(english)} to read, {len(said)} to speak and one to stop"


@check
def check_agreement(translate):
    """Does `translate(adjective, noun)` put French adjectives right?

    Args:
        translate: A function of an English adjective and an English noun that returns a list
            of French words, with *un* or *une* before them.
    """
    require_function(translate, "translate(adjective, noun)")
    wanted = {
        ("white", "cat"): "un chat blanc",
        ("white", "house"): "une maison blanche",
        ("small", "cat"): "un petit chat",
        ("small", "house"): "une petite maison",
        ("old", "bird"): "un vieil oiseau",
    }
    for (adjective, noun), right in wanted.items():
        got = require_returned(translate(adjective, noun))
        words = got.split() if isinstance(got, str) else list(got)
        if words == right.split():
            continue
        asked = f"a {adjective} {noun}" if adjective != "old" else f"an {adjective} {noun}"
        if sorted(words) == sorted(right.split()):
            raise Miss(
                f"{asked!r}: the words are right, their order is not; got {' '.join(words)!r}"
            )
        if words and words[0] != right.split()[0]:
            raise Miss(f"{asked!r}: the article must agree with {noun!r}; got {' '.join(words)!r}")
        if adjective == "old":
            raise Miss(f"{asked!r}: before a vowel vieux is vieil; got {' '.join(words)!r}")
        raise Miss(f"{asked!r}: expected {right!r}, got {' '.join(words)!r}")
    return "order, gender and the sound that follows: three things that English does not say"


def _shown(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
