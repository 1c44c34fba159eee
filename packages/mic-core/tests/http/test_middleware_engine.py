"""`mic.http.middleware._engine`: what becomes of errors."""

import asyncio
import logging
from typing import Any

import pytest

from mic.http.context import request_state
from mic.http.middleware._engine import Engine
from mic.http.middleware._exchange import Parts
from mic.model import ConfigurationError, DomainError, NotFoundError, UnauthorizedError

PARTS = Parts(security=((b"x-frame-options", b"DENY"),))
BASE = "urn:mic:error:"


def raising(error: BaseException, *, after_start: bool = False) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return app


def engine(app: Any, **options: Any) -> Engine:
    return Engine(app, PARTS, **{"error_type_base": BASE, **options})


async def test_a_domain_error_is_answered_and_ends_here(
    call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await call(engine(raising(NotFoundError(code="items.none", message="none"))))
    assert (reply.status, reply.json()["code"]) == (404, "items.none")
    assert reply.header("x-frame-options") == "DENY"
    assert caplog.records == []


async def test_a_401_has_its_challenge(call: Any) -> None:
    reply = await call(engine(raising(UnauthorizedError(message="no"))))
    assert reply.header("www-authenticate") == "Bearer"


async def test_the_type_of_the_problem_begins_as_one_says(call: Any) -> None:
    app = engine(raising(NotFoundError(code="a", message="none")), error_type_base="https://e/")
    assert (await call(app)).json()["type"] == "https://e/a"


async def test_a_head_request_gets_no_body(call: Any) -> None:
    reply = await call(engine(raising(NotFoundError(message="none"))), "HEAD")
    assert (reply.status, reply.body, reply.complete) == (404, b"", True)


@pytest.mark.parametrize("error", [KeyError("canary"), ConfigurationError(message="canary")])
async def test_a_fault_is_answered_logged_once_and_raised_again(
    call: Any, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    replies: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        async def spy(message: Any) -> None:
            replies.append(message)

        await engine(raising(error))(scope, receive, spy)

    with pytest.raises(type(error), match="canary"):
        await call(server)
    start, body = replies
    assert (start["status"], dict(start["headers"])[b"x-frame-options"]) == (500, b"DENY")
    assert b"internal_error" in body["body"]
    assert b"canary" not in body["body"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("mic.http", logging.ERROR)
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def test_the_log_names_route_and_request(
    call: Any, make_route: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from mic.http.correlation import CorrelationStart

    async def app(scope: Any, receive: Any, send: Any) -> None:
        state = request_state(scope)
        state.route = make_route(lambda: None, name="items.list")
        state.correlation = CorrelationStart("c", "r-17", 0.0)
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        await call(engine(app))
    (record,) = caplog.records
    assert record.getMessage() == "unhandled error: route items.list, request r-17"


async def test_a_fault_that_is_known_already_is_not_logged_again(
    call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error = KeyError("bug")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request_state(scope).failure = error
        raise error

    with pytest.raises(KeyError, match="bug"):
        await call(engine(app))
    assert caplog.records == []


@pytest.mark.parametrize("error", [NotFoundError(message="late"), KeyError("late")])
async def test_after_the_first_byte_nothing_is_added(call: Any, error: Exception) -> None:
    sent: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        async def spy(message: Any) -> None:
            sent.append(message)

        await engine(raising(error, after_start=True))(scope, receive, spy)

    with pytest.raises(type(error), match="late"):
        await call(server)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_without_rendering_every_error_passes(call: Any) -> None:
    for error in (NotFoundError(message="none"), KeyError("none")):
        with pytest.raises((DomainError, KeyError), match="none"):
            await call(engine(raising(error), error_type_base=None))


async def test_cancellation_passes_without_an_answer(call: Any) -> None:
    sent: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        async def spy(message: Any) -> None:
            sent.append(message)

        await engine(raising(asyncio.CancelledError("gone")))(scope, receive, spy)

    with pytest.raises(asyncio.CancelledError, match="gone"):
        await call(server)
    assert sent == []


async def test_an_answer_that_can_not_be_sent_does_not_hide_the_fault(
    call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def server(scope: Any, receive: Any, send: Any) -> None:
        async def broken(message: Any) -> None:
            raise OSError("client gone")

        await engine(raising(KeyError("bug")))(scope, receive, broken)

    with pytest.raises(KeyError, match="bug"):
        await call(server)
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_other_scopes_pass_untouched(kind: str) -> None:
    seen: list[Any] = []

    async def app(*args: Any) -> None:
        seen.append(args)

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        raise AssertionError

    scope = {"type": kind}
    await engine(app)(scope, receive, send)
    assert seen == [(scope, receive, send)]
    assert scope == {"type": kind}
