# Generated from _async/cache.py by "make unasync"; edit that file.
"""The suite of every cache backend of the family."""

import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from mic.cache import CacheBackend, CacheError, CacheUnavailableError, InvalidTtlError
from mic.testing import eventually
from mic.testing.contracts._base import needs_server
from mic.testing.contracts._second_process import run_program
from mic.testing.contracts._sync.cache_basic import BasicCacheContract
from mic.testing.contracts._together_sync import together

__all__ = ["CacheBackendContract"]

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

_Calls = dict[str, Callable[[], Any]]


def _calls(backend: CacheBackend, *, key: Any = "k", value: Any = b"v", ttl: Any = 60) -> _Calls:
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


class CacheBackendContract(BasicCacheContract):
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
    def test_bad_keys_are_refused(
        self, backend: CacheBackend, key: Any, error: type[Exception]
    ) -> None:
        backend.set("good", b"old", ttl_seconds=60)
        for call in _calls(backend, key=key).values():
            with pytest.raises(error, match="key must"):
                call()
        assert backend.get("good") == b"old"

    def test_one_key_is_not_several(self, backend: CacheBackend) -> None:
        for call in (backend.get_many, backend.delete_many):
            with pytest.raises(TypeError, match="not one key"):
                call("key")
        items: Any = [("k", b"v")]
        with pytest.raises(TypeError, match="mapping"):
            backend.set_many(items, ttl_seconds=60)

    @pytest.mark.parametrize("value", ["text", None, 5, bytearray(b"v"), memoryview(b"v")])
    def test_what_is_no_bytes_is_refused(self, backend: CacheBackend, value: Any) -> None:
        backend.set("k", b"old", ttl_seconds=60)
        calls = _calls(backend, value=value)
        for name in _WITH_VALUE:
            with pytest.raises(TypeError, match="value must be bytes"):
                calls[name]()
        with pytest.raises(TypeError, match="value must be bytes"):
            backend.compare_and_set("k", value, b"v", ttl_seconds=60)
        assert backend.get_many(["k", "good"]) == {"k": b"old"}

    @pytest.mark.parametrize(
        "ttl_seconds",
        [0, -1, 0.0, 0.0009, -0.5, math.nan, math.inf, -math.inf, True, None, "60", 60 + 0j],
    )
    def test_bad_lifetimes_are_refused(self, backend: CacheBackend, ttl_seconds: Any) -> None:
        backend.set("k", b"", ttl_seconds=60)
        calls = _calls(backend, ttl=ttl_seconds)
        for name in _WITH_TTL:
            with pytest.raises(InvalidTtlError, match="ttl_seconds must") as caught:
                calls[name]()
            assert isinstance(caught.value, ValueError)
            assert caught.value.code == "cache.invalid_ttl"
        assert backend.get_many(["k", "good"]) == {"k": b""}

    @pytest.mark.parametrize("ttl_seconds", [1, 10**30, 1e300])
    def test_long_lifetimes(self, backend: CacheBackend, ttl_seconds: float) -> None:
        calls = _calls(backend, value=b"1", ttl=ttl_seconds)
        for name in ("set", "set_if_absent", "set_many", "increment"):
            calls[name]()
            assert backend.get("k") == b"1"
            backend.delete("k")
        backend.set("k", b"", ttl_seconds=60)
        assert calls["compare_and_set"]()
        assert backend.get("k") == b"1"

    # --- counters --------------------------------------------------------------------------------

    def test_counting(self, backend: CacheBackend) -> None:
        assert backend.increment("n", ttl_seconds=60) == 1
        assert backend.increment("n", 41, ttl_seconds=60) == 42
        assert backend.get("n") == b"42"
        assert backend.increment("n", -50, ttl_seconds=60) == -8
        assert backend.increment("n", 0, ttl_seconds=60) == -8
        backend.set("n", b"7", ttl_seconds=60)
        assert backend.increment("n", ttl_seconds=60) == 8
        assert backend.compare_and_set("n", b"8", b"100", ttl_seconds=60)
        assert backend.increment("n", ttl_seconds=60) == 101

    def test_numbers_have_64_bits(self, backend: CacheBackend) -> None:
        assert backend.increment("n", _MOST, ttl_seconds=60) == _MOST
        assert backend.increment("m", -_MOST - 1, ttl_seconds=60) == -_MOST - 1
        for key, amount in (("n", 1), ("n", _MOST), ("m", -1), ("m", -_MOST - 1)):
            with pytest.raises(CacheError, match="64-bit number") as caught:
                backend.increment(key, amount, ttl_seconds=60)
            assert caught.value.code == "cache.not_a_number"
        assert backend.get_many(["n", "m"]) == {
            "n": b"%d" % _MOST,
            "m": b"%d" % (-_MOST - 1),
        }
        assert backend.increment("n", -(2**53) - 1, ttl_seconds=60) == _MOST - 2**53 - 1
        for amount in (_MOST + 1, -_MOST - 2):
            with pytest.raises(ValueError, match="64-bit"):
                backend.increment("n", amount, ttl_seconds=60)
        wrong: list[Any] = [1.0, "1", None, True]
        for amount in wrong:
            with pytest.raises(TypeError, match="amount must be an int"):
                backend.increment("n", amount, ttl_seconds=60)

    @pytest.mark.parametrize(
        "text", [b"", b"one", b"1.5", b"01", b"+1", b" 1", b"1\n", b"-0", b"9" * 19, b"1" * 30]
    )
    def test_what_is_no_number_stays(self, backend: CacheBackend, text: bytes) -> None:
        backend.set("n", text, ttl_seconds=60)
        with pytest.raises(CacheError, match="64-bit number") as caught:
            backend.increment("n", ttl_seconds=60)
        assert caught.value.code == "cache.not_a_number"
        assert backend.get("n") == text

    def test_a_counter_ends_when_it_was_begun_unless_renewed(self, backend: CacheBackend) -> None:
        span = self._span()
        backend.increment("begun", ttl_seconds=span)
        backend.increment("renewed", ttl_seconds=span)
        backend.increment("shortened", ttl_seconds=60)
        backend.increment("renewed", ttl_seconds=60, renew_ttl=True)
        backend.increment("shortened", ttl_seconds=span, renew_ttl=True)
        backend.increment("begun", ttl_seconds=60)
        self.advance(span)
        begun = backend.get("begun")
        # Where the time is real, it may have ended before it was counted up.
        assert begun is None or (begun == b"1" and self._server_decides_time())
        assert backend.get_many(["renewed", "shortened"]) == {"renewed": b"2"}

    # --- at once ---------------------------------------------------------------------------------

    def test_one_of_many_sets_what_is_absent(self, backend: CacheBackend) -> None:
        for number in range(10):
            key = f"k{number}"

            def claim(key: str = key) -> bool:
                return backend.set_if_absent(key, b"v", ttl_seconds=60)

            assert sorted(together(*[claim] * 8)) == [False] * 7 + [True]

    def test_no_count_is_lost(self, backend: CacheBackend) -> None:
        def count() -> None:
            for _ in range(20):
                backend.increment("n", ttl_seconds=60)

        assert together(*[count] * 8) == [None] * 8
        assert backend.get("n") == b"160"

    def test_one_of_many_swaps(self, backend: CacheBackend) -> None:
        backend.set("k", b"0", ttl_seconds=60)

        def count() -> int:
            done = 0
            while done < 5:
                current = backend.get("k")
                assert current is not None
                following = b"%d" % (int(current) + 1)
                done += backend.compare_and_set("k", current, following, ttl_seconds=60)
            return done

        assert together(*[count] * 4) == [5] * 4
        assert backend.get("k") == b"20"

    def test_one_of_many_deletes(self, backend: CacheBackend) -> None:
        for number in range(10):
            key = f"k{number}"
            backend.set(key, b"mine", ttl_seconds=60)

            def take(key: str = key) -> bool:
                return backend.compare_and_delete(key, b"mi", prefix=True)

            assert sorted(together(*[take] * 8)) == [False] * 7 + [True]

    # --- the end ---------------------------------------------------------------------------------

    def test_every_use_after_close_raises(self, backend: CacheBackend) -> None:
        backend.set("k", b"1", ttl_seconds=60)
        backend.close()
        for call in (*_calls(backend, value=b"1").values(), backend.clear, backend.__enter__):
            with pytest.raises(RuntimeError, match="is closed"):
                call()

    # --- the server ------------------------------------------------------------------------------

    @needs_server
    def test_a_second_process_shares_the_entries(
        self, backend: CacheBackend, backend_url: str
    ) -> None:
        def other() -> str:
            call = (_IN_ANOTHER_PROCESS, backend_url, str(SECOND_PROCESS_SECONDS))
            return run_program(*call)

        def same() -> int:
            # A process takes longer to start than all that follows: they begin together.
            eventually(lambda: backend.get("ready"), within=SECOND_PROCESS_SECONDS)
            backend.set("go", b"1", ttl_seconds=60)
            won = 0
            for number in range(50):
                won += backend.set_if_absent(f"w{number}", b"ours", ttl_seconds=60)
                backend.increment("n", ttl_seconds=60)
            return won

        backend.set("turn", b"ours", ttl_seconds=60)
        for outcome in (outcomes := together(other, same)):
            if isinstance(outcome, BaseException):
                raise outcome
        printed, ours = outcomes
        theirs, swapped = printed.split()
        assert int(theirs) + ours == 50
        assert swapped == "True"
        assert backend.get_many(["n", "turn"]) == {"n": b"100", "turn": b"theirs"}

    @needs_server
    def test_a_paused_server_is_unavailable_in_time(
        self, backend: CacheBackend, contract_server: Any
    ) -> None:
        backend.set("k", b"1", ttl_seconds=60)
        calls = [*_calls(backend, value=b"1").values(), backend.clear]
        contract_server.pause()
        try:
            began = time.monotonic()
            outcomes = together(*calls)
            assert backend.check_health() is False
            assert time.monotonic() - began < 6
        finally:
            contract_server.resume()
        for outcome in outcomes:
            assert isinstance(outcome, CacheUnavailableError), outcome
            assert outcome.__cause__ is not None
            assert outcome.retryable
        self._is_well_again(backend)

    @needs_server
    def test_a_server_killed_in_the_middle_of_calls(
        self, backend: CacheBackend, contract_server: Any
    ) -> None:
        def work() -> None:
            while True:
                backend.set("k", b"v" * 1000, ttl_seconds=60)
                backend.increment("n", ttl_seconds=60)
                backend.get_many(["k", "n"])

        def kill() -> None:
            eventually(lambda: backend.get("n"))
            contract_server.kill()

        try:
            *outcomes, killed = together(*[work] * 4, kill)
            assert killed is None
            for outcome in outcomes:
                assert isinstance(outcome, CacheUnavailableError), outcome
                assert outcome.__cause__ is not None
            with pytest.raises(CacheUnavailableError, match="unavailable"):
                backend.get("k")
            assert backend.check_health() is False
        finally:
            contract_server.restart()
        self._is_well_again(backend)

    def _is_well_again(self, backend: CacheBackend) -> None:
        eventually(backend.check_health)
        backend.set("n", b"1", ttl_seconds=60)
        assert backend.increment("n", ttl_seconds=60) == 2
        assert backend.compare_and_set("n", b"2", b"3", ttl_seconds=60)
        assert backend.get("n") == b"3"
