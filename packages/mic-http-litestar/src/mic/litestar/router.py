"""Routes as a Litestar router."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from litestar import Router
from litestar.types import Guard
from mic.http.adapter import RouteTable, compile_routes
from mic.http.options import HttpOptions
from mic.http.route_spec import HttpRouteSpec
from mic.litestar._group import RouteGroup
from mic.litestar._handler import MicRouteHandler
from mic.litestar._paths import places_of

__all__ = ["build_litestar_router"]


def build_litestar_router(
    *,
    routes: Iterable[HttpRouteSpec],
    options: HttpOptions | None = None,
    prefix: str = "",
    guards: Sequence[Guard] = (),
) -> Router:
    """Build a Litestar router of the routes; `Litestar(route_handlers=[router])` serves them.

    Guarantees: the same answers as every other host gives. Guards, hooks, middleware, exception
        handlers, response headers and
    cookies of every layer apply; Litestar's dependencies do not, because handlers take their
    arguments from the request alone. A layer without guards, hooks and headers costs nothing. Paths
    are matched exactly and with backtracking, whatever Litestar's own router would do; unknown
    paths and methods are left to the app's exception handlers.

    Args:
        routes: The routes.
        options: How they are served; the safe defaults where left out.
        prefix: Path in front of all of them; may hold parameters in Litestar's syntax.
        guards: Litestar guards in front of all of them.

    Raises:
        RouteDefinitionError: A route that cannot be served as it is written, or two that cannot
            stand together.
        ConfigurationError: An optional library is missing.
    """
    return router_of(compile_routes(routes, options=options), prefix=prefix, guards=guards)


def router_of(table: RouteTable, *, prefix: str = "", guards: Sequence[Guard] = ()) -> Router:
    """Build a Litestar router of routes that are compiled already."""
    group = RouteGroup(table)
    handlers = [MicRouteHandler(place, group) for place in places_of(table)]
    return Router(prefix or "/", route_handlers=handlers, guards=guards)
