"""Key-value entries in memory."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from mic.datastorage._async.base import AsyncDataStorage
from mic.datastorage._async.keyvalue import AsyncKeyValueCapability
from mic.datastorage._memory_entries import MemoryEntries

__all__ = ["AsyncInMemoryKeyValueDataStorage"]


class AsyncInMemoryKeyValueDataStorage(AsyncDataStorage, AsyncKeyValueCapability):
    """JSON values in the memory of this process.

    Guarantees: what is read back is a fresh copy; every method is atomic, also over several keys;
    an expired entry is invisible at once; a full store refuses with `TransientError`
    `transient.memory_full` and evicts nothing that lives. Safe for threads, and nothing ever waits.
    Everything is lost with the process, or `dispose()`.

    Args:
        max_entries: The most entries of all namespaces together, at least 1.
        time_fn: A monotonic clock in seconds.

    Raises:
        ValueError: `max_entries` is out of its range.
    """

    def __init__(
        self, *, max_entries: int = 100_000, time_fn: Callable[[], float] = time.monotonic
    ) -> None:
        self._entries = MemoryEntries(max_entries=max_entries, time_fn=time_fn)

    async def check_health(self) -> bool:
        """True until the storage is disposed."""
        return not self.disposed

    async def dispose(self) -> None:
        """Forget all entries. May be called any number of times; never raises."""
        self._mark_disposed()
        self._entries.clear()

    async def kv_get(self, namespace: str, key: str) -> Any | None:
        """The value, or `None` when there is none or it expired."""
        self._check_alive()
        return self._entries.get((namespace, key))

    async def kv_put(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> None:
        """Store a value over whatever was there; raises as the capability says."""
        self._check_alive()
        self._entries.put(namespace, {key: value}, ttl_seconds=ttl_seconds)

    async def kv_delete(self, namespace: str, key: str) -> bool:
        """Remove a value; whether there was one."""
        self._check_alive()
        return self._entries.delete((namespace, key))

    def kv_scan_keys(self, namespace: str) -> AsyncIterator[str]:
        """All keys of a namespace, as they were at the call, in order."""
        self._check_alive()
        return _each(self._entries.keys(namespace))

    async def kv_put_many(
        self, namespace: str, items: Mapping[str, Any], *, ttl_seconds: float | None = None
    ) -> None:
        """Store all values or none; raises as `kv_put` does."""
        self._check_alive()
        self._entries.put(namespace, items, ttl_seconds=ttl_seconds)

    async def kv_put_if_absent(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> bool:
        """Store a value unless there is one, in one step; whether it was stored."""
        self._check_alive()
        return self._entries.put(namespace, {key: value}, ttl_seconds=ttl_seconds, if_absent=True)


async def _each(keys: Sequence[str]) -> AsyncIterator[str]:
    for key in keys:  # unasync: drop
        yield key
    # unasync: add yield from keys
