"""Lets only requests of other services pass: `ServiceAuthMiddleware`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from mic.http._calls import Call
from mic.http._credentials import ambiguous_credentials, invalid_credentials
from mic.http._request import route_path
from mic.http._types import ASGIApp, RawHeaders, Receive, Scope, Send
from mic.http.bearer import parse_bearer_token
from mic.http.context import request_state
from mic.http.middleware._correlating import kept_state
from mic.http.middleware._refusals import exact_paths, is_preflight, refuse
from mic.http.options import DEFAULT_OPTIONS
from mic.http.principal import Principal, principal_of
from mic.model import DomainError

CLAIMS_KEY = "service_auth_claims"
"""Where the verified claims stand in `scope["state"]`."""


class TokenVerifier(Protocol):
    """Verifies a token; `ServiceAuthVerifier` of `mic-auth` and its asynchronous twin fit."""

    def verify(self, token: str) -> Any:
        """Give the claims of a good token, or a coroutine of them; raise `UnauthorizedError`, or
        give `None` or `False`, for a bad one.

        A synchronous one runs in a worker thread, unless the attribute `performs_io` is False.
        """
        ...


class ServiceAuthMiddleware:
    """ASGI middleware that asks every request for a service's bearer token.

    Guarantees: a request reaches the app only on a public path (compared exactly, with the decoded
    path less the mount point), as a CORS preflight, or with a token that the verifier accepts;
    two `Authorization` lines are refused. WebSockets are refused before they are accepted: with the
    problem document where the server offers that, else with close code 4401. Behind it
    `scope["state"]["service_auth_claims"]` holds the claims, and the request state the principal.

    Args:
        app: The app behind it.
        verifier: Verifies tokens.
        public_paths: Paths that need no token.
        to_principal: Makes the principal of the claims; by default `principal_of`. Claims that name
            no subject then give none.

    Raises:
        TypeError: `public_paths` is one text.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        verifier: TokenVerifier,
        public_paths: frozenset[str],
        to_principal: Callable[[Any], Principal] | None = None,
    ) -> None:
        self._app = app
        self._verify = Call(verifier.verify)
        self._public_paths = exact_paths("public_paths", public_paths)
        self._to_principal = _principal_or_none if to_principal is None else to_principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] in ("http", "websocket") and not self._is_public(scope):
            try:
                claims = self._verify.start(DEFAULT_OPTIONS.workers, _token_in(scope["headers"]))
                if hasattr(type(claims), "__await__"):
                    claims = await claims
                self._admit(scope, claims)
            except DomainError as error:
                await refuse(scope, receive, send, error)
                return
        await self._app(scope, receive, send)

    def _is_public(self, scope: Scope) -> bool:
        return route_path(scope) in self._public_paths or is_preflight(scope)

    def _admit(self, scope: Scope, claims: Any) -> None:
        if claims is None or claims is False:
            raise invalid_credentials()
        principal = claims if isinstance(claims, Principal) else self._to_principal(claims)
        kept_state(scope)[CLAIMS_KEY] = claims
        request_state(scope).principal = principal


def _token_in(headers: RawHeaders) -> str:
    lines = [value for name, value in headers if name == b"authorization"]
    if len(lines) > 1:
        raise ambiguous_credentials()
    return parse_bearer_token(lines[0].decode("latin-1") if lines else None)


def _principal_or_none(claims: Any) -> Principal | None:
    try:
        return principal_of(claims)
    except TypeError:
        return None
