"""Who calls: `Principal`, and how it is read from the claims of a token."""

from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

PrincipalKind = Literal["user", "service"]

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    Guarantees: roles and scopes are sets of whole names (a single string in their place is refused,
    so that a part of a name never passes for the name). `repr` leaves the claims out.

    Attributes:
        subject: Who it is: a user id, or the name of a service. Never empty.
        kind: `user` or `service`.
        issuer: Who vouches for it.
        roles: Role names; any collection is taken.
        scopes: OAuth 2.0 scopes (RFC 6749, section 3.3); any collection is taken.
        tenant_id: The tenant it acts for.
        expires_at: Unix seconds at which the credential ends. Whoever verified the credential has
            checked it.
        claims: What the verifier gave, untouched.

    Raises:
        ValueError: `subject` is empty, or `kind` is neither of the two.
        TypeError: `subject` is not a string, or `roles` or `scopes` is not a collection of
            strings.
    """

    subject: str
    _: KW_ONLY
    kind: PrincipalKind = "user"
    issuer: str | None = None
    roles: frozenset[str] = _NONE
    scopes: frozenset[str] = _NONE
    tenant_id: str | None = None
    expires_at: float | None = None
    claims: Any = field(default=None, repr=False, hash=False)

    def __post_init__(self) -> None:
        _check_subject(self.subject)
        if self.kind not in ("user", "service"):
            msg = "the kind of a principal must be 'user' or 'service'"
            raise ValueError(msg)
        for name in ("roles", "scopes"):
            value = getattr(self, name)
            # most principals have the empty sets of the defaults
            if value is not _NONE:
                object.__setattr__(self, name, _names(name, value))


def _check_subject(value: object) -> None:
    if not isinstance(value, str):
        msg = f"the subject of a principal must be a string, not {type(value).__name__}"
        raise TypeError(msg)
    if not value:
        msg = "the subject of a principal must not be empty"
        raise ValueError(msg)


def _names(what: str, value: Collection[str]) -> frozenset[str]:
    if isinstance(value, frozenset):
        names = value
    elif isinstance(value, list | tuple | set):
        names = frozenset(value)
    else:
        msg = f"{what} of a principal must be a collection of strings, not {type(value).__name__}"
        raise TypeError(msg)
    if not all(isinstance(name, str) for name in names):
        msg = f"{what} of a principal must hold strings only"
        raise TypeError(msg)
    return names


def principal_of(claims: Any) -> Principal:
    """Make a principal of the claims that `mic.auth` verifies.

    The kind is `service`; the subject is `sub`, else `iss`; `scope` and `scopes` (text separated by
    spaces, or a collection), `roles`, `tenant_id` and `exp` are taken over. What does not have the
    expected type is left out, never guessed. The claims must have been verified before.

    Args:
        claims: A mapping, or an object with attributes of the claims' names; what it has no
            attribute for is looked up in the mapping `extra` that it may have.

    Raises:
        TypeError: There is neither a `sub` nor an `iss` of text.
    """
    subject = _text(_claim(claims, "sub")) or _text(_claim(claims, "iss"))
    if subject is None:
        msg = "claims need a 'sub' or an 'iss' of text"
        raise TypeError(msg)
    return Principal(
        subject,
        kind="service",
        issuer=_text(_claim(claims, "iss")),
        roles=_words(_claim(claims, "roles")),
        scopes=_words(_claim(claims, "scopes")) | _words(_claim(claims, "scope")),
        tenant_id=_text(_claim(claims, "tenant_id")),
        expires_at=_seconds(_claim(claims, "exp")),
        claims=claims,
    )


def _claim(claims: Any, name: str) -> Any:
    if isinstance(claims, Mapping):
        return claims.get(name)
    value = getattr(claims, name, None)
    extra = getattr(claims, "extra", None)
    return extra.get(name) if value is None and isinstance(extra, Mapping) else value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _seconds(value: Any) -> float | None:
    # a bool is an int to Python, and no time to anybody; the range leaves NaN out as well
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 2**53 else None


def _words(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(item for item in value if isinstance(item, str))
    return frozenset()
