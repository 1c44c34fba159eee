"""One server process that we started: its start with a deadline, its failures, its log, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mic.testing.servers._ports import knock
from mic.testing.servers._processes import (
    descendants,
    signal_tree,
    wait_until_gone,
    wait_until_stopped,
)
from mic.testing.servers._watchdog import MARK, Watchdog
from mic.testing.servers.server import ServerStartError

_POLL_SECONDS = 0.02
_STOP_SECONDS = 10.0
_TAIL_BYTES = 8_000
_PORT_TAKEN = ("address already in use", "eaddrinuse", "address in use")


@dataclass(frozen=True, slots=True)
class Launch:
    """How a process is started.

    Attributes:
        command: Program and arguments.
        port: Where it will listen on 127.0.0.1.
        probe: Asks the server in its own protocol; returns what it is and its version, raises
            whatever it likes while there is no answer. Not called before the port is open, since
            some clients cost more than the server that starts.
        environment: Added to ours.
        user: The numbers of the user and the group to run as; `None`: ours.
        stop_signal: What asks it to end by itself.
        deadline_seconds: The longest that a start may take.
    """

    command: Sequence[str]
    port: int
    probe: Callable[[], str]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    deadline_seconds: float = 20.0


class PortTakenError(ServerStartError):
    """Somebody else took the port between its choice and the start."""


class ManagedProcess:
    """The `ServerControl` of a process that we started.

    Args:
        name: What it is called in messages.
        launch: How it is started, the same way at every restart.
        folder: Its folder: its data, its log, and where it runs.
        watchdog: Told of every process.
    """

    def __init__(self, name: str, launch: Launch, *, folder: Path, watchdog: Watchdog) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / "output.log"
        self._launch = launch
        self._watchdog = watchdog
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._paused = False

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> str:
        """Start it and wait until it answers.

        Returns:
            What answered, and its version.

        Raises:
            PortTakenError: Its port is another's.
            ServerStartError: It ended, or did not answer in time.
        """
        with self._lock:
            began = self.log_size()
            self._spawn()
            try:
                return self._wait_for_answer(began)
            except BaseException:
                self.kill()
                raise

    def kill(self) -> None:
        """SIGKILL for the whole tree, and wait until it is gone."""
        with self._lock:
            process = self._process
            if process is None:
                return
            gone = signal_tree(process.pid, signal.SIGKILL) if process.poll() is None else []
            process.wait()
            wait_until_gone(gone, _STOP_SECONDS)
            self._ended()

    def pause(self) -> None:
        """SIGSTOP for the whole tree."""
        with self._lock:
            process = self._process
            if process is None or process.poll() is not None:
                msg = f"{self.name} is not running, so it cannot be paused"
                raise RuntimeError(msg)
            wait_until_stopped(signal_tree(process.pid, signal.SIGSTOP), _STOP_SECONDS)
            self._paused = True

    def resume(self) -> None:
        """SIGCONT for the whole tree."""
        with self._lock:
            if self._paused and self._process is not None:
                signal_tree(self._process.pid, signal.SIGCONT)
            self._paused = False

    def restart(self) -> None:
        """Stop and start, on the same port and folder."""
        with self._lock:
            self.stop()
            self.start()

    def ask_to_stop(self) -> None:
        """Ask it to end, and do not wait for that."""
        with self._lock:
            self.resume()
            if self._process is not None:
                self._process.send_signal(self._launch.stop_signal)

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        with self._lock:
            process = self._process
            if process is not None and process.poll() is None:
                tree = descendants(process.pid)
                self.ask_to_stop()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    pass  # then the hard way
                else:
                    wait_until_gone(tree, _STOP_SECONDS)
            self.kill()

    def heal(self) -> bool:
        """Put right what a test has left, killed or paused; returns whether there was anything."""
        with self._lock:
            hurt = self._paused or self._process is None
            self.resume()
            if self._process is None:
                self.start()
            return hurt

    def log_size(self) -> int:
        """Bytes in the log."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_tail(self, since: int = 0) -> str:
        """The end of what was logged after the byte `since`: 8,000 bytes at most."""
        size = self.log_size()
        if size <= since:
            return ""
        with self.log.open("rb") as file:
            file.seek(max(since, size - _TAIL_BYTES))
            return file.read(_TAIL_BYTES).decode(errors="replace")

    def _spawn(self) -> None:
        launch = self._launch
        user, group = launch.user or (None, None)
        with self.log.open("ab") as log:
            self._process = process = subprocess.Popen(
                list(launch.command),
                cwd=self.folder,
                env={**os.environ, **launch.environment, MARK: str(self.folder.parent)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # neither Ctrl-C nor the end of a terminal is for it
                user=user,
                group=group,
                extra_groups=None if group is None else [group],
            )
        self._paused = False
        self._watchdog.watch(process.pid, launch.stop_signal)

    def _wait_for_answer(self, began: int) -> str:
        launch, process = self._launch, self._process
        assert process is not None
        deadline = time.monotonic() + launch.deadline_seconds
        while True:
            over = time.monotonic() >= deadline
            try:
                knock(launch.port)
                answer = launch.probe()
            except Exception as error:
                problem = error
            else:
                # an answer while ours has ended came from another's server on our port
                if process.poll() is None:
                    return answer
            code = process.poll()
            if code is not None:
                tail = self.log_tail(began)
                taken = any(words in tail.lower() for words in _PORT_TAKEN)
                kind = PortTakenError if taken else ServerStartError
                msg = f"{self.name} ended with code {code} instead of starting:\n{tail}"
                raise kind(msg)
            if over:
                msg = (
                    f"{self.name} did not answer within {launch.deadline_seconds:g} s of its start"
                    f" ({type(problem).__name__}: {problem}):\n{self.log_tail(began)}"
                )
                raise ServerStartError(msg) from problem
            time.sleep(_POLL_SECONDS)

    def _ended(self) -> None:
        assert self._process is not None
        self._watchdog.forget(self._process.pid)
        self._process = None
        self._paused = False
