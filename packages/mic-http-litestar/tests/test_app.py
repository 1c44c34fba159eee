import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar, Response, get
from litestar.logging import LoggingConfig
from litestar.testing import TestClient

from mic.http.asgi import build_asgi_app
from mic.http.authenticators import bearer_authenticator
from mic.http.middleware import MetricsRecorder, MicStack, SecurityHeaders
from mic.http.options import HttpOptions
from mic.http.principal import Principal
from mic.http.route_spec import AuthMode, HttpRouteSpec, RouteDefinitionError
from mic.litestar import build_litestar_app, build_litestar_router, install_error_handlers
from mic.testing.route_client import AsyncRouteClient, ClientOptions

Spec = Callable[..., HttpRouteSpec]


class Recorder(MetricsRecorder):
    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        self.seen.append((method, route, status))


async def broken() -> None:
    msg = "canary"
    raise RuntimeError(msg)


def client(app: Any, *, raise_errors: bool = False) -> AsyncRouteClient:
    """A client of an app; Litestar's types of scope and messages are stricter than ASGI's."""
    return AsyncRouteClient.for_app(app, settings=ClientOptions(raise_errors=raise_errors))


async def test_the_stack_sees_what_has_no_route(spec: Spec) -> None:
    recorder = Recorder()
    routes = [spec("GET", "/items/{n}", "show"), spec("GET", "/broken", "b", handler=broken)]
    asked = client(build_litestar_app(routes=routes, stack=MicStack(metrics=recorder)))
    answers = [
        await asked.get("/items/7"),
        await asked.get("/no"),
        await asked.post("/items/7"),
        await asked.get("/broken"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 405, 500]
    for answer in answers:
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("x-request-id") is not None
    assert recorder.seen[0] == ("GET", "/items/{n}", 200)
    assert [(route, status) for _, route, status in recorder.seen[1:]] == [
        ("unknown", 404),
        ("unknown", 405),
        ("/broken", 500),
    ]
    assert answers[1].json()["instance"] == f"urn:mic:request:{answers[1].header('x-request-id')}"


@pytest.mark.parametrize(
    ("stack", "header"),
    [(MicStack(), "nosniff"), (MicStack(security_headers=None), None), (None, None)],
)
async def test_parts_of_the_stack_are_switched_off(
    stack: MicStack | None, header: str | None, spec: Spec
) -> None:
    asked = client(build_litestar_app(routes=[spec("GET", "/", "r")], stack=stack))
    assert (await asked.get("/")).header("x-content-type-options") == header


async def test_the_stack_may_be_configured(spec: Spec) -> None:
    stack = MicStack(security_headers=SecurityHeaders(x_frame_options="SAMEORIGIN"))
    asked = client(build_litestar_app(routes=[spec("GET", "/", "r")], stack=stack))
    assert (await asked.get("/")).header("x-frame-options") == "SAMEORIGIN"


async def test_an_unhandled_error_reaches_hooks_and_the_stack_once_and_ends_there(
    spec: Spec, caplog: pytest.LogCaptureFixture
) -> None:
    hooked: list[str] = []
    tracked: list[str] = []

    async def hook(error: Exception, scope: Any) -> None:
        hooked.append(str(error))

    def tracker(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            try:
                await app(scope, receive, send)
            except RuntimeError as error:
                tracked.append(str(error))
                raise

        return middleware

    app = build_litestar_app(
        routes=[spec("GET", "/", "r", handler=broken)],
        stack=MicStack(inner=(tracker,)),
        after_exception=[hook],
    )
    with caplog.at_level(logging.ERROR, logger="mic.http"):
        answer = await client(app, raise_errors=True).get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert b"canary" not in answer.body
    assert (hooked, tracked) == (["canary"], ["canary"])
    assert len([record for record in caplog.records if record.name == "mic.http"]) == 1


async def test_an_error_of_a_middleware_is_answered_and_goes_on(spec: Spec) -> None:
    def failing(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            msg = "middleware"
            raise RuntimeError(msg)

        return middleware

    app = build_litestar_app(routes=[spec("GET", "/", "r")], stack=MicStack(inner=(failing,)))
    answer = await client(app).get("/")
    assert (answer.status_code, str(answer.error)) == (500, "middleware")


async def test_an_exception_handler_of_the_user_wins(spec: Spec) -> None:
    def own(request: Any, error: RuntimeError) -> Response[str]:
        return Response("own", status_code=418)

    app = build_litestar_app(
        routes=[spec("GET", "/", "r", handler=broken)], exception_handlers={RuntimeError: own}
    )
    answer = await client(app, raise_errors=True).get("/")
    assert (answer.status_code, answer.body) == (418, b"own")


async def test_handlers_of_the_user_stand_beside_ours(spec: Spec) -> None:
    @get("/native")
    async def native() -> str:
        return "native"

    app = build_litestar_app(routes=[spec("GET", "/", "r")], route_handlers=[native])
    asked = client(app)
    assert (await asked.get("/native")).body == b"native"
    assert (await asked.get("/")).json() == ["r", {}]
    assert (await asked.get("/native")).header("x-frame-options") == "DENY"


def test_litestars_own_client_works(spec: Spec) -> None:
    started: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        started.append("up")
        yield
        started.append("down")

    routes = [spec("GET", "/items/{n}", "r"), spec("GET", "/broken", "b", handler=broken)]
    app = build_litestar_app(routes=routes, lifespan=[lifespan])
    with TestClient(app) as asked:
        assert asked.get("/items/7", params={"q": "1"}).json() == ["r", {"n": "7"}]
        assert asked.get("/no").json()["code"] == "http.not_found"
        assert asked.get("/broken").json()["code"] == "internal_error"
    assert started == ["up", "down"]


def test_a_protected_route_that_nobody_can_open_is_refused(spec: Spec) -> None:
    with pytest.raises(RouteDefinitionError, match="nobody can authenticate"):
        build_litestar_app(routes=[spec("GET", "/", "r", auth=AuthMode.USER)])


async def test_a_protected_route_asks_its_authenticator(spec: Spec) -> None:
    async def verify(token: str) -> Principal | None:
        return Principal("ann") if token == "good" else None

    options = HttpOptions(authenticator=bearer_authenticator(verify))
    routes = [spec("GET", "/", "r", auth=AuthMode.USER)]
    asked = client(build_litestar_app(routes=routes, options=options))
    assert (await asked.get("/")).status_code == 401
    good = await asked.get("/", headers={"authorization": "Bearer good"})
    assert good.status_code == 200


async def test_a_route_in_an_app_of_the_user_is_never_open_for_want_of_a_gate(spec: Spec) -> None:
    router = build_litestar_router(routes=[spec("GET", "/", "r", auth=AuthMode.USER)])
    answer = await client(Litestar([router], logging_config=None)).get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "http.auth_not_configured")


async def test_installed_handlers_give_an_app_the_one_body(spec: Spec) -> None:
    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=broken)])
    app = Litestar([router], logging_config=None)
    assert (await client(app).get("/no")).json() == {"status_code": 404, "detail": "Not Found"}
    install_error_handlers(app, options=HttpOptions(problem_type_base="urn:x:"))
    assert (await client(app).get("/no")).json()["type"] == "urn:x:http.not_found"
    assert (await client(app).get("/")).json()["type"] == "urn:x:internal_error"


def test_logging_is_left_alone_unless_asked_for(spec: Spec) -> None:
    routes = [spec("GET", "/", "r")]
    assert build_litestar_app(routes=routes).logging_config is None
    own = LoggingConfig(configure_root_logger=False)
    assert build_litestar_app(routes=routes, logging_config=own).logging_config is own


async def test_a_websocket_without_a_route_is_closed(spec: Spec) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    app: Any = build_litestar_app(routes=[spec("GET", "/", "r")])
    scope = {
        "type": "websocket",
        "path": "/no",
        "raw_path": b"/no",
        "headers": [],
        "query_string": b"",
    }
    await app(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/items/7", "/items", "/no", "/items/7/"])
async def test_the_bare_app_gives_the_same(method: str, path: str, spec: Spec) -> None:
    routes = [spec("GET", "/", "a"), spec("DELETE", "/items/{n}", "b")]
    expected = await client(build_asgi_app(routes=routes)).request(method, path)
    given = await client(build_litestar_app(routes=routes, stack=None)).request(method, path)
    assert (given.status_code, given.raw_headers, given.body) == (
        expected.status_code,
        expected.raw_headers,
        expected.body,
    )
