"""A health probe on an event loop."""

import asyncio

import pytest

from mic.cache._probe_async import HealthProbe


async def test_its_answer() -> None:
    async def yes() -> bool:
        return True

    async def no() -> bool:
        return False

    async def fail() -> bool:
        raise LookupError("of the probe")

    assert await HealthProbe(yes).run(5) is True
    assert await HealthProbe(no).run(5) is False
    assert await HealthProbe(fail).run(5) is False


async def test_past_its_deadline_it_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def hang() -> bool:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return True

    assert await HealthProbe(hang).run(0.01) is False
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_who_comes_meanwhile_waits_for_the_same_one() -> None:
    calls: list[int] = []
    release = asyncio.Event()

    async def wait() -> bool:
        calls.append(1)
        await release.wait()
        return True

    probe = HealthProbe(wait)
    first = asyncio.create_task(probe.run(5))
    second = asyncio.create_task(probe.run(5))
    third = asyncio.create_task(probe.run(5))
    await asyncio.sleep(0)
    third.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await third
    release.set()
    assert all(await asyncio.gather(first, second))
    assert calls == [1]
    assert await probe.run(5) is True
    assert calls == [1, 1]


async def test_a_probe_that_is_cancelled_is_no_health() -> None:
    async def cancelled() -> bool:
        raise asyncio.CancelledError

    assert await HealthProbe(cancelled).run(5) is False


def test_every_loop_has_a_probe_of_its_own() -> None:
    async def hang() -> bool:
        await asyncio.Event().wait()
        return True

    async def yes() -> bool:
        return True

    probe = HealthProbe(hang)
    assert asyncio.run(probe.run(0)) is False
    probe._probe = yes
    assert asyncio.run(probe.run(5)) is True
