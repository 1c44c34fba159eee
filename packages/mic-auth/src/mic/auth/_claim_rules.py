"""What the claims of a token must be (RFC 7519, section 4.1): pure, with the time handed in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from mic.auth._frozen import EMPTY, FrozenDict, freeze
from mic.auth._refusals import RefusalError
from mic.auth._scopes import parse_scope
from mic.auth._texts import is_plain
from mic.auth.claims import ServiceAuthClaims

REGISTERED = frozenset({"iss", "aud", "iat", "exp", "sub", "jti", "nbf"})
"""Claims that are no further members."""

_MAX_AUDIENCES = 8
_END_OF_TIME = 2**53
"""Numbers that a double holds exactly end here, and JSON's numbers are doubles to many."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a verifier asks of claims.

    Attributes:
        audience: Who the token must be for.
        leeway: Seconds by which clocks may differ.
        max_age: The most seconds since `iat`; `None` leaves that to `exp`.
        needs_subject: Whether `sub` must be there.
        needs_id: Whether `jti` must be there.
    """

    audience: str
    leeway: int
    max_age: int | None
    needs_subject: bool
    needs_id: bool


class Checked(NamedTuple):
    """Claims, and when they hold: `first <= now < until`, Unix seconds."""

    claims: ServiceAuthClaims
    first: int
    until: int


def check_claims(payload: dict[str, Any], issuer: str, rules: Rules, now: float) -> Checked:
    """Check the claims of a token whose signature is good.

    Missing claims come first, then wrong types, audience, times, subject and scope.

    Args:
        payload: The claims.
        issuer: The issuer that has been found allowed: the claim `iss`.
        rules: What is asked.
        now: Unix seconds.

    Raises:
        RefusalError: The first rule that does not hold.
    """
    if not ("aud" in payload and "iat" in payload and "exp" in payload):
        raise RefusalError("missing_claim")
    jti = _name(payload, "jti")
    if jti is None:
        if rules.needs_id:
            raise RefusalError("missing_claim")
    elif not jti:
        raise RefusalError("malformed")
    subject = _name(payload, "sub")
    issued = first = _seconds(payload["iat"])
    expires = until = _seconds(payload["exp"])
    if "nbf" in payload:
        first = max(first, _seconds(payload["nbf"]))
    if rules.max_age is not None:
        until = min(until, issued + rules.max_age)
    first -= rules.leeway
    until += rules.leeway
    _check_audience(payload["aud"], rules.audience)
    # Asked this way round, a clock that gives NaN lets nobody in.
    if not now < until:
        raise RefusalError("expired")
    if not first <= now:
        raise RefusalError("not_yet_valid")
    if rules.needs_subject and (subject is None or not subject.strip()):
        raise RefusalError("missing_subject")
    scopes: tuple[str, ...] | None = ()
    if "scope" in payload:
        scopes = parse_scope(payload["scope"])
        if scopes is None:
            raise RefusalError("invalid_scope")
    claims = ServiceAuthClaims.model_construct(
        iss=issuer,
        aud=rules.audience,
        iat=issued,
        exp=expires,
        sub=subject,
        jti=jti,
        extra=_further(payload),
        scopes=scopes,
    )
    return Checked(claims, first, until)


def _name(payload: dict[str, Any], claim: str) -> str | None:
    if claim not in payload:
        return None
    value = payload[claim]
    if not isinstance(value, str) or not is_plain(value):
        raise RefusalError("malformed")
    return value


def _seconds(value: object) -> int:
    # JSON gives these very types; a boolean is an integer to Python, and no time to anybody.
    if type(value) is float and math.isfinite(value):
        value = math.floor(value)
    if type(value) is not int or not 0 <= value < _END_OF_TIME:
        raise RefusalError("malformed")
    return value


def _check_audience(value: object, ours: str) -> None:
    if isinstance(value, str):
        if value == ours:
            return
    elif isinstance(value, list) and len(value) <= _MAX_AUDIENCES:
        if not all(isinstance(each, str) for each in value):
            raise RefusalError("malformed")
        if ours in value:
            return
    else:
        raise RefusalError("malformed")
    raise RefusalError("invalid_audience")


def _further(payload: dict[str, Any]) -> FrozenDict:
    if payload.keys() <= REGISTERED:
        return EMPTY
    return FrozenDict(
        {name: freeze(value) for name, value in payload.items() if name not in REGISTERED}
    )
