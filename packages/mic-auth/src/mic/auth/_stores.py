"""The stores that revocation and replay stand on: what a cache has to have."""

from __future__ import annotations

from typing import Protocol

__all__ = ["AsyncReplayStore", "AsyncRevocationStore", "ReplayStore", "RevocationStore"]


class RevocationStore(Protocol):
    """Keeps revocations; `mic.cache.CacheBackend` fits. `get_many` is used where it is there.

    Its timeouts bound a verification. It should neither evict nor be flushed: what it forgets is
    revoked no more. A store whose attribute `blocking` is False never waits.
    """

    def get(self, key: str) -> bytes | None:
        """Give a value, `None` where there is none."""
        ...

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a value for so many seconds."""
        ...


class AsyncRevocationStore(Protocol):
    """Keeps revocations; `mic.cache.AsyncCacheBackend` fits. Else as `RevocationStore`."""

    async def get(self, key: str) -> bytes | None:
        """Give a value, `None` where there is none."""
        ...

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a value for so many seconds."""
        ...


class ReplayStore(Protocol):
    """Keeps which tokens were presented; `mic.cache.CacheBackend` fits.

    Of concurrent calls with one key exactly one may give True, in all processes together. It should
    neither evict nor be flushed. A store whose attribute `blocking` is False never waits.
    """

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """Keep a value for so many seconds, unless there is one; whether it was kept."""
        ...


class AsyncReplayStore(Protocol):
    """Keeps which tokens were presented; `mic.cache.AsyncCacheBackend` fits. Else as
    `ReplayStore`.
    """

    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """Keep a value for so many seconds, unless there is one; whether it was kept."""
        ...


def blocks(store: object) -> bool:
    """Whether a store may wait: it may, unless it says otherwise."""
    return getattr(store, "blocking", True) is not False
