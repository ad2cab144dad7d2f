"""Run the lessons, and say what is wrong with them.

`python -m tools.notebooks run [NN ...]` executes every lesson (or those with
these numbers) in place, in a clean kernel, and normalises the file.
`python -m tools.notebooks check` reads the lessons in seconds and executes
nothing; it prints one line for each complaint and ends with status 1 if there
is any.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from rnncourse.reproduce import records
from tools.checks import check_file, unlisted_pages
from tools.imports import ROOT, code_cells, code_hash
from tools.normal_form import load, normalise, tags, text_of

SECONDS_PER_CELL = 600
RUNS = "book/runs.json"


class LessonError(RuntimeError):
    """A lesson did not run as a lesson must; the message says where."""


def lessons(root: Path = ROOT) -> list[Path]:
    """All lessons, in order."""
    return sorted((root / "notebooks").glob("*.ipynb"))


def kernel_environment(scratch: Path, root: Path = ROOT) -> dict[str, str]:
    """The variables a lesson's kernel sees: those of the tests, and nothing personal."""
    environment = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"} | dict(os.environ)
    if environment.get("RNNCOURSE_DEVICE") != "gpu":
        environment["CUDA_VISIBLE_DEVICES"] = "-1"
    # A backend chosen outside would keep figures from becoming outputs.
    environment.pop("MPLBACKEND", None)
    # As under nbval, the kernel then leaves alone what TensorFlow's C++ code writes to stderr:
    # those lines hold times and process numbers.
    environment["PYTEST_CURRENT_TEST"] = "recording"
    # The package whose hash is stored is the one that runs, whatever else is installed.
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(root), os.environ.get("PYTHONPATH")])
    )
    environment["IPYTHONDIR"] = str(scratch / "ipython")
    return environment


def execute(nb: NotebookNode, root: Path = ROOT) -> NotebookNode:
    """A copy with the outputs of a run from top to bottom in a clean kernel, normalised.

    Raises:
        LessonError: A cell raised without the tag `raises-exception`, or wrote to
            stderr (Python's warnings do) without the tag `allow-stderr`.
    """
    fresh = normalise(nb)
    for cell in code_cells(fresh):
        cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as scratch:
        client = NotebookClient(fresh, timeout=SECONDS_PER_CELL, kernel_name="python3")
        try:
            client.execute(cwd=scratch, env=kernel_environment(Path(scratch), root))
        except CellExecutionError as error:
            raise LessonError(str(error)) from None
    for cell in code_cells(fresh):
        written = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
        if written and "allow-stderr" not in tags(cell):
            raise LessonError(f"cell [{cell.execution_count}] wrote to stderr:\n{written}")
    fresh.metadata["rnncourse"] = nb.metadata.get("rnncourse", {}) | {
        "code_hash": code_hash(fresh, root)
    }
    return normalise(fresh)


def keep_measured(fresh: NotebookNode, old: NotebookNode) -> None:
    """Give cells tagged `measured` their old outputs back, if no code changed since.

    Equal hashes mean equal code cells in equal order, so they pair up by place.
    """
    if fresh.metadata.rnncourse.code_hash != old.metadata.get("rnncourse", {}).get("code_hash"):
        return
    for new_cell, old_cell in zip(code_cells(fresh), code_cells(old), strict=True):
        if "measured" in tags(new_cell) and old_cell.execution_count is not None:
            new_cell.outputs = old_cell.outputs


def run(path: Path, root: Path = ROOT) -> float:
    """Execute one lesson in place and return the seconds it took; a failed run changes no file."""
    old = load(path)
    start = time.perf_counter()
    fresh = execute(old, root)
    seconds = time.perf_counter() - start
    keep_measured(fresh, old)
    path.write_text(text_of(normalise(fresh)), encoding="utf-8")
    return seconds


def note_run(stem: str, code_hash: str, seconds: float, root: Path = ROOT) -> None:
    """Write time, versions and machine of a run to `book/runs.json` if the code is new."""
    path = root / RUNS
    runs = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if runs.get(stem, {}).get("code_hash") == code_hash:
        return
    runs[stem] = {
        "code_hash": code_hash,
        "hardware": records.hardware(),
        "seconds": round(seconds),
        "versions": records.versions(),
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(runs, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def chosen(numbers: list[str], root: Path = ROOT) -> list[Path]:
    """The lessons with these numbers, all of them if there is none."""
    found = [
        path for path in lessons(root) if not numbers or path.name.partition("_")[0] in numbers
    ]
    missing = set(numbers) - {path.name.partition("_")[0] for path in found}
    if missing:
        names = ", ".join(path.name for path in lessons(root)) or "none"
        raise SystemExit(f"no lesson {', '.join(sorted(missing))}; there are: {names}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.notebooks", description=__doc__.splitlines()[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="execute and normalise").add_argument(
        "number", nargs="*", help="for instance 02"
    )
    commands.add_parser("check", help="read only: complaints, one a line")
    options = parser.parse_args(arguments)
    if options.command == "check":
        complaints = [line for path in lessons() for line in check_file(path)] + unlisted_pages()
        print("\n".join(complaints), end="\n" if complaints else "")
        return int(bool(complaints))
    failed = False
    for path in chosen(options.number):
        try:
            seconds = run(path)
        except LessonError as error:
            failed = True
            print(f"{path.name}: {error}", file=sys.stderr)
        else:
            note_run(path.stem, load(path).metadata.rnncourse.code_hash, seconds)
            print(f"{path.name}: {seconds:.0f} s")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
