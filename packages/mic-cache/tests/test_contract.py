# Generated from tests/test_async_contract.py by "make unasync"; edit that file.
"""The cache in memory, against the suite of its interface."""

from collections.abc import Iterator

import pytest

from mic.cache import InMemoryCache
from mic.testing import ManualClock
from mic.testing.contracts.cache import CacheBackendContract


class TestInMemoryCache(CacheBackendContract):
    """In memory."""

    @pytest.fixture
    def backend(self, clock: ManualClock) -> Iterator[InMemoryCache]:
        with InMemoryCache(time_fn=clock) as cache:
            yield cache
