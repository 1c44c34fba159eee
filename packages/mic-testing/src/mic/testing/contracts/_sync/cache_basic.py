# Generated from _async/cache_basic.py by "make unasync"; edit that file.
"""The suite of the five published methods of a cache, and of what is built on them."""

import time
from typing import Any

import pytest

from mic.cache import CacheBackend, CacheError
from mic.testing.contracts._base import ContractBase
from mic.testing.contracts._cache_model import CacheModel, random_cache_calls

__all__ = ["BasicCacheContract"]

_MEBIBYTE = 1024 * 1024


class BasicCacheContract(ContractBase):
    """What any cache does, also one with only the five abstract methods.

    A test class gives the fixture `backend`, an empty cache, made with `time_fn=clock` where its
    own clock decides lifetimes.

    Attributes:
        counters: Whether `increment` is offered; else it has to say that it is not.
    """

    counters: bool = False

    def _span(self) -> float:
        """A lifetime that a test lets pass, in seconds: short where that takes real time."""
        return 0.2 if self._server_decides_time() else 10.0

    # --- values ----------------------------------------------------------------------------------

    def test_a_value_comes_back_until_it_is_replaced(self, backend: CacheBackend) -> None:
        backend.set("k", b"one", ttl_seconds=60)
        backend.set("other", b"two", ttl_seconds=60)
        assert backend.get("k") == b"one"
        backend.set("k", b"three", ttl_seconds=60)
        assert backend.get("k") == b"three"
        assert backend.get("other") == b"two"

    def test_what_is_absent(self, backend: CacheBackend) -> None:
        assert backend.get("k") is None
        assert backend.get_many(["k", "other"]) == {}
        assert not backend.compare_and_set("k", b"", b"new", ttl_seconds=60)
        assert not backend.compare_and_set("k", b"", b"new", ttl_seconds=60, prefix=True)
        assert not backend.compare_and_delete("k", b"")
        assert not backend.compare_and_delete("k", b"", prefix=True)
        backend.delete("k")
        backend.delete_many(["k", "other"])
        backend.clear()
        assert backend.get("k") is None

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(b"", id="empty"),
            pytest.param(bytes(range(256)), id="every byte"),
            pytest.param("naïve 🦀".encode("utf-16"), id="no utf-8"),
            pytest.param(b"$-1\r\n*0\r\n", id="like a protocol"),
            pytest.param(b"\x00" * _MEBIBYTE + b"end", id="a mebibyte"),
        ],
    )
    def test_the_very_bytes_come_back(self, backend: CacheBackend, value: bytes) -> None:
        backend.set("k", value, ttl_seconds=60)
        got = backend.get("k")
        assert type(got) is bytes
        assert got == value
        assert backend.get_many(["k"]) == {"k": value}
        assert not backend.set_if_absent("k", b"other", ttl_seconds=60)
        assert backend.compare_and_set("k", value, value + b"!", ttl_seconds=60)
        assert backend.get("k") == value + b"!"

    def test_every_key_is_a_key_of_its_own(self, backend: CacheBackend) -> None:
        keys = ["k", "K", " k", "k ", "k\n", "k:1", "k*", "k?", "[k]", "{k}", "k%3A", "\\k", "~k"]
        keys += ["ключ", "🦀", "e\u0301", "\u00e9", "x" * 1024, "x" * 1023, "é" * 512]
        for number, key in enumerate(keys):
            backend.set(key, b"%d" % number, ttl_seconds=60)
        expected = {key: b"%d" % number for number, key in enumerate(keys)}
        assert backend.get_many(keys) == expected
        for key in keys:
            assert backend.get(key) == expected.pop(key)
            backend.delete(key)
            assert backend.get_many(keys) == expected

    # --- lifetimes -------------------------------------------------------------------------------

    def test_a_value_lives_as_long_as_it_was_told_to(self, backend: CacheBackend) -> None:
        span, began = self._span(), time.monotonic()
        backend.set("k", b"v", ttl_seconds=span)
        self.advance(span / 2)
        # Where the time is real, a machine that paused may have let the whole of it pass.
        assert backend.get("k") == b"v" or time.monotonic() - began >= span
        self.advance(span / 2)
        assert backend.get("k") is None
        assert backend.get_many(["k"]) == {}
        assert not backend.compare_and_set("k", b"v", b"w", ttl_seconds=60)
        assert not backend.compare_and_delete("k", b"v")

    @pytest.mark.parametrize("ttl_seconds", [0.001, 0.0125])
    def test_short_lifetimes(self, backend: CacheBackend, ttl_seconds: float) -> None:
        backend.set("k", b"v", ttl_seconds=ttl_seconds)
        assert backend.set_if_absent("other", b"v", ttl_seconds=ttl_seconds)
        backend.set_many({"many": b"v"}, ttl_seconds=ttl_seconds)
        self.advance(ttl_seconds)
        assert backend.get_many(["k", "other", "many"]) == {}

    def test_a_new_value_has_a_new_lifetime(self, backend: CacheBackend) -> None:
        span = self._span()
        backend.set("longer", b"v", ttl_seconds=span)
        backend.set("longer", b"v", ttl_seconds=60)
        backend.set("shorter", b"v", ttl_seconds=60)
        backend.set("shorter", b"v", ttl_seconds=span)
        backend.set_many({"many": b"v", "another": b"v"}, ttl_seconds=60)
        backend.set_many({"many": b"v"}, ttl_seconds=span)
        backend.set("swapped", b"v", ttl_seconds=60)
        backend.compare_and_set("swapped", b"v", b"w", ttl_seconds=span)
        self.advance(span)
        names = ["longer", "shorter", "many", "another", "swapped"]
        assert backend.get_many(names) == {"longer": b"v", "another": b"v"}

    # --- one of two ------------------------------------------------------------------------------

    def test_set_if_absent_changes_nothing_that_is_there(self, backend: CacheBackend) -> None:
        span = self._span()
        assert backend.set_if_absent("k", b"first", ttl_seconds=60)
        assert not backend.set_if_absent("k", b"second", ttl_seconds=0.001)
        backend.set("soon", b"first", ttl_seconds=span)
        backend.set_if_absent("soon", b"second", ttl_seconds=60)
        self.advance(span)
        assert backend.get("k") == b"first"
        assert backend.get("soon") != b"first"
        backend.delete("k")
        assert backend.set_if_absent("k", b"third", ttl_seconds=60)
        assert backend.get("k") == b"third"

    def test_compare_and_set(self, backend: CacheBackend) -> None:
        backend.set("k", b"one", ttl_seconds=60)
        for expected in (b"two", b"on", b"", b"one and more"):
            assert not backend.compare_and_set("k", expected, b"new", ttl_seconds=60)
        for expected in (b"two", b"one and more", b"ne"):
            assert not backend.compare_and_set("k", expected, b"new", ttl_seconds=60, prefix=True)
        assert backend.get("k") == b"one"
        assert backend.compare_and_set("k", b"one", b"two", ttl_seconds=60)
        assert backend.get("k") == b"two"
        for expected, value in ((b"tw", b"three"), (b"", b""), (b"", b"four"), (b"four", b"5")):
            assert backend.compare_and_set("k", expected, value, ttl_seconds=60, prefix=True)
            assert backend.get("k") == value

    def test_compare_and_delete(self, backend: CacheBackend) -> None:
        backend.set("k", b"one", ttl_seconds=60)
        for expected in (b"two", b"on", b"", b"one and more"):
            assert not backend.compare_and_delete("k", expected)
        assert not backend.compare_and_delete("k", b"ne", prefix=True)
        assert backend.get("k") == b"one"
        assert backend.compare_and_delete("k", b"one")
        assert backend.get("k") is None
        backend.set("k", b"one", ttl_seconds=60)
        assert backend.compare_and_delete("k", b"o", prefix=True)
        assert not backend.compare_and_delete("k", b"o", prefix=True)

    # --- several ---------------------------------------------------------------------------------

    def test_several_at_once(self, backend: CacheBackend) -> None:
        backend.set_many({}, ttl_seconds=60)
        backend.delete_many([])
        assert backend.get_many([]) == {}
        items = {f"k{number}": b"%d" % number for number in range(1200)}
        backend.set_many(items, ttl_seconds=60)
        assert backend.get_many([*items, "absent", "k0"]) == items
        backend.delete_many([f"k{number}" for number in range(1, 1200)] + ["k1", "absent"])
        assert backend.get_many(list(items)) == {"k0": b"0"}

    def test_clear_removes_everything(self, backend: CacheBackend) -> None:
        items = {f"k{number}": b"v" for number in range(1200)} | {"*": b"v", "ключ": b"v"}
        backend.set_many(items, ttl_seconds=60)
        backend.clear()
        assert backend.get_many(list(items)) == {}
        assert backend.set_if_absent("k0", b"v", ttl_seconds=60)

    def test_counters_are_offered_or_refused_clearly(self, backend: CacheBackend) -> None:
        if self.counters:
            assert backend.increment("n", ttl_seconds=60) == 1
            assert backend.increment("n", 2, ttl_seconds=60) == 3
            return
        with pytest.raises(CacheError, match="counters") as caught:
            backend.increment("n", ttl_seconds=60)
        assert caught.value.code == "cache.unsupported"

    @pytest.mark.parametrize("seed", range(5))
    def test_it_agrees_with_a_dict_and_a_clock(self, backend: CacheBackend, seed: int) -> None:
        model = CacheModel(self.clock)
        move_time = not self._server_decides_time()
        calls = random_cache_calls(seed, count=200, counters=self.counters, move_time=move_time)
        for call in calls:
            if call.method == "advance":
                self.advance(*call.arguments)
                continue
            answer: Any
            try:
                answer = getattr(backend, call.method)(*call.arguments, **call.options)
            except CacheError as error:
                answer = error.code
            assert answer == model.answer(call), call

    # --- life ------------------------------------------------------------------------------------

    def test_health_and_the_end(self, backend: CacheBackend) -> None:
        assert backend.check_health() is True
        with backend as same:
            assert same is backend
            backend.set("k", b"v", ttl_seconds=60)
        assert backend.check_health() is False
        backend.close()
        backend.close()
        assert backend.check_health() is False

    def test_the_fixture_isolates_first(self, backend: CacheBackend) -> None:
        self._leave_a_trace(backend)

    def test_the_fixture_isolates_second(self, backend: CacheBackend) -> None:
        self._leave_a_trace(backend)

    def _leave_a_trace(self, backend: CacheBackend) -> None:
        assert backend.get("trace") is None
        backend.set("trace", b"v", ttl_seconds=3600)
