"""Docstrings are read as people read them: single backticks are code, and a bar is a bar.

autoapi parses docstrings as reStructuredText, where `x` is a title and |a - b| asks for a
substitution. Before napoleon runs, `to_rst` makes literals of the first, escapes the second, and
makes links of DOIs and arXiv numbers. Members that `autoapi_options` leaves out stay out.
"""

import re
from pathlib import Path

from astroid.exceptions import AstroidImportError
from astroid.manager import AstroidManager

PLACES = {"doi": "https://doi.org/", "arXiv": "https://arxiv.org/abs/"}
# What is code, emphasis or a paper, else a character that reStructuredText would read.
_TOKEN = re.compile(
    r"(?P<literal>``.+?``)"
    r"|(?<!:)`(?P<code>[^`]+)`"
    r"|(?P<emphasis>(?<![\w*])\*\w(?:[^*]*\w)?\*(?![\w*]))"
    r"|\b(?P<where>doi|arXiv):(?P<paper>10\.\d+/[^\s;,]*[^\s;,.)]|\d{4}\.\d{4,5})"
    r"|(?P<special>[|*]|_(?!\w))"
)


def _rst(match):
    kind = match.lastgroup
    if kind == "code":
        return f"``{match['code']}``"
    if kind == "paper":
        return f"`{match[0]} <{PLACES[match['where']]}{match['paper']}>`__"
    return "\\" + match[0] if kind == "special" else match[0]


def to_rst(lines):
    r"""The same lines in reStructuredText; doctests and what stands behind `Args:` names untouched.

    >>> to_rst(["max |a - b| of `x`, a *pure* function", ">>> f(a | b)"])
    ['max \\|a - b\\| of ``x``, a *pure* function', '>>> f(a | b)']
    """
    result, in_doctest = [], False
    for line in lines:
        in_doctest = line.lstrip().startswith(">>>") or (in_doctest and bool(line.strip()))
        argument = re.match(r"\s*\*{1,2}\w+:", line)  # napoleon escapes the asterisks itself
        head = argument[0] if argument else ""
        result.append(line if in_doctest else head + _TOKEN.sub(_rst, line[len(head) :]))
    return result


def _read_this_package_only():
    """Keep the static reader out of TensorFlow and NumPy: it shows nothing of theirs."""
    read = AstroidManager.ast_from_module_name

    def ours(self, modname, *arguments, **named):
        if modname and modname.partition(".")[0] in ("rnncourse", "builtins"):
            return read(self, modname, *arguments, **named)
        raise AstroidImportError("not read for this book: {modname}", modname=modname)

    AstroidManager.ast_from_module_name = ours


def setup(app):
    def process(app, what, name, obj, options, lines):
        lines[:] = to_rst(lines)

    def skip(app, what, name, obj, skip, options):
        return True if not getattr(obj, "display", True) else None

    def outdated(app, env, added, changed, removed):
        sources = [Path(app.srcdir, folder) for folder in app.config.autoapi_dirs]
        newest = max(file.stat().st_mtime for folder in sources for file in folder.rglob("*.py"))
        # Sphinx knows when it read a page, in microseconds, but not which modules stand on it.
        pages = {page: read for page, read in env.all_docs.items() if page.startswith("book/api/")}
        return [page for page, read in pages.items() if read < newest * 1e6]

    _read_this_package_only()
    app.connect("env-get-outdated", outdated)
    app.connect("autodoc-process-docstring", process, priority=100)
    app.connect("autodoc-skip-member", skip)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
