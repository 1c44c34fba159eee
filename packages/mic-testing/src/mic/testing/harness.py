"""Worker processes of a test, killed where the test wants it: `ProcessHarness`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic.testing.servers._processes import signal_tree, wait_until_gone
from mic.testing.servers._watchdog import MARK, Watchdog
from mic.testing.worker import KILL_AT, SAYS

if TYPE_CHECKING:
    from types import TracebackType

_END_SECONDS = 10.0
_MOST_OUTPUT_BYTES = 100_000


class Worker:
    """A process that a `ProcessHarness` started."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self.pid = process.pid

    @property
    def said(self) -> list[Any]:
        """What it has said with `mic.testing.worker.say`, oldest first; a killed one too."""
        file = self._folder / "said"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def output(self) -> str:
        """What it has printed, both streams: 100,000 bytes at most, of the end."""
        data = (self._folder / "output").read_bytes()
        return data[-_MOST_OUTPUT_BYTES:].decode(errors="replace")

    @property
    def is_running(self) -> bool:
        """Whether it runs, paused or not."""
        return self._process.poll() is None

    def wait(self, *, within: float = 30.0) -> int:
        """Wait until it has ended.

        Returns:
            Its exit code; minus the signal's number when one ended it.

        Raises:
            AssertionError: It still runs after so many seconds; the message has its output.
        """
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired as error:
            msg = f"worker {self.pid} still runs after {within:g} s; it printed:\n{self.output}"
            raise AssertionError(msg) from error

    def wait_until_said(self, value: Any, *, within: float = 30.0) -> None:
        """Wait until it has said this value.

        Raises:
            AssertionError: It ended without, or the time is up; the message has its output.
        """
        deadline = time.monotonic() + within
        while True:
            over = not self.is_running or time.monotonic() >= deadline
            said = self.said
            if value in said:
                return
            if over:
                msg = f"worker {self.pid} did not say {value!r} but {said!r}; it printed:\n"
                raise AssertionError(msg + self.output)
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL for it and its children, and wait until they are gone."""
        if self.is_running:
            gone = signal_tree(self.pid, signal.SIGKILL)
            self._process.wait()
            wait_until_gone(gone, _END_SECONDS)

    def pause(self) -> None:
        """SIGSTOP for it and its children."""
        if self.is_running:
            signal_tree(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT for it and its children."""
        if self.is_running:
            signal_tree(self.pid, signal.SIGCONT)


class ProcessHarness:
    """Starts worker processes of a test, kills them at chosen points, collects what they wrote.

    The proofs of an outbox, an idempotency store or a lock are made of it: a worker does its work
    in a process of its own and passes `point("claimed")`, `point("committed")`, ...; the test has
    it killed at each of them in turn, starts another, and looks at what both have said.

    Guarantees: `kill_at` is SIGKILL at the very line of the point. What was said before is kept.
    Leaving the `with` block kills whoever still runs; when pytest itself is killed, a watchdog
    does.

    ```python
    WORK = '''
    from mic.testing.worker import point, say
    say("began")
    point("half")
    say("ended")
    '''

    with ProcessHarness() as harness:
        assert harness.start(WORK, kill_at="half").wait() == -9
        assert harness.start(WORK).wait() == 0
    ```
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mic-harness-")
        self._watchdog = Watchdog(Path(self._folder.name))
        self._workers: list[Worker] = []

    def __enter__(self) -> ProcessHarness:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(
        self,
        program: str | Path,
        *arguments: str,
        kill_at: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> Worker:
        """Start a worker.

        Args:
            program: Python source, or the path of a Python file.
            *arguments: Its `sys.argv[1:]`.
            kill_at: The point at which it is killed; `name#3`: when it passes it the third time.
            environment: Added to this process's.
        """
        folder = Path(self._folder.name) / str(len(self._workers))
        folder.mkdir()
        file = program if isinstance(program, Path) else folder / "worker.py"
        if isinstance(program, str):
            file.write_text(program)
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, str(file), *arguments],
                env={
                    **os.environ,
                    **(environment or {}),
                    SAYS: str(folder / "said"),
                    KILL_AT: kill_at,
                    MARK: self._folder.name,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog.watch(process.pid, signal.SIGKILL)
        worker = Worker(process, folder)
        self._workers.append(worker)
        return worker

    @property
    def said(self) -> list[Any]:
        """What all workers have said, by worker in the order of their start."""
        return [value for worker in self._workers for value in worker.said]

    def close(self) -> None:
        """Kill whoever still runs, and remove what they wrote."""
        for worker in self._workers:
            worker.kill()
        self._watchdog.close()
        self._folder.cleanup()
