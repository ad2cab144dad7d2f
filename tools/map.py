"""Which lesson uses which module, and back: written from the lessons' imports.

`python -m tools.map` writes book/map.md; with `--check` it only says, by its
exit status, whether the page is up to date.
"""

import argparse
import re
from pathlib import Path

from nbformat import NotebookNode

from tools.imports import ROOT, direct_modules
from tools.normal_form import load
from tools.notebooks import lessons

PAGE = "book/map.md"
INTRODUCTION = """\
# Map: lessons and modules

Where is an idea explained, and where does its code live? The first table goes
from a lesson to the modules of the package `rnncourse` that it imports, the
second from a module to the lessons that use it. A module's name leads to its
entry in the API reference. Both tables are made from the lessons' own imports.
"""


def title(nb: NotebookNode) -> str:
    """The text of a notebook's first heading."""
    prose = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)$", prose, re.M)
    return heading[1].strip() if heading else "untitled"


def modules(root: Path = ROOT) -> list[str]:
    """The dotted names of the package's modules that hold code, in alphabetical order."""
    files = [file for file in (root / "rnncourse").rglob("*.py") if not file.stem.startswith("_")]
    return sorted(".".join(file.relative_to(root).with_suffix("").parts) for file in files)


def module_link(name: str, root: Path = ROOT) -> str:
    """A module's name, linked to its page in the API reference, or its room's, if there is one."""
    name = name.removeprefix("rnncourse.")
    for stem in (name, name.partition(".")[0]):
        if (root / f"book/api/{stem}.md").is_file():
            return f"[`{name}`](api/{stem}.md)"
    return f"`{name}`"


def lesson_link(path: Path, nb: NotebookNode) -> str:
    """A link to a lesson by its number and title."""
    text = title(nb).replace("|", "\\|")
    number = path.name.partition("_")[0]
    text = text if text.startswith(number) else f"{number} {text}"
    return f"[{text}](../notebooks/{path.name})"


def table(header: tuple[str, str], rows: list[tuple[str, list[str]]]) -> str:
    """A Markdown table of one thing and the list that belongs to it."""
    lines = [f"| {header[0]} | {header[1]} |", "|---|---|"]
    lines += [f"| {left} | {', '.join(right) or 'through other modules'} |" for left, right in rows]
    return "\n".join(lines)


def page(root: Path = ROOT) -> str:
    """The whole page."""
    read = [(path, load(path)) for path in lessons(root)]
    uses = [(lesson_link(path, nb), direct_modules(nb, root)) for path, nb in read]
    there = [
        (lesson, [module_link(name, root) for name in sorted(names)]) for lesson, names in uses
    ]
    back = [
        (module_link(name, root), [lesson for lesson, names in uses if name in names])
        for name in modules(root)
    ]
    return "\n".join(
        [
            INTRODUCTION,
            "## From a lesson to its modules\n",
            table(("lesson", "modules"), there) + "\n",
            "## From a module to its lessons\n",
            table(("module", "lessons"), back) + "\n",
        ]
    )


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.map", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--check", action="store_true", help=f"change nothing; status 1 if {PAGE} is stale"
    )
    file, wanted = root / PAGE, page(root)
    if not parser.parse_args(arguments).check:
        file.write_text(wanted, encoding="utf-8")
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{PAGE} is stale: python -m tools.map")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
