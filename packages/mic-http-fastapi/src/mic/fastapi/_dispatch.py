"""Our route and router classes.

The route table matches, and a compiled route runs directly wherever FastAPI has nothing to add.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from fastapi import APIRouter
from fastapi.params import Depends
from fastapi.routing import APIRoute
from mic.fastapi._dependencies import DependencyHandlers, Exchange, through_fastapi
from mic.fastapi._includes import (
    Inclusion,
    Inclusions,
    has_form_limits,
    is_plain,
)
from mic.fastapi._lookup import Lookup, look_up
from mic.fastapi._prefix import Prefix
from mic.fastapi._serve import answering, running
from mic.http.adapter import CompiledRoute, Receive, RouteMatch, RouteTable, Scope, Send

_SELECTION = "mic.fastapi.selection"


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
        self._handlers = DependencyHandlers()
        super().__init__(path, endpoint, methods=[method], **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's hook: what solves the dependencies and runs the route."""
        return self._handlers.handle

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the route table whether this request is ours."""
        if scope["type"] != "http":
            return Match.NONE, {}
        selection = self._select(scope)
        _, seen, _, found = selection
        if found.match is None:
            return Match.NONE, {}
        if found.match.route is not None:
            if found.match.route is not self.compiled or scope["method"] != self.method:
                return Match.NONE, {}
            return Match.FULL, {_SELECTION: selection, **self.entries(scope, found.values)}
        # Starlette's own pattern takes a line break for the end of a path
        fitting = re.compile(seen.path_regex.pattern, re.DOTALL).fullmatch(found.path)
        if fitting is None:
            return Match.NONE, {}
        full = self.compiled is None and scope["method"] == self.method
        entries = {_SELECTION: selection, **self.entries(scope, fitting.groupdict())}
        return Match.FULL if full else Match.PARTIAL, entries

    def _select(self, scope: Scope) -> _Selection:
        seen, inclusion = self._inclusions.of_route(scope, self)
        prefix = self._own_prefix if inclusion is None else inclusion.prefix
        return self, seen, inclusion, look_up(scope, self._table, prefix)

    def entries(self, scope: Scope, values: Mapping[str, str]) -> dict[str, Any]:
        """What FastAPI would write into the scope of a request that it matched to this route."""
        given = scope.get("path_params")
        path_params = dict(given) if given else {}
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

    def handle(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Run the route: directly where nothing stands around it, else through FastAPI.

        Raises:
            LookupError: The request is not this route's: somebody did not ask `matches`.
            HTTPException: 405, where the path is served but not for this method.
        """
        selection: _Selection | None = scope.get(_SELECTION)
        if selection is None or selection[0] is not self:
            selection = self._select(scope)
        _, seen, inclusion, found = selection
        if found.match is None:
            msg = f"{self!r} was given a request that is not its own"
            raise LookupError(msg)
        plain = is_plain(seen) and (inclusion is None or inclusion.plain)
        if plain and not has_form_limits(scope):
            return running(found, found.match, scope)(scope, receive, send)
        exchange = Exchange(
            answering(found, found.match, scope),
            receive,
            send,
            described=seen,
            options=self._table.options,
        )
        return through_fastapi(super().handle, exchange, scope)


_Selection = tuple[MicRoute, Any, Inclusion | None, Lookup]
"""The route that was asked, as the include sees it, the include, and what the table said."""


class MicRouter(APIRouter):
    """A router of compiled routes, for `include_router`.

    Guarantees: the same answers whether a request is dispatched by the route table or by FastAPI;
    the former only where no dependency, body limit or form limit stands around the routes and
    FastAPI's telemetry does not watch the request.

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

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the route table; where FastAPI's view may differ, or adds a route, ask FastAPI."""
        inclusion = self._inclusions.of_router(scope, self) if scope["type"] == "http" else None
        if inclusion is None or not inclusion.known:
            return super().matches(scope)
        match = look_up(scope, self.table, inclusion.prefix).match
        if match is not None and (match.route is not None or scope["method"] == "OPTIONS"):
            return Match.FULL, {}
        if self._has_added_routes():
            added = super().matches(scope)
            if added[0] is Match.FULL:
                return added
        return (Match.NONE if match is None else Match.PARTIAL), {}

    def handle(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Run the route that the table has; where the table may not decide, let FastAPI do so.

        Raises:
            HTTPException: 405, where the path is served but not for this method.
        """
        inclusion = self._inclusions.deciding(scope, self) if scope["type"] == "http" else None
        if inclusion is not None:
            found = look_up(scope, self.table, inclusion.prefix)
            match = found.match
            if match is not None and self._is_ours(match):
                if match.route is not None:
                    described = self._described[id(match.route)]
                    scope.update(described.entries(scope, found.values))
                return running(found, match, scope)(scope, receive, send)
        return super().handle(scope, receive, send)

    def _is_ours(self, match: RouteMatch) -> bool:
        """Whether nobody else in this router has a say in the answer."""
        if match.route is None:
            return not self._has_added_routes()
        return is_plain(self._described[id(match.route)])

    def _has_added_routes(self) -> bool:
        return len(self.routes) != self._own_count
