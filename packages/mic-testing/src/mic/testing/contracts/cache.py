"""The suites of caches: the published methods, and the whole interface."""

from mic.testing.contracts._async.cache import AsyncCacheBackendContract
from mic.testing.contracts._async.cache_basic import AsyncBasicCacheContract
from mic.testing.contracts._sync.cache import CacheBackendContract
from mic.testing.contracts._sync.cache_basic import BasicCacheContract

__all__ = [
    "AsyncBasicCacheContract",
    "AsyncCacheBackendContract",
    "BasicCacheContract",
    "CacheBackendContract",
]
