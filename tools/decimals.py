"""The decimal numbers of a text, so that prose can be held against what was computed.

Cast: Markdown or an output's text goes in, a set of tokens comes out: `"0.25"`,
`"-1.5"`, `"1.5e-7"`. A number without a point is no decimal. A token keeps its
zeros: a page that says 0.50 wants an output that says 0.50.
"""

import html
import re

_THOUSANDS_IN_MATHS = re.compile(r"(?<=\d)(?:\{,\}|\\,|[\u2009\u202f])(?=\d{3})")
_POWER_OF_TEN = re.compile(r"(?<=\d)\s*(?:\\times|\\cdot|×|·)\s*10\^\{?([-+]?\d+)\}?")
_DATA = re.compile(r"data:[\w/+.-]+[;,][^\s\"')>]*")
_TAG = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1>|</?[a-zA-Z][^<>]*>", re.DOTALL)
_NUMBER = re.compile(
    r"(?P<minus>(?<![\w)\]}.])-)?"
    r"(?<![A-Za-z0-9.])(?P<digits>\d{1,3}(?:,\d{3})+\.\d+|\d*\.\d+)"
    r"(?:[eE](?P<power>[-+]?\d+))?(?!\d|\.\d)"
)
_NOT_A_CLAIM = [
    re.compile(r"\\tag\{[^}]*\}"),
    re.compile(r"(?i)\barxiv:?\s*\d{4}\.\d{4,5}(?:v\d+)?"),
    re.compile(r"\b10\.\d{4,9}/[^\s)\]]+"),
    re.compile(
        r"\bCC[ -]BY(?:-[A-Z]+)*[ -]\d\.\d|\bApache[- ](?:License,? )?(?:[Vv]ersion )?\d\.\d"
    ),
    re.compile(
        r"\b(?:[Ss]ection|[Cc]hapter|[Ee]quation|Eq|Figure|Table)s?\.?\s+\(?\d+\.\d+(?:\.\d+)*\)?"
    ),
    re.compile(r"(?<=\])\((?:<[^>]*>|[^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\)"),
    re.compile(r"(?m)^\s*\[[^\]]+\]:\s+\S+"),
    re.compile(r"<?https?://[^\s>)\]]+>?"),
]


def decimals(text: str) -> set[str]:
    """The decimals in a text, with a leading minus where one touches the number.

    >>> sorted(decimals("from 1,234.5 down to −0.25, or 1.5e-07, in 3 steps of .5."))
    ['-0.25', '0.5', '1.5e-7', '1234.5']
    """
    text = _THOUSANDS_IN_MATHS.sub("", text.replace("−", "-"))
    text = _POWER_OF_TEN.sub(r"e\1", text)
    return {_token(match) for match in _NUMBER.finditer(text)}


def _token(match: re.Match) -> str:
    digits = match["digits"].replace(",", "")
    digits = "0" + digits if digits.startswith(".") else digits
    power = f"e{int(match['power'])}" if match["power"] else ""
    return ("-" if match["minus"] else "") + digits + power


def without_markup(text: str) -> str:
    """HTML's visible text: no tags, styles, scripts or embedded data."""
    return html.unescape(_TAG.sub(" ", _DATA.sub(" ", text)))


def claimed_decimals(markdown: str) -> set[str]:
    """The decimals that a page states: those of addresses, licences, references aside."""
    text = _DATA.sub(" ", markdown)
    for pattern in _NOT_A_CLAIM:
        text = pattern.sub(" ", text)
    return decimals(without_markup(text))


def shown_decimals(output_text: str) -> set[str]:
    """The decimals an output shows, also without their signs; `1,234.5` is read both ways."""
    found = decimals(output_text) | decimals(output_text.replace(",", " "))
    return found | {token.removeprefix("-") for token in found}
