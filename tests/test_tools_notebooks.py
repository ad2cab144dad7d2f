import json
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks
from tools.imports import ROOT
from tools.normal_form import load, text_of
from tools.notebooks import (
    LessonError,
    chosen,
    execute,
    kernel_environment,
    main,
    note_run,
    run,
)


def written(folder, *cells, name="00_tiny.ipynb"):
    path = folder / name
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def tagged(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


TINY = (
    new_markdown_cell("# Tiny"),
    tagged("import sys\nimport time", "imports"),
    tagged("[x**2 for x in range(4)]", "nbval-check-output"),
    tagged("time.perf_counter()", "measured"),
    tagged("1 / 0", "raises-exception"),
    tagged("print('a')\nsys.stdout.flush()\nprint('b')"),
    tagged("answer = 4", "solution"),
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A tiny lesson, run once."""
    path = written(tmp_path_factory.mktemp("tiny"), *TINY)
    run(path)
    return path


@pytest.fixture
def copy(tiny, tmp_path):
    """A copy of the tiny lesson to spoil."""
    return shutil.copy(tiny, tmp_path / tiny.name)


def test_running_twice_gives_the_same_bytes(copy):
    before = copy.read_bytes()
    run(copy)
    assert copy.read_bytes() == before


def test_a_run_stores_counts_outputs_and_the_hash(tiny):
    nb = load(tiny)
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6]
    assert cells[1].outputs[0].data == {"text/plain": "[0, 1, 4, 9]"}
    assert cells[3].outputs[0].ename == "ZeroDivisionError"
    assert cells[4].outputs == [new_output("stream", text="a\nb\n")]
    assert cells[5].metadata.cellView == "form"
    assert len(nb.metadata.rnncourse.code_hash) == 64


def test_a_measured_output_is_renewed_when_code_changed(copy):
    old = load(copy)
    changed = load(copy)
    changed.cells[-1].source = "answer = 5"
    copy.write_text(text_of(changed))
    run(copy)
    assert load(copy).cells[3].outputs != old.cells[3].outputs


def test_an_edited_sentence_leaves_measured_outputs_alone(copy):
    old = load(copy)
    told = load(copy)
    told.cells.insert(1, new_markdown_cell("One more sentence."))
    copy.write_text(text_of(told))
    run(copy)
    assert load(copy).cells[4].outputs == old.cells[3].outputs


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "import warnings\nwarnings.warn('mind the gap')",
            r"cell \[1\] wrote to stderr:\n.*mind the gap",
        ),
        ("1 / 0", "ZeroDivisionError"),
    ],
    ids=["warning", "error"],
)
def test_a_lesson_that_warns_or_fails_is_refused_and_left_alone(tmp_path, source, message):
    path = written(tmp_path, tagged(source))
    before = path.read_bytes()
    with pytest.raises(LessonError, match=message):
        run(path)
    assert path.read_bytes() == before


def test_a_cell_may_write_to_stderr_if_its_tag_says_so():
    nb = new_notebook(cells=[tagged("import sys\nprint('50%', file=sys.stderr)", "allow-stderr")])
    assert execute(nb).cells[0].outputs == []


def test_a_lesson_runs_away_from_the_repository_with_the_course_s_package():
    source = (
        "import os, rnncourse\n(os.path.isdir('rnncourse'), os.path.dirname(rnncourse.__path__[0]))"
    )
    nb = execute(new_notebook(cells=[tagged(source)]))
    assert nb.cells[0].outputs[0].data["text/plain"] == f"(False, {str(ROOT)!r})"


def test_a_kernel_hides_the_gpu_unless_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.delenv("RNNCOURSE_DEVICE", raising=False)
    environment = kernel_environment(tmp_path)
    assert environment["CUDA_VISIBLE_DEVICES"] == "-1"
    assert "MPLBACKEND" not in environment
    monkeypatch.setenv("RNNCOURSE_DEVICE", "gpu")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert "CUDA_VISIBLE_DEVICES" not in kernel_environment(tmp_path)


def test_lessons_are_chosen_by_number(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for name in ("02_neuron", "03_time"):
        written(tmp_path / "notebooks", name=f"{name}.ipynb")
    assert [path.stem for path in chosen([], tmp_path)] == ["02_neuron", "03_time"]
    assert [path.stem for path in chosen(["03"], tmp_path)] == ["03_time"]
    with pytest.raises(
        SystemExit, match=r"no lesson 04; there are: 02_neuron\.ipynb, 03_time\.ipynb"
    ):
        chosen(["03", "04"], tmp_path)


def test_check_ends_with_status_one_and_a_line_for_each_complaint(monkeypatch, capsys, tiny):
    monkeypatch.setattr(notebooks, "lessons", lambda: [tiny])
    monkeypatch.setattr(notebooks, "unlisted_pages", lambda: ["book/lost: not in book/_toc.yml"])
    assert main(["check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "00_tiny.ipynb: no heading 'Where this came from'" in lines
    assert lines[-1] == "book/lost: not in book/_toc.yml"


def test_a_run_is_noted_once_for_each_state_of_the_code(tmp_path):
    note_run("02_x", "abc", 12.4, tmp_path)
    note_run("02_x", "abc", 99.0, tmp_path)
    note_run("03_y", "def", 7.0, tmp_path)
    runs = json.loads((tmp_path / "book/runs.json").read_text())
    assert (runs["02_x"]["seconds"], runs["03_y"]["seconds"]) == (12, 7)
    note_run("02_x", "new", 99.0, tmp_path)
    assert json.loads((tmp_path / "book/runs.json").read_text())["02_x"]["seconds"] == 99
