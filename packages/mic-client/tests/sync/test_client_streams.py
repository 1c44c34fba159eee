# Generated from async/test_client_streams.py by "make unasync"; edit that file.
"""Answers that are read piece by piece."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mic.client import HttpRetryPolicy, ServiceHttpClient, UpstreamResponseError
from mic.model import DomainError, NotFoundError, TransientError
from mic.testing import ScriptedHttpServer
from mic.testing.scripted_http import Hangup, Send, Wait, reply

Make = Callable[..., ServiceHttpClient]
Opened = Callable[..., ServiceHttpClient]
PART = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"


@pytest.fixture
def client(server: ScriptedHttpServer, opened: Opened) -> ServiceHttpClient:
    return opened(server.url, timeout_seconds=20, max_connections=1)


def read(
    client: ServiceHttpClient, url: str, pieces: list[bytes] | None = None, **options: Any
) -> bytes:
    """Read a stream to its end."""
    with client.stream("GET", url, **options) as answer:
        if pieces is None:
            return answer.read()
        for piece in answer.iter_bytes():
            pieces.append(piece)
    return b"".join(pieces)


def expect_failure(answer: httpx.Response, match: str) -> None:
    with pytest.raises(TransientError, match=match):
        answer.read()


def raise_within(client: ServiceHttpClient, error: Exception) -> None:
    with client.stream("GET", "/items"):
        raise error


def test_a_stream(client: ServiceHttpClient, server: ScriptedHttpServer) -> None:
    server.script([Send(PART + b"defghi")])
    with client.stream(
        "GET", "/items", subject="user-1", scopes=("a",), headers={"x-a": "1"}
    ) as answer:
        assert answer.read() == b"abcdefghi"
    assert answer.is_closed
    assert server.requests[0].headers["authorization"] == "Bearer fake-token.stock.user-1"
    assert server.requests[0].headers["x-a"] == "1"


def test_a_stream_that_nobody_reads(client: ServiceHttpClient, server: ScriptedHttpServer) -> None:
    server.script([Send(PART), Wait()], [Send(PART), Wait()], reply())
    with client.stream("GET", "/items"):
        pass
    with pytest.raises(KeyError, match="own"):
        raise_within(client, KeyError("own"))
    assert (client.get("/items")).status_code == 200


def test_an_error_is_raised(
    client: ServiceHttpClient, server: ScriptedHttpServer, problem: Any
) -> None:
    body = problem(404, "items.gone").content
    server.script(reply(404, body, headers={"content-type": "application/problem+json"}))
    with pytest.raises(NotFoundError, match="said the other service") as caught:
        read(client, "/items")
    assert caught.value.code == "items.gone"
    with client.stream("GET", "/items", raise_for_status=False) as answer:
        assert (answer.status_code, answer.read()) == (404, body)


def test_it_is_tried_once(make: Make, upstream: Any) -> None:
    upstream.answers = [httpx.Response(503)]
    client = make(retry=HttpRetryPolicy())
    with pytest.raises(TransientError, match="answered with an error"):
        read(client, "/items")
    assert upstream.count == 1
    with pytest.raises(DomainError, match="not below"):
        read(client, "http://evil.example/")


def test_it_ends_by_the_deadline(client: ServiceHttpClient, server: ScriptedHttpServer) -> None:
    server.script([Send(PART), Wait()], reply())
    pieces: list[bytes] = []
    with pytest.raises(TransientError, match="did not answer in time") as caught:
        read(client, "/items", pieces, total_timeout_seconds=0.3)
    assert pieces == [b"abc"]
    assert caught.value.details["phase"] == "total"
    assert (client.get("/items")).status_code == 200


def test_the_deadline_counts_while_the_caller_works(make: Make, clock: Any) -> None:
    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"abc"))

    client = make(client=httpx.Client(transport=httpx.MockTransport(answered)))
    with client.stream("GET", "/items") as answer:
        clock.advance(11)
        expect_failure(answer, "did not answer in time")


def test_a_connection_that_breaks_within(
    client: ServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script([Send(PART), Hangup()], reply())
    with client.stream("GET", "/items") as answer:
        expect_failure(answer, "could not be reached")
    assert (client.get("/items")).status_code == 200


def test_content_that_cannot_be_decoded(
    client: ServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script(reply(200, b"no gzip", headers={"content-encoding": "gzip"}))
    with pytest.raises(UpstreamResponseError, match="cannot be decoded"):
        read(client, "/items")


def test_the_errors_of_others_pass(client: ServiceHttpClient, server: ScriptedHttpServer) -> None:
    other = httpx.DecodingError("theirs")
    with pytest.raises(httpx.DecodingError, match="theirs"):
        raise_within(client, other)
    other.request = httpx.Request("GET", "http://other.example/")
    with pytest.raises(httpx.DecodingError, match="theirs"):
        raise_within(client, other)


def test_a_redirect_is_followed(client: ServiceHttpClient, server: ScriptedHttpServer) -> None:
    server.script(reply(302, headers={"location": "/b"}), reply(200, b"here"))
    with client.stream("GET", "/a", follow_redirects=True) as answer:
        assert answer.read() == b"here"
