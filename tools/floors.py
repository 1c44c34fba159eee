"""`python -m tools.floors [DISTRIBUTION ...]`: tests on the oldest versions the manifests allow.

A manifest names its tests: `[tool.mic.floors] tests = ["tests/test_x.py"]`, with `extras = [...]`,
further `siblings = [...]` and `sibling-extras = { mic-core = [...] }` when they take some. Each
gets an environment of its own where every direct requirement is at its lowest version; the test
tools are at their locked ones. Needs a package index.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.generate.layers import requirement_name
from tools.requirements import LOCK, pins_of
from tools.suite import WORKERS
from tools.uv import find_uv
from tools.workspace import ROOT, TESTING, Distribution, Workspace, load_workspace


def requirements_of(each: Distribution, workspace: Workspace) -> list[str]:
    """What is installed editable: the distribution with the extras it names, and its siblings."""
    floors = each.tool("floors")
    extras = f"[{','.join(floors.get('extras', []))}]" if floors.get("extras") else ""
    wanted = [f"--editable={each.folder}{extras}"]
    others = _closure(_on_trial(each), workspace) - {each.name}
    theirs = floors.get("sibling-extras", {})
    for name in sorted(others):
        extras = f"[{','.join(theirs[name])}]" if name in theirs else ""
        wanted.append(f"--editable={workspace.find(name).folder}{extras}")
    return wanted


def tools_for(each: Distribution, workspace: Workspace) -> list[str]:
    """The workspace's own tools at their locked versions, but for what is itself on trial."""
    wanted = {requirement_name(item) for item in workspace.manifest["dependency-groups"]["dev"]}
    for name in _closure(_on_trial(each), workspace):
        member = workspace.find(name)
        for items in [member.dependencies, *member.extras.values()]:
            wanted -= {requirement_name(item) for item in items}
    wanted |= {"pytest", "pytest-asyncio"} - {requirement_name(item) for item in each.dependencies}
    locked = pins_of((workspace.root / LOCK).read_text(encoding="utf-8"))
    return [pin for pin in locked if requirement_name(pin) in wanted]


def _on_trial(each: Distribution) -> set[str]:
    return {each.name, TESTING, *each.tool("floors").get("siblings", [])}


def _closure(names: set[str], workspace: Workspace) -> set[str]:
    known = {each.name: each for each in workspace.members}
    waiting, found = list(names & known.keys()), set[str]()
    while waiting:
        name = waiting.pop()
        found.add(name)
        needs = {requirement_name(item) for item in known[name].dependencies}
        waiting += sorted(needs & known.keys() - found)
    return found


def run_floor(each: Distribution, workspace: Workspace, *, uv: Path) -> bool:
    """Makes the environment and runs the tests; whether they passed."""
    root = workspace.root
    environment = root / ".cache" / "floors" / each.name
    program, program_of_uv = str(environment / "bin" / "python"), str(uv)
    venv = [
        program_of_uv,
        "venv",
        "--quiet",
        "--clear",
        "--python",
        sys.executable,
        str(environment),
    ]
    install = [program_of_uv, "pip", "install", "--quiet", "--python", program]
    install += ["--resolution=lowest-direct"]
    tests = [str(each.folder / name) for name in each.tool("floors")["tests"]]
    for command in (
        venv,
        [*install, *requirements_of(each, workspace), *tools_for(each, workspace)],
        [
            program,
            "-m",
            "pytest",
            "-q",
            "-n",
            WORKERS,
            "--dist=loadfile",
            "-p",
            "no:cacheprovider",
            *tests,
        ],
    ):
        if subprocess.run(command, cwd=root, check=False).returncode:
            return False
    return True


def main(arguments: Sequence[str] = sys.argv[1:], *, root: Path = ROOT) -> int:
    """Runs the named distributions' floors, or all; returns 1 when one failed."""
    workspace = load_workspace(root)
    chosen = [
        each
        for each in workspace.members
        if each.tool("floors") and (not arguments or each.name in arguments)
    ]
    if not chosen:
        print("no distribution names floor tests under [tool.mic.floors]", file=sys.stderr)
        return 2
    uv = find_uv(root)
    failed = [each.name for each in chosen if not run_floor(each, workspace, uv=uv)]
    for each in chosen:
        print(f"{each.name}: {'failed' if each.name in failed else 'ok'} on its floors")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
