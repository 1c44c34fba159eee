from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import AsyncIterator, Iterator

import pytest

from mic.http import (
    HttpOptions,
    HttpResponseSpec,
    HttpRouteSpec,
    MicStack,
)
from mic.testing import ClientOptions, RouteClient, ServerProtocolError
from mic.testing._http.asgi import ASGIApp, Message, Receive, Scope, Send

_START: Message = {"type": "http.response.start", "status": 200, "headers": []}
_QUIET = ClientOptions(raise_errors=False)
_HASTY = ClientOptions(timeout_seconds=0.05)


async def _chunks() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


def _stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(_chunks())


_ROUTES = [
    HttpRouteSpec("GET", "/method", "method", "demo", lambda: "GET"),
    HttpRouteSpec("GET", "/stream", "stream", "demo", _stream),
]


@pytest.fixture
def client() -> Iterator[RouteClient]:
    with RouteClient(_ROUTES) as client:
        yield client


def test_options_and_stack_are_passed_on() -> None:
    refuse_all = HttpOptions(max_query_parameters=1)
    client = RouteClient(_ROUTES, options=refuse_all, stack=MicStack())
    answer = client.get("/method?a=1&b=2&c=3")
    assert answer.json()["code"] == "http.too_many_parameters"
    assert answer.header("x-frame-options") == "DENY"
    client.close()


def test_a_stream_is_read_as_it_comes(client: RouteClient) -> None:
    with client.stream("GET", "/stream") as answer:
        assert (answer.status_code, answer.complete) == (200, False)
        assert answer.header("content-type") == "application/octet-stream"
        assert answer.next_chunk() == b"one"
        assert list(answer) == [b"two"]
        assert answer.next_chunk() is None
        assert answer.complete


def test_leaving_a_stream_early_tells_the_application() -> None:
    told: list[str] = []
    client = RouteClient.for_app(_endless(told))
    with client.stream("GET", "/") as answer:
        assert answer.next_chunk() == b"x"
    assert told == ["http.disconnect"]
    with client.stream("GET", "/") as answer:
        answer.hang_up()
        assert answer.next_chunk() is None
    assert told == ["http.disconnect"] * 2
    client.close()


def _endless(told: list[str]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(_START)
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0)
        told.append(gone.result()["type"])

    return app


def test_an_error_in_the_block_of_a_stream_is_what_is_told() -> None:
    told: list[str] = []
    client = RouteClient.for_app(_endless(told))
    with pytest.raises(LookupError, match="in the block"), client.stream("GET", "/"):
        raise LookupError("in the block")
    client.close()


def _raising(*messages: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        raise LookupError("let out")

    return app


_DONE: Message = {"type": "http.response.body", "body": b"x"}


def test_what_the_application_lets_out_is_raised() -> None:
    for messages in ((), (_START,), (_START, _DONE)):
        client = RouteClient.for_app(_raising(*messages))
        with pytest.raises(LookupError, match="let out"):
            client.get("/")
        with pytest.raises(LookupError, match="let out"), client.stream("GET", "/"):
            pass
        client.close()


def test_or_kept_where_there_is_an_answer() -> None:
    client = RouteClient.for_app(_raising(_START, _DONE), settings=_QUIET)
    answer = client.get("/")
    assert (answer.body, answer.complete) == (b"x", True)
    assert isinstance(answer.error, LookupError)
    with client.stream("GET", "/") as stream:
        assert list(stream) == [b"x"]
    client.close()
    silent = RouteClient.for_app(_raising(), settings=_QUIET)
    with pytest.raises(LookupError, match="let out"):
        silent.get("/")
    silent.close()


def test_a_violation_is_raised_whatever_was_asked() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(_START)
        await send({"type": "nonsense"})

    client = RouteClient.for_app(app, settings=_QUIET)
    with pytest.raises(ServerProtocolError, match="nonsense is unknown here"):
        client.get("/")
    client.close()


def test_a_client_that_left_has_no_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    client = RouteClient.for_app(app)
    answer = client.post("/", body=b"x", hang_up=True)
    assert (answer.status_code, answer.answered, answer.complete) == (499, False, False)
    with client.stream("POST", "/", body=b"x", hang_up=True) as stream:
        assert (stream.status_code, list(stream)) == (0, [])
    client.close()


def test_an_application_that_hangs_is_cancelled_in_time() -> None:
    cancelled: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] == "/body":
                await send(_START)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(scope["path"])
            raise

    client = RouteClient.for_app(app, settings=_HASTY)
    with pytest.raises(TimeoutError, match=r"GET / was not answered within 0.05 s"):
        client.get("/")
    with pytest.raises(TimeoutError, match="GET / was not answered"), client.stream("GET", "/"):
        pass
    with (
        pytest.raises(TimeoutError, match=r"no chunk within 0.05 s"),
        client.stream("GET", "/body") as answer,
    ):
        answer.next_chunk()
    with (
        pytest.raises(TimeoutError, match=r"GET /body did not end within 0.05 s"),
        client.stream("GET", "/body"),
    ):
        pass
    assert cancelled == ["/", "/", "/body", "/body"]
    client.close()


def test_a_timeout_of_the_applications_own_is_told_as_it_is() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError("the application's own")

    client = RouteClient.for_app(app)
    with pytest.raises(TimeoutError, match="the application's own"), client.stream("GET", "/"):
        pass
    client.close()


def test_a_body_without_end_is_not_read_whole() -> None:
    client = RouteClient.for_app(_endless([]), settings=ClientOptions(max_body_bytes=10))
    with pytest.raises(AssertionError, match="longer than 10 bytes: stream it"):
        client.get("/")
    client.close()


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


def test_the_lifespan_runs_in_a_with_block() -> None:
    events: list[str] = []
    client = RouteClient.for_app(_with_lifespan(events))
    client.get("/")
    with client:
        client.get("/")
        client.get("/")
    assert events == ["{}", "startup", "{'ready': 'yes'}", "{'ready': 'yes'}", "shutdown"]


async def test_the_synchronous_client_is_refused_in_a_coroutine() -> None:
    client = RouteClient(_ROUTES)
    with pytest.raises(RuntimeError, match="called in a coroutine: use AsyncRouteClient"):
        client.get("/method")
    client.close()


def test_the_callers_context_arrives() -> None:
    variable = contextvars.ContextVar("variable", default="unset")
    routes = [HttpRouteSpec("GET", "/", "root", "demo", lambda: variable.get())]
    client = RouteClient(routes)
    assert client.get("/").json() == "unset"
    variable.set("set")
    assert client.get("/").json() == "set"
    client.close()


def test_a_client_that_is_dropped_leaves_no_open_loop() -> None:
    client = RouteClient(_ROUTES)
    client.get("/method")
    loop = client._runner.get_loop()
    del client
    gc.collect()
    assert loop.is_closed()


def test_closing_twice_and_without_a_request_is_fine() -> None:
    client = RouteClient(_ROUTES)
    assert callable(client.app)
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="this RouteClient is closed"):
        client.get("/method")
