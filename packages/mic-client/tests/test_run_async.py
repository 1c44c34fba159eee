"""What is stopped, when, and what is left of it."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from contextlib import suppress
from typing import Any

import pytest

from mic.client._failures import AttemptTimeoutError
from mic.client._run_async import _Run, finish, run_within
from mic.testing import aeventually

LONG = 30.0


class Work:
    """Work that tells how far it came."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.seen: list[str] = []

    async def run(self, result: Any = "result") -> Any:
        try:
            self.began.set()
            await self.goes_on.wait()
            self.seen.append("went on")
            return result
        except asyncio.CancelledError:
            self.seen.append("cancelled")
            await asyncio.sleep(0)
            self.seen.append("cleaned up")
            raise


async def test_a_result() -> None:
    async def at_once() -> int:
        return 1

    assert await run_within(at_once(), LONG) == 1
    work = Work()
    task = asyncio.ensure_future(run_within(work.run(None), LONG))
    await work.began.wait()
    work.goes_on.set()
    assert await task is None


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error(waits: bool) -> None:
    async def failing() -> None:
        if waits:
            await asyncio.sleep(0.001)
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        await run_within(failing(), LONG)


async def test_its_time() -> None:
    work = Work()
    with pytest.raises(AttemptTimeoutError, match=r"^$"):
        await run_within(work.run(), 0.01)
    assert work.seen == ["cancelled", "cleaned up"]


async def test_a_result_that_comes_in_spite_of_the_end_of_time() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            return "result"
        return "never"

    assert await run_within(stubborn(), 0.01) == "result"


async def test_an_error_after_the_end_of_time() -> None:
    async def clumsy() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            raise KeyError("x")

    with pytest.raises(AttemptTimeoutError, match=r"^$"):
        await run_within(clumsy(), 0.01)


async def test_the_caller_is_cancelled() -> None:
    work = Work()
    task = asyncio.ensure_future(run_within(work.run(), LONG))
    await work.began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    assert work.seen == ["cancelled", "cleaned up"]


async def test_twice_cancelled_goes_on_alone() -> None:
    work = Work()
    task = asyncio.ensure_future(run_within(work.run(), LONG))
    await work.began.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    await aeventually(lambda: work.seen == ["cancelled", "cleaned up"])


async def test_it_is_stopped_where_it_waits_and_nowhere_else() -> None:
    seen: list[int] = []
    waits = asyncio.get_running_loop().create_future()

    async def busy() -> None:
        try:
            for turn in range(200):  # has its turn, again and again
                seen.append(turn)
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            seen.append(-1)
        await waits

    task = asyncio.ensure_future(run_within(busy(), LONG))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    assert seen == list(range(200))
    assert waits.cancelled()


async def test_what_was_just_given_is_not_cancelled_away() -> None:
    """Its future has its result, and it had no turn yet."""
    given = asyncio.get_running_loop().create_future()
    seen: list[str] = []

    async def takes() -> None:
        seen.append(await given)
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = asyncio.ensure_future(run_within(takes(), LONG))
    await asyncio.sleep(0)
    given.set_result("given")
    task.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    assert seen == ["given", "cancelled"]


async def test_who_takes_it_for_its_own_is_cancelled_again() -> None:
    swallowed: list[int] = []

    async def deaf() -> None:
        for attempt in range(3):
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                swallowed.append(attempt)
        await asyncio.sleep(LONG)

    with pytest.raises(AttemptTimeoutError, match=r"^$"):
        await run_within(deaf(), 0.01)
    assert swallowed == [0, 1, 2]


async def test_nobody_waits_for_ever_for_what_cannot_be_stopped() -> None:
    ends = asyncio.Event()
    disposed: list[str] = []

    async def dispose(result: str) -> None:
        disposed.append(result)

    async def deaf() -> str:
        while not ends.is_set():
            with suppress(asyncio.CancelledError):
                await ends.wait()
        return "late"

    with pytest.raises(AttemptTimeoutError, match=r"^$"):
        await run_within(deaf(), 0.01, dispose=dispose)
    ends.set()
    await aeventually(lambda: disposed == ["late"])


@pytest.mark.parametrize("times", [1, 2])
async def test_a_result_that_nobody_gets_is_disposed_of(times: int) -> None:
    disposed: list[str] = []
    given = asyncio.get_running_loop().create_future()

    async def dispose(result: str) -> None:
        disposed.append(result)

    async def takes() -> Any:
        return await given

    task = asyncio.ensure_future(run_within(takes(), LONG, dispose=dispose))
    await asyncio.sleep(0)
    given.set_result("opened")
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    await aeventually(lambda: disposed == ["opened"])


async def test_it_runs_in_a_task_and_a_context_of_its_own() -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)
    variable.set(1)
    caller = asyncio.current_task()

    async def look() -> tuple[bool, int, bool]:
        before = asyncio.current_task()
        seen = variable.get()
        variable.set(2)
        await asyncio.sleep(0.001)
        return before is caller, seen, asyncio.current_task() is before

    assert await run_within(look(), LONG) == (False, 1, True)
    assert (variable.get(), asyncio.current_task()) == (1, caller)


@pytest.mark.parametrize("how", ["timeout", "cancelled", "failed"])
async def test_nothing_is_kept(how: str) -> None:
    class Socket:
        pass

    alive: list[weakref.ref[Socket]] = []

    async def holds() -> None:
        held = Socket()
        alive.append(weakref.ref(held))
        if how == "failed":
            await asyncio.sleep(0.001)
            raise KeyError(held)
        await asyncio.sleep(LONG)

    gc.disable()
    try:
        task = asyncio.ensure_future(run_within(holds(), 0.01 if how == "timeout" else LONG))
        await asyncio.sleep(0)
        if how == "cancelled":
            task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() or task.exception() is not None
        del task
        gc.collect()
        assert alive[0]() is None
    finally:
        gc.enable()


async def test_the_end_of_the_loop() -> None:
    """All tasks are cancelled then, the private ones too."""
    work = Work()
    task = asyncio.ensure_future(run_within(work.run(), LONG))
    await work.began.wait()
    for each in asyncio.all_tasks() - {asyncio.current_task()}:
        each.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    assert work.seen == ["cancelled", "cleaned up"]


async def test_a_private_task_that_somebody_else_cancels() -> None:
    work = Work()
    task = asyncio.ensure_future(run_within(work.run(), LONG))
    await work.began.wait()
    (private,) = asyncio.all_tasks() - {asyncio.current_task(), task}
    private.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task


async def test_what_is_given_up_closes_its_work() -> None:
    work = Work()
    coroutine = work.run()
    coroutine.send(None)
    run: _Run[Any] = _Run(coroutine)
    with pytest.raises(NotImplementedError, match="a task of its own"):
        await run
    run.stop()
    run.close()
    with pytest.raises(RuntimeError, match="cannot reuse already awaited"):
        await coroutine


async def test_finishing() -> None:
    seen: list[str] = []
    goes_on = asyncio.Event()

    async def work() -> None:
        await goes_on.wait()
        seen.append("done")

    task = asyncio.ensure_future(finish(work))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    assert seen == ["done"]
    await finish(work)
    assert seen == ["done", "done"]


async def test_finishing_what_is_done_when_the_caller_is_cancelled() -> None:
    async def work() -> None:
        asyncio.get_running_loop().call_soon(task.cancel)

    task = asyncio.ensure_future(finish(work))
    await asyncio.wait({task})
    assert task.cancelled() or task.exception() is None
