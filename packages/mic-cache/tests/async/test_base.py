"""A third party's backend, with the five published methods alone."""

import asyncio  # unasync: drop
import time
from collections.abc import Callable

import pytest

from mic.cache import AsyncCacheBackend, CacheError
from mic.testing import ManualClock
from mic.testing.contracts.cache import AsyncBasicCacheContract

# unasync: add import threading


class AsyncPlain(AsyncCacheBackend):
    """A dict with a clock."""

    def __init__(self, time_fn: Callable[[], float] = time.monotonic) -> None:
        self.time_fn = time_fn
        self.entries: dict[str, tuple[bytes, float]] = {}

    async def get(self, key: str) -> bytes | None:
        value, ends = self.entries.get(key, (None, 0.0))
        return value if self.time_fn() < ends else None

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        self.entries[key] = (value, self.time_fn() + ttl_seconds)

    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        if await self.get(key) is not None:
            return False
        await self.set(key, value, ttl_seconds=ttl_seconds)
        return True

    async def delete(self, key: str) -> None:
        self.entries.pop(key, None)

    async def clear(self) -> None:
        self.entries.clear()


class TestAsyncPlain(AsyncBasicCacheContract):
    """It does what is built on the five."""

    @pytest.fixture
    def backend(self, clock: ManualClock) -> AsyncPlain:
        return AsyncPlain(clock)


async def test_it_cannot_be_used_when_closed_where_it_asks() -> None:
    cache = AsyncPlain()
    await cache.aclose()
    with pytest.raises(RuntimeError, match="Plain is closed"):
        await cache.__aenter__()
    with pytest.raises(RuntimeError, match="Plain is closed"):
        cache._check_open()


async def test_bad_arguments_of_what_is_built_on_the_five() -> None:
    cache = AsyncPlain()
    await cache.set("k", b"v", ttl_seconds=60)
    with pytest.raises(ValueError, match="a key must"):
        await cache.set_many({"k": b"w", "": b""}, ttl_seconds=60)
    with pytest.raises(ValueError, match="a key must"):
        await cache.delete_many(["k", ""])
    assert await cache.get_many(["k", "k"]) == {"k": b"v"}


class AsyncFails(AsyncPlain):
    async def get(self, key: str) -> bytes | None:
        raise CacheError("of the backend")


class AsyncHangs(AsyncPlain):
    async def get(self, key: str) -> bytes | None:
        await asyncio.Event().wait()  # unasync: drop
        # unasync: add threading.Event().wait()
        return None


async def test_health_never_raises_and_never_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await AsyncPlain().check_health() is True
    assert await AsyncFails().check_health() is False
    monkeypatch.setattr("mic.cache._async.base._HEALTH_TIMEOUT_SECONDS", 0.05)
    began = time.monotonic()
    assert await AsyncHangs().check_health() is False
    assert time.monotonic() - began < 2
