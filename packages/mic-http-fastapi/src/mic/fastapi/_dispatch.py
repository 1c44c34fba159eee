"""Our route and router classes.

The route table matches, and a compiled route runs directly wherever FastAPI has nothing to add.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from fastapi import APIRouter
from fastapi.params import Depends
from fastapi.routing import APIRoute
from mic.fastapi._dependencies import DependencyHandlers, through_fastapi
from mic.fastapi._includes import (
    Inclusion,
    Inclusions,
    effective_route_of,
    has_form_limits,
    is_plain_route,
    is_traced,
)
from mic.fastapi._lookup import Lookup, look_up
from mic.fastapi._prefix import Prefix
from mic.fastapi._serve import app_for
from mic.http.adapter import CompiledRoute, Receive, RouteMatch, RouteTable, Scope, Send


class MicRoute(APIRoute):
    """A compiled route (or the OPTIONS answer of a path) as FastAPI sees it.

    Guarantees: only the route table decides whether a request is this route's; FastAPI parses none
        of its parameters.

    Args:
        path: The path with the router's own prefix.
        endpoint: Describes the route to FastAPI; never called.
        table: The table that decides.
        inclusions: What is known of the router's includes.
        own_prefix: The router's own prefix.
        compiled: The route; `None` for the OPTIONS answer.
        method: The method that this object serves.
        options: Everything else that `APIRoute` takes.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        table: RouteTable,
        inclusions: Inclusions,
        own_prefix: str,
        compiled: CompiledRoute | None,
        method: str,
        **options: Any,
    ) -> None:
        self.compiled = compiled
        self.method = method
        self._table = table
        self._inclusions = inclusions
        self._own_prefix = Prefix(own_prefix)
        self._handlers = DependencyHandlers(self)
        super().__init__(path, endpoint, methods=[method], **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's hook: what solves the dependencies and runs the route."""
        return self._handlers.handle

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the route table whether this request is ours."""
        if scope["type"] != "http":
            return Match.NONE, {}
        found = self._look_up(scope)
        if found.match is None:
            return Match.NONE, {}
        if found.match.route is not None:
            if found.match.route is not self.compiled or scope["method"] != self.method:
                return Match.NONE, {}
            return Match.FULL, self.entries(scope, found.values)
        described = effective_route_of(scope, self) or self
        fitting = described.path_regex.match(found.asked[1])
        if fitting is None:
            return Match.NONE, {}
        full = self.compiled is None and scope["method"] == self.method
        return Match.FULL if full else Match.PARTIAL, self.entries(scope, fitting.groupdict())

    def _look_up(self, scope: Scope) -> Lookup:
        inclusion = self._inclusions.of_route(scope, self)
        return look_up(
            scope, self._table, self._own_prefix if inclusion is None else inclusion.prefix
        )

    def entries(self, scope: Scope, values: Mapping[str, str]) -> dict[str, Any]:
        """What FastAPI would write into the scope of a request that it matched to this route."""
        path_params = dict(scope.get("path_params") or {})
        for name, text in values.items():
            path_params[name] = self._converted(name, text)
        return {"endpoint": self.endpoint, "path_params": path_params, "route": self}

    def _converted(self, name: str, text: str) -> Any:
        convertor = self.param_convertors.get(name)
        try:
            return text if convertor is None else convertor.convert(text)
        except ValueError:
            # more digits than the interpreter converts: the route's own plan answers 400
            return text

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route: directly where nothing stands around it, else through FastAPI."""
        found = self._look_up(scope)
        if found.match is None:
            # somebody dispatched here without asking `matches`
            msg = f"{self!r} was given a request that is not its own"
            raise LookupError(msg)
        app = app_for(found, found.match, scope)
        if self._is_plain(scope):
            await app(scope, receive, send)
        else:
            await through_fastapi(
                super().handle, app, scope, receive, send, options=self._table.options
            )

    def _is_plain(self, scope: Scope) -> bool:
        if has_form_limits(scope):
            return False
        inclusion = self._inclusions.of_route(scope, self)
        if inclusion is None:
            return is_plain_route(self)
        return inclusion.plain and is_plain_route(effective_route_of(scope, self))


class MicRouter(APIRouter):
    """A router of compiled routes, for `include_router`.

    Guarantees: the same answers whether a request is dispatched by the route table or by FastAPI;
        the former only where no
    dependency, body limit or form limit stands around the routes and FastAPI's telemetry does not
    watch the request.

    Args:
        table: The routes.
        described: The routes as FastAPI sees them.
        inclusions: What is known of the router's includes.
        prefix: The router's own prefix.
        dependencies: The router's own dependencies.
    """

    def __init__(
        self,
        *,
        table: RouteTable,
        described: Sequence[MicRoute],
        inclusions: Inclusions,
        prefix: str,
        dependencies: Sequence[Depends],
    ) -> None:
        super().__init__(
            prefix=prefix,
            dependencies=dependencies,
            routes=list(described),
            redirect_slashes=False,
        )
        self.table = table
        self._inclusions = inclusions
        self._own_count = len(self.routes)
        self._described = {
            id(route.compiled): route
            for route in described
            if route.compiled is not None and route.method == route.compiled.spec.method
        }
        self._plain = not self.dependencies and is_plain_route(self)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the route table; where it may not decide, or does not know the path, ask FastAPI."""
        found = self._look_up(scope)
        if found is None:
            return super().matches(scope)
        if found.match is None or _is_refusal(found.match, scope):
            if len(self.routes) != self._own_count:
                added = super().matches(scope)
                if added[0] is Match.FULL:
                    return added
            return (Match.NONE if found.match is None else Match.PARTIAL), {}
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route that the table has; where the table may not decide, let FastAPI do so."""
        found = self._look_up(scope)
        if found is None or found.match is None:
            await super().handle(scope, receive, send)
            return
        if _is_refusal(found.match, scope) and super().matches(scope)[0] is Match.FULL:
            await super().handle(scope, receive, send)
            return
        if found.match.route is not None:
            scope.update(self._described[id(found.match.route)].entries(scope, found.values))
        await app_for(found, found.match, scope)(scope, receive, send)

    def _look_up(self, scope: Scope) -> Lookup | None:
        """What the table says; `None` where FastAPI has to be asked."""
        if scope["type"] != "http" or not self._plain or is_traced(scope) or has_form_limits(scope):
            return None
        inclusion: Inclusion | None = self._inclusions.of_router(scope, self)
        if inclusion is None or not inclusion.plain:
            return None
        return look_up(scope, self.table, inclusion.prefix)


def _is_refusal(match: RouteMatch, scope: Scope) -> bool:
    return match.route is None and scope["method"] != "OPTIONS"
