"""How a gate decides, as a state machine without I/O.

`decide` is a generator: it yields the questions that only callbacks of a user can answer, and is
sent the answers. A synchronous and an asynchronous driver so share every rule.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any, Literal

from mic.http._auth_mode import AuthMode
from mic.http._credentials import INVALID_CREDENTIALS, NO_CREDENTIALS, NO_VERIFIER
from mic.http._modes import shortfall
from mic.http.principal import Principal, principal_of
from mic.model import UnauthorizedError

AuthOutcome = Literal["proceed", "missing_credentials", "forbidden"]
Topic = Literal["token", "role", "service"]


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
class Credentials:
    """What a request brings: a user's token, and what stands in the service header."""

    token: str | None
    service: str | None


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


@dataclass(frozen=True, slots=True)
class Question:
    """A question for a callback: is this credential good, or what is the role of its owner?"""

    topic: Topic
    credential: str


Steps = Generator[Question, Any, AuthDecision]

_WANTED: dict[AuthMode, tuple[Topic, ...]] = {
    AuthMode.PUBLIC: (),
    AuthMode.USER: ("token",),
    AuthMode.ADMIN: ("token",),
    AuthMode.SERVICE: ("service",),
    AuthMode.OPTIONAL: ("token", "service"),
    AuthMode.AUTHENTICATED: ("token", "service"),
}


def decide(mode: AuthMode, credentials: Credentials, rules: Rules) -> Steps:
    """Decide for `mode`.

    Guarantees: `proceed` comes only of a positive answer, of `presence_only`, or of a mode that
    lets anonymous requests pass while no credential was sent.

    Yields:
        Questions. What is sent back is the callback's result; an `UnauthorizedError` thrown in
        stands for a bad credential.
    """
    wanted = _WANTED[mode]
    presented = [(topic, value) for topic in wanted if (value := getattr(credentials, topic))]
    if mode is AuthMode.PUBLIC or (mode is AuthMode.OPTIONAL and not presented):
        return AuthDecision("proceed", mode)
    if not rules.presence_only and rules.topics.isdisjoint(wanted):
        return AuthDecision("missing_credentials", mode, NO_VERIFIER)
    refusal: AuthDecision | None = None
    for topic, credential in presented:
        decision = yield from _check(mode, Question(topic, credential), rules)
        if decision.outcome == "proceed":
            return decision
        refusal = refusal or decision
    return refusal or AuthDecision("missing_credentials", mode, NO_CREDENTIALS)


def _check(mode: AuthMode, question: Question, rules: Rules) -> Steps:
    """Decide by one credential."""
    if question.topic not in rules.topics and not rules.presence_only:
        # the other kind can be checked here, so this one is not good rather than unknown
        return AuthDecision("missing_credentials", mode, INVALID_CREDENTIALS)
    principal: Principal | None = None
    try:
        if question.topic in rules.topics:
            answer = yield question
            if not answer:
                return AuthDecision("missing_credentials", mode, INVALID_CREDENTIALS)
            principal = _principal_in(answer, question.topic)
        if mode is AuthMode.ADMIN:
            return (yield from _check_role(question.credential, principal, rules))
    except UnauthorizedError as error:
        return AuthDecision("missing_credentials", mode, error.code)
    return _judge(mode, principal, rules)


def _check_role(token: str, principal: Principal | None, rules: Rules) -> Steps:
    mode = AuthMode.ADMIN
    lacking = None if principal is None else shortfall(principal, mode, rules.admin_role)
    if lacking == "kind" or (principal is not None and lacking is None):
        return _judge(mode, principal, rules)
    if "role" not in rules.topics:
        if principal is None and not rules.presence_only:
            return AuthDecision("missing_credentials", mode, NO_VERIFIER)
        # a token can be present; a role can not
        return AuthDecision("forbidden", mode, "role")
    role = yield Question("role", token)
    if role != rules.admin_role:
        return AuthDecision("forbidden", mode, "role")
    if principal is not None:
        # the route behind the gate asks the principal, so the role that was found goes with it
        principal = replace(principal, roles=principal.roles | {rules.admin_role})
    return AuthDecision("proceed", mode, None, principal)


def _judge(mode: AuthMode, principal: Principal | None, rules: Rules) -> AuthDecision:
    lacking = None if principal is None else shortfall(principal, mode, rules.admin_role)
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
