"""A cache of bytes with mandatory lifetimes: in memory, or on a server by changing a URL.

Names of backends that are distributions of their own (`RedisCache`) are resolved on first use.
"""

from typing import TYPE_CHECKING

from mic.cache._connect import aconnect, connect
from mic.cache.backends import (
    AsyncCacheBackend,
    AsyncInMemoryCache,
    CacheBackend,
    InMemoryCache,
)
from mic.cache.errors import CacheError, CacheUnavailableError, InvalidTtlError
from mic.plugins import LazyExport, make_lazy_exports

if TYPE_CHECKING:
    from mic.cache_redis import AsyncRedisCache as AsyncRedisCache
    from mic.cache_redis import RedisCache as RedisCache

__getattr__, __dir__ = make_lazy_exports(
    __name__,
    {
        name: LazyExport("mic.cache_redis", "mic-cache-redis", requires=("redis",))
        for name in ("AsyncRedisCache", "RedisCache")
    },
)

__all__ = [
    "AsyncCacheBackend",
    "AsyncInMemoryCache",
    "CacheBackend",
    "CacheError",
    "CacheUnavailableError",
    "InMemoryCache",
    "InvalidTtlError",
    "aconnect",
    "connect",
]
