"""Calls at once, as threads (`_together_async`: as tasks)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

__all__ = ["collected", "together"]

T = TypeVar("T")


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Make all calls at once; what each returned, or the exception that it raised."""
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
    return [future.exception() or future.result() for future in futures]


def collected(items: Iterator[T]) -> list[T]:
    """All items, in order."""
    return list(items)
