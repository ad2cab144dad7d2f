"""What a piece of code imports, read from its text: nothing is executed.

Cast: a notebook or a source goes in; the modules of `rnncourse` that it names,
those that these import in turn, and one hash over all their text come out. The
hash says whether a lesson's stored outputs still belong to its code.
"""

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
RECORDED = "rnncourse/reproduce/recorded"


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    """The code cells, in order."""
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def tree(source: str) -> ast.Module | None:
    """The parsed source, or `None` where it is not Python (a magic, a slip)."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def imported_names(source: str) -> set[str]:
    """The dotted names a source imports, inside functions too.

    >>> sorted(imported_names("import numpy as np\\nfrom rnncourse import cells"))
    ['numpy', 'rnncourse', 'rnncourse.cells']
    """
    names = set()
    for node in ast.walk(tree(source) or ast.Module(body=[])):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"relative import in line {node.lineno}: write the whole name")
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def module_file(name: str, root: Path = ROOT) -> Path | None:
    """The file of a module of `rnncourse`; `None` for everything else.

    The package's own `__init__` is no module here: it holds a docstring and the
    version, and a new version must not make every lesson stale.
    """
    if not name.startswith("rnncourse."):
        return None
    path = root.joinpath(*name.split("."))
    return next(
        (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None
    )


def direct_modules(nb: NotebookNode, root: Path = ROOT) -> set[str]:
    """The modules of `rnncourse` that a notebook's own cells import."""
    names = set().union(*(imported_names(cell.source) for cell in code_cells(nb)))
    modules = {name for name in names if module_file(name, root)}
    return {name for name in modules if not any(other.startswith(name + ".") for other in modules)}


def modules_behind(names: Iterable[str], root: Path = ROOT) -> dict[str, Path]:
    """These modules of `rnncourse`, and all that they import in turn, with their files."""
    found = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        file = module_file(name, root)
        if file is None or name in found:
            continue
        found[name] = file
        waiting += [name.rpartition(".")[0], *imported_names(file.read_text(encoding="utf-8"))]
    return found


def records_named(nb: NotebookNode, root: Path = ROOT) -> dict[str, Path]:
    """The recorded sweeps whose name stands as a string in a code cell."""
    strings = {
        node.value
        for cell in code_cells(nb)
        for node in ast.walk(tree(cell.source) or ast.Module(body=[]))
        if isinstance(node, ast.Constant)
    }
    return {file.stem: file for file in (root / RECORDED).glob("*.json") if file.stem in strings}


def code_hash(nb: NotebookNode, root: Path = ROOT) -> str:
    """One sha256 over the code cells, the modules behind them and the records they name."""
    names = set().union(*(imported_names(cell.source) for cell in code_cells(nb)))
    files = sorted(modules_behind(names, root).items()) + sorted(records_named(nb, root).items())
    parts = [(f"cell {i}", cell.source) for i, cell in enumerate(code_cells(nb))]
    parts += [(name, file.read_text(encoding="utf-8")) for name, file in files]
    digest = hashlib.sha256()
    for name, text in parts:
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()
