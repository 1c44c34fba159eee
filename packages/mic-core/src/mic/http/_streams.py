"""Sends a stream of chunks, and ends it in every way in which it can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mic.http._types import Receive, Send

if TYPE_CHECKING:
    from mic.http._threads import WorkerPool

Stream = AsyncIterable[bytes] | Iterable[bytes]
_END = object()


async def send_chunks(stream: Stream, receive: Receive, send: Send, *, workers: WorkerPool) -> None:
    """Send the chunks, then the end of the body.

    Guarantees: the iterator is closed at its end, on an error, on cancellation and when the client
    leaves, which also ends a source that has nothing to say, and one that never waits; the loop
    gets a turn after every chunk; a synchronous iterable is only ever touched in worker threads. An
    error passes through and the body is not ended, so that the server aborts the connection: never
    a truncated success.
    """
    sender = asyncio.ensure_future(_send_all(stream, send, workers))
    watcher = asyncio.ensure_future(_until_disconnect(receive))
    try:
        await asyncio.wait({sender, watcher}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watcher.cancel()
        if not sender.done():
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender
        with suppress(asyncio.CancelledError):
            await watcher
    if not sender.cancelled():
        sender.result()


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_all(stream: Stream, send: Send, workers: WorkerPool) -> None:
    iterator = (
        aiter(stream) if isinstance(stream, AsyncIterable) else _Pulled(iter(stream), workers)
    )
    try:
        async for chunk in iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            # Neither a source that is ready at once nor the `send` of a connection that is gone
            # ever waits: without a turn for others the stream would hold the loop to its end.
            await asyncio.sleep(0)
    finally:
        await close_stream(iterator)
    await send({"type": "http.response.body", "body": b""})


async def close_stream(stream: Any) -> None:
    """Close a stream or its iterator, read or not, where it can be closed."""
    aclose = getattr(stream, "aclose", None)
    if aclose is not None:
        await aclose()


class _Pulled(AsyncIterator[bytes]):
    """A synchronous iterator, pulled and closed in worker threads."""

    __slots__ = ("_iterator", "_workers")

    def __init__(self, iterator: Iterator[bytes], workers: WorkerPool) -> None:
        self._iterator = iterator
        self._workers = workers

    async def __anext__(self) -> bytes:
        chunk: Any = await self._workers.run(next, self._iterator, _END)
        if chunk is _END:
            raise StopAsyncIteration
        result: bytes = chunk
        return result

    async def aclose(self) -> None:
        close = getattr(self._iterator, "close", None)
        if close is not None:
            await self._workers.run(close)
