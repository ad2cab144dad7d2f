"""Every lesson keeps its promises; nbval compares its outputs, and is seen here to compare."""

import copy
import json
import os
import random
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools import map as lesson_map
from tools.checks import check_file, unlisted_pages
from tools.imports import ROOT, code_cells
from tools.normal_form import load, tags, text_of
from tools.notebooks import RUNS, execute, lessons

each_lesson = pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)


@each_lesson
def test_a_lesson_keeps_its_promises(path):
    assert check_file(path) == []


@each_lesson
def test_a_lesson_ran_within_a_minute_as_it_stands(path):
    run = json.loads((ROOT / RUNS).read_text(encoding="utf-8"))[path.stem]
    assert run["code_hash"] == load(path).metadata.rnncourse.code_hash
    assert run["seconds"] <= 60


def test_every_page_is_in_the_table_of_contents():
    assert unlisted_pages() == []


def test_the_map_is_up_to_date():
    assert (ROOT / lesson_map.PAGE).read_text(encoding="utf-8") == lesson_map.page()


def nbval(nb, folder):
    """What nbval says of a notebook, run as a file of its own in a process of its own."""
    (folder / "lesson.ipynb").write_text(text_of(nb), encoding="utf-8")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    environment["PYTHONPATH"] = str(ROOT)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "--nbval-cell-timeout=120",
        "-p",
        "no:cacheprovider",
    ]
    result = subprocess.run(
        [*command, "lesson.ipynb"], cwd=folder, env=environment, capture_output=True, text=True
    )
    return result.stdout + result.stderr


def compared_output(cell):
    """The first output that nbval compares and that shows a digit, with the key of its text."""
    for output in cell.get("outputs", []) if "nbval-check-output" in tags(cell) else []:
        holder, key = (
            (output, "text") if "text" in output else (output.get("data", {}), "text/plain")
        )
        if any(character.isdigit() for character in holder.get(key, "")):
            return holder, key
    return None


def change_last_digit(holder, key):
    text = holder[key]
    place = max(i for i, character in enumerate(text) if character.isdigit())
    holder[key] = f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"


@pytest.fixture(scope="module")
def squares():
    """A tiny lesson, executed."""
    marked = new_code_cell("[x**2 for x in numbers]", metadata={"tags": ["nbval-check-output"]})
    return execute(new_notebook(cells=[new_code_cell("numbers = range(4)"), marked]))


def test_nbval_passes_a_true_output(squares, tmp_path):
    assert "2 passed" in nbval(squares, tmp_path)


def test_nbval_fails_on_a_changed_number(squares, tmp_path):
    changed = copy.deepcopy(squares)
    change_last_digit(*compared_output(changed.cells[1]))
    said = nbval(changed, tmp_path)
    assert "1 failed, 1 passed" in said
    assert "Cell outputs differ" in said


@each_lesson
def test_nbval_compares_a_number_in_a_lesson(path):
    assert any(compared_output(cell) for cell in load(path).cells)


def test_nbval_fails_on_a_changed_number_in_some_lesson(tmp_path):
    nb = load(random.SystemRandom().choice(lessons()))
    compared = [i for i, cell in enumerate(nb.cells) if compared_output(cell)]
    nb.cells = nb.cells[: compared[0] + 1]
    change_last_digit(*compared_output(nb.cells[-1]))
    said = nbval(nb, tmp_path)
    assert f"1 failed, {len(code_cells(nb)) - 1} passed" in said
    assert "Cell outputs differ" in said
