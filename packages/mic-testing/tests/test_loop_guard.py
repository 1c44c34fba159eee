from __future__ import annotations

import asyncio
import gc
import math
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.testing import LoopGuard, LoopHold, eventually
from mic.testing._loop_guard import _inside_callback, _Running, held_seconds
from mic.testing._thread_time import RunDelay


def _watch(run: Callable[[], Coroutine[Any, Any, None]], limit_seconds: float = 0.05) -> LoopGuard:
    with LoopGuard(limit_seconds=limit_seconds) as guard:
        asyncio.run(run())
    return guard


async def _sleeps() -> None:
    await asyncio.sleep(0)
    time.sleep(0.1)  # noqa: ASYNC251 - what the guard is to find


async def _computes() -> None:
    await asyncio.sleep(0)
    begin = time.thread_time()
    while time.thread_time() - begin < 0.08:
        pass


def test_a_sleep_in_a_coroutine_is_found_with_its_stack() -> None:
    guard = _watch(_sleeps)
    [hold] = guard.holds
    assert 0.05 < hold.seconds < 0.5
    assert "_sleeps (task Task-" in hold.callback
    assert "time.sleep(0.1)" in hold.stack
    assert "in _sleeps" in hold.stack
    assert hold.stack.count("File ") == 1
    with pytest.raises(AssertionError, match=r"(?s)held for \d+ ms \(limit 50 ms\).*time\.sleep"):
        guard.check()


def test_computing_is_found() -> None:
    [hold] = _watch(_computes).holds
    assert hold.seconds >= 0.08
    assert "_computes" in hold.stack


def test_a_callback_is_found() -> None:
    async def run() -> None:
        asyncio.get_running_loop().call_soon(time.sleep, 0.1)
        await asyncio.sleep(0.01)

    [hold] = _watch(run).holds
    assert hold.callback == "sleep (callback)"


def test_an_innocent_loop_passes() -> None:
    async def run() -> None:
        for _ in range(10):
            await asyncio.sleep(0.02)
            await asyncio.to_thread(time.sleep, 0.06)

    guard = _watch(run)
    assert guard.holds == ()
    guard.check()


def test_the_limit_is_what_was_asked() -> None:
    assert _watch(_sleeps, limit_seconds=10).holds == ()
    assert len(_watch(_sleeps, limit_seconds=0.01).holds) == 1


@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf])
def test_the_limit_is_above_zero(limit: float) -> None:
    with pytest.raises(ValueError, match="limit_seconds must be a finite number above 0"):
        LoopGuard(limit_seconds=limit)


def test_a_guard_without_a_loop_fails_rather_than_passes_unseen_code() -> None:
    with LoopGuard() as guard:
        time.sleep(0.1)
    with pytest.raises(AssertionError, match="saw no event loop run"):
        guard.check()


def test_a_guard_is_used_once() -> None:
    guard = _watch(_sleeps)
    with pytest.raises(RuntimeError, match="used once"), guard:
        pass


def test_loops_of_other_threads_are_watched() -> None:
    with LoopGuard() as guard:
        thread = threading.Thread(target=lambda: asyncio.run(_sleeps()))
        thread.start()
        thread.join()
    assert len(guard.holds) == 1


def test_guards_may_be_nested() -> None:
    with LoopGuard() as outer:
        inner = _watch(_sleeps)
    assert (len(inner.holds), len(outer.holds)) == (1, 1)


def test_a_loop_within_a_callback_does_not_end_the_outer_one() -> None:
    async def run() -> None:
        await asyncio.sleep(0)
        _in_loop_of_its_own()
        time.sleep(0.1)  # noqa: ASYNC251 - what the guard is to find

    def _in_loop_of_its_own() -> None:
        running = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            loop = asyncio.new_event_loop()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
        finally:
            asyncio._set_running_loop(running)

    [hold] = _watch(run).holds
    assert "run" in hold.callback


async def test_left_inside_a_coroutine_it_judges_what_still_runs() -> None:
    with LoopGuard() as guard:
        await asyncio.sleep(0)
        time.sleep(0.1)  # noqa: ASYNC251 - what the guard is to find
    with pytest.raises(AssertionError, match="held for"):
        guard.check()


def test_everything_is_put_back() -> None:
    original = asyncio.Handle._run
    callbacks = list(gc.callbacks)
    guard = _watch(_sleeps)
    assert asyncio.Handle._run is original
    assert gc.callbacks == callbacks
    assert "loop-guard" not in {thread.name for thread in threading.enumerate()}
    assert guard.holds


def test_a_garbage_collection_is_nobodys_fault() -> None:
    def slow(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            time.sleep(0.1)

    async def run() -> None:
        await asyncio.sleep(0)
        gc.collect()

    with LoopGuard() as guard:
        gc.callbacks.append(slow)  # runs between the guard's own view of start and stop
        try:
            asyncio.run(run())
        finally:
            gc.callbacks.remove(slow)
    assert guard.holds == ()


def test_a_collection_outside_a_loop_is_ignored() -> None:
    with LoopGuard() as guard:
        gc.collect()
    assert guard.holds == ()


def test_the_holds_are_bounded() -> None:
    async def run() -> None:
        for _ in range(30):
            await asyncio.sleep(0)
            time.sleep(0.003)  # noqa: ASYNC251 - what the guard is to find

    assert len(_watch(run, limit_seconds=0.001).holds) == 20


def test_a_callback_that_ended_meanwhile_gives_no_stack() -> None:
    loop = asyncio.new_event_loop()
    ended = _Running(threading.get_ident(), asyncio.Handle(print, (), loop), RunDelay())
    LoopGuard()._sample(ended, 1.0)
    assert list(ended.stack) == []
    ended.delay.close()
    loop.close()


def test_a_stack_is_cut_at_the_guard_if_it_goes_back_that_far() -> None:
    short = traceback.extract_stack(limit=2)
    assert _inside_callback(short) == short

    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        else:
            time.sleep(0.1)

    async def run() -> None:
        await asyncio.sleep(0)
        deep(50)

    [hold] = _watch(run).holds
    assert "deep" in hold.stack
    assert "time.sleep(0.1)" in hold.stack


def test_only_a_thread_that_had_a_turn_can_have_waited_for_the_lock(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    file = tmp_path / "schedstat"
    file.write_text("1 2 7")
    delay = RunDelay(str(file))
    running = _Running(1, asyncio.Handle(print, (), loop), delay)
    running.excuse(0.5)
    assert running.excused == 0
    file.write_text("1 2 8")
    running.excuse(0.5)
    assert running.excused == 0.5
    delay.close()  # from here on nothing is known, and the callback has the benefit of the doubt
    running.excuse(0.25)
    running.excuse(0.25)
    assert running.excused == 1
    loop.close()


def test_a_hold_whose_stack_was_never_seen_is_told_all_the_same() -> None:
    guard = LoopGuard()
    guard._holds.append(LoopHold(0.1, "run (task Task-1)", ""))
    with pytest.raises(
        AssertionError, match=r"by run \(task Task-1\), which ended before it was seen"
    ):
        guard.check()


def test_an_exception_in_a_callback_passes() -> None:
    async def run() -> None:
        raise LookupError("from the coroutine")

    guard = LoopGuard()
    with pytest.raises(LookupError, match="from the coroutine"), guard:
        asyncio.run(run())
    guard.check()


def test_a_busy_thread_beside_an_innocent_loop_is_no_fault_of_it() -> None:
    stop = threading.Event()

    def burn() -> None:
        while not stop.is_set():
            sum(range(1000))

    async def run() -> None:
        # a quarter of the lock is theirs each: a callback takes four times what it computes, and
        # what the guard takes off may be wrong by far more than a machine is ever late
        for _ in range(3):
            await asyncio.sleep(0.001)
            begin = time.thread_time()
            while time.thread_time() - begin < 0.1:
                pass

    threads = [threading.Thread(target=burn) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        # on a machine that is full of others the guard now and then takes off too little
        innocent = any(_watch(run, limit_seconds=0.3).holds == () for _ in range(10))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert innocent


def test_a_sleep_beside_busy_threads_is_found() -> None:
    stop = threading.Event()

    async def sleeps() -> None:
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251 - what the guard is to find

    def burn() -> None:
        while not stop.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=burn) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        guard = _watch(sleeps)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(guard.holds) == 1


def test_a_task_that_waits_for_a_thread_is_not_holding() -> None:
    event = threading.Event()

    async def run() -> None:
        await asyncio.to_thread(event.wait, 5)

    with LoopGuard() as guard:
        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        eventually(lambda: threading.active_count() > 2)
        time.sleep(0.1)
        event.set()
        thread.join()
    assert guard.holds == ()


_TIMES = st.floats(0, 10)


class TestHeldSeconds:
    def test_nothing_explains_the_time(self) -> None:
        assert _held(wall=0.1) == 0.1

    def test_a_wait_for_a_processor_is_taken_off(self) -> None:
        assert _held(wall=0.1, computed=0.02, delayed=0.08) == pytest.approx(0.02)

    def test_a_wait_for_the_interpreter_lock_is_taken_off(self) -> None:
        assert _held(wall=0.1, computed=0.02, excused=0.09) == pytest.approx(0.03)

    def test_its_own_use_of_the_lock_is_no_excuse(self) -> None:
        assert _held(wall=0.1, computed=0.1, excused=0.09) == 0.1

    def test_a_collection_is_taken_off(self) -> None:
        assert _held(wall=0.1, computed=0.1, collected=0.07) == pytest.approx(0.03)

    @given(wall=_TIMES, computed=_TIMES, delayed=_TIMES, excused=_TIMES)
    def test_it_is_at_least_what_was_computed(
        self, wall: float, computed: float, delayed: float, excused: float
    ) -> None:
        assert _held(wall=wall, computed=computed, delayed=delayed, excused=excused) >= computed


def _held(**times: float) -> float:
    nothing = dict.fromkeys(("wall", "computed", "delayed", "excused", "collected"), 0.0)
    return held_seconds(**{**nothing, **times})
