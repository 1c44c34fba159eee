"""The grammar of scopes: narrower than RFC 6749, section 3.3, and the same for both sides."""

import re
from collections.abc import Iterable

MAX_SCOPES = 64
"""The most scopes that a token may have."""

_SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")


def is_scope(text: object) -> bool:
    """Whether something is one scope."""
    return isinstance(text, str) and _SCOPE.fullmatch(text) is not None


def are_scopes(scopes: tuple[object, ...]) -> bool:
    """Whether these are scopes, not too many, and each one only once."""
    return (
        len(scopes) <= MAX_SCOPES
        and all(is_scope(each) for each in scopes)
        and len(set(scopes)) == len(scopes)
    )


def parse_scope(claim: object) -> tuple[str, ...] | None:
    """Read the claim `scope`: scopes with one space between them; `None` for anything else."""
    if not isinstance(claim, str):
        return None
    scopes = tuple(claim.split(" "))
    return scopes if are_scopes(scopes) else None


def checked_scopes(scopes: Iterable[str], what: str) -> tuple[str, ...]:
    """Give a parameter that is a collection of scopes.

    Raises:
        TypeError: It is a single string.
        ValueError: There are too many, one is malformed, or one is given twice.
    """
    if isinstance(scopes, str):
        msg = f"{what} must be a collection of scopes, not one string"
        raise TypeError(msg)
    found = tuple(scopes)
    if not are_scopes(found):
        msg = f"{what} must be at most {MAX_SCOPES} different scopes of [A-Za-z0-9._:/-]"
        raise ValueError(msg)
    return found
