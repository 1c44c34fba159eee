"""The key-value capability."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

__all__ = ["AsyncKeyValueCapability"]


class AsyncKeyValueCapability(ABC):
    """JSON values by namespace and key, with an optional lifetime.

    Guarantees: what is read back is a fresh copy; an expired entry is invisible at once.

    A backend implements the abstract methods; the others have defaults built on them, which are
    not atomic over several keys.
    """

    @abstractmethod
    async def kv_get(self, namespace: str, key: str) -> Any | None:
        """The value, or `None` when there is none or it expired."""

    @abstractmethod
    async def kv_put(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> None:
        """Store a value over whatever was there.

        Args:
            namespace: Keeps keys of different uses apart.
            key: Names the value in its namespace.
            value: Anything that JSON can hold.
            ttl_seconds: Its lifetime in seconds, above 0; `None` is for ever.

        Raises:
            ValueError: The value is no JSON, or `ttl_seconds` is not above 0.
            TransientError: The store is full or unavailable.
        """

    @abstractmethod
    async def kv_delete(self, namespace: str, key: str) -> bool:
        """Remove a value; whether there was one."""

    @abstractmethod
    def kv_scan_keys(self, namespace: str) -> AsyncIterator[str]:
        """All keys of a namespace, as they were at the call, in order."""

    async def kv_get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Any]:
        """The values that exist, by key."""
        values = {key: await self.kv_get(namespace, key) for key in keys}
        return {key: value for key, value in values.items() if value is not None}

    async def kv_put_many(
        self, namespace: str, items: Mapping[str, Any], *, ttl_seconds: float | None = None
    ) -> None:
        """Store several values; raises as `kv_put` does."""
        for key, value in items.items():
            await self.kv_put(namespace, key, value, ttl_seconds=ttl_seconds)

    async def kv_put_if_absent(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> bool:
        """Store a value unless there is one; whether it was stored.

        This default looks first and stores then: two callers at once may both store. Every backend
        of this family does better.
        """
        if await self.kv_get(namespace, key) is not None:
            return False
        await self.kv_put(namespace, key, value, ttl_seconds=ttl_seconds)
        return True
