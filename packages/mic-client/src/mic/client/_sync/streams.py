# Generated from _async/streams.py by "make unasync"; edit that file.
"""A body that is read piece by piece, and ends by the deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx

from mic.client._run_sync import finish, run_within
from mic.client._timeouts import PhaseTimeouts

Translate = Callable[[Exception], Exception]


class BoundStream(httpx.SyncByteStream):
    """The stream of an answer.

    Guarantees: a piece is waited for until the attempt is over and no longer; closing it comes to
    its end even when who closes it is cancelled.

    Args:
        stream: What is bounded.
        timeouts: Of the attempt.
        translate: Makes what is raised out of what the stream raised.
        closed: Called once, when it has been closed.
    """

    def __init__(
        self,
        stream: httpx.SyncByteStream,
        timeouts: PhaseTimeouts,
        translate: Translate | None = None,
        closed: Callable[[], None] | None = None,
    ) -> None:
        self._stream = stream
        self._timeouts = timeouts
        self._translate = translate
        self._closed = closed

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            try:
                seconds = self._timeouts.left()
                if seconds <= 0:
                    raise httpx.ReadTimeout("the attempt is over")
                piece = run_within(_next(pieces), seconds)
            except Exception as error:
                if self._translate is None:
                    raise
                failure = self._translate(error)
            else:
                if piece is None:
                    return
                yield piece
                continue
            raise failure

    def close(self) -> None:
        """Give the connection back."""
        finish(self._close)

    def _close(self) -> None:
        closed, self._closed = self._closed, None
        try:
            self._stream.close()
        finally:
            if closed is not None:
                closed()


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
