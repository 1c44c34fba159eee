"""Calls at once, as tasks."""

import asyncio
from collections.abc import AsyncIterator

from mic.testing.contracts._together_async import collected, together


async def test_all_run_at_once_and_each_has_its_outcome() -> None:
    barrier = asyncio.Barrier(3)

    async def meet() -> int:
        return await barrier.wait()

    async def fail() -> int:
        await barrier.wait()
        raise LookupError("of the call")

    *numbers, error = await together(meet, meet, fail)
    assert len(set(numbers)) == 2
    assert isinstance(error, LookupError)


async def test_collected() -> None:
    async def numbers() -> AsyncIterator[int]:
        yield 1
        yield 2

    assert await collected(numbers()) == [1, 2]
