# Generated from _async/native.py by "make unasync"; edit that file.
"""The httpx client of a service client: given, or opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx

from mic.client._clients_sync import make_client, prepare
from mic.client._slots_sync import Slots


class Native:
    """Holds the httpx client.

    Guarantees: our own is opened once, whoever asks first, off the event loop where that would be
    held; one that was given is never closed.

    Args:
        owner: Whose client it is, for messages.
        given: One to use.
        max_connections: Of our own.
        timeout_seconds: Of our own, for those who use it directly.
        find: Looks up once what else the first call needs; waits for the disk.
        is_found: Whether there is nothing to look up.
    """

    __slots__ = (
        "_client",
        "_closed",
        "_find",
        "_lock",
        "_max_connections",
        "_owned",
        "_owner",
        "_timeout_seconds",
        "ready",
        "slots",
    )

    def __init__(
        self,
        owner: str,
        given: httpx.Client | None,
        *,
        max_connections: int,
        timeout_seconds: float,
        find: Callable[[], None],
        is_found: bool,
    ) -> None:
        self._owner = owner
        self._client = given
        self._owned = given is None
        self._max_connections = max_connections
        self._timeout_seconds = timeout_seconds
        self._find = find
        self.slots = Slots(max_connections if given is None else None)
        self._lock = threading.Lock()
        self._closed = False
        # What a call uses without asking anybody: `None` before the first, and after the end.
        self.ready = given if is_found else None

    def open(self) -> httpx.Client:
        """The client; waits for the disk the first time, and may be used from any thread.

        Raises:
            RuntimeError: Closed before it was ever opened.
        """
        with self._lock:
            if self._client is None:
                self._refuse_when_closed()
                self._client = make_client(
                    max_connections=self._max_connections, timeout_seconds=self._timeout_seconds
                )
            return self._client

    def prepared(self) -> httpx.Client:
        """The client for a call.

        Raises:
            RuntimeError: It has been closed.
        """
        self._refuse_when_closed()
        if self.ready is None:
            prepare(self._prepare)
            self._refuse_when_closed()
        return self.open()

    def close(self) -> None:
        """End; twice is as good as once."""
        was_ready = self.ready is not None
        self._closed, self.ready = True, None
        if not self._owned:
            return
        if not was_ready:
            prepare(self._settle)
        if self._client is not None:
            self._client.close()

    def _prepare(self) -> None:
        client = self.open()
        with self._lock:
            if self.ready is None and not self._closed:
                self._find()
                self.ready = client

    def _settle(self) -> None:
        """Wait for whoever opens the client."""
        with self._lock:
            pass

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise RuntimeError(f"{self._owner} has been closed")
