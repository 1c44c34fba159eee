"""Prefixes, nested routers and mounts: the same answers as of routes written out whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from starlette.applications import Starlette
from starlette.routing import Mount

from mic.fastapi import build_fastapi_app, build_fastapi_router
from mic.fastapi import error_handlers as fastapi_handlers
from mic.http import (
    AuthMode,
    HttpOptions,
    HttpRequestContext,
    HttpRouteSpec,
    Principal,
    bearer_authenticator,
    build_asgi_app,
)
from mic.litestar import build_litestar_app, build_litestar_router
from mic.litestar import error_handlers as litestar_handlers
from mic.testing import AsyncRouteClient, ClientOptions
from mic.testing.contracts.http_corpus import comparable


def _where(context: HttpRequestContext) -> dict[str, Any]:
    return dict(context.path_params)


def _route(method: Any, path: str, **more: Any) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method} {path}", "layout", _where, **more)


async def _verify(token: str) -> Principal | None:
    return Principal(token) if token == "good" else None


_OPTIONS = HttpOptions(authenticator=bearer_authenticator(_verify))
_ROUTES = [
    _route("GET", "/items"),
    _route("POST", "/items"),
    _route("GET", "/items/new"),
    _route("GET", "/items/{id:int}"),
    _route("DELETE", "/items/{id}"),
    _route("GET", "/items/{id}/{rest:path}"),
    _route("GET", "/mine", auth=AuthMode.USER),
]


def _prefixed(prefix: str) -> list[HttpRouteSpec]:
    return [replace(route, path=prefix + route.path) for route in _ROUTES]


def _fastapi_with(*routers: APIRouter, prefix: str = "") -> FastAPI:
    app = FastAPI(exception_handlers=fastapi_handlers(_OPTIONS), redirect_slashes=False)
    for router in routers:
        app.include_router(router, prefix=prefix)
    return app


def _litestar_with(*handlers: Any) -> Litestar:
    return Litestar(route_handlers=list(handlers), exception_handlers=litestar_handlers(_OPTIONS))


def _fastapi_prefix() -> Any:
    return _fastapi_with(build_fastapi_router(routes=_ROUTES, options=_OPTIONS, prefix="/api/v1"))


def _fastapi_include() -> Any:
    router = build_fastapi_router(routes=_ROUTES, options=_OPTIONS)
    return _fastapi_with(router, prefix="/api/v1")


def _fastapi_nested() -> Any:
    inner = APIRouter(prefix="/v1")
    inner.include_router(build_fastapi_router(routes=_ROUTES, options=_OPTIONS))
    outer = APIRouter(prefix="/api")
    outer.include_router(inner)
    return _fastapi_with(outer)


def _fastapi_dependencies() -> Any:
    async def nothing() -> None: ...

    def nothing_either() -> None: ...

    router = build_fastapi_router(
        routes=_ROUTES, options=_OPTIONS, prefix="/v1", dependencies=[Depends(nothing)]
    )
    outer = APIRouter(prefix="/api", dependencies=[Depends(nothing_either)])
    outer.include_router(router)
    return _fastapi_with(outer)


def _fastapi_two_routers() -> Any:
    first = build_fastapi_router(routes=_ROUTES[:-1], options=_OPTIONS, prefix="/api/v1")
    second = build_fastapi_router(routes=_ROUTES[-1:], options=_OPTIONS, prefix="/api/v1")
    return _fastapi_with(first, second)


def _fastapi_mount() -> Any:
    app = FastAPI()
    app.mount("/api/v1", build_fastapi_app(routes=_ROUTES, options=_OPTIONS, stack=None))
    return app


def _bare_under_starlette() -> Any:
    bare = build_asgi_app(routes=_ROUTES, options=_OPTIONS)
    return Starlette(routes=[Mount("/api", routes=[Mount("/v1", bare)])])


def _litestar_prefix() -> Any:
    return _litestar_with(build_litestar_router(routes=_ROUTES, options=_OPTIONS, prefix="/api/v1"))


def _litestar_nested() -> Any:
    inner = build_litestar_router(routes=_ROUTES, options=_OPTIONS, prefix="/v1")
    return _litestar_with(Router("/api", route_handlers=[inner]))


def _litestar_guarded() -> Any:
    def allow(
        connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None: ...

    inner = build_litestar_router(routes=_ROUTES, options=_OPTIONS, prefix="/v1", guards=[allow])
    return _litestar_with(Router("/api", route_handlers=[inner], guards=[allow]))


def _litestar_under_starlette() -> Any:
    """Litestar's own mounts add a slash to the path, so the mount here is Starlette's."""
    inner: Any = build_litestar_app(routes=_ROUTES, options=_OPTIONS, stack=None)
    return Starlette(routes=[Mount("/api/v1", inner)])


_LAYOUTS: dict[str, Callable[[], Any]] = {
    function.__name__.removeprefix("_"): function
    for function in (
        _fastapi_prefix,
        _fastapi_include,
        _fastapi_nested,
        _fastapi_dependencies,
        _fastapi_two_routers,
        _litestar_prefix,
        _litestar_nested,
        _litestar_guarded,
    )
}
_MOUNTS: dict[str, Callable[[], Any]] = {
    function.__name__.removeprefix("_"): function
    for function in (_fastapi_mount, _bare_under_starlette, _litestar_under_starlette)
}

_PATHS = (
    "/items",
    "/items?x=1",
    "/items/",
    "/items/new",
    "/items/n%65w",
    "/items/12",
    "/items/x",
    "/items/12/a/b",
    "/items/12/",
    "/items//a",
    "/items/%2e%2e/x",
    "/items/a%2Fb",
    "/items/é",
    "/items/a%3Fb",
    "/items/a%252Fb/c",
    "/mine",
    "/mine/",
    "/min%65",
    "/nothing",
    "/nothing%00",
)
_REQUESTS = [
    (method, path)
    for path in _PATHS
    for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE")
]


async def _answers(app: Any, prefix: str, requests: Sequence[tuple[str, str]]) -> list[Any]:
    client = AsyncRouteClient.for_app(app, settings=ClientOptions(raise_errors=False))
    given = [await client.request(method, prefix + path) for method, path in requests]
    return [
        ((method, path), comparable(answer))
        for (method, path), answer in zip(requests, given, strict=True)
    ]


@pytest.mark.parametrize("layout", _LAYOUTS)
async def test_a_prefix_is_part_of_the_path(layout: str) -> None:
    written_out = build_asgi_app(routes=_prefixed("/api/v1"), options=_OPTIONS)
    outside = [("GET", "/api/v1"), ("GET", "/api/v1/"), ("GET", "/api"), ("GET", "/items")]
    app = _LAYOUTS[layout]()
    assert await _answers(app, "/api/v1", _REQUESTS) == await _answers(
        written_out, "/api/v1", _REQUESTS
    )
    assert await _answers(app, "", outside) == await _answers(written_out, "", outside)


@pytest.mark.parametrize("mount", _MOUNTS)
async def test_a_mount_point_is_no_part_of_the_path(mount: str) -> None:
    bare = build_asgi_app(routes=_ROUTES, options=_OPTIONS)
    assert await _answers(_MOUNTS[mount](), "/api/v1", _REQUESTS) == await _answers(
        bare, "", _REQUESTS
    )


@pytest.mark.parametrize("layout", [*_LAYOUTS, *_MOUNTS])
async def test_a_protected_route_is_reached_with_credentials_only(layout: str) -> None:
    app = {**_LAYOUTS, **_MOUNTS}[layout]()
    client = AsyncRouteClient.for_app(app)
    refused = await client.get("/api/v1/mine")
    allowed = await client.get("/api/v1/mine", headers={"authorization": "Bearer good"})
    assert (refused.status_code, allowed.status_code) == (401, 200)
    assert refused.header("www-authenticate") == "Bearer"


@pytest.mark.parametrize("root_path", ["/mount", "/a/b", "/ünicode"])
async def test_a_root_path_is_taken_off(root_path: str) -> None:
    settings = ClientOptions(root_path=root_path, raise_errors=False)
    expected = await _answers(build_asgi_app(routes=_ROUTES, options=_OPTIONS), "", _REQUESTS)
    builders: tuple[Any, ...] = (build_asgi_app, build_fastapi_app, build_litestar_app)
    for build in builders:
        client = AsyncRouteClient.for_app(
            build(routes=_ROUTES, options=_OPTIONS, stack=None), settings=settings
        )
        given = await asyncio.gather(*(client.request(*request) for request in _REQUESTS))
        assert [comparable(answer) for answer in given] == [answer for _, answer in expected]
