# Generated from async/test_client_time.py by "make unasync"; edit that file.
"""Servers that are ill, on real sockets: a call ends in time, with little memory, and goes on."""

import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from mic.client import HttpRetryPolicy, ServiceHttpClient
from mic.http.context import bind
from mic.model import TransientError
from mic.testing import ScriptedHttpServer
from mic.testing.scripted_http import Hangup, Send, Wait, drip, reply

Opened = Callable[..., ServiceHttpClient]

LIMIT = 10.0
"""Far more than a call may take here, far less than the servers below would take."""

HEAD = (
    b"HTTP/1.1 %d x\r\ncontent-type: application/problem+json\r\ncontent-length: 1000000000\r\n\r\n"
)

ILL: dict[str, list[Any]] = {
    "no answer": [Wait()],
    "half a head": [Send(b"HTTP/1.1 200 OK\r\nx-a: "), Wait()],
    "a dripping head": drip(b"HTTP/1.1 200 OK\r\nx-a: " + b"secret" * 200, every=0.05),
    "no body": [Send(HEAD % 200), Wait()],
    "half a body": [Send(HEAD % 200 + b"secret"), Wait()],
    "a dripping body": [Send(HEAD % 200), *drip(b"secret" * 200, every=0.05)],
    "no error body": [Send(HEAD % 503), Wait()],
    "half an error body": [Send(HEAD % 503 + b"secret"), Wait()],
    "a dripping error body": [Send(HEAD % 503), *drip(b"secret" * 200, every=0.05)],
}


@pytest.fixture
def client(server: ScriptedHttpServer, opened: Opened) -> ServiceHttpClient:
    return opened(server.url, timeout_seconds=0.3, max_connections=1)


@pytest.mark.parametrize("ill", sorted(ILL))
def test_a_call_ends_in_time(
    server: ScriptedHttpServer, client: ServiceHttpClient, ill: str
) -> None:
    server.script(ILL[ill], reply(200, b"well"))
    began = time.monotonic()
    with pytest.raises(TransientError, match="did not answer in time") as caught:
        client.get("/items?secret=1")
    assert time.monotonic() - began < LIMIT
    assert caught.value.code == "transient.upstream_timeout"
    assert caught.value.details == {
        "method": "GET",
        "url": f"{server.url}/items",
        "phase": "read",
    }
    # the only connection is free again
    assert (client.get("/items", timeout=LIMIT)).content == b"well"


@pytest.mark.parametrize("ill", ["no answer", "a dripping body", "half a body"])
def test_the_time_of_the_whole_call(server: ScriptedHttpServer, opened: Opened, ill: str) -> None:
    server.script(ILL[ill])
    client = opened(server.url)
    began = time.monotonic()
    with pytest.raises(TransientError, match="in time") as total:
        client.get("/items", total_timeout_seconds=0.2)
    in_time = pytest.raises(TransientError, match="in time")
    with bind(deadline=time.monotonic() + 0.2), in_time as bound:
        client.get("/items")
    assert time.monotonic() - began < LIMIT
    assert (total.value.details["phase"], bound.value.details["phase"]) == ("total", "total")


def test_an_endless_error_body(server: ScriptedHttpServer, client: ServiceHttpClient) -> None:
    server.script([Send(HEAD % 500), *[Send(b"secret" * 10_000)] * 100, Wait()], reply())
    tracemalloc.start()
    try:
        with pytest.raises(TransientError, match="answered with an error") as caught:
            client.get("/items", timeout=LIMIT)
        assert (client.get("/items", timeout=LIMIT)).status_code == 200
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.details == {"status_code": 500}
    assert peak < 30_000_000  # most of it imports; the server itself sends six millions


@pytest.mark.parametrize(
    "script",
    [
        [Hangup()],
        [Hangup(reset=True)],
        [Send(b"HTTP/1.1 200 OK\r\ncontent-le"), Hangup()],
        [Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), Hangup(reset=True)],
        [Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), Hangup()],
        [Send(b"secret\r\n\r\n"), Hangup()],
        [Send(b"HTTP/1.1 200 OK\r\nx-a: " + b"a" * 200_000), Wait()],
    ],
    ids=range(7),
)
def test_a_connection_that_breaks(
    server: ScriptedHttpServer, client: ServiceHttpClient, script: Any
) -> None:
    server.script(script, reply())
    with pytest.raises(TransientError, match="could not be reached") as caught:
        client.get("/items", timeout=LIMIT)
    assert caught.value.code == "transient.upstream_network"
    assert "secret" not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert (client.get("/items", timeout=LIMIT)).status_code == 200


def test_nobody_listens(opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    for scheme in ("http", "https"):
        base = f"{scheme}://127.0.0.1:{port}"
        client = opened(base)
        with pytest.raises(TransientError, match="could not be reached"):
            client.get("/items")


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port where connections are neither accepted nor refused: its queue is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = listening.getsockname()[1]
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_accepts(deaf: int, opened: Opened, scheme: str) -> None:
    base = f"{scheme}://127.0.0.1:{deaf}"
    client = opened(base, timeout_seconds=0.3, max_connections=1)
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(TransientError, match="in time") as caught:
            client.get("/items")
        assert caught.value.details["phase"] == "connect"
    assert time.monotonic() - began < LIMIT


def test_tls_that_never_begins(server: ScriptedHttpServer, opened: Opened) -> None:
    base = server.url.replace("http:", "https:")
    client = opened(base, timeout_seconds=0.3, max_connections=1)
    server.script([Wait()])
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(TransientError, match="upstream service"):
            client.get("/items")
    assert time.monotonic() - began < LIMIT


def test_all_connections_are_in_use(server: ScriptedHttpServer, client: ServiceHttpClient) -> None:
    server.script([Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), Wait()], reply())
    with client.stream("GET", "/items", timeout=LIMIT):
        with pytest.raises(TransientError, match="all connections") as caught:
            client.get("/items")
        assert caught.value.code == "transient.client_saturated"
        assert caught.value.details == {"method": "GET", "url": f"{server.url}/items"}
    assert (client.get("/items", timeout=LIMIT)).status_code == 200


def test_what_httpx_calls_timeout(server: ScriptedHttpServer, opened: Opened) -> None:
    server.script([Wait()])
    client = opened(server.url)
    began = time.monotonic()
    for options in (
        {"timeout": 0.2},
        {"timeout": httpx.Timeout(5, read=0.2)},
        {"timeout": None, "total_timeout_seconds": 0.2},
    ):
        with pytest.raises(TransientError, match="in time"):
            client.get("/items", **options)
    with pytest.raises(ValueError, match="timeout must be above 0"):
        client.get("/items", timeout=0)
    assert time.monotonic() - began < LIMIT


def test_a_number_also_sets_the_time_of_the_call(make: Any, upstream: Any) -> None:
    client = make()
    client.get("/items", timeout=60)
    client.get("/items", timeout=60, total_timeout_seconds=5)
    assert upstream.sent("x-request-timeout-ms") == ["60000", "5000"]


def phases(upstream: Any) -> dict[str, float]:
    timeouts: Callable[[str], float] = upstream.requests[-1].extensions["timeout"].get
    return {phase: timeouts(phase) for phase in ("connect", "read", "write", "pool")}


def test_what_the_transport_is_told(make: Any, upstream: Any) -> None:
    client = make(timeout_seconds=4)
    client.get("/items")
    assert phases(upstream) == {"connect": 3.9, "read": 4, "write": 4, "pool": 4}
    client.get("/items", total_timeout_seconds=3)
    assert phases(upstream)["read"] == 3.0
    client.get("/items", timeout=httpx.Timeout(2, read=9, pool=None))
    assert phases(upstream) == {"connect": 2, "read": 4, "write": 2, "pool": 4}


def test_an_attempt_has_less_time_than_the_call(make: Any, upstream: Any) -> None:
    client = make(timeout_seconds=4, retry=HttpRetryPolicy())
    client.get("/items")
    assert phases(upstream)["read"] == 4
    assert upstream.sent("x-request-timeout-ms") == ["12000"]
    client.get("/items", timeout=5)
    assert phases(upstream)["read"] == 5
    assert upstream.sent("x-request-timeout-ms") == ["12000", "15000"]
