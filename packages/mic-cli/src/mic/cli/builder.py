"""From commands to a parser, and from arguments to an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mic.cli._output import ResultsGuard
from mic.cli._parsers import (
    RUNNER,
    VERBOSE,
    Common,
    add_command,
    add_level,
    root_parser,
)
from mic.cli._run import Invocation
from mic.cli.spec import CliCommandSpec, CliGroupSpec, check_level

if TYPE_CHECKING:
    from mic.cli._parsers import Level

__all__ = ["adispatch", "build_parser", "dispatch"]


def build_parser(
    *,
    prog: str,
    description: str,
    commands: Iterable[CliCommandSpec | CliGroupSpec],
    version: str | None = None,
    verbose: bool = False,
    json_output: bool = False,
) -> argparse.ArgumentParser:
    """Make the parser of a command line.

    Guarantees: a sub-command is required. After parsing, `command` is the name of the first level
    and `command_path` the names of all levels, both without aliases. `%` in any help is shown as it
    is. With `verbose` and `json_output` the flags `-v` (counted, in `verbose`) and `--json` (in
    `json_output`) work before and after every sub-command, and add up.

    Args:
        prog: Name of the program.
        description: What it is for.
        commands: Commands and groups, at least one.
        version: What `--version` prints after `prog`; `None`: there is no such option.
        verbose: Whether there is `-v`; `dispatch` then logs to standard error, once INFO, twice
            DEBUG.
        json_output: Whether there is `--json`.

    Raises:
        ValueError: No commands, a name given twice on one level, a name that cannot be typed, or an
            argument of a command that collides with what this parser keeps for itself.
        TypeError: Something else than a spec among the commands.
    """
    specs = tuple(commands)
    check_level(specs, prog)
    common = Common(verbose=verbose, json_output=json_output)
    parser = root_parser(prog=prog, description=description, common=common, version=version)
    level = add_level(parser, common, 0)
    for spec in specs:
        add_spec(level, spec, common)
    return parser


def add_spec(
    level: Level, spec: CliCommandSpec | CliGroupSpec, common: Common, above: tuple[str, ...] = ()
) -> None:
    """Add a command, or a group and all below it, to a level."""
    parser = add_command(level, spec.name, spec.resolved_help(), aliases=spec.aliases)
    path = (*above, spec.name)
    if isinstance(spec, CliGroupSpec):
        below = add_level(parser, common, len(path))
        for each in spec.commands:
            add_spec(below, each, common, path)
        return
    name = " ".join(path)
    if spec.build_args is not None:
        try:
            spec.build_args(parser)
        except argparse.ArgumentError as error:
            raise ValueError(f"command {name}: {error}") from error
    reserved = common.reserved()
    for action in parser._actions:
        if action.dest in reserved:
            raise ValueError(f"command {name}: the destination {action.dest!r} is reserved")
    parser.set_defaults(command=path[0], command_path=path, **{RUNNER: spec.run})


def dispatch(parser: argparse.ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Parse the arguments, run the command, print its result, and give the exit code.

    Guarantees: standard output holds results only, all else goes to standard error. Under `--json`
    a success is exactly one JSON document on standard output; a failure is one problem document
    (RFC 9457) on standard error, and no output. A `DomainError` is one line and its exit code
    (`ExitCode`). An awaitable runs under `asyncio.run`; SIGINT and SIGTERM cancel it, so that its
    `finally` blocks run, and a second signal ends it at once; the code is 130 or 143 unless the
    command catches the cancellation and returns one. A reader of standard output that has gone is
    no error.

    Args:
        parser: Made by `build_parser`.
        argv: The arguments; `None`: those of the process.

    Raises:
        SystemExit: The arguments are wrong (2), or ask for help or the version (0).
        RuntimeError: The command is asynchronous, and an event loop runs already: use `adispatch`.
        TypeError: The command returned something that is no outcome.
        ValueError: The parser was not made by `build_parser`.
        Exception: Whatever else the command raises.
    """
    code = 0
    with ResultsGuard() as guard:
        invocation = Invocation.of(parser.parse_args(argv))
        log_as_asked(invocation.arguments)
        code = invocation.perform()
    return guard.ended(code)


async def adispatch(parser: argparse.ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Do the same as `dispatch` on a running event loop.

    Guarantees: those of `dispatch`, but signals stay the loop's owner's, and a cancellation passes
    to the command and on to the caller. A command that is no coroutine function runs in a worker
    thread, and so does printing.

    Args:
        parser: Made by `build_parser`.
        argv: The arguments; `None`: those of the process.

    Raises:
        SystemExit: As `dispatch`.
        TypeError: As `dispatch`.
        ValueError: As `dispatch`.
        Exception: Whatever else the command raises.
    """
    code = 0
    with ResultsGuard() as guard:
        invocation = Invocation.of(parser.parse_args(argv))
        log_as_asked(invocation.arguments)
        code = await invocation.aperform()
    return guard.ended(code)


def log_as_asked(arguments: argparse.Namespace) -> None:
    """Set logging up when `-v` was given; a root logger that has handlers is left as it is."""
    times = getattr(arguments, VERBOSE, 0)
    if isinstance(times, int) and times > 0:
        import logging

        logging.basicConfig(level=logging.DEBUG if times > 1 else logging.INFO, stream=sys.stderr)
