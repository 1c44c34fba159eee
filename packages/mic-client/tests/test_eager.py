from __future__ import annotations

import asyncio
import gc

import pytest

from mic.client._eager import start


async def test_what_need_not_wait_is_done_at_once() -> None:
    seen: list[asyncio.Task[None] | None] = []

    async def work() -> None:
        seen.append(asyncio.current_task())

    caller = asyncio.current_task()
    task = start(asyncio.get_running_loop(), work())
    assert task.done()
    assert seen == [task]
    assert asyncio.current_task() is caller


async def test_what_waits_goes_on_in_the_same_task() -> None:
    seen: list[asyncio.Task[None] | None] = []

    async def work() -> None:
        seen.append(asyncio.current_task())
        await asyncio.sleep(0.001)
        seen.append(asyncio.current_task())

    task = start(asyncio.get_running_loop(), work())
    assert not task.done()
    assert task in asyncio.all_tasks()
    await task
    assert seen == [task, task]


async def test_an_error_is_that_of_the_task() -> None:
    async def work() -> None:
        raise KeyError("x")

    task = start(asyncio.get_running_loop(), work())
    with pytest.raises(KeyError, match="x"):
        await task


async def test_what_is_cancelled() -> None:
    async def work() -> None:
        await asyncio.sleep(30)

    task = start(asyncio.get_running_loop(), work())
    task.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    del task
    gc.collect()
