"""The embedded storages: they need nothing, and everything is lost with the process."""

from mic.datastorage._async.memory import AsyncInMemoryRelationalDataStorage
from mic.datastorage._async.memory_keyvalue import AsyncInMemoryKeyValueDataStorage
from mic.datastorage._sync.memory import InMemoryRelationalDataStorage
from mic.datastorage._sync.memory_keyvalue import InMemoryKeyValueDataStorage

__all__ = [
    "AsyncInMemoryKeyValueDataStorage",
    "AsyncInMemoryRelationalDataStorage",
    "InMemoryKeyValueDataStorage",
    "InMemoryRelationalDataStorage",
]
