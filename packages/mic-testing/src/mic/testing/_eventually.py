"""Waiting for what happens in real time: poll with a deadline, and say what was seen last."""

from __future__ import annotations

import asyncio
import inspect
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar, overload

T = TypeVar("T")


def eventually(predicate: Callable[[], T], *, within: float = 5.0, every: float = 0.01) -> T:
    """Call `predicate` until it gives something true, and return that.

    Guarantees: at least one call, and one last call at the deadline, so that a test on a slow
    machine does not fail for want of a final look. An exception of the predicate (an
    `AssertionError` above all) counts as "not yet". The calling thread sleeps between the calls: in
    a coroutine use `aeventually`.

    Args:
        predicate: Gives something true when what is waited for has happened.
        within: The longest wait in seconds, 0 or more; 0 looks once.
        every: Seconds between two calls, above 0.

    Returns:
        The first true value.

    Raises:
        AssertionError: The time is up. The message holds the last value or exception, and the last
            exception is the cause.
        ValueError: `within` or `every` is out of its range.

    Example:
        ```python
        import threading
        from mic.testing import eventually

        done = threading.Event()
        threading.Timer(0.05, done.set).start()
        assert eventually(done.is_set, within=2)
        ```
    """
    watch = _Watch(predicate, within=within, every=every)
    while True:
        last_look = watch.is_over()
        try:
            value = predicate()
        except Exception as error:
            watch.failed(error)
        else:
            if value:
                return value
            watch.missed(value)
        if last_look:
            watch.give_up()
        time.sleep(watch.pause())


@overload
async def aeventually(
    predicate: Callable[[], Awaitable[T]], *, within: float = 5.0, every: float = 0.01
) -> T: ...
@overload
async def aeventually(
    predicate: Callable[[], T], *, within: float = 5.0, every: float = 0.01
) -> T: ...
async def aeventually(
    predicate: Callable[[], Any], *, within: float = 5.0, every: float = 0.01
) -> Any:
    """Call or await `predicate` until it gives something true, and return that.

    The asynchronous form of `eventually`, with the same guarantees; the loop runs on between the
    calls. An awaited predicate that is still waiting at the deadline is cancelled.

    Args:
        predicate: A plain function, or one whose result is awaited.
        within: The longest wait in seconds, 0 or more; 0 looks once.
        every: Seconds between two calls, above 0.

    Returns:
        The first true value.

    Raises:
        AssertionError: As `eventually`.
        ValueError: `within` or `every` is out of its range.
    """
    watch = _Watch(predicate, within=within, every=every)
    while True:
        last_look = watch.is_over()
        try:
            result = predicate()
            value = await _within(result, watch) if inspect.isawaitable(result) else result
        except Exception as error:
            watch.failed(error)
        else:
            if value:
                return value
            watch.missed(value)
        if last_look:
            watch.give_up()
        await asyncio.sleep(watch.pause())


_LAST_LOOK_SECONDS = 1.0
"""What an awaited predicate gets even when the time is up, so that the last look can end."""


async def _within(result: Awaitable[T], watch: _Watch) -> T:
    async with asyncio.timeout(max(watch.left(), _LAST_LOOK_SECONDS)):
        return await result


class _Watch:
    """The bookkeeping of one wait: deadline, attempts, and what was seen last."""

    def __init__(self, predicate: object, *, within: float, every: float) -> None:
        if not (math.isfinite(within) and within >= 0):
            msg = f"within must be a finite number of seconds, 0 or more, not {within!r}"
            raise ValueError(msg)
        if not (math.isfinite(every) and every > 0):
            msg = f"every must be a finite number of seconds above 0, not {every!r}"
            raise ValueError(msg)
        self._name = getattr(predicate, "__qualname__", None) or repr(predicate)
        self._within = within
        self._every = every
        self._deadline = time.monotonic() + within
        self._attempts = 0
        self._error: Exception | None = None
        self._seen = ""

    def left(self) -> float:
        """Seconds to the deadline; negative when it has passed."""
        return self._deadline - time.monotonic()

    def is_over(self) -> bool:
        """Count an attempt, and tell whether it is the last one."""
        self._attempts += 1
        return self.left() <= 0

    def pause(self) -> float:
        """Seconds to wait before the next attempt: never past the deadline."""
        return min(self._every, max(self.left(), 0.0))

    def failed(self, error: Exception) -> None:
        """Remember that the last attempt raised."""
        self._error = error
        self._seen = f"raised {type(error).__name__}: {error}"

    def missed(self, value: object) -> None:
        """Remember that the last attempt gave something false."""
        self._error = None
        self._seen = f"gave {value!r}"

    def give_up(self) -> NoReturn:
        """Say what was waited for and what was seen instead."""
        msg = (
            f"{self._name} did not come true within {self._within:g} s:"
            f" the last of {self._attempts} attempts {self._seen}"
        )
        raise AssertionError(msg) from self._error
