"""Reads API keys, and compares them by their hashes."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache

from mic.http._fields import is_token
from mic.model import UnauthorizedError

__all__ = ["hash_api_key", "parse_api_key", "verify_api_key"]

_MAX_LENGTH = 8192
_TOKEN68 = r"([A-Za-z0-9\-._~+/]+=*)"
_BARE = re.compile(_TOKEN68, re.ASCII)


def parse_api_key(header_value: str | None, *, scheme: str | None = None) -> str:
    """Give the API key of a header value.

    Guarantees: exactly one `token68` (RFC 9110, section 11.2) of at most 8,192 characters comes
    out, character for character as it was sent. The message of the error never holds any part of
    the header.

    Args:
        header_value: The value of the header, `None` where there is none.
        scheme: The word that has to stand before the key, in any case (`ApiKey`); `None`: the key
            stands alone.

    Raises:
        UnauthorizedError: `api_key.invalid_header`: there is no value, or it is not as said
            above.
        ValueError: `scheme` is not a token (RFC 9110, section 5.6.2).
    """
    pattern = _BARE if scheme is None else _pattern(scheme)
    if header_value is None:
        raise UnauthorizedError(code="api_key.invalid_header", message="the API key is missing")
    match = pattern.fullmatch(header_value.strip(" \t"))
    if match is None or len(match[1]) > _MAX_LENGTH:
        raise UnauthorizedError(
            code="api_key.invalid_header", message="the header does not hold one API key"
        )
    return match[1]


@lru_cache(maxsize=32)
def _pattern(scheme: str) -> re.Pattern[str]:
    if not is_token(scheme):
        msg = "scheme must be a token (RFC 9110, section 5.6.2)"
        raise ValueError(msg)
    return re.compile(f"{re.escape(scheme)} +{_TOKEN68}", re.ASCII | re.IGNORECASE)


def hash_api_key(key: str) -> str:
    """Give what is stored in place of a key: SHA-256 of its UTF-8 form, 64 hex digits.

    One plain hash is enough because a key is random and long; never use it for passwords that
    people choose.

    Raises:
        ValueError: The key is empty.
    """
    if not key:
        msg = "an API key must not be empty"
        raise ValueError(msg)
    return hashlib.sha256(key.encode()).hexdigest()


def verify_api_key(key: str, hashes: Iterable[str]) -> bool:
    """Tell whether `key` is one of the keys behind `hashes`.

    Guarantees: every hash is compared, each in constant time, so that the time taken tells neither
    which one fits nor how much of it.

    Args:
        key: The key as it was sent; an empty one is never good.
        hashes: What `hash_api_key` gave, in any case.
    """
    found = False
    digest = hash_api_key(key).encode() if key else b""
    for known in hashes:
        # `|=`, not `or`: the comparison must take place whatever came before
        found |= bool(digest) & hmac.compare_digest(digest, known.lower().encode())
    return found
