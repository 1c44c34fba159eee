from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from mic.testing import ScriptedHttpServer
from mic.testing.scripted_http import Hangup, Send, Wait, drip, read_request, reply


@pytest.fixture
def server() -> Iterator[ScriptedHttpServer]:
    with ScriptedHttpServer() as made:
        yield made


@pytest.fixture
def client(server: ScriptedHttpServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=2) as made:
        yield made


def test_before_any_script_it_answers_with_nothing(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_every_request_takes_the_next_script_and_the_last_stays(
    server: ScriptedHttpServer, client: httpx.Client
) -> None:
    server.script(reply(503), [reply(200, b"{}", headers={"content-type": "application/json"})])
    assert [client.get("/").status_code for _ in range(3)] == [503, 200, 200]
    assert client.get("/").json() == {}


def test_requests_are_kept_whole(server: ScriptedHttpServer, client: httpx.Client) -> None:
    client.post("/a?b=c", content=b"body", headers={"X-Tenant": "one"})
    client.post("/chunks", content=iter([b"one", b"two"]))
    first, second = server.requests
    assert (first.method, first.target, first.body) == ("POST", "/a?b=c", b"body")
    assert first.headers["x-tenant"] == "one"
    assert (second.target, second.body) == ("/chunks", b"onetwo")


def test_a_hang_times_out(server: ScriptedHttpServer) -> None:
    server.script([Send(b"HTTP/1.1 200 OK\r\n"), Wait()])
    with pytest.raises(httpx.ReadTimeout, match="timed out"):
        httpx.get(server.url, timeout=0.2)


@pytest.mark.parametrize("reset", [True, False])
def test_a_hang_up_breaks_the_answer(server: ScriptedHttpServer, reset: bool) -> None:
    server.script([Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), Hangup(reset=reset)])
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError), match=r"."):
        httpx.get(server.url)


def test_garbage_is_no_http(server: ScriptedHttpServer) -> None:
    server.script(Send(b"\0\xff garbage\r\n\r\n"))
    with pytest.raises(httpx.RemoteProtocolError, match="illegal status line"):
        httpx.get(server.url)


def test_a_drip_comes_byte_by_byte(server: ScriptedHttpServer, client: httpx.Client) -> None:
    server.script([*drip(reply(200, b"ok").data, every=0.005)])
    began = time.monotonic()
    assert client.get("/").text == "ok"
    assert time.monotonic() - began > 0.1


def test_ten_megabytes_arrive(server: ScriptedHttpServer, client: httpx.Client) -> None:
    body = b"x" * 10_000_000
    server.script(reply(200, body))
    assert client.get("/").content == body


def test_scripts_are_bounded(server: ScriptedHttpServer) -> None:
    server.script(*[reply()] * 1000)
    with pytest.raises(ValueError, match="at most 1000 scripts may wait"):
        server.script(reply())


def test_closed_it_leaves_nothing(server: ScriptedHttpServer) -> None:
    server.script(Wait())
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while not server.requests:
            time.sleep(0.01)
        server.close()
        server.close()
        assert client.recv(10) == b""
    assert not [each for each in threading.enumerate() if each.name == "scripted-http"]


def test_closed_it_ends_a_connection_that_says_nothing(server: ScriptedHttpServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
        server.close()
        assert client.recv(10) == b""


@pytest.mark.parametrize("text", [b"", b"\r\n", b"nonsense\r\n\r\n"])
def test_what_is_no_request_ends_the_connection(text: bytes) -> None:
    assert read_request(io.BytesIO(text)) is None


def test_chunks_may_have_trailers() -> None:
    text = b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nA: b\r\n\r\n"
    request = read_request(io.BytesIO(text))
    assert request is not None
    assert request.body == b"ab"
