"""A small in-process ASGI client, and routes made in one line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from mic.http.route_spec import HttpRouteSpec


@dataclass
class Reply:
    """What an app sent."""

    messages: list[Any] = field(default_factory=list)

    @property
    def started(self) -> bool:
        return bool(self.messages)

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return list(self.messages[0]["headers"])

    def header(self, name: str) -> str | None:
        wanted = name.lower().encode()
        found = [value for key, value in self.headers if key == wanted]
        return found[-1].decode("latin-1") if found else None

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def complete(self) -> bool:
        return len(self.messages) > 1 and not self.messages[-1].get("more_body", False)

    def json(self) -> Any:
        return json.loads(self.body)


Call = Callable[..., Awaitable[Reply]]


@pytest.fixture
def call() -> Call:
    """Send one request: `await call(app, "GET", "/path?x=1", headers=..., body=...)`."""

    async def send_request(
        app: Any,
        method: str = "GET",
        target: str = "/",
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | Sequence[bytes] = b"",
        scope: dict[str, Any] | None = None,
        disconnect: bool = False,
        reply: Reply | None = None,
    ) -> Reply:
        path, _, query = target.partition("?")
        request: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
            "client": ("192.0.2.1", 5000),
            "server": ("test", 80),
            **(scope or {}),
        }
        chunks = [body] if isinstance(body, bytes) else list(body)
        pending: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
            for index, chunk in enumerate(chunks)
        ]
        if disconnect:
            pending[-1]["more_body"] = True
            pending.append({"type": "http.disconnect"})
        answer = Reply() if reply is None else reply
        done = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if pending:
                return pending.pop(0)
            await done.wait()
            gone: dict[str, Any] = {"type": "http.disconnect"}
            return gone

        async def send(message: dict[str, Any]) -> None:
            answer.messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                done.set()

        await app(request, receive, send)
        return answer

    return send_request


MakeRoute = Callable[..., HttpRouteSpec]


@pytest.fixture
def make_route() -> MakeRoute:
    """Make a route: `make_route(handler, "POST", "/path", **options)`."""

    def make(
        handler: Callable[..., Any], method: Any = "GET", path: str = "/", **options: Any
    ) -> HttpRouteSpec:
        name = options.pop("name", "test.route")
        return HttpRouteSpec(
            method=method, path=path, name=name, category="test", handler=handler, **options
        )

    return make


OpenWebSocket = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def open_websocket() -> OpenWebSocket:
    """Open a WebSocket and give what the app sent:
    `await open_websocket(app, "/path", headers=..., denial=True, scope=...)`.
    """

    async def connect(
        app: Any,
        path: str = "/",
        *,
        headers: Sequence[tuple[str, str]] = (),
        denial: bool = False,
        scope: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        request: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "scheme": "ws",
            "path": path,
            "query_string": b"",
            "root_path": "",
            "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
            "client": ("192.0.2.1", 5000),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}} if denial else {},
            **(scope or {}),
        }
        received = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
        sent: list[dict[str, Any]] = []

        async def receive() -> Any:
            return received.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(request, receive, send)
        return sent

    return connect
