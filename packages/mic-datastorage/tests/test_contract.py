# Generated from tests/test_async_contract.py by "make unasync"; edit that file.
"""The in-memory storages, against the suites of their interfaces."""

from collections.abc import Iterator

import pytest

from mic.datastorage import (
    InMemoryKeyValueDataStorage,
    InMemoryRelationalDataStorage,
)
from mic.testing import ManualClock
from mic.testing.contracts.datastorage import (
    DataStorageContract,
    KeyValueContract,
    UnitOfWorkContract,
)
from mic.testing.contracts.repository import RepositoryContract


class _Relational:
    @pytest.fixture
    def backend(self) -> Iterator[InMemoryRelationalDataStorage]:
        with InMemoryRelationalDataStorage() as storage:
            yield storage


class _KeyValue:
    @pytest.fixture
    def backend(self, clock: ManualClock) -> Iterator[InMemoryKeyValueDataStorage]:
        with InMemoryKeyValueDataStorage(time_fn=clock) as storage:
            yield storage


class TestRelationalLifecycle(_Relational, DataStorageContract):
    """Records in memory: lifecycle."""


class TestRelationalUnitOfWork(_Relational, UnitOfWorkContract):
    """Records in memory: units of work."""


class TestRelationalRepository(_Relational, RepositoryContract):
    """Records in memory: repositories."""


class TestKeyValueLifecycle(_KeyValue, DataStorageContract):
    """Entries in memory: lifecycle."""


class TestKeyValueEntries(_KeyValue, KeyValueContract):
    """Entries in memory: values and lifetimes."""
