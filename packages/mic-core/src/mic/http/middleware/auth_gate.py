"""Asks who calls, in front of routes of any framework: `AuthGateMiddleware`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mic.http._auth_mode import AuthMode
from mic.http._auth_steps import Rules, Topic, decide
from mic.http._calls import Call
from mic.http._credential_reader import CredentialReader
from mic.http._credentials import (
    INVALID_CREDENTIALS,
    NO_CREDENTIALS,
    NO_VERIFIER,
    missing_credentials,
    refuse_two_authorizations,
)
from mic.http._inquiry import Inquiry
from mic.http._request import context_of, route_path
from mic.http._types import ASGIApp, Receive, Scope, Send
from mic.http.auth_gate import (
    AuthDecision,
    AuthPolicy,
    ResolveRoleCallback,
    VerifyTokenCallback,
)
from mic.http.context import request_state
from mic.http.middleware._refusals import (
    BEARER,
    HttpResponder,
    Responder,
    is_preflight,
    refuse,
    refuse_with,
)
from mic.http.options import DEFAULT_OPTIONS
from mic.model import DomainError

if TYPE_CHECKING:
    from mic.http.authenticators import Authenticator
    from mic.http.request_context import HttpRequestContext

_PUBLIC = AuthMode.PUBLIC
_SLASHES = re.compile("/{2,}")
_STRICTNESS = {
    AuthMode.PUBLIC: 0,
    AuthMode.OPTIONAL: 1,
    AuthMode.AUTHENTICATED: 2,
    AuthMode.USER: 3,
    AuthMode.SERVICE: 3,
    AuthMode.ADMIN: 4,
}
# which callbacks a mode can be decided with; each inner set is enough
_NEEDS: dict[AuthMode, tuple[frozenset[Topic], ...]] = {
    AuthMode.PUBLIC: (frozenset(),),
    AuthMode.USER: (frozenset({"token"}),),
    AuthMode.ADMIN: (frozenset({"token", "role"}),),
    AuthMode.SERVICE: (frozenset({"service"}),),
    AuthMode.OPTIONAL: (frozenset({"token"}), frozenset({"service"})),
    AuthMode.AUTHENTICATED: (frozenset({"token"}), frozenset({"service"})),
}
_PARAMETERS: Mapping[Topic, str] = {
    "token": "verify_token",
    "role": "resolve_role",
    "service": "verify_service",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request, as `AuthGateMiddleware._refuse` gets it.

    Attributes:
        decision: What was decided: `missing_credentials` or `forbidden`, the reason, the mode.
        error: The error that is answered when nobody answers otherwise.
    """

    decision: AuthDecision
    error: DomainError


class AuthGateMiddleware:
    """ASGI middleware that lets requests pass by an `AuthPolicy`.

    Guarantees: it decides at once for the mode that the policy has for the request (templates on
    the decoded path less the mount point, HEAD as GET; a path with doubled or trailing slashes also
    as the path without them, whichever is stricter, because some frameworks fold them). It enters
    the request state, so that a compiled route behind it can have it decide for the route's own
    mode too: the stricter of policy and route wins. Native routes of a framework are protected by
    their path only. CORS preflights pass, unless the policy names OPTIONS for the path. WebSockets
    are refused before they are accepted. Presence is no proof: a mode that no callback and no
    authenticator can check is refused when the gate is made.

    Asked are the authenticator, then the callbacks. A callback may be asynchronous; a synchronous
    one runs in a worker thread, unless `callbacks_in_thread` is False, or its own attribute
    `performs_io` is. An `UnauthorizedError` of a callback refuses the credential with its code; a
    `TransientError` is answered 503; any other error passes through.

    A host whose published callbacks have another shape subclasses this and overrides `_refuse`.

    Args:
        app: The app behind it.
        policy: Which mode guards which path.
        resolve_role: Gives the role of a token's owner, for ADMIN.
        verify_token: Tells whether a user's token is good; it may give a `Principal`.
        verify_service: Tells whether a service's token is good; it may give a `Principal` or
            claims.
        authenticator: Turns credentials into a principal, in place of the callbacks or before them.
        responder: Answers refused requests (401 and 403) in place of the problem document.
        presence_only: Lets a credential pass that no callback checks, as the published versions
            did: whoever sends any text is let in. A role is never present. Without effect beside an
            authenticator.
        callbacks_in_thread: `False` runs synchronous callbacks on the loop: only for callbacks that
            never wait.

    Raises:
        ValueError: The policy has a mode that nothing can check, and `presence_only` is False.

    Warns:
        UserWarning: `presence_only` lets credentials pass that nothing checks.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: AuthPolicy,
        resolve_role: ResolveRoleCallback | Callable[[str], Any] | None = None,
        verify_token: VerifyTokenCallback | Callable[[str], Any] | None = None,
        verify_service: Callable[[str], Any] | None = None,
        authenticator: Authenticator | None = None,
        responder: HttpResponder | None = None,
        presence_only: bool = False,
        callbacks_in_thread: bool = True,
    ) -> None:
        given: dict[Topic, Callable[[str], Any] | None] = {
            "token": verify_token,
            "role": resolve_role,
            "service": verify_service,
        }
        self._calls = {
            topic: Call(callback, inline=not callbacks_in_thread)
            for topic, callback in given.items()
            if callback is not None
        }
        self._app = app
        self._policy = policy
        self._reader = CredentialReader(policy)
        self._authenticator = authenticator
        self._challenge: str = getattr(authenticator, "challenge", BEARER)
        self._responder = (
            None if responder is None else Responder(responder, challenge=self._challenge)
        )
        topics = frozenset(self._calls)
        self._rules = Rules(topics, policy.admin_role, presence_only and authenticator is None)
        if authenticator is None:
            _check_callbacks(policy, topics, presence_only=presence_only)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        state = request_state(scope)
        entry = _Entry(self, scope)
        mode = self._mode_of(scope)
        if mode is not _PUBLIC:
            try:
                decision = await self.judge(scope, None, mode)
                if decision.outcome != "proceed":
                    raise missing_credentials()
            except DomainError as error:
                await self._turn_away(scope, receive, send, mode, error)
                return
            if decision.principal is not None:
                state.principal = decision.principal
            entry.decisions[mode] = decision
        around = state.gates
        state.gates = (*around, entry)
        try:
            await self._app(scope, receive, send)
        finally:
            state.gates = around

    def _mode_of(self, scope: Scope) -> AuthMode:
        """The mode that the policy has for a request, as strict as any reading of its path."""
        path = route_path(scope)
        method = scope.get("method", "GET")
        policy = self._policy
        if method == "OPTIONS" and is_preflight(scope) and not policy.names(method, path):
            return _PUBLIC
        mode = policy.mode_for(method, path)
        if path[-1:] == "/" or "//" in path:
            folded = _SLASHES.sub("/", path).rstrip("/") or "/"
            mode = max(mode, policy.mode_for(method, folded), key=_STRICTNESS.__getitem__)
        return mode

    async def judge(
        self, scope: Scope, context: HttpRequestContext | None, mode: AuthMode
    ) -> AuthDecision:
        """Decide for a request as if its route had `mode`.

        Args:
            scope: The request.
            context: Its context, where somebody has made one; callbacks do without.
            mode: The mode.

        Returns:
            A positive decision, or `missing_credentials` with the reason `no_verifier`.

        Raises:
            DomainError: Every other refusal; a verifier that can not tell.
        """
        if self._authenticator is None:
            presented = self._reader.presented(scope, mode)
            decision, refusal = await decide(mode, presented, self._rules, self._ask)
            if decision.outcome == "proceed":
                return decision
            inquiry = Inquiry(mode, self._rules.admin_role)
            inquiry.takes(decision, refusal)
        else:
            refuse_two_authorizations(scope["headers"])
            inquiry = Inquiry(mode, self._rules.admin_role)
            asked = context_of(scope) if context is None else context
            principal = await inquiry.ask(self._authenticator, asked, DEFAULT_OPTIONS.workers)
            if principal is not None:
                return AuthDecision("proceed", mode, None, principal)
            if self._calls:
                presented = self._reader.presented(scope, mode)
                decision, refusal = await decide(mode, presented, self._rules, self._ask)
                if inquiry.takes(decision, refusal):
                    return decision
        if not inquiry.answered:
            return AuthDecision("missing_credentials", mode, NO_VERIFIER)
        inquiry.conclude()
        return AuthDecision("proceed", mode)

    def _ask(self, topic: Topic, credential: str) -> Any:
        return self._calls[topic].start(DEFAULT_OPTIONS.workers, credential)

    async def _turn_away(
        self, scope: Scope, receive: Receive, send: Send, mode: AuthMode, error: DomainError
    ) -> None:
        decision = _decision_of(error, mode)
        if decision is None:
            await refuse(scope, receive, send, error, challenge=self._challenge)
        else:
            await self._refuse(scope, receive, send, Refusal(decision, error))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
        """Answer a refused request. Override it to answer otherwise; call it for the default."""
        if self._responder is None:
            await refuse(scope, receive, send, refusal.error, challenge=self._challenge)
            return
        answer = await self._responder.answer(scope, refusal.decision)
        await refuse_with(scope, receive, send, answer)


class _Entry:
    """The gate in the state of one request. What was decided for a mode is not asked again."""

    __slots__ = ("_gate", "_scope", "decisions")

    def __init__(self, gate: AuthGateMiddleware, scope: Scope) -> None:
        self._gate = gate
        self._scope = scope
        self.decisions: dict[AuthMode, AuthDecision] = {}

    async def decide(self, context: HttpRequestContext, mode: AuthMode) -> AuthDecision:
        """As `RouteGate` has it."""
        decision = self.decisions.get(mode)
        if decision is None:
            decision = await self._gate.judge(self._scope, context, mode)
            self.decisions[mode] = decision
        return decision


def _check_callbacks(policy: AuthPolicy, topics: frozenset[Topic], *, presence_only: bool) -> None:
    missing: set[str] = set()
    for mode in policy.modes():
        options = _NEEDS[mode]
        if not any(needed <= topics for needed in options):
            missing |= {_PARAMETERS[topic] for topic in options[0] - topics}
    if not missing:
        return
    named = ", ".join(sorted(missing))
    if not presence_only:
        msg = (
            f"the policy has modes that nothing can check: give {named}, or an authenticator."
            " That a credential is present proves nothing"
        )
        raise ValueError(msg)
    warnings.warn(
        f"AuthGateMiddleware(presence_only=True) lets every credential pass: {named} not given",
        UserWarning,
        stacklevel=3,
    )


def _decision_of(error: DomainError, mode: AuthMode) -> AuthDecision | None:
    """The decision that an error stands for; `None`: it is no decision, but a failure."""
    if error.http_status_code == 401:
        reasons = {
            "auth.missing_credentials": NO_CREDENTIALS,
            "auth.invalid_credentials": INVALID_CREDENTIALS,
        }
        return AuthDecision("missing_credentials", mode, reasons.get(error.code, error.code))
    if error.http_status_code == 403:
        reason = error.details.get("reason")
        return AuthDecision("forbidden", mode, reason if isinstance(reason, str) else error.code)
    return None
