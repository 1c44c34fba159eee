# Generated from _async/memory.py by "make unasync"; edit that file.
"""A cache in memory."""

import time
from collections.abc import Callable, Mapping, Sequence

from mic.cache._memory_store import MemoryStore
from mic.cache._sync.base import CacheBackend

__all__ = ["InMemoryCache"]


class InMemoryCache(CacheBackend):
    """Entries in the memory of this process, the least recently used evicted first.

    Guarantees: every method is atomic, also over several keys; both bounds hold after every write;
    an expired entry is invisible at once, and each write removes up to 4 of them. An entry larger
    than an eighth of `max_bytes` is refused with `CacheError` `cache.too_large`, and whatever was
    under its key stays. Safe for threads, and nothing ever waits. Everything is lost with the
    process, or with `close()`.

    Args:
        time_fn: A monotonic clock in seconds.
        max_entries: The most entries, at least 1.
        max_bytes: The most bytes of all entries, at least 1; an entry counts as its key in UTF-8,
            its value, and 120 bytes.

    Raises:
        ValueError: A bound is out of its range.
    """

    blocking = False

    def __init__(
        self,
        *,
        time_fn: Callable[[], float] = time.monotonic,
        max_entries: int = 10_000,
        max_bytes: int = 67_108_864,
    ) -> None:
        self._store = MemoryStore(time_fn=time_fn, max_entries=max_entries, max_bytes=max_bytes)

    def get(self, key: str) -> bytes | None:
        """The value of a key, or `None`."""
        if self._closed:
            self._check_open()
        return self._store.get(key)

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Store a value over whatever was there."""
        self._check_open()
        self._store.set_many({key: value}, ttl_seconds=ttl_seconds)

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """Store a value unless there is one, in one step; whether it was stored."""
        self._check_open()
        return self._store.set_if_absent(key, value, ttl_seconds=ttl_seconds)

    def delete(self, key: str) -> None:
        """Remove a value."""
        self._check_open()
        self._store.delete_many((key,))

    def clear(self) -> None:
        """Remove everything."""
        self._check_open()
        self._store.clear()

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of several keys, of one moment; absent keys are left out."""
        self._check_open()
        return self._store.get_many(keys)

    def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        """Store all values or, when it raises, none."""
        self._check_open()
        self._store.set_many(items, ttl_seconds=ttl_seconds)

    def delete_many(self, keys: Sequence[str]) -> None:
        """Remove several values, in one step."""
        self._check_open()
        self._store.delete_many(keys)

    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        """Add to a number, in one step, and give the sum."""
        self._check_open()
        return self._store.increment(key, amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)

    def compare_and_set(
        self,
        key: str,
        expected: bytes,
        value: bytes,
        *,
        ttl_seconds: float,
        prefix: bool = False,
    ) -> bool:
        """Replace a value, in one step, if it is what is expected; whether it was."""
        self._check_open()
        return self._store.compare_and_set(
            key, expected, value, ttl_seconds=ttl_seconds, prefix=prefix
        )

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        """Remove a value, in one step, if it is what is expected; whether it was."""
        self._check_open()
        return self._store.compare_and_delete(key, expected, prefix=prefix)

    def check_health(self) -> bool:
        """True until the cache is closed."""
        return not self._closed

    def close(self) -> None:
        """Forget all entries. May be called any number of times; never raises."""
        self._closed = True
        self._store.clear()
