"""Ends every server and removes its folder when pytest itself is killed.

`python -m mic.testing.servers._watchdog FOLDER PID` is a process of its own, in a session of its
own, so that neither Ctrl-C nor the end of a terminal reaches it. Its standard input is a pipe from
pytest; when that closes without a word, or its parent is another one, pytest has died, and it
cleans up.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mic.testing.servers._folders import remove_folder
from mic.testing.servers._processes import (
    carrying,
    is_running,
    same_imports,
    signal_tree,
    started_at,
    wait_until_gone,
)

MARK = "MIC_TESTING_SERVERS"
"""The variable in a server's environment that names the folder of its session.

A server that is killed between its start and its being told to the watchdog is found by it.
"""

_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 3.0


class Watchdog:
    """Pytest's side of the watchdog process.

    Args:
        folder: The session's folder, removed when pytest dies. What it holds is told by `watch`.
    """

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-P", "-m", __name__, str(folder), str(os.getpid())]
        self._process = subprocess.Popen(
            command,
            cwd="/",
            env={**os.environ, **same_imports()},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pid = self._process.pid

    def watch(self, pid: int, stop_signal: signal.Signals) -> None:
        """End this process and its descendants when pytest dies, first with `stop_signal`."""
        self._tell(f"watch {pid} {stop_signal.value}")

    def forget(self, pid: int) -> None:
        """The process has ended: its number may be another's by now."""
        self._tell(f"forget {pid}")

    def close(self) -> None:
        """Pytest has cleaned up itself."""
        self._tell("done")
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it was killed: nothing is guarded, the tests go on
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def main(arguments: Sequence[str]) -> int:
    """Run the watchdog: watch standard input, and clean up when it ends without `done`."""
    folder = Path(arguments[0])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched: dict[int, tuple[str, signal.Signals]] = {}
    for line in _lines(sys.stdin.fileno(), int(arguments[1])):
        word, *rest = line.split()
        if word == "watch":
            watched[int(rest[0])] = started_at(int(rest[0])), signal.Signals(int(rest[1]))
        elif word == "forget":
            watched.pop(int(rest[0]), None)
        else:
            return 0
    clean_up(folder, watched)
    return 0


def _lines(descriptor: int, parent: int) -> Iterator[str]:
    """The lines that pytest says, until it is gone."""
    rest = b""
    while True:
        ready, _, _ = select.select([descriptor], [], [], _LOOK_SECONDS)
        if ready:
            chunk = os.read(descriptor, 4096)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.decode()
        elif os.getppid() != parent:
            return  # a child that pytest forked holds the pipe open; pytest is gone all the same


def clean_up(folder: Path, watched: dict[int, tuple[str, signal.Signals]]) -> None:
    """End what runs, gently first, and remove the folder."""
    ours = [pid for pid, (began, _) in watched.items() if started_at(pid) == began]
    for pid in ours:
        # a paused server could not end itself
        signal_tree(pid, signal.SIGCONT)
        with suppress(ProcessLookupError):
            os.kill(pid, watched[pid][1])
    wait_until_gone(ours, _GRACE_SECONDS)
    _kill(ours)
    # also what one of them has started meanwhile
    remove_folder(folder, first=lambda: _kill(carrying(f"{MARK}={folder}")))


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        if is_running(pid):
            wait_until_gone(signal_tree(pid, signal.SIGKILL), _GRACE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
