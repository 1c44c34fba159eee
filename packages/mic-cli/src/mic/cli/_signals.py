"""SIGINT and SIGTERM end a command in an orderly way, so that `finally` blocks run."""

from __future__ import annotations

import inspect
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(BaseException):
    """A signal ended the command.

    Attributes:
        code: The process's exit code, 128 and the signal's number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def handling(*numbers: signal.Signals, handler: Callable[[int], None]) -> Iterator[None]:
    """Have signals handled meanwhile, as far as this is the main thread.

    A signal that the process ignores (as in the background of a shell) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _: FrameType | None) -> None:
        handler(number)

    before: dict[signal.Signals, Any] = {}
    try:
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handle)
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM raise `Stopped` where the program is, as SIGINT raises `KeyboardInterrupt`."""

    def stop(number: int) -> None:
        raise Stopped(number)

    with handling(signal.SIGTERM, handler=stop):
        yield


def run_stoppable(awaitable: Awaitable[T]) -> T:
    """Run an awaitable on an event loop of its own; SIGINT and SIGTERM cancel it.

    A second signal ends it at once.

    Raises:
        RuntimeError: An event loop runs in this thread.
        Stopped: A signal cancelled it.
    """
    import asyncio

    if asyncio._get_running_loop() is not None:
        if inspect.iscoroutine(awaitable):
            awaitable.close()
        raise RuntimeError("an event loop is running: await adispatch() instead of dispatch()")
    received: list[int] = []
    cancel: list[Callable[[], object]] = []

    def stop(number: int) -> None:
        received.append(number)
        if len(received) > 1:
            raise Stopped(number)
        for each in cancel:
            each()

    async def supervise() -> T:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(awaitable)
        # From a signal handler only this call is safe, and it wakes the loop.
        cancel.append(lambda: loop.call_soon_threadsafe(task.cancel))
        if received:
            task.cancel()
        return await task

    with handling(signal.SIGINT, signal.SIGTERM, handler=stop):
        try:
            return asyncio.run(supervise())
        except asyncio.CancelledError:
            if not received:
                raise
            raise Stopped(received[0]) from None
