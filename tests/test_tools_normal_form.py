import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.normal_form import load, normalise, text_of


def ran(*outputs, **metadata):
    return new_notebook(
        cells=[new_code_cell("1", execution_count=7, outputs=list(outputs), metadata=metadata)]
    )


def test_normalising_twice_changes_nothing_more():
    nb = ran(new_output("stream", text="a"), tags=["solution"], collapsed=True)
    once = normalise(nb)
    assert text_of(normalise(once)) == text_of(once)


def test_the_original_is_left_alone():
    nb = ran(new_output("stream", name="stderr", text="a"))
    normalise(nb)
    assert nb.cells[0].outputs and nb.cells[0].execution_count == 7


def test_only_a_plain_kernel_and_the_course_s_own_metadata_stay():
    nb = new_notebook(
        metadata={
            "rnncourse": {"code_hash": "x"},
            "colab": {},
            "kernelspec": {"name": "mine", "display_name": "Mine"},
        }
    )
    assert normalise(nb).metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "rnncourse": {"code_hash": "x"},
    }


def test_cell_metadata_of_editors_and_times_go():
    nb = ran(
        execution={"iopub.status.busy": "2026"},
        scrolled=True,
        jupyter={"outputs_hidden": False},
        tags=["b", "a"],
    )
    assert normalise(nb).cells[0].metadata == {"tags": ["a", "b"]}


def test_the_alt_text_of_a_figure_stays():
    nb = ran(mystnb={"image": {"alt": "a rising line"}})
    assert normalise(nb).cells[0].metadata.mystnb.image.alt == "a rising line"


def test_a_solution_is_folded_in_every_reader_s_tool():
    cell = normalise(ran(tags=["solution"])).cells[0]
    assert cell.metadata == {
        "cellView": "form",
        "jupyter": {"outputs_hidden": True, "source_hidden": True},
        "tags": ["hide-cell", "solution"],
    }


def test_counts_run_from_one_in_cell_and_output():
    nb = ran(new_output("execute_result", data={"text/plain": "1"}, execution_count=7))
    cell = normalise(nb).cells[0]
    assert (cell.execution_count, cell.outputs[0].execution_count) == (1, 1)


def test_a_cell_that_never_ran_gets_no_count():
    nb = new_notebook(cells=[new_code_cell("1")])
    assert normalise(nb).cells[0].execution_count is None


def test_chunks_of_a_stream_become_one_and_stderr_goes():
    chunks = [
        new_output("stream", name=name, text=name[3:]) for name in ("stdout", "stderr", "stdout")
    ]
    assert normalise(ran(*chunks)).cells[0].outputs == [new_output("stream", text="outout")]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("\x1b[0;31mValueError\x1b[0m: no", "ValueError: no"),
        ("File /srv/x/rnncourse/rnncourse/shapes.py:45, in f", "File rnncourse/shapes.py:45, in f"),
        ("File ~/env/lib/python3.11/site-packages/keras/a.py:1", "File site-packages/keras/a.py:1"),
        ("File /usr/lib/python3.11/ast.py:1", "File python3.11/ast.py:1"),
        ("Cell In[3], line 1", "Cell In[3], line 1"),
    ],
    ids=["colour", "package", "site-packages", "library", "cell"],
)
def test_a_wanted_error_shows_neither_colours_nor_machine_paths(line, kept):
    nb = ran(new_output("error", ename="E", evalue="no", traceback=[line]))
    assert normalise(nb).cells[0].outputs[0].traceback == [kept]


def test_cell_ids_are_kept_and_missing_ones_are_the_same_each_time(tmp_path):
    nb = new_notebook(cells=[new_code_cell("a", id="mine"), new_code_cell("b")])
    raw = json.loads(nbformat.writes(nb))
    del raw["cells"][1]["id"]
    raw["nbformat_minor"] = 4
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps(raw))
    first, second = load(path), load(path)
    assert first.cells[0].id == "mine"
    assert first.cells[1].id == second.cells[1].id
