# Generated from contracts/test_async_cache_basic.py by "make unasync"; edit that file.
"""The suite of the published methods passes a good cache, and catches one that breaks a clause."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mic.cache import CacheError, InMemoryCache
from mic.testing import ManualClock
from mic.testing.contracts.cache import BasicCacheContract


class Uncounted(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        raise CacheError("no counters", code="cache.unsupported")


class TestGood(BasicCacheContract):
    """A good backend with counters."""

    counters = True

    @pytest.fixture
    def backend(self, clock: ManualClock) -> InMemoryCache:
        return InMemoryCache(time_fn=clock)


class TestGoodWithoutCounters(BasicCacheContract):
    """A good backend without counters."""

    @pytest.fixture
    def backend(self, clock: ManualClock) -> Uncounted:
        return Uncounted(time_fn=clock)


CAUGHT = (AssertionError, pytest.fail.Exception, ExceptionGroup)


# --- values --------------------------------------------------------------------------------------


class KeepsTheFirst(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        self.set_if_absent(key, value, ttl_seconds=ttl_seconds)


class HasOneKey(InMemoryCache):
    def get(self, key: str) -> bytes | None:
        return super().get("k")

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set("k", value, ttl_seconds=ttl_seconds)


class IsNeverEmpty(InMemoryCache):
    def get(self, key: str) -> bytes | None:
        return super().get(key) or b""


class TakesEmptyForAbsent(InMemoryCache):
    def get(self, key: str) -> bytes | None:
        return super().get(key) or None


class FindsAbsentKeys(InMemoryCache):
    def get_many(self, keys: Sequence[str]) -> dict[str, Any]:
        return {key: self.get(key) for key in keys}


class ComparesWithNothing(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return expected == b"" or super().compare_and_set(
            key, expected, value, ttl_seconds=ttl_seconds, prefix=prefix
        )


class KnowsText(InMemoryCache):
    def get(self, key: str) -> bytes | None:
        value = super().get(key)
        return None if value is None else value.decode(errors="replace").encode()


class GivesViews(InMemoryCache):
    def get(self, key: str) -> Any:
        value = super().get(key)
        return None if value is None else bytearray(value)


class FoldsKeys(InMemoryCache):
    def get(self, key: str) -> bytes | None:
        return super().get(key.lower())

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set(key.lower(), value, ttl_seconds=ttl_seconds)


class DeletesByPattern(InMemoryCache):
    def delete(self, key: str) -> None:
        self.delete_many(["k" if key == "k*" else key, "k:1"])


# --- lifetimes -----------------------------------------------------------------------------------


class LivesForEver(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set(key, value, ttl_seconds=1000)


class LivesShortly(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set(key, value, ttl_seconds=ttl_seconds / 4)


class CountsInSeconds(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set(key, value, ttl_seconds=max(1.0, ttl_seconds))


class SeveralLiveForEver(InMemoryCache):
    def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        super().set_many(items, ttl_seconds=1000)


class SwappedLiveForEver(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return super().compare_and_set(key, expected, value, ttl_seconds=1000, prefix=prefix)


class RefusalsRenew(InMemoryCache):
    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        current = self.get(key)
        self.set(key, value if current is None else current, ttl_seconds=ttl_seconds)
        return current is None


# --- one of two ----------------------------------------------------------------------------------


class AlwaysSets(InMemoryCache):
    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class NeverCompares(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return super().compare_and_set(key, b"", value, ttl_seconds=ttl_seconds, prefix=True)

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return super().compare_and_delete(key, b"", prefix=True)


class KnowsNoPrefix(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return super().compare_and_set(key, expected, value, ttl_seconds=ttl_seconds)

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return super().compare_and_delete(key, expected)


class KnowsNoEmptyPrefix(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        prefix = prefix and expected != b""
        return super().compare_and_set(key, expected, value, ttl_seconds=ttl_seconds, prefix=prefix)


class SaysItDid(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return True

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return True


# --- several -------------------------------------------------------------------------------------


class StopsAtThousand(InMemoryCache):
    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        return super().get_many(list(keys)[:1000])


class DeletesOne(InMemoryCache):
    def delete_many(self, keys: Sequence[str]) -> None:
        super().delete_many(keys[:1])


class ClearsSome(InMemoryCache):
    def clear(self) -> None:
        self.delete_many([f"k{number}" for number in range(500)])


class CountsNothing(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return 0


# --- life ----------------------------------------------------------------------------------------


class IsAlwaysWell(InMemoryCache):
    def check_health(self) -> bool:
        return True


class IsNeverWell(InMemoryCache):
    def check_health(self) -> bool:
        return False


class ClosesOnce(InMemoryCache):
    def close(self) -> None:
        assert not self._closed
        super().close()


_EVERY_BYTE = {"value": bytes(range(256))}


@pytest.mark.parametrize(
    ("faulty", "test", "arguments"),
    [
        (KeepsTheFirst, "a_value_comes_back_until_it_is_replaced", {}),
        (HasOneKey, "a_value_comes_back_until_it_is_replaced", {}),
        (IsNeverEmpty, "what_is_absent", {}),
        (FindsAbsentKeys, "what_is_absent", {}),
        (ComparesWithNothing, "what_is_absent", {}),
        (TakesEmptyForAbsent, "the_very_bytes_come_back", {"value": b""}),
        (KnowsText, "the_very_bytes_come_back", _EVERY_BYTE),
        (GivesViews, "the_very_bytes_come_back", _EVERY_BYTE),
        (FoldsKeys, "every_key_is_a_key_of_its_own", {}),
        (DeletesByPattern, "every_key_is_a_key_of_its_own", {}),
        (LivesForEver, "a_value_lives_as_long_as_it_was_told_to", {}),
        (LivesShortly, "a_value_lives_as_long_as_it_was_told_to", {}),
        (CountsInSeconds, "short_lifetimes", {"ttl_seconds": 0.001}),
        (SeveralLiveForEver, "short_lifetimes", {"ttl_seconds": 0.001}),
        (KeepsTheFirst, "a_new_value_has_a_new_lifetime", {}),
        (SeveralLiveForEver, "a_new_value_has_a_new_lifetime", {}),
        (SwappedLiveForEver, "a_new_value_has_a_new_lifetime", {}),
        (AlwaysSets, "set_if_absent_changes_nothing_that_is_there", {}),
        (RefusalsRenew, "set_if_absent_changes_nothing_that_is_there", {}),
        (NeverCompares, "compare_and_set", {}),
        (KnowsNoPrefix, "compare_and_set", {}),
        (KnowsNoEmptyPrefix, "compare_and_set", {}),
        (SaysItDid, "compare_and_set", {}),
        (NeverCompares, "compare_and_delete", {}),
        (KnowsNoPrefix, "compare_and_delete", {}),
        (SaysItDid, "compare_and_delete", {}),
        (StopsAtThousand, "several_at_once", {}),
        (DeletesOne, "several_at_once", {}),
        (ClearsSome, "clear_removes_everything", {}),
        (CountsNothing, "counters_are_offered_or_refused_clearly", {}),
        (LivesShortly, "it_agrees_with_a_dict_and_a_clock", {"seed": 0}),
        (NeverCompares, "it_agrees_with_a_dict_and_a_clock", {"seed": 1}),
        (DeletesOne, "it_agrees_with_a_dict_and_a_clock", {"seed": 2}),
        (Uncounted, "it_agrees_with_a_dict_and_a_clock", {"seed": 3}),
        (IsAlwaysWell, "health_and_the_end", {}),
        (IsNeverWell, "health_and_the_end", {}),
        (ClosesOnce, "health_and_the_end", {}),
    ],
)
def test_a_faulty_cache_is_caught(
    faulty: type[InMemoryCache], test: str, arguments: dict[str, Any]
) -> None:
    suite = BasicCacheContract()
    suite.counters = True
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match=r"."):
        getattr(suite, f"test_{test}")(faulty(time_fn=suite.clock), **arguments)


def test_a_basic_cache_that_counts_wrongly_is_caught() -> None:
    suite = BasicCacheContract()
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match="DID NOT RAISE"):
        suite.test_counters_are_offered_or_refused_clearly(CountsNothing())


def test_a_cache_that_was_used_before_is_caught() -> None:
    cache = InMemoryCache()
    suite = BasicCacheContract()
    suite.test_the_fixture_isolates_first(cache)
    with pytest.raises(AssertionError, match="is None"):
        suite.test_the_fixture_isolates_second(cache)
