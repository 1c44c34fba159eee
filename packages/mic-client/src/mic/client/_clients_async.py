"""Opens and prepares HTTP clients on an event loop (`_clients_sync`: in a thread)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from mic.client._cookies import NoCookies

__all__ = ["make_client", "prepare"]


def make_client(*, max_connections: int, timeout_seconds: float) -> httpx.AsyncClient:
    """Open a client; it reads the certificates of the machine."""
    return httpx.AsyncClient(
        timeout=timeout_seconds,
        cookies=NoCookies(),
        # httpcore closes connections beyond this when all are counted, not the idle ones
        limits=httpx.Limits(
            max_connections=max_connections, max_keepalive_connections=max_connections
        ),
    )


async def prepare(work: Callable[[], None]) -> None:
    """Do what waits for the disk, without holding the loop."""
    await asyncio.to_thread(work)
