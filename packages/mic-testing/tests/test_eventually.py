from __future__ import annotations

import asyncio
import math
import threading
import time

import pytest

from mic.testing import aeventually, eventually


class _Countdown:
    """False until it was asked a number of times."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self) -> str:
        self.left -= 1
        return "" if self.left else "there"

    async def later(self) -> str:
        await asyncio.sleep(0)
        return self()


def test_it_gives_the_first_true_value() -> None:
    assert eventually(_Countdown(3), every=0.001) == "there"


def test_it_sees_what_another_thread_does() -> None:
    event = threading.Event()
    timer = threading.Timer(0.02, event.set)
    timer.start()
    assert eventually(event.is_set, every=0.001)
    timer.join()


def test_zero_looks_once() -> None:
    assert eventually(lambda: 7, within=0) == 7
    asked = _Countdown(2)
    with pytest.raises(AssertionError, match=r"within 0 s: the last of 1 attempts gave ''"):
        eventually(asked, within=0)
    assert asked.left == 1


def test_it_tells_the_last_value() -> None:
    with pytest.raises(AssertionError, match=r"list did not come true.*gave \[\]") as caught:
        eventually(list, within=0.01, every=0.001)
    assert caught.value.__cause__ is None


def test_an_exception_means_not_yet_and_the_last_one_is_told() -> None:
    calls: list[int] = []

    def fails_twice() -> int:
        calls.append(1)
        assert len(calls) > 2, "too early"
        return len(calls)

    assert eventually(fails_twice, every=0.001) == 3

    def fails() -> bool:
        raise LookupError("nothing there")

    with pytest.raises(AssertionError, match="raised LookupError: nothing there") as caught:
        eventually(fails, within=0.01, every=0.001)
    assert isinstance(caught.value.__cause__, LookupError)


def test_a_value_after_an_exception_is_what_is_told() -> None:
    calls: list[int] = []

    def fails_first() -> bool:
        calls.append(1)
        if len(calls) == 1:
            raise LookupError("first")
        return False

    with pytest.raises(AssertionError, match="gave False") as caught:
        eventually(fails_first, within=0.01, every=0.001)
    assert caught.value.__cause__ is None


def test_an_interrupt_is_not_swallowed() -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt("stop")

    with pytest.raises(KeyboardInterrupt, match="stop"):
        eventually(interrupted)


def test_it_looks_once_more_at_the_deadline() -> None:
    looks: list[float] = []
    begin = time.monotonic()

    def look() -> bool:
        looks.append(time.monotonic() - begin)
        return False

    with pytest.raises(AssertionError, match="did not come true"):
        eventually(look, within=0.05, every=10)
    assert len(looks) == 2
    assert 0.05 <= looks[1] < 5


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_the_wait_must_be_finite(value: float) -> None:
    with pytest.raises(ValueError, match="within must be a finite number"):
        eventually(bool, within=value)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_the_pause_must_be_above_zero(value: float) -> None:
    with pytest.raises(ValueError, match="every must be a finite number"):
        eventually(bool, every=value)


def test_a_predicate_without_a_name_is_told_by_its_repr() -> None:
    with pytest.raises(AssertionError, match=r"_Countdown object at .* did not come true"):
        eventually(_Countdown(5), within=0)


async def test_async_takes_plain_and_awaited_predicates() -> None:
    assert await aeventually(_Countdown(3), every=0.001) == "there"
    assert await aeventually(_Countdown(3).later, every=0.001) == "there"


async def test_async_lets_the_loop_run() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, event.set)
    assert await aeventually(event.is_set, every=0.001)


async def test_async_tells_the_last_value_and_exception() -> None:
    with pytest.raises(AssertionError, match="gave 0"):
        await aeventually(lambda: 0, within=0.01, every=0.001)

    async def fails() -> bool:
        raise LookupError("nothing there")

    with pytest.raises(AssertionError, match="raised LookupError: nothing there"):
        await aeventually(fails, within=0)


async def test_async_cuts_a_predicate_that_hangs() -> None:
    async def hangs() -> bool:
        await asyncio.Event().wait()
        return True

    with pytest.raises(AssertionError, match="raised TimeoutError"):
        await aeventually(hangs, within=0)
