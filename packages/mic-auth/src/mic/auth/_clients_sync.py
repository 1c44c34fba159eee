"""Opens HTTP clients in a thread (`_clients_async`: on an event loop)."""

import httpx

__all__ = ["open_client"]


def open_client() -> httpx.Client:
    """Open a client."""
    return httpx.Client()
