"""Key-value entries in memory."""

import pytest

from mic.datastorage._memory_entries import MemoryEntries
from mic.model import TransientError
from mic.testing import ManualClock


def test_it_is_bounded_and_evicts_only_what_is_dead() -> None:
    clock = ManualClock()
    with pytest.raises(ValueError, match="max_entries"):
        MemoryEntries(max_entries=0, time_fn=clock)
    entries = MemoryEntries(max_entries=2, time_fn=clock)
    entries.put("s", {"a": 1}, ttl_seconds=5)
    entries.put("s", {"b": 2}, ttl_seconds=None)
    entries.put("s", {"b": 3}, ttl_seconds=float("inf"))
    with pytest.raises(TransientError, match="full"):
        entries.put("s", {"c": 4}, ttl_seconds=None)
    with pytest.raises(TransientError, match="full"):
        entries.put("s", {"b": 9, "c": 4}, ttl_seconds=None)
    assert entries.keys("s") == ["a", "b"]
    clock.advance(5)
    assert entries.put("s", {"c": 4}, ttl_seconds=None)
    assert [entries.get(("s", key)) for key in ("a", "b", "c")] == [None, 3, 4]


def test_all_values_or_none() -> None:
    entries = MemoryEntries(max_entries=9, time_fn=ManualClock())
    with pytest.raises(ValueError, match="JSON"):
        entries.put("s", {"a": 1, "b": object()}, ttl_seconds=None)
    assert entries.keys("s") == []
    entries.put("s", {"b": 1}, ttl_seconds=None)
    assert not entries.put("s", {"a": 1, "b": 2}, ttl_seconds=None, if_absent=True)
    assert entries.keys("s") == ["b"]
    entries.clear()
    assert entries.keys("s") == []


@pytest.mark.parametrize("ttl_seconds", [0, -1, float("nan")])
def test_a_lifetime_is_above_zero(ttl_seconds: float) -> None:
    entries = MemoryEntries(max_entries=9, time_fn=ManualClock())
    with pytest.raises(ValueError, match="ttl_seconds"):
        entries.put("s", {"a": 1}, ttl_seconds=ttl_seconds)
