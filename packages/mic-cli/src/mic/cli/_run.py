"""One run of a command: calling it, and turning its outcome into output and an exit code."""

from __future__ import annotations

import argparse
import inspect
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any

from mic.cli._failures import CliError, report
from mic.cli._output import write_result
from mic.cli._parsers import JSON, RUNNER
from mic.cli._render import json_text, text_of
from mic.cli._signals import Stopped, run_stoppable
from mic.cli.exit_codes import ExitCode
from mic.cli.spec import CommandResult, CommandRunner
from mic.model import DomainError


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command and the arguments that it was called with."""

    arguments: argparse.Namespace
    run: CommandRunner
    name: str
    as_json: bool

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Invocation:
        """Find the command that was chosen.

        Raises:
            ValueError: The arguments were parsed by a parser that `build_parser` did not make.
        """
        run = getattr(arguments, RUNNER, None)
        if run is None:
            raise ValueError("dispatch needs a parser that build_parser made")
        path = getattr(arguments, "command_path", ())
        return cls(arguments, run, " ".join(path), getattr(arguments, JSON, False) is True)

    def perform(self) -> int:
        """Run the command and print its result."""
        with _Ending(self) as ending:
            outcome: Any = self.run(self.arguments)
            if inspect.isawaitable(outcome):
                outcome = run_stoppable(outcome)
            ending.code = self.present(outcome)
        return ending.code

    async def aperform(self) -> int:
        """Do the same on a running event loop."""
        import asyncio

        with _Ending(self) as ending:
            if _is_coroutine_function(self.run):
                outcome: Any = self.run(self.arguments)
            else:
                outcome = await asyncio.to_thread(self.run, self.arguments)
            if inspect.isawaitable(outcome):
                outcome = await outcome
            ending.code = await asyncio.to_thread(self.present, outcome)
        return ending.code

    def present(self, outcome: Any) -> int:
        """Print what a command returned; give the exit code.

        Raises:
            TypeError: It is no outcome.
            CliError: It has no JSON form, or under `--json` it is a bare exit code but 0.
        """
        if isinstance(outcome, CommandResult):
            result = outcome
        elif outcome is None or (isinstance(outcome, int) and not isinstance(outcome, bool)):
            result = CommandResult(exit_code=int(outcome or 0))
            if self.as_json and result.exit_code:
                raise CliError(
                    "cli.failed",
                    f"the command {self.name} ended with the exit code {result.exit_code}",
                    result.exit_code,
                )
        else:
            kind = type(outcome).__name__
            raise TypeError(
                f"the command {self.name} returned {kind}; None, an int or a CommandResult is meant"
            )
        text = json_text(result.data, self.name) if self.as_json else text_of(result)
        if text:
            write_result(text)
        return int(result.exit_code)


class _Ending:
    """Turns what ends a command into an exit code; other exceptions pass."""

    def __init__(self, invocation: Invocation) -> None:
        self.code = int(ExitCode.OK)
        self._as_json = invocation.as_json

    def __enter__(self) -> _Ending:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        if isinstance(error, DomainError):
            self.code = report(error, as_json=self._as_json)
        elif isinstance(error, KeyboardInterrupt):
            self.code = self._stopped(ExitCode.INTERRUPTED)
        elif isinstance(error, Stopped):
            self.code = self._stopped(error.code)
        else:
            return False
        return True

    def _stopped(self, code: int) -> int:
        """A person who presses Ctrl-C need not be told; a program gets its document."""
        if self._as_json:
            report(CliError("cli.stopped", "the command was stopped", code), as_json=True)
        return int(code)


def _is_coroutine_function(run: Any) -> bool:
    while isinstance(run, partial):
        run = run.func
    return inspect.iscoroutinefunction(run) or inspect.iscoroutinefunction(
        getattr(run, "__call__", None)  # noqa: B004 - the method, not whether there is one
    )
