import asyncio
import os
import threading
from contextvars import ContextVar

import pytest

from mic.http._threads import OverloadedError, WorkerPool, _reset_pools

VALUE: ContextVar[str] = ContextVar("value", default="none")


async def test_a_call_runs_in_another_thread_with_the_callers_context() -> None:
    pool = WorkerPool(limit=1, queue_limit=0)
    VALUE.set("mine")

    def work(suffix: str, *, more: str) -> tuple[int, str]:
        seen = VALUE.get()
        VALUE.set("changed")
        return threading.get_ident(), seen + suffix + more

    thread, seen = await pool.run(work, "!", more="?")
    assert thread != threading.get_ident()
    assert (seen, VALUE.get()) == ("mine!?", "mine")


async def test_an_exception_comes_back() -> None:
    with pytest.raises(ZeroDivisionError, match="division"):
        await WorkerPool(limit=1, queue_limit=0).run(lambda: 1 / 0)


async def test_a_stop_iteration_comes_back_as_a_fault_that_a_future_takes() -> None:
    pool = WorkerPool(limit=1, queue_limit=0)
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        await asyncio.wait_for(pool.run(next, iter(())), 5)


async def test_one_call_too_many_is_refused_at_once() -> None:
    pool = WorkerPool(limit=1, queue_limit=1)
    release = threading.Event()
    running = asyncio.ensure_future(pool.run(release.wait, 10))
    waiting = asyncio.ensure_future(pool.run(str))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError, match="overloaded") as refused:
        await pool.run(str)
    assert (refused.value.code, refused.value.retry_after_seconds) == ("http.overloaded", 1.0)
    release.set()
    assert (await running, await waiting) == (True, "")
    assert await pool.run(str) == ""


async def test_a_caller_that_gave_up_frees_its_slot_when_the_call_ends() -> None:
    pool = WorkerPool(limit=1, queue_limit=0)
    release, ended = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(10)
        ended.set()

    caller = asyncio.ensure_future(pool.run(work))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await caller
    with pytest.raises(OverloadedError, match="overloaded"):
        await pool.run(str)
    release.set()
    await asyncio.to_thread(ended.wait)
    while True:
        try:
            assert await pool.run(str) == ""
            break
        except OverloadedError:
            await asyncio.sleep(0)


async def test_a_call_cancelled_in_the_queue_never_runs_and_frees_its_place() -> None:
    pool = WorkerPool(limit=1, queue_limit=1)
    release = threading.Event()
    called: list[int] = []
    running = asyncio.ensure_future(pool.run(release.wait, 10))
    queued = asyncio.ensure_future(pool.run(called.append, 1))
    await asyncio.sleep(0)
    queued.cancel()
    await asyncio.sleep(0)
    again = asyncio.ensure_future(pool.run(called.append, 2))
    release.set()
    await asyncio.gather(running, again)
    assert called == [2]


def test_a_forked_child_starts_threads_of_its_own() -> None:
    pool = WorkerPool(limit=1, queue_limit=0)
    assert asyncio.run(pool.run(os.getpid)) == os.getpid()
    _reset_pools()
    assert asyncio.run(pool.run(os.getpid)) == os.getpid()


async def test_stop_iteration_does_not_hang_who_waits() -> None:
    with pytest.raises(RuntimeError, match="the call raised StopIteration"):
        await WorkerPool(limit=1, queue_limit=0).run(next, iter(()))
