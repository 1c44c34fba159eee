"""Takes a token apart (JWS compact serialization, RFC 7515, section 7.1); believes nothing."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any, NamedTuple

import jwt
from jwt.api_jws import PyJWS

from mic.auth._refusals import RefusalError
from mic.auth._texts import is_encodable, is_kid

# Stricter than PyJWT, which takes padding: RFC 7515, section 2, has none.
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_FORBIDDEN = frozenset({"crit", "b64", "jku", "jwk", "x5u", "x5c", "zip"})
"""Header members that would have us fetch keys, trust the token's own, or do what we do not do."""

_PLAIN_HEADER = frozenset({"alg", "typ", "kid"})
_JWS = PyJWS(options={"verify_signature": False})  # the signature is checked with the right key


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
    try:
        found = _JWS.decode_complete(token)
        text = found["payload"].decode()
        payload = _JSON.decode(text)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    header: dict[str, Any] = found["header"]
    if not isinstance(payload, dict) or not _is_acceptable(header):
        return None
    if "\\" in text and not is_encodable(json.dumps(payload, ensure_ascii=False)):
        return None
    message = token[: token.rindex(".")].encode()
    return Compact(header.get("alg"), header.get("kid"), payload, message, found["signature"])


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
