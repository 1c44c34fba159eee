"""Server-sent events (HTML Living Standard, section 9.2), and the body that sends them."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any

PING = b": ping\n\n"
"""A comment line: readers ignore it, proxies see that the connection lives."""

# The three line ends of the event stream format, and no other: `str.splitlines` knows more.
_LINE_END = re.compile(r"\r\n|\r|\n")
_UNSAFE_FIELD = re.compile(r"[\r\n\0]")
_END: Any = object()


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One server-sent event.

    Guarantee: neither `event` nor `id` can start a line of its own, so text in them never becomes
        another field or event.

    Attributes:
        data: The text; CR, LF and CRLF in it begin a new line, which a browser reads as LF.
        event: Type of the event; `None` is what browsers call `message`.
        id: What a reconnecting browser sends back as `Last-Event-ID`; empty text resets it.
        retry_ms: Milliseconds that a browser waits before it reconnects, 0 or more.

    Raises:
        ValueError: CR, LF or NUL in `event` or `id`, or a negative `retry_ms`.
    """

    data: str
    event: str | None = None
    id: str | None = None
    retry_ms: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("event", self.event), ("id", self.id)):
            if value is not None and _UNSAFE_FIELD.search(value) is not None:
                msg = f"{name} of a server-sent event must not contain CR, LF or NUL"
                raise ValueError(msg)
        if self.retry_ms is not None and self.retry_ms < 0:
            msg = "retry_ms of a server-sent event must not be negative"
            raise ValueError(msg)


def encode_event(event: SseEvent | str) -> bytes:
    """Encode one event; a text is an event that has nothing but data."""
    if isinstance(event, str):
        event = SseEvent(event)
    lines: list[str] = []
    if event.id is not None:
        lines.append(f"id: {event.id}")
    if event.event is not None:
        lines.append(f"event: {event.event}")
    if event.retry_ms is not None:
        lines.append(f"retry: {event.retry_ms:d}")
    lines.extend(f"data: {line}" for line in _LINE_END.split(event.data))
    return ("\n".join(lines) + "\n\n").encode()


class SseBody(AsyncIterable[bytes]):
    """The chunks of an event stream: each event as it comes, and `PING` after a silence.

    Guarantees: a heartbeat never disturbs the source, which runs in one task and one context from
    its first step to its last, so that it may hold timeouts and context variables across its
    `yield`s. The next event is asked for only when the one before was taken. The source
    is closed at its end, on an error, on cancellation and when this body's iterator is closed,
    begun or not.
    """

    __slots__ = ("_events", "_heartbeat_seconds")

    def __init__(self, events: AsyncIterable[SseEvent | str], *, heartbeat_seconds: float) -> None:
        """Wrap a source of events.

        Args:
            events: The source; closed by its `aclose`, where it has one.
            heartbeat_seconds: Silence after which a comment is sent, above 0; infinity sends none.

        Raises:
            ValueError: `heartbeat_seconds` is not above 0.
        """
        if not heartbeat_seconds > 0:
            msg = "heartbeat_seconds must be above 0"
            raise ValueError(msg)
        self._events = events
        self._heartbeat_seconds = heartbeat_seconds

    def __aiter__(self) -> "SseChunks":
        return SseChunks(self._events, self._heartbeat_seconds)

    async def aclose(self) -> None:
        """Close the source of a body that nobody iterated."""
        await _close(self._events)


class SseChunks(AsyncIterator[bytes]):
    """The iterator of a `SseBody`.

    A bare generator would skip its clean-up when it is closed before its first step.
    """

    __slots__ = ("_begun", "_chunks", "_source")

    def __init__(self, events: AsyncIterable[SseEvent | str], heartbeat_seconds: float) -> None:
        self._source = aiter(events)
        self._chunks = _encoded(self._source, heartbeat_seconds)
        self._begun = False

    async def __anext__(self) -> bytes:
        self._begun = True
        return await anext(self._chunks)

    async def aclose(self) -> None:
        """End the stream and close the source."""
        await self._chunks.aclose()
        if not self._begun:
            self._begun = True
            await _close(self._source)


async def _encoded(
    source: AsyncIterator[SseEvent | str], heartbeat_seconds: float
) -> AsyncGenerator[bytes, None]:
    pump = _Pump(source)
    try:
        while True:
            event = pump.ask()
            while not await pump.answered(event, heartbeat_seconds):
                yield PING
            if event.result() is _END:
                return
            yield encode_event(event.result())
    finally:
        await pump.aclose()


_Request = asyncio.Future[SseEvent | str]


class _Pump:
    """Steps a source in one task, an event for a request."""

    __slots__ = ("_requests", "_source", "_task")

    def __init__(self, source: AsyncIterator[SseEvent | str]) -> None:
        self._source = source
        self._requests: asyncio.Queue[_Request | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    def ask(self) -> _Request:
        """Ask for the next event; the future gives `_END` after the last one."""
        request: _Request = asyncio.get_running_loop().create_future()
        self._requests.put_nowait(request)
        return request

    async def answered(self, request: _Request, timeout_seconds: float) -> bool:
        """Wait for the answer, or raise the source's error; false when neither came in time."""
        either: set[asyncio.Future[Any]] = {request, self._task}
        done, _ = await asyncio.wait(
            either, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if self._task in done:
            self._task.result()
        return bool(done)

    async def aclose(self) -> None:
        """Stop the source where it stands, close it, and raise the error that it ended with."""
        # Both: a source may swallow the cancellation and go on; `None` ends it after that event.
        self._requests.put_nowait(None)
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        try:
            while (request := await self._requests.get()) is not None:
                event = await anext(self._source, _END)
                request.set_result(event)
        finally:
            await _close(self._source)


async def _close(source: object) -> None:
    aclose = getattr(source, "aclose", None)
    if aclose is not None:
        await aclose()
