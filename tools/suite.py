"""`python -m tools.suite {test,proof}`: the tests, as `make test` and `make proof` run them."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.workspace import ROOT

WORKERS = "2"
"""Test processes at once; the suite's time is measured on two cores."""

NO_TESTS = 5
"""What pytest returns when it ran no test."""

COVERAGE = ("--cov", "--cov-report=term", "--cov-fail-under=100")


def pytest_command(*arguments: str, python: Path | None = None) -> list[str]:
    """A command that runs pytest in parallel, one test file a worker."""
    program = str(python or sys.executable)
    return [program, "-m", "pytest", "-q", "-n", WORKERS, "--dist=loadfile", *arguments]


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Runs the chosen tests; returns pytest's exit code, 0 when there is no proof to run."""
    parser = argparse.ArgumentParser(prog="python -m tools.suite", description=__doc__)
    parser.add_argument("what", choices=["test", "proof"])
    options = parser.parse_args(arguments)
    if options.what == "test":
        return subprocess.run(pytest_command(), cwd=root, check=False).returncode
    command = [sys.executable, "-m", "pytest", "-q", "-m", "proof", "--timeout=3600"]
    environment = {**os.environ, "MIC_PROOF": "long"}
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    return 0 if code == NO_TESTS else code


if __name__ == "__main__":
    sys.exit(main())
