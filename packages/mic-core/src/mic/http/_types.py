"""The ASGI vocabulary used everywhere in `mic.http` (ASGI 3.0, HTTP sub-specification 2.3)."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

EMPTY: Mapping[str, Any] = MappingProxyType({})
"""The one empty read-only mapping behind every `{}` default."""


def empty_mapping() -> Mapping[str, Any]:
    """Return `EMPTY`; a default factory for dataclass fields."""
    return EMPTY
