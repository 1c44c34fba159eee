"""The few calls of SQLAlchemy that differ between its two forms (`_driver_sync`)."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from sqlmodel.ext.asyncio.session import AsyncSession

__all__ = [
    "ASYNCHRONOUS",
    "QueuePoolClass",
    "call_core",
    "core_of",
    "make_engine",
    "new_session",
    "off_loop",
]

T = TypeVar("T")
ASYNCHRONOUS = True
QueuePoolClass: type[Pool] = AsyncAdaptedQueuePool


def make_engine(url: URL, **options: Any) -> AsyncEngine:
    """An engine; imports the driver and connects to nothing."""
    return create_async_engine(url, **options)


def core_of(engine: AsyncEngine) -> Engine:
    """The engine that events are attached to."""
    return engine.sync_engine


def new_session(bind: AsyncEngine | AsyncConnection) -> AsyncSession:
    """A session whose records stay readable after commit."""
    return AsyncSession(bind=bind, expire_on_commit=False)


async def call_core(connection: AsyncConnection, fn: Callable[[Connection], T]) -> T:
    """Call what is written for a plain connection."""
    return await connection.run_sync(fn)


async def off_loop(fn: Callable[[], T]) -> T:
    """Call what may take a while (an import) without holding the loop."""
    return await asyncio.to_thread(fn)
