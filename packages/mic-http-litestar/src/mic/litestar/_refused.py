"""What a path allows that Litestar refused, judged by the path as it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from litestar.routes import HTTPRoute
from litestar.utils import normalize_path
from mic.http.adapter import Scope
from mic.litestar._handler import MicRouteHandler

if TYPE_CHECKING:
    from litestar import Litestar


def allowed_methods(app: Litestar, scope: Scope, listed: frozenset[str]) -> frozenset[str]:
    """The methods of a path that Litestar refused.

    Litestar folds slashes before it looks, so what it lists may be of another path than the one
    that was sent: of ours only those count that a group's own table has there.

    Args:
        app: The app.
        scope: The request.
        listed: What Litestar lists as allowed.
    """
    if "route_handler" in scope:
        return listed  # a route of ours refused, and knows
    allowed = {method for method in listed if _is_of_others(app, scope, method)}
    for handler in _one_of_each_group(app):
        match = handler.group.match(scope, handler.prefix)
        if match is not None:
            allowed.update(match.allowed)
    return frozenset(allowed)


def _one_of_each_group(app: Litestar) -> Iterable[MicRouteHandler]:
    """A handler of every group at every prefix where it stands."""
    handlers = (
        handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if isinstance(handler, MicRouteHandler)
    )
    return {(id(each.group), each.prefix.text): each for each in handlers}.values()


def _is_of_others(app: Litestar, scope: Scope, method: str) -> bool:
    """Whether a handler that is none of ours serves the method at the folded path."""
    path: str = scope["path"]
    if root := scope.get("root_path", ""):
        path = path.split(root, maxsplit=1)[-1]  # as Litestar does it
    path = normalize_path(path)
    found = app.asgi_router.handle_routing(path=path, method=cast("Any", method))
    return not isinstance(found[1], MicRouteHandler)
