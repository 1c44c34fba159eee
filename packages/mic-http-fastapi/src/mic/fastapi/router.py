"""FastAPI routers of `mic.http` routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.params import Depends
from mic.fastapi._dispatch import MicRoute, MicRouter
from mic.fastapi._documentation import HIDDEN, describe
from mic.fastapi._includes import Inclusions
from mic.fastapi._selfcheck import check_fastapi
from mic.http.adapter import CompiledRoute, RouteTable, compile_routes
from mic.http.options import HttpOptions
from mic.http.route_spec import HttpRouteSpec


def build_fastapi_router(
    *,
    routes: Iterable[HttpRouteSpec],
    options: HttpOptions | None = None,
    prefix: str = "",
    dependencies: Sequence[Depends] = (),
) -> APIRouter:
    """Build a router of the routes, for `app.include_router` or another router.

    Guarantees: every dependency of the app, of a router around it, or given here runs before a
        route's own gate and handler, and one
    with `yield` sees the handler's exception; without any, FastAPI's machinery is not run at all.
    Status, headers and bytes are those of every other host. FastAPI parses none of the routes'
    parameters, but documents them.

    Args:
        routes: The routes.
        options: How they are served; the safe defaults where left out.
        prefix: Stands in front of every path; begins with `/` and does not end with it.
        dependencies: FastAPI dependencies that run before every route.

    Raises:
        RouteDefinitionError: A route cannot be served as it is written; names route and parameter.
        ConfigurationError: An optional library is missing, or this FastAPI cannot be read (names
            the tested versions).
    """
    check_fastapi()
    table = compile_routes(routes, options=options)
    inclusions = Inclusions(prefix)
    return MicRouter(
        table=table,
        described=list(_described(table, inclusions, prefix, list(dependencies))),
        inclusions=inclusions,
        prefix=prefix,
        dependencies=list(dependencies),
    )


def _described(
    table: RouteTable, inclusions: Inclusions, prefix: str, dependencies: list[Depends]
) -> Iterator[MicRoute]:
    """Every route as FastAPI sees it, then the hidden HEAD of each GET and OPTIONS of each path."""

    def made(path: str, compiled: CompiledRoute | None, method: str, **described: Any) -> MicRoute:
        return MicRoute(
            prefix + path,
            table=table,
            inclusions=inclusions,
            own_prefix=prefix,
            compiled=compiled,
            method=method,
            dependencies=dependencies,
            **described,
        )

    declared = {(route.spec.method, route.spec.path) for route in table}
    for route in table:
        yield made(route.spec.path, route, route.spec.method, **describe(route))
    for route in table:
        if route.spec.method == "GET" and ("HEAD", route.spec.path) not in declared:
            yield made(route.spec.path, route, "HEAD", **HIDDEN)
    for path in dict.fromkeys(route.spec.path for route in table):
        if ("OPTIONS", path) not in declared:
            yield made(path, None, "OPTIONS", **HIDDEN)
