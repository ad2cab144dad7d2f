"""The house keeps its order: who imports whom, one test file a module, nothing private."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.imports import ROOT, imported_names, module_file

PACKAGE = ROOT / "rnncourse"

# The rooms from the ground up, as in the contributors' table: a room imports only from
# rooms above it, and of third-party packages only those named beside it.
TENSORFLOW = {"numpy", "keras", "tensorflow"}
ROOMS = {
    "shapes": {"numpy"},
    "evaluation": {"numpy"},
    "ngrams": {"numpy"},
    "tensors": TENSORFLOW,
    "training": TENSORFLOW | {"tqdm"},
    "data.hub": {"pooch"},
    "data.series": {"numpy"},
    "data.gym": {"numpy"},
    "data.recordings": {"numpy"},
    "data.distances": {"numpy"},
    "data.counting": {"numpy"},
    "data.images": {"numpy", "sklearn"},
    "data.spelling": {"numpy"},
    "data.text": {"numpy"},
    "data.contexts": {"numpy"},
    "data.corpora": {"numpy", "gensim"},
    "data.prompts": set(),
    "data.grammars": {"numpy"},
    "data.melodies": {"numpy"},
    "data.tunes": {"numpy"},
    "reference": {"numpy"},
    "bptt": {"numpy"},
    "peepholes": {"numpy"},
    "migration": {"numpy"},
    "cells": {"numpy", "keras"},
    "variants": {"keras"},
    "wrappers": TENSORFLOW,
    "unroll": TENSORFLOW,
    "networks": TENSORFLOW,
    "word_vectors": TENSORFLOW | {"gensim"},
    "translation": TENSORFLOW,
    "generation": TENSORFLOW,
    "storytelling": {"keras"},
    "reproduce": TENSORFLOW | {"sklearn", "threadpoolctl", "gensim"},
    "exercises": {"numpy"},
    "plots": {"numpy", "matplotlib"},
    "diagrams": {"numpy", "matplotlib"},
    "cli": set(),
}
WITHOUT_TENSORFLOW = [
    "reference",
    "bptt",
    "peepholes",
    "migration",
    "shapes",
    "evaluation",
    "ngrams",
    "data.text",
    "data.contexts",
    "data.corpora",
    "data.prompts",
    "data.grammars.sentences",
    "translation.batches",
    "reproduce.records",
    "cli",
]
# Tests of the repository as a whole; every other test file belongs to one module.
OF_THE_WHOLE = {
    "architecture",
    "lessons",
    "book",
    "claims",
    "commands",
    "hygiene",
    "package",
    "site",
}
EVASIVE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
MOST_LINES = 320

# In pieces, so that this file does not find itself.
PRIVATE = re.compile(
    "|".join(
        [
            "/wo" + "rk/",
            "/ro" + "ot/",
            "/ho" + r"me/\w",
            r"/tmp/" + r"\w",
            "pypi" + r"\.org",
            "python" + "hosted",
            "registry" + r"\.npmjs",
            "(?:extra-)?index" + "-url",
            "find" + "-links",
            r"\bcl" + r"aude\b",
            r"\banth" + r"ropic\b",
            r"\bchat" + r"gpt\b",
            r"\bco" + r"pilot\b",
            "co-auth" + "ored-by",
        ]
    ),
    re.IGNORECASE,
)
EMBEDDED_DATA = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")


def modules():
    """Path and dotted name, less the package's own, of every module that is no `__init__`."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {
        ".".join(file.relative_to(PACKAGE).with_suffix("").parts): file
        for file in files
        if file.name != "__init__.py"
    }


each_module = pytest.mark.parametrize("name", modules())


def room_of(name, rooms=ROOMS):
    """The room that a module belongs to, `None` if there is none."""
    return next((room for room in rooms if name == room or name.startswith(room + ".")), None)


def import_complaints(name, source, rooms=ROOMS):
    """What a module imports against the order of the rooms."""
    room, order = room_of(name, rooms), list(rooms)
    if room is None:
        return [f"{name} is in no room"]
    complaints = []
    for imported in sorted(imported_names(source)):
        top, _, rest = imported.partition(".")
        if top == "rnncourse":
            other = room_of(rest, rooms)
            if other and order.index(other) > order.index(room):
                complaints.append(f"{name} imports {other}, which stands below it")
        elif top not in sys.stdlib_module_names and top not in rooms[room]:
            complaints.append(f"{name} imports {top}")
    return complaints


@each_module
def test_a_room_imports_only_from_rooms_above_it(name):
    assert import_complaints(name, modules()[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        (
            "shapes",
            "def f():\n    from rnncourse import cells",
            "shapes imports cells, which stands",
        ),
        ("reference", "import tensorflow as tf", "reference imports tensorflow"),
        ("reference", "def f():\n    import keras.ops", "reference imports keras"),
        ("cells", "from matplotlib.figure import Figure", "cells imports matplotlib"),
        ("attic", "", "attic is in no room"),
    ],
)
def test_an_import_against_the_order_is_caught(name, source, complaint):
    assert any(complaint in found for found in import_complaints(name, source))


def test_only_notebooks_import_the_figures():
    figures = {"rnncourse.plots", "rnncourse.diagrams"}
    for name, file in modules().items():
        if room_of(name) not in ("plots", "diagrams"):
            assert not figures & imported_names(file.read_text(encoding="utf-8")), name


@pytest.mark.parametrize("name", WITHOUT_TENSORFLOW)
def test_a_room_of_numbers_starts_without_tensorflow(name):
    heavy = {"tensorflow", "keras", "matplotlib", "sklearn", "gensim"}
    code = f"import sys, rnncourse.{name}; print(*({heavy!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stdout.strip()) == (0, ""), result.stderr


def test_every_module_has_its_tests():
    missing = []
    for name in modules():
        *folder, stem = name.split(".")
        if not ROOT.joinpath("tests", *folder, f"test_{stem}.py").is_file():
            missing.append(name)
    tools = [file.stem for file in (ROOT / "tools").glob("*.py") if file.stem != "__init__"]
    missing += [
        f"tools.{stem}" for stem in tools if not (ROOT / f"tests/test_tools_{stem}.py").is_file()
    ]
    lessons = [file.stem for file in (ROOT / "notebooks").glob("*.ipynb")]
    missing += [stem for stem in lessons if not (ROOT / f"tests/lessons/test_{stem}.py").is_file()]
    assert missing == []


def test_every_test_file_belongs_to_a_module_or_to_the_whole():
    for file in (ROOT / "tests").rglob("test_*.py"):
        *folder, _ = file.relative_to(ROOT / "tests").parts
        stem = file.stem.removeprefix("test_")
        tool = ROOT / f"tools/{stem.removeprefix('tools_')}.py"
        of_a_module = module_file(".".join(["rnncourse", *folder, stem]))
        if folder == ["lessons"]:
            of_a_module = (ROOT / f"notebooks/{stem}.ipynb").is_file()
        assert (
            of_a_module or stem in OF_THE_WHOLE or (stem.startswith("tools_") and tool.is_file())
        ), file


@each_module
def test_a_module_is_named_after_its_subject(name):
    assert not EVASIVE_NAMES & set(name.split("."))


@each_module
def test_a_module_fits_in_one_reading(name):
    lines = len(modules()[name].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES


@each_module
def test_every_public_name_says_what_it_is(name):
    module = ast.parse(modules()[name].read_text(encoding="utf-8"))
    defined = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    named = [node for node in defined if not node.name.startswith("_")]
    assert ast.get_docstring(module)
    assert [node.name for node in named if not ast.get_docstring(node)] == []


def test_an_init_holds_a_map_and_no_code():
    for file in PACKAGE.rglob("__init__.py"):
        module = ast.parse(file.read_text(encoding="utf-8"))
        code = [
            node for node in module.body[1:] if not ast.unparse(node).startswith("__version__ =")
        ]
        assert ast.get_docstring(module), file
        assert not code, f"{file.relative_to(ROOT)} holds code: give it a module of its own"


def repository_files():
    """Every file that is or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        ROOT / name for name in sorted(filter(None, listed.split("\0"))) if (ROOT / name).is_file()
    ]


def private_words(file: Path):
    """The words in a file that belong to one machine or one toolbox; binary files have none."""
    content = file.read_bytes()
    if b"\0" in content:
        return []
    text = EMBEDDED_DATA.sub("", content.decode("utf-8", errors="replace"))
    return [match[0] for match in PRIVATE.finditer(text)]


def test_nothing_in_the_repository_names_a_machine_or_a_toolbox():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    found = {file.relative_to(ROOT).as_posix(): private_words(file) for file in repository_files()}
    assert {name: words for name, words in found.items() if words} == {}


def test_a_machine_path_is_found_but_not_inside_embedded_data(tmp_path):
    file = tmp_path / "page.md"
    path = "/ro" + "ot/notes"
    file.write_text(f"see {path}")
    assert private_words(file) == ["/ro" + "ot/"]
    file.write_text(f"data:image/png;base64,AAAA{path}")
    assert private_words(file) == []
