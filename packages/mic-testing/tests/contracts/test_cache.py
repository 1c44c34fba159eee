# Generated from contracts/test_async_cache.py by "make unasync"; edit that file.
"""The suite of the whole interface of a cache passes a good backend, and catches a faulty one."""

import inspect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from mic.cache import CacheBackend, CacheUnavailableError, InMemoryCache
from mic.testing import ManualClock
from mic.testing.contracts.cache import CacheBackendContract


class TestGood(CacheBackendContract):
    """A good backend."""

    @pytest.fixture
    def backend(self, clock: ManualClock) -> Iterator[InMemoryCache]:
        with InMemoryCache(time_fn=clock) as cache:
            yield cache


CAUGHT = (AssertionError, pytest.fail.Exception, ExceptionGroup)


# --- what is refused -----------------------------------------------------------------------------


class TakesAnyKey(InMemoryCache):
    def get(self, key: str) -> bytes | None:
        return None


class SetsBeforeItChecks(InMemoryCache):
    def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        for key, value in items.items():
            self.set(key, value, ttl_seconds=ttl_seconds)


class TakesOneForSeveral(InMemoryCache):
    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        return super().get_many(list(keys))


class Converts(InMemoryCache):
    def set(self, key: str, value: Any, *, ttl_seconds: float) -> None:
        super().set(key, bytes(value), ttl_seconds=ttl_seconds)


class TakesAnyLifetime(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set(key, value, ttl_seconds=60)


class RefusesLongLifetimes(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        if ttl_seconds > 2**31:
            raise AssertionError("more than a server takes")
        super().set(key, value, ttl_seconds=ttl_seconds)


class ForgetsLongLifetimes(InMemoryCache):
    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        if ttl_seconds < 2**31:
            super().set(key, value, ttl_seconds=ttl_seconds)


# --- counters, and calls at once -----------------------------------------------------------------


class CountsNothing(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return 0


class CountsApart(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return super().increment(f"{key}#", amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)


class CountsInFloats(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        total = super().increment(key, amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)
        return int(float(total))


class CountsWithoutEnd(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        total = int(self.get(key) or b"0") + amount
        self.set(key, b"%d" % total, ttl_seconds=ttl_seconds)
        return total


class ReadsLeniently(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        if self.get(key) == b" 1":
            return 2
        return super().increment(key, amount, ttl_seconds=ttl_seconds)


class AlwaysRenews(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return super().increment(key, amount, ttl_seconds=ttl_seconds, renew_ttl=True)


class NeverRenews(InMemoryCache):
    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return super().increment(key, amount, ttl_seconds=ttl_seconds)


class AlwaysSets(InMemoryCache):
    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class SaysItDid(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return True

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return True


class LosesCounts(InMemoryCache):
    calls = itertools.count(1)

    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        lost = next(self.calls) % 7 == 0
        return super().increment(key, 0 if lost else amount, ttl_seconds=ttl_seconds)


class IsNeverClosed(InMemoryCache):
    def close(self) -> None:
        """Goes on."""


class SwapsNothing(InMemoryCache):
    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return self.get(key) == expected


@pytest.mark.parametrize(
    ("faulty", "test", "arguments"),
    [
        (TakesAnyKey, "bad_keys_are_refused", {"key": "", "error": ValueError}),
        (TakesAnyKey, "bad_keys_are_refused", {"key": b"k", "error": TypeError}),
        (SetsBeforeItChecks, "bad_keys_are_refused", {"key": "", "error": ValueError}),
        (TakesOneForSeveral, "one_key_is_not_several", {}),
        (Converts, "what_is_no_bytes_is_refused", {"value": bytearray(b"v")}),
        (TakesAnyLifetime, "bad_lifetimes_are_refused", {"ttl_seconds": 0}),
        (TakesAnyLifetime, "bad_lifetimes_are_refused", {"ttl_seconds": None}),
        (RefusesLongLifetimes, "long_lifetimes", {"ttl_seconds": 10**30}),
        (ForgetsLongLifetimes, "long_lifetimes", {"ttl_seconds": 1e300}),
        (CountsApart, "counting", {}),
        (CountsNothing, "counting", {}),
        (CountsInFloats, "numbers_have_64_bits", {}),
        (CountsWithoutEnd, "numbers_have_64_bits", {}),
        (ReadsLeniently, "what_is_no_number_stays", {"text": b" 1"}),
        (AlwaysRenews, "a_counter_ends_when_it_was_begun_unless_renewed", {}),
        (NeverRenews, "a_counter_ends_when_it_was_begun_unless_renewed", {}),
        (AlwaysSets, "one_of_many_sets_what_is_absent", {}),
        (LosesCounts, "no_count_is_lost", {}),
        (SwapsNothing, "one_of_many_swaps", {}),
        (SaysItDid, "one_of_many_deletes", {}),
        (IsNeverClosed, "every_use_after_close_raises", {}),
    ],
)
def test_a_faulty_backend_is_caught(
    faulty: type[InMemoryCache], test: str, arguments: dict[str, Any]
) -> None:
    suite = CacheBackendContract()
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match=r"."):
        getattr(suite, f"test_{test}")(faulty(time_fn=suite.clock), **arguments)


# --- the server ----------------------------------------------------------------------------------


class FakeServer:
    """A server that is only a word."""

    def __init__(self) -> None:
        self.state = "running"
        self.seen: list[str] = []

    def _go(self, state: str) -> None:
        self.state = state
        self.seen.append(state)

    def pause(self) -> None:
        self._go("paused")

    def resume(self) -> None:
        self._go("running")

    def kill(self) -> None:
        self._go("killed")

    def restart(self) -> None:
        self._go("running")


class Served(InMemoryCache):
    """A good client of the fake server."""

    def __init__(self, server: FakeServer) -> None:
        super().__init__()
        self.server = server

    def _check_open(self) -> None:
        super()._check_open()
        if self.server.state != "running":
            raise self.failure() from TimeoutError("of the driver")

    def failure(self) -> Exception:
        return CacheUnavailableError("the cache server is unavailable")

    def get(self, key: str) -> bytes | None:
        self._check_open()
        return super().get(key)

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        super().set(key, value, ttl_seconds=ttl_seconds)

    def check_health(self) -> bool:
        return self.server.state == "running"


class ShowsTheDriversError(Served):
    def failure(self) -> Exception:
        return ConnectionError("of the driver")


class HidesTheCause(Served):
    def _check_open(self) -> None:
        if self.server.state != "running":
            raise self.failure()


class HidesFailures(Served):
    def _check_open(self) -> None:
        """Never fails."""


class IsWellWithoutServer(Served):
    def check_health(self) -> bool:
        return True


class NeverRecovers(Served):
    failed = False

    def _check_open(self) -> None:
        self.failed = self.failed or self.server.state != "running"
        if self.failed:
            raise self.failure() from TimeoutError("of the driver")


_PAUSED = "a_paused_server_is_unavailable_in_time"
_KILLED = "a_server_killed_in_the_middle_of_calls"


@pytest.mark.parametrize("test", [_PAUSED, _KILLED])
def test_a_good_client_of_a_server_passes(test: str) -> None:
    server = FakeServer()
    getattr(CacheBackendContract(), f"test_{test}")(Served(server), server)
    assert server.seen == (["paused", "running"] if test == _PAUSED else ["killed", "running"])


@pytest.mark.parametrize(
    ("faulty", "test"),
    [
        (ShowsTheDriversError, _PAUSED),
        (ShowsTheDriversError, _KILLED),
        (HidesTheCause, _PAUSED),
        (HidesTheCause, _KILLED),
        (HidesFailures, _PAUSED),
        (IsWellWithoutServer, _PAUSED),
        (IsWellWithoutServer, _KILLED),
    ],
)
def test_a_faulty_client_of_a_server_is_caught(faulty: type[Served], test: str) -> None:
    server = FakeServer()
    with pytest.raises((*CAUGHT, ConnectionError), match=r"."):
        getattr(CacheBackendContract(), f"test_{test}")(faulty(server), server)
    assert server.state == "running"


def test_a_client_that_never_recovers_is_caught() -> None:
    server = FakeServer()
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        CacheBackendContract().test_a_paused_server_is_unavailable_in_time(
            NeverRecovers(server), server
        )


def test_a_client_that_waits_too_long_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer()
    readings = itertools.count(0, 10)
    slow = SimpleNamespace(monotonic=lambda: next(readings))
    monkeypatch.setattr("mic.testing.contracts._sync.cache.time", slow)
    with pytest.raises(AssertionError, match="< 6"):
        CacheBackendContract().test_a_paused_server_is_unavailable_in_time(Served(server), server)


def test_a_class_with_a_server_needs_the_url_of_its_backend() -> None:
    fixture: Any = inspect.getattr_static(CacheBackendContract, "backend_url")
    function = getattr(fixture, "__wrapped__", None) or fixture._get_wrapped_function()
    with pytest.raises(NotImplementedError, match="gives the URL"):
        function(CacheBackendContract())


def test_a_test_class_that_replaces_a_clause_does_not_come_into_being() -> None:
    with pytest.raises(TypeError, match="Lenient replaces test_counting of its contract"):

        class Lenient(CacheBackendContract):
            def test_counting(self, backend: CacheBackend) -> None: ...
