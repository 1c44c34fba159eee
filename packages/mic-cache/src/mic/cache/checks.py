"""What every backend refuses before it does anything: no I/O.

A third party's backend calls the same functions, so that a mistake fails alike everywhere.
"""

from collections.abc import Iterable, Mapping

from mic.cache.errors import InvalidTtlError

__all__ = [
    "MAX_KEY_BYTES",
    "MAX_TTL_SECONDS",
    "MIN_TTL_SECONDS",
    "check_amount",
    "check_items",
    "check_key",
    "check_keys",
    "check_ttl",
    "check_value",
    "matches",
]

MAX_KEY_BYTES = 1024
"""The longest key, in bytes of UTF-8."""

MIN_TTL_SECONDS = 0.001
"""The shortest lifetime."""

MAX_TTL_SECONDS = 1e12
"""Longer lifetimes are kept as this one, some 30 000 years: engines count in 64 bits."""

_MAX_AMOUNT = 2**63 - 1


def check_key(key: str) -> bytes:
    """Give a key in UTF-8.

    Args:
        key: 1 to 1024 bytes in UTF-8, without the character NUL.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, too long, holds NUL, or is no text (a lone surrogate).
    """
    if not isinstance(key, str):
        raise TypeError(f"a key must be a string, not {type(key).__name__}")
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        # Its message and its `object` would show the key.
        raise ValueError("a key must be text that has a form in UTF-8") from None
    if not 1 <= len(encoded) <= MAX_KEY_BYTES:
        raise ValueError(f"a key must be 1 to {MAX_KEY_BYTES} bytes long in UTF-8")
    if b"\0" in encoded:
        raise ValueError("a key must not hold the character NUL")
    return encoded


def check_keys(keys: Iterable[str]) -> dict[str, bytes]:
    """Give several keys in UTF-8, each once, in their order.

    Raises:
        TypeError: One is not a string, or `keys` is one string.
        ValueError: One is no key, as `check_key` says.
    """
    if isinstance(keys, str | bytes):
        raise TypeError("give a sequence of keys, not one key")
    return {key: check_key(key) for key in keys}


def check_value(value: bytes) -> bytes:
    """Give a value, or what a compare operation expects, as it is.

    Args:
        value: `bytes`; nothing that could change later.

    Raises:
        TypeError: It is not `bytes`.
    """
    if not isinstance(value, bytes):
        raise TypeError(f"a value must be bytes, not {type(value).__name__}")
    return value


def check_items(items: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give several items as they are, each key and value checked.

    Raises:
        TypeError: A key is not a string, a value not `bytes`, or `items` is no mapping.
        ValueError: A key is no key, as `check_key` says.
    """
    if not isinstance(items, Mapping):
        raise TypeError("give a mapping of keys to values")
    for key, value in items.items():
        check_key(key)
        check_value(value)
    return dict(items)


def check_ttl(ttl_seconds: float) -> float:
    """Give a lifetime in seconds.

    Args:
        ttl_seconds: A finite number of at least 0.001; as an `int` at least 1.

    Returns:
        The same as a float, at most `MAX_TTL_SECONDS`.

    Raises:
        InvalidTtlError: It is anything else.
    """
    if isinstance(ttl_seconds, int | float) and not isinstance(ttl_seconds, bool):
        least = 1 if isinstance(ttl_seconds, int) else MIN_TTL_SECONDS
        # The comparison refuses NaN, and takes an `int` that is too large for a float.
        if least <= ttl_seconds < float("inf"):
            return float(min(ttl_seconds, MAX_TTL_SECONDS))
    raise InvalidTtlError(
        f"ttl_seconds must be a finite number of at least {MIN_TTL_SECONDS}, as an int at least 1"
    )


def check_amount(amount: int) -> int:
    """Give the amount of an increment.

    Args:
        amount: Any signed 64-bit integer.

    Raises:
        TypeError: It is not an `int`.
        ValueError: It does not fit 64 bits.
    """
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise TypeError(f"amount must be an int, not {type(amount).__name__}")
    if not -_MAX_AMOUNT - 1 <= amount <= _MAX_AMOUNT:
        raise ValueError("amount must be a signed 64-bit integer")
    return amount


def matches(current: bytes, expected: bytes, *, prefix: bool) -> bool:
    """Whether a stored value is what a compare operation expects.

    Args:
        current: The stored value.
        expected: The whole value, or how it has to begin.
        prefix: Whether `expected` is only the beginning.
    """
    return current.startswith(expected) if prefix else current == expected
