import logging
from http import HTTPStatus
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, WebSocket
from starlette.exceptions import HTTPException as StarletteHTTPException

from mic.fastapi import build_fastapi_router, error_handlers, install_error_handlers
from mic.http import HttpOptions, HttpRouteSpec
from mic.model import ConfigurationError, DomainError, UnauthorizedError


def raising(error: Exception, **options: Any) -> FastAPI:
    """An app with a native route that raises."""
    app = FastAPI(exception_handlers=error_handlers(**options))

    @app.get("/native")
    def native() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (HTTPException(404, "no such page"), "http.not_found", "no such page"),
        (HTTPException(404), "http.not_found", "Not Found"),
        (HTTPException(401, "who?"), "auth.missing_credentials", "who?"),
        (HTTPException(403, {"a": 1}), "auth.forbidden", "Forbidden"),
        (HTTPException(418, ""), "http.status_418", "I'm a Teapot"),
        (StarletteHTTPException(413), "http.payload_too_large", HTTPStatus(413).phrase),
        (HTTPException(500, "canary"), "internal_error", "Internal server error"),
        (HTTPException(503, "canary"), "http.status_503", "Service Unavailable"),
    ],
)
async def test_http_exceptions_are_problems(
    error: HTTPException, code: str, message: str, client_of: Any
) -> None:
    answer = await client_of(raising(error)).get("/native")
    problem = answer.json()
    assert answer.status_code == problem["status"] == error.status_code
    assert (problem["code"], problem["message"]) == (code, message)
    assert answer.header("content-type") == "application/problem+json"
    assert b"canary" not in answer.body


async def test_headers_of_an_http_exception_are_kept(client_of: Any) -> None:
    error = HTTPException(401, headers={"WWW-Authenticate": "Basic", "X-A": "1"})
    answer = await client_of(raising(error)).get("/native")
    assert (answer.header("www-authenticate"), answer.header("x-a")) == ("Basic", "1")


async def test_a_401_always_names_a_challenge(client_of: Any) -> None:
    class Authenticator:
        challenge = "ApiKey"

        async def authenticate(self, context: Any) -> None:
            return None

    for options, challenge in [
        (None, "Bearer"),
        (HttpOptions(authenticator=Authenticator()), "ApiKey"),
    ]:
        answer = await client_of(raising(HTTPException(401), options=options)).get("/native")
        assert answer.header("www-authenticate") == challenge


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (304, None, []),
        (204, {"X-A": "1"}, [(b"x-a", b"1")]),
        (303, {"Location": "/a"}, [(b"location", b"/a"), (b"content-length", b"0")]),
    ],
)
async def test_exceptions_that_are_no_errors_have_no_body(
    status: int, headers: Any, expected: Any, client_of: Any
) -> None:
    answer = await client_of(raising(HTTPException(status, headers=headers))).get("/native")
    assert (answer.status_code, answer.body) == (status, b"")
    assert list(answer.raw_headers) == expected


async def test_validation_errors_are_400_without_the_value(client_of: Any) -> None:
    app = FastAPI(exception_handlers=error_handlers(HttpOptions(max_validation_errors=1)))

    @app.get("/native")
    def native(a: int, b: int) -> None:
        """Take two numbers."""

    answer = await client_of(app).get("/native?a=canary&b=canary")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "http.validation_error")
    assert [(error["in"], error["pointer"]) for error in problem["errors"]] == [("query", "/a")]
    assert problem["details"]["truncated"] is True
    assert b"canary" not in answer.body


async def test_domain_errors_of_native_routes_are_problems(client_of: Any) -> None:
    error = UnauthorizedError(code="session.expired", message="the session has expired")
    options = HttpOptions(problem_type_base="urn:x:")
    answer = await client_of(raising(error, options=options)).get("/native")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:x:session.expired")
    assert answer.error is None


async def test_a_configuration_error_is_not_told(client_of: Any) -> None:
    error = ConfigurationError(code="config.invalid", message="canary")
    answer = await client_of(raising(error)).get("/native")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert b"canary" not in answer.body


async def test_anything_else_is_a_500_logged_once_and_raised(
    client_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error = RuntimeError("canary")
    with caplog.at_level(logging.ERROR, logger="mic.http"):
        answer = await client_of(raising(error)).get("/native")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.error is error
    assert b"canary" not in answer.body
    assert [record.name for record in caplog.records] == ["mic.http"]


async def test_an_unhandled_error_of_a_route_is_logged_with_its_name(
    client_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError

    app = FastAPI()
    install_error_handlers(app)
    app.include_router(
        build_fastapi_router(routes=[HttpRouteSpec("GET", "/a", "a.broken", "test", broken)])
    )
    with caplog.at_level(logging.ERROR, logger="mic.http"):
        assert (await client_of(app).get("/a")).status_code == 500
    assert "route a.broken" in caplog.text


async def test_head_has_no_body(client_of: Any) -> None:
    app = FastAPI(exception_handlers=error_handlers())
    client = client_of(app)
    head, get = await client.head("/nowhere"), await client.get("/nowhere")
    assert (head.status_code, head.body) == (404, b"")
    assert head.raw_headers == get.raw_headers


async def test_a_websocket_that_is_refused_gets_the_problem(client_of: Any) -> None:
    app = FastAPI(exception_handlers=error_handlers())

    @app.websocket("/ws")
    async def refused(websocket: WebSocket) -> None:
        raise HTTPException(403)

    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/ws",
        "headers": [],
        "query_string": b"",
        "root_path": "",
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
        "scheme": "ws",
    }
    await app(scope, receive, send)
    assert sent[0]["type"] == "websocket.http.response.start"
    assert sent[0]["status"] == 403


def test_the_same_handlers_either_way() -> None:
    app = FastAPI()
    install_error_handlers(app)
    given = error_handlers()
    assert {DomainError, Exception} < set(given)
    assert set(given) <= set(app.exception_handlers)
