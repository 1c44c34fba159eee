"""`doctor`: what is wrong with an installation, for `mic` and for a service's own command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

from mic.cli._checks import (
    Finding,
    absent_requirements,
    claimed_twice,
    differing_versions,
    hidden_namespace,
    installed_twice,
    python_version,
    targets_of,
)
from mic.cli._installed import scan
from mic.cli._light import BUILT_INS
from mic.cli._members import members_of
from mic.cli._output import one_line
from mic.cli._probes import probes_of, run_probes
from mic.cli.exit_codes import ExitCode
from mic.cli.spec import CliCommandSpec, CommandResult

_NAME = "doctor"
_EPILOG = """\
Looks for: D01 a Python that is too old, D02 a file that hides the namespace, D03 versions that
differ, D04 portions that do not import, D05 entry points that lead nowhere or are claimed twice,
D06 requirements that are absent, D07 a distribution that is installed twice.

exit codes: 0 no errors, 1 errors

examples:
  mic doctor
  mic doctor --json
"""


def doctor_command() -> CliCommandSpec:
    """Make the command `doctor`.

    Its result is a list of findings, each with `id`, `level`, `subject`, `message` and `fix`; any
    of the level `error` makes the exit code 1. Portions are imported in processes of their own,
    four at a time, ten seconds each at most.
    """
    return CliCommandSpec(_NAME, _run, BUILT_INS[_NAME][1], _build_args)


def built_in(_: str) -> CliCommandSpec:
    """The command of `mic`."""
    return doctor_command()


def diagnose(version: Sequence[int] = sys.version_info[:3]) -> list[Finding]:
    """All findings, sorted by id and subject."""
    found = scan()
    members = members_of(found)
    findings = [
        *python_version(version),
        *hidden_namespace(sys.path, found),
        *differing_versions(members),
        *claimed_twice(found),
        *absent_requirements(members, found),
        *installed_twice(members, found),
        *run_probes(probes_of(members, targets_of(found))),
    ]
    return sorted(findings, key=lambda each: (each.id, each.subject))


def _build_args(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def _run(_: argparse.Namespace) -> CommandResult:
    findings = diagnose()
    failed = any(each.level == "error" for each in findings)
    lines = [
        line
        for each in findings
        for line in (
            one_line(f"{each.level} {each.id} {each.subject}: {each.message}"),
            one_line(f"fix: {each.fix}"),
        )
    ]
    return CommandResult(
        [asdict(each) for each in findings],
        "\n".join(lines) if lines else "no findings",
        ExitCode.FAILED if failed else ExitCode.OK,
    )
