"""The command `mic`.

`mic --help` lists what plug-ins bring without importing any of them, nor the built-in commands: a
command is imported when it is named.
"""

from __future__ import annotations

import importlib
import sys

from mic.cli._claims import claims_of, help_of, owners_of
from mic.cli._installed import first_of_each, scan
from mic.cli._light import BUILT_INS, DISTRIBUTION, EPILOG, GROUP, PROGRAM, TYPE_CHECKING
from mic.cli._output import ResultsGuard, results_are_unread
from mic.cli._parsers import (
    Common,
    add_command,
    add_level,
    asks_for_json,
    asks_for_tracebacks,
    root_parser,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mic.cli._claims import Claim
    from mic.cli._parsers import Level

_DESCRIPTION = "The operator's command of the mic family of Python distributions."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command of `mic`; give its exit code.

    Guarantees: those of `mic.cli.dispatch`. An unexpected exception is one line and exit code 70;
    its traceback is shown at `-vv` only.

    Args:
        argv: The arguments; `None`: those of the process.

    Raises:
        SystemExit: The arguments are wrong (2), or ask for help or the version (0).
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    code = 0
    with ResultsGuard() as guard:
        code = _run(arguments)
    return guard.ended(code)


def _run(arguments: list[str]) -> int:
    installed = scan()
    claims = claims_of(installed, GROUP)
    named = next((each for each in arguments if not each.startswith("-")), "")
    common = Common(verbose=True, json_output=True)
    own = first_of_each(installed).get(DISTRIBUTION)
    parser = root_parser(
        prog=PROGRAM,
        description=_DESCRIPTION,
        common=common,
        version=own.version if own else "(unknown version)",
        epilog=EPILOG,
    )
    level = add_level(parser, common, 0)
    for name in (*BUILT_INS, *(each for each in claims if each not in BUILT_INS)):
        if name == named:
            try:
                _add_named(level, name, claims.get(name, []), common)
            except Exception as error:
                return _failed(error, arguments)
        elif name in BUILT_INS:
            add_command(level, name, BUILT_INS[name][1])
        else:
            add_command(level, name, help_of(name, claims[name]))
    return _perform(parser.parse_args(arguments), arguments)


def _add_named(level: Level, name: str, claims: list[Claim], common: Common) -> None:
    """Add the command that is asked for, the only one that is imported."""
    from mic.cli._plugins import ambiguous, broken, command_of
    from mic.cli.builder import add_spec

    owners = owners_of(name, claims)
    if len(owners) > 1:
        raise ambiguous(name, owners)
    if not claims:
        add_spec(level, importlib.import_module(BUILT_INS[name][0]).built_in(name), common)
        return
    spec = command_of(name, claims)
    try:
        add_spec(level, spec, common)
    except Exception as error:
        raise broken(claims[0], f"has a faulty parser: {type(error).__name__}") from error


def _perform(found: argparse.Namespace, arguments: list[str]) -> int:
    from mic.cli._run import Invocation
    from mic.cli.builder import log_as_asked

    invocation = Invocation.of(found)
    log_as_asked(found)
    try:
        code = invocation.perform()
    except Exception as error:
        if isinstance(error, BrokenPipeError) and results_are_unread():
            raise
        return _failed(error, arguments)
    # The system keeps eight bits: 256 would be a success.
    return code if 0 <= code <= 255 else 1


def _failed(error: Exception, arguments: list[str]) -> int:
    from mic.cli._failures import report, unexpected
    from mic.model import DomainError

    if not isinstance(error, DomainError):
        error = unexpected(error, traceback=asks_for_tracebacks(arguments))
    return report(error, as_json=asks_for_json(arguments))
