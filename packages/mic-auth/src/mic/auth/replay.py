"""Tokens that pass once: the guards that remember which were presented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mic.auth._async.replay_guard import AsyncCacheReplayGuard
from mic.auth._replay_memory import InMemoryReplayGuard
from mic.auth._stores import AsyncReplayStore, ReplayStore
from mic.auth._sync.replay_guard import CacheReplayGuard

if TYPE_CHECKING:
    from mic.auth.claims import ServiceAuthClaims

__all__ = [
    "AsyncCacheReplayGuard",
    "AsyncReplayGuard",
    "AsyncReplayStore",
    "CacheReplayGuard",
    "InMemoryReplayGuard",
    "ReplayGuard",
    "ReplayStore",
]


class ReplayGuard(Protocol):
    """Remembers tokens; `CacheReplayGuard` and `InMemoryReplayGuard` fit."""

    def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        """Give True the first time, False afterwards; raise where that can not be told."""
        ...


class AsyncReplayGuard(Protocol):
    """Remembers tokens; `AsyncCacheReplayGuard` fits."""

    async def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        """Give True the first time, False afterwards; raise where that can not be told."""
        ...
