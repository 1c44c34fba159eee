from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mic.http._auth_mode import AuthMode
from mic.http.asgi import build_asgi_app, compile_routes, dispatch
from mic.http.authenticators import bearer_authenticator
from mic.http.context import request_state
from mic.http.middleware import MicStack
from mic.http.openapi import OpenApiInfo
from mic.http.options import HttpOptions
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import RouteDefinitionError


async def hello() -> str:
    return "hello"


async def read(item_id: str) -> str:
    return item_id


@pytest.fixture
def app(make_route: Any) -> Any:
    return build_asgi_app(
        routes=[
            make_route(hello, "POST", "/hello", name="1"),
            make_route(read, "GET", "/items/{item_id}", name="2"),
        ],
        openapi=OpenApiInfo(title="T"),
    )


async def test_requests_are_routed(app: Any, call: Any) -> None:
    assert (await call(app, "POST", "/hello")).json() == "hello"
    assert (await call(app, "GET", "/items/a%b")).json() == "a%b"


async def test_unknown_paths_and_wrong_methods_are_problems(app: Any, call: Any) -> None:
    missing = await call(app, "GET", "/nowhere")
    assert (missing.status, missing.json()["code"]) == (404, "http.not_found")
    wrong = await call(app, "GET", "/hello")
    assert (wrong.status, wrong.json()["code"]) == (405, "http.method_not_allowed")
    assert wrong.header("allow") == "OPTIONS, POST"
    assert (await call(app, "HEAD", "/hello")).body == b""


async def test_options_is_answered_without_credentials(app: Any, call: Any) -> None:
    reply = await call(app, "OPTIONS", "/items/7")
    assert (reply.status, reply.headers) == (204, [(b"allow", b"GET, HEAD, OPTIONS")])


async def test_the_mount_point_is_taken_off(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/api/hello", scope={"root_path": "/api"})
    assert reply.json() == "hello"


async def test_the_document_is_served(app: Any, call: Any) -> None:
    document = (await call(app, "GET", "/openapi.json")).json()
    assert set(document["paths"]) == {"/hello", "/items/{item_id}"}


async def test_a_websocket_is_closed_before_it_is_accepted(app: Any) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/hello", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1000}]
    with pytest.raises(ValueError, match="an ASGI scope of type 'other' is not served"):
        await app({"type": "other"}, receive, send)


@pytest.mark.parametrize("auth", [mode for mode in AuthMode if mode is not AuthMode.PUBLIC])
def test_an_app_where_nobody_can_authenticate_is_refused(make_route: Any, auth: AuthMode) -> None:
    route = make_route(hello, auth=auth)
    with pytest.raises(RouteDefinitionError, match="nobody can authenticate"):
        build_asgi_app(routes=[route])
    options = HttpOptions(authenticator=bearer_authenticator(lambda token: Principal(token)))
    gated = MicStack(inner=(lambda app: app,))
    for built in (
        build_asgi_app(routes=[route], options=options),
        build_asgi_app(routes=[route], stack=gated),
    ):
        assert callable(built)


@pytest.mark.parametrize("needs", [{"roles": ("a",)}, {"scopes": ("a",)}])
def test_roles_and_scopes_need_somebody_too(make_route: Any, needs: dict[str, Any]) -> None:
    with pytest.raises(RouteDefinitionError, match="nobody can authenticate"):
        build_asgi_app(routes=[make_route(hello, **needs)])


class Lifecycle:
    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        self.sent: list[Any] = []
        self.scope: dict[str, Any] = {"type": "lifespan"}

    async def receive(self) -> Any:
        return {"type": self.messages.pop(0)}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]


ALL = ["lifespan.startup", "lifespan.shutdown"]


async def test_without_a_lifespan_both_ends_complete(app: Any) -> None:
    life = Lifecycle([*ALL])
    await app(life.scope, life.receive, life.send)
    assert life.types == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_what_the_lifespan_yields_is_the_state_of_every_request(
    make_route: Any, call: Any
) -> None:
    closed: list[bool] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        yield {"db": "open"}
        closed.append(True)

    async def handler(context: HttpRequestContext) -> str:
        return str(context.state["db"])

    app = build_asgi_app(routes=[make_route(handler)], lifespan=lifespan)
    life = Lifecycle([*ALL])
    await app(life.scope, life.receive, life.send)
    assert closed == [True]
    assert (await call(app, scope={"state": life.scope["state"]})).json() == "open"


@pytest.mark.parametrize("when", ["startup", "shutdown"])
async def test_a_failing_lifespan_is_said_by_its_type_only(make_route: Any, when: str) -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        if when == "startup":
            raise ConnectionError("db.internal refused")
        yield
        raise ConnectionError("db.internal refused")

    app = build_asgi_app(routes=[make_route(hello)], lifespan=lifespan)
    life = Lifecycle([*ALL])
    with pytest.raises(ConnectionError, match="refused"):
        await app(life.scope, life.receive, life.send)
    assert life.sent[-1] == {"type": f"lifespan.{when}.failed", "message": "ConnectionError"}


async def test_an_unhandled_error_is_answered_and_raised_again(make_route: Any, call: Any) -> None:
    async def boom() -> None:
        raise KeyError("secret")

    app = build_asgi_app(routes=[make_route(boom)])
    reply: Any = type("Kept", (), {"messages": []})()
    with pytest.raises(KeyError, match="secret"):
        await call(app, reply=reply)
    assert reply.messages[0]["status"] == 500
    assert b"secret" not in reply.messages[1]["body"]


async def test_a_label_that_somebody_set_stays(make_route: Any, call: Any) -> None:
    seen: list[str | None] = []

    async def labelled(context: HttpRequestContext) -> None:
        seen.append(context.scope["mic"].label)

    table = compile_routes([make_route(labelled, path="/x")])

    async def host(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/api/x":
            request_state(scope).label = "mine"
        await dispatch(table, scope, receive, send, prefix="/api")

    await call(host, "GET", "/api/x")
    await call(host, "GET", "/abc/x")
    assert seen == ["mine", "/api/x"]


async def test_dispatch_tells_whether_the_path_is_the_tables(make_route: Any, call: Any) -> None:
    table = compile_routes([make_route(hello, path="/x")])
    served: list[bool] = []

    async def host(scope: Any, receive: Any, send: Any) -> None:
        served.append(await dispatch(table, scope, receive, send))
        if not served[-1]:
            await send({"type": "http.response.start", "status": 418, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    statuses = [
        (await call(host, method, path)).status
        for method, path in [("GET", "/x"), ("PUT", "/x"), ("OPTIONS", "/x"), ("GET", "/y")]
    ]
    assert statuses == [200, 405, 204, 418]
    assert served == [True, True, True, False]
