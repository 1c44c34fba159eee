"""`python -m tools.suite {test,proof,coverage}`: the tests, as the Makefile and the gate run them.

`coverage` measures every process from its start: a pytest plug-in such as ours is imported before
any plug-in could begin to measure it, and tests start processes of their own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.generate.meta import toml_value
from tools.workspace import ROOT, read_toml

WORKERS = "3"
"""Test processes at once: one more than two cores, because tests of servers wait for these."""

NO_TESTS = 5
"""What pytest returns when it ran no test."""


def pytest_command(*arguments: str, python: Path | None = None) -> list[str]:
    """A command that runs pytest in parallel, one test file a worker."""
    program = str(python or sys.executable)
    return [program, "-m", "pytest", "-q", "-n", WORKERS, "--dist=loadfile", *arguments]


def measure(root: Path) -> int:
    """Runs the tests under coverage; returns 0 when they pass and nothing was left out."""
    folder = root / ".cache" / "coverage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = folder / "coverage.toml"
    settings.write_text(coverage_settings(root, folder), encoding="utf-8")
    environment = {**os.environ, "COVERAGE_PROCESS_START": str(settings)}
    tests = subprocess.run(pytest_command("-p", "no:cov"), cwd=root, env=environment, check=False)
    coverage = [sys.executable, "-m", "coverage"]
    with_settings = f"--rcfile={settings}"
    subprocess.run([*coverage, "combine", "--quiet", with_settings], cwd=root, check=False)
    report = subprocess.run(
        [*coverage, "report", with_settings, "--fail-under=100"], cwd=root, check=False
    )
    return tests.returncode or report.returncode


def coverage_settings(root: Path, folder: Path) -> str:
    """The root's settings with absolute paths, for processes that run anywhere."""
    tables = read_toml(root / "pyproject.toml")["tool"]["coverage"]
    run = tables["run"] | {"parallel": True, "data_file": str(folder / "data")}
    for name in ("source", "omit"):
        run[name] = [str(root / each) for each in run.get(name, [])]
    return "".join(
        f"[tool.coverage.{title}]\n"
        + "".join(f"{name} = {toml_value(value)}\n" for name, value in table.items())
        for title, table in (tables | {"run": run}).items()
    )


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Runs the chosen tests; returns pytest's exit code, 0 when there is no proof to run.

    With `coverage` it also returns not 0 when a line or branch of a portion was not run.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.suite", description=__doc__)
    parser.add_argument("what", choices=["test", "proof", "coverage"])
    options = parser.parse_args(arguments)
    if options.what == "coverage":
        return measure(root)
    if options.what == "test":
        return subprocess.run(pytest_command(), cwd=root, check=False).returncode
    command = [sys.executable, "-m", "pytest", "-q", "-m", "proof", "--timeout=3600"]
    environment = {**os.environ, "MIC_PROOF": "long"}
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    return 0 if code == NO_TESTS else code


if __name__ == "__main__":
    sys.exit(main())
