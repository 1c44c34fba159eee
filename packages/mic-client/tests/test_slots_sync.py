from __future__ import annotations

import time

import httpx
import pytest

from mic.client._slots_sync import Slots
from mic.client._timeouts import PhaseTimeouts
from mic.testing import ManualClock


def test_a_slot_is_waited_for_until_the_attempt_is_over() -> None:
    slots, timeouts = Slots(1), PhaseTimeouts(time.monotonic)
    timeouts.until = time.monotonic() + 0.01
    slots.take(timeouts)
    with pytest.raises(httpx.PoolTimeout, match="all slots are taken"):
        slots.take(timeouts)
    slots.give()
    slots.take(timeouts)
    assert timeouts.phase == "pool"


def test_without_bounds(clock: ManualClock) -> None:
    slots, timeouts = Slots(None), PhaseTimeouts(clock)
    for _ in range(1_000):
        slots.take(timeouts)
    slots.give()
    assert timeouts.phase is None
