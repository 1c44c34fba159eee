import asyncio
import math
import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._sse import PING, SseBody, SseEvent, encode_event

NEVER = 3_600.0
variable: ContextVar[str] = ContextVar("variable")


def read_stream(stream: bytes) -> list[dict[str, str]]:
    """Parse an event stream as a browser does (HTML Living Standard, section 9.2.6)."""
    events: list[dict[str, str]] = []
    event: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", stream.decode()):
        if not line:
            if "data" in event:
                events.append({**event, "data": event["data"][:-1]})
            event = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            event[name] = event.get("data", "") + value + "\n" if name == "data" else value
    return events


class TestSseEvent:
    def test_fields_and_defaults(self) -> None:
        assert SseEvent("text") == SseEvent(data="text", event=None, id=None, retry_ms=None)

    @pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b", "\r\n"])
    def test_nothing_begins_a_line_of_its_own(self, text: str) -> None:
        with pytest.raises(ValueError, match="event of a server-sent event must not contain"):
            SseEvent("", event=text)
        with pytest.raises(ValueError, match="id of a server-sent event must not contain"):
            SseEvent("", id=text)

    def test_retry_is_not_negative(self) -> None:
        assert SseEvent("", retry_ms=0).retry_ms == 0
        with pytest.raises(ValueError, match="retry_ms"):
            SseEvent("", retry_ms=-1)


class TestEncodeEvent:
    @pytest.mark.parametrize(
        ("event", "encoded"),
        [
            ("hello", b"data: hello\n\n"),
            ("", b"data: \n\n"),
            ("a\nb\r\nc\rd", b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
            ("a\n", b"data: a\ndata: \n\n"),
            ("a\u2028b\x0b", "data: a\u2028b\x0b\n\n".encode()),
            (
                SseEvent("x", event="e", id="1", retry_ms=5),
                b"id: 1\nevent: e\nretry: 5\ndata: x\n\n",
            ),
            (SseEvent("x", id=""), b"id: \ndata: x\n\n"),
            (SseEvent("x", retry_ms=0), b"retry: 0\ndata: x\n\n"),
        ],
    )
    def test_bytes(self, event: SseEvent | str, encoded: bytes) -> None:
        assert encode_event(event) == encoded

    @given(
        data=st.text(),
        event=st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")),
        event_id=st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")),
        retry_ms=st.none() | st.integers(0, 10**9),
    )
    def test_a_browser_reads_what_was_meant(
        self, data: str, event: str | None, event_id: str | None, retry_ms: int | None
    ) -> None:
        encoded = encode_event(SseEvent(data, event, event_id, retry_ms))
        expected = {"data": data.replace("\r\n", "\n").replace("\r", "\n")}
        if event is not None:
            expected["event"] = event
        if event_id is not None:
            expected["id"] = event_id
        if retry_ms is not None:
            expected["retry"] = str(retry_ms)
        assert read_stream(encoded) == [expected]


class Source:
    """A source of events that is stepped by the test and remembers what was done to it."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Any] = asyncio.Queue()
        self.asked = 0
        self.begun = asyncio.Event()
        self.closed = 0
        self.tasks: set[Any] = set()
        self.error_on_close: Exception | None = None
        self.swallows_cancellation = False

    def __aiter__(self) -> AsyncIterator[SseEvent | str]:
        return self

    async def __anext__(self) -> SseEvent | str:
        self.asked += 1
        self.begun.set()
        self.tasks.add(asyncio.current_task())
        try:
            event = await self.events.get()
        except asyncio.CancelledError:
            if not self.swallows_cancellation:
                raise
            event = "swallowed"
        if isinstance(event, BaseException):
            raise event
        text: str = event
        return text

    async def aclose(self) -> None:
        self.closed += 1
        self.tasks.add(asyncio.current_task())
        if self.error_on_close is not None:
            raise self.error_on_close


@pytest.fixture
def source() -> Source:
    return Source()


async def collect(body: SseBody) -> list[bytes]:
    return [chunk async for chunk in body]


class TestSseBody:
    @pytest.mark.parametrize("seconds", [0, -1, math.nan])
    def test_heartbeat_is_above_zero(self, source: Source, seconds: float) -> None:
        with pytest.raises(ValueError, match="heartbeat_seconds must be above 0"):
            SseBody(source, heartbeat_seconds=seconds)

    async def test_events_in_order_then_the_end(self) -> None:
        async def events() -> AsyncIterator[SseEvent | str]:
            yield "a"
            yield SseEvent("b", id="2")

        assert await collect(SseBody(events(), heartbeat_seconds=math.inf)) == [
            b"data: a\n\n",
            b"id: 2\ndata: b\n\n",
        ]

    async def test_closes_the_source_at_its_end(self, source: Source) -> None:
        source.events.put_nowait(StopAsyncIteration())
        assert await collect(SseBody(source, heartbeat_seconds=NEVER)) == []
        assert source.closed == 1

    async def test_an_error_of_the_source_is_raised_and_the_source_closed(
        self, source: Source
    ) -> None:
        source.events.put_nowait("a")
        source.events.put_nowait(OSError("broken source"))
        chunks = aiter(SseBody(source, heartbeat_seconds=NEVER))
        assert await anext(chunks) == b"data: a\n\n"
        with pytest.raises(OSError, match="broken source"):
            await anext(chunks)
        assert source.closed == 1
        with pytest.raises(StopAsyncIteration, match=r"^$"):
            await anext(chunks)

    async def test_a_source_that_was_cancelled_is_no_end(self, source: Source) -> None:
        source.events.put_nowait(asyncio.CancelledError("cancelled inside"))
        with pytest.raises(asyncio.CancelledError, match="cancelled inside"):
            await collect(SseBody(source, heartbeat_seconds=NEVER))
        assert source.closed == 1

    async def test_what_is_no_event_is_an_error(self, source: Source) -> None:
        source.events.put_nowait(5)
        with pytest.raises(AttributeError, match="id"):
            await collect(SseBody(source, heartbeat_seconds=NEVER))
        assert source.closed == 1

    async def test_the_next_event_is_asked_for_when_one_was_taken(self, source: Source) -> None:
        for text in "abc":
            source.events.put_nowait(text)
        chunks = aiter(SseBody(source, heartbeat_seconds=NEVER))
        assert await anext(chunks) == b"data: a\n\n"
        await asyncio.sleep(0)
        assert source.asked == 1
        await chunks.aclose()

    async def test_a_heartbeat_in_silence_does_not_disturb_the_source(self, source: Source) -> None:
        chunks = aiter(SseBody(source, heartbeat_seconds=0.001))
        assert [await anext(chunks) for _ in range(3)] == [PING, PING, PING]
        assert PING == b": ping\n\n"
        source.events.put_nowait("a")
        chunk = await anext(chunks)
        while chunk == PING:
            chunk = await anext(chunks)
        assert chunk == b"data: a\n\n"
        assert source.asked == 1
        await chunks.aclose()
        assert source.closed == 1

    async def test_one_task_and_one_context_for_the_whole_source(self, source: Source) -> None:
        async def events() -> AsyncIterator[str]:
            token = variable.set("inside")
            try:
                async with asyncio.timeout(NEVER):
                    yield "a"
                    yield variable.get()
            finally:
                variable.reset(token)

        variable.set("outside")
        chunks = aiter(SseBody(events(), heartbeat_seconds=NEVER))
        assert [await anext(chunks) for _ in range(2)] == [b"data: a\n\n", b"data: inside\n\n"]
        await chunks.aclose()
        assert variable.get() == "outside"

        for text in "ab":
            source.events.put_nowait(text)
        chunks = aiter(SseBody(source, heartbeat_seconds=NEVER))
        await anext(chunks)
        await anext(chunks)
        await chunks.aclose()
        assert len(source.tasks) == 1

    async def test_closed_in_a_silence(self, source: Source) -> None:
        chunks = aiter(SseBody(source, heartbeat_seconds=0.001))
        assert await anext(chunks) == PING
        await chunks.aclose()
        await chunks.aclose()
        assert source.closed == 1

    async def test_cancelled_in_a_silence(self, source: Source) -> None:
        task = asyncio.create_task(collect(SseBody(source, heartbeat_seconds=NEVER)))
        await source.begun.wait()
        task.cancel("client left")
        with pytest.raises(asyncio.CancelledError, match="client left"):
            await task
        assert source.closed == 1

    async def test_cancelled_before_the_first_step(self, source: Source) -> None:
        chunks = aiter(SseBody(source, heartbeat_seconds=NEVER))

        async def step() -> bytes:
            task = asyncio.current_task()
            assert task is not None
            task.cancel("client left")
            return await anext(chunks)

        task = asyncio.create_task(step())
        with pytest.raises(asyncio.CancelledError, match="client left"):
            await task
        assert source.closed == 1

    async def test_a_source_that_swallows_its_cancellation(self, source: Source) -> None:
        source.swallows_cancellation = True
        chunks = aiter(SseBody(source, heartbeat_seconds=0.001))
        assert await anext(chunks) == PING
        await chunks.aclose()
        assert source.asked == 1
        assert source.closed == 1

    async def test_an_error_of_closing_is_raised(self, source: Source) -> None:
        source.error_on_close = OSError("cannot close")
        source.events.put_nowait("a")
        chunks = aiter(SseBody(source, heartbeat_seconds=NEVER))
        await anext(chunks)
        with pytest.raises(OSError, match="cannot close"):
            await chunks.aclose()

    async def test_closed_unread(self, source: Source) -> None:
        chunks = aiter(SseBody(source, heartbeat_seconds=NEVER))
        await chunks.aclose()
        await chunks.aclose()
        assert source.closed == 1
        assert source.asked == 0

    async def test_closed_without_an_iterator(self, source: Source) -> None:
        await SseBody(source, heartbeat_seconds=NEVER).aclose()
        assert source.closed == 1

    async def test_a_source_that_cannot_be_closed(self) -> None:
        class Bare:
            def __aiter__(self) -> "Bare":
                return self

            async def __anext__(self) -> str:
                return "a"

        chunks = aiter(SseBody(Bare(), heartbeat_seconds=NEVER))
        assert await anext(chunks) == b"data: a\n\n"
        await chunks.aclose()
        with pytest.raises(StopAsyncIteration, match=r"^$"):
            await anext(chunks)
