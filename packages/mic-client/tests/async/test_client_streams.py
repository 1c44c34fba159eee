"""Answers that are read piece by piece."""

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient, HttpRetryPolicy, UpstreamResponseError
from mic.model import DomainError, NotFoundError, TransientError
from mic.testing import ScriptedHttpServer
from mic.testing.scripted_http import Hangup, Send, Wait, reply

Make = Callable[..., AsyncServiceHttpClient]
Opened = Callable[..., Coroutine[Any, Any, AsyncServiceHttpClient]]
PART = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"


@pytest.fixture
async def client(server: ScriptedHttpServer, opened: Opened) -> AsyncServiceHttpClient:
    return await opened(server.url, timeout_seconds=20, max_connections=1)


async def read(
    client: AsyncServiceHttpClient, url: str, pieces: list[bytes] | None = None, **options: Any
) -> bytes:
    """Read a stream to its end."""
    async with client.stream("GET", url, **options) as answer:
        if pieces is None:
            return await answer.aread()
        async for piece in answer.aiter_bytes():
            pieces.append(piece)
    return b"".join(pieces)


async def expect_failure(answer: httpx.Response, match: str) -> None:
    with pytest.raises(TransientError, match=match):
        await answer.aread()


async def raise_within(client: AsyncServiceHttpClient, error: Exception) -> None:
    async with client.stream("GET", "/items"):
        raise error


async def test_a_stream(client: AsyncServiceHttpClient, server: ScriptedHttpServer) -> None:
    server.script([Send(PART + b"defghi")])
    async with client.stream(
        "GET", "/items", subject="user-1", scopes=("a",), headers={"x-a": "1"}
    ) as answer:
        assert await answer.aread() == b"abcdefghi"
    assert answer.is_closed
    assert server.requests[0].headers["authorization"] == "Bearer fake-token.stock.user-1"
    assert server.requests[0].headers["x-a"] == "1"


async def test_a_stream_that_nobody_reads(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script([Send(PART), Wait()], [Send(PART), Wait()], reply())
    async with client.stream("GET", "/items"):
        pass
    with pytest.raises(KeyError, match="own"):
        await raise_within(client, KeyError("own"))
    assert (await client.get("/items")).status_code == 200


async def test_an_error_is_raised(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer, problem: Any
) -> None:
    body = problem(404, "items.gone").content
    server.script(reply(404, body, headers={"content-type": "application/problem+json"}))
    with pytest.raises(NotFoundError, match="said the other service") as caught:
        await read(client, "/items")
    assert caught.value.code == "items.gone"
    async with client.stream("GET", "/items", raise_for_status=False) as answer:
        assert (answer.status_code, await answer.aread()) == (404, body)


async def test_it_is_tried_once(make: Make, upstream: Any) -> None:
    upstream.answers = [httpx.Response(503)]
    client = make(retry=HttpRetryPolicy())
    with pytest.raises(TransientError, match="answered with an error"):
        await read(client, "/items")
    assert upstream.count == 1
    with pytest.raises(DomainError, match="not below"):
        await read(client, "http://evil.example/")


async def test_it_ends_by_the_deadline(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script([Send(PART), Wait()], reply())
    pieces: list[bytes] = []
    with pytest.raises(TransientError, match="did not answer in time") as caught:
        await read(client, "/items", pieces, total_timeout_seconds=0.3)
    assert pieces == [b"abc"]
    assert caught.value.details["phase"] == "total"
    assert (await client.get("/items")).status_code == 200


async def test_the_deadline_counts_while_the_caller_works(make: Make, clock: Any) -> None:
    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"abc"))

    client = make(client=httpx.AsyncClient(transport=httpx.MockTransport(answered)))
    async with client.stream("GET", "/items") as answer:
        clock.advance(11)
        await expect_failure(answer, "did not answer in time")


async def test_a_connection_that_breaks_within(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script([Send(PART), Hangup()], reply())
    async with client.stream("GET", "/items") as answer:
        await expect_failure(answer, "could not be reached")
    assert (await client.get("/items")).status_code == 200


async def test_content_that_cannot_be_decoded(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script(reply(200, b"no gzip", headers={"content-encoding": "gzip"}))
    with pytest.raises(UpstreamResponseError, match="cannot be decoded"):
        await read(client, "/items")


async def test_the_errors_of_others_pass(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    other = httpx.DecodingError("theirs")
    with pytest.raises(httpx.DecodingError, match="theirs"):
        await raise_within(client, other)
    other.request = httpx.Request("GET", "http://other.example/")
    with pytest.raises(httpx.DecodingError, match="theirs"):
        await raise_within(client, other)


async def test_a_redirect_is_followed(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script(reply(302, headers={"location": "/b"}), reply(200, b"here"))
    async with client.stream("GET", "/a", follow_redirects=True) as answer:
        assert await answer.aread() == b"here"
