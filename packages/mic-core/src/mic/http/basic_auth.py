"""Reads user name and password from the `Authorization` header."""

import binascii
import re

from mic.model import UnauthorizedError

__all__ = ["parse_basic_auth"]

_MAX_LENGTH = 8192
# RFC 7617, section 2: "Basic" 1*SP token68, which base64 narrows to this alphabet
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.ASCII | re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def parse_basic_auth(authorization_header: str | None) -> tuple[str, str]:
    """Give user name and password of an `Authorization: Basic` header (RFC 7617).

    Guarantees: strict base64 of at most 8,192 characters (padded, no stray bits, so that one pair
    has one spelling), UTF-8, no control characters, split at the first colon. The message of the
    error never holds any part of the header.

    Args:
        authorization_header: The value of the header, `None` where there is none. The scheme may
            be in any case.

    Returns:
        User name (it may be empty) and password (it may be empty, and may hold colons).

    Raises:
        UnauthorizedError: `basic_auth.invalid_header`: there is no header, or it is not as said
            above.
    """
    if authorization_header is None:
        raise _invalid("the Authorization header is missing")
    match = _BASIC.fullmatch(authorization_header.strip(" \t"))
    if match is None or len(match[1]) > _MAX_LENGTH:
        raise _invalid("the Authorization header does not hold basic credentials")
    text = _decoded(match[1])
    if text is None:
        raise _invalid("the basic credentials are malformed")
    user, found, password = text.partition(":")
    if not found or _CONTROL.search(text) is not None:
        raise _invalid("the basic credentials are malformed")
    return user, password


def _decoded(encoded: str) -> str | None:
    # `None` rather than an error: one raised in here would drag along, as its context, an exception
    # that holds the password
    try:
        raw = binascii.a2b_base64(encoded)
        text = raw.decode()
    except ValueError:
        return None
    # what does not come out again as it went in was not strict
    return text if binascii.b2a_base64(raw, newline=False).decode() == encoded else None


def _invalid(message: str) -> UnauthorizedError:
    return UnauthorizedError(code="basic_auth.invalid_header", message=message)
