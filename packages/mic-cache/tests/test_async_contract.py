"""The cache in memory, against the suite of its interface."""

from collections.abc import AsyncIterator

import pytest

from mic.cache import AsyncInMemoryCache
from mic.testing import ManualClock
from mic.testing.contracts.cache import AsyncCacheBackendContract


class TestAsyncInMemoryCache(AsyncCacheBackendContract):
    """In memory."""

    @pytest.fixture
    async def backend(self, clock: ManualClock) -> AsyncIterator[AsyncInMemoryCache]:
        async with AsyncInMemoryCache(time_fn=clock) as cache:
            yield cache
