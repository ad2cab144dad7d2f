"""A page asks nothing of any other host: MathJax is copied to it, Thebe's scripts are dropped."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from sphinx.errors import ExtensionError

PACKAGE = "sphinx-mathjax-offline"
# Of the package's 24 MB: the one bundle that pages load, its fonts, MathML for screen
# readers, and the TeX extensions that MathJax loads when a formula first uses them.
PARTS = (
    "tex-chtml.js",
    "output/chtml/fonts/woff-v2",
    "a11y/assistive-mml.js",
    "input/tex/extensions",
)
NOTICE = """MathJax 3.2.2, https://www.mathjax.org
Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0
"""


def copy_mathjax(app, exception):
    """Copy what a page may load into `_static/mathjax`, once."""
    target = Path(app.outdir, "_static", "mathjax")
    if exception or app.builder.format != "html" or (target / "NOTICE.txt").exists():
        return
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ExtensionError(
            f"{PACKAGE} is not installed: run `make book`, which installs requirements/book.lock"
        )
    source = Path(spec.submodule_search_locations[0], "static", "mathjax")
    for part in PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / part, target / part)
    (target / "NOTICE.txt").write_text(NOTICE)


def drop_thebe(app, pagename, templatename, context, doctree):
    """Jupyter Book 1 adds them twice even when Thebe is off: a SyntaxError on every page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in str(getattr(script, "filename", None) or "")
        and "THEBE_JS_URL" not in str(getattr(script, "attributes", {}).get("body", ""))
    ]


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
