"""The middleware of `mic.http`, with the call shapes that FastAPI services know.

Every class is the plain ASGI one of `mic.http.middleware`. The two that refuse requests also take
callbacks in Starlette's terms: a `Request` in, a `Response` out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from mic.http import auth_gate, csrf, middleware
from mic.http.adapter import DEFAULT_OPTIONS, ASGIApp, Receive, Scope, Send
from mic.http.authenticators import Authenticator
from mic.http.middleware import (
    CorrelationMiddleware,
    CorrelationStartHook,
    HttpResponder,
    MetricsMiddleware,
    MetricsRecorder,
    MicStack,
    MicStackMiddleware,
    RateLimitMiddleware,
    RequestLimiter,
    SecurityHeaders,
    SecurityHeadersMiddleware,
    ServiceAuthMiddleware,
    TokenVerifier,
)
from mic.http.middleware.auth_gate import Refusal

__all__ = [
    "AuthGateMiddleware",
    "AuthGateResponder",
    "CorrelationMiddleware",
    "CorrelationStartHook",
    "CsrfMiddleware",
    "CsrfRejectResponder",
    "HttpResponder",
    "MetricsMiddleware",
    "MetricsRecorder",
    "MicStack",
    "MicStackMiddleware",
    "RateLimitMiddleware",
    "RequestLimiter",
    "SecurityHeaders",
    "SecurityHeadersMiddleware",
    "ServiceAuthMiddleware",
    "TokenVerifier",
]

AuthGateResponder: TypeAlias = Callable[
    [Request, str | None, auth_gate.AuthMode], Response | Awaitable[Response]
]
"""Answers a request that the gate refuses: `(request, reason, mode)`, synchronous or not."""

CsrfRejectResponder: TypeAlias = Callable[[Request, str | None], Response | Awaitable[Response]]
"""Answers a request that is rejected as forged: `(request, reason)`, synchronous or not."""


class AuthGateMiddleware(middleware.AuthGateMiddleware):
    """`mic.http.middleware.AuthGateMiddleware`, with responders in Starlette's terms.

    Guarantees: those of its base. A synchronous responder runs in a worker thread. A refused
    WebSocket is closed before it is accepted; no responder is asked for it.

    Args:
        app: The app behind it.
        policy: Which mode guards which path.
        on_missing_credentials: Answers in place of the 401.
        on_forbidden: Answers in place of the 403.
        resolve_role: Gives the role of a token's owner, for ADMIN.
        verify_token: Tells whether a user's token is good.
        verify_service: Tells whether a service's token is good.
        authenticator: Turns credentials into a principal, in place of the callbacks.
        responder: Answers where the two above do not.
        presence_only: Lets a credential pass that no callback checks; a `UserWarning` says so.
        callbacks_in_thread: `False` runs synchronous callbacks on the loop.

    Raises:
        ValueError: The policy has a mode that nothing can check, and `presence_only` is False.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: auth_gate.AuthPolicy,
        on_missing_credentials: AuthGateResponder | None = None,
        on_forbidden: AuthGateResponder | None = None,
        resolve_role: Callable[[str], Any] | None = None,
        verify_token: Callable[[str], Any] | None = None,
        verify_service: Callable[[str], Any] | None = None,
        authenticator: Authenticator | None = None,
        responder: HttpResponder | None = None,
        presence_only: bool = False,
        callbacks_in_thread: bool = True,
    ) -> None:
        super().__init__(
            app,
            policy=policy,
            resolve_role=resolve_role,
            verify_token=verify_token,
            verify_service=verify_service,
            authenticator=authenticator,
            responder=responder,
            presence_only=presence_only,
            callbacks_in_thread=callbacks_in_thread,
        )
        self._responders = {
            "missing_credentials": on_missing_credentials,
            "forbidden": on_forbidden,
        }

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        decision = refusal.decision
        responder = self._responders[decision.outcome]
        if responder is None or scope["type"] != "http":
            await super()._refuse(scope, receive, send, refusal)
            return
        request = Request(scope, receive)
        response = await _called(responder, request, decision.reason, decision.mode)
        await response(scope, receive, send)


class CsrfMiddleware(middleware.CsrfMiddleware):
    """`mic.http.middleware.CsrfMiddleware`, with a responder in Starlette's terms.

    Guarantees: those of its base. A synchronous responder runs in a worker thread.

    Args:
        app: The app behind it.
        on_reject: Answers in place of the 403.
        policy: What is protected, and by what.
        responder: Answers where `on_reject` is not given.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        on_reject: CsrfRejectResponder | None = None,
        policy: csrf.CsrfPolicy | None = None,
        responder: HttpResponder | None = None,
    ) -> None:
        super().__init__(app, policy=policy, responder=responder)
        self._on_reject = on_reject

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, decision: csrf.CsrfDecision
    ) -> None:
        if self._on_reject is None:
            await super()._refuse(scope, receive, send, decision)
            return
        response = await _called(self._on_reject, Request(scope, receive), decision.reason)
        await response(scope, receive, send)


async def _called(responder: Callable[..., Any], *args: Any) -> Response:
    """Ask a responder without holding the loop."""
    if iscoroutinefunction(responder) or iscoroutinefunction(type(responder).__call__):
        answer = responder(*args)
    else:
        answer = await DEFAULT_OPTIONS.workers.run(responder, *args)
    response: Response = await answer if isawaitable(answer) else answer
    return response
