"""FastAPI applications of `mic.http` routes, and the handlers for FastAPI's own errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from mic.fastapi._errors import ErrorRenderer
from mic.fastapi._registration import make_router
from mic.http.adapter import check_gates
from mic.http.middleware import MicStack, MicStackMiddleware
from mic.http.options import HttpOptions
from mic.http.route_spec import HttpRouteSpec

_DEFAULT_STACK = MicStack()


def build_fastapi_app(
    *,
    routes: Iterable[HttpRouteSpec],
    options: HttpOptions | None = None,
    stack: MicStack | None = _DEFAULT_STACK,
    **fastapi_options: Any,
) -> FastAPI:
    """Build a FastAPI application of the routes.

    Guarantees: every answer, those to unknown paths, wrong methods and unhandled errors included,
    has the status, headers and bytes that the other hosts give. Paths are matched as they are
    written: FastAPI's redirect of slashes is off. The stack stands outside every middleware given
    in `fastapi_options`, and inside any added later with `add_middleware`.

    Args:
        routes: The routes.
        options: How they are served; the safe defaults where left out.
        stack: Middleware around everything; `None` for none.
        fastapi_options: Whatever else `FastAPI` takes. Exception handlers among them win over ours.

    Raises:
        RouteDefinitionError: A route cannot be served as it is written, or nobody could
            authenticate its callers.
        ConfigurationError: An optional library is missing, or this FastAPI cannot be read.
    """
    specs = tuple(routes)
    check_gates(specs, options=options, stack=stack)
    router = make_router(routes=specs, options=options)
    given = fastapi_options.pop("exception_handlers", None) or {}
    fastapi_options.setdefault("redirect_slashes", False)
    app = FastAPI(exception_handlers={**error_handlers(options), **given}, **fastapi_options)
    app.include_router(router)
    if stack is not None:
        app.add_middleware(MicStackMiddleware, stack=stack, routes=router.table, options=options)
    return app


def error_handlers(options: HttpOptions | None = None) -> dict[Any, Any]:
    """The handlers that answer FastAPI's own errors as problem documents, for its constructor.

    Covered: HTTP exceptions (headers kept), validation errors (400), every `DomainError`, and any
    other exception (500 `internal_error` without its text, logged once on `mic.http`).

    Args:
        options: Those of the routes; the defaults where left out.
    """
    return ErrorRenderer(options).handlers()


def install_error_handlers(app: FastAPI, *, options: HttpOptions | None = None) -> None:
    """Install the handlers of `error_handlers` in an app that has not served a request yet."""
    for kind, handler in error_handlers(options).items():
        app.add_exception_handler(kind, handler)
