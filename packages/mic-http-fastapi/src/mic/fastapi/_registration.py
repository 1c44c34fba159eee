"""Makes a router of routes: compiles them, and shows each to FastAPI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fastapi.params import Depends
from mic.fastapi._dispatch import MicRoute, MicRouter
from mic.fastapi._documentation import HIDDEN, REFUSALS, describe
from mic.fastapi._includes import Inclusions
from mic.fastapi._selfcheck import check_fastapi
from mic.http.adapter import CompiledRoute, RouteTable, compile_routes
from mic.http.options import HttpOptions
from mic.http.route_spec import HttpRouteSpec


def make_router(
    *,
    routes: Iterable[HttpRouteSpec],
    options: HttpOptions | None,
    prefix: str = "",
    dependencies: Sequence[Depends] = (),
) -> MicRouter:
    """Make the router that `build_fastapi_router` gives."""
    check_fastapi()
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        msg = f"the prefix {prefix!r} must begin with '/' and must not end with it"
        raise ValueError(msg)
    table = compile_routes(routes, options=options)
    registrar = _Registrar(table, prefix, list(dependencies))
    return MicRouter(
        table=table,
        described=list(registrar.described()),
        inclusions=registrar.inclusions,
        prefix=prefix,
        dependencies=list(dependencies),
    )


class _Registrar:
    """Makes the objects that FastAPI sees of the routes of one table."""

    def __init__(self, table: RouteTable, prefix: str, dependencies: list[Depends]) -> None:
        self.inclusions = Inclusions(prefix)
        self._table = table
        self._prefix = prefix
        self._dependencies = dependencies

    def described(self) -> Iterator[MicRoute]:
        """Every route, then the hidden ones: HEAD of each GET, OPTIONS of each path."""
        declared = {(route.spec.method, route.spec.path) for route in self._table}
        for route in self._table:
            yield self._documented(route)
        for route in self._table:
            if route.spec.method == "GET" and ("HEAD", route.spec.path) not in declared:
                yield self._made(route.spec.path, route, "HEAD", HIDDEN)
        for path in dict.fromkeys(route.spec.path for route in self._table):
            if ("OPTIONS", path) not in declared:
                yield self._made(path, None, "OPTIONS", HIDDEN)

    def _documented(self, route: CompiledRoute) -> MicRoute:
        spec = route.spec
        try:
            return self._made(spec.path, route, spec.method, describe(route))
        except REFUSALS:
            return self._made(spec.path, route, spec.method, describe(route, loosely=True))

    def _made(
        self, path: str, compiled: CompiledRoute | None, method: str, described: Any
    ) -> MicRoute:
        return MicRoute(
            self._prefix + path,
            table=self._table,
            inclusions=self.inclusions,
            own_prefix=self._prefix,
            compiled=compiled,
            method=method,
            dependencies=self._dependencies,
            **described,
        )
