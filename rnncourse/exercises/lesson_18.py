"""Self-checks of lesson 18, Compose a melody.

Cast: a function, a number or a tune from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.data.melodies import METRE, bar_lengths, bar_size, notes, read
from rnncourse.data.tunes import longest_run, tunes
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_returned,
)

SHEETS = {
    "three bars, the second too long": "3/4 C2 D2 E2 | C4 D4 | E6 ||",
    "an upbeat": "6/8 G, | C2 C C2 C | C5 ||",
    "a dotted bar in 2/4": "2/4 A,3/2 B,/2 A, G, | z2 C | C4 ||",
}
ODDS = ([0.5, 0.3, 0.2], [0.9, 0.1, 0.0], [0.25, 0.25, 0.25, 0.25])
BARS, VOICE, OWN = 4, (52, 77), 12
A_BAR = "a truth value for each bar"
A_TUNE = "expected a text of tokens like '3/4 C2 D2 E2 | C6 ||'"


@check
def check_full(full):
    """Does `full(tokens)` say of each bar whether it adds up to the metre?

    Args:
        full: A function of a list of tokens that returns a truth value for each bar.
    """
    require_function(full, "full(tokens)")
    for name, sheet in SHEETS.items():
        tokens = sheet.split()
        size = bar_size(tokens[0])
        wanted = [length == size for length in bar_lengths(tokens)]
        answer = require_returned(full(list(tokens)))
        got = require_array("full(tokens)", answer, finite=False, remedy=A_BAR)
        if got.shape != (len(wanted),):
            raise Miss(
                f"{name}: expected one answer for each of {len(wanted)} bars, got shape "
                f"{got.shape}: a bar ends at | and the last one at ||"
            )
        got = got.astype(bool).tolist()
        if got == wanted:
            continue
        top = int(tokens[0].split("/")[0])
        if got == [length == top for length in bar_lengths(tokens)] and top != size:
            raise Miss(
                f"{name}: {tokens[0]} is {size} eighths, not {top}: a quarter is two of them"
            )
        counts = [len(notes(bar)) for bar in " ".join(tokens[1:-1]).split("|")]
        if got == [count in (top, size) for count in counts]:
            raise Miss(f"{name}: that counts the notes; add up how long they are")
        k = next(i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1])
        raise Miss(
            f"{name}: bar {k + 1} holds {bar_lengths(tokens)[k]} eighths of {size}, "
            f"expected {wanted[k]}, got {got[k]}"
        )
    return "bars are what the ear counts, whatever the notes in them"


@check
def check_key(nats):
    """What does it cost at most, in nats for a whole tune, not to know which of 12 keys it is in?

    Args:
        nats: A number.
    """
    slips = {
        12.0: "that is the number of keys; what does it cost to guess one of twelve?",
        np.log2(12): "that is in bits: with the natural logarithm it is less",
        12 * np.log(12): "the key is guessed once, not once in each key",
        np.log(12) / 12: "the key has to be found out once, whole",
        1 / 12: "that is the chance to guess the key; what does it cost?",
        np.log(7): "there are twelve keys, seven white ones",
        0.0: "the first notes are read before the key is known",
    }
    require_near("nats", nats, np.log(12), slips, "how likely is the right key before a note?")
    return "log 12 for the tune, however long it is: whoever weighs the twelve pays no more"


@check
def check_parts(divide):
    """Does `divide(families)` deal tunes out into five parts without dividing a family?

    Args:
        divide: A function of a list of names that returns a part, 0 to 4, for each.
    """
    require_function(divide, "divide(families)")
    for name, families in _collections().items():
        answer = require_returned(divide(list(families)))
        got = require_array("divide(families)", answer, finite=False)
        if got.shape != (len(families),):
            raise Miss(f"{name}: expected a part for each of {len(families)}, got {got.shape}")
        if got.dtype.kind not in "iu":
            raise Miss(f"{name}: expected whole numbers from 0 to 4, got {got.dtype}")
        if got.min() < 0 or got.max() > 4:
            raise Miss(f"{name}: parts are 0 to 4, got {got.min()} to {got.max()}")
        found = {}
        for family, part in zip(families, got.tolist()):
            if found.setdefault(family, part) != part:
                raise Miss(
                    f"{name}: {family!r} stands in part {found[family]} and in part {part}; what "
                    "is learned from one is then tested on the other"
                )
        sizes = np.bincount(list(found.values()), minlength=5)
        if sizes.max() - sizes.min() > 1:
            raise Miss(f"{name}: the parts hold {sizes.tolist()} families: deal them out evenly")
    return "twins and transposed copies stay together: nothing is tested that was learned"


def _collections():
    own = [tune.family for tune in tunes()]
    return {
        "the 57 tunes": own,
        "each tune in three keys": [family for family in own for _ in range(3)],
        "each tune in three keys, key by key": own * 3,
    }


@check
def check_warm(warm):
    """Does `warm(p, temperature)` change probabilities as a temperature does?

    Args:
        warm: A function of an array of probabilities and a number above 0.
    """
    require_function(warm, "warm(p, temperature)")
    for p in map(np.array, ODDS):
        for temperature in (0.5, 1.0, 2.0):
            with np.errstate(all="ignore"):
                answer = require_returned(warm(p.copy(), temperature))
                got = require_array("warm(p, temperature)", answer, finite=False).astype(float)
                wanted = p ** (1 / temperature)
                slips = {
                    "p to the power of the temperature: it must be 1 / temperature": p**temperature,
                    "a softmax of p, but p are no logits: take their logarithm": np.exp(
                        p / temperature
                    ),
                }
            wanted /= wanted.sum()
            if got.shape != p.shape:
                raise Miss(f"expected shape {p.shape}, got {got.shape}")
            if np.allclose(got, wanted, atol=1e-6):
                continue
            where = f"p = {p.tolist()}, temperature {temperature:g}"
            if not np.isfinite(got).all():
                raise Miss(f"{where}: got {got.tolist()}; log 0 is in it: use powers")
            if np.allclose(got, p / temperature) or np.allclose(got, p):
                raise Miss(f"{where}: dividing p does nothing once it adds up to 1 again")
            for slip, values in slips.items():
                if np.allclose(got, values) or np.allclose(got, values / values.sum()):
                    raise Miss(f"{where}: that is {slip}")
            if abs(got.sum() - 1) > 1e-6:
                raise Miss(f"{where}: the answer adds up to {got.sum():.3g}, not to 1")
            raise Miss(f"{where}: expected {wanted.round(3).tolist()}, got {got.round(3).tolist()}")
    return "cold makes the likely likelier, and what is impossible stays so"


@check
def check_tune(text):
    """Is this a tune of your own: bars that add up, a voice's range, and an end at home?

    Args:
        text: Tokens, or one text.
    """
    if not isinstance(text, (str, list, tuple)):
        raise Miss(f"{A_TUNE}, got {text!r}")
    tokens = text.split() if isinstance(text, str) else list(text)
    if not tokens or not all(isinstance(token, str) for token in tokens):
        raise Miss(A_TUNE)
    if not METRE.fullmatch(tokens[0]):
        raise Miss(f"a tune begins with its metre, '3/4' for one, got {tokens[0]!r}")
    if tokens[-1] != "||":
        raise Miss(f"a tune ends with ||, got {tokens[-1]!r}")
    for k, token in enumerate(tokens[1:], start=2):
        if METRE.fullmatch(token):
            raise Miss(f"token {k} is a second metre, {token!r}: a tune has one, in front")
        try:
            read(token)
        except ValueError:
            raise Miss(
                f"token {k}, {token!r}, is no note and no bar line: a letter A to G or a to g "
                "(z is a rest), and its length in eighths"
            ) from None
    size, lengths = bar_size(tokens[0]), bar_lengths(tokens)
    if len(lengths) < BARS:
        raise Miss(f"expected {BARS} bars or more, got {len(lengths)}")
    upbeat = lengths[0] < size and lengths[0] + lengths[-1] == size
    for k, length in enumerate(lengths):
        if length != size and not (upbeat and k in (0, len(lengths) - 1)):
            raise Miss(f"bar {k + 1} holds {length} eighths; {tokens[0]} asks for {size}")
    pitches = [note.pitch for note in notes(tokens) if note.pitch is not None]
    if not pitches:
        raise Miss("there is nothing to hear: write a note")
    for k, bar in enumerate(" ".join(tokens[1:-1]).split("|")):
        if all(note.pitch is None for note in notes(bar)):
            raise Miss(f"bar {k + 1} is silent: write a note into it")
    if min(pitches) < VOICE[0] or max(pitches) > VOICE[1]:
        raise Miss("a voice goes from E, to f here: bring the tune into this range")
    if len(set(pitches)) < 4:
        raise Miss(f"it has {len(set(pitches))} different pitches: give it four")
    if pitches[-1] % 12 not in (0, 9):
        raise Miss("it stops away from home: end on a C, or on an A in minor")
    run, title = _most_like(tokens)
    if run >= OWN:
        raise Miss(f"{run} notes in a row are those of {title!r}: it is a tune already")
    return f"a tune of {len(lengths)} bars; it shares {run} notes in a row with {title!r}"


def _most_like(tokens):
    def played(some):
        return [token for token in some[1:] if token not in ("|", "||")]

    own = played(tokens)
    return max((longest_run(own, played(tune.tokens)), tune.title) for tune in tunes())
