"""The claims ledger: `book/claims.yml`, checked and rendered by the directive `{claims}`.

Cast: `load` reads the file and raises `ClaimsError` with the claim's id, what was expected and
what stands there; `Claims` turns each claim into Markdown, so links and formulas are resolved, and
a dead one is a warning, as anywhere in the book. tests/test_claims.py imports this module too.
"""

import ast
import re
from collections import Counter
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

SOURCES = {
    "K": "Hallström, KDnuggets",
    "S": "Simplilearn",
    "A": "Adventures in Machine Learning",
    "E": "Edureka",
    "C": "CloudxLab",
    "course": "this course",
}
VERDICTS = {"holds": "Holds", "conditional": "Holds when …", "false": "Does not hold"}
REQUIRED = ("id", "source", "claim", "verdict", "experiment", "evidence", "lesson", "test")
OPTIONAL = ("condition", "record")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LESSON = re.compile(r"(\d\d_\w+)(?:#([^\s#]+))?")
TEST = re.compile(r"(tests/(?:\w+/)?test_\w+\.py)::(\w+)")
RECORD = re.compile(r"[\w-]+")


class ClaimsError(ValueError):
    """Something in claims.yml is not as its head describes it."""


def check(claim, seen=()):
    """Raise ClaimsError unless `claim` is a mapping with the right keys and values.

    Args:
        claim: One entry of claims.yml; `source` may be a key or a list of keys.
        seen: The ids that stand before it.
    """
    if not isinstance(claim, dict):
        raise ClaimsError(f"claims.yml: expected a mapping with the key id, got {claim!r}")
    name = f"claims.yml, claim {claim.get('id', '(without id)')!r}"
    for key in REQUIRED:
        if key not in claim:
            raise ClaimsError(f"{name}: the key {key!r} is missing; needed: {', '.join(REQUIRED)}")
    for key, value in claim.items():
        if key not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise ClaimsError(f"{name}: unknown key {key!r}; known are {known}")
        if key == "source" and isinstance(value, list) and value:
            continue
        if not isinstance(value, str) or not value.strip():
            raise ClaimsError(f"{name}: {key!r} must be text, got {value!r}: put quotes around it")
    if not ID.fullmatch(claim["id"]):
        raise ClaimsError(f"{name}: 'id' must be lowercase words joined by hyphens")
    if claim["id"] in seen:
        raise ClaimsError(f"{name}: this id occurs twice")
    one_of = [("source", source, SOURCES) for source in sources(claim)]
    for key, value, known in [*one_of, ("verdict", claim["verdict"], VERDICTS)]:
        if value not in known:
            raise ClaimsError(f"{name}: {key!r} must be one of {', '.join(known)}, got {value!r}")
    if (claim["verdict"] == "conditional") != ("condition" in claim):
        raise ClaimsError(f"{name}: 'condition' belongs to the verdict conditional, to no other")
    for key, pattern, example in (
        ("lesson", LESSON, "02_recurrent_neuron#what-is-fed-back"),
        ("test", TEST, "tests/test_unroll.py::test_name"),
        ("record", RECORD, "neuron_timing"),
    ):
        if key in claim and not pattern.fullmatch(claim[key]):
            raise ClaimsError(f"{name}: {key!r} must look like {example}, got {claim[key]!r}")


def load(path):
    """The checked claims of a YAML file, in order.

    Raises:
        ClaimsError: With the claim's id, what was expected and what stands there.
    """
    try:
        claims = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ClaimsError(f"claims.yml is not YAML: {error}") from error
    if not isinstance(claims, list) or not claims:
        raise ClaimsError("claims.yml must be a list of claims")
    seen = set()
    for claim in claims:
        if isinstance(claim, dict) and claim.get("verdict") is False:
            claim["verdict"] = "false"  # as YAML reads it without quotes
        check(claim, seen)
        seen.add(claim["id"])
    return claims


def sources(claim):
    """The keys of those who say it, as a list."""
    return claim["source"] if isinstance(claim["source"], list) else [claim["source"]]


def test_line(root, test):
    """The line of a test such as "tests/test_unroll.py::test_x"; None if there is none."""
    file, name = TEST.fullmatch(test).groups()
    path = Path(root, file)
    if not path.is_file():
        return None
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node.lineno
    return None


class Claims(SphinxDirective):
    """`{claims}`: the ledger, one block a claim, after a line that counts the verdicts."""

    def run(self):
        root = Path(self.env.srcdir)
        path = root / "book" / "claims.yml"
        self.env.note_dependency(str(path))
        try:
            claims = load(path)
        except ClaimsError as error:
            raise self.error(str(error)) from error
        return [self._summary(claims), *(self._claim(root, claim) for claim in claims)]

    def _parse(self, parent, text):
        self.state.nested_parse(StringList(text.splitlines(), "claims.yml"), 0, parent)
        return parent

    def _badge(self, verdict, text):
        return nodes.inline("", text, classes=["verdict", f"verdict-{verdict}"])

    def _summary(self, claims):
        count = Counter(claim["verdict"] for claim in claims)
        line = nodes.paragraph(classes=["claims-summary"])
        for verdict, words in VERDICTS.items():
            if count[verdict]:
                line += [self._badge(verdict, f"{words} {count[verdict]}"), nodes.Text(" ")]
        return line

    def _claim(self, root, claim):
        self.env.note_dependency(str(root / claim["test"].partition("::")[0]))
        line = test_line(root, claim["test"])
        if line is None:
            raise self.error(f"claims.yml, claim {claim['id']!r}: there is no test {claim['test']}")
        repository = self.config.html_theme_options.get("repository_url", "")
        branch = self.config.html_theme_options.get("repository_branch", "main")
        file, test = TEST.fullmatch(claim["test"]).groups()
        stem, anchor = LESSON.fullmatch(claim["lesson"]).groups()
        lesson = f"[](/notebooks/{stem}.ipynb" + (f"#{anchor})" if anchor else ")")
        who = " · ".join(
            SOURCES[s].capitalize()
            if s == "course"
            else f"**{s}** [{SOURCES[s]}](#source-{s.lower()})"
            for s in sources(claim)
        )
        rows = {
            "Tried": claim["experiment"],
            "Found": claim["evidence"],
            "Shown in": lesson,
            "Kept true by": f"[`{test}`]({repository}/blob/{branch}/{file}#L{line})",
        }
        if "condition" in claim:
            rows = {"Condition": claim["condition"], **rows}
        if "record" in claim:
            url = f"{repository}/blob/{branch}/rnncourse/reproduce/recorded/{claim['record']}.json"
            rows["Record"] = f"[`{claim['record']}.json`]({url})"

        block = nodes.container(classes=["claim", f"claim-{claim['verdict']}"], ids=[claim["id"]])
        head = nodes.paragraph(classes=["claim-head"])
        head += self._badge(claim["verdict"], VERDICTS[claim["verdict"]])
        block += head
        block += self._parse(nodes.container(classes=["claim-who"]), who)
        block += self._parse(nodes.container(classes=["claim-text"]), claim["claim"])
        fields = nodes.definition_list(classes=["claim-rows"])
        for term, text in rows.items():
            item = nodes.definition_list_item("", nodes.term("", term))
            item += self._parse(nodes.definition(), text)
            fields += item
        block += fields
        return block


def setup(app):
    app.add_directive("claims", Claims)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
