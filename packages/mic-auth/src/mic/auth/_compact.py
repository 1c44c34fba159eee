"""Takes a token apart (JWS compact serialization, RFC 7515, section 7.1); believes nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from typing import Any, NamedTuple

from mic.auth._refusals import RefusalError
from mic.auth._texts import is_encodable, is_kid

# Not with PyJWT, which looks at every character in Python: that alone would make a first
# verification dearer than `jwt.decode`. And stricter: no padding (RFC 7515, section 2).
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_DEEPEST = 64
_FORBIDDEN = frozenset({"crit", "b64", "jku", "jwk", "x5u", "x5c", "zip"})
"""Header members that would have us fetch keys, trust the token's own, or do what we do not do."""

_PLAIN_HEADER = frozenset({"alg", "typ", "kid"})


class Compact(NamedTuple):
    """The parts of a token, none of them verified."""

    algorithm: object
    kid: str | None
    payload: dict[str, Any]
    message: bytes
    signature: bytes


def digest_of(token: object, max_bytes: int) -> bytes:
    """Give the SHA-256 of a token, under which it is remembered.

    Raises:
        RefusalError: `invalid_token`: it is no text, empty, too long, or not ASCII.
    """
    if (
        not isinstance(token, str)
        or not token
        or len(token) > max_bytes
        or not token.isascii()  # from here on characters are bytes
    ):
        raise RefusalError("invalid_token")
    return hashlib.sha256(token.encode()).digest()


def parse(token: str) -> Compact:
    """Take a token apart.

    Raises:
        RefusalError: `malformed`.
    """
    parts = _parts(token)
    if parts is None:  # outside of any handler: what they caught quotes the token
        raise RefusalError("malformed")
    return parts


def _parts(token: str) -> Compact | None:
    if _SHAPE.fullmatch(token) is None:
        return None
    segments = token.split(".")
    try:
        header, text, signature = (_decode(segment) for segment in segments)
        head = _JSON.decode(header.decode())
        payload = _JSON.decode(text.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(head, dict) or not isinstance(payload, dict) or not _is_acceptable(head):
        return None
    # Python's own limit is another one in every version.
    if text.count(b"{") + text.count(b"[") > _DEEPEST and not _is_shallow(payload):
        return None
    # Only an escape can bring in what UTF-8 can not hold.
    if b"\\" in text and not is_encodable(json.dumps(payload, ensure_ascii=False)):
        return None
    message = token[: -len(segments[2]) - 1].encode()
    return Compact(head.get("alg"), head.get("kid"), payload, message, signature)


def _is_shallow(payload: object) -> bool:
    """Whether objects and arrays are nested no deeper than 64 in each other."""
    layer = [payload]
    for _ in range(_DEEPEST):
        inside: list[object] = []
        for each in layer:
            if isinstance(each, dict):
                inside.extend(each.values())
            elif isinstance(each, list):
                inside.extend(each)
        layer = inside
    return not any(isinstance(each, dict | list) for each in layer)


def _decode(segment: str) -> bytes:
    """Decode base64url, of which there is one spelling only.

    Raises:
        ValueError: It is another spelling, or none.
    """
    raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != segment.encode():
        raise ValueError("bits that are not used")
    return raw


def _is_acceptable(header: dict[str, Any]) -> bool:
    names = header.keys()
    if not names <= _PLAIN_HEADER and not names.isdisjoint(_FORBIDDEN):
        return False
    if "typ" in header:
        kind = header["typ"]
        if kind != "JWT" and not (isinstance(kind, str) and kind.upper() == "JWT"):
            return False
    return "kid" not in header or is_kid(header["kid"])


def _refuse_constant(name: str) -> float:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return number


_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
