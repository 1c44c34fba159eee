"""Key-value entries in memory: bounded, with lifetimes, safe for threads. Nothing waits."""

import json
import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from mic.datastorage._memory_store import memory_full

Address = tuple[str, str]
"""Namespace and key."""


class MemoryEntries:
    """Texts of JSON by namespace and key."""

    def __init__(self, *, max_entries: int, time_fn: Callable[[], float]) -> None:
        if max_entries < 1:
            raise ValueError("max_entries must be at least 1")
        self._max_entries = max_entries
        self._time = time_fn
        self._lock = threading.Lock()
        self._entries: dict[Address, tuple[str, float | None]] = {}

    def get(self, address: Address) -> Any | None:
        """A fresh copy of the value, or `None`."""
        with self._lock:
            text = self._live(address)
        return None if text is None else json.loads(text)

    def put(
        self,
        namespace: str,
        items: Mapping[str, Any],
        *,
        ttl_seconds: float | None,
        if_absent: bool = False,
    ) -> bool:
        """Store all values or none; whether they were stored.

        Raises:
            ValueError: A value is no JSON, or `ttl_seconds` is not above 0.
            TransientError: The store is full.
        """
        texts = {(namespace, key): as_json(value) for key, value in items.items()}
        if ttl_seconds is not None and not ttl_seconds > 0:
            raise ValueError("ttl_seconds must be above 0")
        with self._lock:
            now = self._time()
            if if_absent and any(self._live(address) is not None for address in texts):
                return False
            if len(self._entries.keys() | texts.keys()) > self._max_entries:
                self._purge(now)
                if len(self._entries.keys() | texts.keys()) > self._max_entries:
                    raise memory_full()
            ends = None if ttl_seconds is None or ttl_seconds == math.inf else now + ttl_seconds
            self._entries |= {address: (text, ends) for address, text in texts.items()}
        return True

    def delete(self, address: Address) -> bool:
        """Remove a value; whether there was one."""
        with self._lock:
            there = self._live(address) is not None
            self._entries.pop(address, None)
        return there

    def keys(self, namespace: str) -> list[str]:
        """The keys of a namespace, in order."""
        with self._lock:
            self._purge(self._time())
            return sorted(key for space, key in self._entries if space == namespace)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def _live(self, address: Address) -> str | None:
        text, ends = self._entries.get(address, (None, None))
        return text if ends is None or self._time() < ends else None

    def _purge(self, now: float) -> None:
        gone = [
            each for each, (_, ends) in self._entries.items() if ends is not None and ends <= now
        ]
        for address in gone:
            del self._entries[address]


def as_json(value: Any) -> str:
    """The compact JSON text of a value.

    Raises:
        ValueError: JSON cannot hold the value.
    """
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError("the value must be JSON-serialisable") from error
