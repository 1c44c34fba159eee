"""The interface of every cache backend."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from mic.cache._probe_async import HealthProbe
from mic.cache.checks import check_items, check_keys, check_value, matches
from mic.cache.errors import CacheError

# unasync: add from typing import ClassVar

__all__ = ["AsyncCacheBackend"]

_HEALTH_KEY = "mic.cache.health"
_HEALTH_TIMEOUT_SECONDS = 2.0


class AsyncCacheBackend(ABC):
    """A byte store in which everything has a lifetime.

    A backend implements the five abstract methods; the others are built on them and then not
    atomic, so that single-flight is best effort. Every backend of the family overrides them with
    atomic versions of one round trip. It is a context manager that closes the backend at the end.

    Guarantees:
        - An entry lives while `now < stored + ttl_seconds`, and is never returned later. It may go
          earlier: a cache evicts, and a server loses what it holds when it dies.
        - `get` gives the very bytes of the last write that was done.
        - In the family's backends `set_if_absent`, `compare_and_set`, `compare_and_delete` and
          `increment` are atomic among all processes that share the backend, and so is `set`.
        - The family's backends refuse a bad key, value or lifetime before any I/O: `TypeError` for
          a key that is no `str`, a value that is no `bytes`; `ValueError` for a key that is empty,
          longer than 1024 bytes in UTF-8, or holds NUL; `InvalidTtlError` for a lifetime that is no
          finite number of at least 0.001 s (as an `int` of at least 1 s).
        - Whatever a server does wrong is a `CacheUnavailableError` with its cause, or another
          `CacheError`; after it, whether a write was done is not known.
        - After `aclose()` every use of a backend of the family raises `RuntimeError`, and
          `check_health()` gives False.
    """

    # unasync: add blocking: ClassVar[bool] = True
    # unasync: add """False: never waits on I/O, and may be called on an event loop."""

    _closed: bool = False

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """The value of a key, or `None` when there is none.

        Args:
            key: 1 to 1024 bytes in UTF-8, without NUL.

        Raises:
            CacheUnavailableError: The server does not answer.
        """

    @abstractmethod
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Store a value over whatever was there.

        Args:
            key: 1 to 1024 bytes in UTF-8, without NUL.
            value: The bytes to keep.
            ttl_seconds: The lifetime, at least 0.001 (as an `int` at least 1).

        Raises:
            InvalidTtlError: The lifetime is anything else.
            CacheUnavailableError: The server does not answer.
            CacheError: `cache.too_large`: the backend cannot hold an entry of this size.
        """

    @abstractmethod
    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """Store a value unless there is one; whether it was stored. Else as `set`."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Remove a value; nothing happens when there is none."""

    @abstractmethod
    async def clear(self) -> None:
        """Remove everything; with a namespace, everything in it."""

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of several keys; absent keys are left out.

        Args:
            keys: Any number of keys; repeated ones count once.
        """
        found: dict[str, bytes] = {}
        for key in check_keys(keys):
            value = await self.get(key)
            if value is not None:
                found[key] = value
        return found

    async def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        """Store several values with one lifetime; when it raises, some may be stored."""
        for key, value in check_items(items).items():
            await self.set(key, value, ttl_seconds=ttl_seconds)

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove several values; when it raises, some may be gone."""
        for key in check_keys(keys):
            await self.delete(key)

    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        """Add to a number and give the sum; an absent key counts as 0.

        The entry holds the number as ASCII decimal, as `set` may have written it.

        Args:
            key: 1 to 1024 bytes in UTF-8, without NUL.
            amount: Any signed 64-bit integer.
            ttl_seconds: The lifetime of an entry that this call creates.
            renew_ttl: Give an entry that exists this lifetime as well.

        Raises:
            CacheError: `cache.not_a_number`: the entry is no number, or the sum does not fit 64
                bits; it is unchanged. `cache.unsupported`: the backend has no counters.
            CacheUnavailableError: The server does not answer; whether it counted is not known.
        """
        del key, amount, ttl_seconds, renew_ttl
        raise CacheError("this cache has no counters", code="cache.unsupported")

    async def compare_and_set(
        self,
        key: str,
        expected: bytes,
        value: bytes,
        *,
        ttl_seconds: float,
        prefix: bool = False,
    ) -> bool:
        """Replace a value, with a new lifetime, if it is what is expected; whether it was.

        Args:
            key: 1 to 1024 bytes in UTF-8, without NUL.
            expected: What the stored value has to be. An absent entry equals nothing.
            value: The bytes to keep.
            ttl_seconds: The new lifetime.
            prefix: The stored value only has to begin with `expected`.
        """
        current = await self.get(key)
        if current is None or not matches(current, check_value(expected), prefix=prefix):
            return False
        await self.set(key, value, ttl_seconds=ttl_seconds)
        return True

    async def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        """Remove a value if it is what is expected; whether it was. As `compare_and_set`."""
        current = await self.get(key)
        if current is None or not matches(current, check_value(expected), prefix=prefix):
            return False
        await self.delete(key)
        return True

    async def check_health(self) -> bool:
        """Whether the backend answers; within 2 s, and it never raises."""
        if self._closed:
            return False
        probe: HealthProbe = vars(self).setdefault("_health_probe", HealthProbe(self._probe))
        return await probe.run(_HEALTH_TIMEOUT_SECONDS)

    async def aclose(self) -> None:
        """Close what this backend opened. May be called any number of times; never raises."""
        self._closed = True

    async def _probe(self) -> bool:
        """For backends: one probe, without a deadline of its own; it may raise."""
        await self.get(_HEALTH_KEY)
        return True

    def _check_open(self) -> None:
        """For backends: refuse the use of a closed backend.

        Raises:
            RuntimeError: The backend is closed.
        """
        if self._closed:
            raise RuntimeError(f"{type(self).__name__} is closed")

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
