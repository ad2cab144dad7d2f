"""One way to write a notebook down, so that an unchanged lesson gives an empty diff.

Cast: a notebook file goes in as text; `load` makes a notebook of it, `normalise`
removes from it whatever differs between machines and runs, `text_of` writes it.
"""

import copy
import hashlib
import json
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CELL_METADATA = ("cellView", "jupyter", "mystnb", "tags")
FOLDED = {"source_hidden": True, "outputs_hidden": True}
COLOUR_CODE = re.compile(r"\x1b\[[0-9;]*m")
MACHINE_PATH = re.compile(r"(?:~|/)[^\s:\"']*/(?=(?:site-packages|rnncourse|python3\.\d+)/)")


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def load(path: Path) -> NotebookNode:
    """Read a notebook; a cell without an id gets one made from its place and text."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw.update(nbformat=4, nbformat_minor=5)
    for i, cell in enumerate(raw["cells"]):
        text = f"{i} {''.join(cell['source'])}"
        cell.setdefault("id", hashlib.sha256(text.encode()).hexdigest()[:8])
    nb = nbformat.reads(json.dumps(raw), as_version=4)
    nbformat.validate(nb)
    return nb


def text_of(nb: NotebookNode) -> str:
    """The file's text: sorted keys, one space of indent, a newline at the end."""
    return nbformat.writes(nb) + "\n"


def normalise(nb: NotebookNode) -> NotebookNode:
    """A copy without anything that depends on the machine, the day or the editor."""
    nb = copy.deepcopy(nb)
    kept = {"rnncourse": nb.metadata.rnncourse} if "rnncourse" in nb.metadata else {}
    nb.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}, **kept}
    )
    count = 0
    for cell in nb.cells:
        cell.metadata = _cell_metadata(cell)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = _outputs(cell)
    return nb


def _cell_metadata(cell: NotebookNode) -> NotebookNode:
    kept = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
    if "tags" in kept:
        kept["tags"] = sorted(set(kept["tags"]))
    if "jupyter" in kept:
        kept["jupyter"] = {key: True for key, value in kept["jupyter"].items() if value is True}
    if "solution" in tags(cell):
        kept |= {"tags": sorted({*tags(cell), "hide-cell"}), "jupyter": FOLDED, "cellView": "form"}
    elif "hide-input" in tags(cell):
        kept |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return nbformat.from_dict({key: value for key, value in kept.items() if value})


def _outputs(cell: NotebookNode) -> list[NotebookNode]:
    outputs = []
    for output in cell.outputs:
        previous = outputs[-1] if outputs else None
        if output.output_type == "stream":
            if output.name == "stderr":
                continue
            if previous and previous.output_type == "stream":
                previous.text += output.text
                continue
        elif output.output_type == "execute_result":
            output.execution_count = cell.execution_count
        elif output.output_type == "error":
            lines = [COLOUR_CODE.sub("", line) for line in output.traceback]
            output.traceback = [MACHINE_PATH.sub("", line) for line in lines]
        outputs.append(output)
    return outputs
