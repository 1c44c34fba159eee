"""All of it at once: `MicStack` and `MicStackMiddleware`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mic.http._types import ASGIApp
from mic.http.client_address import TrustedProxies
from mic.http.correlation import CorrelationSpec
from mic.http.csrf import CsrfPolicy
from mic.http.middleware._correlating import Correlating
from mic.http.middleware._engine import Engine
from mic.http.middleware._exchange import Parts
from mic.http.middleware.csrf import CsrfMiddleware
from mic.http.middleware.recorder import MetricsRecorder
from mic.http.middleware.security_headers import SecurityHeaders, security_part
from mic.http.options import DEFAULT_OPTIONS, HttpOptions

if TYPE_CHECKING:
    from mic.http.asgi import RouteTable


_CORRELATION = CorrelationSpec()
_SECURITY_HEADERS = SecurityHeaders()


@dataclass(frozen=True, slots=True, kw_only=True)
class MicStack:
    """The middleware of a service. `None` switches a part off.

    Attributes:
        correlation: Ids for every request.
        security_headers: Headers that tell browsers to be careful.
        metrics: Takes the measurements of every request.
        csrf: Protection of cookie-authenticated requests.
        render_errors: Whether errors that escape are answered with a problem document.
        inner: Further middleware, outermost first: log context, tracing, gates, the framework's
            CORS. Route, label, ids and client address are known there.
    """

    correlation: CorrelationSpec | None = _CORRELATION
    security_headers: SecurityHeaders | None = _SECURITY_HEADERS
    metrics: MetricsRecorder | None = None
    csrf: CsrfPolicy | None = None
    render_errors: bool = True
    inner: tuple[Callable[[ASGIApp], ASGIApp], ...] = ()


class MicStackMiddleware(Engine):
    """ASGI middleware that does what `MicStack` says.

    The order, outermost first: metrics, correlation, security headers, error rendering, `inner` in
    order, CSRF, the app.

    Guarantees: every answer has the ids and security headers, errors and answers of `inner`
    included. A `DomainError` that escapes is answered with its problem document. Any other
    exception before the first byte is logged once, answered with the 500 problem, and raised again
    for servers and error trackers; after the first byte it is only raised again, so that the
    server ends the connection. `websocket` and `lifespan` scopes pass through to `inner` and app.

    Args:
        app: The app behind it.
        stack: Its parts.
        routes: The routes. With them, `inner` and metrics know the route even when something in
            between answers.
        options: The options that the routes are compiled with: trusted proxies, problem types.
    """

    __slots__ = ()

    def __init__(
        self,
        app: ASGIApp,
        *,
        stack: MicStack,
        routes: RouteTable | None = None,
        options: HttpOptions | None = None,
    ) -> None:
        chosen = options or DEFAULT_OPTIONS
        if stack.csrf is not None:
            app = CsrfMiddleware(app, policy=stack.csrf)
        for middleware in reversed(stack.inner):
            app = middleware(app)
        headers = stack.security_headers
        proxies = TrustedProxies(chosen.trusted_proxies)
        parts = Parts(
            correlation=None if stack.correlation is None else Correlating(stack.correlation),
            security=() if headers is None else security_part(headers),
            metrics=stack.metrics,
            routes=routes,
            trusted_proxies=proxies or None,
            forward_header=chosen.forward_header,
        )
        base = chosen.problem_type_base if stack.render_errors else None
        super().__init__(app, parts, error_type_base=base)
