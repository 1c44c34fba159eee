"""The text form of a place in a keyset walk: pure, the same in every backend.

A cursor is base64url (RFC 4648, section 5) without padding, of compact JSON
`{"v":1,"h":<fingerprint>,"k":[<sort keys>..., <id>]}`, where the fingerprint is 12 hex digits of
SHA-256 over the canonical query and the type. With a secret the first 16 bytes of an HMAC-SHA256
(RFC 2104) over the JSON follow it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from mic.datastorage.errors import InvalidCursorError, InvalidQueryError

if TYPE_CHECKING:
    from mic.datastorage.query import AnyOf, Condition, Order

_VERSION = 1
_MAC_BYTES = 16
MAX_CURSOR_LENGTH = 8192
"""Longer texts are refused before anything is decoded."""

_DAMAGE = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,  # of a decimal
    AttributeError,  # of a UUID
    RecursionError,
)
"""What reading a text that somebody made up can raise."""

_WRITERS: Sequence[tuple[type, str, Callable[[Any], str]]] = (
    (datetime, "datetime", lambda value: value.isoformat(timespec="microseconds")),
    (date, "date", date.isoformat),
    (time, "time", lambda value: value.isoformat(timespec="microseconds")),
    (Decimal, "decimal", str),
    (UUID, "uuid", str),
    (bytes, "bytes", bytes.hex),
)
_READERS: Mapping[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}


def spec_fingerprint(
    where: Sequence[Condition | AnyOf], order: Sequence[Order], *, type_name: str
) -> str:
    """Twelve hex digits that stand for a query and its record type.

    The same in every process: members of `in` and `not_in` are put in order first.
    """
    canonical = [
        type_name,
        [_canonical_term(term) for term in where],
        [[each.field, each.direction.value] for each in order],
    ]
    return hashlib.sha256(_compact(canonical)).hexdigest()[:12]


def encode_cursor(keys: Sequence[Any], *, fingerprint: str, secret: bytes | None = None) -> str:
    """The cursor for the place after the record that has these sort keys.

    Args:
        keys: The values of the sort terms and of the id, in order.
        fingerprint: What `spec_fingerprint` gives for the query.
        secret: Signs the cursor, so that a client cannot make one of its own.

    Raises:
        InvalidQueryError: A key has a type that a cursor cannot hold.
    """
    body = _compact({"v": _VERSION, "h": fingerprint, "k": [_written(key) for key in keys]})
    signed = body if secret is None else body + _mac(body, secret)
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def decode_cursor(
    cursor: str, *, fingerprint: str, count: int, secret: bytes | None = None
) -> tuple[Any, ...]:
    """The sort keys in a cursor.

    Args:
        cursor: A text that a client sent.
        fingerprint: What `spec_fingerprint` gives for the query that is being asked.
        count: How many keys the query has.
        secret: The secret that it was signed with, if any; compared in constant time.

    Raises:
        InvalidCursorError: The text is no cursor, was changed, or belongs to another query.
    """
    body = _signed_body(cursor, secret)
    try:
        content = json.loads(body)
        keys = [_read(key) for key in content["k"]]
        known = content["v"] == _VERSION and hmac.compare_digest(content["h"], fingerprint)
    except _DAMAGE as error:
        raise _refused() from error
    if not known or len(keys) != count:
        raise _refused()
    return tuple(keys)


def _signed_body(cursor: str, secret: bytes | None) -> bytes:
    if not isinstance(cursor, str) or len(cursor) > MAX_CURSOR_LENGTH:
        raise _refused()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _refused() from error
    if secret is None:
        return raw
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, secret)):
        raise _refused()
    return body


def _mac(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, body, "sha256")[:_MAC_BYTES]


def _refused() -> InvalidCursorError:
    return InvalidCursorError(message="the cursor is not one of this query")


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        # Engines sort an enumeration by name, memory by value: no order is common to them.
        raise InvalidQueryError(message="an enumeration cannot be the sort key of a page")
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidQueryError(message="a number that is not finite cannot be a sort key")
        return value
    for kind, tag, write in _WRITERS:
        if isinstance(value, kind):
            return [tag, write(value)]
    raise InvalidQueryError(message="a field of this type cannot be the sort key of a page")


def _read(value: Any) -> Any:
    if isinstance(value, list):
        tag, text = value
        return _READERS[tag](text)
    if isinstance(value, dict) or (isinstance(value, float) and not math.isfinite(value)):
        raise TypeError("not a sort key")
    return value


def _canonical_term(term: Condition | AnyOf) -> Any:
    if hasattr(term, "conditions"):
        return ["any", [_canonical_term(each) for each in term.conditions]]
    value = term.value
    if isinstance(value, tuple):
        return [term.field, term.op.value, sorted(_canonical_value(each) for each in value)]
    return [term.field, term.op.value, _canonical_value(value)]


def _canonical_value(value: Any) -> str:
    return f"{type(value).__name__}:{value!s}"


def _compact(value: Any) -> bytes:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")
