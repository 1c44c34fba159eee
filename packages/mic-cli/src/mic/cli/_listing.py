"""`mic list`."""

from __future__ import annotations

import argparse

from mic.cli._installed import scan
from mic.cli._light import BUILT_INS
from mic.cli._members import members_of
from mic.cli.exit_codes import ExitCode
from mic.cli.spec import CliCommandSpec, CommandResult

_EPILOG = """\
Expected is what an installed mic-struct pins, else the version of mic-cli. The status is ok,
mismatch, or foreign: a distribution of somebody else that owns a portion of mic.

exit codes: 0 all agree, 1 a version does not

examples:
  mic list
  mic list --json
"""


def built_in(name: str) -> CliCommandSpec:
    """The command."""
    return CliCommandSpec(name, _run, BUILT_INS[name][1], _build_args)


def _build_args(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def _run(_: argparse.Namespace) -> CommandResult:
    members = members_of(scan())
    rows = [
        {
            "name": each.name,
            "version": each.version,
            "expected": each.expected,
            "portions": list(each.portions),
            "status": each.status,
        }
        for each in members
    ]
    wrong = any(each.status == "mismatch" for each in members)
    return CommandResult(rows, exit_code=ExitCode.FAILED if wrong else ExitCode.OK)
