"""The defaults of the key-value capability, on a backend that implements only its duties."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mic.datastorage import AsyncKeyValueCapability


class AsyncLeast(AsyncKeyValueCapability):
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], Any] = {}
        self.lifetimes: list[float | None] = []

    async def kv_get(self, namespace: str, key: str) -> Any | None:
        return self.values.get((namespace, key))

    async def kv_put(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> None:
        self.values[namespace, key] = value
        self.lifetimes.append(ttl_seconds)

    async def kv_delete(self, namespace: str, key: str) -> bool:
        return self.values.pop((namespace, key), None) is not None

    def kv_scan_keys(self, namespace: str) -> AsyncIterator[str]:
        raise NotImplementedError


def test_a_missing_duty_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="kv_scan_keys"):
        AsyncKeyValueCapability()  # type: ignore[abstract]  # a caller's mistake


async def test_several_at_once() -> None:
    storage = AsyncLeast()
    await storage.kv_put_many("s", {"a": 1, "b": 2}, ttl_seconds=3)
    assert storage.lifetimes == [3, 3]
    assert await storage.kv_get_many("s", ["a", "b", "c"]) == {"a": 1, "b": 2}


async def test_put_if_absent() -> None:
    storage = AsyncLeast()
    assert await storage.kv_put_if_absent("s", "a", 1, ttl_seconds=5)
    assert not await storage.kv_put_if_absent("s", "a", 2)
    assert (storage.values, storage.lifetimes) == ({("s", "a"): 1}, [5])
