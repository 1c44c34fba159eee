# Generated from contracts/test_async_cache_processes.py by "make unasync"; edit that file.
"""The clause about a second process catches each way in which two may fail to share a cache."""

from collections.abc import Sequence
from typing import Any

import pytest

from mic.cache import InMemoryCache
from mic.testing.contracts.cache import CacheBackendContract


class AlwaysSets(InMemoryCache):
    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class CountsApart(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return super().increment(f"{key}#", amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)


class ReadsItsOwnCopy(InMemoryCache):
    """Remembers what it wrote, and does not ask again."""

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {**super().get_many(keys), "turn": b"ours"}


@pytest.mark.parametrize("elsewhere", ["Elsewhere", "ComesFirst"])
def test_a_good_second_process_passes(elsewhere: str, pretend_second_process: Any) -> None:
    backend = InMemoryCache()
    pretend_second_process(backend, elsewhere)
    suite = CacheBackendContract()
    suite.test_a_second_process_shares_the_entries(backend, "shared://")


@pytest.mark.parametrize(
    ("here", "elsewhere", "told"),
    [
        (InMemoryCache, "WinsAlways", "== 50"),
        (InMemoryCache, "WinsNever", "== 50"),
        (InMemoryCache, "LosesOne", "b'99'"),
        (InMemoryCache, "CountsTwice", "b'150'"),
        (InMemoryCache, "ReadsNothing", "'False' == 'True'"),
        (InMemoryCache, "KeepsToItself", "'turn': b'ours'"),
        (InMemoryCache, "Apart", "did not come true"),
        (ReadsItsOwnCopy, "Elsewhere", "'turn': b'ours'"),
        (AlwaysSets, "ComesFirst", "== 50"),
        (CountsApart, "Elsewhere", "b'50'"),
    ],
)
def test_a_fault_between_two_processes_is_caught(
    here: type[InMemoryCache],
    elsewhere: str,
    told: str,
    pretend_second_process: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = here()
    pretend_second_process(backend, elsewhere)
    # so long is waited for a process that nobody hears of
    monkeypatch.setattr("mic.testing.contracts._sync.cache.SECOND_PROCESS_SECONDS", 1)
    suite = CacheBackendContract()
    with pytest.raises(AssertionError, match=told):
        suite.test_a_second_process_shares_the_entries(backend, "shared://")
