"""FastAPI routers of `mic.http` routes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import APIRouter
from fastapi.params import Depends
from mic.fastapi._registration import make_router
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
        ValueError: The prefix is not one.
        ConfigurationError: An optional library is missing, or this FastAPI cannot be read (names
            the tested versions).
    """
    return make_router(routes=routes, options=options, prefix=prefix, dependencies=dependencies)
