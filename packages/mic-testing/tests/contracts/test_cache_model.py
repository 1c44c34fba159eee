"""The model that caches are compared with."""

import pytest

from mic.testing import ManualClock
from mic.testing.contracts._cache_model import CacheCall, CacheModel, random_cache_calls


def _ask(model: CacheModel, method: str, *arguments: object, **options: object) -> object:
    return model.answer(CacheCall(method, arguments, options))


def test_values_and_lifetimes() -> None:
    clock = ManualClock()
    model = CacheModel(clock)
    assert _ask(model, "get", "k") is None
    assert _ask(model, "set", "k", b"v", ttl_seconds=2) is None
    assert _ask(model, "set_if_absent", "k", b"w", ttl_seconds=9) is False
    clock.advance(1.5)
    assert _ask(model, "get", "k") == b"v"
    clock.advance(0.5)
    assert _ask(model, "get", "k") is None
    assert _ask(model, "set_if_absent", "k", b"w", ttl_seconds=9) is True
    _ask(model, "set_many", {"a": b"1", "b": b"2"}, ttl_seconds=9)
    assert _ask(model, "get_many", ["a", "b", "c", "k"]) == {"a": b"1", "b": b"2", "k": b"w"}
    _ask(model, "delete_many", ["a", "c"])
    _ask(model, "delete", "k")
    assert _ask(model, "get_many", ["a", "b", "k"]) == {"b": b"2"}
    _ask(model, "clear")
    assert _ask(model, "get", "b") is None


def test_counters() -> None:
    clock = ManualClock()
    model = CacheModel(clock)
    assert _ask(model, "increment", "n", 5, ttl_seconds=2, renew_ttl=False) == 5
    assert _ask(model, "increment", "n", -7, ttl_seconds=9, renew_ttl=False) == -2
    clock.advance(2)
    assert _ask(model, "get", "n") is None
    _ask(model, "increment", "n", 1, ttl_seconds=2, renew_ttl=False)
    _ask(model, "increment", "n", 1, ttl_seconds=9, renew_ttl=True)
    clock.advance(2)
    assert _ask(model, "get", "n") == b"2"
    for text in (b"", b"one"):
        _ask(model, "set", "n", text, ttl_seconds=9)
        answer = _ask(model, "increment", "n", 1, ttl_seconds=9, renew_ttl=False)
        assert answer == "cache.not_a_number"


def test_comparing() -> None:
    model = CacheModel(ManualClock())
    assert _ask(model, "compare_and_delete", "k", b"", prefix=True) is False
    _ask(model, "set", "k", b"one", ttl_seconds=9)
    assert not _ask(model, "compare_and_set", "k", b"o", b"two", ttl_seconds=9, prefix=False)
    assert _ask(model, "compare_and_set", "k", b"o", b"two", ttl_seconds=9, prefix=True)
    assert not _ask(model, "compare_and_delete", "k", b"one", prefix=False)
    assert _ask(model, "compare_and_delete", "k", b"two", prefix=False)
    assert _ask(model, "get", "k") is None


@pytest.mark.parametrize("counters", [True, False])
@pytest.mark.parametrize("move_time", [True, False])
def test_calls_are_random_and_the_same_again(counters: bool, move_time: bool) -> None:
    def calls(seed: int) -> list[CacheCall]:
        made = random_cache_calls(seed, count=1000, counters=counters, move_time=move_time)
        return list(made)

    assert calls(1) == calls(1)
    assert calls(1) != calls(2)
    methods = {call.method for call in calls(1)}
    assert ("increment" in methods) is counters
    assert ("advance" in methods) is move_time
    assert len(methods - {"increment", "advance"}) == 10
    lifetimes = {call.options.get("ttl_seconds") for call in calls(1)} - {None}
    assert lifetimes == ({1, 2.5, 60} if move_time else {3600})
