"""Calls what users hand in (authenticators, verifiers, callbacks) without holding the loop."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from mic.http._threads import WorkerPool


T = TypeVar("T")


def without_waiting(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits, without a loop.

    Raises:
        RuntimeError: It waits.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    msg = "a coroutine that must not wait waits"
    raise RuntimeError(msg)


def is_async(function: Callable[..., Any]) -> bool:
    """Tell whether calling `function` only makes a coroutine: partials, methods and objects too."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        type(function).__call__
    )


class Call:
    """A callable of a user, ready to be called from a coroutine.

    Guarantees: a synchronous one runs in a worker thread, unless it was said not to block: by
    `inline`, or by `performs_io` being False on the function or on the object whose method it is
    (asked at every call, because it may be a property). An awaitable result is awaited.
    """

    __slots__ = ("_function", "_inline", "_owner")

    def __init__(self, function: Callable[..., Any], *, inline: bool = False) -> None:
        self._function = function
        self._inline = inline or is_async(function)
        marked = hasattr(function, "performs_io")
        self._owner = function if marked else getattr(function, "__self__", None)

    async def __call__(self, workers: WorkerPool, /, *args: Any) -> Any:
        """Call it with `args`; a synchronous one in a thread of `workers`."""
        result = self.start(workers, *args)
        return await result if hasattr(type(result), "__await__") else result

    def start(self, workers: WorkerPool, /, *args: Any) -> Any:
        """Call it without a coroutine around the call: gives the result, or an awaitable of it."""
        if self._inline or getattr(self._owner, "performs_io", True) is False:
            return self._function(*args)
        return self._in_thread(workers, *args)

    async def _in_thread(self, workers: WorkerPool, *args: Any) -> Any:
        result = await workers.run(self._function, *args)
        return await result if hasattr(type(result), "__await__") else result
