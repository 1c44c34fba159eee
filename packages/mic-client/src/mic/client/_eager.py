"""Starts a task at once, without a turn of the event loop: most of what a task costs."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["start"]

if sys.version_info >= (3, 12):

    def start(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Make a task that has already come to where it first waits, or to its end."""
        return asyncio.Task(work, loop=loop, eager_start=True)

else:
    # What Python 3.12 does, with the functions that asyncio has for other kinds of tasks.
    _tasks: Any = asyncio.tasks

    class _NotYet:
        """Stands for the loop while a task is made, and keeps what it would have run."""

        __slots__ = ("step",)

        def get_debug(self) -> bool:
            return False

        def call_soon(
            self, step: Callable[[], None], *, context: contextvars.Context | None = None
        ) -> None:
            del context  # it was given to the task
            self.step = step

    def start(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Make a task that has already come to where it first waits, or to its end."""
        context, stand_in = contextvars.copy_context(), _NotYet()
        made: Any = _tasks._PyTask(work, loop=stand_in, context=context)
        made._loop = loop
        task: asyncio.Task[None] = made
        caller = asyncio.current_task()
        _tasks._leave_task(loop, caller)
        try:
            context.run(stand_in.step)
        finally:
            _tasks._enter_task(loop, caller)
        return task
