"""`mic.http._calls`: what runs on the loop, and what in a thread."""

import asyncio
import threading
from collections.abc import Awaitable
from functools import partial
from typing import Any

import pytest

from mic.http._calls import Call, is_async, without_waiting
from mic.http._threads import WorkerPool


@pytest.fixture
def workers() -> WorkerPool:
    return WorkerPool(limit=2, queue_limit=2)


def where(*args: Any) -> tuple[Any, ...]:
    return (*args, threading.get_ident())


class Verifier:
    """Says where it was called."""

    def __init__(self, *, performs_io: bool = True) -> None:
        self.performs_io = performs_io

    def verify(self, token: str) -> tuple[Any, ...]:
        return where(token)


class AsyncCallable:
    """An object to be called, and then awaited."""

    async def __call__(self, text: str) -> tuple[Any, ...]:
        return where(text)


async def coroutine_function(text: str) -> tuple[Any, ...]:
    return where(text)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (coroutine_function, True),
        (partial(coroutine_function, "x"), True),
        (AsyncCallable(), True),
        (AsyncCallable().__call__, True),
        (where, False),
        (Verifier().verify, False),
        (Verifier, False),
    ],
)
def test_knows_what_only_makes_a_coroutine(function: Any, expected: bool) -> None:
    assert is_async(function) is expected


async def test_runs_a_function_in_a_thread(workers: WorkerPool) -> None:
    text, thread = await Call(where)(workers, "a")
    assert text == "a"
    assert thread != threading.get_ident()


@pytest.mark.parametrize("function", [coroutine_function, AsyncCallable()])
async def test_awaits_a_coroutine_on_the_loop(workers: WorkerPool, function: Any) -> None:
    assert await Call(function)(workers, "a") == ("a", threading.get_ident())


async def test_runs_what_does_not_wait_on_the_loop(workers: WorkerPool) -> None:
    here = ("a", threading.get_ident())
    assert await Call(where, inline=True)(workers, "a") == here
    assert await Call(Verifier(performs_io=False).verify)(workers, "a") == here
    assert (await Call(Verifier().verify)(workers, "a"))[1] != threading.get_ident()


async def test_asks_at_every_call_whether_it_waits(workers: WorkerPool) -> None:
    verifier = Verifier(performs_io=False)
    call = Call(verifier.verify)
    assert (await call(workers, "a"))[1] == threading.get_ident()
    verifier.performs_io = True
    assert (await call(workers, "a"))[1] != threading.get_ident()


async def test_a_function_can_be_marked_itself(workers: WorkerPool) -> None:
    def verify(token: str) -> tuple[Any, ...]:
        return where(token)

    verify.performs_io = False  # type: ignore[attr-defined]  # how a user marks a function
    assert (await Call(verify)(workers, "a"))[1] == threading.get_ident()


async def test_awaits_what_a_function_returns(workers: WorkerPool) -> None:
    def later(text: str) -> Awaitable[tuple[Any, ...]]:
        return coroutine_function(text)

    assert await Call(later)(workers, "a") == ("a", threading.get_ident())


async def test_starts_without_a_coroutine_where_it_can(workers: WorkerPool) -> None:
    assert Call(where, inline=True).start(workers, 1) == (1, threading.get_ident())
    assert (await Call(where).start(workers, 1))[1] != threading.get_ident()
    assert await Call(coroutine_function).start(workers, "x") == ("x", threading.get_ident())


def test_runs_what_never_waits() -> None:
    async def quick() -> int:
        return 7

    assert without_waiting(quick()) == 7


def test_refuses_what_waits() -> None:
    with pytest.raises(RuntimeError, match="must not wait"):
        without_waiting(asyncio.sleep(0))
