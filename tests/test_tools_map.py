import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.map import main, page


@pytest.fixture
def root(tmp_path):
    """Two lessons and three modules, one of which no lesson uses."""
    for name in ("__init__", "cells", "idle", "exercises/__init__", "exercises/lesson_02"):
        file = tmp_path / f"rnncourse/{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    imports = {
        "02_neuron": (
            "# Build a neuron",
            "from rnncourse import cells\nfrom rnncourse.exercises import lesson_02",
        ),
        "03_time": ("# 03 Unroll", "from rnncourse.cells import LSTMCell"),
    }
    for name in ("notebooks", "book/api"):
        (tmp_path / name).mkdir(parents=True)
    for room in ("cells", "exercises"):
        (tmp_path / f"book/api/{room}.md").write_text("")
    for name, (heading, source) in imports.items():
        nb = new_notebook(cells=[new_markdown_cell(heading), new_code_cell(source)])
        nbformat.write(nb, tmp_path / f"notebooks/{name}.ipynb")
    return tmp_path


NEURON = "[02 Build a neuron](../notebooks/02_neuron.ipynb)"
TIME = "[03 Unroll](../notebooks/03_time.ipynb)"
CELLS = "[`cells`](api/cells.md)"
EXERCISES = "[`exercises.lesson_02`](api/exercises.md)"


def test_a_lesson_leads_to_the_modules_it_imports(root):
    assert f"| {NEURON} | {CELLS}, {EXERCISES} |\n| {TIME} | {CELLS} |\n" in page(root)


def test_a_module_leads_to_the_lessons_that_import_it(root):
    assert f"| {CELLS} | {NEURON}, {TIME} |\n| {EXERCISES} | {NEURON} |\n" in page(root)


def test_a_module_that_no_lesson_uses_is_listed(root):
    assert "| `idle` | through other modules |\n" in page(root)


def test_a_missing_map_is_stale_and_a_written_one_is_not(root, capsys):
    assert main(["--check"], root) == 1
    assert "book/map.md is stale" in capsys.readouterr().out
    assert main([], root) == 0
    assert main(["--check"], root) == 0


def test_a_new_import_makes_the_map_stale(root):
    main([], root)
    path = root / "notebooks/03_time.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.cells[1].source += "\nfrom rnncourse import idle"
    nbformat.write(nb, path)
    assert main(["--check"], root) == 1
