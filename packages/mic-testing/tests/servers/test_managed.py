from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mic.testing import eventually
from mic.testing.servers import ServerStartError
from mic.testing.servers import _managed as module
from mic.testing.servers._managed import Launch, ManagedProcess, PortTakenError
from mic.testing.servers._ports import free_ports
from mic.testing.servers._processes import descendants, is_running, wait_until_gone
from mic.testing.servers._watchdog import Watchdog

ECHO = """
import os, signal, socket, subprocess, sys
print("program", os.getpid(), os.environ.get("COLOUR"), flush=True)
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "breed" in sys.argv:
    subprocess.Popen(["sleep", "100"])
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listening:
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"hello " + connection.recv(100))
"""

Make = Callable[..., ManagedProcess]


def _ask(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), 0.3) as connection:
        connection.sendall(b"ada")
        return connection.recv(100).decode()


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def make(tmp_path: Path, watchdog: Watchdog, port: int) -> Iterator[Make]:
    made: list[ManagedProcess] = []

    def build(
        *words: str, source: str = ECHO, answer: str = "", seconds: float = 20
    ) -> ManagedProcess:
        launch = Launch(
            command=[sys.executable, "-c", source, str(port), *words],
            port=port,
            probe=(lambda: answer) if answer else lambda: _ask(port),
            environment={"COLOUR": "red"},
            deadline_seconds=seconds,
        )
        process = ManagedProcess("echo", launch, folder=tmp_path, watchdog=watchdog)
        made.append(process)
        return process

    yield build
    for process in made:
        process.kill()


def _is_down(process: ManagedProcess) -> bool:
    return process.pid is None


def test_a_start_returns_what_answered(make: Make, port: int) -> None:
    process = make()
    assert _is_down(process)
    assert process.start() == "hello ada"
    assert process.pid is not None
    assert is_running(process.pid)
    assert process.log_tail() == f"program {process.pid} red\n"
    assert process.log_tail(since=8) == f"{process.pid} red\n"


def test_a_killed_one_refuses_at_once_and_comes_back(make: Make, port: int) -> None:
    process = make("breed")
    process.start()
    first = process.pid
    assert first is not None
    children = descendants(first)
    process.kill()
    assert wait_until_gone([first, *children], 0)
    assert len(children) == 1
    assert _is_down(process)
    with pytest.raises(ConnectionRefusedError, match="refused"):
        _ask(port)
    process.kill()
    process.restart()
    assert process.pid not in {None, first}
    assert _ask(port) == "hello ada"


def test_a_paused_one_says_nothing_until_it_goes_on(make: Make, port: int) -> None:
    process = make()
    process.start()
    process.resume()
    process.pause()
    with pytest.raises(TimeoutError, match="timed out"):
        _ask(port)
    process.resume()
    assert _ask(port) == "hello ada"


def test_a_paused_one_can_be_killed_and_restarted(make: Make, port: int) -> None:
    process = make()
    process.start()
    process.pause()
    process.restart()
    assert _ask(port) == "hello ada"
    process.pause()
    process.kill()
    assert process.pid is None


def test_one_that_is_down_cannot_be_paused(make: Make) -> None:
    process = make()
    with pytest.raises(RuntimeError, match="echo is not running, so it cannot be paused"):
        process.pause()
    process.resume()
    process.ask_to_stop()
    assert _is_down(process)


def test_one_that_does_not_want_to_end_is_killed(
    make: Make, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STOP_SECONDS", 0.2)
    process = make("deaf")
    process.start()
    process.stop()
    assert process.pid is None
    process.stop()


def test_what_a_test_left_is_put_right(make: Make, port: int) -> None:
    process = make()
    process.start()
    first = process.pid
    process.heal()
    assert process.pid == first
    process.pause()
    process.heal()
    assert _ask(port) == "hello ada"
    process.kill()
    process.heal()
    assert _ask(port) == "hello ada"


def test_one_that_died_by_itself_is_not_hidden(make: Make) -> None:
    process = make()
    process.start()
    assert process._process is not None
    process._process.send_signal(signal.SIGKILL)
    eventually(lambda: process.pid is None)
    process.heal()
    assert process.pid is None


def test_one_that_ends_at_once_is_told_with_its_log(make: Make) -> None:
    process = make(source="raise SystemExit('no such option')")
    with pytest.raises(
        ServerStartError, match=r"(?s)echo ended with code 1 instead of starting:\nno such option"
    ) as caught:
        process.start()
    assert not isinstance(caught.value, PortTakenError)
    assert process.pid is None


def test_a_taken_port_is_told_apart(make: Make, port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(PortTakenError, match="Address already in use"),
    ):
        make().start()


def test_another_servers_answer_on_our_port_is_not_ours(make: Make, port: int) -> None:
    process = make(source="print('gone')", answer="another")

    def answer_when_it_is_gone() -> str:
        eventually(lambda: process.pid is None)
        return "another"

    object.__setattr__(process._launch, "probe", answer_when_it_is_gone)
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(ServerStartError, match="ended with code 0 instead of starting:\ngone"),
    ):
        process.start()


def test_one_that_never_answers_is_given_up_and_killed(make: Make) -> None:
    source = "import time; print('I think', flush=True); time.sleep(100)"
    process = make(source=source, seconds=2)
    with pytest.raises(
        ServerStartError,
        match=r"did not answer within 2 s of its start \(ConnectionRefusedError: .*\):\nI think",
    ):
        process.start()
    assert process.pid is None


def test_only_the_log_of_this_start_is_told(make: Make, tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("Address already in use: long ago\n")
    process = make(source="raise SystemExit('now')")
    with pytest.raises(ServerStartError, match=r"starting:\nnow\n$"):
        process.start()


def test_a_long_log_is_cut(make: Make, tmp_path: Path) -> None:
    process = make()
    assert process.log_tail() == ""
    (tmp_path / "output.log").write_text("x" * 10_000 + "end")
    assert len(process.log_tail()) == 8_000
    assert process.log_tail().endswith("xend")
