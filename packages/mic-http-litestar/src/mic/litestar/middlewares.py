"""The middleware of `mic.http` for Litestar apps; gates whose responders write the answer.

Each class is plain ASGI middleware: `MicStack(inner=(...))` takes it, and so does Litestar's
`DefineMiddleware`. Litestar's own `middleware=` sees requests that have a route, nothing else.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from mic.http.adapter import ASGIApp, Receive, Scope, Send
from mic.http.auth_gate import AuthMode, AuthPolicy, ResolveRoleCallback, VerifyTokenCallback
from mic.http.csrf import CsrfDecision, CsrfPolicy
from mic.http.middleware import AuthGateMiddleware as _AuthGate
from mic.http.middleware import (
    CorrelationMiddleware,
    CorrelationStartHook,
    HttpRequestSample,
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
from mic.http.middleware import CsrfMiddleware as _Csrf
from mic.http.middleware.auth_gate import Refusal

if TYPE_CHECKING:
    from mic.http.authenticators import Authenticator

__all__ = [
    "AuthGateMiddleware",
    "AuthGateResponder",
    "CorrelationMiddleware",
    "CorrelationStartHook",
    "CsrfMiddleware",
    "CsrfRejectResponder",
    "HttpRequestSample",
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

AuthGateResponder = Callable[[Scope, Send, str, AuthMode], Awaitable[None] | None]
"""Sends the answer to a refused request; called with scope, send, reason and the mode asked for."""

CsrfRejectResponder = Callable[[Scope, Send, str], Awaitable[None] | None]
"""Sends the answer to a rejected request; called with scope, send and the reason."""


class AuthGateMiddleware(_AuthGate):
    """`mic.http.middleware.AuthGateMiddleware`, with responders that write to `send` themselves.

    Guarantees: those of its base. A responder is called for HTTP only; a WebSocket is refused as
    the base does it.

    Args:
        app: The app behind it.
        policy: Which mode guards which path.
        on_missing_credentials: Answers a request without good credentials; by default the 401
            problem.
        on_forbidden: Answers a caller without the role; by default the 403 problem.
        resolve_role: Gives the role of a token's owner, for ADMIN.
        verify_token: Tells whether a user's token is good; it may give a `Principal`.
        verify_service: Tells whether a service's token is good.
        authenticator: Turns credentials into a principal, in place of the callbacks or before them.
        responder: Answers what the two responders above do not.
        presence_only: Lets a credential pass that no callback checks.
        callbacks_in_thread: `False` runs synchronous callbacks on the loop.

    Raises:
        ValueError: The policy has a mode that nothing can check, and `presence_only` is False.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: AuthPolicy,
        on_missing_credentials: AuthGateResponder | None = None,
        on_forbidden: AuthGateResponder | None = None,
        resolve_role: ResolveRoleCallback | Callable[[str], Any] | None = None,
        verify_token: VerifyTokenCallback | Callable[[str], Any] | None = None,
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
        self._on_missing = on_missing_credentials
        self._on_forbidden = on_forbidden

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        decision = refusal.decision
        forbidden = decision.outcome == "forbidden"
        answer = self._on_forbidden if forbidden else self._on_missing
        if answer is None or scope["type"] != "http":
            await super()._refuse(scope, receive, send, refusal)
        else:
            reason = decision.reason or decision.outcome
            await _finish(answer(scope, send, reason, decision.mode))


class CsrfMiddleware(_Csrf):
    """`mic.http.middleware.CsrfMiddleware`, with a responder that writes to `send` itself.

    Args:
        app: The app behind it.
        on_reject: Answers a rejected request; by default the 403 problem.
        policy: What is protected, and how.
        responder: Answers in place of the problem document where there is no `on_reject`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        on_reject: CsrfRejectResponder | None = None,
        policy: CsrfPolicy | None = None,
        responder: HttpResponder | None = None,
    ) -> None:
        super().__init__(app, policy=policy, responder=responder)
        self._on_reject = on_reject

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, decision: CsrfDecision
    ) -> None:
        if self._on_reject is None:
            await super()._refuse(scope, receive, send, decision)
        else:
            await _finish(self._on_reject(scope, send, decision.reason or decision.outcome))


async def _finish(result: Awaitable[None] | None) -> None:
    if inspect.isawaitable(result):
        await result
