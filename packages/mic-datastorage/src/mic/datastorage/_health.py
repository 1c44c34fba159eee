"""The report of a health probe, and the log of its changes: no I/O."""

import logging
import threading
from dataclasses import dataclass

_LOGGER = logging.getLogger("mic.datastorage")


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What one health probe found.

    Attributes:
        healthy: Whether the storage answered in time.
        latency_seconds: How long the probe took.
        reason: Why it is not healthy, as a code and never a driver's text: `timeout`, `refused`,
            `auth`, `pool_exhausted`, `disposed`. `None` when healthy.
    """

    healthy: bool
    latency_seconds: float
    reason: str | None = None


class HealthLog:
    """Logs a change of health once, on the logger `mic.datastorage`."""

    __slots__ = ("_last", "_lock", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._last: str | None = None
        self._lock = threading.Lock()

    def record(self, report: HealthReport) -> HealthReport:
        """Log the report if it differs from the last one, and give it back."""
        with self._lock:
            changed = report.reason != self._last
            self._last = report.reason
        if changed and report.healthy:
            _LOGGER.info("%s is healthy again", self._name)
        elif changed:
            _LOGGER.warning("%s is not healthy: %s", self._name, report.reason)
        return report
