"""The key-value capability, and its form in memory."""

from mic.datastorage._async.keyvalue import AsyncKeyValueCapability
from mic.datastorage._async.memory_keyvalue import AsyncInMemoryKeyValueDataStorage
from mic.datastorage._sync.keyvalue import KeyValueCapability
from mic.datastorage._sync.memory_keyvalue import InMemoryKeyValueDataStorage

__all__ = [
    "AsyncInMemoryKeyValueDataStorage",
    "AsyncKeyValueCapability",
    "InMemoryKeyValueDataStorage",
    "KeyValueCapability",
]
