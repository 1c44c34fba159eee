"""The bare ASGI host: a service without any framework. And everything that compiles and finds
routes.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from mic.http._problems import problem_answer
from mic.http._run import CompiledRoute, compile_route
from mic.http._types import ASGIApp, Receive, Scope, Send
from mic.http._wire import Answer, send_answer
from mic.http.context import RequestState, request_state
from mic.http.middleware import MicStack, MicStackMiddleware
from mic.http.options import HttpOptions
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError
from mic.http.table import RouteMatch, RouteTable, compile_routes, look_up
from mic.model import DomainError, MethodNotAllowedError, NotFoundError

if TYPE_CHECKING:
    from mic.http.openapi import OpenApiInfo

__all__ = [
    "CompiledRoute",
    "Lifespan",
    "RouteMatch",
    "RouteTable",
    "build_asgi_app",
    "check_gates",
    "compile_route",
    "compile_routes",
    "dispatch",
    "method_not_allowed",
    "not_found",
    "options_answer",
]

Runner = Callable[[Scope, Receive, Send], Awaitable[Any]]
"""Answers one request; what it gives back, if anything, is not looked at."""

Lifespan = Callable[[ASGIApp], AbstractAsyncContextManager[Mapping[str, Any] | None]]

_LOGGER = logging.getLogger("mic.http")
_ERRORS_ONLY = MicStack(correlation=None, security_headers=None)


def not_found() -> NotFoundError:
    """The error for a path that no route has: 404 `http.not_found`."""
    return NotFoundError(code="http.not_found", message="Not Found")


def method_not_allowed(allowed: Iterable[str]) -> MethodNotAllowedError:
    """The error for a path that is served, but not for this method: 405 `http.method_not_allowed`
    with `Allow`.
    """
    return MethodNotAllowedError(
        code="http.method_not_allowed",
        message="Method Not Allowed",
        headers={"Allow": ", ".join(allowed)},
    )


def options_answer(allowed: Iterable[str]) -> Answer:
    """The answer to OPTIONS of a path that does not declare it: 204 with `Allow` (RFC 9110, section
    9.3.7).
    """
    return Answer(204, [(b"allow", ", ".join(allowed).encode("latin-1"))])


def check_gates(
    routes: Iterable[HttpRouteSpec], *, options: HttpOptions | None, stack: MicStack | None
) -> None:
    """Refuse routes that need a caller in an app where nobody can say who calls.

    Raises:
        RouteDefinitionError: A route is not public, and there is neither an authenticator nor any
            `inner` middleware.
    """
    if (options is not None and options.authenticator is not None) or (
        stack is not None and stack.inner
    ):
        return
    for spec in routes:
        if spec.auth != "public" or spec.roles or spec.scopes:
            msg = (
                f"route {spec.name!r} ({spec.method} {spec.path}) has auth={spec.auth.value!r},"
                " and nobody can authenticate:"
                " give HttpOptions(authenticator=...), or a gate in MicStack(inner=...)"
            )
            raise RouteDefinitionError(msg)


def answerer(
    table: RouteTable, scope: Scope, state: RequestState, *, prefix: str = ""
) -> Runner | None:
    """The app that answers an HTTP request from the table, OPTIONS and 405 included, with the
    request's state told what it will run.

    Args:
        table: The routes.
        scope: The request.
        state: Its state.
        prefix: What stands in front of every route's path, for the label of metrics and traces.

    Returns:
        The app; `None` where the path does not belong to the table.
    """
    match = look_up(table, scope, state, prefix=prefix)
    if match is None:
        return None
    route = match.route
    if route is not None:
        state.path_params = match.path_params
        if state.label is None:
            state.label = prefix + route.spec.path
        return route.run
    if scope["method"] == "OPTIONS":
        return _answering(options_answer(match.allowed))
    return _refusing(table, method_not_allowed(match.allowed), state)


async def dispatch(
    table: RouteTable, scope: Scope, receive: Receive, send: Send, *, prefix: str = ""
) -> bool:
    """Serve an HTTP request from the table, OPTIONS and 405 included.

    Args:
        table: The routes.
        scope: The request.
        receive: Its body.
        send: Where the answer goes.
        prefix: What stands in front of every route's path, for the label of metrics and traces.

    Returns:
        Whether the path belongs to the table; if not, nothing was sent.
    """
    app = answerer(table, scope, request_state(scope), prefix=prefix)
    if app is not None:
        await app(scope, receive, send)
    return app is not None


def _answering(answer: Answer) -> Runner:
    async def app(scope: Scope, _: Receive, send: Send) -> None:
        await send_answer(send, answer, head=scope["method"] == "HEAD")

    return app


def _refusing(table: RouteTable, error: DomainError, state: RequestState) -> Runner:
    base = table.options.problem_type_base
    return _answering(problem_answer(error, state=state, type_base=base))


def build_asgi_app(
    *,
    routes: Iterable[HttpRouteSpec],
    options: HttpOptions | None = None,
    stack: MicStack | None = None,
    lifespan: Lifespan | None = None,
    openapi: OpenApiInfo | None = None,
) -> ASGIApp:
    """Build an ASGI app of the routes, with no framework.

    Guarantees: the same answers as the framework adapters give. Unknown paths are 404 and wrong
    methods 405 problems; an unhandled error before the first byte is answered with the 500 problem
    and raised again for servers and error trackers. A WebSocket is closed before it is accepted.

    Args:
        routes: The routes.
        options: How they are served; the safe defaults where left out.
        stack: Middleware around everything; `None` renders errors and does nothing else.
        lifespan: Called with the app; what it yields is the state of every request.
        openapi: Serves the OpenAPI document at `/openapi.json`.

    Raises:
        RouteDefinitionError: A route cannot be served as it is written, or nobody could
            authenticate its callers.
    """
    specs = tuple(routes)
    check_gates(specs, options=options, stack=stack)
    if openapi is not None:
        specs = (*specs, _document_route(specs, openapi, options))
    table = compile_routes(specs, options=options)
    return _BareApp(table, stack=stack, lifespan=lifespan)


def _document_route(
    specs: tuple[HttpRouteSpec, ...], info: OpenApiInfo, options: HttpOptions | None
) -> HttpRouteSpec:
    from mic.http.openapi import build_openapi

    document = build_openapi(specs, info, options=options)

    async def openapi_document() -> HttpResponseSpec:
        return HttpResponseSpec(200, document)

    return HttpRouteSpec(
        method="GET",
        path="/openapi.json",
        name="mic.openapi",
        category="openapi",
        handler=openapi_document,
        include_in_schema=False,
    )


class _BareApp(MicStackMiddleware):
    """The ASGI callable that `build_asgi_app` gives: the stack around the routes."""

    __slots__ = ("_lifespan", "_table")

    def __init__(
        self, table: RouteTable, *, stack: MicStack | None, lifespan: Lifespan | None
    ) -> None:
        self._table = table
        self._lifespan = lifespan
        super().__init__(
            self._serve,
            stack=_ERRORS_ONLY if stack is None else stack,
            routes=None if stack is None else table,
            options=table.options,
        )

    def _serve(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        kind = scope["type"]
        if kind == "http":
            state = request_state(scope)
            app = answerer(self._table, scope, state)
            return (app or _refusing(self._table, not_found(), state))(scope, receive, send)
        if kind == "lifespan":
            return self._run_lifespan(scope, receive, send)
        if kind == "websocket":
            return self._close_websocket(receive, send)
        msg = f"an ASGI scope of type {kind!r} is not served"
        raise ValueError(msg)

    async def _close_websocket(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1000})

    async def _run_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        try:
            await receive()
            if self._lifespan is None:
                await send({"type": "lifespan.startup.complete"})
                await receive()
            else:
                async with self._lifespan(self) as state:
                    if state:
                        scope.setdefault("state", {}).update(state)
                    await send({"type": "lifespan.startup.complete"})
                    started = True
                    await receive()
        except Exception as error:
            _LOGGER.exception("the lifespan failed")
            kind = "shutdown" if started else "startup"
            await send({"type": f"lifespan.{kind}.failed", "message": type(error).__name__})
            raise
        await send({"type": "lifespan.shutdown.complete"})
