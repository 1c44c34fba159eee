"""Runs synchronous code in worker threads, with a bound on how many calls run and how many wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakSet

from mic.http._fork import after_fork
from mic.model import TransientError

P = ParamSpec("P")
R = TypeVar("R")


class OverloadedError(TransientError):
    """No worker thread is free and the queue for one is full: 503 `http.overloaded`, retry after a
    second.
    """

    default_code = "http.overloaded"


class WorkerPool:
    """A bounded pool of worker threads.

    Guarantees: at most `limit` calls run and `queue_limit` wait; one more raises `OverloadedError`
    at once and is not called. A caller that stops waiting (deadline, cancellation) does not free
    its thread: the slot stays taken until the call has ended. The caller's context variables are
    copied in; what the call changes in them does not come back. Threads start on first use; a
    forked child starts its own.
    """

    __slots__ = ("__weakref__", "_bound", "_executor", "_limit", "_lock", "_taken")

    def __init__(self, *, limit: int, queue_limit: int) -> None:
        self._limit = limit
        self._bound = limit + queue_limit
        self._lock = threading.Lock()
        self._taken = 0
        self._executor: ThreadPoolExecutor | None = None
        _pools.add(self)

    async def run(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `function` in a worker thread and wait for what it returns or raises.

        Raises:
            OverloadedError: The pool and its queue are full.
        """
        call = partial(copy_context().run, partial(_settle, partial(function, *args, **kwargs)))
        return await asyncio.wrap_future(self._submit(call))

    def _submit(self, call: Callable[[], R]) -> Future[R]:
        with self._lock:
            if self._taken >= self._bound:
                raise OverloadedError(
                    message="the service is overloaded, try again", retry_after_seconds=1.0
                )
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._limit, thread_name_prefix="mic-http")
            future = self._executor.submit(call)
            self._taken += 1
        # also called for a call that was cancelled while it waited
        future.add_done_callback(self._release)
        return future

    def _release(self, _: Future[R]) -> None:
        with self._lock:
            self._taken -= 1

    def after_fork(self) -> None:
        """Forget the parent's threads: they do not exist in a forked child."""
        self._lock = threading.Lock()
        self._taken = 0
        self._executor = None


def _settle(call: Callable[[], R]) -> R:
    """Call it; a future does not take `StopIteration`, and who waits for it would wait for ever."""
    try:
        return call()
    except StopIteration as error:
        msg = "the call raised StopIteration"
        raise RuntimeError(msg) from error


_pools: WeakSet[WorkerPool] = WeakSet()


def _reset_pools() -> None:
    for pool in _pools:
        pool.after_fork()


after_fork(_reset_pools)
