"""One request and its answer: the application on one side, a strict server on the other."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from mic.testing._http.asgi import ASGIApp, Message
from mic.testing._http.request import AsgiRequest

PATHSEND = "http.response.pathsend"
_WAITING_CHUNKS = 16
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"[^\x00\r\n]*")


class ServerProtocolError(AssertionError):
    """The application sent what a server cannot put on the wire (ASGI 3.0, RFC 9110)."""


class Exchange:
    """Runs the application for one request, and hands on what it sends as it comes.

    Guarantees: the application sees what a server would show it: the body in the chunks of the
    request, then no message until the answer is complete or the client leaves, then
    `http.disconnect`. A slow reader holds the application back, as a full socket does: at most
    16 chunks wait. What the application sends is checked as by a server that trusts nobody: the
    order and types of the messages, header names and values, no body where there must be none, and
    a body of the declared length. The exchange belongs to the loop that made it.

    Args:
        app: The application.
        request: The request.
    """

    def __init__(self, app: ASGIApp, request: AsgiRequest) -> None:
        self.status_code = 0
        self.raw_headers: tuple[tuple[bytes, bytes], ...] = ()
        self.complete = False
        self.error: BaseException | None = None
        self._request = request
        self._unsent = list(request.chunks) or [b""]
        self._gone = asyncio.Event()
        self._started = asyncio.Event()
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING_CHUNKS)
        self._ended = False
        self._declared: int | None = None
        self._sent = 0
        self._violation: ServerProtocolError | None = None
        self._task = asyncio.create_task(self._run(app))

    async def start(self) -> bool:
        """Wait for the first message of the answer; `False` when there will be none."""
        await self._started.wait()
        return bool(self.status_code)

    async def next_chunk(self) -> bytes | None:
        """Wait for the next chunk of the body; `None` at its end, or where it broke off."""
        if self._ended:
            return None
        chunk = await self._chunks.get()
        self._ended = chunk is None
        return chunk

    @property
    def read_to_end(self) -> bool:
        """Whether the whole answer was sent, and read."""
        return self.complete and self._ended

    def hang_up(self) -> None:
        """The client leaves: what is still sent is lost, and the application is told."""
        self._gone.set()
        while not self._chunks.empty():
            self._ended = self._chunks.get_nowait() is None

    async def finish(self) -> None:
        """Wait until the application has returned; what it raised is in `error`."""
        while await self.next_chunk() is not None:
            pass
        await asyncio.wait([self._task])

    async def cancel(self) -> None:
        """Stop the application, as a server does that shuts down."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self, app: ASGIApp) -> None:
        try:
            await app(self._request.scope, self._receive, self._send)
            if not self.complete and not self._gone.is_set():
                what = "an unfinished answer" if self.status_code else "no answer"
                self._violated(f"it returned with {what}")
        except Exception as error:
            self.error = error
        finally:
            self.error = self._violation or self.error
            self._started.set()
            if not self.complete:
                await self._chunks.put(None)

    async def _receive(self) -> Message:
        if self._unsent:
            chunk = self._unsent.pop(0)
            more = bool(self._unsent) or self._request.hang_up
            return {"type": "http.request", "body": chunk, "more_body": more}
        if self._request.hang_up:
            self._gone.set()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if self._gone.is_set() and not self.complete:
            return  # what uvicorn does: the client is gone, nobody is told
        if kind == "http.response.start" and not self.status_code:
            self._check_start(message)
            self.raw_headers = tuple((bytes(key), bytes(val)) for key, val in message["headers"])
            self.status_code = message["status"]
            self._started.set()
        elif not self.status_code or self.complete:
            self._violated(f"{kind} out of turn")
        elif kind == "http.response.body":
            await self._pass_on(message.get("body", b""), more=message.get("more_body", False))
        elif kind == PATHSEND and PATHSEND in self._request.scope["extensions"]:
            content = await asyncio.to_thread(Path(message["path"]).read_bytes)
            await self._pass_on(content, more=False)
        else:
            self._violated(f"{kind} is unknown here")

    async def _pass_on(self, chunk: bytes, *, more: bool) -> None:
        self._sent += len(chunk)
        bodiless = self._request.scope["method"] == "HEAD" or self.status_code in (204, 304)
        if self._sent and self.status_code in (204, 304):
            self._violated(f"a {self.status_code} with a body")
        exact = self._sent == self._declared or (more and self._sent < (self._declared or 0))
        if not (bodiless or self._declared is None or exact):
            self._violated(f"{self._sent} bytes sent, {self._declared} declared")
        if chunk:
            await self._chunks.put(chunk)
        if not more:
            self.complete = True
            self._gone.set()
            await self._chunks.put(None)

    def _check_start(self, message: Message) -> None:
        for name, value in message["headers"]:
            if not (_TOKEN.fullmatch(name) and _VALUE.fullmatch(value)):
                self._violated(f"the header line {name!r} cannot be sent")
            if name == b"content-length":
                self._declared = int(value)
        status = message["status"]
        if not (type(status) is int and 200 <= status <= 599):
            self._violated(f"the status {status!r}")

    def _violated(self, what: str) -> None:
        """Raise to the application, and remember it in case the application swallows it."""
        self._violation = ServerProtocolError(f"the application broke the protocol: {what}")
        raise self._violation
