"""What our own HTTP servers share: reading a request, answering it, and serving until the end."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mic.testing.servers._ports import LOOPBACK

MOST_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What came in."""

    method: str
    path: tuple[str, ...]
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out; `body` is bytes, or is written as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    media_type: str = "application/json"


Respond = Callable[[Request], Answer]
App = Callable[[Any, Any, Any], Awaitable[None]]


def make_app(respond: Respond) -> App:
    """An ASGI application of one function."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await _read(receive)
        answer = respond(
            Request(
                method=scope["method"],
                path=tuple(unquote(each) for each in scope["raw_path"].decode().split("/") if each),
                query=scope["query_string"].decode("latin-1"),
                headers={
                    name.decode("latin-1"): value.decode("latin-1")
                    for name, value in scope["headers"]
                },
                body=body,
            )
        )
        data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = [
            (b"content-type", answer.media_type.encode()),
            (b"content-length", str(len(data)).encode()),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    return app


async def _read(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b"")[: MOST_BODY_BYTES - len(body)])
        if not message.get("more_body"):
            return bytes(body)


def serve(respond: Respond, port: int) -> None:
    """Serve on 127.0.0.1 until SIGTERM."""
    import uvicorn

    config = uvicorn.Config(
        make_app(respond), host=LOOPBACK, port=port, lifespan="off", log_level="info"
    )
    server = _server_class()(config)
    asyncio.run(server.serve())


def _server_class() -> type[Any]:
    import uvicorn

    class Quiet(uvicorn.Server):
        """Ends by itself when it is asked to, instead of dying of the signal afterwards."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGTERM, self.handle_exit, signal.SIGTERM, None
            )
            yield

    return Quiet
