import copy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.checks import check, check_file, unlisted_pages
from tools.imports import code_hash
from tools.normal_form import normalise, text_of

PICTURE = (
    '<picture><source srcset="data:image/svg+xml;base64,AAAA">'
    '<img src="data:," alt="a loop"></picture>'
)


def code(source, *tags, text=None, outputs=()):
    """A code cell, with a result to show if there is `text`."""
    result = [new_output("execute_result", data={"text/plain": text})] if text else []
    return new_code_cell(source, metadata={"tags": list(tags)}, outputs=[*result, *outputs])


def recorded(nb):
    """The notebook as a run would leave it: counted, hashed, normalised."""
    for count, cell in enumerate((cell for cell in nb.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
    nb.metadata["rnncourse"] = {"code_hash": code_hash(nb)}
    return normalise(nb)


def lesson(*more):
    """A small lesson that keeps all promises, with these cells added."""
    cells = [
        new_markdown_cell(
            "# 00 Count to three\n\nA third is 0.33, see [state](../book/glossary.md#state)."
        ),
        code(
            'import sys\n\nif "google.colab" in sys.modules:\n    print("on Colab")', "remove-cell"
        ),
        code("import math", "imports"),
        code("round(1 / 3, 2)", "nbval-check-output", text="0.33"),
        *more,
        new_markdown_cell("## Exercises"),
    ]
    for i in range(4):
        cells += [
            new_markdown_cell(
                f"**Exercise {i}**\n\n<details><summary>Hint</summary>Add.</details>"
            ),
            code(f"answer = {i}", "exercise"),
        ]
    cells += [
        new_markdown_cell("## Solutions"),
        *(code(f"answer = {i} + 1", "solution") for i in range(4)),
    ]
    cells.append(new_markdown_cell("## Where this came from"))
    for i, cell in enumerate(cells):
        cell.id = f"cell-{i}"
    return recorded(new_notebook(cells=cells))


def test_a_lesson_that_keeps_all_promises_gets_no_complaint():
    assert check(lesson()) == []


def only_complaint(nb):
    complaints = check(nb)
    assert len(complaints) == 1, complaints
    return complaints[0]


LONG = "\n".join(f"a{i} = {i}" for i in range(26))
WARNED = new_output("stream", name="stderr", text="UserWarning: no")
FAILED = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
OBJECT = new_output("stream", text="<object at 0x7f3a5c0d1e20>")


def shown(data, **metadata):
    """A code cell whose output holds these formats."""
    return new_code_cell(
        "draw()", metadata=metadata, outputs=[new_output("display_data", data=data)]
    )


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (code("1 + 1", "nbval-check-output"), "cell 5: tagged nbval-check-output without outputs"),
        (code("f()", outputs=[FAILED]), "cell 5: stored error without the tag raises-exception"),
        (code("f()", outputs=[OBJECT]), "cell 5: memory address 0x7f3a5c0d1e20"),
        (code(LONG), "cell 5: 26 lines, more than 25"),
        (code("plot(1);"), "cell 5: last line ends in ';'"),
        (code("plot(1);  # drawn"), "cell 5: last line ends in ';'"),
        (code("# NBVAL_IGNORE_OUTPUT\n1"), "cell 5: comment marker NBVAL_"),
        (code("%matplotlib inline"), "cell 5: magic or shell line"),
        (code("%%time\nf()"), "cell 5: magic or shell line"),
        (code("!pip install keras"), "cell 5: magic or shell line"),
        (code("f("), "cell 5: not Python"),
        (code("a = 1\nprint('loss', a)"), "cell 5: ends in a labelled print"),
        (code("a = 1\nprint(f'loss: {a}')"), "cell 5: ends in a labelled print"),
        (code("import json"), "cell 5: imports outside"),
        (code("def f():\n    from json import loads"), "cell 5: imports outside"),
        (code("import json", "imports"), "2 cells tagged imports, expected one"),
        (code('"google.colab" in sys.modules', "remove-cell"), "2 set-up cells for Colab"),
        (code("answer = 5", "exercise"), "4 cells tagged solution for 5 tagged exercise"),
        (code("answer = 5", "solution"), "5 cells tagged solution for 4 tagged exercise"),
        (shown({"text/html": PICTURE.replace("a loop", "")}), "cell 5: a picture without alt text"),
        (
            shown({"text/html": PICTURE.replace(' alt="a loop"', "")}),
            "cell 5: a picture without alt text",
        ),
        (
            shown({"text/html": PICTURE.replace("a loop", "loop.png")}),
            "cell 5: alt text is a file name: 'loop.png'",
        ),
        (shown({"text/html": "<picture></picture>"}), "cell 5: a picture without alt text"),
        (shown({"image/png": "AAAA"}), "cell 5: a picture without alt text"),
    ],
)
def test_a_defect_in_a_code_cell_is_reported(cell, message):
    complaints = check(lesson(cell))
    assert any(message in complaint for complaint in complaints), complaints


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A quarter is 0.25.", "cell 5: 0.25 stands in the text but in no output"),
        ("A third is −0.33.", "cell 5: -0.33 stands in the text"),
        ("A third is 0.330.", "cell 5: 0.330 stands in the text"),
        ("<details>Try 0.7.</details>", "cell 5: 0.7 stands in the text"),
        ("```{note}\nread\n```", "cell 5: a directive"),
        (":::\nread\n:::", "cell 5: a colon fence"),
        (":::{note}\nread\n:::", "cell 5: a colon fence"),
        ("as {cite}`hochreiter` say", "cell 5: a role"),
        ("(memory)=\n# Memory", "cell 5: a target"),
        ("one\n\n+++\n\ntwo", "cell 5: a block break or comment"),
        ("% hidden", "cell 5: a block break or comment"),
        ("$$h = 1$$ (state)", "cell 5: an equation label"),
        ("[state](a.md){.big}", "cell 5: attributes in braces"),
        ("version {{ version }}", "cell 5: a substitution"),
        ("see [](a.md)", "cell 5: a link without text"),
        ("memory[^1]", "cell 5: a footnote"),
        ("> [!NOTE]\n> read", "cell 5: a callout"),
        ("$$a = 1 \\\\\n b = 2 \\tag{1.2}$$", "cell 5: \\tag in an equation of several lines"),
        ("![](figure.svg)", "cell 5: a picture without alt text"),
        ("![figure.PNG](figure.png)", "cell 5: alt text is a file name: 'figure.PNG'"),
        ('<img src="figure.svg">', "cell 5: a picture without alt text"),
    ],
)
def test_a_defect_in_the_text_is_the_one_complaint(text, message):
    assert message in only_complaint(lesson(new_markdown_cell(text)))


@pytest.mark.parametrize(
    "text",
    [
        "$$h_t = \\tanh(x_t W) \\tag{1.2}$$\n\nIn (1.2) the state appears.",
        "$W_{xh}{}_{t}$ and `f(x){y}` and `{{x}}` and `{cite}`",
        "```python\nx = {{1}}\n% not a comment\n```",
        "![a loop with one arrow](figure.svg)",
        "A third is 0.33, or `0.33`, or $0.33$.",
        "[Elman 1990](https://doi.org/10.1207/s15516709cog1402_1)",
    ],
    ids=["equation", "braces", "code", "picture", "number", "link"],
)
def test_plain_markdown_gets_no_complaint(text):
    assert check(lesson(new_markdown_cell(text))) == []


@pytest.mark.parametrize(
    "cell",
    [
        code("for i in range(2):\n    print('loss', i)"),
        code("print(table)"),
        code("1 / 0", "raises-exception", outputs=[FAILED]),
        shown({"text/html": PICTURE, "text/plain": "a loop"}),
        shown({"image/png": "AAAA"}, mystnb={"image": {"alt": "a loop"}}),
    ],
    ids=["loop", "table", "wanted-error", "picture", "png-with-alt"],
)
def test_a_cell_in_order_gets_no_complaint(cell):
    assert check(lesson(cell)) == []


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", text="loss 0.25\n"),
        new_output("display_data", data={"text/html": "<td>0.25</td>"}),
        new_output("display_data", data={"text/markdown": "**0.25**"}),
        new_output("display_data", data={"text/plain": "array([0.25, 0.5 ])"}),
    ],
    ids=["stream", "html", "markdown", "plain"],
)
def test_a_decimal_in_any_text_output_covers_the_prose(output):
    told = new_markdown_cell("A quarter is 0.25.")
    assert check(lesson(told, code("f()", outputs=[output]))) == []


def test_a_decimal_in_image_data_covers_nothing():
    html = PICTURE.replace("AAAA", "AAAA0.25")
    assert "0.25 stands in the text" in only_complaint(
        lesson(new_markdown_cell("0.25"), shown({"text/html": html}))
    )


def test_a_measured_output_covers_no_prose():
    told = new_markdown_cell("It took 0.25 s.")
    assert "0.25 stands in the text" in only_complaint(
        lesson(told, code("clock()", "measured", text="0.25"))
    )


def seeded(change):
    """The good lesson after one change."""
    nb = copy.deepcopy(lesson())
    change(nb)
    return nb


def drop_heading(word):
    def change(nb):
        for cell in nb.cells:
            if cell.source.startswith("## ") and word in cell.source:
                cell.source = "## Next"

    return change


def drop_tag(index, tag):
    return lambda nb: nb.cells[index].metadata.tags.remove(tag)


def hide_hint(nb):
    cell = next(cell for cell in nb.cells if "<details>" in cell.source)
    cell.source = "No hint"


def three_exercises(nb):
    for tag in ("exercise", "solution"):
        next(
            cell for cell in nb.cells if tag in cell.metadata.get("tags", [])
        ).metadata.tags.remove(tag)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda nb: nb.cells[2].update(execution_count=None), "cell 3: no execution count"),
        (lambda nb: nb.cells[2].update(execution_count=9), "not 1 to 11"),
        (lambda nb: nb.cells[2].update(source="import json"), "stale code hash"),
        (lambda nb: nb.metadata.pop("rnncourse"), "stale code hash"),
        (lambda nb: nb.cells[3].outputs.append(WARNED), "cell 4: stored stderr"),
        (lambda nb: nb.cells[0].update(source="# 00\n" + "word " * 90_000), "KB, more than 400 KB"),
        (drop_heading("Exercises"), "no heading with the word Exercises"),
        (drop_heading("came from"), "no heading 'Where this came from'"),
        (drop_tag(1, "remove-cell"), "lacks the tag remove-cell"),
        (hide_hint, "3 hints in <details> for 4 exercises"),
        (three_exercises, "3 cells tagged exercise, expected at least 4"),
    ],
)
def test_a_broken_promise_is_the_one_complaint(change, message):
    assert message in only_complaint(seeded(change))


def test_a_lesson_without_imports_and_colab_cells_is_reported():
    complaints = check(seeded(lambda nb: nb.cells.__delitem__(slice(1, 3))))
    assert any("0 cells tagged imports" in complaint for complaint in complaints)
    assert any("0 set-up cells for Colab" in complaint for complaint in complaints)


def test_an_exercise_that_may_raise_is_reported():
    nb = seeded(
        lambda nb: next(
            c for c in nb.cells if "exercise" in c.metadata.get("tags", [])
        ).metadata.tags.append("raises-exception")
    )
    assert "both must run" in only_complaint(nb)


def test_a_file_in_normal_form_gets_no_complaint(tmp_path):
    path = tmp_path / "00_count.ipynb"
    path.write_text(text_of(lesson()))
    assert check_file(path) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb.metadata.update(colab={}),
        lambda nb: nb.cells[3].metadata.update(collapsed=True),
        lambda nb: nb.cells[-2].metadata.pop("cellView"),
    ],
    ids=["notebook-metadata", "cell-metadata", "unfolded-solution"],
)
def test_a_file_that_is_not_normalised_is_reported(tmp_path, change):
    path = tmp_path / "00_count.ipynb"
    path.write_text(text_of(seeded(change)))
    assert check_file(path) == ["00_count.ipynb: not normalised: make notebooks"]


def test_keys_in_another_order_are_reported(tmp_path):
    path = tmp_path / "00_count.ipynb"
    path.write_text(text_of(lesson()).replace("\n ", "\n  "))
    assert check_file(path) == ["00_count.ipynb: not normalised: make notebooks"]


def test_pages_that_the_table_of_contents_forgets_are_reported(tmp_path):
    for name in (
        "notebooks/00_a.ipynb",
        "notebooks/01_b.ipynb",
        "book/index.md",
        "book/lost.md",
        "book/_static/a.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    toc = "root: book/index\nparts:\n- chapters:\n  - file: notebooks/00_a\n    sections: []\n"
    (tmp_path / "book/_toc.yml").write_text(toc)
    assert unlisted_pages(tmp_path) == [
        "book/lost: not in book/_toc.yml",
        "notebooks/01_b: not in book/_toc.yml",
    ]
