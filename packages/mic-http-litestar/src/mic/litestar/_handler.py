"""The Litestar handler of a route: stands in Litestar's layers, lets the compiled route work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from mic.http.adapter import (
    ASGIApp,
    CompiledRoute,
    Receive,
    Scope,
    Send,
    Started,
    options_answer,
    send_answer,
)
from mic.litestar._documentation import join_document, operation_class
from mic.litestar._group import Prefix, RouteGroup, enter
from mic.litestar._layers import Layers, Replay

if TYPE_CHECKING:
    from litestar import Litestar, Request
    from litestar.types import ASGIApp as LitestarApp
    from litestar.types import Middleware
    from mic.litestar._paths import Place

_ERRAND = "mic.litestar"


class _Errand:
    """What the entry of a request leaves in the scope for `to_response`."""

    __slots__ = ("failure", "layers", "receive", "route")

    def __init__(
        self,
        route: CompiledRoute,
        receive: Replay,
        layers: Layers,
        failure: Exception | None = None,
    ) -> None:
        self.route = route
        self.receive = receive
        self.layers = layers
        self.failure = failure


def _documented(route: CompiledRoute | None, group: RouteGroup) -> dict[str, Any]:
    """The arguments that concern the documentation of a place."""
    if route is None or not route.spec.include_in_schema:
        return {"include_in_schema": False}
    return {
        "operation_class": operation_class(group.document, route),
        "operation_id": route.spec.operation_id or route.spec.name,
    }


async def _answer_comes_later() -> Any:
    """What Litestar calls in place of the handler, when guards and hooks let the request pass."""
    return _LATER


_LATER = object()


@HTTPRouteHandler("/", http_method="GET")
async def _takes_nothing() -> None:
    """Its model of arguments is empty; Litestar parses nothing for a route of ours."""


class MicRouteHandler(HTTPRouteHandler):
    """One method at one path. The route that runs is the one that the group's table finds.

    Guarantees: guards, hooks, response headers and cookies of every layer and the app's CSRF,
    compression and allowed-hosts configuration apply. Where there are none the compiled route runs
    at once, and Litestar makes no request object.

    Attributes:
        group: The routes that it stands for.
        prefix: What the layers above put in front of their paths; known once it is registered.
    """

    __slots__ = ("group", "prefix")

    def __init__(self, place: Place, group: RouteGroup) -> None:
        route = place.route
        super().__init__(
            place.path,
            http_method=place.method,
            name=None if route is None else route.spec.name,
            return_dto=None,  # nor is one for data used: the function that is called takes none
            status_code=200,
            **_documented(route, group),
        )
        self.group = group
        self.prefix = Prefix([])
        self(_answer_comes_later)

    def on_registration(self, app: Litestar) -> None:
        """Also make the components known that the route's documentation refers to."""
        super().on_registration(app)
        self.prefix = Prefix([layer.path for layer in self.ownership_layers[:-1]])  # type: ignore[union-attr]  # all above a handler have a path
        if self.resolve_include_in_schema():
            join_document(app, self.group.document)

    def resolve_middleware(self) -> list[Middleware]:
        """Litestar's middleware of every layer, with the entry of the route innermost."""
        return [cast("Middleware", self._enter), *super().resolve_middleware()]

    def create_kwargs_model(self, path_parameters: Any) -> Any:
        """The arguments that Litestar parses: none."""
        del path_parameters
        return _takes_nothing.create_kwargs_model(path_parameters={})

    async def to_response(self, app: Litestar, data: Any, request: Request) -> LitestarApp:  # type: ignore[type-arg]  # as the base class has it
        """The compiled route inside what the layers add, or what a hook answered in its place."""
        errand: _Errand = cast("Scope", request.scope)[_ERRAND]
        if errand.failure is not None:
            raise errand.failure
        if data is not _LATER:
            return await super().to_response(app=app, data=data, request=request)

        async def run(scope: Scope, _: Receive, send: Send) -> None:
            layers = errand.layers
            sender = send if layers.is_empty else layers.around(request, send)
            # what a hook has read of the body is given once more
            await errand.route.run(scope, errand.receive, sender)

        return cast("LitestarApp", run)

    def _enter(self, app: ASGIApp) -> ASGIApp:
        return _Entry(self, app, behind_middleware=bool(super().resolve_middleware()))

    def refusal(self, allowed: Iterable[str]) -> MethodNotAllowedException:
        """The 405 of a method that no handler serves at this path."""
        return MethodNotAllowedException(headers={"allow": ", ".join(self.methods_here(allowed))})

    def methods_here(self, allowed: Iterable[str]) -> list[str]:
        """The methods of this very path: what the table allows, and what others serve."""
        here = (
            route.route_handlers
            for route in self.app.routes
            if isinstance(route, HTTPRoute) and any(each is self for each in route.route_handlers)
        )
        others = (
            handler.http_methods
            for handlers in here
            for handler in handlers
            if not isinstance(handler, MicRouteHandler)
        )
        return sorted(set(allowed).union(*others))


class _Entry:
    """The innermost middleware of a handler: finds the route that the request means, and runs it.

    Args:
        handler: The handler that Litestar chose; registered, so that its layers are known.
        app: What Litestar wraps around a handler.
        behind_middleware: Whether middleware of Litestar's layers stands in front.
    """

    __slots__ = ("_app", "_at_once", "_behind_middleware", "_handler", "_layers")

    def __init__(self, handler: MicRouteHandler, app: ASGIApp, *, behind_middleware: bool) -> None:
        self._handler = handler
        self._app = app
        self._layers = Layers.of(handler)
        self._at_once = not self._layers.are_asked(handler)
        self._behind_middleware = behind_middleware

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._handler
        match = handler.group.match(scope, handler.prefix)
        if match is None:
            raise NotFoundException
        route = match.route
        if route is None:
            if scope["method"] != "OPTIONS":
                raise handler.refusal(match.allowed)
            # every path answers OPTIONS, and asks for no credentials (RFC 9110, section 9.3.7)
            await send_answer(send, options_answer(handler.methods_here(match.allowed)))
            return
        enter(scope, match, route, handler.prefix)
        if not self._at_once:
            replay = Replay(receive)
            scope[_ERRAND] = _Errand(route, replay, self._layers)
            await self._app(scope, replay.record, send)
        elif self._behind_middleware:
            await self._run_watched(route, scope, receive, send)
        else:
            await route.run(scope, receive, send)

    async def _run_watched(
        self, route: CompiledRoute, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Run a route; an error is raised further in, so that middleware sees the answer to it."""
        started = Started(send)
        try:
            await route.run(scope, receive, started)
        except Exception as error:
            if started.yes:
                raise
            scope[_ERRAND] = _Errand(route, Replay(receive), self._layers, error)
            await self._app(scope, receive, send)
