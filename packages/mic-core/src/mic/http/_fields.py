"""Field rules of RFC 9110 that specs check when they are made, so that a bad value never reaches a
server.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNSAFE_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")

HeaderInput = Mapping[str, str] | Sequence[tuple[str, str]]


def is_token(text: str) -> bool:
    """Tell whether `text` is a `token` (RFC 9110, section 5.6.2)."""
    return _TOKEN.fullmatch(text) is not None


def check_header_value(name: str, value: str) -> None:
    """Refuse control characters (but the tab) and text outside latin-1.

    Raises:
        ValueError: Naming the header, never the value.
    """
    if _UNSAFE_VALUE.search(value) is not None:
        msg = f"header {name!r} has a value with a control character or text outside latin-1"
        raise ValueError(msg)


def header_pairs(headers: HeaderInput) -> tuple[tuple[str, str], ...]:
    """Check headers and give them as ordered pairs.

    Raises:
        ValueError: A name is no token, or a value is not fit for the wire.
    """
    items: Iterable[tuple[str, str]] = headers.items() if isinstance(headers, Mapping) else headers
    pairs = tuple(items)
    for name, value in pairs:
        if not is_token(name):
            msg = f"{name!r} is not a header name (RFC 9110, section 5.6.2)"
            raise ValueError(msg)
        check_header_value(name, value)
    return pairs


def encode_headers(pairs: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Encode checked pairs for ASGI: lower-case names, latin-1."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
