"""The route table: which route serves a method and a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mic.http._match_tree import DuplicateRouteError, MatchTree
from mic.http._request import route_path
from mic.http._run import CompiledRoute, compile_route
from mic.http._types import EMPTY, Scope
from mic.http.context import RequestState
from mic.http.options import DEFAULT_OPTIONS, HttpOptions
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """What a path led to.

    Attributes:
        route: The route; `None` where the path exists but not for this method (405).
        path_params: Values of the path's parameters, decoded.
        allowed: The methods of the path, sorted, where `route` is `None`.
    """

    route: CompiledRoute | None
    path_params: Mapping[str, str]
    allowed: tuple[str, ...]


class RouteTable:
    """All routes of a service, compiled.

    Guarantees: matching is exact (no folding of slashes, no redirect) and independent of the order
    of declaration: static text before typed parameters before untyped ones before `path`, with
    backtracking. GET also serves HEAD unless HEAD is declared. Immutable, so it may be shared
    between threads and apps.
    """

    __slots__ = ("_by_name", "_fixed", "_routes", "_tree", "options")

    def __init__(self, routes: Iterable[CompiledRoute], *, options: HttpOptions) -> None:
        self._routes = tuple(routes)
        self.options = options
        self._by_name: dict[str, CompiledRoute] = {}
        for route in self._routes:
            if self._by_name.setdefault(route.spec.name, route) is not route:
                msg = f"two routes are named {route.spec.name!r}; names are unique"
                raise RouteDefinitionError(msg)
        try:
            self._tree: MatchTree[CompiledRoute] = MatchTree(
                [(route.spec.method, route.template, route) for route in self._routes]
            )
        except DuplicateRouteError as error:
            raise RouteDefinitionError(str(error)) from error
        # the answers for paths without parameters, which are most paths of most requests
        self._fixed: dict[str, dict[str, RouteMatch]] = {}
        for route in self._routes:
            if not route.template.names:
                known = self._fixed.setdefault(route.template.text, {})
                known[route.spec.method] = RouteMatch(route, EMPTY, ())
        for known in self._fixed.values():
            if "GET" in known:
                known.setdefault("HEAD", known["GET"])

    def match(self, method: str, path: str) -> RouteMatch | None:
        """Find the route.

        Args:
            method: In upper case.
            path: Decoded, without the mount point.

        Returns:
            The match; `None` where no template fits the path (404).
        """
        fixed = self._fixed.get(path)
        if fixed is not None and method in fixed:
            return fixed[method]
        found = self._tree.find(method, path)
        if found is not None:
            return RouteMatch(*found, ())
        allowed = self._tree.methods(path)
        return RouteMatch(None, EMPTY, allowed) if allowed else None

    def url_for(self, name: str, **params: Any) -> str:
        """The path of a route with these parameters, percent-encoded, without mount point.

        Raises:
            LookupError: No route has this name.
            ValueError: A parameter is missing, unknown, or does not fit its kind.
        """
        route = self._by_name.get(name)
        if route is None:
            msg = f"no route is named {name!r}"
            raise LookupError(msg)
        return route.template.fill(params)

    def __iter__(self) -> Iterator[CompiledRoute]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)


def look_up(
    table: RouteTable, scope: Scope, state: RequestState, *, prefix: str = ""
) -> RouteMatch | None:
    """Match a request's path less mount point and prefix; the same is not asked twice."""
    method: str = scope["method"]
    path = route_path(scope)
    if prefix:
        path = path[len(prefix) :]
    found = state.found
    if found is None or found[0] is not table or found[1] != method or found[2] != path:
        found = state.found = (table, method, path, table.match(method, path))
    return found[3]


def compile_routes(
    routes: Iterable[HttpRouteSpec], *, options: HttpOptions | None = None
) -> RouteTable:
    """Compile a service's routes.

    Raises:
        RouteDefinitionError: A route that cannot be served, or two that cannot stand together.
        ConfigurationError: An optional library is missing.
    """
    chosen = options or DEFAULT_OPTIONS
    return RouteTable((compile_route(spec, options=chosen) for spec in routes), options=chosen)
