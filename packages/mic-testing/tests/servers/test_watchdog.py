from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic.testing import eventually
from mic.testing.servers._processes import is_running, started_at, wait_until_gone
from mic.testing.servers._watchdog import MARK, Watchdog, clean_up, main

StartChild = Callable[..., Any]

WAITS = "import time; print('up', flush=True); time.sleep(100)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS
POLITE = """
import pathlib, signal, sys, time
def end(*_):
    pathlib.Path(sys.argv[1]).write_text("ended by itself")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(100)
"""
OWNER = """
import os, subprocess, sys, time
from pathlib import Path
from signal import SIGTERM
from mic.testing.servers._watchdog import Watchdog

watchdog = Watchdog(Path(sys.argv[1]))
child = subprocess.Popen(["sleep", "100"], start_new_session=True)
watchdog.watch(child.pid, SIGTERM)
if "fork" in sys.argv:
    if os.fork() == 0:
        time.sleep(100)
print(watchdog.pid, child.pid, flush=True)
time.sleep(100)
"""


def _watch(*children: Any, began: str | None = None) -> dict[int, tuple[str, signal.Signals]]:
    return {
        each.pid: (started_at(each.pid) if began is None else began, signal.SIGTERM)
        for each in children
    }


def test_it_ends_when_it_is_told_and_leaves_everything(tmp_path: Path) -> None:
    watchdog = Watchdog(tmp_path)
    watchdog.watch(os.getpid(), signal.SIGTERM)
    watchdog.forget(os.getpid())
    watchdog.close()
    assert not is_running(watchdog.pid)
    assert tmp_path.exists()


def test_signals_for_everybody_are_not_for_it(watchdog: Watchdog, start_child: StartChild) -> None:
    assert os.getsid(watchdog.pid) == watchdog.pid
    child = start_child(WAITS)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    mask = sum(1 << number - 1 for number in numbers)
    eventually(lambda: _ignored(watchdog.pid) & mask == mask)
    for number in numbers:
        os.kill(watchdog.pid, number)
    assert is_running(watchdog.pid)
    assert is_running(child.pid)


def _ignored(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("SigIgn"))


@pytest.mark.parametrize("how", ["", "fork"])
def test_when_its_owner_is_killed_it_cleans_up(
    how: str, start_child: StartChild, tmp_path: Path
) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / "data").write_text("x")
    owner = start_child(OWNER, str(folder), how, start_new_session=True)
    pids = [int(word) for word in owner.first_line.split()]
    assert all(is_running(pid) for pid in pids)
    os.kill(owner.pid, signal.SIGKILL)
    try:
        assert wait_until_gone(pids, 10)
        assert not folder.exists()
    finally:
        os.killpg(owner.pid, signal.SIGKILL)


def test_an_owner_may_outlive_it(tmp_path: Path) -> None:
    watchdog = Watchdog(tmp_path)
    os.kill(watchdog.pid, signal.SIGKILL)
    assert wait_until_gone([watchdog.pid], 5)
    watchdog.watch(1, signal.SIGTERM)
    watchdog.close()


def test_one_that_ends_by_itself_may(start_child: StartChild, tmp_path: Path) -> None:
    said = tmp_path / "said"
    child = start_child(POLITE, str(said))
    os.kill(child.pid, signal.SIGSTOP)  # even paused
    clean_up(tmp_path / "session", _watch(child))
    assert said.read_text() == "ended by itself"


def test_one_that_does_not_is_killed(
    start_child: StartChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mic.testing.servers._watchdog._GRACE_SECONDS", 0.1)
    child = start_child(DEAF)
    clean_up(tmp_path / "session", _watch(child))
    assert child.wait(5) == -signal.SIGKILL


def test_a_number_that_is_anothers_by_now_is_left_alone(
    start_child: StartChild, tmp_path: Path
) -> None:
    child = start_child(WAITS)
    clean_up(tmp_path / "session", _watch(child, began="long ago"))
    assert is_running(child.pid)


def test_one_that_it_was_not_told_of_is_found(start_child: StartChild, tmp_path: Path) -> None:
    folder = tmp_path / "session"
    child = start_child(WAITS, env={**os.environ, MARK: str(folder)})
    clean_up(folder, {})
    assert child.wait(5) == -signal.SIGKILL


def test_one_that_is_gone_is_no_trouble(start_child: StartChild, tmp_path: Path) -> None:
    child = start_child("print('up')")
    watched = _watch(child)
    child.wait()
    clean_up(tmp_path / "session", watched | {2**22 + 1: ("", signal.SIGTERM)})
    assert not is_running(child.pid)


@pytest.mark.parametrize(
    ("said", "left"), [("done\n", True), ("", False), ("watch 4194305 15\nforget 4194305\n", False)]
)
def test_its_words(said: str, left: bool, tmp_path: Path) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "mic.testing.servers._watchdog", str(folder), str(os.getpid())],
        input=said.encode(),
        check=True,
    )
    assert (done.returncode, folder.exists()) == (0, left)


def test_main_is_what_runs() -> None:
    with pytest.raises(IndexError, match="out of range"):
        main([])
