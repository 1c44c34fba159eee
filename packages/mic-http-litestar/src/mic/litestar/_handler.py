"""The Litestar handler of a route: stands in Litestar's layers, lets the compiled route work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.utils import normalize_path
from mic.http.adapter import (
    ASGIApp,
    CompiledRoute,
    Receive,
    Scope,
    Send,
    options_answer,
    route_path,
    send_answer,
)
from mic.litestar._documentation import join_document, operation_class
from mic.litestar._group import Prefix, RouteGroup, enter
from mic.litestar._layers import Layers, Replay, Started

if TYPE_CHECKING:
    from litestar import Litestar, Request
    from litestar.types import ASGIApp as LitestarApp
    from litestar.types import Middleware
    from mic.litestar._paths import Place

_ERRAND = "mic.litestar"


class _Errand:
    """What the entry of a request leaves in the scope for `to_response`."""

    __slots__ = ("failure", "receive", "route")

    def __init__(
        self, route: CompiledRoute, receive: Replay, failure: Exception | None = None
    ) -> None:
        self.route = route
        self.receive = receive
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
        compression and allowed-hosts
    configuration apply. Where there are none the compiled route runs at once, and Litestar makes no
    request object.
    """

    __slots__ = ("group",)

    def __init__(self, place: Place, group: RouteGroup) -> None:
        route = place.route
        super().__init__(
            place.path,
            http_method=place.method,
            name=None if route is None else route.spec.name,
            dto=None,
            return_dto=None,
            status_code=200,
            **_documented(route, group),
        )
        self.group = group
        self(_answer_comes_later)

    def on_registration(self, app: Litestar) -> None:
        """Also make the components known that the route's documentation refers to."""
        super().on_registration(app)
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
        layers = Layers.of(self)

        async def run(scope: Scope, _: Receive, send: Send) -> None:
            # what a hook has read of the body is given once more
            sender = send if layers.is_empty else layers.around(request, send)
            await errand.route(scope, errand.receive, sender)

        return cast("LitestarApp", run)

    @property
    def prefix(self) -> Prefix:
        """What the layers above put in front of the group's paths."""
        return Prefix([layer.path for layer in self.ownership_layers[:-1]])  # type: ignore[union-attr]  # all above a handler have a path

    def _enter(self, app: ASGIApp) -> ASGIApp:
        """Make the innermost middleware; `app` is what Litestar wraps around a handler."""
        prefix = self.prefix
        at_once = not Layers.of(self).are_asked(self)
        wrapped = bool(super().resolve_middleware())

        async def entry(scope: Scope, receive: Receive, send: Send) -> None:
            match = self.group.match(scope, prefix)
            if match is None:
                raise NotFoundException
            if match.route is None:
                await self._refuse(match.allowed, scope, send)
                return
            enter(scope, match, match.route, prefix)
            if not at_once:
                replay = Replay(receive)
                scope[_ERRAND] = _Errand(match.route, replay)
                await app(scope, replay.record, send)
            elif not wrapped:
                await match.route(scope, receive, send)
            else:
                started = Started(send)
                try:
                    await match.route(scope, receive, started)
                except Exception as error:
                    if started.yes:
                        raise
                    # answered further in, where the middleware of the layers sees the answer
                    scope[_ERRAND] = _Errand(match.route, Replay(receive), error)
                    await app(scope, receive, send)

        return entry

    async def _refuse(self, allowed: tuple[str, ...], scope: Scope, send: Send) -> None:
        """Answer a method that no route of the path serves; OPTIONS is served for every path."""
        every = sorted({*allowed, *self._methods_here()})
        if scope["method"] == "OPTIONS":
            await send_answer(send, options_answer(every))
            return
        raise MethodNotAllowedException(headers={"allow": ", ".join(every)})

    def _methods_here(self) -> set[str]:
        """Methods that other handlers of the app serve at this very path."""
        here = (
            route.route_handlers
            for route in self.app.routes
            if isinstance(route, HTTPRoute) and any(each is self for each in route.route_handlers)
        )
        return {
            method
            for handlers in here
            for handler in handlers
            if not isinstance(handler, MicRouteHandler)
            for method in handler.http_methods
        }


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
    handlers = [
        handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    ]
    ours = {}
    for handler in handlers:
        if isinstance(handler, MicRouteHandler):
            ours[id(handler.group), handler.prefix.text] = handler
    allowed = {method for method in listed if _is_of_others(app, scope, method)}
    for handler in ours.values():
        match = handler.group.match(scope, handler.prefix)
        allowed |= set() if match is None else set(match.allowed)
    return frozenset(allowed)


def _is_of_others(app: Litestar, scope: Scope, method: str) -> bool:
    """Whether a handler that is none of ours serves the method at the folded path."""
    path = normalize_path(route_path(scope))
    found = app.asgi_router.handle_routing(path=path, method=cast("Any", method))
    return not isinstance(found[1], MicRouteHandler)
