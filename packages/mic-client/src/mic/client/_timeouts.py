"""How long an attempt may take, as httpx asks for it: phase by phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PHASES = ("connect", "read", "write", "pool")
_SOONER_SECONDS, _SOONER_SHARE = 0.1, 0.1
_LEAST_SECONDS = 0.001  # nought would mean "do not wait at all" to a socket


class PhaseTimeouts(dict[str, float]):
    """The `timeout` extension of a request: each phase may take what is left when it begins.

    With fixed numbers, as httpx has them, five phases could take five times the limit.

    Attributes:
        limits: What each phase may take at most, besides.
        until: When the attempt ends, on the clock of the client.
        phase: The phase that began last.
    """

    __slots__ = ("_time_fn", "limits", "phase", "until")

    def __init__(self, time_fn: Callable[[], float]) -> None:
        self._time_fn = time_fn
        self.limits: Mapping[str, float | None] | None = None
        self.until = 0.0
        self.phase: str | None = None

    def left(self) -> float:
        """The seconds that the attempt has."""
        return self.until - self._time_fn()

    def get(self, phase: str, default: Any = None) -> Any:
        """The seconds for a phase that begins now."""
        if phase not in PHASES:
            return default
        self.phase = phase
        left = self.until - self._time_fn()
        limit = None if self.limits is None else self.limits.get(phase)
        if phase == "connect":
            # It ends by itself before the attempt is stopped: httpcore closes the socket of a
            # handshake that timed out, and leaves one that is cancelled to the garbage collector.
            left -= min(_SOONER_SECONDS, left * _SOONER_SHARE)
        if limit is not None and limit < left:
            left = limit
        return max(_LEAST_SECONDS, left)

    def __getitem__(self, phase: str) -> float:
        seconds: float | None = self.get(phase)
        if seconds is None:
            raise KeyError(phase)
        return seconds

    def __contains__(self, phase: object) -> bool:
        return phase in PHASES
