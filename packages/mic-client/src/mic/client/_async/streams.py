"""A body that is read piece by piece, and ends by the deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx

from mic.client._run_async import finish, run_within
from mic.client._timeouts import PhaseTimeouts

Translate = Callable[[Exception], Exception]


class AsyncBoundStream(httpx.AsyncByteStream):
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
        stream: httpx.AsyncByteStream,
        timeouts: PhaseTimeouts,
        translate: Translate | None = None,
        closed: Callable[[], None] | None = None,
    ) -> None:
        self._stream = stream
        self._timeouts = timeouts
        self._translate = translate
        self._closed = closed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._stream)
        while True:
            try:
                seconds = self._timeouts.left()
                if seconds <= 0:
                    raise httpx.ReadTimeout("the attempt is over")
                piece = await run_within(_next(pieces), seconds)
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

    async def aclose(self) -> None:
        """Give the connection back."""
        await finish(self._close)

    async def _close(self) -> None:
        closed, self._closed = self._closed, None
        try:
            await self._stream.aclose()
        finally:
            if closed is not None:
                closed()


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)
