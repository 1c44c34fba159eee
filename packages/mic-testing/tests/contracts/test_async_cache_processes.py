"""The clause about a second process catches each way in which two may fail to share a cache."""

from collections.abc import Sequence
from typing import Any

import pytest

from mic.cache import AsyncInMemoryCache
from mic.testing.contracts.cache import AsyncCacheBackendContract


class AsyncAlwaysSets(AsyncInMemoryCache):
    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        await self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class AsyncCountsApart(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return await super().increment(
            f"{key}#", amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl
        )


class AsyncReadsItsOwnCopy(AsyncInMemoryCache):
    """Remembers what it wrote, and does not ask again."""

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {**await super().get_many(keys), "turn": b"ours"}


@pytest.mark.parametrize("elsewhere", ["Elsewhere", "ComesFirst"])
async def test_a_good_second_process_passes(elsewhere: str, pretend_second_process: Any) -> None:
    backend = AsyncInMemoryCache()
    pretend_second_process(backend, elsewhere)
    suite = AsyncCacheBackendContract()
    await suite.test_a_second_process_shares_the_entries(backend, "shared://")


@pytest.mark.parametrize(
    ("here", "elsewhere", "told"),
    [
        (AsyncInMemoryCache, "WinsAlways", "== 50"),
        (AsyncInMemoryCache, "WinsNever", "== 50"),
        (AsyncInMemoryCache, "LosesOne", "b'99'"),
        (AsyncInMemoryCache, "CountsTwice", "b'150'"),
        (AsyncInMemoryCache, "ReadsNothing", "'False' == 'True'"),
        (AsyncInMemoryCache, "KeepsToItself", "'turn': b'ours'"),
        (AsyncInMemoryCache, "Apart", "did not come true"),
        (AsyncReadsItsOwnCopy, "Elsewhere", "'turn': b'ours'"),
        (AsyncAlwaysSets, "ComesFirst", "== 50"),
        (AsyncCountsApart, "Elsewhere", "b'50'"),
    ],
)
async def test_a_fault_between_two_processes_is_caught(
    here: type[AsyncInMemoryCache],
    elsewhere: str,
    told: str,
    pretend_second_process: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = here()
    pretend_second_process(backend, elsewhere)
    # so long is waited for a process that nobody hears of
    monkeypatch.setattr("mic.testing.contracts._async.cache.SECOND_PROCESS_SECONDS", 1)
    suite = AsyncCacheBackendContract()
    with pytest.raises(AssertionError, match=told):
        await suite.test_a_second_process_shares_the_entries(backend, "shared://")
