"""Every claim in the ledger has an experiment behind it: a test, a lesson, a record, numbers."""

import ast
import importlib.util
import json
import re
from functools import cache
from itertools import pairwise

import pytest

from tools.checks import visible_text
from tools.decimals import claimed_decimals, shown_decimals
from tools.imports import ROOT, code_cells
from tools.normal_form import load

spec = importlib.util.spec_from_file_location("claims", ROOT / "book" / "_ext" / "claims.py")
ledger = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ledger)

CLAIMS = ledger.load(ROOT / "book" / "claims.yml")
RECORDED = ROOT / "rnncourse" / "reproduce" / "recorded"
every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])


@cache
def slugs(path):
    """The anchors of a notebook's headings, as the book makes them."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from myst_parser.mdit_to_docutils.base import default_slugify

    found = []
    for cell in load(path).cells:
        tokens = MarkdownIt().use(dollarmath_plugin).parse(cell.source)
        for opening, inline in pairwise(tokens):
            if cell.cell_type == "markdown" and opening.tag in {"h1", "h2", "h3"}:
                texts = [
                    t.content for t in inline.children or [] if t.type in {"text", "code_inline"}
                ]
                found.append(default_slugify("".join(texts)))
    return [slug for slug in found if slug]


@cache
def shown(path):
    """The decimals that a notebook's outputs show."""
    return shown_decimals("\n".join(visible_text(cell) for cell in code_cells(load(path))))


def numbers(value):
    """All numbers in a JSON value."""
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)


def occurs(decimal, outputs, recorded=()):
    """Whether a decimal is shown, or is a shown or recorded number rounded to its digits."""
    digits, _, power = decimal.partition("e")
    form = f".{len(digits.partition('.')[2])}{'e' if power else 'f'}"
    values = [*map(float, outputs), *recorded]
    return decimal in outputs or any(float(f"{value:{form}}") == float(decimal) for value in values)


def lesson(claim):
    stem, anchor = ledger.LESSON.fullmatch(claim["lesson"]).groups()
    path = ROOT / "notebooks" / f"{stem}.ipynb"
    assert path.is_file(), f"{claim['id']}: there is no lesson notebooks/{stem}.ipynb"
    return path, anchor


@every_claim
def test_the_test_of_a_claim_exists(claim):
    file, name = ledger.TEST.fullmatch(claim["test"]).groups()
    assert (ROOT / file).is_file(), f"{claim['id']}: there is no {file}"
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert name in names, f"{claim['id']}: {file} has no {name}"
    assert name.startswith("test_"), f"{claim['id']}: pytest does not collect {name}"


@every_claim
def test_the_lesson_and_the_anchor_of_a_claim_exist(claim):
    path, anchor = lesson(claim)
    found = slugs(path)
    assert anchor is None or anchor in found, f"{claim['id']}: no heading #{anchor} among {found}"


@every_claim
def test_every_decimal_of_the_evidence_came_out_of_the_lesson_or_the_record(claim):
    recorded = []
    if "record" in claim:
        path = RECORDED / f"{claim['record']}.json"
        assert path.is_file(), f"{claim['id']}: there is no {path.relative_to(ROOT)}"
        recorded = list(numbers(json.loads(path.read_text(encoding="utf-8"))))
    in_outputs = shown(lesson(claim)[0])
    for decimal in claimed_decimals(claim["evidence"]):
        assert occurs(decimal, in_outputs, recorded), f"{claim['id']}: {decimal} came out nowhere"


GOOD = {
    "id": "x-y",
    "source": ["K", "C"],
    "claim": "x",
    "verdict": "conditional",
    "condition": "y",
    "experiment": "x",
    "evidence": "0.5",
    "lesson": "02_recurrent_neuron#x",
    "test": "tests/test_unroll.py::test_x",
    "record": "sweep",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "X y"}, "lowercase words joined by hyphens"),
        ({"id": None}, "'id' must be text, got None"),
        ({"source": "Q"}, "'source' must be one of K, S, A, E, C, course, got 'Q'"),
        ({"source": []}, "'source' must be text"),
        ({"verdict": "true"}, "'verdict' must be one of holds, conditional, false"),
        ({"verdict": True}, "'verdict' must be text, got True: put quotes around it"),
        ({"verdict": "holds"}, "'condition' belongs to the verdict conditional"),
        ({"lesson": "02_recurrent_neuron.ipynb"}, "'lesson' must look like 02_recurrent_neuron#"),
        ({"test": "test_unroll.py"}, "'test' must look like tests/"),
        ({"record": "../x.json"}, "'record' must look like"),
        ({"note": "x"}, "unknown key 'note'"),
    ],
    ids=str,
)
def test_a_wrong_claim_is_refused_by_name(change, message):
    ledger.check(GOOD)
    with pytest.raises(ledger.ClaimsError, match=re.escape(message)):
        ledger.check({**GOOD, **change})


@pytest.mark.parametrize("key", ledger.REQUIRED)
def test_a_claim_without_a_needed_key_is_refused(key):
    claim = {k: v for k, v in GOOD.items() if k != key}
    with pytest.raises(ledger.ClaimsError, match=f"the key '{key}' is missing"):
        ledger.check(claim)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "must be a list"),
        ("a: b: c", "is not YAML"),
        ("- x", "expected a mapping"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path, text, message):
    path = tmp_path / "claims.yml"
    path.write_text(text)
    with pytest.raises(ledger.ClaimsError, match=message):
        ledger.load(path)


def test_an_id_that_occurs_twice_is_refused():
    with pytest.raises(ledger.ClaimsError, match="this id occurs twice"):
        ledger.check(GOOD, seen={"x-y"})


def test_the_verdict_false_needs_no_quotes(tmp_path):
    path = tmp_path / "claims.yml"
    path.write_text(json.dumps([{**{k: GOOD[k] for k in ledger.REQUIRED}, "verdict": False}]))
    assert ledger.load(path)[0]["verdict"] == "false"


def test_a_number_that_came_out_nowhere_is_found():
    assert occurs("0.46", {"0.4621"})
    assert occurs("0.46", set(), [0.4621])
    assert occurs("1.2e-7", set(), [1.23e-7])
    assert not occurs("0.47", {"0.4621"}, [0.4621])
    assert not occurs("0.4", {"10.4"})
