"""The suite of the published methods passes a good cache, and catches one that breaks a clause."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mic.cache import AsyncInMemoryCache, CacheError
from mic.testing import ManualClock
from mic.testing.contracts.cache import AsyncBasicCacheContract


class AsyncUncounted(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        raise CacheError("no counters", code="cache.unsupported")


class TestAsyncGood(AsyncBasicCacheContract):
    """A good backend with counters."""

    counters = True

    @pytest.fixture
    async def backend(self, clock: ManualClock) -> AsyncInMemoryCache:
        return AsyncInMemoryCache(time_fn=clock)


class TestAsyncGoodWithoutCounters(AsyncBasicCacheContract):
    """A good backend without counters."""

    @pytest.fixture
    async def backend(self, clock: ManualClock) -> AsyncUncounted:
        return AsyncUncounted(time_fn=clock)


CAUGHT = (AssertionError, pytest.fail.Exception, ExceptionGroup)


# --- values --------------------------------------------------------------------------------------


class AsyncKeepsTheFirst(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await self.set_if_absent(key, value, ttl_seconds=ttl_seconds)


class AsyncHasOneKey(AsyncInMemoryCache):
    async def get(self, key: str) -> bytes | None:
        return await super().get("k")

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await super().set("k", value, ttl_seconds=ttl_seconds)


class AsyncIsNeverEmpty(AsyncInMemoryCache):
    async def get(self, key: str) -> bytes | None:
        return await super().get(key) or b""


class AsyncTakesEmptyForAbsent(AsyncInMemoryCache):
    async def get(self, key: str) -> bytes | None:
        return await super().get(key) or None


class AsyncFindsAbsentKeys(AsyncInMemoryCache):
    async def get_many(self, keys: Sequence[str]) -> dict[str, Any]:
        return {key: await self.get(key) for key in keys}


class AsyncComparesWithNothing(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return expected == b"" or await super().compare_and_set(
            key, expected, value, ttl_seconds=ttl_seconds, prefix=prefix
        )


class AsyncKnowsText(AsyncInMemoryCache):
    async def get(self, key: str) -> bytes | None:
        value = await super().get(key)
        return None if value is None else value.decode(errors="replace").encode()


class AsyncGivesViews(AsyncInMemoryCache):
    async def get(self, key: str) -> Any:
        value = await super().get(key)
        return None if value is None else bytearray(value)


class AsyncFoldsKeys(AsyncInMemoryCache):
    async def get(self, key: str) -> bytes | None:
        return await super().get(key.lower())

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await super().set(key.lower(), value, ttl_seconds=ttl_seconds)


class AsyncDeletesByPattern(AsyncInMemoryCache):
    async def delete(self, key: str) -> None:
        await self.delete_many(["k" if key == "k*" else key, "k:1"])


# --- lifetimes -----------------------------------------------------------------------------------


class AsyncLivesForEver(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await super().set(key, value, ttl_seconds=1000)


class AsyncLivesShortly(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await super().set(key, value, ttl_seconds=ttl_seconds / 4)


class AsyncCountsInSeconds(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await super().set(key, value, ttl_seconds=max(1.0, ttl_seconds))


class AsyncSeveralLiveForEver(AsyncInMemoryCache):
    async def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        await super().set_many(items, ttl_seconds=1000)


class AsyncSwappedLiveForEver(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return await super().compare_and_set(key, expected, value, ttl_seconds=1000, prefix=prefix)


class AsyncRefusalsRenew(AsyncInMemoryCache):
    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        current = await self.get(key)
        await self.set(key, value if current is None else current, ttl_seconds=ttl_seconds)
        return current is None


# --- one of two ----------------------------------------------------------------------------------


class AsyncAlwaysSets(AsyncInMemoryCache):
    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        await self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class AsyncNeverCompares(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return await super().compare_and_set(key, b"", value, ttl_seconds=ttl_seconds, prefix=True)

    async def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return await super().compare_and_delete(key, b"", prefix=True)


class AsyncKnowsNoPrefix(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return await super().compare_and_set(key, expected, value, ttl_seconds=ttl_seconds)

    async def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return await super().compare_and_delete(key, expected)


class AsyncKnowsNoEmptyPrefix(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        prefix = prefix and expected != b""
        return await super().compare_and_set(
            key, expected, value, ttl_seconds=ttl_seconds, prefix=prefix
        )


class AsyncSaysItDid(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return True

    async def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return True


# --- several -------------------------------------------------------------------------------------


class AsyncStopsAtThousand(AsyncInMemoryCache):
    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        return await super().get_many(list(keys)[:1000])


class AsyncDeletesOne(AsyncInMemoryCache):
    async def delete_many(self, keys: Sequence[str]) -> None:
        await super().delete_many(keys[:1])


class AsyncClearsSome(AsyncInMemoryCache):
    async def clear(self) -> None:
        await self.delete_many([f"k{number}" for number in range(500)])


class AsyncCountsNothing(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return 0


# --- life ----------------------------------------------------------------------------------------


class AsyncIsAlwaysWell(AsyncInMemoryCache):
    async def check_health(self) -> bool:
        return True


class AsyncIsNeverWell(AsyncInMemoryCache):
    async def check_health(self) -> bool:
        return False


class AsyncClosesOnce(AsyncInMemoryCache):
    async def aclose(self) -> None:
        assert not self._closed
        await super().aclose()


_EVERY_BYTE = {"value": bytes(range(256))}


@pytest.mark.parametrize(
    ("faulty", "test", "arguments"),
    [
        (AsyncKeepsTheFirst, "a_value_comes_back_until_it_is_replaced", {}),
        (AsyncHasOneKey, "a_value_comes_back_until_it_is_replaced", {}),
        (AsyncIsNeverEmpty, "what_is_absent", {}),
        (AsyncFindsAbsentKeys, "what_is_absent", {}),
        (AsyncComparesWithNothing, "what_is_absent", {}),
        (AsyncTakesEmptyForAbsent, "the_very_bytes_come_back", {"value": b""}),
        (AsyncKnowsText, "the_very_bytes_come_back", _EVERY_BYTE),
        (AsyncGivesViews, "the_very_bytes_come_back", _EVERY_BYTE),
        (AsyncFoldsKeys, "every_key_is_a_key_of_its_own", {}),
        (AsyncDeletesByPattern, "every_key_is_a_key_of_its_own", {}),
        (AsyncLivesForEver, "a_value_lives_as_long_as_it_was_told_to", {}),
        (AsyncLivesShortly, "a_value_lives_as_long_as_it_was_told_to", {}),
        (AsyncCountsInSeconds, "short_lifetimes", {"ttl_seconds": 0.001}),
        (AsyncSeveralLiveForEver, "short_lifetimes", {"ttl_seconds": 0.001}),
        (AsyncKeepsTheFirst, "a_new_value_has_a_new_lifetime", {}),
        (AsyncSeveralLiveForEver, "a_new_value_has_a_new_lifetime", {}),
        (AsyncSwappedLiveForEver, "a_new_value_has_a_new_lifetime", {}),
        (AsyncAlwaysSets, "set_if_absent_changes_nothing_that_is_there", {}),
        (AsyncRefusalsRenew, "set_if_absent_changes_nothing_that_is_there", {}),
        (AsyncNeverCompares, "compare_and_set", {}),
        (AsyncKnowsNoPrefix, "compare_and_set", {}),
        (AsyncKnowsNoEmptyPrefix, "compare_and_set", {}),
        (AsyncSaysItDid, "compare_and_set", {}),
        (AsyncNeverCompares, "compare_and_delete", {}),
        (AsyncKnowsNoPrefix, "compare_and_delete", {}),
        (AsyncSaysItDid, "compare_and_delete", {}),
        (AsyncStopsAtThousand, "several_at_once", {}),
        (AsyncDeletesOne, "several_at_once", {}),
        (AsyncClearsSome, "clear_removes_everything", {}),
        (AsyncCountsNothing, "counters_are_offered_or_refused_clearly", {}),
        (AsyncLivesShortly, "it_agrees_with_a_dict_and_a_clock", {"seed": 0}),
        (AsyncNeverCompares, "it_agrees_with_a_dict_and_a_clock", {"seed": 1}),
        (AsyncDeletesOne, "it_agrees_with_a_dict_and_a_clock", {"seed": 2}),
        (AsyncUncounted, "it_agrees_with_a_dict_and_a_clock", {"seed": 3}),
        (AsyncIsAlwaysWell, "health_and_the_end", {}),
        (AsyncIsNeverWell, "health_and_the_end", {}),
        (AsyncClosesOnce, "health_and_the_end", {}),
    ],
)
async def test_a_faulty_cache_is_caught(
    faulty: type[AsyncInMemoryCache], test: str, arguments: dict[str, Any]
) -> None:
    suite = AsyncBasicCacheContract()
    suite.counters = True
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match=r"."):
        await getattr(suite, f"test_{test}")(faulty(time_fn=suite.clock), **arguments)


async def test_a_basic_cache_that_counts_wrongly_is_caught() -> None:
    suite = AsyncBasicCacheContract()
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match="DID NOT RAISE"):
        await suite.test_counters_are_offered_or_refused_clearly(AsyncCountsNothing())


async def test_a_cache_that_was_used_before_is_caught() -> None:
    cache = AsyncInMemoryCache()
    suite = AsyncBasicCacheContract()
    await suite.test_the_fixture_isolates_first(cache)
    with pytest.raises(AssertionError, match="is None"):
        await suite.test_the_fixture_isolates_second(cache)
