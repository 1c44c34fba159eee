"""How a value is replaced."""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

FieldRedactor = Callable[[Any], Any]
"""Gives what is shown in place of a value."""

FieldRedactors = dict[str, FieldRedactor]
"""Redactors by field name."""

REDACTED_SECRET = "[REDACTED]"
"""What stands in place of a dropped value."""

_MASK = "***"
_KEY_ID = re.compile(r"[A-Za-z0-9._\-]{0,32}")


def redact_drop(value: Any) -> str:
    """Give `[REDACTED]`, whatever the value: for secrets."""
    del value
    return REDACTED_SECRET


def redact_mask(value: Any) -> str:
    """Give `***`, whatever the value."""
    del value
    return _MASK


def redact_hash(value: Any) -> str:
    """Give `h:` and 16 hexadecimal digits, the same for the same value: to correlate.

    BLAKE2b (RFC 7693) of `str(value)` without a key, 64 bits: whoever can guess the value can
    confirm the guess. A `RedactionPolicy` with a `hash_key` replaces this function by a keyed one
    of 128 bits; set one in production. `None` becomes `[REDACTED]`.
    """
    return REDACTED_SECRET if value is None else f"h:{_digest(value, size=8, key=b'')}"


def redact_partial(keep_last: int = 4) -> FieldRedactor:
    """Make a redactor that shows the end of a value: `***1234`.

    Of a value with less than twice as many characters nothing is shown; `None` becomes
    `[REDACTED]`.

    Args:
        keep_last: How many characters are shown, not negative.

    Raises:
        ValueError: `keep_last` is negative.
    """
    if keep_last < 0:
        raise ValueError("keep_last must not be negative")

    def redact(value: Any) -> str:
        if value is None:
            return REDACTED_SECRET
        text = str(value)
        shown = text[len(text) - keep_last :] if len(text) >= 2 * keep_last else ""
        return _MASK + shown

    return redact


def keyed_hash(key: bytes, key_id: str) -> FieldRedactor:
    """Make the keyed form of `redact_hash`: `h:`, the key id with a colon, 32 hexadecimal digits.

    Raises:
        ValueError: The key is empty or longer than 64 bytes, or the id has other characters than
            letters, digits, `.`, `_` and `-`, or more than 32.
    """
    if not 1 <= len(key) <= 64:
        raise ValueError("hash_key must have 1 to 64 bytes")
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError("hash_key_id must be at most 32 letters, digits, '.', '_' or '-'")
    prefix = f"h:{key_id}:" if key_id else "h:"

    def redact_hash_keyed(value: Any) -> str:
        if value is None:
            return REDACTED_SECRET
        return prefix + _digest(value, size=16, key=key)

    return redact_hash_keyed


def _digest(value: Any, *, size: int, key: bytes) -> str:
    # Lone surrogates must not make a value impossible to redact.
    data = str(value).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=size, key=key).hexdigest()
