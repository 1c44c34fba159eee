"""A health probe with a deadline, on an event loop (`_probe_sync`: in a thread)."""

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["HealthProbe"]


class HealthProbe:
    """Runs a probe with a deadline, one at a time: who comes meanwhile waits for the same one."""

    __slots__ = ("_probe", "_task")

    def __init__(self, probe: Callable[[], Awaitable[bool]]) -> None:
        self._probe = probe
        self._task: asyncio.Task[bool] | None = None

    async def run(self, timeout_seconds: float) -> bool:
        """The probe's answer; False past the deadline, and when it raises."""
        task = self._current()
        # `wait` neither cancels nor raises: a caller that is cancelled ends no one else's probe.
        done, _ = await asyncio.wait({task}, timeout=timeout_seconds)
        if not done:
            task.cancel()
        return bool(done) and not task.cancelled() and task.result()

    def _current(self) -> asyncio.Task[bool]:
        loop = asyncio.get_running_loop()
        task = self._task
        # A task of a loop that is gone can never end.
        if task is None or task.done() or task.get_loop() is not loop:
            task = self._task = loop.create_task(self._answer())
        return task

    async def _answer(self) -> bool:
        try:
            return await self._probe()
        except Exception:
            return False
