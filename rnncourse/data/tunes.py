"""The tunes that come with the course, and how to divide and compare them.

Cast: `tunes` are 57 melodies in the public domain, each a `Tune` with its tokens. `folds`
deals them out into parts so that one melody in two dresses stays in one part,
`longest_run` says how long a run
two sequences share.

Every tune is written down without sharps or flats in its key: major from C, minor from A,
dorian from D, phrygian from E.
"""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnncourse.data.melodies import END, Note, read
from rnncourse.shapes import require_integer

__all__ = ["Tune", "folds", "join", "longest_run", "places", "sides", "tunes"]

FILE = Path(__file__).with_name("tunes.txt")


class Tune(NamedTuple):
    """A melody that was written down.

    Attributes:
        title: What it is called.
        origin: Where and when it comes from.
        metre: `"4/4"` and the like.
        key: The note it comes home to: C major, A minor, D dorian, E phrygian.
        family: The same for tunes that are one melody in two dresses.
        tokens: The metre, notes, bar lines, and `||`.
    """

    title: str
    origin: str
    metre: str
    key: str
    family: str
    tokens: tuple[str, ...]


def tunes() -> tuple[Tune, ...]:
    """The melodies that come with the course, all in the public domain.

    Source: traditional, or by composers who died before 1950; written down for the course.

    >>> ode = next(tune for tune in tunes() if tune.title == "Ode to Joy")
    >>> ode.tokens[:7]
    ('4/4', 'E2', 'E2', 'F2', 'G2', '|', 'G2')
    """
    blocks = FILE.read_text(encoding="utf-8").split("\n\n")[1:]
    return tuple(_tune(block) for block in blocks)


def _tune(block):
    head, body = {}, []
    for line in block.strip().splitlines():
        if line[1:2] == ":":
            head[line[0]] = line[3:]
        else:
            body += line.split()
    family = head.get("F", head["T"])
    text = (head["M"], *body[:-1], END)
    return Tune(head["T"], head["O"], head["M"], head["K"], family, text)


def folds(some_tunes, parts: int, seed: int = 0) -> np.ndarray:
    """Which part each tune falls into; a family is never divided.

    Args:
        some_tunes: N of them.
        parts: How many; their numbers of families differ by one at most.
        seed: Of the order in which families are dealt out.

    Returns:
        `(N,)` integers in 0 … parts - 1.

    Raises:
        ValueError: Fewer families than parts.

    >>> folds(tunes(), 5)[:4].shape
    (4,)
    """
    families = sorted({tune.family for tune in some_tunes})
    parts = require_integer("parts", parts, 1, "five is usual")
    if len(families) < parts:
        raise ValueError(
            f"`some_tunes` must hold at least {parts} families, got {len(families)}: "
            "ask for fewer parts"
        )
    order = np.random.default_rng(seed).permutation(len(families))
    part_of = {families[k]: place % parts for place, k in enumerate(order)}
    return np.array([part_of[tune.family] for tune in some_tunes])


def longest_run(a, b) -> int:
    """The length of the longest run of neighbours that two sequences share.

    >>> longest_run("CDEFG", "ADEFC")
    3
    """
    a, b = list(a), list(b)
    best, row = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0, *(row[j] + 1 if x == y else 0 for j, y in enumerate(b))]
        best = max(best, *row)
    return best


@cache
def sides(token: str) -> tuple[str, str]:
    """What a token says of time, and what it says of pitch.

    Args:
        token: A note, a rest, a bar line or a metre.

    Returns:
        The length as it is written, `"1"` if it is not, and the pitch; a bar line or a
        metre is all time, its pitch is "".

    Raises:
        ValueError: No token.
        TypeError: No text.

    >>> sides("^F3/2"), sides("c"), sides("z2"), sides("|")
    (('3/2', '^F'), ('1', 'c'), ('2', 'z'), ('|', ''))
    """
    if not isinstance(read(token), Note):
        return token, ""
    pitch = token.rstrip("0123456789/")
    length = token[len(pitch) :] or "1"
    return ("1" + length if length[0] == "/" else length), pitch


def join(length: str, pitch: str = "") -> str:
    """The token with these two sides: the way back from `sides`.

    >>> join("3/2", "^F"), join("1/2", "c"), join("1", "c"), join("|")
    ('^F3/2', 'c/2', 'c', '|')
    """
    if not pitch:
        return length
    return pitch + ("" if length == "1" else "/" + length[2:] if length[:2] == "1/" else length)


def places(text) -> list[tuple]:
    """Where in its bar a tune stands after each token.

    Args:
        text: Tokens, the metre first.

    Returns:
        For each token the metre, whether the first bar is over, and the eighths since the
        last bar line. (A first bar may be an upbeat, and nobody can tell how long it will be.)

    >>> [str(eighths) for _, _, eighths in places(["3/4", "G,2", "|", "C4", "E"])]
    ['0', '2', '0', '4', '5']
    """
    metre, place, later, found = text[0], Fraction(0), False, []
    for token in text:
        note = read(token)
        if isinstance(note, Note):
            place += note.eighths
        elif token != metre:
            place, later = Fraction(0), True
        found.append((metre, later, place))
    return found
