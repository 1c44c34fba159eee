"""What only the in-memory entries do; the rest is in the contract suite."""

import pytest

from mic.datastorage import AsyncInMemoryKeyValueDataStorage
from mic.model import TransientError


async def test_it_is_bounded() -> None:
    storage = AsyncInMemoryKeyValueDataStorage(max_entries=1)
    await storage.kv_put("s", "a", 1)
    with pytest.raises(TransientError, match="full"):
        await storage.kv_put("s", "b", 1)


async def test_every_use_after_dispose_raises() -> None:
    storage = AsyncInMemoryKeyValueDataStorage()
    await storage.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        await storage.kv_get("s", "a")
    with pytest.raises(RuntimeError, match="disposed"):
        await storage.kv_put("s", "a", 1)
    with pytest.raises(RuntimeError, match="disposed"):
        await storage.kv_put_many("s", {"a": 1})
    with pytest.raises(RuntimeError, match="disposed"):
        await storage.kv_put_if_absent("s", "a", 1)
    with pytest.raises(RuntimeError, match="disposed"):
        await storage.kv_delete("s", "a")
    with pytest.raises(RuntimeError, match="disposed"):
        storage.kv_scan_keys("s")


async def test_a_scan_is_of_the_moment_of_its_call() -> None:
    storage = AsyncInMemoryKeyValueDataStorage()
    await storage.kv_put("s", "a", 1)
    keys = storage.kv_scan_keys("s")
    await storage.kv_delete("s", "a")
    assert await anext(keys) == "a"
    assert await anext(keys, None) is None
