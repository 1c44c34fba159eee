# Generated from tests/test_async_contract.py by "make unasync"; edit that file.
"""A Redis server, against the suite of the caches' interface."""

from collections.abc import Iterator

import pytest

from mic.cache import CacheBackend, connect
from mic.testing.contracts.cache import CacheBackendContract
from mic.testing.servers import Server


class _Redis:
    options = ""

    @pytest.fixture
    def backend_url(self, redis_server: Server, redis_namespace: str) -> str:
        return f"{redis_server.url}?namespace={redis_namespace}&timeout_seconds=0.5{self.options}"

    @pytest.fixture
    def backend(self, backend_url: str) -> Iterator[CacheBackend]:
        with connect(backend_url) as cache:
            yield cache


class TestRedisCache(_Redis, CacheBackendContract):
    """RESP3."""

    server = "redis_server"
    options = "&driver.protocol=3"


class TestRedisCacheThatDecodes(_Redis, CacheBackendContract):
    """RESP2, and a client that decodes what it is not told to leave."""

    server = "redis_server"
    options = "&driver.protocol=2&decode_responses=true"
