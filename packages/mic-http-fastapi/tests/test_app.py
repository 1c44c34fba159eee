import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import Depends, FastAPI, HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mic.fastapi import MetricsRecorder, MicStack, build_fastapi_app
from mic.http import (
    AuthMode,
    HttpOptions,
    HttpRouteSpec,
    Principal,
    RouteDefinitionError,
    bearer_authenticator,
)

Routes = tuple[HttpRouteSpec, ...]


class Counting(MetricsRecorder):
    """Keeps what was recorded."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        self.seen.append((method, route, status))


@pytest.mark.parametrize("path", ["/items/7", "/missing", "/nowhere", "/items", "/broken"])
async def test_the_stack_stands_around_every_answer(
    path: str, routes: Routes, client_of: Any
) -> None:
    answer = await client_of(build_fastapi_app(routes=routes)).get(path)
    assert len(answer.header_list("x-request-id")) == 1
    assert answer.header("x-content-type-options") == "nosniff"


async def test_metrics_name_the_template(routes: Routes, client_of: Any) -> None:
    recorder = Counting()
    client = client_of(build_fastapi_app(routes=routes, stack=MicStack(metrics=recorder)))
    for path in ("/items/7", "/nowhere", "/broken"):
        await client.get(path)
    assert recorder.seen == [
        ("GET", "/items/{item_id:int}", 200),
        ("GET", "unknown", 404),
        ("GET", "/broken", 500),
    ]


async def test_without_a_stack_nothing_is_added(routes: Routes, client_of: Any) -> None:
    answer = await client_of(build_fastapi_app(routes=routes, stack=None)).get("/items/7")
    assert [name for name, _ in answer.headers] == ["content-type", "content-length"]


async def test_unknown_paths_and_methods_are_problems(routes: Routes, client_of: Any) -> None:
    client = client_of(build_fastapi_app(routes=routes))
    unknown, refused = await client.get("/items/7/"), await client.put("/items/7")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "http.not_found")
    assert (refused.status_code, refused.json()["code"]) == (405, "http.method_not_allowed")
    assert refused.header("allow") == "DELETE, GET, HEAD, OPTIONS"


@pytest.mark.parametrize("stack", [MicStack(), None])
async def test_an_unhandled_error_is_logged_once(
    stack: MicStack | None, routes: Routes, client_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = build_fastapi_app(routes=routes, stack=stack)
    with caplog.at_level(logging.ERROR, logger="mic.http"):
        answer = await client_of(app).get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert isinstance(answer.error, RuntimeError)
    assert len(caplog.records) == 1
    assert b"canary" not in answer.body


async def test_options_of_fastapi_pass(routes: Routes, client_of: Any) -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        steps.append("up")
        yield
        steps.append("down")

    async def own(request: Any, error: Any) -> PlainTextResponse:
        return PlainTextResponse("own", status_code=error.status_code)

    def refuse() -> None:
        steps.append("dependency")

    app = build_fastapi_app(
        routes=routes,
        title="Shop",
        lifespan=lifespan,
        dependencies=[Depends(refuse)],
        exception_handlers={404: own},
        redirect_slashes=True,
    )
    async with client_of(app) as client:
        assert (await client.get("/nowhere")).text == "own"
        assert (await client.get("/items/7")).status_code == 200
        assert (await client.get("/items/7/")).status_code == 307
        assert (await client.get("/openapi.json")).json()["info"]["title"] == "Shop"
    assert steps == ["up", "dependency", "down"]


async def test_middleware_of_fastapi_stands_inside_the_stack(
    routes: Routes, client_of: Any
) -> None:
    class Refusing:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await PlainTextResponse("closed", status_code=503)(scope, receive, send)
            else:
                await self.app(scope, receive, send)

    app = build_fastapi_app(routes=routes, middleware=[Middleware(Refusing)])
    answer = await client_of(app).get("/items/7")
    assert (answer.status_code, answer.text) == (503, "closed")
    assert answer.header("x-request-id") is not None


def test_a_protected_route_that_nobody_guards_is_refused() -> None:
    spec = HttpRouteSpec("GET", "/me", "me", "test", lambda: 1, auth=AuthMode.USER)
    with pytest.raises(RouteDefinitionError, match="nobody can authenticate"):
        build_fastapi_app(routes=[spec])


def test_handlers_of_the_user_win() -> None:
    def own(request: Any, error: Any) -> PlainTextResponse:
        return PlainTextResponse("own")

    app = build_fastapi_app(routes=[], exception_handlers={Exception: own})
    assert app.exception_handlers[Exception] is own


@pytest.mark.parametrize("dependencies", [[], [Depends(lambda: None)]])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"),
        ("HEAD", "/api/me"),
        ("GET", "/api/m%65"),
        ("GET", "/api/%6de"),
        ("GET", "/api/me/"),
        ("GET", "/api//me"),
        ("GET", "//api/me"),
        ("GET", "/api/x/../me"),
        ("GET", "/api/x/%2e%2e/me"),
        ("GET", "/api/me%3Fx"),
        ("GET", "/api/me%23"),
        ("GET", "/api%2Fme"),
        ("OPTIONS", "/api/me"),
        ("GET", "/API/me"),
        ("POST", "/api/me"),
        ("GET", "/api/files/a"),
        ("GET", "/api/files/a%2Fb"),
        ("GET", "/api/files/../me"),
    ],
)
@pytest.mark.parametrize("host", ["service", "x/health?", "evil@service", ""])
async def test_no_spelling_reaches_a_protected_handler(
    host: str, method: str, path: str, dependencies: list[Any], client_of: Any
) -> None:
    called: list[str] = []

    def me() -> None:
        called.append("me")

    def file(path: str) -> None:
        called.append(path)

    options = HttpOptions(authenticator=bearer_authenticator(lambda _: None))
    app = build_fastapi_app(
        routes=[
            HttpRouteSpec("GET", "/api/me", "me", "t", me, auth=AuthMode.USER),
            HttpRouteSpec("GET", "/api/files/{path:path}", "f", "t", file, auth=AuthMode.USER),
            HttpRouteSpec("GET", "/health", "health", "t", lambda: "up"),
        ],
        options=options,
        dependencies=dependencies,
    )
    answer = await client_of(app).request(method, path, headers={"host": host})
    assert called == []
    assert answer.status_code in (204, 400, 401, 404, 405)


async def test_a_dependency_comes_before_the_routes_own_gate(client_of: Any) -> None:
    async def refuse() -> None:
        raise HTTPException(403, "closed")

    def verify(token: str) -> Principal | None:
        return Principal("ada") if token == "good" else None  # of a test

    def me(principal: Principal) -> str:
        return principal.subject

    spec = HttpRouteSpec("GET", "/me", "me", "test", me, auth=AuthMode.USER)
    options = HttpOptions(authenticator=bearer_authenticator(verify))
    app = build_fastapi_app(routes=[spec], options=options, dependencies=[Depends(refuse)])
    client = client_of(app)
    assert (await client.get("/me")).json()["code"] == "auth.forbidden"
    app.dependency_overrides[refuse] = lambda: None
    assert (await client.get("/me")).json()["code"] == "auth.missing_credentials"
    answer = await client.get("/me", headers={"authorization": "Bearer good"})
    assert (answer.status_code, answer.json()) == (200, "ada")


@pytest.mark.loop_guard(limit_seconds=0.2)
@pytest.mark.parametrize("dependencies", [[], [Depends(lambda: None)]])
async def test_synchronous_handlers_run_beside_each_other(
    dependencies: list[Any], client_of: Any
) -> None:
    def slow() -> str:
        time.sleep(0.5)  # what is measured is that the loop goes on meanwhile
        return "done"

    app = build_fastapi_app(
        routes=[HttpRouteSpec("GET", "/slow", "slow", "test", slow)], dependencies=dependencies
    )
    client = client_of(app)
    begun = time.monotonic()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticker = asyncio.create_task(tick())
    answers = await asyncio.gather(*(client.get("/slow") for _ in range(6)))
    ticker.cancel()
    assert [answer.json() for answer in answers] == ["done"] * 6
    assert time.monotonic() - begun < 1
    assert ticks > 10
