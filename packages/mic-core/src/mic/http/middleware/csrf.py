"""Refuses forged requests: `CsrfMiddleware`."""

from __future__ import annotations

from collections.abc import Iterable

from mic.http._request import cookie_pairs, route_path
from mic.http._types import ASGIApp, Receive, Scope, Send
from mic.http._wire import pick_headers
from mic.http.csrf import CsrfDecision, CsrfPolicy
from mic.http.middleware._refusals import HttpResponder, Responder, refuse, refuse_with
from mic.model import ForbiddenError

_MESSAGES = {
    "cross_site": "the request comes from another site",
    "missing_token": "the CSRF token is missing",
    "token_mismatch": "the CSRF token is not valid",
}


class CsrfMiddleware:
    """ASGI middleware that protects cookie-authenticated requests; see `mic.http.csrf`.

    Guarantees: a rejected request never reaches the app; it is answered 403 `csrf.<reason>`. Every
    `Cookie` line is read. A CSRF or session cookie that comes twice with different values is not
    believed. WebSocket scopes pass through: check their `Origin` where they are accepted.

    A host whose published callbacks have another shape subclasses this and overrides `_refuse`.

    Args:
        app: The app behind it.
        policy: What is protected, and how.
        responder: Answers rejected requests in place of the problem document.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: CsrfPolicy | None = None,
        responder: HttpResponder | None = None,
    ) -> None:
        self._app = app
        self._policy = policy or CsrfPolicy()
        names = (*self._policy.request_headers(), "cookie")
        self._wanted = frozenset(name.encode() for name in names)
        self._without_cookies = self._policy.judge({}, {})
        self._responder = None if responder is None else Responder(responder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or reject it."""
        if scope["type"] == "http":
            decision = self._decide(scope)
            if decision.outcome == "reject":
                await self._refuse(scope, receive, send, decision)
                return
        await self._app(scope, receive, send)

    def _decide(self, scope: Scope) -> CsrfDecision:
        exemption = self._policy.exemption(scope["method"], route_path(scope))
        if exemption is not None:
            return exemption
        found = pick_headers(scope["headers"], self._wanted)
        if b"cookie" not in found:
            return self._without_cookies
        headers = {name.decode(): value.decode("latin-1") for name, value in found.items()}
        return self._policy.judge(headers, _grouped(cookie_pairs(scope)))

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, decision: CsrfDecision
    ) -> None:
        """Answer a rejected request. Override it to answer otherwise; call it for the default."""
        if self._responder is not None:
            answer = await self._responder.answer(scope, decision)
            await refuse_with(scope, receive, send, answer)
            return
        reason = decision.reason or "rejected"
        message = _MESSAGES.get(reason, "the request was rejected")
        await refuse(scope, receive, send, ForbiddenError(code=f"csrf.{reason}", message=message))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Every value of each cookie, in the order received."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values
