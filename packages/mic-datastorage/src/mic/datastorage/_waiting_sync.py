"""Waiting in a thread: what has no form in common with an event loop (`_waiting_async`)."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from mic.datastorage._settlement import Settlement

__all__ = ["DeadlineProbe", "call_hook", "settle", "sleep"]

sleep = time.sleep


def call_hook(hook: Callable[[], Any]) -> None:
    """Call a hook."""
    hook()


def settle(step: Callable[[], None], *, grace_seconds: float) -> Settlement:
    """Carry a step out; a thread cannot be cancelled, so `grace_seconds` has nothing to do here."""
    del grace_seconds
    try:
        step()
    except BaseException as error:
        return Settlement(error=error)
    return Settlement()


class DeadlineProbe:
    """Runs a probe with a deadline, one at a time: who comes meanwhile waits for the same one."""

    __slots__ = ("_lock", "_probe", "_running")

    def __init__(self, probe: Callable[[float], str | None]) -> None:
        self._probe = probe
        self._lock = threading.Lock()
        self._running: _Answer | None = None

    def run(self, timeout_seconds: float) -> str | None:
        """The probe's answer; `timeout` past the deadline, `refused` when it raises."""
        with self._lock:
            answer = self._running
            if answer is None or answer.given.is_set() or answer.pid != os.getpid():
                answer = self._running = _Answer()
                # A daemon, because a probe that hangs must not keep the process from ending.
                threading.Thread(
                    target=self._fill,
                    args=(answer, timeout_seconds),
                    name="mic-datastorage-health",
                    daemon=True,
                ).start()
        return answer.reason if answer.given.wait(timeout_seconds) else "timeout"

    def _fill(self, answer: "_Answer", timeout_seconds: float) -> None:
        try:
            answer.reason = self._probe(timeout_seconds)
        except BaseException:
            answer.reason = "refused"
        finally:
            answer.given.set()


class _Answer:
    """The place where a probe leaves its answer; a thread does not live on in a forked child."""

    __slots__ = ("given", "pid", "reason")

    def __init__(self) -> None:
        self.given = threading.Event()
        self.pid = os.getpid()
        self.reason: str | None = None
