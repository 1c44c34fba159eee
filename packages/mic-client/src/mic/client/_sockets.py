"""Sockets of a client in a thread, which look at the clock at every piece.

A thread cannot be stopped from outside. httpcore gives a socket the same time for each piece of a
head, so a server that sends one drop at a time could hold a thread for as long as it likes.
"""

from __future__ import annotations

from typing import Any

import httpx

from mic.client._timeouts import Renewed

_PIECE_BYTES = 65_536


def bound(client: httpx.Client) -> httpx.Client:
    """Have the sockets that a client opens keep to the time that is left; gives the client.

    httpcore takes a network backend and httpx has no door for it, so this reaches for the pool of
    each transport. A transport without one, such as a WSGI application, has no sockets.
    """
    for transport in (client._transport, *client._mounts.values()):
        pool: Any = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = BoundBackend(pool._network_backend)
    return client


class BoundBackend:
    """A network backend of httpcore.

    Args:
        backend: What opens the sockets.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **kwargs: Any) -> BoundSocket:
        """Connect by TCP."""
        return BoundSocket(self._backend.connect_tcp(*args, **kwargs))

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> BoundSocket:
        """Connect to a socket in the file system."""
        return BoundSocket(self._backend.connect_unix_socket(*args, **kwargs))

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts to connect."""
        self._backend.sleep(seconds)


class BoundSocket:
    """A network stream of httpcore.

    Guarantees: no piece is waited for once the attempt is over, however often some come.

    Args:
        stream: What reads and writes.
    """

    __slots__ = ("_stream",)

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for a piece.

        Raises:
            httpx.ReadTimeout: The attempt is over.
        """
        seconds = timeout.again() if isinstance(timeout, Renewed) else timeout
        if seconds is not None and seconds <= 0:
            raise httpx.ReadTimeout("the attempt is over")
        data: bytes = self._stream.read(max_bytes, seconds)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send, piece by piece.

        Raises:
            httpx.WriteTimeout: The attempt is over.
        """
        for begin in range(0, len(buffer), _PIECE_BYTES):
            seconds = timeout.again() if isinstance(timeout, Renewed) else timeout
            if seconds is not None and seconds <= 0:
                raise httpx.WriteTimeout("the attempt is over")
            self._stream.write(buffer[begin : begin + _PIECE_BYTES], seconds)

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(self, *args: Any, **kwargs: Any) -> BoundSocket:
        """Go on in TLS."""
        return BoundSocket(self._stream.start_tls(*args, **kwargs))

    def get_extra_info(self, info: str) -> Any:
        """What the pool asks about it."""
        return self._stream.get_extra_info(info)
