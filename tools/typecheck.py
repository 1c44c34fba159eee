"""`python -m tools.typecheck`: mypy over everything in one run.

Two distributions may both have a `tests/test_contract.py`, and a folder with `-` in its name cannot
be part of a module's name, so mypy would see one module twice. Links in `.cache/types` give each
tests folder a name of its own; what mypy prints names the real paths.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.workspace import ROOT, Workspace, load_workspace

LINKS = Path(".cache", "types")


def link_tests(workspace: Workspace) -> dict[str, str]:
    """Makes the links anew; returns the real folder for each link, both relative to the root."""
    folder = workspace.root / LINKS
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    links: dict[str, str] = {}
    for each in workspace.members:
        if not any((each.folder / "tests").rglob("*.py")):
            continue
        link = folder / f"tests_of_{each.name.replace('-', '_')}"
        link.symlink_to(each.folder / "tests", target_is_directory=True)
        links[(LINKS / link.name).as_posix()] = f"packages/{each.name}/tests"
    return links


def sources(workspace: Workspace) -> list[str]:
    """The folders and files that are checked beside the linked tests."""
    wanted = [f"packages/{each.name}/src" for each in workspace.members]
    wanted += ["tools", "tests", "conftest.py"]
    return [path for path in wanted if (workspace.root / path).exists()]


def main(root: Path = ROOT) -> int:
    """Runs mypy; returns its exit code."""
    workspace = load_workspace(root)
    links = link_tests(workspace)
    result = subprocess.run(
        [sys.executable, "-m", "mypy", *sources(workspace), *links],
        cwd=root,
        env={**os.environ, "MYPYPATH": str(root / LINKS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    output = result.stdout
    for link, folder in links.items():
        output = output.replace(f"{link}/", f"{folder}/")
    print(output, end="")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
