"""`{runs}`: how long each lesson took at its last run, on what, with which versions.

Reads book/runs.json, which `make notebooks` writes.
"""

import json
from pathlib import Path

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


class Runs(SphinxDirective):
    """A table with a row for each lesson."""

    def run(self):
        path = Path(self.env.srcdir, "book", "runs.json")
        self.env.note_dependency(str(path))
        lines = ["| lesson | seconds | on | with |", "|---|---:|---|---|"]
        for stem, run in sorted(json.loads(path.read_text(encoding="utf-8")).items()):
            machine = run["hardware"]
            place = f"{machine['system']}, {machine['machine']}, {machine['cores']} cores"
            versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
            lines.append(
                f"| [](/notebooks/{stem}.ipynb) | {run['seconds']} | {place} | {versions} |"
            )
        return self.parse_text_to_nodes(StringList(lines, "runs.json"))


def setup(app):
    app.add_directive("runs", Runs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
