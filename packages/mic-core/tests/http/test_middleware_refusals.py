"""`mic.http.middleware._refusals`: how a request is turned away."""

import logging
import threading
from typing import Any

import pytest

from mic.http.auth_gate import AuthDecision
from mic.http.csrf import CsrfDecision
from mic.http.middleware._refusals import (
    Responder,
    exact_paths,
    is_preflight,
    refuse,
)
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.model import (
    ConfigurationError,
    DomainError,
    ForbiddenError,
    TransientError,
    UnauthorizedError,
)

MISSING = AuthDecision("missing_credentials")


def refusing(error: DomainError) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await refuse(scope, receive, send, error)

    return app


async def test_over_http_the_answer_is_the_problem(call: Any) -> None:
    reply = await call(refusing(UnauthorizedError(code="a.b", message="no")))
    assert (reply.status, reply.json()["code"]) == (401, "a.b")
    assert reply.header("www-authenticate") == "Bearer"
    head = await call(refusing(ForbiddenError(message="no")), "HEAD")
    assert (head.status, head.body, head.complete) == (403, b"", True)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnauthorizedError(message="no"), 4401),
        (ForbiddenError(message="no"), 4403),
        (TransientError(message="no"), 1013),
        (ConfigurationError(message="no"), 1011),
    ],
)
async def test_a_websocket_is_closed_before_it_is_accepted(
    open_websocket: Any, error: DomainError, code: int
) -> None:
    assert await open_websocket(refusing(error)) == [{"type": "websocket.close", "code": code}]
    no_extensions = {"extensions": None}
    (message,) = await open_websocket(refusing(error), scope=no_extensions)
    assert message["code"] == code


async def test_a_websocket_gets_the_answer_where_the_server_offers_it(open_websocket: Any) -> None:
    start, body = await open_websocket(refusing(UnauthorizedError(message="no")), denial=True)
    assert start["type"] == "websocket.http.response.start"
    assert start["status"] == 401
    assert (b"www-authenticate", b"Bearer") in start["headers"]
    assert body["type"] == "websocket.http.response.body"
    assert b'"status":401' in body["body"]


async def test_the_type_of_a_problem_begins_as_the_state_says(call: Any) -> None:
    reply = await call(refusing(ForbiddenError(code="a", message="no")))
    assert reply.json()["type"] == "urn:mic:error:a"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        from mic.http.context import request_state

        request_state(scope).type_base = "https://example.com/errors/"
        await refuse(scope, receive, send, ForbiddenError(code="a", message="no"))

    assert (await call(app)).json()["type"] == "https://example.com/errors/a"


class TestResponder:
    async def answer(self, responder: Any, decision: Any = MISSING) -> Any:
        scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
        return await Responder(responder).answer(scope, decision)

    async def test_gives_its_answer(self) -> None:
        async def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            return HttpResponseSpec.text(f"{context.path} {decision.reason}", status_code=403)

        answer = await self.answer(responder, CsrfDecision("reject", "cross_site"))
        assert (answer.status, answer.body) == (403, b"/x cross_site")

    async def test_runs_a_synchronous_one_in_a_thread(self) -> None:
        threads: list[int] = []

        def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            threads.append(threading.get_ident())
            return HttpResponseSpec.redirect("/login")

        answer = await self.answer(responder)
        assert answer.status == 303
        assert threads != [threading.get_ident()]

    async def test_a_401_always_has_a_challenge(self) -> None:
        answer = await self.answer(lambda c, d: HttpResponseSpec.text("no", status_code=401))
        assert answer.headers[-1] == (b"www-authenticate", b"Bearer")
        own = (("WWW-Authenticate", "Cookie"),)
        answer = await self.answer(
            lambda c, d: HttpResponseSpec.text("no", status_code=401, headers=own)
        )
        assert [v for n, v in answer.headers if n == b"www-authenticate"] == [b"Cookie"]

    async def test_its_domain_error_is_the_answer(self) -> None:
        def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            raise ForbiddenError(code="own.no", message="no")

        answer = await self.answer(responder)
        assert answer.status == 403
        assert b"own.no" in answer.body

    @pytest.mark.parametrize(
        "result",
        [
            None,
            "text",
            HttpResponseSpec.streaming([b"x"]),
            HttpResponseSpec.no_content(background=print),
        ],
    )
    async def test_anything_but_a_plain_answer_is_a_500(
        self, result: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await self.answer(lambda context, decision: result)
        assert answer.status == 500
        assert b"internal_error" in answer.body
        (record,) = caplog.records
        assert (record.name, record.levelno) == ("mic.http", logging.ERROR)

    async def test_its_fault_is_logged_and_not_shown(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            raise KeyError("canary")

        answer = await self.answer(responder)
        assert answer.status == 500
        assert b"canary" not in answer.body
        assert "canary" in caplog.text


@pytest.mark.parametrize(
    ("method", "names", "expected"),
    [
        ("OPTIONS", ["origin", "access-control-request-method"], True),
        ("OPTIONS", ["origin"], False),
        ("OPTIONS", ["access-control-request-method"], False),
        ("GET", ["origin", "access-control-request-method"], False),
        (None, ["origin", "access-control-request-method"], False),
    ],
)
def test_knows_a_preflight(method: str | None, names: list[str], expected: bool) -> None:
    scope: dict[str, Any] = {"headers": [(name.encode(), b"x") for name in names]}
    if method is not None:
        scope["method"] = method
    assert is_preflight(scope) is expected


def test_one_text_is_no_collection_of_paths() -> None:
    assert exact_paths("public_paths", ["/a", "/b"]) == frozenset({"/a", "/b"})
    with pytest.raises(TypeError, match="public_paths must be a collection of paths"):
        exact_paths("public_paths", "/health")
