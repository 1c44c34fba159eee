"""A cache on Redis or Valkey."""

from mic.cache_redis._async.cache import AsyncRedisCache
from mic.cache_redis._from_url import afrom_url, from_url
from mic.cache_redis._sync.cache import RedisCache

__all__ = ["AsyncRedisCache", "RedisCache", "afrom_url", "from_url"]
