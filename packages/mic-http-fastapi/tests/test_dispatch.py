import inspect
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Match, Mount
from starlette.types import Receive, Scope, Send

from mic.fastapi import build_fastapi_router
from mic.http import HttpOptions, HttpRouteSpec

Routes = tuple[HttpRouteSpec, ...]

INCLUDE_OPTIONS = inspect.signature(APIRouter.include_router).parameters
needs_body_limits = pytest.mark.skipif(
    "max_body_size" not in INCLUDE_OPTIONS, reason="this FastAPI has no body limits"
)
needs_form_limits = pytest.mark.skipif(
    "form_limits" not in INCLUDE_OPTIONS, reason="this FastAPI has no form limits"
)


def nothing() -> None:
    """A dependency without effect."""


def included(routes: Routes, **include: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(build_fastapi_router(routes=routes), **include)
    return app


async def test_a_plain_include_is_dispatched_by_the_table(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    answer = await client_of(included(routes)).get("/items/7")
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    assert dispatches.kind == "table"


async def test_nested_includes_are_dispatched_by_the_table(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    inner = APIRouter(prefix="/inner")
    inner.include_router(build_fastapi_router(routes=routes, prefix="/own"), prefix="/near")
    app = FastAPI()
    app.include_router(inner, prefix="/outer")
    answer = await client_of(app).get("/outer/inner/near/own/items/7")
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    # the outer router is FastAPI's own; ours was not asked for its way of dispatching
    assert (dispatches.router, dispatches.route) == (1, 0)


@pytest.mark.parametrize("where", ["app", "include", "nested", "own"])
async def test_a_dependency_anywhere_takes_the_dependency_path(
    where: str, routes: Routes, client_of: Any, dispatches: Any
) -> None:
    asked = {
        name: [Depends(nothing)] if name == where else []
        for name in ("app", "include", "nested", "own")
    }
    app = FastAPI(dependencies=asked["app"])
    middle = APIRouter(dependencies=asked["nested"])
    middle.include_router(
        build_fastapi_router(routes=routes, dependencies=asked["own"]),
        dependencies=asked["include"],
    )
    app.include_router(middle)
    answer = await client_of(app).get("/items/7")
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    assert dispatches.kind == "dependencies"


@needs_body_limits
async def test_a_body_limit_takes_the_dependency_path(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    app = included(routes, max_body_size=10)
    small = await client_of(app).post("/items", json={})
    assert (small.status_code, dispatches.kind) == (201, "dependencies")
    assert (await client_of(app).post("/items", json={"a": "x" * 20})).status_code == 413


@needs_form_limits
async def test_a_form_limit_takes_the_dependency_path(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    app = included(routes, form_limits={"max_fields": 3})
    answer = await client_of(app).get("/items/7")
    assert (answer.status_code, dispatches.kind) == (200, "dependencies")


@needs_form_limits
async def test_a_form_limit_of_the_app_takes_the_dependency_path(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    app = FastAPI()
    app.router.form_limits = {"max_fields": 3}
    app.include_router(build_fastapi_router(routes=routes))
    answer = await client_of(app).get("/items/7")
    assert (answer.status_code, dispatches.kind) == (200, "dependencies")


async def test_a_request_under_telemetry_takes_the_route_dispatch(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    app = included(routes)

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        scope["fastapi.telemetry"] = object()
        scope["app"] = app
        await app.router(scope, receive, send)

    answer = await client_of(traced).get("/items/7")
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    assert dispatches.kind == "route"


async def test_a_mounted_router_is_dispatched_by_its_routes(
    routes: Routes, client_of: Any, dispatches: Any
) -> None:
    app = FastAPI(routes=[Mount("/m", app=build_fastapi_router(routes=routes, prefix="/own"))])
    answer = await client_of(app).get("/m/own/items/7")
    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    assert (dispatches.router, dispatches.route) == (0, 0)
    assert (await client_of(app).get("/m/own/nowhere")).status_code == 404
    assert (await client_of(app).options("/m/own/items")).header("allow") == "OPTIONS, POST"


async def test_a_router_is_an_asgi_app_of_its_own(routes: Routes, client_of: Any) -> None:
    router = build_fastapi_router(routes=routes)
    assert (await client_of(router).get("/items/7")).json() == {"id": 7}
    with pytest.raises(Exception, match="Method Not Allowed"):
        raise (await client_of(router).get("/items")).error or AssertionError


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
async def test_the_scope_says_what_fastapi_would_say(
    dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    app = FastAPI()
    router = build_fastapi_router(routes=routes)
    app.include_router(router, prefix="/t/{tenant}", dependencies=dependencies)
    answer = await client_of(app).get("/t/acme/seen/a%20b")
    assert answer.json() == {
        "params": {"tenant": "acme", "key": "a b"},
        "label": "/t/{tenant}/seen/{key}",
        "fastapi": {"tenant": "acme", "key": "a b"},
        "route": "items.seen",
        "endpoint": "seen",
    }


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
async def test_head_and_options_are_served_for_every_path(
    dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    client = client_of(included(routes, dependencies=dependencies))
    head, get = await client.head("/items/7"), await client.get("/items/7")
    assert (head.status_code, head.body) == (200, b"")
    assert head.raw_headers == get.raw_headers
    options = await client.options("/items/7")
    assert (options.status_code, options.header("allow")) == (204, "DELETE, GET, HEAD, OPTIONS")


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
async def test_the_wrong_method_is_refused_with_the_whole_allow(
    dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    client = client_of(included(routes, dependencies=dependencies))
    answer = await client.put("/items/7")
    assert (answer.status_code, answer.header("allow")) == (405, "DELETE, GET, HEAD, OPTIONS")


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
@pytest.mark.parametrize("path", ["/files/%0a/a", "/files/a%0a", "/files/%0a"])
async def test_a_line_break_does_not_end_a_path(
    dependencies: list[Any], path: str, routes: Routes, client_of: Any
) -> None:
    client = client_of(included(routes, dependencies=dependencies))
    served, allowed = await client.get(path), await client.options(path)
    assert (served.status_code, allowed.status_code) == (200, 204)
    for method in ("POST", "TRACE"):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.header("allow")) == (405, allowed.header("allow"))


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
async def test_another_router_may_take_the_method_that_ours_does_not_have(
    dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    app = included(routes, dependencies=dependencies)

    @app.put("/items/{item_id}")
    def put_item(item_id: int) -> str:
        return f"native {item_id}"

    answer = await client_of(app).put("/items/7")
    assert (answer.status_code, answer.json()) == (200, "native 7")


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
async def test_routes_added_to_our_router_are_served_as_fastapi_serves_them(
    dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    router = build_fastapi_router(routes=routes)

    @router.get("/native")
    def native() -> str:
        return "native"

    @router.put("/items")
    def replace_items() -> str:
        return "replaced"

    app = FastAPI()
    app.include_router(router, dependencies=dependencies)
    client = client_of(app)
    assert (await client.get("/native")).json() == "native"
    assert (await client.put("/items")).json() == "replaced"
    assert (await client.get("/items/7")).json() == {"id": 7}
    assert (await client.patch("/items")).status_code == 405
    assert (await client.get("/nowhere")).status_code == 404


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
@pytest.mark.parametrize(
    "path", ["/items/x", "/items//7", "/items/7/", "/files/", "/files//a", "/ITEMS/7", "/seen/"]
)
async def test_only_the_table_decides_what_matches(
    path: str, dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    app = FastAPI(redirect_slashes=False)
    app.include_router(build_fastapi_router(routes=routes), dependencies=dependencies)
    assert (await client_of(app).get(path)).status_code == 404


@pytest.mark.parametrize("dependencies", [[], [Depends(nothing)]])
async def test_more_digits_than_the_interpreter_converts_are_a_400(
    dependencies: list[Any], routes: Routes, client_of: Any
) -> None:
    client = client_of(included(routes, dependencies=dependencies))
    answer = await client.get("/items/" + "9" * 5_000)
    assert answer.status_code == 400
    assert answer.json()["code"] == "http.validation_error"


async def test_websockets_are_not_ours(routes: Routes, client_of: Any) -> None:
    app = included(routes)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/items/7",
        "headers": [],
        "query_string": b"",
        "root_path": "",
        "subprotocols": [],
    }
    await app(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_a_route_refuses_requests_that_are_not_its_own(routes: Routes) -> None:
    router = build_fastapi_router(routes=routes)
    scope = {"type": "http", "method": "GET", "path": "/nowhere", "headers": [], "root_path": ""}

    async def never(*_: Any) -> Any:
        raise AssertionError

    with pytest.raises(LookupError, match="not its own"):
        await router.routes[0].handle(scope, never, never)


def test_a_router_that_is_not_included_leaves_matching_to_fastapi(routes: Routes) -> None:
    scope = {"type": "http", "method": "GET", "path": "/items/7", "headers": [], "root_path": ""}
    assert build_fastapi_router(routes=routes).matches(scope) == (Match.NONE, {})


async def test_a_label_that_is_known_already_stays(routes: Routes, client_of: Any) -> None:
    app = included(routes)

    async def labelled(scope: Scope, receive: Receive, send: Send) -> None:
        from mic.http import request_state

        request_state(scope).label = "/known"
        await app(scope, receive, send)

    assert (await client_of(labelled).get("/seen/a")).json()["label"] == "/known"


async def test_urls_are_made_by_name(routes: Routes) -> None:
    app = included(routes, prefix="/api")
    assert str(app.url_path_for("items.get_item", item_id=7)) == "/api/items/7"


async def test_options_of_the_routes_apply(routes: Routes, client_of: Any) -> None:
    app = FastAPI()
    app.include_router(
        build_fastapi_router(routes=routes, options=HttpOptions(problem_type_base="urn:x:"))
    )
    assert (await client_of(app).get("/missing")).json()["type"] == "urn:x:items.not_found"
