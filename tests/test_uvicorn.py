"""Raw requests to a real server: whatever is sent, no gate is passed and nothing breaks."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mic.contracts import StrictSchema
from mic.fastapi import build_fastapi_app
from mic.http import (
    AuthMode,
    HttpOptions,
    HttpResponseSpec,
    HttpRouteSpec,
    Principal,
    bearer_authenticator,
    build_asgi_app,
)
from mic.litestar import build_litestar_app
from mic.testing import eventually

BUILDERS: dict[str, Any] = {
    "asgi": build_asgi_app,
    "fastapi": build_fastapi_app,
    "litestar": build_litestar_app,
}
LIMIT = 1_000
SERVERS = [f"{host}-{parser}" for host in BUILDERS for parser in ("h11", "httptools")]
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")


class Note(StrictSchema):
    text: str


@dataclass
class Seen:
    """What the handlers of a server saw."""

    entered: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


@dataclass
class Served:
    """A server that answers on a port."""

    port: int
    seen: Seen

    def send(self, *parts: bytes) -> bytes:
        """Send bytes and give all that comes back until the server closes."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            return read_all(connection)

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, method: str, target: str, *lines: str, body: bytes = b"") -> bytes:
        """Send one request as it is written here, and give the answer."""
        return self.send(request(method, target, "Connection: close", *lines, body=body))


def request(method: str, target: str, *lines: str, body: bytes = b"") -> bytes:
    if not any(line.lower().startswith("host:") for line in lines):
        lines = ("Host: 127.0.0.1", *lines)
    if body:
        lines = (*lines, f"Content-Length: {len(body)}", "Content-Type: application/json")
    head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""])
    return head.encode("latin-1") + body


def read_all(connection: socket.socket) -> bytes:
    received = bytearray()
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass  # the server refused what was still to come
    return bytes(received)


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in STATUS_LINE.findall(answer)]


def status(answer: bytes) -> int:
    found = statuses(answer)
    assert len(found) == 1, answer
    return found[0]


def headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def service(host: str, seen: Seen) -> Any:
    async def opened() -> HttpResponseSpec:
        return HttpResponseSpec.text("open")

    async def item(item_id: int) -> dict[str, int]:
        return {"id": item_id}

    async def rest(rest: str) -> dict[str, str]:
        return {"rest": rest}

    async def note(payload: Note) -> Note:
        return payload

    async def private(principal: Principal) -> str:
        seen.entered.append(principal.subject)
        return principal.subject

    async def below(principal: Principal, rest: str) -> str:
        seen.entered.append(rest)
        return rest

    async def fails() -> None:
        raise RuntimeError("a secret")

    async def stream() -> HttpResponseSpec:
        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 4096
            finally:
                seen.closed.append("stream")

        return HttpResponseSpec.streaming(endless())

    def route(method: Any, path: str, handler: Any, **options: Any) -> HttpRouteSpec:
        return HttpRouteSpec(method, path, f"{method}{path}", "test", handler, **options)

    routes = [
        route("GET", "/open", opened),
        route("GET", "/items/{item_id:int}", item),
        route("DELETE", "/items/{item_id:int}", item),
        route("GET", "/public/{rest:path}", rest),
        route("POST", "/notes", note),
        route("GET", "/fails", fails),
        route("GET", "/stream", stream),
        route("GET", "/private", private, auth=AuthMode.USER),
        route("POST", "/private", private, auth=AuthMode.USER),
        route("GET", "/private/{rest:path}", below, auth=AuthMode.USER),
    ]

    def verify(token: str) -> Principal | None:
        return Principal("ada") if token == "right-token" else None

    options = HttpOptions(authenticator=bearer_authenticator(verify), max_body_bytes=LIMIT)
    return BUILDERS[host](routes=routes, options=options)


@contextmanager
def serving(name: str) -> Iterator[Served]:
    host, _, parser = name.partition("-")
    seen = Seen()
    config = uvicorn.Config(
        service(host, seen),
        http=parser,
        ws="none",
        loop="asyncio",
        log_config=None,
    )
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            eventually(lambda: server.started, within=30)
            yield Served(bound.getsockname()[1], seen)
        finally:
            server.should_exit = True
            thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as each:
        yield each


@pytest.fixture(autouse=True)
def nobody_entered(served: Served) -> Iterator[None]:
    """A gate that was passed without a credential fails the test that passed it."""
    served.seen.entered.clear()
    yield
    assert served.seen.entered == []


def test_the_right_token_opens_the_gate(served: Served) -> None:
    answer = served.ask("GET", "/private", "Authorization: Bearer right-token")
    assert (status(answer), body(answer)) == (200, b'"ada"')
    assert served.seen.entered == ["ada"]
    served.seen.entered.clear()


def test_head_has_the_headers_of_get_and_no_body(served: Served) -> None:
    shown, head = served.ask("GET", "/open"), served.ask("HEAD", "/open")
    assert body(shown) == b"open"
    assert body(head) == b""
    for answer in (shown, head):
        assert (status(answer), headers(answer)["content-length"]) == (200, "4")
    assert headers(head).keys() == headers(shown).keys()
    assert status(served.ask("HEAD", "/private")) == 401


def test_options_needs_no_credential_and_tells_the_methods(served: Served) -> None:
    for path, allow in {
        "/items/7": "DELETE, GET, HEAD, OPTIONS",
        "/private": "GET, HEAD, OPTIONS, POST",
    }.items():
        answer = served.ask("OPTIONS", path)
        assert (status(answer), headers(answer)["allow"], body(answer)) == (204, allow, b"")
    assert status(served.ask("OPTIONS", "*")) < 500


@pytest.mark.parametrize("path", ["/private", "/private/x", "/open"])
@pytest.mark.parametrize(
    "host",
    [
        "x/open?",
        "x/private?",
        "127.0.0.1/..",
        "a b",
        "",
        "evil@127.0.0.1",
        "127.0.0.1:99999",
        "127.0.0.1:x",
        "[::1",
        "x#y",
        "x\x00y",
        "\xff",
        "a" * 5000,
    ],
)
def test_a_forged_host_opens_nothing(served: Served, host: str, path: str) -> None:
    answer = served.ask("GET", path, f"Host: {host}", "X-Forwarded-Host: localhost")
    assert status(answer) in ((200, 400, 404) if path == "/open" else (400, 401, 404))


def test_no_host_and_two_hosts_open_nothing(served: Served) -> None:
    without = served.send(b"GET /private HTTP/1.1\r\nConnection: close\r\n\r\n")
    twice = served.ask("GET", "/private", "Host: a", "Host: b")
    old = served.send(b"GET /private HTTP/1.0\r\n\r\n")
    assert all(status(answer) in (400, 401) for answer in (without, twice, old))


PATHS = [
    "/%70rivate",
    "/private%2f",
    "/private%2fx",
    "/private%00",
    "/private%0d%0ax",
    "/./private",
    "//private",
    "/private/",
    "/private//",
    "/public/../private",
    "/open/%2e%2e/private",
    "/public/%2e%2e%2fprivate/x",
    "/private%3f",
    "/private%23",
    "/private?token=right-token",
    "/private;x=1",
    "/PRIVATE",
    "/private%",
    "/private%zz",
    "/%E2%80%AEprivate",
    "/%ff%fe",
    "/\xff",
    "/items/%31",
    "/items/1%20",
    "/items/-1",
    "/public/%2e%2e/%2e%2e/etc/passwd",
    "/public/" + "a/" * 2000,
    "/{item_id}",
    "/items/{item_id:int}",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "PATCH", "BREW"])
def test_no_spelling_of_a_path_opens_anything(served: Served, method: str) -> None:
    for path in PATHS:
        answer = served.ask(method, path)
        assert status(answer) < 500, (method, path)
        if "rivate" in path and "public" not in path and method != "OPTIONS":
            assert status(answer) in (400, 401, 404, 405), (method, path)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/private",
        "http://evil.example/private",
        "http://user:pw@127.0.0.1/private?x",
        "https://127.0.0.1:1/private#x",
        "http:///private",
        "http://127.0.0.1",
        "127.0.0.1:443",
        "private",
        "?/private",
        "http://127.0.0.1/open",
    ],
)
def test_an_absolute_target_opens_nothing(served: Served, target: str) -> None:
    for method in ("GET", "HEAD", "CONNECT"):
        answer = served.ask(method, target)
        assert all(code < 500 for code in statuses(answer)), answer
        if not target.endswith("/open"):
            assert all(code in (400, 401, 404, 405) for code in statuses(answer)), answer


def chunked(size: int, *, last: bool) -> list[bytes]:
    payload = b'{"text":"' + b"x" * (size - 11) + b'"}'
    pieces = [payload[at : at + 300] for at in range(0, len(payload), 300)]
    head = request(
        *("POST", "/notes", "Connection: close"),
        *("Transfer-Encoding: chunked", "Content-Type: application/json"),
    )
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    return [head, *chunks, *([b"0\r\n\r\n"] if last else [])]


def test_a_chunked_body_ends_at_the_limit(served: Served) -> None:
    fits = served.send(*chunked(LIMIT, last=True))
    assert (status(fits), len(body(fits))) == (200, LIMIT)
    # No last chunk: the answer comes without waiting for the rest.
    over = served.send(*chunked(LIMIT + 1, last=False))
    assert (status(over), headers(over)["connection"]) == (413, "close")
    declared = served.ask("POST", "/notes", body=b" " * (LIMIT + 1))
    assert status(declared) == 413


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: x",),
        ("Content-Length: -1",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip",),
        ("Transfer-Encoding: chunked, identity",),
    ],
)
def test_no_request_is_hidden_in_another(served: Served, lines: tuple[str, ...]) -> None:
    hidden = request("GET", "/private", "Connection: close")
    answer = served.send(request("POST", "/notes", "Connection: close", *lines), hidden)
    assert statuses(answer), lines
    assert all(400 <= code < 500 for code in statuses(answer)), answer


def test_requests_in_one_piece_are_answered_in_turn(served: Served) -> None:
    note = b'{"text":"a"}'
    answer = served.send(
        request("GET", "/open")
        + request("GET", "/private")
        + request("POST", "/notes", body=note)
        + request("HEAD", "/open")
        + request("GET", "/items/x")
        + request("GET", "/items/7", "Connection: close")
    )
    assert statuses(answer) == [200, 401, 200, 200, 404, 200]
    assert answer.endswith(b'{"id":7}')


def test_a_credential_is_of_its_request_alone(served: Served) -> None:
    answer = served.send(
        request("GET", "/private", "Authorization: Bearer right-token")
        + request("GET", "/private", "Connection: close")
    )
    assert statuses(answer) == [200, 401]
    assert served.seen.entered == ["ada"]
    served.seen.entered.clear()


def test_a_client_that_leaves_ends_the_stream(served: Served) -> None:
    served.seen.closed.clear()
    with served.connect() as connection:
        connection.sendall(request("GET", "/stream"))
        assert STATUS_LINE.match(connection.recv(4096))
    eventually(lambda: served.seen.closed == ["stream"], within=20)
    assert status(served.ask("GET", "/open")) == 200


def test_a_client_that_leaves_while_sending_breaks_nothing(served: Served) -> None:
    for parts in ([request("POST", "/notes", "Content-Length: 500")], chunked(900, last=False)):
        with served.connect() as connection:
            for part in parts:
                connection.sendall(part)
    assert status(served.ask("GET", "/open")) == 200


def test_a_handler_that_fails_tells_nothing(served: Served) -> None:
    answer = served.ask("GET", "/fails")
    assert status(answer) == 500
    assert b"secret" not in answer
    assert b'"code":"internal_error"' in answer


NAMES = st.sampled_from(["Authorization", "Cookie", "Host", "Expect", "X-Forwarded-For", "Range"])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
TARGETS = st.lists(
    st.sampled_from(["/", "private", "open", "items", "7", "%2f", "%00", "..", "?", "#", ";", "é"])
    | st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=6),
    max_size=8,
).map("".join)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "DELETE", "get"]),
    target=TARGETS,
    lines=st.lists(st.tuples(NAMES, VALUES), max_size=3),
    payload=st.binary(max_size=60),
)
def test_no_request_breaks_anything(
    served: Served, method: str, target: str, lines: list[tuple[str, str]], payload: bytes
) -> None:
    given_lines = [f"{name}: {value}" for name, value in lines]
    answer = served.ask(method, f"/{target}", *given_lines, body=payload)
    assert all(code < 500 for code in statuses(answer)), answer
