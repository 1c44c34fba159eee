"""A Redis server, against the suite of the caches' interface."""

from collections.abc import AsyncIterator

import pytest

from mic.cache import AsyncCacheBackend, aconnect
from mic.testing.contracts.cache import AsyncCacheBackendContract
from mic.testing.servers import Server


class _AsyncRedis:
    options = ""

    @pytest.fixture
    def backend_url(self, redis_server: Server, redis_namespace: str) -> str:
        return f"{redis_server.url}?namespace={redis_namespace}&timeout_seconds=0.5{self.options}"

    @pytest.fixture
    async def backend(self, backend_url: str) -> AsyncIterator[AsyncCacheBackend]:
        async with aconnect(backend_url) as cache:
            yield cache


class TestAsyncRedisCache(_AsyncRedis, AsyncCacheBackendContract):
    """RESP3."""

    server = "redis_server"
    options = "&driver.protocol=3"


class TestAsyncRedisCacheThatDecodes(_AsyncRedis, AsyncCacheBackendContract):
    """RESP2, and a client that decodes what it is not told to leave."""

    server = "redis_server"
    options = "&driver.protocol=2&decode_responses=true"
