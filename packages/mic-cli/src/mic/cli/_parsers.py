"""Parsers of commands, `mic`'s own and those that services build.

`mic --help` needs this module and not much more, so it imports neither `typing` nor `dataclasses`.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

from mic.cli._light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

    Level = argparse._SubParsersAction[argparse.ArgumentParser]

RUNNER = "_mic_run"
VERBOSE = "verbose"
JSON = "json_output"
_LEVEL = "_mic_level_"


class Common:
    """What all parsers of one command line share."""

    __slots__ = ("json_asked", "json_output", "verbose")

    def __init__(self, *, verbose: bool, json_output: bool) -> None:
        self.verbose = verbose
        self.json_output = json_output
        self.json_asked = False

    def reserved(self) -> set[str]:
        """The destinations that no command may use for itself."""
        flags = {VERBOSE: self.verbose, JSON: self.json_output}
        return {"command", "command_path", RUNNER, *(name for name, on in flags.items() if on)}


class CommandParser(argparse.ArgumentParser):
    """A parser whose common flags may stand at any level.

    Every level counts for itself; the root adds up, because an inner parser of `argparse`
    overwrites what an outer one found.
    """

    def __init__(self, *, common: Common, depth: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.color = False  # argparse of Python 3.14 would colour even a pipe that asks for it
        self._common = common
        self._depth = depth
        if common.verbose:
            self.add_argument(
                "-v",
                "--verbose",
                dest=f"{_LEVEL}{VERBOSE}_{depth}",
                action="count",
                default=argparse.SUPPRESS,
                help="log to standard error; twice for debugging",
            )
        if common.json_output:
            self.add_argument(
                "--json",
                dest=f"{_LEVEL}{JSON}_{depth}",
                action="store_true",
                default=argparse.SUPPRESS,
                help="print the result as one JSON document",
            )

    def parse_known_args(  # type: ignore[override] # a narrower form of argparse's overloads
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse as ever; the root adds up the flags of all levels."""
        if self._depth:
            return super().parse_known_args(args, namespace)
        arguments = sys.argv[1:] if args is None else list(args)
        self._common.json_asked = self._common.json_output and asks_for_json(arguments)
        found, rest = super().parse_known_args(arguments, namespace)
        counts = {VERBOSE: 0, JSON: 0}
        for name in [each for each in vars(found) if each.startswith(_LEVEL)]:
            counts[name.removeprefix(_LEVEL).rpartition("_")[0]] += int(found.__dict__.pop(name))
        if self._common.verbose:
            setattr(found, VERBOSE, counts[VERBOSE])
        if self._common.json_output:
            setattr(found, JSON, bool(counts[JSON]))
        return found, rest

    def error(self, message: str) -> NoReturn:
        """End the process with exit code 2: usage and message, or a problem document."""
        if self._common.json_asked:
            from mic.cli._failures import UsageError, problem_text

            self.exit(2, problem_text(UsageError(message)))
        super().error(message)


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether the flag stands among arguments that nobody has parsed."""
    return "--json" in _options(arguments)


def asks_for_tracebacks(arguments: Sequence[str]) -> bool:
    """Whether `-v` stands twice among arguments that nobody has parsed."""
    return sum(_verbosity(each) for each in _options(arguments)) > 1


def _options(arguments: Sequence[str]) -> list[str]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [each for each in arguments[:end] if each.startswith("-")]


def _verbosity(option: str) -> int:
    if option == "--verbose":
        return 1
    return len(option) - 1 if set(option[1:]) == {"v"} else 0


def root_parser(
    *,
    prog: str,
    description: str,
    common: Common,
    version: str | None = None,
    epilog: str | None = None,
) -> CommandParser:
    """Make the parser of a whole command line, yet without commands."""
    parser = CommandParser(
        common=common,
        depth=0,
        prog=prog,
        description=as_description(description),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter if epilog else argparse.HelpFormatter,
    )
    if version is not None:
        text = f"{prog} {version}".replace("%", "%%")
        parser.add_argument("--version", action="version", version=text)
    return parser


def add_level(parser: argparse.ArgumentParser, common: Common, depth: int) -> Level:
    """Give a parser required sub-commands; those of the root are found in `command`."""
    return parser.add_subparsers(  # type: ignore[call-overload,no-any-return] # a class with arguments
        dest=argparse.SUPPRESS if depth else "command",
        required=True,
        metavar="COMMAND",
        title="commands",
        parser_class=partial(CommandParser, common=common, depth=depth + 1),
    )


def add_command(
    level: Level, name: str, help_text: str, *, aliases: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """Add one sub-command to a level; its help is shown as it is."""
    return level.add_parser(
        name,
        help=help_text.replace("%", "%%"),
        description=as_description(help_text),
        aliases=tuple(aliases),
    )


def as_description(text: str) -> str:
    """The text as `argparse` shows it unchanged: it formats a description only for a `%(prog)`."""
    return text.replace("%", "%%") if "%(prog)" in text else text
