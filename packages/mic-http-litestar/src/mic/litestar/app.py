"""A whole Litestar app of routes: router, middleware stack around everything, one error body."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Litestar
from mic.http.adapter import ASGIApp, Receive, Scope, Send, check_gates, compile_routes
from mic.http.middleware import MicStack, MicStackMiddleware
from mic.http.options import HttpOptions
from mic.http.route_spec import HttpRouteSpec
from mic.litestar._errors import answered_failure, handlers_for
from mic.litestar.router import router_of

__all__ = ["build_litestar_app", "error_handlers", "install_error_handlers"]


class _StackedApp(Litestar):
    """A Litestar app in a stack, because Litestar's middleware does not see what has no route."""

    entry: ASGIApp | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection, through the stack where there is one."""
        try:
            await (self.entry or self.serve)(scope, receive, send)
        except Exception as error:
            # it has been answered and logged, and a Litestar app ends there
            if answered_failure(scope) is not error:
                raise

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What stands inside the stack.

        An error that nobody expected is raised again once it is answered, so that metrics and error
        trackers in the stack learn of it, as they do on the other hosts.
        """
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]  # Litestar's scope is a TypedDict
        failure = answered_failure(scope)
        if failure is not None:
            raise failure


def build_litestar_app(
    *,
    routes: Iterable[HttpRouteSpec],
    options: HttpOptions | None = None,
    stack: MicStack | None = MicStack(),  # noqa: B008  # frozen, and the documented default
    **litestar_options: Any,
) -> Litestar:
    """Build a Litestar app that serves the routes.

    Guarantees: the same answers as every other host gives, unknown paths, wrong methods and
    unhandled errors included. The stack sees every request, those without a route too. An unhandled
    error is answered with the 500 problem and logged once on `mic.http`; Litestar's
    `after_exception` hooks and every middleware of the stack learn of it, and, as with any Litestar
    app, what stands around the app does not.

    Args:
        routes: The routes.
        options: How they are served; the safe defaults where left out.
        stack: Middleware around everything; `None` for none.
        litestar_options: Arguments of `litestar.Litestar`. Handlers and exception handlers stand
            beside ours and win over them. Logging is left alone unless `logging_config` is given.

    Raises:
        RouteDefinitionError: A route cannot be served as it is written, or nobody could
            authenticate its callers.
    """
    specs = tuple(routes)
    check_gates(specs, options=options, stack=stack)
    table = compile_routes(specs, options=options)
    handlers = litestar_options.pop("route_handlers", None) or ()
    exceptions = litestar_options.pop("exception_handlers", None) or {}
    litestar_options.setdefault("logging_config", None)
    app = _StackedApp(
        [router_of(table), *handlers],
        exception_handlers={**error_handlers(options), **exceptions},
        **litestar_options,
    )
    if stack is not None:
        app.entry = MicStackMiddleware(app.serve, stack=stack, routes=table, options=options)
    return app


def error_handlers(options: HttpOptions | None = None) -> dict[Any, Any]:
    """Exception handlers that answer every error with the family's problem body.

    For the constructor: `Litestar(exception_handlers=error_handlers())`.

    Args:
        options: What the routes are served with.
    """
    return dict(handlers_for(options))


def install_error_handlers(app: Litestar, *, options: HttpOptions | None = None) -> None:
    """Give an existing app the exception handlers, beside those that it has and which win over
    ours.

    Args:
        app: The app, before it serves its first request.
        options: What the routes are served with.
    """
    for kind, handler in error_handlers(options).items():
        app.exception_handlers[kind] = handler
