"""What a command returns or raises becomes output and an exit code."""

from __future__ import annotations

import argparse
import json
from enum import IntEnum
from functools import partial
from typing import Any

import pytest

from mic.cli import CliCommandSpec, CommandResult, build_parser, dispatch
from mic.model import (
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    TransientError,
    UnauthorizedError,
)

Captured = pytest.CaptureFixture[str]


def run(outcome: Any, *flags: str) -> int:
    """Dispatches a command that returns the outcome, or raises it."""

    def runner(_: argparse.Namespace) -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    spec = CliCommandSpec("go", runner)
    parser = build_parser(prog="top", description="", commands=[spec], json_output=True)
    return dispatch(parser, ["go", *flags])


class Code(IntEnum):
    THREE = 3


@pytest.mark.parametrize(
    ("outcome", "code", "printed"),
    [
        (None, 0, ""),
        (0, 0, ""),
        (4, 4, ""),
        (Code.THREE, 3, ""),
        (CommandResult(), 0, ""),
        (CommandResult(exit_code=5), 5, ""),
        (CommandResult({"a": 1, "b": None}), 0, "a: 1\nb: -\n"),
        (CommandResult({"a": 1}, "text"), 0, "text\n"),
        (CommandResult({"a": 1}, "text\n", 1), 1, "text\n"),
        (CommandResult({"a": 1}, ""), 0, ""),
    ],
)
def test_outcomes(outcome: Any, code: int, printed: str, capsys: Captured) -> None:
    assert run(outcome) == code
    assert capsys.readouterr() == (printed, "")


@pytest.mark.parametrize(
    ("outcome", "code", "document"),
    [
        (None, 0, None),
        (0, 0, None),
        (CommandResult([1, "ü"], "text"), 0, [1, "ü"]),
        (CommandResult({"a": {"b": []}}, exit_code=1), 1, {"a": {"b": []}}),
    ],
)
def test_under_json_a_result_is_one_document(
    outcome: Any, code: int, document: Any, capsys: Captured
) -> None:
    assert run(outcome, "--json") == code
    captured = capsys.readouterr()
    assert json.loads(captured.out) == document
    assert captured.out.isascii()
    assert captured.err == ""


def test_under_json_a_bare_code_is_a_failure(capsys: Captured) -> None:
    assert run(9, "--json") == 9
    captured = capsys.readouterr()
    assert captured.out == ""
    problem = json.loads(captured.err)
    assert problem["message"] == "the command go ended with the exit code 9"


def cycle() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(100_000):
        found = [found]
    return found


@pytest.mark.parametrize("data", [object(), {1j: 2}, float("nan"), cycle(), deep(), b"x"])
def test_what_is_not_json_prints_nothing(data: Any, capsys: Captured) -> None:
    assert run(CommandResult(data, "text"), "--json") == 70
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["code"] == "cli.not_json"


@pytest.mark.parametrize("outcome", ["text", 1.5, True, object(), [1]])
def test_something_else_is_a_type_error_that_names_the_command(outcome: Any) -> None:
    with pytest.raises(TypeError, match=f"the command go returned {type(outcome).__name__}"):
        run(outcome)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransientError(message="Away\nnow"), 75),
        (DeadlineExceededError(message="Late"), 75),
        (UnauthorizedError(message="Who?"), 77),
        (ForbiddenError(message="No"), 77),
        (ConfigurationError(message="Wrong"), 78),
        (ConflictError(message="Taken"), 1),
        (NotFoundError(message="\x1b[31mGone\x1b[0m"), 1),
        (DomainError(code="a.b", message="It"), 1),
    ],
)
def test_an_error_is_one_line_and_its_code(error: DomainError, code: int, capsys: Captured) -> None:
    assert run(error) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    message = " ".join(error.message.replace("\x1b[31m", "").replace("\x1b[0m", "").split())
    assert captured.err == f"error: {message} [{error.code}]\n"
    assert run(error, "--json") == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err) == error.to_problem()


def test_an_error_of_a_coroutine_is_the_same(capsys: Captured) -> None:
    async def fail(_: argparse.Namespace) -> None:
        raise ForbiddenError(message="No")

    parser = build_parser(
        prog="top", description="", commands=[CliCommandSpec("go", partial(fail))]
    )
    assert dispatch(parser, ["go"]) == 77
    assert capsys.readouterr().err == "error: No [forbidden]\n"


def test_ctrl_c_is_quiet_but_for_programs(capsys: Captured) -> None:
    assert run(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "")
    assert run(KeyboardInterrupt(), "--json") == 130
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["code"] == "cli.stopped"


@pytest.mark.parametrize("error", [SystemExit(3), RuntimeError("x"), BrokenPipeError("other")])
def test_other_exceptions_pass(error: BaseException) -> None:
    with pytest.raises(type(error), match=str(error)):
        run(error)
