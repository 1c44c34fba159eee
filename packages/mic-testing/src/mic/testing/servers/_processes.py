"""Processes as the operating system tells them: whole trees are signalled, never names.

Only the standard library, and next to nothing of it: the watchdog runs this too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
"""Where Linux tells about processes; elsewhere `ps` does."""

_ENDED = ("Z", "X")
_STOPPED = ("T", "t")


def same_imports() -> dict[str, str]:
    """What lets a Python that runs in another folder import what this one can."""
    paths = [str(Path(each).absolute()) for each in sys.path if each]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def signal_tree(pid: int, number: signal.Signals) -> list[int]:
    """Signal a process, then its descendants; returns all whom it reached or tried to.

    The root comes first, so that a stopped or killed one makes no more children while the rest is
    looked up.
    """
    before = descendants(pid)
    signal_one(pid, number)
    rest = list(dict.fromkeys([*descendants(pid), *before]))
    for each in rest:
        signal_one(each, number)
    return [pid, *rest]


def signal_one(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def descendants(pid: int) -> list[int]:
    """The children of a process, their children, and so on."""
    children: dict[int, list[int]] = {}
    for child, (parent, _, _) in _table().items():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    ask = [pid]
    while ask:
        more = children.get(ask.pop(), [])
        found += more
        ask += more
    return found


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    return _look(pid)[1] not in {"", *_ENDED}


def started_at(pid: int) -> str:
    """When a process began, so that a number that is used again is told apart; `""`: not known."""
    return _look(pid)[2]


def wait_until_gone(pids: Iterable[int], within: float) -> bool:
    """Wait until none of the processes runs; whether that came true in so many seconds."""
    return _wait_while(is_running, pids, within)


def wait_until_stopped(pids: Iterable[int], within: float) -> bool:
    """Wait until every one that runs is stopped: the signal alone takes a moment to arrive."""
    return _wait_while(lambda pid: _look(pid)[1] not in {"", *_ENDED, *_STOPPED}, pids, within)


def _wait_while(still: Callable[[int], bool], pids: Iterable[int], within: float) -> bool:
    deadline = time.monotonic() + within
    left = [pid for pid in pids if still(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = [pid for pid in left if still(pid)]
    return not left


def carrying(entry: str) -> list[int]:
    """The processes whose environment began with `entry` (`NAME=value`), as far as is told."""
    wanted = entry.encode()
    found = []
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def _table() -> dict[int, tuple[int, str, str]]:
    """Parent, state and start of every process."""
    if PROC.is_dir():
        return {int(each.name): _look(int(each.name)) for each in PROC.glob("[0-9]*")}
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,state=,lstart="],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
    return {int(pid): (int(parent), state[:1], began) for pid, parent, state, began in rows}


def _look(pid: int) -> tuple[int, str, str]:
    """Parent, state and start of one process; empty when there is none."""
    if not PROC.is_dir():
        return _table().get(pid, (0, "", ""))
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return 0, "", ""
    # the name stands in brackets and may itself hold brackets and spaces
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), fields[0], fields[19]
