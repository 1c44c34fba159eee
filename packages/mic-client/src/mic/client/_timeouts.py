"""How long an attempt may take, as httpx asks for it: phase by phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

PHASES = ("connect", "read", "write", "pool")
_PIECEWISE = frozenset({"read", "write"})  # the phases that wait more than once
_SOONER_SECONDS, _SOONER_SHARE = 0.1, 0.1
_LEAST_SECONDS = 0.001  # nought would mean "do not wait at all" to a socket


class Renewed(float):
    """The seconds that a phase has, which can be asked for again while it lasts."""

    __slots__ = ("_phase", "_timeouts")

    _phase: str
    _timeouts: PhaseTimeouts

    def __new__(cls, seconds: float, timeouts: PhaseTimeouts, phase: str) -> Self:
        """Keep whom to ask."""
        made = super().__new__(cls, seconds)
        made._timeouts = timeouts
        made._phase = phase
        return made

    def again(self) -> float:
        """The seconds that the phase has by now; below 0 when its time is over."""
        return self._timeouts.within(self._phase)


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
        seconds = max(_LEAST_SECONDS, self.within(phase))
        return Renewed(seconds, self, phase) if phase in _PIECEWISE else seconds

    def within(self, phase: str) -> float:
        """The seconds that are left for waiting once in a phase; below 0 when it is over."""
        left = self.until - self._time_fn()
        if phase == "connect":
            # It ends by itself before the attempt is stopped: httpcore closes the socket of a
            # handshake that timed out, and leaves one that is cancelled to the garbage collector.
            left -= min(_SOONER_SECONDS, left * _SOONER_SHARE)
        limit = None if self.limits is None else self.limits.get(phase)
        return left if limit is None or limit > left else limit

    def __getitem__(self, phase: str) -> float:
        seconds: float | None = self.get(phase)
        if seconds is None:
            raise KeyError(phase)
        return seconds

    def __contains__(self, phase: object) -> bool:
        return phase in PHASES
