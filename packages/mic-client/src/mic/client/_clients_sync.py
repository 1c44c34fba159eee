"""Opens and prepares HTTP clients in a thread (`_clients_async`: on an event loop)."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from mic.client._cookies import NoCookies
from mic.client._sockets import bound

__all__ = ["make_client", "prepare"]


def make_client(*, max_connections: int, timeout_seconds: float) -> httpx.Client:
    """Open a client; it reads the certificates of the machine."""
    client = httpx.Client(
        timeout=timeout_seconds,
        cookies=NoCookies(),
        # httpcore closes connections beyond this when all are counted, not the idle ones
        limits=httpx.Limits(
            max_connections=max_connections, max_keepalive_connections=max_connections
        ),
    )
    return bound(client)


def prepare(work: Callable[[], None]) -> None:
    """Do what waits for the disk."""
    work()
