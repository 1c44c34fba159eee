"""Entries in memory: bounded, least recently used first, safe for threads. Nothing waits."""

import heapq
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

from mic.cache.checks import (
    check_amount,
    check_items,
    check_key,
    check_keys,
    check_ttl,
    check_value,
    matches,
)
from mic.cache.errors import CacheError

ENTRY_OVERHEAD_BYTES = 120
"""What an entry costs beside its key and value, as it is counted."""

_LARGEST_SHARE = 8
_EXPIRED_A_WRITE = 4
# As Redis reads a number: no sign but `-`, no leading zero, no blank, no "-0".
_NUMBER = re.compile(rb"0|-?[1-9][0-9]{0,18}")
_LIMIT = 2**63

_Entry = tuple[bytes, float, int]
"""Value, when it ends, size in bytes."""


class MemoryStore:
    """Values by key, with lifetimes, within two bounds.

    Args:
        time_fn: A monotonic clock in seconds.
        max_entries: The most entries, at least 1.
        max_bytes: The most bytes of all entries (UTF-8 key, value, and 120 for each), at least 1;
            one entry may have an eighth of them.

    Raises:
        ValueError: A bound is out of its range.
    """

    def __init__(self, *, time_fn: Callable[[], float], max_entries: int, max_bytes: int) -> None:
        if max_entries < 1 or max_bytes < 1:
            raise ValueError("max_entries and max_bytes must be at least 1")
        self._time = time_fn
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._ends: list[tuple[float, str]] = []
        """A heap of when entries end; an item whose entry was rewritten or is gone is void."""
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        """The value of a key, which is then the last to be evicted."""
        with self._lock:
            # Only keys that were checked are in there: a hit needs no check.
            entry = self._entries.get(key)
            if entry is not None and self._time() < entry[1]:
                self._entries.move_to_end(key)
                return entry[0]
        check_key(key)
        return None

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The values of those keys that there are, of one moment."""
        wanted = check_keys(keys)
        with self._lock:
            now = self._time()
            found = {key: value for key in wanted if (value := self._live(key, now)) is not None}
            for key in found:
                self._entries.move_to_end(key)
        return found

    def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        """Store all values or, when it raises, none.

        Raises:
            CacheError: `cache.too_large`.
        """
        lifetime = check_ttl(ttl_seconds)
        sized = [
            (key, value, self._size_of(key, value)) for key, value in check_items(items).items()
        ]
        with self._lock:
            now = self._time()
            for key, value, size in sized:
                self._put(key, value, size, now=now, ends=now + lifetime)

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """Store a value unless there is one; whether it was stored."""
        lifetime, size = check_ttl(ttl_seconds), self._checked_size(key, value)
        with self._lock:
            now = self._time()
            if self._live(key, now) is not None:
                return False
            self._put(key, value, size, now=now, ends=now + lifetime)
        return True

    def delete_many(self, keys: Iterable[str]) -> None:
        """Remove values."""
        unwanted = check_keys(keys)
        with self._lock:
            for key in unwanted:
                self._drop(key)

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._entries.clear()
            self._ends.clear()
            self._bytes = 0

    def increment(self, key: str, amount: int, *, ttl_seconds: float, renew_ttl: bool) -> int:
        """Add to a number and give the sum.

        Raises:
            CacheError: `cache.not_a_number`.
        """
        lifetime, step = check_ttl(ttl_seconds), check_amount(amount)
        check_key(key)
        with self._lock:
            now = self._time()
            current = self._live(key, now)
            total = step + (0 if current is None else _number(current))
            if not -_LIMIT <= total < _LIMIT:
                raise _not_a_number()
            value = b"%d" % total
            ends = now + lifetime
            if current is not None and not renew_ttl:
                ends = self._entries[key][1]
            self._put(key, value, self._size_of(key, value), now=now, ends=ends)
        return total

    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool
    ) -> bool:
        """Replace a value if it is what is expected; whether it was."""
        lifetime, size = check_ttl(ttl_seconds), self._checked_size(key, value)
        check_value(expected)
        with self._lock:
            now = self._time()
            current = self._live(key, now)
            if current is None or not matches(current, expected, prefix=prefix):
                return False
            self._put(key, value, size, now=now, ends=now + lifetime)
        return True

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool) -> bool:
        """Remove a value if it is what is expected; whether it was."""
        check_key(key)
        check_value(expected)
        with self._lock:
            current = self._live(key, self._time())
            if current is None or not matches(current, expected, prefix=prefix):
                return False
            self._drop(key)
        return True

    def _checked_size(self, key: str, value: bytes) -> int:
        check_key(key)
        return self._size_of(key, check_value(value))

    def _size_of(self, key: str, value: bytes) -> int:
        size = len(key if key.isascii() else key.encode()) + len(value) + ENTRY_OVERHEAD_BYTES
        if size * _LARGEST_SHARE > self._max_bytes:
            raise CacheError("the entry is too large for this cache", code="cache.too_large")
        return size

    def _live(self, key: str, now: float) -> bytes | None:
        entry = self._entries.get(key)
        return entry[0] if entry is not None and now < entry[1] else None

    def _put(self, key: str, value: bytes, size: int, *, now: float, ends: float) -> None:
        self._drop(key)
        self._entries[key] = (value, ends, size)
        self._bytes += size
        heapq.heappush(self._ends, (ends, key))
        self._purge(now)
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))
        if len(self._ends) > 2 * len(self._entries):
            self._ends = [(entry[1], each) for each, entry in self._entries.items()]
            heapq.heapify(self._ends)

    def _purge(self, now: float) -> None:
        """Remove a few that expired; what is void on the way does not count."""
        left = _EXPIRED_A_WRITE
        while left and self._ends and self._ends[0][0] <= now:
            ends, key = heapq.heappop(self._ends)
            entry = self._entries.get(key)
            if entry is not None and entry[1] == ends:
                self._drop(key)
                left -= 1

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[2]


def _number(text: bytes) -> int:
    if not _NUMBER.fullmatch(text):
        raise _not_a_number()
    return int(text)


def _not_a_number() -> CacheError:
    return CacheError("the entry is no 64-bit number", code="cache.not_a_number")
