"""The entries in memory: bounds, order and expiry."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.cache import CacheError
from mic.cache._memory_store import ENTRY_OVERHEAD_BYTES, MemoryStore
from mic.testing import ManualClock


def _store(
    clock: ManualClock, *, max_entries: int = 1_000_000, max_bytes: int = 2**40
) -> MemoryStore:
    return MemoryStore(time_fn=clock, max_entries=max_entries, max_bytes=max_bytes)


def _size(key: str, value: bytes) -> int:
    return len(key.encode()) + len(value) + ENTRY_OVERHEAD_BYTES


@pytest.mark.parametrize(("max_entries", "max_bytes"), [(0, 1), (1, 0), (-1, 5)])
def test_bounds_are_at_least_1(max_entries: int, max_bytes: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        _store(ManualClock(), max_entries=max_entries, max_bytes=max_bytes)


def test_the_least_recently_used_goes_first() -> None:
    store = _store(ManualClock(), max_entries=3)
    store.set_many({"a": b"1", "b": b"2", "c": b"3"}, ttl_seconds=60)
    store.get("a")
    store.set_many({"d": b"4"}, ttl_seconds=60)
    assert store.get_many(list("abcd")) == {"a": b"1", "c": b"3", "d": b"4"}
    store.get_many(["a"])
    store.set_many({"c": b"3"}, ttl_seconds=60)
    store.set_many({"e": b"5"}, ttl_seconds=60)
    assert store.get_many(list("acde")) == {"a": b"1", "c": b"3", "e": b"5"}


def test_every_way_of_writing_makes_an_entry_recent() -> None:
    store = _store(ManualClock(), max_entries=3)
    store.set_many({"a": b"1", "b": b"2", "c": b"3"}, ttl_seconds=60)
    store.increment("a", 1, ttl_seconds=60, renew_ttl=False)
    assert store.compare_and_set("b", b"2", b"x", ttl_seconds=60, prefix=False)
    assert store.set_if_absent("d", b"4", ttl_seconds=60)
    assert store.get_many(list("abcd")) == {"a": b"2", "b": b"x", "d": b"4"}


def test_an_entry_may_have_an_eighth_of_the_bytes() -> None:
    largest = _size("é", b"x" * 100)
    store = _store(ManualClock(), max_bytes=8 * largest)
    store.set_many({"é": b"x" * 100}, ttl_seconds=60)
    calls: list[Callable[[], object]] = [
        lambda: store.set_many({"other": b"", "é": b"x" * 101}, ttl_seconds=60),
        lambda: store.set_if_absent("new", b"x" * 1000, ttl_seconds=60),
        lambda: store.compare_and_set("é", b"x" * 100, b"y" * 101, ttl_seconds=60, prefix=False),
    ]
    for call in calls:
        with pytest.raises(CacheError, match="too large") as caught:
            call()
        assert caught.value.code == "cache.too_large"
    assert store.get_many(["é", "other", "new"]) == {"é": b"x" * 100}


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgé"), st.integers(0, 400), st.integers(1, 5)), max_size=60
    ),
    st.integers(1, 6),
)
def test_both_bounds_hold_after_every_write(
    writes: list[tuple[str, int, int]], max_entries: int
) -> None:
    clock = ManualClock()
    store = _store(clock, max_entries=max_entries, max_bytes=8 * 600)
    for key, length, seconds in writes:
        store.set_many({key: b"x" * length}, ttl_seconds=seconds)
        clock.advance(1)
        held = sum(_size(each, entry[0]) for each, entry in store._entries.items())
        assert held == store._bytes <= 8 * 600
        assert len(store._entries) <= max_entries
        assert len(store._ends) <= 2 * len(store._entries)


def test_expired_entries_go_as_others_are_written() -> None:
    clock = ManualClock()
    store = _store(clock)
    store.set_many({f"old{number}": b"v" for number in range(1000)}, ttl_seconds=1)
    clock.advance(1)
    for number in range(250):
        store.set_many({f"new{number}": b"v"}, ttl_seconds=60)
        assert sum(key.startswith("old") for key in store._entries) == 996 - 4 * number
    assert set(store._entries) == {f"new{number}" for number in range(250)}


def test_what_was_rewritten_does_not_expire_with_its_old_value() -> None:
    clock = ManualClock()
    store = _store(clock)
    store.set_many({"k": b"old"}, ttl_seconds=1)
    store.set_many({"k": b"new"}, ttl_seconds=60)
    store.set_many({"gone": b"v", "other": b"v"}, ttl_seconds=1)
    store.delete_many(["gone"])
    clock.advance(1)
    store.set_many({"x": b"v"}, ttl_seconds=60)
    assert set(store._entries) == {"k", "x"}
    assert store.get("k") == b"new"


def test_clear_forgets_the_sizes_too() -> None:
    store = _store(ManualClock())
    store.set_many({"a": b"1"}, ttl_seconds=60)
    store.clear()
    assert (len(store._entries), store._bytes, store._ends) == (0, 0, [])


def test_one_of_16_threads_sets_what_is_absent() -> None:
    store = _store(ManualClock())
    barrier = threading.Barrier(16)

    def claim(number: int) -> bool:
        barrier.wait()
        return store.set_if_absent("k", b"%d" % number, ttl_seconds=60)

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(claim, range(16))) == [False] * 15 + [True]


def test_threads_that_write_at_once_leave_the_books_in_order() -> None:
    store = _store(ManualClock(), max_entries=50)

    def work(number: int) -> None:
        for turn in range(300):
            key = f"k{(turn * 7 + number) % 80}"
            store.set_many({key: b"x" * (turn % 90)}, ttl_seconds=60)
            store.get(key)
            store.delete_many([f"k{turn % 80}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    held = sum(_size(key, entry[0]) for key, entry in store._entries.items())
    assert held == store._bytes
    assert len(store._entries) <= 50
