"""Who calls: `Principal`, and how it is read from the claims of a token."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

PrincipalKind = Literal["user", "service"]


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    Attributes:
        subject: Who it is: a user id, or the name of a service. Never empty.
        kind: `user` or `service`.
        issuer: Who vouches for it.
        roles: Role names.
        scopes: OAuth 2.0 scopes (RFC 6749, section 3.3).
        tenant_id: The tenant it acts for.
        expires_at: Unix seconds at which the credential ends.
        claims: What the verifier gave, untouched.
    """

    subject: str
    _: KW_ONLY
    kind: PrincipalKind = "user"
    issuer: str | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    tenant_id: str | None = None
    expires_at: float | None = None
    claims: Any = None


def principal_of(claims: Any) -> Principal:
    """Make a principal of the claims that `mic.auth` verifies: a mapping, or an object with attributes of the claims' names.

    The subject is `sub`, else `iss`; the kind is `service`; `scope` (a space-separated text or a collection) and `roles` are taken over.

    Raises:
        TypeError: There is neither a `sub` nor an `iss` of text.
    """
    subject = _claim(claims, "sub") or _claim(claims, "iss")
    if not isinstance(subject, str):
        msg = "claims need a 'sub' or an 'iss' of text"
        raise TypeError(msg)
    issuer = _claim(claims, "iss")
    expires_at = _claim(claims, "exp")
    tenant = _claim(claims, "tenant_id")
    return Principal(
        subject,
        kind="service",
        issuer=issuer if isinstance(issuer, str) else None,
        roles=_words(_claim(claims, "roles")),
        scopes=_words(_claim(claims, "scope") or _claim(claims, "scopes")),
        tenant_id=tenant if isinstance(tenant, str) else None,
        expires_at=float(expires_at) if isinstance(expires_at, int | float) else None,
        claims=claims,
    )


def _claim(claims: Any, name: str) -> Any:
    return claims.get(name) if isinstance(claims, Mapping) else getattr(claims, name, None)


def _words(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(item for item in value if isinstance(item, str))
    return frozenset()
