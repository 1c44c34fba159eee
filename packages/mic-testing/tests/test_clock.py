from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.testing import ManualClock


def test_it_stands_still_by_itself() -> None:
    clock = ManualClock(5)
    assert (clock(), clock()) == (5.0, 5.0)


def test_the_default_start_keeps_small_steps_apart() -> None:
    clock = ManualClock()
    before = clock()
    assert clock.advance(1e-9) > before


def test_advance_moves_forward_and_tells_the_new_reading() -> None:
    clock = ManualClock(10)
    assert clock.advance(2.5) == 12.5
    assert clock.advance(0) == 12.5
    assert clock() == 12.5


def test_advance_refuses_to_go_back() -> None:
    clock = ManualClock(10)
    with pytest.raises(ValueError, match=r"advance cannot go back by 1 s.*jump"):
        clock.advance(-1)
    assert clock() == 10


def test_jump_goes_both_ways() -> None:
    clock = ManualClock(10)
    assert clock.jump(-4) == 6
    assert clock.jump(1) == 7
    assert repr(clock) == "ManualClock(7.0)"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_only_finite_times(value: float) -> None:
    clock = ManualClock(1)
    with pytest.raises(ValueError, match="start must be a finite number"):
        ManualClock(value)
    with pytest.raises(ValueError, match="seconds must be a finite number"):
        clock.jump(value)
    with pytest.raises(ValueError, match="seconds must be a finite number"):
        clock.advance(value)
    assert clock() == 1


def test_threads_that_advance_at_once_all_count() -> None:
    clock = ManualClock(0)

    def advance_often() -> None:
        for _ in range(1000):
            clock.advance(1)

    threads = [threading.Thread(target=advance_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock() == 4000


@given(st.lists(st.integers(0, 1000)))
def test_advancing_never_goes_back(steps: list[int]) -> None:
    clock = ManualClock(0)
    readings = [clock.advance(step) for step in steps]
    assert readings == sorted(readings)
    assert clock() == sum(steps)
