"""Runs an exchange in a thread (`_run_async`: on an event loop, where it can be stopped)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["finish", "run_within"]

T = TypeVar("T")


def run_within(result: T, seconds: float, *, dispose: Callable[[T], Any] | None = None) -> T:
    """Give what was done already: nobody can stop a thread.

    Its time is bounded by that of each phase, and by the stream that looks at the clock.
    """
    del seconds, dispose
    return result


def finish(work: Callable[[], None]) -> None:
    """Do `work`."""
    work()
