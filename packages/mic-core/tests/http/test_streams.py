import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from mic.http._streams import close_stream, send_chunks
from mic.http._threads import WorkerPool

POOL = WorkerPool(limit=2, queue_limit=2)


class Wire:
    """What a server does: takes messages, and tells when the client leaves."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.gone = asyncio.Event()
        self.first = asyncio.Event()

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.first.set()

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent)

    @property
    def ended(self) -> bool:
        return bool(self.sent) and not self.sent[-1].get("more_body", False)


async def test_chunks_are_sent_in_order_and_the_body_is_ended() -> None:
    wire = Wire()
    closed: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"1"
            yield b"2"
        finally:
            closed.append("yes")

    await send_chunks(chunks(), wire.receive, wire.send, workers=POOL)
    assert (wire.body, wire.ended, closed) == (b"12", True, ["yes"])


async def test_a_synchronous_iterator_lives_in_worker_threads() -> None:
    wire = Wire()
    threads: set[int] = set()

    def chunks() -> Iterator[bytes]:
        try:
            threads.add(threading.get_ident())
            yield b"1"
        finally:
            threads.add(threading.get_ident())

    await send_chunks(chunks(), wire.receive, wire.send, workers=POOL)
    assert (wire.body, wire.ended) == (b"1", True)
    assert threading.get_ident() not in threads


async def test_a_list_needs_no_closing() -> None:
    wire = Wire()
    await send_chunks([b"1", b"2"], wire.receive, wire.send, workers=POOL)
    assert wire.body == b"12"


async def test_an_error_passes_and_the_body_is_not_ended() -> None:
    wire = Wire()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"1"
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await send_chunks(chunks(), wire.receive, wire.send, workers=POOL)
    assert not wire.ended


async def test_a_client_that_leaves_ends_a_silent_source() -> None:
    wire = Wire()
    closed = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"1"
            await asyncio.Event().wait()
        finally:
            closed.set()

    sending = asyncio.ensure_future(send_chunks(chunks(), wire.receive, wire.send, workers=POOL))
    await wire.first.wait()
    wire.gone.set()
    await asyncio.wait_for(sending, 5)
    assert closed.is_set()
    assert not wire.ended


async def test_a_client_that_leaves_ends_a_source_that_never_waits() -> None:
    wire = Wire()
    pulled: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(10_000):
            pulled.append(number)
            if number == 5:
                wire.gone.set()
            yield b"x"
        pulled.append(-1)

    await send_chunks(chunks(), wire.receive, wire.send, workers=POOL)
    assert 5 < len(pulled) < 100
    assert not wire.ended


async def test_cancellation_closes_the_source() -> None:
    wire = Wire()
    closed = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"1"
            await asyncio.Event().wait()
        finally:
            closed.set()

    sending = asyncio.ensure_future(send_chunks(chunks(), wire.receive, wire.send, workers=POOL))
    await wire.first.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await sending
    assert closed.is_set()


async def test_a_body_that_nobody_read_is_skipped_while_watching() -> None:
    wire = Wire()
    messages = [{"type": "http.request", "body": b""}]

    async def receive() -> Any:
        return messages.pop() if messages else await wire.receive()

    await send_chunks([b"1"], receive, wire.send, workers=POOL)
    assert wire.ended


async def test_an_unread_stream_is_closed_where_it_can_be() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b""

    unread = chunks()
    await close_stream(unread)
    assert [chunk async for chunk in unread] == []
    await close_stream([b"nothing to close"])
