from __future__ import annotations

import pytest

from mic.client._timeouts import PhaseTimeouts, Renewed
from mic.testing import ManualClock


def test_each_phase_has_what_is_left(clock: ManualClock) -> None:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + 10
    assert timeouts.left() == 10
    assert (timeouts.get("read"), timeouts["write"], timeouts.phase) == (10, 10, "write")
    clock.advance(4)
    assert timeouts.get("pool") == 6
    clock.advance(7)
    assert timeouts.get("read") == 0.001
    assert timeouts.get("connect") == 0.001


def test_connecting_ends_a_little_sooner(clock: ManualClock) -> None:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + 10
    assert timeouts.get("connect") == pytest.approx(9.9)
    timeouts.until = clock() + 0.5
    assert timeouts.get("connect") == pytest.approx(0.45)


def test_limits_of_ones_own(clock: ManualClock) -> None:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + 10
    timeouts.limits = {"read": 3, "write": None, "connect": 30}
    assert (timeouts.get("read"), timeouts.get("write")) == (3, 10)
    assert timeouts.get("connect") == pytest.approx(9.9)


def test_what_is_no_phase(clock: ManualClock) -> None:
    timeouts = PhaseTimeouts(clock)
    assert timeouts.get("other", 7) == 7
    assert ("read" in timeouts, "other" in timeouts) == (True, False)
    with pytest.raises(KeyError, match="other"):
        timeouts["other"]
    assert timeouts.phase is None


def test_a_phase_can_ask_again(clock: ManualClock) -> None:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + 10
    timeouts.limits = {"write": 4}
    read, write = timeouts.get("read"), timeouts.get("write")
    assert isinstance(read, Renewed)
    clock.advance(7)
    assert (float(read), read.again(), write.again()) == (10.0, 3.0, 3.0)
    clock.advance(4)
    assert read.again() == -1
