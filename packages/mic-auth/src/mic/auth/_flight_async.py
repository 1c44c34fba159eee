"""One fetch at a time on an event loop (`_flight_sync`: among threads)."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable

__all__ = ["AsyncFlight"]


class AsyncFlight:
    """Runs a piece of work, never twice at the same time; who comes meanwhile shares it.

    Guarantee: the work is a task of its own, which the cancellation of no caller reaches.

    Args:
        work: What is done; it raises nothing.
        limit_seconds: How long it may take before it is cancelled.
    """

    __slots__ = ("_limit_seconds", "_task", "_work")

    def __init__(self, work: Callable[[], Awaitable[None]], *, limit_seconds: float) -> None:
        self._work = work
        self._limit_seconds = limit_seconds
        self._task: asyncio.Task[None] | None = None

    async def share(self, wanted: Callable[[], bool]) -> None:
        """Wait for the work under way, or, where there is none and it is wanted, for a new one."""
        task = self._under_way()
        if task is None and wanted():
            task = self._start()
        if task is not None:
            await asyncio.wait({task})

    async def kick(self, wanted: Callable[[], bool]) -> None:
        """See that the work is under way if it is wanted, without waiting for it."""
        if self._under_way() is None and wanted():
            self._start()

    async def aclose(self) -> None:
        """Cancel the work under way."""
        task = self._under_way()
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def _under_way(self) -> asyncio.Task[None] | None:
        task = self._task
        # A task of a loop that is gone can never end.
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            return None
        return task

    def _start(self) -> asyncio.Task[None]:
        # Of no caller's context: what a request keeps there is not to live on in the source.
        empty = contextvars.Context()
        self._task = asyncio.get_running_loop().create_task(self._run(), context=empty)
        return self._task

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(self._limit_seconds):
                await self._work()
        except TimeoutError:
            return  # as if the work had failed: nothing has changed
