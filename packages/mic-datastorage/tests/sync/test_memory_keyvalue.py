# Generated from async/test_memory_keyvalue.py by "make unasync"; edit that file.
"""What only the in-memory entries do; the rest is in the contract suite."""

import pytest

from mic.datastorage import InMemoryKeyValueDataStorage
from mic.model import TransientError


def test_it_is_bounded() -> None:
    storage = InMemoryKeyValueDataStorage(max_entries=1)
    storage.kv_put("s", "a", 1)
    with pytest.raises(TransientError, match="full"):
        storage.kv_put("s", "b", 1)


def test_every_use_after_dispose_raises() -> None:
    storage = InMemoryKeyValueDataStorage()
    storage.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_get("s", "a")
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_put("s", "a", 1)
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_put_many("s", {"a": 1})
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_put_if_absent("s", "a", 1)
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_delete("s", "a")
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_scan_keys("s")


def test_a_scan_is_of_the_moment_of_its_call() -> None:
    storage = InMemoryKeyValueDataStorage()
    storage.kv_put("s", "a", 1)
    keys = storage.kv_scan_keys("s")
    storage.kv_delete("s", "a")
    assert next(keys) == "a"
    assert next(keys, None) is None
