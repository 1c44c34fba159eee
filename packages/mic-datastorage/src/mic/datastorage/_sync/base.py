# Generated from _async/base.py by "make unasync"; edit that file.
"""The lifecycle that every storage has."""

import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Self

from mic.datastorage._health import HealthLog, HealthReport
from mic.datastorage._waiting_sync import DeadlineProbe
from mic.model import TransientError

__all__ = ["DataStorage"]


class DataStorage(ABC):
    """A place where a service keeps its state: its lifecycle, whatever the engine.

    A backend implements `check_health`; everything else has a default. It is a context manager that
    disposes of the storage at the end.

    Guarantees:
        - After `dispose()` every use raises `RuntimeError`, and `check_health()` gives False.
        - `dispose()` may be called any number of times and never raises.
        - `health()` never raises and never takes longer than its timeout; one probe at a time runs
          for a storage, and a change of health is logged once (logger `mic.datastorage`).
        - `prepare()` checks the connection and never runs DDL.
    """

    _disposed: bool = False

    @abstractmethod
    def check_health(self) -> bool:
        """Whether the storage answers. Never raises."""

    def prepare(self) -> None:
        """Make sure that the storage can be reached. May be called any number of times.

        Raises:
            RuntimeError: The storage is disposed.
            TransientError: It cannot be reached (`transient.storage_unavailable`).
        """
        self._check_alive()
        if not self.check_health():
            raise TransientError(
                code="transient.storage_unavailable", message="the storage is unavailable"
            )

    def dispose(self) -> None:
        """Close what this storage opened. May be called any number of times; never raises."""
        self._mark_disposed()

    def close(self) -> None:
        """The same as `dispose()`."""
        self.dispose()

    def session(self) -> AbstractContextManager[Any]:
        """The engine's own session; by default the storage itself.

        Raises:
            RuntimeError: The storage is disposed.
        """
        self._check_alive()
        return nullcontext(self)

    def health(self, *, timeout_seconds: float = 2.0) -> HealthReport:
        """Probe the storage.

        Args:
            timeout_seconds: The longest the probe may take, above 0.

        Returns:
            What was found; `reason` is a code and never a driver's text.
        """
        if self._disposed:
            return HealthReport(healthy=False, latency_seconds=0.0, reason="disposed")
        probe = vars(self).setdefault("_deadline_probe", DeadlineProbe(self._probe))
        started = time.monotonic()
        reason = probe.run(timeout_seconds)
        latency = time.monotonic() - started
        report = HealthReport(healthy=reason is None, latency_seconds=latency, reason=reason)
        log: HealthLog = vars(self).setdefault("_health_log", HealthLog(type(self).__name__))
        return log.record(report)

    @property
    def disposed(self) -> bool:
        """Whether `dispose()` was called."""
        return self._disposed

    def _probe(self, timeout_seconds: float) -> str | None:
        """For backends: one probe, without a deadline of its own; why it failed, or `None`."""
        del timeout_seconds
        return None if self.check_health() else "refused"

    def _check_alive(self) -> None:
        """For backends: refuse the use of a disposed storage.

        Raises:
            RuntimeError: The storage is disposed.
        """
        if self._disposed:
            raise RuntimeError(f"{type(self).__name__} is disposed")

    def _mark_disposed(self) -> None:
        """For backends: from now on every use raises."""
        self._disposed = True

    def __enter__(self) -> Self:
        self._check_alive()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dispose()
