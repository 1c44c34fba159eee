"""Calls at once, as tasks (`_together_sync`: as threads)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

__all__ = ["collected", "together"]

T = TypeVar("T")


async def together(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Make all calls at once; what each returned, or the exception that it raised."""
    return await asyncio.gather(*(call() for call in calls), return_exceptions=True)


async def collected(items: AsyncIterator[T]) -> list[T]:
    """All items, in order."""
    return [item async for item in items]
