"""`python -m tools.gate`: everything that must hold before a change lands. Needs no network.

Every step runs, even when an earlier one failed. A step says its name and its seconds; one that
fails shows all that it printed; a table closes the run, and the exit code is 1 when a step failed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import environments, found_stamp
from tools.pythons import find_pythons
from tools.suite import pytest_command
from tools.workspace import ROOT

# What does not depend on the Python that runs it, and takes longest: programs of other people that
# are started and killed, and suites that are run against backends which break them. The suites
# themselves run with every backend, on every Python.
_ONCE = ("packages/mic-testing/tests/servers", "packages/mic-testing/tests/contracts")
_CLOSING = re.compile(r"\d+ (passed|failed|skipped|error).* in [\d.]+s")
_IMPORTS = "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name and the command that makes it, run at the root."""

    name: str
    command: Sequence[str]
    live: bool = False
    """Whether its output is shown while it runs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    name: str
    code: int
    seconds: float
    note: str


def plan(root: Path, others: Sequence[Path]) -> list[Step]:
    """The steps in order; `others` are the interpreters of the further environments."""
    python = [sys.executable, "-m"]
    steps = [
        Step("format", [*python, "ruff", "format", "--check", "."]),
        Step("lint", [*python, "ruff", "check", "."]),
        Step("types", [*python, "tools.typecheck"]),
        Step("imports", [sys.executable, "-c", _IMPORTS]),
        Step("workspace", [*python, "tools.checker"]),
        Step("twins", [*python, "tools.unasync", "--check"]),
        Step("security", [*python, "bandit", "-q", "-c", "pyproject.toml", "-r", "packages"]),
        Step("tests", [*python, "tools.suite", "coverage"], live=True),
    ]
    for each in others:
        quiet = ("-p", "no:cacheprovider", *(f"--ignore={once}" for once in _ONCE), "packages")
        name = f"tests {each.relative_to(root / '.venvs').parts[0]}"
        steps.append(Step(name, pytest_command(*quiet, python=each), live=True))
    return steps


def run(step: Step, root: Path) -> Outcome:
    """Runs one step and shows what its kind shows."""
    started = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        list(step.command),
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if step.live:
                print(line, end="", flush=True)
    seconds = time.monotonic() - started
    if process.returncode and not step.live:
        print("\n".join(lines))
    outcome = Outcome(step.name, process.returncode, seconds, note_of(lines))
    print(f"{outcome.name}: {_word(outcome)} after {seconds:.1f} s", flush=True)
    return outcome


def note_of(lines: Sequence[str]) -> str:
    """The last line that says something, after pytest's own closing line where there is one."""
    said = [line.strip(" =") for line in lines if line.strip(" -=")]
    closing = [line for line in said if _CLOSING.match(line)]
    return " | ".join(dict.fromkeys(" ".join(line.split()) for line in closing[-1:] + said[-1:]))


def table(outcomes: Sequence[Outcome]) -> str:
    """The closing table: name, how it ended, seconds, and the last line it printed."""
    width = max(len(each.name) for each in outcomes)
    return "\n".join(
        f"{each.name:<{width}}  {_word(each):<6}  {each.seconds:>6.1f} s  {each.note[:100]}"
        for each in outcomes
    )


def _word(outcome: Outcome) -> str:
    return "failed" if outcome.code else "ok"


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Runs the chosen steps, or all; returns 1 when one failed, 2 when none is called so."""
    parser = argparse.ArgumentParser(prog="python -m tools.gate", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="only these")
    options = parser.parse_args(arguments)
    known = environments(root, [each for each in find_pythons() if each.whole])
    others = [each.program for each in known[1:] if found_stamp(each)]
    steps = plan(root, others)
    unknown = set(options.steps) - {step.name for step in steps}
    if unknown:
        print(f"no such step: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [step for step in steps if not options.steps or step.name in options.steps]
    outcomes = [run(step, root) for step in chosen]
    print(f"\n{table(outcomes)}")
    return 1 if any(each.code for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
