from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from mic.http import (
    HttpResponseSpec,
    HttpRouteSpec,
)
from mic.testing import AsyncRouteClient
from mic.testing._http.asgi import ASGIApp, Message, Receive, Scope, Send

_START: Message = {"type": "http.response.start", "status": 200, "headers": []}


async def _chunks() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


def _stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(_chunks())


_ROUTES = [
    HttpRouteSpec("GET", "/method", "method", "demo", lambda: "GET"),
    HttpRouteSpec("GET", "/stream", "stream", "demo", _stream),
]
_DONE: Message = {"type": "http.response.body", "body": b"x"}


def _with_lifespan(events: list[str]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                events.append(phase)
                scope["state"]["ready"] = "yes"
                await send({"type": f"lifespan.{phase}.complete"})
        else:
            events.append(str(scope["state"]))
            scope["state"]["own"] = 1
            await send(_START)
            await send(_DONE)

    return app


async def test_the_asynchronous_client_runs_it_too() -> None:
    events: list[str] = []
    async with AsyncRouteClient.for_app(_with_lifespan(events)) as client:
        await client.get("/")
    await client.get("/")
    assert events == ["startup", "{'ready': 'yes'}", "shutdown", "{}"]


async def test_leaving_without_having_entered_is_nothing() -> None:
    client = AsyncRouteClient.for_app(_with_lifespan([]))
    await client.__aexit__(None, None, None)
    assert (await client.get("/")).body == b"x"


async def test_asynchronous_requests_run_together() -> None:
    client = AsyncRouteClient(_ROUTES)
    answers = await asyncio.gather(*(client.get("/method") for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    async with client.stream("GET", "/stream") as stream:
        assert [chunk async for chunk in stream] == [b"one", b"two"]
        assert (stream.status_code, stream.complete) == (200, True)
