"""Bounds how many exchanges are under way among threads (`_slots_async`: on an event loop)."""

from __future__ import annotations

import threading

import httpx

from mic.client._timeouts import PhaseTimeouts

__all__ = ["Slots"]


class Slots:
    """As many slots as the pool has connections.

    Args:
        count: How many; `None`: without bounds, where the pool is somebody else's.
    """

    __slots__ = ("_free",)

    def __init__(self, count: int | None) -> None:
        self._free = None if count is None else threading.Semaphore(count)

    def take(self, timeouts: PhaseTimeouts) -> None:
        """Wait for a slot until the attempt is over.

        Raises:
            httpx.PoolTimeout: There was none.
        """
        if self._free is not None and not self._free.acquire(timeout=timeouts.get("pool")):
            raise httpx.PoolTimeout("all slots are taken")

    def give(self) -> None:
        """Give a slot back."""
        if self._free is not None:
            self._free.release()
