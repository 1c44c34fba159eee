"""Reads bearer tokens from the `Authorization` header."""

import re

from mic.model import UnauthorizedError

__all__ = ["DEFAULT_MAX_LENGTH", "parse_bearer_token"]

DEFAULT_MAX_LENGTH = 8192
"""The longest token that is looked at, in characters."""

# RFC 6750, section 2.1: "Bearer" 1*SP b64token. ASCII, because IGNORECASE would otherwise let
# U+017F and U+212A stand for s and k.
_BEARER = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*)", re.ASCII | re.IGNORECASE)


def parse_bearer_token(
    authorization_header: str | None,
    *,
    code: str = "service_auth.invalid_header",
    max_length: int = DEFAULT_MAX_LENGTH,
) -> str:
    """Give the token of an `Authorization: Bearer` header (RFC 6750, section 2.1).

    Guarantees: exactly one `token68` comes out, character for character as it was sent; two tokens,
    two header lines joined by a comma, and any other scheme are refused. The message of the error
    never holds any part of the header.

    Args:
        authorization_header: The value of the header, `None` where there is none. The scheme may
            be in any case.
        code: The code of the error.
        max_length: The longest token in characters, at least 1.

    Raises:
        UnauthorizedError: There is no header, or it is not one bearer token of at most `max_length`
            characters.
        ValueError: `max_length` is below 1.
    """
    if max_length < 1:
        msg = "max_length must be at least 1"
        raise ValueError(msg)
    if authorization_header is None:
        raise UnauthorizedError(code=code, message="the Authorization header is missing")
    match = _BEARER.fullmatch(authorization_header.strip(" \t"))
    if match is None or len(match[1]) > max_length:
        raise UnauthorizedError(
            code=code, message="the Authorization header does not hold one bearer token"
        )
    return match[1]
