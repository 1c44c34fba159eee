"""Runs an exchange on an event loop so that it can be stopped without harm (`_run_sync`: a thread).

The pool of httpx loses a connection for good when the task that uses it is cancelled at certain
steps: between being given a connection and using it, or while it gives one back. These steps have
in common that the task does not wait for anything then; it is merely not its turn. So an exchange
runs in a task of its own, which is stopped only where it waits for something, and once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from mic.client._eager import start
from mic.client._failures import AttemptTimeoutError

__all__ = ["finish", "run_within"]

T = TypeVar("T")

_GRACE_SECONDS = 1.0
# Each lock of httpcore offers everybody else a turn, and that costs more than the rest of it. Some
# such offers in a row are passed over; who really waits, waits.
_MOST_PASSED = 4
_AGAIN_SECONDS = 0.05
_NOTHING: Any = object()
_alone: set[asyncio.Task[None]] = set()


async def run_within(
    work: Coroutine[Any, Any, T],
    seconds: float,
    *,
    dispose: Callable[[T], Coroutine[Any, Any, None]] | None = None,
) -> T:
    """Do `work`, for so many seconds at most.

    Guarantees: when this returns or raises, the work is over and has cleaned up, unless that takes
    more than a second; it then goes on alone. Work that is stopped is cancelled once, where it
    waits for something. What it raises is raised here.

    Args:
        work: A coroutine that has not begun.
        seconds: How long it may take.
        dispose: Releases a result that came when nobody waited for it any more.

    Raises:
        AttemptTimeoutError: Its time is over.
    """
    loop = asyncio.get_running_loop()
    run = _Run(work)
    task = start(loop, run)
    if task.done():
        return run.end()
    run.task = task
    run.changed = loop.create_future()
    timer = loop.call_later(seconds, run.expire)
    try:
        await run.changed
    except asyncio.CancelledError:
        run.stop()
        await _ended(loop.create_task(_left(run, task, dispose)))
        raise
    finally:
        timer.cancel()
    if not task.done():
        _keep(loop.create_task(_left(run, task, dispose)))
    return run.end()


async def _left(
    run: _Run[T],
    task: asyncio.Task[None],
    dispose: Callable[[T], Coroutine[Any, Any, None]] | None,
) -> None:
    """See to the end of what nobody waits for any more."""
    if not task.done():
        await asyncio.wait({task})
    if dispose is not None and run.result is not _NOTHING:
        await dispose(run.result)


async def finish(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do `work` to its end, even when who waits for it is cancelled."""
    task = asyncio.get_running_loop().create_task(work())
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await _ended(task)
        raise


async def _ended(task: asyncio.Task[None]) -> None:
    """Wait for a task a while; it goes on if that is cut short."""
    _keep(task)
    await asyncio.wait({task}, timeout=_GRACE_SECONDS)


def _keep(task: asyncio.Task[None]) -> None:
    """Hold a task, as the loop does not, until it is over."""
    _alone.add(task)
    task.add_done_callback(_alone.discard)


class _Run(Coroutine[Any, Any, None], Generic[T]):
    """A coroutine around another one, which sees what that waits for, and keeps what comes out.

    It raises nothing itself. What is over refers to nothing any more, least of all to an exception
    and so to the frames and sockets of the work.
    """

    __slots__ = (
        "_again",
        "_error",
        "_expired",
        "_stopping",
        "_waiter",
        "_work",
        "changed",
        "result",
        "task",
    )

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work
        self._waiter: asyncio.Future[Any] | None = None
        self._error: BaseException | None = None
        self._again: asyncio.TimerHandle | None = None
        self._stopping = False
        self._expired = False
        self.task: asyncio.Task[None] | None = None
        self.changed: asyncio.Future[None] | None = None  # only where somebody has to wait
        self.result: Any = _NOTHING

    def end(self) -> T:
        """What came out.

        Raises:
            AttemptTimeoutError: It was stopped because its time was over.
        """
        if self.result is not _NOTHING:
            result: T = self.result
            return result
        error, self._error = self._error, None
        try:
            if self._expired or error is None:
                raise AttemptTimeoutError
            raise error
        finally:
            del error, self

    def stop(self) -> None:
        """Cancel the work where it waits for something: now, or when it next does.

        Work that goes on regardless is cancelled again: who connects may take the first time for
        the end of an attempt of its own.
        """
        task = self.task
        if task is None or task.done():
            return
        self._stopping = True
        self._cancel_where_it_waits(task)
        self._again = asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self.stop)

    def expire(self) -> None:
        """The time is over; who waits is told soon, whatever the work does."""
        self._expired = True
        self.stop()
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, _tell, self.changed)

    def send(self, value: Any) -> Any:
        """One step: what the work now waits for."""
        del value  # a task sends nothing
        return self._step(None)

    def throw(self, *error: Any) -> Any:
        """One step: something was raised where the work waits."""
        return self._step(error[-1])

    def close(self) -> None:
        """The task is given up, as at the end of a loop."""
        self._work.close()

    def __await__(self) -> Generator[Any, Any, None]:
        raise NotImplementedError("it is run by a task of its own")

    def _step(self, thrown: BaseException | None) -> Any:
        self._waiter = None
        work = self._work
        try:
            waiter = work.send(None) if thrown is None else work.throw(thrown)
            passed = 0
            while waiter is None and passed < _MOST_PASSED:  # it only lets others have a turn
                passed += 1
                waiter = work.send(None)
        except StopIteration as end:
            self.result = end.value
        except (Exception, asyncio.CancelledError) as error:
            self._error = error
        else:
            self._waiter = waiter
            if self._stopping and self.task is not None:
                self._cancel_where_it_waits(self.task)
            return waiter
        finally:
            thrown = None
        self.task = None
        if self._again is not None:
            self._again.cancel()
        _tell(self.changed)
        raise StopIteration

    def _cancel_where_it_waits(self, task: asyncio.Task[None]) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():  # otherwise it has only to wait for its turn
            self._stopping = False
            task.cancel()


def _tell(changed: asyncio.Future[None] | None) -> None:
    if changed is not None and not changed.done():
        changed.set_result(None)
