"""Calls at once, as tasks (`_together_sync`: as threads)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["together"]


async def together(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Make all calls at once; what each returned, or the exception that it raised."""
    return await asyncio.gather(*(call() for call in calls), return_exceptions=True)
