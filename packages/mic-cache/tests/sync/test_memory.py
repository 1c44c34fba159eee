# Generated from async/test_memory.py by "make unasync"; edit that file.
"""The cache in memory, beyond its contract."""

import pytest

from mic.cache import CacheError, InMemoryCache
from mic.testing import ManualClock


def test_bounds() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        InMemoryCache(max_entries=0)
    with pytest.raises(ValueError, match="at least 1"):
        InMemoryCache(max_bytes=0)
    with InMemoryCache(max_entries=2) as cache:
        cache.set_many({"a": b"1", "b": b"2", "c": b"3"}, ttl_seconds=60)
        assert cache.get_many(["a", "b", "c"]) == {"b": b"2", "c": b"3"}
    with InMemoryCache(max_bytes=8_000) as cache:
        cache.set("k", b"x" * 879, ttl_seconds=60)
        with pytest.raises(CacheError, match="too large"):
            cache.set("k", b"x" * 880, ttl_seconds=60)
        assert cache.get("k") == b"x" * 879


def test_it_needs_no_options_and_forgets_when_closed() -> None:
    cache = InMemoryCache()
    cache.set("k", b"v", ttl_seconds=1)
    assert cache.get("k") == b"v"
    cache.close()
    assert cache._store.get("k") is None


def test_a_lifetime_ends_at_its_very_end() -> None:
    clock = ManualClock(0.0)
    cache = InMemoryCache(time_fn=clock)
    cache.set("k", b"v", ttl_seconds=8)
    clock.advance(7.999)
    assert cache.get("k") == b"v"
    clock.advance(0.0010000001)
    assert cache.get("k") is None
