import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.imports import code_hash, direct_modules, imported_names, module_file, modules_behind


@pytest.fixture
def root(tmp_path):
    """A chain of modules: top imports middle, middle imports bottom; aside imports nothing."""
    sources = {
        "__init__.py": "__version__ = '1'\n",
        "bottom.py": "SIZE = 1\n",
        "middle.py": "def f():\n    from rnncourse.bottom import SIZE\n    return SIZE\n",
        "top/__init__.py": "",
        "top/peak.py": "from rnncourse import middle\n",
        "aside.py": "SIZE = 2\n",
        "reproduce/recorded/echo-sweep.json": "{}",
    }
    for name, text in sources.items():
        file = tmp_path / "rnncourse" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def lesson(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_imports_are_found_inside_functions_too():
    assert imported_names("def f():\n    import keras.layers as kl") == {"keras.layers"}


def test_a_relative_import_is_refused():
    with pytest.raises(ValueError, match="line 1: write the whole name"):
        imported_names("from . import cells")


def test_a_source_that_is_not_python_imports_nothing():
    assert imported_names("%matplotlib inline") == set()


def test_only_modules_of_the_package_have_a_file(root):
    assert module_file("numpy", root) is None
    assert module_file("rnncourse", root) is None
    assert module_file("rnncourse.top.peak", root) == root / "rnncourse/top/peak.py"


def test_direct_modules_are_those_that_the_cells_name(root):
    nb = lesson("import numpy\nfrom rnncourse.top.peak import x", "from rnncourse import aside")
    assert direct_modules(nb, root) == {"rnncourse.top.peak", "rnncourse.aside"}


def test_modules_behind_a_lesson_include_those_imported_in_turn(root):
    behind = modules_behind({"rnncourse.top.peak"}, root)
    assert set(behind) == {
        "rnncourse.top",
        "rnncourse.top.peak",
        "rnncourse.middle",
        "rnncourse.bottom",
    }


NB = ("from rnncourse.top import peak", "record = 'echo-sweep'")


@pytest.mark.parametrize(
    "name", ["bottom.py", "middle.py", "top/peak.py", "reproduce/recorded/echo-sweep.json"]
)
def test_the_hash_changes_with_everything_behind_the_lesson(root, name):
    before = code_hash(lesson(*NB), root)
    file = root / "rnncourse" / name
    file.write_text(file.read_text() + " ")
    assert code_hash(lesson(*NB), root) != before


@pytest.mark.parametrize("name", ["aside.py", "__init__.py"])
def test_the_hash_does_not_change_with_anything_else(root, name):
    before = code_hash(lesson(*NB), root)
    (root / "rnncourse" / name).write_text("changed = True\n")
    assert code_hash(lesson(*NB), root) == before


def test_the_hash_sees_the_code_and_its_order_but_not_the_prose():
    plain = code_hash(lesson("a = 1", "b = 2"))
    assert code_hash(lesson("a = 1", "b = 3")) != plain
    assert code_hash(lesson("b = 2", "a = 1")) != plain
    told = new_notebook(cells=[new_markdown_cell("Once"), *lesson("a = 1", "b = 2").cells])
    assert code_hash(told) == plain


def test_a_record_that_no_cell_names_does_not_count(root):
    before = code_hash(lesson("record = 'another'"), root)
    (root / "rnncourse/reproduce/recorded/echo-sweep.json").write_text('{"changed": 1}')
    assert code_hash(lesson("record = 'another'"), root) == before
