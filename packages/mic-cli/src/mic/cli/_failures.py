"""How a command ends that has no result: an exit code, and one line or one problem document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mic.cli._output import one_line, write_note
from mic.cli.exit_codes import ExitCode
from mic.model import (
    ConfigurationError,
    DomainError,
    ForbiddenError,
    TransientError,
    UnauthorizedError,
)

_STATUS: Mapping[int, int] = {ExitCode.FAILED: 422, ExitCode.USAGE: 400}
"""The member `status` of a problem document, which must have one."""


class CliError(DomainError):
    """A failure of the command line itself, with an exit code of its own.

    Attributes:
        exit_code: The process's exit code.
    """

    def __init__(
        self,
        code: str,
        message: str,
        exit_code: int = ExitCode.FAILED,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Describe it, in one line."""
        super().__init__(
            code=code,
            message=one_line(message),
            details=details,
            http_status_code=_STATUS.get(exit_code, 500),
        )
        self.exit_code = int(exit_code)


class UsageError(CliError):
    """The command line is wrong."""

    def __init__(self, message: str) -> None:
        """Say what is wrong with it."""
        super().__init__("cli.usage", message, ExitCode.USAGE)


def unexpected(error: BaseException, *, traceback: bool) -> CliError:
    """What is said of an exception that is no outcome; its text may hold anything, so is not."""
    lines: list[str] = []
    if traceback:
        from traceback import format_exception

        lines = "".join(format_exception(error)).splitlines()
    hint = "" if traceback else "; -vv shows the traceback"
    return CliError(
        "cli.unexpected",
        f"unexpected {type(error).__name__}{hint}",
        ExitCode.SOFTWARE,
        {"traceback": lines} if lines else None,
    )


def exit_code_of(error: DomainError) -> int:
    """The exit code that stands for an error."""
    if isinstance(error, CliError):
        return error.exit_code
    for kinds, code in (
        ((ConfigurationError,), ExitCode.CONFIG),
        ((TransientError,), ExitCode.TEMPFAIL),
        ((UnauthorizedError, ForbiddenError), ExitCode.NOPERM),
    ):
        if isinstance(error, kinds):
            return int(code)
    return int(ExitCode.FAILED)


def problem_text(error: DomainError) -> str:
    """The error as one problem document (RFC 9457) on one line."""
    return json.dumps(error.to_problem()) + "\n"


def report(error: DomainError, *, as_json: bool) -> int:
    """Say on standard error what went wrong; give the exit code."""
    if as_json:
        write_note(problem_text(error))
    else:
        for line in error.details.get("traceback", []) if isinstance(error, CliError) else []:
            write_note(line)
        write_note(f"error: {one_line(error.message)} [{one_line(error.code)}]")
    return exit_code_of(error)
