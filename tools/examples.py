"""The Python blocks of a Markdown page, and how they run.

The blocks of one page run one after the other in one namespace, so that a later block continues an
earlier one, in a process of its own. A block right below `<!-- no-run: reason -->` is left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^[ \t]*<!-- no-run: (?P<reason>[^\n]+?) -->\n\s*)?"
    r"^(?P<indent>[ \t]*)```python[^\n]*\n(?P<code>.*?)^[ \t]*```[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_RUNNER = """
import sys
source = sys.stdin.read()
names = {"__name__": "__main__"}
for part in source.split("\\0"):
    line, _, code = part.partition("\\n")
    exec(compile("\\n" * int(line) + code, sys.argv[1], "exec"), names)
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One block: its code, the line its fence is on, and why it is not run (`""`: it is)."""

    code: str
    line: int
    reason: str


def examples_of(text: str) -> list[Example]:
    """The Python blocks of a page, in order."""
    found: list[Example] = []
    for match in _BLOCK.finditer(text):
        width = len(match["indent"])
        code = "".join(line[width:] or "\n" for line in match["code"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start("code"))
        found.append(Example(code, line, match["reason"] or ""))
    return found


def run_examples(page: Path, folder: Path) -> str:
    """Runs a page's blocks in `folder`; returns what went wrong, `""` when nothing did.

    Warnings are errors; a traceback names the page and its line.
    """
    examples = [each for each in examples_of(page.read_text(encoding="utf-8")) if not each.reason]
    source = "\0".join(f"{each.line}\n{each.code}" for each in examples)
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", _RUNNER, str(page)],
        cwd=folder,
        input=source,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    return result.stdout + result.stderr if result.returncode else ""
