"""Bounds how many exchanges are under way on an event loop (`_slots_sync`: among threads).

Nobody waits within the pool of httpx: whoever gives up there at the moment in which it is given a
connection takes that with it for good, and every waiter makes every other one slower.
"""

from __future__ import annotations

import asyncio

from mic.client._timeouts import PhaseTimeouts

__all__ = ["AsyncSlots"]


class AsyncSlots:
    """As many slots as the pool has connections; first come, first served.

    Args:
        count: How many; `None`: without bounds, where the pool is somebody else's.
    """

    __slots__ = ("_free",)

    def __init__(self, count: int | None) -> None:
        self._free = None if count is None else asyncio.Semaphore(count)

    async def take(self, timeouts: PhaseTimeouts) -> None:
        """Wait for a slot; who waits is stopped when the attempt is over."""
        if self._free is not None:
            timeouts.phase = "pool"
            await self._free.acquire()

    def give(self) -> None:
        """Give a slot back."""
        if self._free is not None:
            self._free.release()
