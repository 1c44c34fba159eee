# Generated from tests/test_async_contract.py by "make unasync"; edit that file.
"""SQLite, in a file and in memory, against the suites of the storage interfaces."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mic.datastorage_sql import SqlDataStorage
from mic.testing.contracts.datastorage import (
    DataStorageContract,
    UnitOfWorkContract,
)
from mic.testing.contracts.repository import RepositoryContract


class _File:
    record_type: type[Any]

    @pytest.fixture
    def backend(self, account_type: type[Any], tmp_path: Path) -> Iterator[SqlDataStorage]:
        self.record_type = account_type
        with SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
            storage.create_all()
            yield storage


class _Memory:
    record_type: type[Any]

    @pytest.fixture
    def backend(self, account_type: type[Any]) -> Iterator[SqlDataStorage]:
        self.record_type = account_type
        with SqlDataStorage(url="sqlite://") as storage:
            storage.create_all()
            yield storage


class TestFileLifecycle(_File, DataStorageContract):
    """A file: lifecycle."""


class TestFileUnitOfWork(_File, UnitOfWorkContract):
    """A file: units of work."""


class TestFileRepository(_File, RepositoryContract):
    """A file: repositories."""


class TestMemoryLifecycle(_Memory, DataStorageContract):
    """SQLite in memory: lifecycle."""


class TestMemoryUnitOfWork(_Memory, UnitOfWorkContract):
    """SQLite in memory: units of work."""


class TestMemoryRepository(_Memory, RepositoryContract):
    """SQLite in memory: repositories."""
