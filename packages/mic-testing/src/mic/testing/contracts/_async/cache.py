"""The suite of every cache backend of the family."""

import asyncio  # unasync: drop
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mic.cache import AsyncCacheBackend, CacheError, CacheUnavailableError, InvalidTtlError
from mic.testing import aeventually
from mic.testing.contracts._async.cache_basic import AsyncBasicCacheContract
from mic.testing.contracts._base import needs_server
from mic.testing.contracts._second_process import run_program
from mic.testing.contracts._together_async import together

__all__ = ["AsyncCacheBackendContract"]

SECOND_PROCESS_SECONDS = 20
"""How long two processes wait for each other."""

_MOST = 2**63 - 1
_IN_ANOTHER_PROCESS = """
import sys, time
from mic.cache import connect

with connect(sys.argv[1]) as cache:
    cache.set("ready", b"1", ttl_seconds=60)
    until = time.monotonic() + float(sys.argv[2])
    while cache.get("go") is None and time.monotonic() < until:
        time.sleep(0.001)
    print(sum(cache.set_if_absent(f"w{n}", b"other", ttl_seconds=60) for n in range(50)))
    for _ in range(50):
        cache.increment("n", ttl_seconds=60)
    print(cache.compare_and_set("turn", b"ours", b"theirs", ttl_seconds=60))
"""

_Calls = dict[str, Callable[[], Awaitable[Any]]]


def _calls(
    backend: AsyncCacheBackend, *, key: Any = "k", value: Any = b"v", ttl: Any = 60
) -> _Calls:
    """A call of every method that takes a key, with what it is given."""
    return {
        "get": lambda: backend.get(key),
        "set": lambda: backend.set(key, value, ttl_seconds=ttl),
        "set_if_absent": lambda: backend.set_if_absent(key, value, ttl_seconds=ttl),
        "delete": lambda: backend.delete(key),
        "get_many": lambda: backend.get_many(["good", key]),
        "set_many": lambda: backend.set_many({"good": b"v", key: value}, ttl_seconds=ttl),
        "delete_many": lambda: backend.delete_many(["good", key]),
        "increment": lambda: backend.increment(key, ttl_seconds=ttl),
        "compare_and_set": lambda: backend.compare_and_set(key, b"", value, ttl_seconds=ttl),
        "compare_and_delete": lambda: backend.compare_and_delete(key, value),
    }


_WITH_VALUE = ("set", "set_if_absent", "set_many", "compare_and_set", "compare_and_delete")
_WITH_TTL = ("set", "set_if_absent", "set_many", "increment", "compare_and_set")


class AsyncCacheBackendContract(AsyncBasicCacheContract):
    """The whole interface: atomic, checked before any I/O, with counters.

    A test class gives the fixture `backend`; one that names a server gives `backend_url` as well,
    with which `mic.cache.connect` reaches the same entries from a second process.
    """

    counters = True

    @pytest.fixture
    def backend_url(self) -> str:
        """What `mic.cache.connect` takes to reach the same entries."""
        raise NotImplementedError("a test class that names a server gives the URL of its backend")

    # --- what is refused -------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("key", "error"),
        [
            pytest.param("", ValueError, id="empty"),
            pytest.param("x" * 1025, ValueError, id="too long"),
            pytest.param("é" * 513, ValueError, id="too long in UTF-8"),
            pytest.param("a\0b", ValueError, id="NUL"),
            pytest.param("\ud800", ValueError, id="half a surrogate"),
            pytest.param(b"k", TypeError, id="bytes"),
            pytest.param(None, TypeError, id="None"),
            pytest.param(5, TypeError, id="int"),
        ],
    )
    async def test_bad_keys_are_refused(
        self, backend: AsyncCacheBackend, key: Any, error: type[Exception]
    ) -> None:
        await backend.set("good", b"old", ttl_seconds=60)
        for call in _calls(backend, key=key).values():
            with pytest.raises(error, match="key must"):
                await call()
        assert await backend.get("good") == b"old"

    async def test_one_key_is_not_several(self, backend: AsyncCacheBackend) -> None:
        for call in (backend.get_many, backend.delete_many):
            with pytest.raises(TypeError, match="not one key"):
                await call("key")
        items: Any = [("k", b"v")]
        with pytest.raises(TypeError, match="mapping"):
            await backend.set_many(items, ttl_seconds=60)

    @pytest.mark.parametrize("value", ["text", None, 5, bytearray(b"v"), memoryview(b"v")])
    async def test_what_is_no_bytes_is_refused(
        self, backend: AsyncCacheBackend, value: Any
    ) -> None:
        await backend.set("k", b"old", ttl_seconds=60)
        calls = _calls(backend, value=value)
        for name in _WITH_VALUE:
            with pytest.raises(TypeError, match="value must be bytes"):
                await calls[name]()
        with pytest.raises(TypeError, match="value must be bytes"):
            await backend.compare_and_set("k", value, b"v", ttl_seconds=60)
        assert await backend.get_many(["k", "good"]) == {"k": b"old"}

    @pytest.mark.parametrize(
        "ttl_seconds",
        [0, -1, 0.0, 0.0009, -0.5, math.nan, math.inf, -math.inf, True, None, "60", 60 + 0j],
    )
    async def test_bad_lifetimes_are_refused(
        self, backend: AsyncCacheBackend, ttl_seconds: Any
    ) -> None:
        await backend.set("k", b"", ttl_seconds=60)
        calls = _calls(backend, ttl=ttl_seconds)
        for name in _WITH_TTL:
            with pytest.raises(InvalidTtlError, match="ttl_seconds must") as caught:
                await calls[name]()
            assert isinstance(caught.value, ValueError)
            assert caught.value.code == "cache.invalid_ttl"
        assert await backend.get_many(["k", "good"]) == {"k": b""}

    @pytest.mark.parametrize("ttl_seconds", [1, 10**30, 1e300])
    async def test_long_lifetimes(self, backend: AsyncCacheBackend, ttl_seconds: float) -> None:
        calls = _calls(backend, value=b"1", ttl=ttl_seconds)
        for name in ("set", "set_if_absent", "set_many", "increment"):
            await calls[name]()
            assert await backend.get("k") == b"1"
            await backend.delete("k")
        await backend.set("k", b"", ttl_seconds=60)
        assert await calls["compare_and_set"]()
        assert await backend.get("k") == b"1"

    # --- counters --------------------------------------------------------------------------------

    async def test_counting(self, backend: AsyncCacheBackend) -> None:
        assert await backend.increment("n", ttl_seconds=60) == 1
        assert await backend.increment("n", 41, ttl_seconds=60) == 42
        assert await backend.get("n") == b"42"
        assert await backend.increment("n", -50, ttl_seconds=60) == -8
        assert await backend.increment("n", 0, ttl_seconds=60) == -8
        await backend.set("n", b"7", ttl_seconds=60)
        assert await backend.increment("n", ttl_seconds=60) == 8
        assert await backend.compare_and_set("n", b"8", b"100", ttl_seconds=60)
        assert await backend.increment("n", ttl_seconds=60) == 101

    async def test_numbers_have_64_bits(self, backend: AsyncCacheBackend) -> None:
        assert await backend.increment("n", _MOST, ttl_seconds=60) == _MOST
        assert await backend.increment("m", -_MOST - 1, ttl_seconds=60) == -_MOST - 1
        for key, amount in (("n", 1), ("n", _MOST), ("m", -1), ("m", -_MOST - 1)):
            with pytest.raises(CacheError, match="64-bit number") as caught:
                await backend.increment(key, amount, ttl_seconds=60)
            assert caught.value.code == "cache.not_a_number"
        assert await backend.get_many(["n", "m"]) == {
            "n": b"%d" % _MOST,
            "m": b"%d" % (-_MOST - 1),
        }
        assert await backend.increment("n", -(2**53) - 1, ttl_seconds=60) == _MOST - 2**53 - 1
        for amount in (_MOST + 1, -_MOST - 2):
            with pytest.raises(ValueError, match="64-bit"):
                await backend.increment("n", amount, ttl_seconds=60)
        wrong: list[Any] = [1.0, "1", None, True]
        for amount in wrong:
            with pytest.raises(TypeError, match="amount must be an int"):
                await backend.increment("n", amount, ttl_seconds=60)

    @pytest.mark.parametrize(
        "text", [b"", b"one", b"1.5", b"01", b"+1", b" 1", b"1\n", b"-0", b"9" * 19, b"1" * 30]
    )
    async def test_what_is_no_number_stays(self, backend: AsyncCacheBackend, text: bytes) -> None:
        await backend.set("n", text, ttl_seconds=60)
        with pytest.raises(CacheError, match="64-bit number") as caught:
            await backend.increment("n", ttl_seconds=60)
        assert caught.value.code == "cache.not_a_number"
        assert await backend.get("n") == text

    async def test_a_counter_ends_when_it_was_begun_unless_renewed(
        self, backend: AsyncCacheBackend
    ) -> None:
        span = self._span()
        await backend.increment("begun", ttl_seconds=span)
        await backend.increment("renewed", ttl_seconds=span)
        await backend.increment("shortened", ttl_seconds=60)
        await backend.increment("renewed", ttl_seconds=60, renew_ttl=True)
        await backend.increment("shortened", ttl_seconds=span, renew_ttl=True)
        await backend.increment("begun", ttl_seconds=60)
        await self.advance(span)
        begun = await backend.get("begun")
        # Where the time is real, it may have ended before it was counted up.
        assert begun is None or (begun == b"1" and self._server_decides_time())
        assert await backend.get_many(["renewed", "shortened"]) == {"renewed": b"2"}

    # --- at once ---------------------------------------------------------------------------------

    async def test_one_of_many_sets_what_is_absent(self, backend: AsyncCacheBackend) -> None:
        for number in range(10):
            key = f"k{number}"

            async def claim(key: str = key) -> bool:
                return await backend.set_if_absent(key, b"v", ttl_seconds=60)

            assert sorted(await together(*[claim] * 8)) == [False] * 7 + [True]

    async def test_no_count_is_lost(self, backend: AsyncCacheBackend) -> None:
        async def count() -> None:
            for _ in range(20):
                await backend.increment("n", ttl_seconds=60)

        assert await together(*[count] * 8) == [None] * 8
        assert await backend.get("n") == b"160"

    async def test_one_of_many_swaps(self, backend: AsyncCacheBackend) -> None:
        await backend.set("k", b"0", ttl_seconds=60)

        async def count() -> int:
            done = 0
            while done < 5:
                current = await backend.get("k")
                assert current is not None
                following = b"%d" % (int(current) + 1)
                done += await backend.compare_and_set("k", current, following, ttl_seconds=60)
            return done

        assert await together(*[count] * 4) == [5] * 4
        assert await backend.get("k") == b"20"

    async def test_one_of_many_deletes(self, backend: AsyncCacheBackend) -> None:
        for number in range(10):
            key = f"k{number}"
            await backend.set(key, b"mine", ttl_seconds=60)

            async def take(key: str = key) -> bool:
                return await backend.compare_and_delete(key, b"mi", prefix=True)

            assert sorted(await together(*[take] * 8)) == [False] * 7 + [True]

    async def test_a_cancelled_call_leaves_the_others_their_answers(  # unasync: drop
        self, backend: AsyncCacheBackend
    ) -> None:
        items = {f"k{number}": b"%d" % number for number in range(20)}
        await backend.set_many(items, ttl_seconds=60)

        async def read(key: str) -> None:
            for _ in range(5):
                assert await backend.get(key) == items[key]
                assert await backend.get_many([key, "absent"]) == {key: items[key]}
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(read(key)) for key in items]
        for turn, task in enumerate(tasks[::2]):
            for _ in range(turn % 4):
                await asyncio.sleep(0)
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError | None) for each in outcomes[::2])
        assert outcomes[1::2] == [None] * 10
        for key, value in items.items():
            assert await backend.get(key) == value

    # --- the end ---------------------------------------------------------------------------------

    async def test_every_use_after_close_raises(self, backend: AsyncCacheBackend) -> None:
        await backend.set("k", b"1", ttl_seconds=60)
        await backend.aclose()
        for call in (*_calls(backend, value=b"1").values(), backend.clear, backend.__aenter__):
            with pytest.raises(RuntimeError, match="is closed"):
                await call()

    # --- the server ------------------------------------------------------------------------------

    @needs_server
    async def test_a_second_process_shares_the_entries(
        self, backend: AsyncCacheBackend, backend_url: str
    ) -> None:
        async def other() -> str:
            call = (_IN_ANOTHER_PROCESS, backend_url, str(SECOND_PROCESS_SECONDS))
            return await asyncio.to_thread(run_program, *call)  # unasync: drop
            # unasync: add return run_program(*call)

        async def same() -> int:
            # A process takes longer to start than all that follows: they begin together.
            await aeventually(lambda: backend.get("ready"), within=SECOND_PROCESS_SECONDS)
            await backend.set("go", b"1", ttl_seconds=60)
            won = 0
            for number in range(50):
                won += await backend.set_if_absent(f"w{number}", b"ours", ttl_seconds=60)
                await backend.increment("n", ttl_seconds=60)
            return won

        await backend.set("turn", b"ours", ttl_seconds=60)
        for outcome in (outcomes := await together(other, same)):
            if isinstance(outcome, BaseException):
                raise outcome
        printed, ours = outcomes
        theirs, swapped = printed.split()
        assert int(theirs) + ours == 50
        assert swapped == "True"
        assert await backend.get_many(["n", "turn"]) == {"n": b"100", "turn": b"theirs"}

    @needs_server
    async def test_a_paused_server_is_unavailable_in_time(
        self, backend: AsyncCacheBackend, contract_server: Any
    ) -> None:
        await backend.set("k", b"1", ttl_seconds=60)
        calls = [*_calls(backend, value=b"1").values(), backend.clear]
        contract_server.pause()
        try:
            began = time.monotonic()
            outcomes = await together(*calls)
            assert await backend.check_health() is False
            assert time.monotonic() - began < 6
        finally:
            contract_server.resume()
        for outcome in outcomes:
            assert isinstance(outcome, CacheUnavailableError), outcome
            assert outcome.__cause__ is not None
            assert outcome.retryable
        await self._is_well_again(backend)

    @needs_server
    async def test_a_server_killed_in_the_middle_of_calls(
        self, backend: AsyncCacheBackend, contract_server: Any
    ) -> None:
        async def work() -> None:
            while True:
                await backend.set("k", b"v" * 1000, ttl_seconds=60)
                await backend.increment("n", ttl_seconds=60)
                await backend.get_many(["k", "n"])

        async def kill() -> None:
            await aeventually(lambda: backend.get("n"))
            contract_server.kill()

        try:
            *outcomes, killed = await together(*[work] * 4, kill)
            assert killed is None
            for outcome in outcomes:
                assert isinstance(outcome, CacheUnavailableError), outcome
                assert outcome.__cause__ is not None
            with pytest.raises(CacheUnavailableError, match="unavailable"):
                await backend.get("k")
            assert await backend.check_health() is False
        finally:
            contract_server.restart()
        await self._is_well_again(backend)

    async def _is_well_again(self, backend: AsyncCacheBackend) -> None:
        await aeventually(backend.check_health)
        await backend.set("n", b"1", ttl_seconds=60)
        assert await backend.increment("n", ttl_seconds=60) == 2
        assert await backend.compare_and_set("n", b"2", b"3", ttl_seconds=60)
        assert await backend.get("n") == b"3"
