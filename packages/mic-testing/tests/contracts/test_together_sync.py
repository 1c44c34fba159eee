"""Calls at once, as threads."""

import threading

from mic.testing.contracts._together_sync import collected, together


def test_all_run_at_once_and_each_has_its_outcome() -> None:
    barrier = threading.Barrier(3)

    def fail() -> int:
        barrier.wait()
        raise LookupError("of the call")

    *numbers, error = together(barrier.wait, barrier.wait, fail)
    assert len(set(numbers)) == 2
    assert isinstance(error, LookupError)


def test_collected() -> None:
    assert collected(iter([1, 2])) == [1, 2]
