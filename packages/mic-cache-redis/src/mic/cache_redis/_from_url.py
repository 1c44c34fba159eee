"""The entry points of `mic.cache.connect` and `aconnect`."""

from typing import Any
from urllib.parse import urlencode

from mic.cache_redis._async.cache import AsyncRedisCache
from mic.cache_redis._sync.cache import RedisCache
from mic.contracts import StrictSchema
from mic.plugins import parse_url

__all__ = ["afrom_url", "from_url"]


class _UrlOptions(StrictSchema):
    """What a URL may say besides the place; the constructor checks the ranges."""

    namespace: str = ""
    decode_responses: bool = False
    timeout_seconds: float = 1.0
    connect_timeout_seconds: float = 1.0
    max_connections: int = 50
    health_check_interval_seconds: int = 30
    retries: int = 1


def from_url(url: str, **options: Any) -> RedisCache:
    """A Redis cache for a URL.

    Args:
        url: `redis://user:password@host:6379/0`, or with `rediss`, `valkey`, `valkeys`; query
            parameters are the constructor's keyword names, and `driver.x` for a parameter `x` of
            redis-py.
        **options: Keyword arguments of the constructor; they win over the query.

    Raises:
        ConfigurationError: An unknown or bad parameter.
        ValueError: A value out of its range.
    """
    return RedisCache(**_arguments(url, options))


def afrom_url(url: str, **options: Any) -> AsyncRedisCache:
    """An asynchronous Redis cache for a URL, as `from_url`; not a coroutine."""
    return AsyncRedisCache(**_arguments(url, options))


def _arguments(url: str, options: dict[str, Any]) -> dict[str, Any]:
    parsed = parse_url(url)
    known = parsed.options_as(_UrlOptions, allow_driver=True).model_dump(exclude_unset=True)
    query = urlencode(dict(parsed.driver_options))
    target = f"{parsed.driver_url}?{query}" if query else parsed.driver_url
    return {"url": target, **known, **options}
