"""The promises of Makefile, the scripts it calls, the locks and the files that name them."""

import os
import re
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import rnncourse

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "book": EXTRAS["book"],
    "all": [*PROJECT["dependencies"], *EXTRAS["book"], *EXTRAS["lab"], *EXTRAS["test"]],
}
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def targets():
    return re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()


def pins(lock):
    lines = (ROOT / f"requirements/{lock}.lock").read_text().replace("\\\n", "").splitlines()
    parsed = [re.fullmatch(r"(\S+)==(\S+)(?: ; [^#]*?)?\s+(--hash=.*)", line) for line in lines]
    assert all(parsed), "a line of the lock is not a pin with hashes"
    return {match[1]: (match[2], match[3].split()) for match in parsed}


def test_help_lists_every_target():
    told = subprocess.run(
        ["make", "--no-print-directory", "-C", ROOT], capture_output=True, text=True, check=True
    )
    assert [line.split()[1] for line in told.stdout.splitlines()] == targets()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_a_sha256_for_every_pin_and_no_address(lock):
    assert "://" not in (ROOT / f"requirements/{lock}.lock").read_text()
    for name, (_, hashes) in pins(lock).items():
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", item) for item in hashes), name


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_the_declared_ranges(lock):
    locked = pins(lock)
    for declared in map(Requirement, LOCKS[lock]):
        version, _ = locked[canonicalize_name(declared.name)]
        assert declared.specifier.contains(version), f"{declared} but locked {version}"


def test_book_lock_is_part_of_the_whole_and_brings_no_tensorflow():
    book, whole = pins("book"), pins("all")
    assert {name: pin[0] for name, pin in book.items()}.items() <= {
        name: pin[0] for name, pin in whole.items()
    }.items()
    assert not {"tensorflow", "keras", "rnncourse"} & book.keys()


def test_bootstrap_takes_exactly_the_declared_pythons():
    script = (ROOT / "tools/bootstrap.sh").read_text()
    taken = re.search(r"case \$1 in ((?:3\.\d+ \| )+3\.\d+)\)", script)[1].split(" | ")
    declared = SpecifierSet(PROJECT["requires-python"])
    assert taken == [f"3.{minor}" for minor in range(30) if declared.contains(f"3.{minor}")]


def test_environment_yml_says_what_pyproject_says():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, course = environment["dependencies"]
    assert environment["name"] == PROJECT["name"]
    assert SpecifierSet(python.removeprefix("python ")) == SpecifierSet(PROJECT["requires-python"])
    assert (pip, course) == ("pip", {"pip": ["-e .[book,lab,test]"]})
    assert {"book", "test"} <= EXTRAS.keys()


def test_citation_names_the_version_and_the_repository():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == rnncourse.__version__
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]


def test_ci_run_calls_make_test():
    script = ROOT / ".ci/run"
    subprocess.run(["bash", "-n", script], check=True)
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().splitlines()[-1] == "make test"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_calls_only_targets_that_exist(workflow):
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    lines = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    called = [line.split()[1] for line in lines if line.startswith("make ")]
    assert set(called) <= set(targets())
    assert all("\n" not in line for line in lines)


FAKE_PYTHON = """#!/bin/sh
case "$*" in
*version_info*) echo {version} ;;
*ensurepip*) exit {without_venv} ;;
"-m venv "*)
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    echo "#!$PWD/$3/bin/python" >"$3/bin/pip"
    ;;
*" install "*) echo "$*" >>calls; cat says; exit "$(cat status)" ;;
esac
"""
SHIM_WITHOUT_A_PYTHON = "#!/bin/sh\necho 'no such version' >&2\nexit 127\n"


def fake(version, without_venv=0):
    return FAKE_PYTHON.format(version=version, without_venv=without_venv)


class Machine:
    """A tree with bootstrap.sh in it, on a machine where only the given Pythons exist."""

    def __init__(self, folder, **pythons):
        self.tree, self.bin = folder / "a tree", folder / "bin"
        for part in ("tools", "requirements"):
            (self.tree / part).mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "tools/bootstrap.sh", self.tree / "tools")
        for name in ("pyproject.toml", "requirements/book.lock", "requirements/all.lock"):
            (self.tree / name).write_text("")
        for tool in "sh cat cmp cp dirname grep head mkdir rm tail".split():
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, script in pythons.items():
            (self.bin / name).write_text(script)
            (self.bin / name).chmod(0o755)
        self.pip_says()

    def pip_says(self, words="", status=0):
        (self.tree / "says").write_text(words)
        (self.tree / "status").write_text(str(status))

    def bootstrap(self, which="book", **environment):
        return subprocess.run(
            ["sh", "tools/bootstrap.sh", which],
            cwd=self.tree,
            env={"PATH": str(self.bin), **environment},
            capture_output=True,
            text=True,
        )

    def installs(self):
        calls = self.tree / "calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0


NEEDS = r"This needs Python 3\.11, 3\.12 or 3\.13 \(TensorFlow has no wheel beyond\), found "


@pytest.mark.parametrize(
    ("pythons", "chosen", "message"),
    [
        pytest.param({}, "", NEEDS + "none: install one", id="none"),
        pytest.param(
            {"python3": SHIM_WITHOUT_A_PYTHON}, "", NEEDS + "none: install one", id="dead shim"
        ),
        pytest.param(
            {"python3": fake("3.10")}, "", NEEDS + r"Python 3\.10 \(python3\): ", id="too old"
        ),
        pytest.param(
            {"python3": fake("3.14"), "python": fake("2.7")},
            "",
            NEEDS + r"Python 3\.14 \(python3\), Python 2\.7 \(python\): ",
            id="too new",
        ),
        pytest.param(
            {"python3": fake("3.11", without_venv=1)},
            "",
            r"Python 3\.11 \(python3\) has no venv module: .* apt install python3-venv",
            id="no venv",
        ),
        pytest.param({"python3": fake("3.12")}, "python9", NEEDS + "none: ", id="wrong choice"),
    ],
)
def test_bootstrap_says_in_one_line_which_python_is_missing(tmp_path, pythons, chosen, message):
    said = Machine(tmp_path, **pythons).bootstrap(PYTHON=chosen)
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr.count("\n") == 1
    assert re.match(message, said.stderr), said.stderr


def test_bootstrap_passes_over_pythons_that_do_not_suit(tmp_path):
    machine = Machine(
        tmp_path,
        python3=SHIM_WITHOUT_A_PYTHON,
        **{"python3.13": fake("3.13", without_venv=1), "python3.12": fake("3.12")},
    )
    said = machine.bootstrap()
    assert (said.returncode, said.stderr) == (0, "")
    assert "Python 3.12" in said.stdout


def test_bootstrap_says_in_one_line_that_no_index_can_be_reached(tmp_path):
    machine = Machine(tmp_path, python3=fake("3.11"))
    machine.pip_says(
        "WARNING: Retrying (Retry(total=4)) after connection broken\n"
        "ERROR: Could not find a version that satisfies the requirement numpy\n"
        "ERROR: No matching distribution found for numpy\n",
        status=1,
    )
    said = machine.bootstrap()
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert said.stderr.startswith("No package index could be reached: connect to the network")


def test_bootstrap_shows_what_pip_says_only_when_it_fails(tmp_path):
    machine = Machine(tmp_path, python3=fake("3.11"))
    machine.pip_says("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", status=1)
    failed = machine.bootstrap()
    assert failed.returncode == 1
    assert "DO NOT MATCH" in failed.stderr
    machine.pip_says("Collecting numpy\n")
    passed = machine.bootstrap()
    assert (passed.returncode, passed.stderr) == (0, "")
    assert "Collecting" not in passed.stdout


def test_bootstrap_installs_again_only_when_a_lock_changed(tmp_path):
    machine = Machine(tmp_path, python3=fake("3.11"))
    machine.bootstrap("all")
    installs = machine.installs()
    for which in ("all", "book", "all"):
        assert machine.bootstrap(which).stdout == ""
    assert machine.installs() == installs
    (machine.tree / "requirements/book.lock").write_text("numpy==2.0.0")
    assert "Installing" in machine.bootstrap("book").stdout
    assert "Installing" in machine.bootstrap("all").stdout


def test_bootstrap_tries_again_in_the_same_venv_after_a_failed_download(tmp_path):
    machine = Machine(tmp_path, python3=fake("3.11"))
    machine.pip_says("Collecting numpy\n", status=1)
    machine.bootstrap()
    machine.pip_says()
    again = machine.bootstrap()
    assert again.returncode == 0
    assert "Making" not in again.stdout


@pytest.mark.parametrize(
    "accident", ["killed while unpacking", "tree moved", "no pip", "no python"]
)
def test_bootstrap_makes_the_venv_anew_after(tmp_path, accident):
    machine = Machine(tmp_path, python3=fake("3.11"))
    if accident == "killed while unpacking":
        machine.pip_says("Installing collected packages: numpy\n", status=137)
    machine.bootstrap()
    machine.pip_says()
    if accident == "tree moved":
        machine.tree = machine.tree.rename(tmp_path / "moved")
    elif accident != "killed while unpacking":
        (machine.tree / ".venv/bin" / accident.removeprefix("no ")).unlink()
        (machine.tree / ".venv/book.stamp").write_text("")
    again = machine.bootstrap()
    assert again.returncode == 0
    assert "Making .venv" in again.stdout
    assert machine.bootstrap().stdout == ""


def test_bootstrap_refuses_another_python_than_the_venv_has(tmp_path):
    machine = Machine(tmp_path, python3=fake("3.11"), other=fake("3.12"))
    machine.bootstrap()
    said = machine.bootstrap(PYTHON="other")
    assert said.returncode == 1
    assert re.match(
        r"PYTHON=other is 3\.12, but \.venv holds Python 3\.11: run make distclean", said.stderr
    )


@pytest.fixture
def build(tmp_path):
    """Builds a book with a stand-in for jupyter-book; returns what that found, or "unchanged"."""
    for name in ("book/_ext", "notebooks", "requirements", "rnncourse", "tests", ".venv/bin"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("_config.yml", "book/page.md", "book/_ext/e.py", "requirements/book.lock"):
        (tmp_path / name).touch()
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/build_book.sh", tmp_path / "tools")
    jupyter_book = tmp_path / ".venv/bin/jupyter-book"
    jupyter_book.write_text(
        "#!/bin/sh\n[ -d _build/.doctrees ] && echo some pages || echo every page\n"
        'mkdir -p _build/.doctrees _build/html; touch _build/html/index.html; exit "$STATUS"\n'
    )
    jupyter_book.chmod(0o755)

    def run(status=0):
        said = subprocess.run(
            ["sh", "tools/build_book.sh"],
            cwd=tmp_path,
            env={**os.environ, "STATUS": str(status)},
            capture_output=True,
            text=True,
        )
        assert said.returncode == status
        # File systems count time in ticks of some milliseconds.
        time.sleep(0.02)
        return "unchanged" if said.stdout.startswith("Nothing changed") else said.stdout.strip()

    return run


def test_an_unchanged_book_is_not_built_again(build):
    assert [build(), build()] == ["every page", "unchanged"]


def test_a_failed_build_is_repeated_with_every_page(build, tmp_path):
    build()
    (tmp_path / "book/page.md").write_text("changed")
    assert [build(1), build(1), build(), build()] == [
        "some pages",
        "every page",
        "every page",
        "unchanged",
    ]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("book/page.md", "some pages"),
        ("book/new.md", "some pages"),
        ("notebooks/02_neuron.ipynb", "some pages"),
        ("rnncourse/cells.py", "some pages"),
        ("rnncourse/__pycache__/cells.pyc", "unchanged"),
        ("_config.yml", "every page"),
        ("book/_ext/e.py", "every page"),
        ("requirements/book.lock", "every page"),
    ],
)
def test_a_changed_file_builds_the_book_again(build, tmp_path, name, read):
    build()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("changed")
    os.utime(tmp_path / name, (0, 0))
    assert [build(), build()] == [read, "unchanged"]


@pytest.mark.parametrize("name", ["book/page.md", "_build/html/index.html"])
def test_a_removed_file_builds_the_book_again(build, tmp_path, name):
    build()
    (tmp_path / name).unlink()
    assert [build(), build()] == ["some pages", "unchanged"]
