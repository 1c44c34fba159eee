"""Who closes a resource that worker threads use and the event loop may give up at any moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Lease:
    """Calls `release` once, as soon as the resource is given up and no thread uses it.

    Guarantees: `close` never waits; a thread that is at work finishes, and then releases. So a
    descriptor's number is never used after the system may have given it to something else, and
    nothing stays open when a coroutine is cancelled while its thread works on.
    """

    __slots__ = ("_closed", "_lock", "_release", "_released", "_used")

    def __init__(self, release: Callable[[], None]) -> None:
        self._release = release
        self._lock = threading.Lock()
        self._used = False
        self._closed = False
        self._released = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Use the resource, one thread at a time.

        Raises:
            ValueError: It was given up.
        """
        with self._lock:
            if self._closed:
                msg = "the file is closed"
                raise ValueError(msg)
            self._used = True
        try:
            yield
        finally:
            with self._lock:
                self._used = False
                self._settle()

    def close(self) -> None:
        """Give the resource up; again, as often as one likes."""
        with self._lock:
            self._closed = True
            self._settle()

    def _settle(self) -> None:
        if self._closed and not self._used and not self._released:
            self._released = True
            self._release()
