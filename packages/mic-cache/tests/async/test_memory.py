"""The cache in memory, beyond its contract."""

import asyncio  # unasync: drop

import pytest

from mic.cache import AsyncInMemoryCache, CacheError
from mic.testing import ManualClock


async def test_bounds() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        AsyncInMemoryCache(max_entries=0)
    with pytest.raises(ValueError, match="at least 1"):
        AsyncInMemoryCache(max_bytes=0)
    async with AsyncInMemoryCache(max_entries=2) as cache:
        await cache.set_many({"a": b"1", "b": b"2", "c": b"3"}, ttl_seconds=60)
        assert await cache.get_many(["a", "b", "c"]) == {"b": b"2", "c": b"3"}
    async with AsyncInMemoryCache(max_bytes=8_000) as cache:
        await cache.set("k", b"x" * 879, ttl_seconds=60)
        with pytest.raises(CacheError, match="too large"):
            await cache.set("k", b"x" * 880, ttl_seconds=60)
        assert await cache.get("k") == b"x" * 879


async def test_it_needs_no_options_and_forgets_when_closed() -> None:
    cache = AsyncInMemoryCache()
    await cache.set("k", b"v", ttl_seconds=1)
    assert await cache.get("k") == b"v"
    await cache.aclose()
    assert cache._store.get("k") is None


async def test_a_lifetime_ends_at_its_very_end() -> None:
    clock = ManualClock(0.0)
    cache = AsyncInMemoryCache(time_fn=clock)
    await cache.set("k", b"v", ttl_seconds=8)
    clock.advance(7.999)
    assert await cache.get("k") == b"v"
    clock.advance(0.0010000001)
    assert await cache.get("k") is None


def test_it_never_waits() -> None:  # unasync: drop
    cache = AsyncInMemoryCache()

    async def use() -> None:
        await cache.set("k", b"1", ttl_seconds=60)
        assert await cache.increment("k", ttl_seconds=60) == 2
        assert await cache.check_health()

    with pytest.raises(StopIteration, match=r"^$"):
        use().send(None)
    assert asyncio.run(cache.get("k")) == b"2"
