"""The suites of storages: lifecycle, unit of work, key-value."""

from mic.testing.contracts._async.datastorage import (
    AsyncDataStorageContract,
    AsyncKeyValueContract,
    AsyncUnitOfWorkContract,
)
from mic.testing.contracts._storage_records import ContractRecord
from mic.testing.contracts._sync.datastorage import (
    DataStorageContract,
    KeyValueContract,
    UnitOfWorkContract,
)

__all__ = [
    "AsyncDataStorageContract",
    "AsyncKeyValueContract",
    "AsyncUnitOfWorkContract",
    "ContractRecord",
    "DataStorageContract",
    "KeyValueContract",
    "UnitOfWorkContract",
]
