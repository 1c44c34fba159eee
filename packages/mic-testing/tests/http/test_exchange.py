from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mic.testing._http.asgi import ASGIApp, Message, Receive, Scope, Send
from mic.testing._http.exchange import Exchange, ServerProtocolError
from mic.testing._http.request import RequestOptions, build_request

_START: Message = {"type": "http.response.start", "status": 200, "headers": []}


def _exchange(
    app: ASGIApp, method: str = "GET", send: RequestOptions | None = None, **more: Any
) -> Exchange:
    return Exchange(app, build_request(method, "/", send or {}, **more))


def _sending(*messages: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def _body(body: bytes, *, more_body: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more_body}


async def _read(exchange: Exchange) -> bytes:
    body = b""
    while (chunk := await exchange.next_chunk()) is not None:
        body += chunk
    await exchange.finish()
    return body


async def test_an_answer_comes_chunk_by_chunk() -> None:
    head: Message = {**_START, "headers": [(b"x-a", b"1"), (b"x-a", b"2")]}
    exchange = _exchange(
        _sending(head, _body(b"a", more_body=True), _body(b"", more_body=True), _body(b"b"))
    )
    assert await exchange.start()
    assert exchange.status_code == 200
    assert exchange.raw_headers == ((b"x-a", b"1"), (b"x-a", b"2"))
    assert await exchange.next_chunk() == b"a"
    assert await exchange.next_chunk() == b"b"
    assert await exchange.next_chunk() is None
    assert await exchange.next_chunk() is None
    await exchange.finish()
    assert (exchange.complete, exchange.error) == (True, None)


async def test_the_application_gets_the_body_and_then_waits() -> None:
    got: list[Message] = []
    waiting = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.append(await receive())
        got.append(await receive())
        late = asyncio.create_task(_last(receive))
        await asyncio.sleep(0)
        assert not late.done()
        await send(_START)
        await send(_body(b"x"))
        await late
        waiting.set()

    async def _last(receive: Receive) -> None:
        got.append(await receive())

    exchange = _exchange(app, "POST", {"body": (b"a", b"b")})
    assert await _read(exchange) == b"x"
    assert got == [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b", "more_body": False},
        {"type": "http.disconnect"},
    ]
    assert waiting.is_set()


async def test_an_empty_body_is_one_message() -> None:
    got: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.append(await receive())
        await send(_START)
        await send(_body(b""))

    assert await _read(_exchange(app)) == b""
    assert got == [{"type": "http.request", "body": b"", "more_body": False}]


async def test_a_client_that_hangs_up_ends_in_a_disconnect() -> None:
    got: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.extend([await receive(), await receive()])
        await send(_START)  # lost, as with a server

    exchange = _exchange(app, "POST", {"body": b"a", "hang_up": True})
    assert not await exchange.start()
    await exchange.finish()
    assert got == [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert (exchange.status_code, exchange.error, exchange.complete) == (0, None, False)


async def test_a_slow_reader_holds_the_application_back() -> None:
    sent = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(_START)
        while sent < 100:
            await send(_body(b"x", more_body=True))
            sent += 1
        await send(_body(b""))

    exchange = _exchange(app)
    await exchange.start()
    for _ in range(200):
        await asyncio.sleep(0)
    assert sent == 16
    assert await _read(exchange) == b"x" * 100


async def test_leaving_frees_an_application_that_is_held_back_and_tells_it() -> None:
    told: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(_START)
        for _ in range(100):
            await send(_body(b"x", more_body=True))
        told.append(await receive())

    exchange = _exchange(app)
    await exchange.start()
    assert await exchange.next_chunk() == b"x"
    exchange.hang_up()
    await exchange.finish()
    assert told == [{"type": "http.disconnect"}]
    assert (exchange.complete, exchange.error) == (False, None)


async def test_leaving_after_the_end_changes_nothing() -> None:
    exchange = _exchange(_sending(_START, _body(b"x")))
    await exchange.start()
    await asyncio.sleep(0)
    exchange.hang_up()
    assert await exchange.next_chunk() is None
    await exchange.finish()
    assert exchange.complete


async def test_an_error_after_the_answer_began_leaves_it_incomplete() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(_START)
        await send(_body(b"x", more_body=True))
        raise LookupError("broken")

    exchange = _exchange(app)
    assert await _read(exchange) == b"x"
    assert not exchange.complete
    assert isinstance(exchange.error, LookupError)


async def test_an_error_before_the_answer_is_no_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("broken")

    exchange = _exchange(app)
    assert not await exchange.start()
    assert await exchange.next_chunk() is None
    assert isinstance(exchange.error, LookupError)


async def test_it_can_be_cancelled() -> None:
    cancelled = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    exchange = _exchange(app)
    await asyncio.sleep(0)
    await exchange.cancel()
    assert cancelled.is_set()


async def test_a_file_can_be_sent_by_path(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    app = _sending(
        {**_START, "headers": [(b"content-length", b"7")]},
        {"type": "http.response.pathsend", "path": str(file)},
    )
    assert await _read(_exchange(app, extensions={"http.response.pathsend": {}})) == b"content"


def _header(name: bytes, value: bytes) -> Message:
    return {**_START, "headers": [(name, value)]}


@pytest.mark.parametrize(
    ("messages", "what"),
    [
        ([], "it returned with no answer"),
        ([_START], "it returned with an unfinished answer"),
        ([_START, _body(b"x", more_body=True)], "it returned with an unfinished answer"),
        ([_body(b"x")], "http.response.body out of turn"),
        ([_START, _START], "http.response.start is unknown here"),
        ([_START, _body(b""), _body(b"")], "http.response.body out of turn"),
        ([_START, _body(b""), _START], "http.response.start out of turn"),
        ([_START, {"type": "http.response.pathsend", "path": "/"}], "pathsend is unknown here"),
        ([_START, {"type": "websocket.send"}], "websocket.send is unknown here"),
        ([_header(b"X-Upper", b"1")], "the header line b'X-Upper' cannot be sent"),
        ([_header(b"", b"1")], "the header line b'' cannot be sent"),
        ([_header(b"x-a", b"1\r\nx: y")], "the header line b'x-a' cannot be sent"),
        ([{**_START, "status": 700}], "the status 700"),
        ([{**_START, "status": True}], "the status True"),
        ([{**_START, "status": 204}, _body(b"x")], "a 204 with a body"),
        ([{**_START, "status": 304}, _body(b"x")], "a 304 with a body"),
        ([_header(b"content-length", b"2"), _body(b"xyz")], "3 bytes sent, 2 declared"),
        ([_header(b"content-length", b"2"), _body(b"x")], "1 bytes sent, 2 declared"),
        ([_header(b"content-length", b"2"), _body(b"xyz", more_body=True)], "3 bytes sent, 2"),
        ([_header(b"content-length", b"0"), _body(b"x", more_body=True)], "1 bytes sent, 0"),
    ],
)
async def test_what_a_server_cannot_send_is_refused(messages: list[Message], what: str) -> None:
    exchange = _exchange(_sending(*messages))
    await exchange.start()
    await exchange.finish()
    assert isinstance(exchange.error, ServerProtocolError)
    assert what in str(exchange.error)


async def test_a_violation_that_the_application_swallows_is_remembered() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(_START)
        try:
            await send(_START)
        except ServerProtocolError:
            await send(_body(b"as if nothing had been"))

    exchange = _exchange(app)
    await exchange.start()
    await exchange.finish()
    assert isinstance(exchange.error, ServerProtocolError)


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [("HEAD", 200, b""), ("HEAD", 200, b"xy"), ("GET", 304, b""), ("GET", 200, b"xy")],
)
async def test_a_declared_length_without_a_body_is_fine_where_there_is_none(
    method: str, status: int, body: bytes
) -> None:
    head: Message = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-length", b"2")],
    }
    exchange = _exchange(_sending(head, _body(body)), method)
    assert await _read(exchange) == body
    assert exchange.error is None


async def test_a_declared_length_may_come_in_chunks() -> None:
    app = _sending(_header(b"content-length", b"2"), _body(b"x", more_body=True), _body(b"y"))
    exchange = _exchange(app)
    assert await _read(exchange) == b"xy"
    assert exchange.error is None
