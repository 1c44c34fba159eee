"""Failures of the command line itself."""

from __future__ import annotations

import json
import pickle

import pytest

from mic.cli import ExitCode
from mic.cli._failures import (
    CliError,
    UsageError,
    exit_code_of,
    problem_text,
    report,
    unexpected,
)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (CliError("a.b", "It\nfails"), 1, 422),
        (CliError("a.b", "It fails", ExitCode.SOFTWARE), 70, 500),
        (UsageError("It fails"), 2, 400),
    ],
)
def test_a_failure_has_a_code_and_a_status(error: CliError, code: int, status: int) -> None:
    assert exit_code_of(error) == code
    problem = json.loads(problem_text(error))
    assert (problem["status"], problem["code"]) == (status, error.code)
    assert "\n" not in error.message
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.exit_code) == (type(error), code)


def raised() -> Exception:
    try:
        raise ValueError("a secret")
    except ValueError as error:
        return error


def test_an_unexpected_exception_keeps_its_words_to_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert report(unexpected(raised(), traceback=False), as_json=False) == 70
    expected = "error: unexpected ValueError; -vv shows the traceback [cli.unexpected]\n"
    assert capsys.readouterr() == ("", expected)


def test_a_traceback_is_shown_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(unexpected(raised(), traceback=True), as_json=False) == 70
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-2:] == ["ValueError: a secret", "error: unexpected ValueError [cli.unexpected]"]
    report(unexpected(raised(), traceback=True), as_json=True)
    problem = json.loads(capsys.readouterr().err)
    assert problem["details"]["traceback"][-1] == "ValueError: a secret"
