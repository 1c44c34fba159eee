"""Remembers presented tokens in a shared cache: `AsyncCacheReplayGuard`."""

from __future__ import annotations

from mic.auth._stores import AsyncReplayStore, blocks
from mic.auth.claims import ServiceAuthClaims
from mic.auth.errors import replay_unavailable

__all__ = ["AsyncCacheReplayGuard"]


class AsyncCacheReplayGuard:
    """Lets every token pass once in all processes that share a cache.

    Guarantees: of concurrent presentations exactly one passes, as far as `set_if_absent` of the
    cache is atomic. When the cache can not be asked, nobody passes. A token can pass again when the
    cache forgets it early: use one that neither evicts nor is flushed.

    Args:
        cache: The cache; its own timeouts bound the wait.
        namespace: What the keys begin with: `<namespace><iss>:<jti>`.
    """

    __slots__ = ("_cache", "_namespace")

    def __init__(self, *, cache: AsyncReplayStore, namespace: str = "replay:jti:") -> None:
        self._cache = cache
        self._namespace = namespace

    @property
    def performs_io(self) -> bool:
        """Whether asking may wait: the cache says."""
        return blocks(self._cache)

    async def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        """Tell whether a token is presented for the first time, and remember it.

        Args:
            claims: Its claims; issuer and `jti` name it.
            ttl_seconds: For how long it can be presented at all.

        Raises:
            TransientError: The cache can not be asked; code `transient.replay_unavailable`.
            ValueError: It has no `jti`.
        """
        if claims.jti is None:
            raise ValueError("AsyncCacheReplayGuard.claim: claims must have a jti")
        key = f"{self._namespace}{claims.iss}:{claims.jti}"
        try:
            first: object = await self._cache.set_if_absent(key, b"1", ttl_seconds=ttl_seconds)
        except Exception as error:
            raise replay_unavailable() from error
        if not isinstance(first, bool):
            raise replay_unavailable()
        return first
