"""Opens HTTP clients on an event loop (`_clients_sync`: in a thread)."""

import asyncio

import httpx

__all__ = ["open_client"]


async def open_client() -> httpx.AsyncClient:
    """Open a client without holding the loop: it reads the certificates of the machine."""
    return await asyncio.to_thread(httpx.AsyncClient)
