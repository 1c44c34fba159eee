from __future__ import annotations

import asyncio

import pytest

from mic.client._slots_async import AsyncSlots
from mic.client._timeouts import PhaseTimeouts
from mic.testing import ManualClock


async def test_first_come_first_served(clock: ManualClock) -> None:
    slots, timeouts, order = AsyncSlots(1), PhaseTimeouts(clock), list[int]()

    async def take(number: int) -> None:
        await slots.take(timeouts)
        order.append(number)

    await slots.take(timeouts)
    assert timeouts.phase == "pool"
    tasks = [asyncio.ensure_future(take(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    for _ in range(2):
        slots.give()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert order == [1, 2]
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await tasks[0]


async def test_without_bounds(clock: ManualClock) -> None:
    slots, timeouts = AsyncSlots(None), PhaseTimeouts(clock)
    for _ in range(1_000):
        await slots.take(timeouts)
    slots.give()
    assert timeouts.phase is None
