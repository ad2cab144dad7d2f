"""What a lesson promises, as checks that read the notebook and execute nothing.

Cast: a notebook goes in, messages come out, one line each; no message, no
complaint. Every check in `CHECKS` is a pure function of the notebook, so a
mistake can be seeded in a small one and seen to be caught.
"""

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import yaml
from nbformat import NotebookNode

from tools.decimals import claimed_decimals, shown_decimals, without_markup
from tools.imports import ROOT, code_cells, code_hash, tree
from tools.normal_form import load, normalise, tags, text_of

MOST_LINES = 25
MOST_KILOBYTES = 400
FEWEST_EXERCISES = 4
COLAB_GUARD = '"google.colab" in sys.modules'
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
NOT_PORTABLE = {
    "a directive": re.compile(r"^\s*(?:`{3,}|~{3,})\s*\{[^}]+\}", re.M),
    "a colon fence": re.compile(r"^\s*:{3,}", re.M),
    "a role": re.compile(r"\{[A-Za-z][\w:+.-]*\}`"),
    "a target": re.compile(r"^\([\w:. -]+\)=\s*$", re.M),
    "a block break or comment": re.compile(r"^(?:\+{3}|%)(?:\s.*)?$", re.M),
    "an equation label": re.compile(r"\$\$[ \t]*\([\w:.-]+\)"),
    "attributes in braces": re.compile(r"(?:[\])]|(?<!`)``)\{[#.:]?[\w-][^}]*\}"),
    "a substitution": re.compile(r"\{\{[^}]*\}\}"),
    "a link without text": re.compile(r"(?<!!)\[\]\("),
    "a footnote": re.compile(r"\[\^[^\]]+\]"),
    "a callout": re.compile(r"^\s*> \[!\w+\]", re.M),
}


def numbered(nb: NotebookNode, kind: str) -> Iterator[tuple[str, NotebookNode]]:
    """The cells of one kind with the place that a message names."""
    for i, cell in enumerate(nb.cells, 1):
        if cell.cell_type == kind:
            yield f"cell {i}", cell


def visible_text(cell: NotebookNode) -> str:
    """All text that a code cell's outputs show."""
    parts = []
    for output in cell.outputs:
        data = output.get("data", {})
        parts += [output.get("text", ""), *output.get("traceback", [])]
        parts += [data.get("text/plain", ""), without_markup(data.get("text/html", ""))]
        parts += [without_markup(data.get("text/markdown", "")), data.get("text/latex", "")]
    return "\n".join(parts)


def without_maths(markdown: str) -> str:
    """Markdown less what its formulas and plain code hold, where braces mean something else."""
    markdown = re.sub(r"^(```|~~~)(?!\s*\{).*?^\1\s*$", "", markdown, flags=re.M | re.S)
    markdown = re.sub(r"(?<!`)`(?!`)[^`\n]+`(?!`)", "``", markdown)
    return re.sub(r"\$\$.*?\$\$(?!\s*\()|(?<![$\\])\$(?!\$)[^$\n]+\$", "", markdown, flags=re.S)


def freshness(nb: NotebookNode, root: Path = ROOT) -> Iterator[str]:
    """The outputs belong to the code that stands there now."""
    if nb.metadata.get("rnncourse", {}).get("code_hash") != code_hash(nb, root):
        yield "stale code hash: this code or the package's changed since the run: make notebooks"


def execution_counts(nb: NotebookNode) -> Iterator[str]:
    """Every code cell ran, from top to bottom."""
    counts = [cell.execution_count for cell in code_cells(nb)]
    for place, cell in numbered(nb, "code"):
        if cell.execution_count is None:
            yield f"{place}: no execution count, so its output is not from a run"
    if None not in counts and counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}, not 1 to {len(counts)}: run it from top to bottom"


def compared_outputs(nb: NotebookNode) -> Iterator[str]:
    """A cell marked for comparison has something to compare."""
    for place, cell in numbered(nb, "code"):
        if "nbval-check-output" in tags(cell) and not cell.outputs:
            yield f"{place}: tagged nbval-check-output without outputs, so nothing is compared"


def clean_outputs(nb: NotebookNode) -> Iterator[str]:
    """No warnings, no unexpected errors, no memory addresses."""
    for place, cell in numbered(nb, "code"):
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield f"{place}: stored stderr"
        if any(
            output.output_type == "error" for output in cell.outputs
        ) and "raises-exception" not in tags(cell):
            yield f"{place}: stored error without the tag raises-exception"
        if address := ADDRESS.search(visible_text(cell)):
            yield f"{place}: memory address {address[0]} in an output"


def short_cells(nb: NotebookNode) -> Iterator[str]:
    """A cell fits the eye."""
    for place, cell in numbered(nb, "code"):
        lines = len(cell.source.splitlines())
        if lines > MOST_LINES:
            yield f"{place}: {lines} lines, more than {MOST_LINES}: move code into the package"


def small_file(nb: NotebookNode) -> Iterator[str]:
    """A notebook can be read over a slow line."""
    kilobytes = len(text_of(nb).encode()) / 1024
    if kilobytes > MOST_KILOBYTES:
        yield f"{kilobytes:.0f} KB, more than {MOST_KILOBYTES} KB: make the figures smaller"


def plain_code(nb: NotebookNode) -> Iterator[str]:
    """Code cells are Python that runs alike everywhere."""
    for place, cell in numbered(nb, "code"):
        lines = cell.source.rstrip().splitlines() or [""]
        if lines[-1].split("#")[0].rstrip().endswith(";"):
            yield f"{place}: last line ends in ';', which nbval ignores: assign to _"
        if re.search(r"#\s*(?:NBVAL_|PYTEST_VALIDATE_)", cell.source):
            yield f"{place}: comment marker NBVAL_…: use the cell tag"
        if tree(cell.source) is None:
            magic = any(re.match(r"\s*[%!?]|.*\?$", line) for line in lines)
            yield f"{place}: " + ("magic or shell line: write Python" if magic else "not Python")


def answers_itself(nb: NotebookNode) -> Iterator[str]:
    """The last expression is the output, not a labelled print."""
    for place, cell in numbered(nb, "code"):
        match tree(cell.source):
            case ast.Module(
                body=[*_, ast.Expr(ast.Call(func=ast.Name("print"), args=[first, *rest]))]
            ):
                labelled = isinstance(first, ast.Constant) and isinstance(first.value, str) and rest
                if labelled or isinstance(first, ast.JoinedStr):
                    yield f"{place}: ends in a labelled print: show the last expression"


def imports(nb: NotebookNode) -> Iterator[str]:
    """One set-up cell for Colab, one cell of imports, no other."""
    colab = [cell for cell in code_cells(nb) if COLAB_GUARD in cell.source]
    if len(colab) != 1:
        yield f"{len(colab)} set-up cells for Colab (guarded by `{COLAB_GUARD}`), expected one"
    if any("remove-cell" not in tags(cell) for cell in colab):
        yield "the set-up cell for Colab lacks the tag remove-cell"
    tagged = [cell for cell in code_cells(nb) if "imports" in tags(cell)]
    if len(tagged) != 1:
        yield f"{len(tagged)} cells tagged imports, expected one"
    for place, cell in numbered(nb, "code"):
        if cell in colab or cell in tagged or (module := tree(cell.source)) is None:
            continue
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(module)):
            yield f"{place}: imports outside the cell tagged imports"


def sections(nb: NotebookNode) -> Iterator[str]:
    """The parts that every lesson has."""
    prose = "\n\n".join(cell.source for _, cell in numbered(nb, "markdown"))
    if not re.search(r"^#+ .*\bexercises?\b", prose, re.M | re.I):
        yield "no heading with the word Exercises"
    if not re.search(r"^#+ Where this came from\s*$", prose, re.M):
        yield "no heading 'Where this came from'"
    tries = [cell for cell in code_cells(nb) if "exercise" in tags(cell)]
    solutions = [cell for cell in code_cells(nb) if "solution" in tags(cell)]
    hints = len(re.findall(r"<details\b", prose))
    if len(tries) < FEWEST_EXERCISES:
        yield f"{len(tries)} cells tagged exercise, expected at least {FEWEST_EXERCISES}"
    if len(solutions) != len(tries):
        yield f"{len(solutions)} cells tagged solution for {len(tries)} tagged exercise"
    if hints < len(tries):
        yield f"{hints} hints in <details> for {len(tries)} exercises"
    if any("raises-exception" in tags(cell) for cell in tries + solutions):
        yield "an exercise or solution is tagged raises-exception: both must run"


def numbers_in_prose(nb: NotebookNode) -> Iterator[str]:
    """Every decimal in the text stands in an output, and in one that is the same in every run."""
    stable = [cell for cell in code_cells(nb) if "measured" not in tags(cell)]
    shown = shown_decimals("\n".join(visible_text(cell) for cell in stable))
    equations = {
        number
        for _, cell in numbered(nb, "markdown")
        for number in re.findall(r"\\tag\{([\d.]+)\}", cell.source)
    }
    for place, cell in numbered(nb, "markdown"):
        source = cell.source
        for number in equations:
            source = source.replace(f"({number})", "")
        for number in sorted(claimed_decimals(source) - shown):
            yield f"{place}: {number} stands in the text but in no output (measured aside)"


def portable_markdown(nb: NotebookNode) -> Iterator[str]:
    """Text reads right in the book, JupyterLab, GitHub and Colab."""
    for place, cell in numbered(nb, "markdown"):
        text = without_maths(cell.source)
        for what, pattern in NOT_PORTABLE.items():
            if found := pattern.search(text):
                yield f"{place}: {what}, which not every reader sees right: {found[0].strip()!r}"
        for formula in re.findall(r"\$\$(.*?)\$\$", cell.source, re.S):
            if r"\tag" in formula and r"\\" in formula:
                yield f"{place}: \\tag in an equation of several lines breaks the book"


class _Alts(HTMLParser):
    """Collects the alt text of every image in some HTML, `None` where there is none."""

    def __init__(self, text: str):
        super().__init__()
        self.alts, self.pictures = [], 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt"))
        self.pictures += tag == "picture"


def alt_texts(nb: NotebookNode) -> Iterator[str]:
    """Every picture says in words what one sees."""
    for i, cell in enumerate(nb.cells, 1):
        found = _Alts(cell.source if cell.cell_type == "markdown" else "")
        alts, pictures = found.alts, found.pictures
        if cell.cell_type == "markdown":
            alts += re.findall(r"!\[([^\]]*)\]\(", cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = _Alts(data.get("text/html", ""))
            alts, pictures = alts + html.alts, pictures + html.pictures
            if any(kind in data for kind in PICTURES):
                alts.append(cell.metadata.get("mystnb", {}).get("image", {}).get("alt"))
        if pictures > len(alts) or any(not (alt or "").strip() for alt in alts):
            yield f"cell {i}: a picture without alt text"
        for alt in alts:
            if (alt or "").rstrip().lower().endswith(".png"):
                yield f"cell {i}: alt text is a file name: {alt!r}"


CHECKS: tuple[Callable[[NotebookNode], Iterator[str]], ...] = (
    execution_counts,
    compared_outputs,
    clean_outputs,
    short_cells,
    small_file,
    plain_code,
    answers_itself,
    imports,
    sections,
    numbers_in_prose,
    portable_markdown,
    alt_texts,
)


def check(nb: NotebookNode, root: Path = ROOT) -> list[str]:
    """All complaints about one notebook."""
    return [message for one in CHECKS for message in one(nb)] + list(freshness(nb, root))


def check_file(path: Path, root: Path = ROOT) -> list[str]:
    """All complaints about one file, how it is written included."""
    nb = load(path)
    complaints = check(nb, root)
    if path.read_text(encoding="utf-8") != text_of(normalise(nb)):
        complaints.append("not normalised: make notebooks")
    return [f"{path.name}: {complaint}" for complaint in complaints]


def unlisted_pages(root: Path = ROOT) -> list[str]:
    """Lessons and pages that the table of contents forgets: Sphinx does not report them."""
    toc = root / "book/_toc.yml"
    listed = (
        set(_files(yaml.safe_load(toc.read_text(encoding="utf-8")))) if toc.is_file() else set()
    )
    pages = [*root.glob("notebooks/*.ipynb"), *root.glob("book/**/*.md")]
    names = [page.relative_to(root).with_suffix("").as_posix() for page in sorted(pages)]
    return [
        f"{name}: not in book/_toc.yml" for name in names if name not in listed and "/_" not in name
    ]


def _files(entry: object) -> Iterator[str]:
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key in ("root", "file"):
                yield re.sub(r"\.(md|ipynb)$", "", value)
            else:
                yield from _files(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from _files(value)
