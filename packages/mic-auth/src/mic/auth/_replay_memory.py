"""Remembers presented tokens in this process: `InMemoryReplayGuard`."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable

from mic.auth._texts import checked_whole
from mic.auth.claims import ServiceAuthClaims
from mic.auth.errors import replay_unavailable


class InMemoryReplayGuard:
    """Lets every token pass once in this process.

    Guarantees: thread-safe, no I/O; of concurrent presentations exactly one passes. At most
    `max_entries` are remembered: what has expired is dropped first, and when it is still full,
    tokens are refused rather than others forgotten. Accepted by both verifiers. Other processes do
    not see it, and a clock that is set forward and back again forgets what had expired in between.

    Args:
        max_entries: The most tokens that are remembered at one time.
        time_fn: Unix seconds.

    Raises:
        ValueError: `max_entries` is below 1.
    """

    __slots__ = ("_by_end", "_lock", "_max_entries", "_seen", "_time_fn")

    performs_io = False

    def __init__(
        self, *, max_entries: int = 100_000, time_fn: Callable[[], float] = time.time
    ) -> None:
        self._max_entries = checked_whole(max_entries, "InMemoryReplayGuard: max_entries", least=1)
        self._time_fn = time_fn
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()
        self._by_end: list[tuple[float, str, str]] = []

    def __len__(self) -> int:
        return len(self._seen)

    def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        """Tell whether a token is presented for the first time, and remember it.

        Args:
            claims: Its claims; issuer and `jti` name it.
            ttl_seconds: For how long it can be presented at all.

        Raises:
            TransientError: No more can be remembered; code `transient.replay_unavailable`.
            ValueError: It has no `jti`.
        """
        if claims.jti is None:
            raise ValueError("InMemoryReplayGuard.claim: claims must have a jti")
        now = self._time_fn()
        name = (claims.iss, claims.jti)
        with self._lock:
            while self._by_end and self._by_end[0][0] <= now:
                self._seen.discard(heapq.heappop(self._by_end)[1:])
            if name in self._seen:
                return False
            full = len(self._seen) >= self._max_entries
            if not full:
                self._seen.add(name)
                heapq.heappush(self._by_end, (now + ttl_seconds, *name))
        if full:
            raise replay_unavailable()
        return True
