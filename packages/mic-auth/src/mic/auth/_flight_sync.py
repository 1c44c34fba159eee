"""One fetch at a time among threads (`_flight_async`: on an event loop)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

__all__ = ["Flight"]


class Flight:
    """Runs a piece of work, never twice at the same time; who comes meanwhile shares it.

    Args:
        work: What is done, in the thread that asked first; it raises nothing.
        limit_seconds: How long others wait for it.
    """

    __slots__ = ("_limit_seconds", "_lock", "_owner", "_under_way", "_work")

    def __init__(self, work: Callable[[], None], *, limit_seconds: float) -> None:
        self._work = work
        self._limit_seconds = limit_seconds
        self._lock = threading.Lock()
        self._under_way: threading.Event | None = None
        self._owner = os.getpid()

    def share(self, wanted: Callable[[], bool]) -> None:
        """Wait for the work under way, or, where there is none and it is wanted, do it."""
        mine, flight = self._enter(wanted)
        if mine is not None:
            self._run(mine)
        elif flight is not None:
            flight.wait(self._limit_seconds)

    def kick(self, wanted: Callable[[], bool]) -> None:
        """Do the work if it is wanted and not under way; nobody waits for another thread."""
        mine, _ = self._enter(wanted)
        if mine is not None:
            self._run(mine)

    def close(self) -> None:
        """Nothing to do: no thread can be made to stop."""

    def _enter(
        self, wanted: Callable[[], bool]
    ) -> tuple[threading.Event | None, threading.Event | None]:
        """The flight of this thread, or that of another one."""
        with self._lock:
            # The thread that flew does not live on in a forked child.
            if self._under_way is not None and self._owner == os.getpid():
                return None, self._under_way
            if not wanted():
                return None, None
            self._under_way = mine = threading.Event()
            self._owner = os.getpid()
            return mine, None

    def _run(self, mine: threading.Event) -> None:
        try:
            self._work()
        finally:
            with self._lock:
                self._under_way = None
            mine.set()
