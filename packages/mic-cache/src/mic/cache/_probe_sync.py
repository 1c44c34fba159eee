"""A health probe with a deadline, in a thread (`_probe_async`: on an event loop)."""

import os
import threading
from collections.abc import Callable

__all__ = ["HealthProbe"]


class HealthProbe:
    """Runs a probe with a deadline, one at a time: who comes meanwhile waits for the same one."""

    __slots__ = ("_lock", "_probe", "_running")

    def __init__(self, probe: Callable[[], bool]) -> None:
        self._probe = probe
        self._lock = threading.Lock()
        self._running: _Answer | None = None

    def run(self, timeout_seconds: float) -> bool:
        """The probe's answer; False past the deadline, and when it raises."""
        with self._lock:
            answer = self._running
            if answer is None or answer.given.is_set() or answer.pid != os.getpid():
                answer = self._running = _Answer()
                # A daemon, because a probe that hangs must not keep the process from ending.
                threading.Thread(
                    target=self._fill, args=(answer,), name="mic-cache-health", daemon=True
                ).start()
        return answer.given.wait(timeout_seconds) and answer.healthy

    def _fill(self, answer: "_Answer") -> None:
        try:
            answer.healthy = self._probe()
        except Exception:
            answer.healthy = False
        finally:
            answer.given.set()


class _Answer:
    """The place where a probe leaves its answer; a thread does not live on in a forked child."""

    __slots__ = ("given", "healthy", "pid")

    def __init__(self) -> None:
        self.given = threading.Event()
        self.pid = os.getpid()
        self.healthy = False
