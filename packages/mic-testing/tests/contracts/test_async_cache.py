"""The suite of the whole interface of a cache passes a good backend, and catches a faulty one."""

import asyncio  # unasync: drop
import inspect
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from mic.cache import AsyncCacheBackend, AsyncInMemoryCache, CacheUnavailableError
from mic.testing import ManualClock
from mic.testing.contracts.cache import AsyncCacheBackendContract


class TestAsyncGood(AsyncCacheBackendContract):
    """A good backend."""

    @pytest.fixture
    async def backend(self, clock: ManualClock) -> AsyncIterator[AsyncInMemoryCache]:
        async with AsyncInMemoryCache(time_fn=clock) as cache:
            yield cache


CAUGHT = (AssertionError, pytest.fail.Exception, ExceptionGroup)


# --- what is refused -----------------------------------------------------------------------------


class AsyncTakesAnyKey(AsyncInMemoryCache):
    async def get(self, key: str) -> bytes | None:
        return None


class AsyncSetsBeforeItChecks(AsyncInMemoryCache):
    async def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        for key, value in items.items():
            await self.set(key, value, ttl_seconds=ttl_seconds)


class AsyncTakesOneForSeveral(AsyncInMemoryCache):
    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        return await super().get_many(list(keys))


class AsyncConverts(AsyncInMemoryCache):
    async def set(self, key: str, value: Any, *, ttl_seconds: float) -> None:
        await super().set(key, bytes(value), ttl_seconds=ttl_seconds)


class AsyncTakesAnyLifetime(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await super().set(key, value, ttl_seconds=60)


class AsyncRefusesLongLifetimes(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        if ttl_seconds > 2**31:
            raise AssertionError("more than a server takes")
        await super().set(key, value, ttl_seconds=ttl_seconds)


class AsyncForgetsLongLifetimes(AsyncInMemoryCache):
    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        if ttl_seconds < 2**31:
            await super().set(key, value, ttl_seconds=ttl_seconds)


# --- counters, and calls at once -----------------------------------------------------------------


class AsyncCountsNothing(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return 0


class AsyncCountsApart(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return await super().increment(
            f"{key}#", amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl
        )


class AsyncCountsInFloats(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        total = await super().increment(key, amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)
        return int(float(total))


class AsyncCountsWithoutEnd(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        total = int(await self.get(key) or b"0") + amount
        await self.set(key, b"%d" % total, ttl_seconds=ttl_seconds)
        return total


class AsyncReadsLeniently(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        if await self.get(key) == b" 1":
            return 2
        return await super().increment(key, amount, ttl_seconds=ttl_seconds)


class AsyncAlwaysRenews(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return await super().increment(key, amount, ttl_seconds=ttl_seconds, renew_ttl=True)


class AsyncNeverRenews(AsyncInMemoryCache):
    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return await super().increment(key, amount, ttl_seconds=ttl_seconds)


class AsyncAlwaysSets(AsyncInMemoryCache):
    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        await self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class AsyncSaysItDid(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return True

    async def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        return True


class AsyncLosesCounts(AsyncInMemoryCache):
    calls = itertools.count(1)

    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        lost = next(self.calls) % 7 == 0
        return await super().increment(key, 0 if lost else amount, ttl_seconds=ttl_seconds)


class AsyncMixesAnswersUp(AsyncInMemoryCache):  # unasync: drop
    """One connection, whose next answer is not the asker's when a caller was cancelled."""

    late: bytes | None = None

    async def get(self, key: str) -> bytes | None:
        value = await super().get(key)
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.late = value
            raise
        if self.late is not None:
            value, self.late = self.late, None
        return value


class AsyncIsNeverClosed(AsyncInMemoryCache):
    async def aclose(self) -> None:
        """Goes on."""


class AsyncSwapsNothing(AsyncInMemoryCache):
    async def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return await self.get(key) == expected


@pytest.mark.parametrize(
    ("faulty", "test", "arguments"),
    [
        (AsyncTakesAnyKey, "bad_keys_are_refused", {"key": "", "error": ValueError}),
        (AsyncTakesAnyKey, "bad_keys_are_refused", {"key": b"k", "error": TypeError}),
        (AsyncSetsBeforeItChecks, "bad_keys_are_refused", {"key": "", "error": ValueError}),
        (AsyncTakesOneForSeveral, "one_key_is_not_several", {}),
        (AsyncConverts, "what_is_no_bytes_is_refused", {"value": bytearray(b"v")}),
        (AsyncTakesAnyLifetime, "bad_lifetimes_are_refused", {"ttl_seconds": 0}),
        (AsyncTakesAnyLifetime, "bad_lifetimes_are_refused", {"ttl_seconds": None}),
        (AsyncRefusesLongLifetimes, "long_lifetimes", {"ttl_seconds": 10**30}),
        (AsyncForgetsLongLifetimes, "long_lifetimes", {"ttl_seconds": 1e300}),
        (AsyncCountsApart, "counting", {}),
        (AsyncCountsNothing, "counting", {}),
        (AsyncCountsInFloats, "numbers_have_64_bits", {}),
        (AsyncCountsWithoutEnd, "numbers_have_64_bits", {}),
        (AsyncReadsLeniently, "what_is_no_number_stays", {"text": b" 1"}),
        (AsyncAlwaysRenews, "a_counter_ends_when_it_was_begun_unless_renewed", {}),
        (AsyncNeverRenews, "a_counter_ends_when_it_was_begun_unless_renewed", {}),
        (AsyncAlwaysSets, "one_of_many_sets_what_is_absent", {}),
        (AsyncLosesCounts, "no_count_is_lost", {}),
        (AsyncSwapsNothing, "one_of_many_swaps", {}),
        (AsyncSaysItDid, "one_of_many_deletes", {}),
        (AsyncIsNeverClosed, "every_use_after_close_raises", {}),
    ],
)
async def test_a_faulty_backend_is_caught(
    faulty: type[AsyncInMemoryCache], test: str, arguments: dict[str, Any]
) -> None:
    suite = AsyncCacheBackendContract()
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match=r"."):
        await getattr(suite, f"test_{test}")(faulty(time_fn=suite.clock), **arguments)


async def test_answers_that_are_mixed_up_are_caught() -> None:  # unasync: drop
    suite = AsyncCacheBackendContract()
    with pytest.raises(AssertionError, match=r"."):
        await suite.test_a_cancelled_call_leaves_the_others_their_answers(AsyncMixesAnswersUp())


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


class AsyncServed(AsyncInMemoryCache):
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

    async def get(self, key: str) -> bytes | None:
        self._check_open()
        return await super().get(key)

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        await asyncio.sleep(0)  # unasync: drop
        await super().set(key, value, ttl_seconds=ttl_seconds)

    async def check_health(self) -> bool:
        return self.server.state == "running"


class AsyncShowsTheDriversError(AsyncServed):
    def failure(self) -> Exception:
        return ConnectionError("of the driver")


class AsyncHidesTheCause(AsyncServed):
    def _check_open(self) -> None:
        if self.server.state != "running":
            raise self.failure()


class AsyncHidesFailures(AsyncServed):
    def _check_open(self) -> None:
        """Never fails."""


class AsyncIsWellWithoutServer(AsyncServed):
    async def check_health(self) -> bool:
        return True


class AsyncNeverRecovers(AsyncServed):
    failed = False

    def _check_open(self) -> None:
        self.failed = self.failed or self.server.state != "running"
        if self.failed:
            raise self.failure() from TimeoutError("of the driver")


_PAUSED = "a_paused_server_is_unavailable_in_time"
_KILLED = "a_server_killed_in_the_middle_of_calls"


@pytest.mark.parametrize("test", [_PAUSED, _KILLED])
async def test_a_good_client_of_a_server_passes(test: str) -> None:
    server = FakeServer()
    await getattr(AsyncCacheBackendContract(), f"test_{test}")(AsyncServed(server), server)
    assert server.seen == (["paused", "running"] if test == _PAUSED else ["killed", "running"])


@pytest.mark.parametrize(
    ("faulty", "test"),
    [
        (AsyncShowsTheDriversError, _PAUSED),
        (AsyncShowsTheDriversError, _KILLED),
        (AsyncHidesTheCause, _PAUSED),
        (AsyncHidesTheCause, _KILLED),
        (AsyncHidesFailures, _PAUSED),
        (AsyncIsWellWithoutServer, _PAUSED),
        (AsyncIsWellWithoutServer, _KILLED),
    ],
)
async def test_a_faulty_client_of_a_server_is_caught(faulty: type[AsyncServed], test: str) -> None:
    server = FakeServer()
    with pytest.raises((*CAUGHT, ConnectionError), match=r"."):
        await getattr(AsyncCacheBackendContract(), f"test_{test}")(faulty(server), server)
    assert server.state == "running"


async def test_a_client_that_never_recovers_is_caught() -> None:
    server = FakeServer()
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        await AsyncCacheBackendContract().test_a_paused_server_is_unavailable_in_time(
            AsyncNeverRecovers(server), server
        )


async def test_a_client_that_waits_too_long_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer()
    readings = itertools.count(0, 10)
    slow = SimpleNamespace(monotonic=lambda: next(readings))
    monkeypatch.setattr("mic.testing.contracts._async.cache.time", slow)
    with pytest.raises(AssertionError, match="< 6"):
        await AsyncCacheBackendContract().test_a_paused_server_is_unavailable_in_time(
            AsyncServed(server), server
        )


async def test_a_class_with_a_server_needs_the_url_of_its_backend() -> None:
    fixture: Any = inspect.getattr_static(AsyncCacheBackendContract, "backend_url")
    function = getattr(fixture, "__wrapped__", None) or fixture._get_wrapped_function()
    with pytest.raises(NotImplementedError, match="gives the URL"):
        function(AsyncCacheBackendContract())


def test_a_test_class_that_replaces_a_clause_does_not_come_into_being() -> None:
    with pytest.raises(TypeError, match="Lenient replaces test_counting of its contract"):

        class AsyncLenient(AsyncCacheBackendContract):
            async def test_counting(self, backend: AsyncCacheBackend) -> None: ...
