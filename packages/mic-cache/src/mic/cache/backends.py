"""The interface of a cache, the backend in memory, and by name those of other distributions."""

from typing import TYPE_CHECKING

from mic.cache._async.base import AsyncCacheBackend
from mic.cache._async.memory import AsyncInMemoryCache
from mic.cache._sync.base import CacheBackend
from mic.cache._sync.memory import InMemoryCache
from mic.cache.errors import CacheError
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
    "InMemoryCache",
]
