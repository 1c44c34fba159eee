# Generated from _async/client.py by "make unasync"; edit that file.
"""The client of redis-py that a cache opens."""

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mic.cache_redis._pool_sync import BoundedPool
from mic.cache_redis._settings import RedisSettings, redis_url
from mic.model import ConfigurationError

__all__ = ["make_client"]


def make_client(url: str, settings: RedisSettings) -> Any:
    """A client with explicit timeouts and a bounded pool; it contacts nothing yet.

    Repeating is left to the cache, which knows what may be repeated.

    Args:
        url: As `redis_url` takes it; parameters in its query win over `settings`.
        settings: The rest.

    Raises:
        ConfigurationError: The URL is none of Redis, or has a parameter that redis-py does not
            take.
    """
    target = redis_url(url)
    try:
        pool = BoundedPool.from_url(
            target,
            decode_responses=settings.decode_responses,
            health_check_interval=settings.health_check_interval_seconds,
            max_connections=settings.max_connections,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=settings.connect_timeout_seconds,
            socket_timeout=settings.timeout_seconds,
            timeout=settings.timeout_seconds,
        )
        # Nobody would hear of a wrong parameter before the first connection.
        pool.connection_class(**pool.connection_kwargs)
    except Exception:
        # redis-py has many ways to refuse one, and its text may show it.
        refused = ConfigurationError(
            code="config.invalid_option",
            message="the URL has a parameter that redis-py does not take",
        )
    else:
        return Redis.from_pool(pool)
    raise refused
