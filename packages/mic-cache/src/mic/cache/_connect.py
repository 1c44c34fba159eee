"""Caches by URL: the registry of the entry-point group `mic.cache`."""

from typing import Any

from mic.cache._async.base import AsyncCacheBackend
from mic.cache._async.memory import AsyncInMemoryCache
from mic.cache._sync.base import CacheBackend
from mic.cache._sync.memory import InMemoryCache
from mic.contracts import StrictSchema
from mic.model import ConfigurationError
from mic.plugins import BackendRegistry, parse_url

__all__ = ["aconnect", "connect"]


class _MemoryOptions(StrictSchema):
    max_entries: int = 10_000
    max_bytes: int = 67_108_864


def connect(url: str, **options: Any) -> CacheBackend:
    """The cache that a URL names; nothing is contacted before its first use.

    Args:
        url: `memory://`, or a scheme of an installed backend: `redis`, `rediss`, `valkey`,
            `valkeys` of mic-cache-redis. Query parameters are the constructor's keyword names;
            those that begin with `driver.` go to the driver as they are.
        **options: Keyword arguments of the constructor; they win over the query.

    Raises:
        ConfigurationError: An unknown scheme (the message names what to install) or parameter.
        ValueError: A value out of its range.
    """
    return _REGISTRY.connect(url, **options)


def aconnect(url: str, **options: Any) -> AsyncCacheBackend:
    """The asynchronous cache that a URL names, as `connect` does; not a coroutine."""
    return _REGISTRY.aconnect(url, **options)


def _memory(url: str, **options: Any) -> CacheBackend:
    return InMemoryCache(**_arguments(url, options))


def _amemory(url: str, **options: Any) -> AsyncCacheBackend:
    return AsyncInMemoryCache(**_arguments(url, options))


def _arguments(url: str, options: dict[str, Any]) -> dict[str, Any]:
    parsed = parse_url(url)
    if parsed.host or parsed.path.strip("/"):
        raise ConfigurationError(message="a cache in memory has no place: write memory://")
    return parsed.options_as(_MemoryOptions).model_dump(exclude_unset=True) | options


_HINTS = dict.fromkeys(("redis", "rediss", "valkey", "valkeys"), "mic-cache-redis")
_REGISTRY: BackendRegistry[CacheBackend, AsyncCacheBackend] = BackendRegistry(
    "mic.cache", hints=_HINTS, builtin={"memory": _memory}, async_builtin={"memory": _amemory}
)
