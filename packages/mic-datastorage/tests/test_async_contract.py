"""The in-memory storages, against the suites of their interfaces."""

from collections.abc import AsyncIterator

import pytest

from mic.datastorage import (
    AsyncInMemoryKeyValueDataStorage,
    AsyncInMemoryRelationalDataStorage,
)
from mic.testing import ManualClock
from mic.testing.contracts.datastorage import (
    AsyncDataStorageContract,
    AsyncKeyValueContract,
    AsyncUnitOfWorkContract,
)
from mic.testing.contracts.repository import AsyncRepositoryContract


class _AsyncRelational:
    @pytest.fixture
    async def backend(self) -> AsyncIterator[AsyncInMemoryRelationalDataStorage]:
        async with AsyncInMemoryRelationalDataStorage() as storage:
            yield storage


class _AsyncKeyValue:
    @pytest.fixture
    async def backend(self, clock: ManualClock) -> AsyncIterator[AsyncInMemoryKeyValueDataStorage]:
        async with AsyncInMemoryKeyValueDataStorage(time_fn=clock) as storage:
            yield storage


class TestAsyncRelationalLifecycle(_AsyncRelational, AsyncDataStorageContract):
    """Records in memory: lifecycle."""


class TestAsyncRelationalUnitOfWork(_AsyncRelational, AsyncUnitOfWorkContract):
    """Records in memory: units of work."""


class TestAsyncRelationalRepository(_AsyncRelational, AsyncRepositoryContract):
    """Records in memory: repositories."""


class TestAsyncKeyValueLifecycle(_AsyncKeyValue, AsyncDataStorageContract):
    """Entries in memory: lifecycle."""


class TestAsyncKeyValueEntries(_AsyncKeyValue, AsyncKeyValueContract):
    """Entries in memory: values and lifetimes."""
