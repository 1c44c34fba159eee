"""How long a request may take: read from its headers, kept around whatever waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import ParamSpec, TypeVar

from mic.model import DeadlineExceededError

P = ParamSpec("P")
R = TypeVar("R")

_MAX_DIGITS = 10


def deadline_of(patience: bytes | None, timeout_seconds: float | None) -> float | None:
    """The moment at which a request that begins now must be answered.

    Args:
        patience: What the caller's header says: milliseconds, digits only; anything else is
            ignored.
        timeout_seconds: What the route allows.

    Returns:
        The sooner of both on `time.monotonic()`'s clock; `None` without a limit.
    """
    seconds = timeout_seconds
    if patience is not None and patience.isdigit() and len(patience) <= _MAX_DIGITS:
        wanted = int(patience) / 1000
        seconds = wanted if seconds is None else min(seconds, wanted)
    return None if seconds is None else monotonic() + seconds


async def within(
    deadline: float, work: Callable[P, Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Do `work` until the deadline, then cancel it. Work whose time is up already is not begun, and
    another's `TimeoutError` stays what it is.

    Raises:
        DeadlineExceededError: 504: the deadline has passed.
    """
    left = deadline - monotonic()
    if left <= 0:
        raise _exceeded()
    limit = asyncio.timeout(left)
    try:
        async with limit:
            return await work(*args, **kwargs)
    except TimeoutError as timeout:
        if limit.expired():
            raise _exceeded() from timeout
        raise


def _exceeded() -> DeadlineExceededError:
    return DeadlineExceededError(message="the deadline of the request has passed")
