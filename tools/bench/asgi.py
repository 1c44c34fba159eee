"""Sends prepared requests to an ASGI app in process, as fast as a server could."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from tools.bench.harness import Work

JSON_BODY = b'{"name":"nail","quantity":3,"tags":["a","b"]}'
HEADERS = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"bench/1.0"),
    (b"accept", b"*/*"),
    (b"accept-encoding", b"gzip, deflate"),
    (b"connection", b"keep-alive"),
]

# One loop for all: worker threads of a framework live and end with the loop that started them.
_runner = asyncio.Runner()


def close() -> None:
    """End the loop; nothing prepared by `requests` can run any more."""
    global _runner
    _runner.close()
    _runner = asyncio.Runner()


def requests(
    app: Any,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    body: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Work:
    """The work of serving one request `n` times; its answer must be a success."""
    headers = [*HEADERS, *headers]
    if body:
        headers += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
    message = {"type": "http.request", "body": body, "more_body": False}
    loop = _runner.get_loop()

    async def receive() -> dict[str, Any]:
        return message

    async def serve(count: int) -> None:
        statuses: set[int] = set()

        async def send(sent: dict[str, Any]) -> None:
            if sent["type"] == "http.response.start":
                statuses.add(sent["status"])

        for _ in range(count):
            scope = {
                "type": "http",
                "asgi": {"version": "3.0", "spec_version": "2.3"},
                "http_version": "1.1",
                "method": method,
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query,
                "root_path": "",
                "headers": headers,
                "client": ("127.0.0.1", 50000),
                "server": ("127.0.0.1", 8000),
                "state": {},
            }
            await app(scope, receive, send)
        if not statuses <= {200, 201, 404}:
            raise RuntimeError(f"{method} {path} was answered {statuses}")

    return lambda count: loop.run_until_complete(serve(count))
