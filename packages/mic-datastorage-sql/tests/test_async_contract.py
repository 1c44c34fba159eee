"""SQLite, in a file and in memory, against the suites of the storage interfaces."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mic.datastorage_sql import AsyncSqlDataStorage
from mic.testing.contracts.datastorage import (
    AsyncDataStorageContract,
    AsyncUnitOfWorkContract,
)
from mic.testing.contracts.repository import AsyncRepositoryContract


class _AsyncFile:
    record_type: type[Any]

    @pytest.fixture
    async def backend(
        self, account_type: type[Any], tmp_path: Path
    ) -> AsyncIterator[AsyncSqlDataStorage]:
        self.record_type = account_type
        async with AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
            await storage.create_all()
            yield storage


class _AsyncMemory:
    record_type: type[Any]

    @pytest.fixture
    async def backend(self, account_type: type[Any]) -> AsyncIterator[AsyncSqlDataStorage]:
        self.record_type = account_type
        async with AsyncSqlDataStorage(url="sqlite://") as storage:
            await storage.create_all()
            yield storage


class TestAsyncFileLifecycle(_AsyncFile, AsyncDataStorageContract):
    """A file: lifecycle."""


class TestAsyncFileUnitOfWork(_AsyncFile, AsyncUnitOfWorkContract):
    """A file: units of work."""


class TestAsyncFileRepository(_AsyncFile, AsyncRepositoryContract):
    """A file: repositories."""


class TestAsyncMemoryLifecycle(_AsyncMemory, AsyncDataStorageContract):
    """SQLite in memory: lifecycle."""


class TestAsyncMemoryUnitOfWork(_AsyncMemory, AsyncUnitOfWorkContract):
    """SQLite in memory: units of work."""


class TestAsyncMemoryRepository(_AsyncMemory, AsyncRepositoryContract):
    """SQLite in memory: repositories."""
