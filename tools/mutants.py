"""`python -m tools.mutants [DISTRIBUTION]`: mutation tests of the portions that decide.

A manifest names its modules: `[tool.mic.mutants] only = ["src/mic/model/*"]`, and `tests = [...]`
when not all tests matter. mutmut works on a copy in `mutants/DISTRIBUTION`; a mutant that survives
is a decision that no test would miss. Prints the survivors and returns 1 when there are any.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.workspace import ROOT, Distribution, load_workspace

_PYTEST = """\
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
markers =
    proof: a kill harness
"""

_CONFTEST = """\
from hypothesis import HealthCheck, settings

# mutmut runs each test many times in one process, which hypothesis takes for a mistake.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")
"""


def prepare(each: Distribution, folder: Path) -> None:
    """Copies what mutmut needs, and tells it what to mutate and which tests to run."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("src", "tests"):
        shutil.copytree(
            each.folder / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    (folder / "pytest.ini").write_text(_PYTEST, encoding="utf-8")
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    wanted = each.tool("mutants")
    lists = {
        "source_paths": ["src"],
        "only_mutate": wanted["only"],
        "also_copy": ["pytest.ini", "conftest.py"],
        "pytest_add_cli_args_test_selection": wanted.get("tests", ["tests"]),
    }
    lines = [f"{key} =\n    " + "\n    ".join(values) for key, values in lists.items()]
    (folder / "setup.cfg").write_text("[mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def survivors_of(results: str) -> list[str]:
    """The mutants that no test noticed, from what `mutmut results` prints."""
    lines = (line.strip() for line in results.splitlines())
    return [
        line.rpartition(":")[0] for line in lines if line.endswith((": survived", ": no tests"))
    ]


def main(arguments: Sequence[str] = sys.argv[1:], *, root: Path = ROOT) -> int:
    """Mutates the named distribution, or all that name modules; 1 when mutants survive."""
    names = {name for name in arguments if name}
    chosen = [
        each
        for each in load_workspace(root).members
        if each.tool("mutants") and (not names or each.name in names)
    ]
    if not chosen:
        print("no distribution names modules under [tool.mic.mutants]", file=sys.stderr)
        return 2
    survived: list[str] = []
    for each in chosen:
        folder = root / "mutants" / each.name
        prepare(each, folder)
        command = [sys.executable, "-m", "mutmut"]
        done = subprocess.run([*command, "run", "--max-children=2"], cwd=folder, check=False)
        listed = subprocess.run(
            [*command, "results"], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode or listed.returncode:
            print(f"{each.name}: mutmut could not run", file=sys.stderr)
            return 2
        survived += survivors_of(listed.stdout)
    print("\n".join(survived))
    print(f"{len(survived)} mutants survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
