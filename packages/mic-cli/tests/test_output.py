"""The two streams: readers that go away, terminals, colours, full disks."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic.cli._failures import CliError
from mic.cli._output import (
    ResultsGuard,
    discard_results,
    error_name,
    one_line,
    results_are_unread,
    write_note,
    write_result,
)
from mic.cli.main import main

PROGRAM = """
import sys
from mic.cli import CliCommandSpec, CommandResult, build_parser, dispatch

def result(arguments):
    return CommandResult(text="line\\n" * 100_000)

def printing(arguments):
    for number in range(100_000):
        print("line")

def few(arguments):
    print("line")

def other(arguments):
    raise BrokenPipeError("a socket's")

async def waiting(arguments):
    return result(arguments)

names = {"result": result, "printing": printing, "few": few, "other": other, "waiting": waiting}
commands = [CliCommandSpec(name, run) for name, run in names.items()]
parser = build_parser(prog="top", description="", commands=commands)
sys.exit(dispatch(parser))
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return str(path)


@pytest.mark.parametrize("options", [[], ["-u"]])
@pytest.mark.parametrize("command", ["result", "printing", "waiting"])
def test_a_reader_that_has_gone_is_no_error(program: str, command: str, options: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, *options, program, command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_help_into_head_is_no_error(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m mic.cli --help; echo $? >code'
    done = subprocess.run(
        ["sh", "-c", f"({command}) | head -1"], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.startswith(b"usage: mic")
    assert done.stderr == b""
    assert (tmp_path / "code").read_text() == "0\n"


def test_help_to_nobody_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mic.cli", "--help"],
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_another_broken_pipe_is_an_error(program: str) -> None:
    done = subprocess.run(
        [sys.executable, program, "other"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "BrokenPipeError: a socket's" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("arguments", [["result"], ["few"], ["--help"]])
def test_a_full_disk_is_said_once(program: str, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, program, *arguments],
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "error: standard output cannot be written: No space left on device [cli.output_failed]\n"
    )


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


COLOURED = "\x1b[31mred\x1b[0m \x07bell\ttab"


@pytest.mark.parametrize(
    ("stream", "no_color", "expected"),
    [
        (Terminal(), "", f"{COLOURED}\n"),
        (Terminal(), "1", "red bell\ttab\n"),
        (io.StringIO(), "", "red bell\ttab\n"),
    ],
)
def test_control_sequences_reach_terminals_only(
    stream: io.StringIO, no_color: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("NO_COLOR", no_color)
    write_result(COLOURED)
    assert stream.getvalue() == expected


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "--help"], ["nothing"]])
def test_there_are_no_colours_in_a_pipe(arguments: list[str], run_mic: Callable[..., Any]) -> None:
    done = run_mic(*arguments, FORCE_COLOR="1", PYTHON_COLORS="1", CLICOLOR_FORCE="1", TERM="xterm")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stdout + done.stderr


def test_there_are_no_colours_on_a_terminal_that_wants_none() -> None:
    leader, follower = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "mic.cli", "list"],
            env={**os.environ, "NO_COLOR": "1", "TERM": "xterm"},
            stdout=follower,
            stderr=follower,
            check=True,
        )
        assert b"\x1b" not in os.read(leader, 65536)
    finally:
        os.close(leader)
        os.close(follower)


def test_any_text_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    write_result("ü \ud800")
    assert raw.getvalue() == b"\\xfc \\ud800\n"


def test_standard_error_that_is_closed_is_nobody_s_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    write_note("text")
    monkeypatch.setattr(sys, "stderr", open_one := io.StringIO())
    write_note("text\n")
    assert open_one.getvalue() == "text\n"


class Failing(io.StringIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def flush(self) -> None:
        raise self.error


def test_a_failure_names_the_system_s_reason_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Failing(OSError("secret")))
    with pytest.raises(CliError, match=r"^standard output cannot be written: OSError$"):
        write_result("x")
    sys.stdout.close()
    assert error_name(FileNotFoundError(2, "secret", "file")) == "No such file or directory"


def test_a_reader_that_has_gone_is_left_to_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Failing(BrokenPipeError("gone")))
    with pytest.raises(BrokenPipeError, match="gone"):
        write_result("x")
    assert main(["list"]) == 0
    sys.stdout.close()


def guarded(error: BaseException | None) -> tuple[int, object]:
    """The exit code after a guarded command that raises, and that of a `SystemExit`."""
    guard = ResultsGuard()
    left: object = None
    try:
        with guard:
            if error is not None:
                raise error
    except SystemExit as ended:
        left = ended.code
    return guard.ended(0), left


@pytest.mark.parametrize("error", [None, SystemExit(4), BrokenPipeError()])
def test_a_guard_forgives_a_reader_that_has_gone(
    error: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Failing(BrokenPipeError()))
    assert guarded(error) == (0, error.code if isinstance(error, SystemExit) else None)
    sys.stdout.close()


@pytest.mark.parametrize("error", [None, SystemExit(0)])
def test_a_guard_does_not_forgive_a_full_disk(
    error: BaseException | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdout", Failing(OSError(28, "secret")))
    assert guarded(error) == (1, 1 if error else None)
    sys.stdout.close()
    said = "error: standard output cannot be written: No space left on device [cli.output_failed]\n"
    assert capsys.readouterr().err == said


def test_a_guard_passes_what_is_not_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    for error in (BrokenPipeError("other"), ValueError("other")):
        guard = ResultsGuard()
        with pytest.raises(type(error), match="other"), guard:
            raise error
        assert guard.ended(3) == 3


def test_what_cannot_be_asked_is_not_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Failing(OSError()))
    assert not results_are_unread()
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    assert not results_are_unread()
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not results_are_unread()


def test_an_open_pipe_is_not_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert not results_are_unread()
        os.close(reader)
        assert results_are_unread()
        discard_results()
        assert not results_are_unread()
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\r\n c", "a b c"),
        ("\x1b[1;31mred\x1b[0m\x00", "red"),
        ("x" * 3000, "x" * 1997 + "..."),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
