"""SIGINT and SIGTERM, to real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mic.cli._signals import Stopped, handling, run_stoppable, terminable

PROGRAM = """
import asyncio, sys
from mic.cli import CliCommandSpec, build_parser, dispatch
from mic.cli._signals import terminable

async def wait(arguments):
    print("ready", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        print("finally", flush=True)

async def stubborn(arguments):
    try:
        await wait(arguments)
    finally:
        try:
            print("again", flush=True)
            await asyncio.Event().wait()
        finally:
            print("ended", flush=True)

async def obliging(arguments):
    try:
        await wait(arguments)
    except asyncio.CancelledError:
        return 5

def plain(arguments):
    import time
    try:
        with terminable():
            print("ready", flush=True)
            while True:
                time.sleep(0.01)
    finally:
        print("finally", flush=True)

names = {"wait": wait, "stubborn": stubborn, "obliging": obliging, "plain": plain}
commands = [CliCommandSpec(name, run) for name, run in names.items()]
parser = build_parser(prog="top", description="", commands=commands, json_output=True)
sys.exit(dispatch(parser))
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Starts the program and waits until its command runs."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(program), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["wait", "plain"])
def test_a_signal_runs_finally_and_gives_its_code(
    start: Any, command: str, number: signal.Signals, code: int
) -> None:
    process = start(command)
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("finally\n", "")
    assert process.returncode == code


def test_a_command_may_answer_for_itself(start: Any) -> None:
    process = start("obliging")
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == ("finally\n", "")
    assert process.returncode == 5


def test_a_second_signal_ends_it_at_once(start: Any) -> None:
    process = start("stubborn")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "finally\n"
    assert process.stdout.readline() == "again\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == ("ended\n", "")
    assert process.returncode == 143


def test_under_json_a_signal_is_a_problem_document(start: Any) -> None:
    process = start("wait", "--json")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert out == "finally\n"
    assert '"code": "cli.stopped"' in err
    assert process.returncode == 143


def test_a_signal_before_the_loop_runs_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    real = asyncio.run

    def run(main: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return real(main)

    monkeypatch.setattr(asyncio, "run", run)
    with pytest.raises(Stopped, match="15") as stopped:
        run_stoppable(asyncio.sleep(100))
    assert stopped.value.code == 143


def test_a_cancellation_that_no_signal_caused_passes() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        run_stoppable(cancelled())


def test_handlers_are_put_back_and_ignored_signals_stay_ignored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with handling(signal.SIGINT, signal.SIGTERM, handler=lambda _: None):
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not before
    finally:
        signal.signal(signal.SIGINT, old)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_handler_that_python_did_not_set_becomes_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = signal.getsignal
    set_to: list[Any] = []
    monkeypatch.setattr(signal, "getsignal", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda number, to: set_to.append(to))
    with terminable():
        assert len(set_to) == 1
    assert set_to[1] == signal.SIG_DFL
    monkeypatch.undo()
    assert signal.getsignal is real


def test_outside_the_main_thread_nothing_is_handled() -> None:
    found: list[Any] = []

    def run() -> None:
        with terminable():
            found.append(signal.getsignal(signal.SIGTERM))
        found.append(run_stoppable(asyncio.sleep(0, "slept")))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [before, "slept"]
