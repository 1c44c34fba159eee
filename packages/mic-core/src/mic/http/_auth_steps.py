"""How a gate decides, without I/O of its own.

`decide` is a coroutine that waits for nothing but the answers of a user's callbacks. Where those
are synchronous it never waits at all, so that synchronous callers share every rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mic.http._auth_mode import AuthMode
from mic.http._credentials import INVALID_CREDENTIALS, NO_CREDENTIALS, NO_VERIFIER
from mic.http._modes import shortfall
from mic.http.principal import Principal, principal_of
from mic.model import UnauthorizedError

AuthOutcome = Literal["proceed", "missing_credentials", "forbidden"]
Topic = Literal["token", "role", "service"]

# members of an enumeration take a while to look up
_ADMIN = AuthMode.ADMIN
_OPTIONAL = AuthMode.OPTIONAL
_PUBLIC = AuthMode.PUBLIC


@dataclass(frozen=True, slots=True)
class AuthDecision:
    """What a gate decided about a request.

    Attributes:
        outcome: `proceed`; `missing_credentials` (nothing was sent, or it is bad: 401); `forbidden`
            (the caller is known and may not: 403).
        mode: The mode that was decided for.
        reason: Why it is refused: `no_credentials`, `no_verifier` (there is nobody who could check
            the credential), `invalid_credentials` or the code of the verifier's own error; `kind`
            or `role` with `forbidden`.
        principal: Who calls, where the verifier said so.
    """

    outcome: AuthOutcome
    mode: AuthMode = AuthMode.PUBLIC
    reason: str | None = None
    principal: Principal | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decision rests on, besides the credentials.

    Attributes:
        topics: The questions that somebody can answer.
        admin_role: The role that `AuthMode.ADMIN` asks for.
        presence_only: Whether a credential that nobody can check counts as good.
    """

    topics: frozenset[Topic]
    admin_role: str
    presence_only: bool = False


Presented = Sequence[tuple[Topic, str]]
"""The credentials that a request brings: what each is good for, and its text."""

Ask = Callable[[Topic, str], Any]
"""Asks whether a credential is good, or for the role of its owner; gives the answer or an awaitable
of it.
"""

# decisions never change, so one is enough of those that most requests get
_PROCEED: dict[AuthMode, AuthDecision] = {mode: AuthDecision("proceed", mode) for mode in AuthMode}

WANTED: dict[AuthMode, tuple[Topic, ...]] = {
    AuthMode.PUBLIC: (),
    AuthMode.USER: ("token",),
    AuthMode.ADMIN: ("token",),
    AuthMode.SERVICE: ("service",),
    AuthMode.OPTIONAL: ("token", "service"),
    AuthMode.AUTHENTICATED: ("token", "service"),
}
"""The kinds of credentials that a mode looks at, in this order."""


async def decide(
    mode: AuthMode, presented: Presented, rules: Rules, ask: Ask
) -> tuple[AuthDecision, UnauthorizedError | None]:
    """Decide for `mode`.

    Guarantees: `proceed` comes only of a positive answer, of `presence_only`, or of a mode that
    lets anonymous requests pass while no credential was sent. Only topics that the rules have are
    asked about.

    Args:
        mode: The mode.
        presented: The credentials, of the kinds in `WANTED` and in their order.
        rules: What the decision rests on besides.
        ask: Asks a callback; an `UnauthorizedError` that it raises stands for a bad credential.

    Returns:
        The decision, and the first error that a callback raised.
    """
    if mode is _PUBLIC or (mode is _OPTIONAL and not presented):
        return _PROCEED[mode], None
    if not rules.presence_only and rules.topics.isdisjoint(WANTED[mode]):
        return AuthDecision("missing_credentials", mode, NO_VERIFIER), None
    refusal: AuthDecision | None = None
    error: UnauthorizedError | None = None
    for topic, credential in presented:
        try:
            if topic in rules.topics:
                answer = ask(topic, credential)
                if hasattr(type(answer), "__await__"):
                    answer = await answer
            else:
                # where the other kind can be checked, this one is not good rather than unknown
                answer = rules.presence_only
            if not answer:
                decision = AuthDecision("missing_credentials", mode, INVALID_CREDENTIALS)
            elif mode is _ADMIN:
                decision = await _check_role(credential, _principal_in(answer, topic), rules, ask)
            else:
                decision = _judge(mode, _principal_in(answer, topic), rules)
        except UnauthorizedError as raised:
            decision = AuthDecision("missing_credentials", mode, raised.code)
            error = error or raised
        if decision.outcome == "proceed":
            return decision, error
        refusal = refusal or decision
    return refusal or AuthDecision("missing_credentials", mode, NO_CREDENTIALS), error


async def _check_role(
    token: str, principal: Principal | None, rules: Rules, ask: Ask
) -> AuthDecision:
    lacking = None if principal is None else shortfall(principal, _ADMIN, rules.admin_role)
    if lacking == "kind" or (principal is not None and lacking is None):
        return _judge(_ADMIN, principal, rules)
    if "role" not in rules.topics:
        if principal is None and not rules.presence_only:
            return AuthDecision("missing_credentials", _ADMIN, NO_VERIFIER)
        # a token can be present; a role can not
        return AuthDecision("forbidden", _ADMIN, "role")
    role = ask("role", token)
    if hasattr(type(role), "__await__"):
        role = await role
    if role != rules.admin_role:
        return AuthDecision("forbidden", _ADMIN, "role")
    if principal is not None:
        # the route behind the gate asks the principal, so the role that was found goes with it
        principal = replace(principal, roles=principal.roles | {rules.admin_role})
    return AuthDecision("proceed", _ADMIN, None, principal)


def _judge(mode: AuthMode, principal: Principal | None, rules: Rules) -> AuthDecision:
    if principal is None:
        return _PROCEED[mode]
    lacking = shortfall(principal, mode, rules.admin_role)
    if lacking is not None:
        return AuthDecision("forbidden", mode, lacking)
    return AuthDecision("proceed", mode, None, principal)


def _principal_in(answer: Any, topic: Topic) -> Principal | None:
    """Who calls, where the positive answer says so: a principal, or the claims of a service."""
    if isinstance(answer, Principal):
        return answer
    if topic == "service":
        try:
            return principal_of(answer)
        except TypeError:
            return None
    return None
