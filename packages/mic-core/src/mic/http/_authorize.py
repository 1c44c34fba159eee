"""The gate of a compiled route: who calls, and whether that is enough for this route."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from mic.http._auth_mode import AuthMode
from mic.http._credentials import refuse_two_authorizations
from mic.http._inquiry import Inquiry, forbidden
from mic.http._modes import OPEN_MODES
from mic.http._request import context_of
from mic.http.route_spec import RouteDefinitionError
from mic.model import DomainError, ForbiddenError

if TYPE_CHECKING:
    from mic.http._gate import RouteGate
    from mic.http._types import Scope
    from mic.http.auth_gate import AuthDecision
    from mic.http.context import RequestState
    from mic.http.options import HttpOptions
    from mic.http.principal import Principal
    from mic.http.request_context import HttpRequestContext
    from mic.http.route_spec import HttpRouteSpec

_LOGGER = logging.getLogger("mic.http")
# RFC 6749, section 3.3
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def compile_authorization(spec: HttpRouteSpec, options: HttpOptions) -> Authorization | None:
    """Prepare the gate of a route; `None` for a public route that names no roles or scopes.

    Raises:
        RouteDefinitionError: A scope of the route is no `scope-token` (RFC 6749, section 3.3).
    """
    for scope in spec.scopes:
        if _SCOPE_TOKEN.fullmatch(scope) is None:
            msg = f"route {spec.name!r}: {scope!r} is not a scope (RFC 6749, section 3.3)"
            raise RouteDefinitionError(msg)
    if spec.auth is AuthMode.PUBLIC and not spec.roles and not spec.scopes:
        return None
    return Authorization(spec, options)


class Authorization:
    """Decides for one route. Stateless between requests.

    Guarantees: it returns only after a positive decision for exactly this route; whatever is in
    doubt is refused. Asked are, until one gives a principal that satisfies the mode: the request
    state, the authenticator of the options, the gates around the request. A bad credential does not
    hide a good one after it. A public or optional route that names roles or scopes asks for any
    principal.

    Attributes:
        challenge: The value of `WWW-Authenticate` in a 401 whose error brings none.
    """

    __slots__ = ("_mode", "_options", "_roles", "_spec", "_workers", "challenge")

    def __init__(self, spec: HttpRouteSpec, options: HttpOptions) -> None:
        self._spec = spec
        self._options = options
        self._workers = options.workers
        # nobody has no roles and no scopes: a route that names any has to know its caller
        self._mode = spec.auth
        if spec.auth in OPEN_MODES and (spec.roles or spec.scopes):
            self._mode = AuthMode.AUTHENTICATED
        self._roles = frozenset(spec.roles)
        self.challenge: str = getattr(options.authenticator, "challenge", "Bearer")

    async def __call__(self, scope: Scope, state: RequestState) -> None:
        """Let the request pass and set `state.principal`, or refuse it.

        Raises:
            UnauthorizedError: 401: no credential, or a bad one.
            ForbiddenError: 403: the caller is known, and has the wrong kind, role or scopes.
            TransientError: 503: a verifier can not tell now.
            DomainError: 500 `http.auth_not_configured`: there is nobody to ask.
        """
        try:
            refuse_two_authorizations(scope["headers"])
            state.principal = await self._identify(scope, state)
            self._check_grants(state.principal)
        except DomainError as error:
            if error.http_status_code == 401 and not _has_challenge(error):
                error.headers = {**error.headers, "WWW-Authenticate": self.challenge}
            raise

    async def _identify(self, scope: Scope, state: RequestState) -> Principal | None:
        """The principal of a positive decision; `None` where that comes without one."""
        inquiry = Inquiry(self._mode, self._options.admin_role)
        if state.principal is not None and inquiry.accepts(state.principal):
            return state.principal
        authenticator = self._options.authenticator
        if authenticator is not None or state.gates:
            context = context_of(scope, state)
            if authenticator is not None:
                principal = await inquiry.ask(authenticator, context, self._workers)
                if principal is not None:
                    return principal
            for gate in state.gates:
                decision = await _ask_gate(gate, context, inquiry)
                if decision is not None:
                    return decision.principal
        if not inquiry.answered:
            raise self._not_configured()
        inquiry.conclude()
        return None

    def _check_grants(self, principal: Principal | None) -> None:
        if self._roles and (principal is None or self._roles.isdisjoint(principal.roles)):
            raise forbidden("role")
        scopes = self._spec.scopes
        if scopes and (principal is None or not principal.scopes.issuperset(scopes)):
            wanted = " ".join(scopes)
            raise ForbiddenError(
                code="auth.insufficient_scope",
                message="the credentials do not have the scope that is needed",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{wanted}"'
                },
            )

    def _not_configured(self) -> DomainError:
        _LOGGER.error(
            "route %s has auth=%s, and nobody can authenticate: there is no authenticator, and no"
            " gate around it that verifies credentials of this kind",
            self._spec.name,
            self._spec.auth.value,
        )
        return DomainError(
            code="http.auth_not_configured",
            message="Internal server error",
            http_status_code=500,
        )


async def _ask_gate(
    gate: RouteGate, context: HttpRequestContext, inquiry: Inquiry
) -> AuthDecision | None:
    """The gate's decision where it is positive."""
    try:
        decision = await gate.decide(context, inquiry.mode)
    except DomainError as error:
        inquiry.answered = True
        inquiry.refusals.append(error)
        return None
    return decision if inquiry.takes(decision) else None


def _has_challenge(error: DomainError) -> bool:
    return any(name.lower() == "www-authenticate" for name in error.headers)
