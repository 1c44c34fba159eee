"""Commands as data."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

__all__ = [
    "ArgsBuilder",
    "CliCommandSpec",
    "CliGroupSpec",
    "CommandOutcome",
    "CommandResult",
    "CommandRunner",
]

NO_DESCRIPTION = "(no description)"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command found, for programs and for people.

    Attributes:
        data: JSON-ready; printed as one JSON document under `--json`.
        text: Printed otherwise. `None`: made from `data`, a table of a list of objects and
            `key: value` lines of one object.
        exit_code: The process's exit code. A result is printed whatever its code is.
    """

    data: Any = None
    text: str | None = None
    exit_code: int = 0


CommandOutcome: TypeAlias = int | CommandResult | None
CommandRunner: TypeAlias = Callable[
    [argparse.Namespace], CommandOutcome | Awaitable[CommandOutcome]
]
"""Does the work of a command; may be a coroutine function."""
ArgsBuilder: TypeAlias = Callable[[argparse.ArgumentParser], None]
"""Adds the arguments of a command to its parser, and an epilog with examples where it likes."""


@dataclass(frozen=True)
class CliCommandSpec:
    """One command.

    Attributes:
        name: What is typed; unique among its neighbours, without blanks and no leading `-`.
        run: Called with the parsed arguments. Its outcome: `None` is exit code 0, an `int` is the
            exit code, a `CommandResult` is printed. An awaitable is run to its end.
        help: One line for the list of commands; shown as it is, `%` included.
        build_args: Adds the arguments.
        aliases: Further names.
    """

    name: str
    run: CommandRunner
    help: str = ""
    build_args: ArgsBuilder | None = None
    aliases: tuple[str, ...] = ()

    def resolved_help(self) -> str:
        """Give `help`, else the first line of the runner's docstring, else `(no description)`.

        The docstring is that of the wrapped function for a `partial`, and of `__call__` for any
        other object.
        """
        if self.help.strip():
            return self.help
        lines = inspect.cleandoc(_docstring(self.run)).strip().splitlines()
        return lines[0].strip() if lines else NO_DESCRIPTION


@dataclass(frozen=True)
class CliGroupSpec:
    """Commands below one name, such as `outbox status` and `outbox purge`; groups may nest.

    Attributes:
        name: What is typed; as for a command.
        commands: What stands below it, at least one.
        help: One line for the list of commands.
        aliases: Further names.
    """

    name: str
    commands: tuple[CliCommandSpec | CliGroupSpec, ...]
    help: str = ""
    aliases: tuple[str, ...] = ()

    def resolved_help(self) -> str:
        """Give `help`, else `(no description)`."""
        return self.help if self.help.strip() else NO_DESCRIPTION


def check_level(specs: Iterable[CliCommandSpec | CliGroupSpec], where: str) -> None:
    """Check the commands of one level, and those of the groups among them.

    Raises:
        ValueError: No commands, a name that cannot be typed, or one that is given twice.
        TypeError: Something else than a spec.
    """
    taken: set[str] = set()
    for spec in specs:
        if not isinstance(spec, CliCommandSpec | CliGroupSpec):
            raise TypeError(f"{where}: {type(spec).__name__} is neither a command nor a group")
        for name in (spec.name, *spec.aliases):
            if not name.isprintable() or name.startswith("-") or not name or " " in name:
                raise ValueError(f"{where}: {name!r} cannot be the name of a command")
            if name in taken:
                raise ValueError(f"{where}: two commands are called {name!r}")
            taken.add(name)
        if isinstance(spec, CliGroupSpec):
            check_level(spec.commands, f"{where} {spec.name}")
    if not taken:
        raise ValueError(f"{where}: there are no commands")


def _docstring(run: Any) -> str:
    while isinstance(run, partial):
        run = run.func
    if not inspect.isroutine(run) and not inspect.isclass(run):
        run = type(run).__call__
    text = run.__doc__
    return text if isinstance(text, str) else ""
