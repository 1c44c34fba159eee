"""Waiting on an event loop: what has no form in common with threads (`_waiting_sync`)."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from mic.datastorage._settlement import Settlement

__all__ = ["DeadlineProbe", "call_hook", "settle", "sleep"]

sleep = asyncio.sleep
_late: set[asyncio.Task[BaseException | None]] = set()
"""Steps that outlived their grace; held here, because a loop holds its tasks weakly."""


async def call_hook(hook: Callable[[], Any]) -> None:
    """Call a hook, and wait for it when it is asynchronous."""
    result = hook()
    if inspect.isawaitable(result):
        await result


async def settle(step: Callable[[], Awaitable[None]], *, grace_seconds: float) -> Settlement:
    """Carry a step through although this task may be cancelled.

    Args:
        step: What has to be done; where it outlives the grace it goes on in the background.
        grace_seconds: How long to wait for the outcome after a cancellation.

    Returns:
        The outcome; a cancellation is in it and not raised.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(_carried_out(step))
    cancelled: BaseException | None = None
    deadline: float | None = None
    while not task.done():
        remaining = None if deadline is None else deadline - loop.time()
        if remaining is not None and remaining <= 0:
            _late.add(task)
            task.add_done_callback(_late.discard)
            return Settlement(pending=True, cancelled=cancelled)
        try:
            await asyncio.wait({task}, timeout=remaining)
        except asyncio.CancelledError as error:
            # Cancellation may be delivered again and again (anyio does): the first one counts.
            if deadline is None:
                cancelled = error
                deadline = loop.time() + grace_seconds
    return Settlement(error=task.result(), cancelled=cancelled)


async def _carried_out(step: Callable[[], Awaitable[None]]) -> BaseException | None:
    """What a step raised; as a result, so that nobody complains when it comes too late."""
    try:
        await step()
    except BaseException as error:
        return error
    return None


class DeadlineProbe:
    """Runs a probe with a deadline, one at a time: who comes meanwhile waits for the same one."""

    __slots__ = ("_probe", "_task")

    def __init__(self, probe: Callable[[float], Awaitable[str | None]]) -> None:
        self._probe = probe
        self._task: asyncio.Task[str | None] | None = None

    async def run(self, timeout_seconds: float) -> str | None:
        """The probe's answer; `timeout` past the deadline, `refused` when it raises."""
        task = self._current(timeout_seconds)
        done, _ = await asyncio.wait({task}, timeout=timeout_seconds)
        if not done:
            task.cancel()
            return "timeout"
        if task.cancelled():
            return "timeout"
        return "refused" if task.exception() is not None else task.result()

    def _current(self, timeout_seconds: float) -> asyncio.Task[str | None]:
        loop = asyncio.get_running_loop()
        task = self._task
        # A task of a loop that is gone can never end.
        if task is None or task.done() or task.get_loop() is not loop:
            task = loop.create_task(self._answer(timeout_seconds))
            self._task = task
        return task

    async def _answer(self, timeout_seconds: float) -> str | None:
        return await self._probe(timeout_seconds)
