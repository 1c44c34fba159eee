"""What the tests of the contract suites share."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mic.cache import InMemoryCache
from mic.testing import eventually


class Elsewhere(InMemoryCache):
    """A good backend of the second process, on the entries of the first; they outlive it."""

    def close(self) -> None:
        self._closed = True


class Apart(Elsewhere):
    """Has entries of its own."""


class ComesFirst(Elsewhere):
    """A good one too, that has one entry before the first process begins."""

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        if key == "ready":
            super().set("w0", b"other", ttl_seconds=ttl_seconds)
        super().set(key, value, ttl_seconds=ttl_seconds)

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        won = super().set_if_absent(key, value, ttl_seconds=ttl_seconds)
        return won or key == "w0"


class WinsAlways(Elsewhere):
    """Sets what was absent a moment ago."""

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        if key == "w0":  # somebody else comes in between
            eventually(lambda: self.get(key), within=20)
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True


class WinsNever(ComesFirst):
    """Takes what it wrote itself for somebody else's."""

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        super().set_if_absent(key, value, ttl_seconds=ttl_seconds)
        return False


class LosesOne(Elsewhere):
    """Writes one sum over another."""

    lost = False

    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        if not self.lost:
            self.lost = True
            return 1
        return super().increment(key, amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)


class CountsTwice(Elsewhere):
    """Repeats what must not be repeated."""

    def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        return super().increment(key, 2 * amount, ttl_seconds=ttl_seconds, renew_ttl=renew_ttl)


class ReadsNothing(Elsewhere):
    """Does not find what the first process wrote."""

    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return False


class KeepsToItself(Elsewhere):
    """Says that it swapped, and has told nobody."""

    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool = False
    ) -> bool:
        return True


_ELSEWHERE = (
    Elsewhere,
    Apart,
    ComesFirst,
    WinsAlways,
    WinsNever,
    LosesOne,
    CountsTwice,
    ReadsNothing,
    KeepsToItself,
)

PretendSecondProcess = Callable[[Any, str], None]


@pytest.fixture
def pretend_second_process(monkeypatch: pytest.MonkeyPatch) -> PretendSecondProcess:
    """Have the cache suite's second process run here, on the backend of this name in this module.

    It shares the entries of the one that is given, but for `Apart`.
    """

    def pretend(first: Any, name: str) -> None:
        [kind] = [each for each in _ELSEWHERE if each.__name__ == name]
        elsewhere = kind()
        if name != "Apart":
            elsewhere._store = first._store

        def run(program: str, *arguments: str) -> str:
            monkeypatch.setattr(sys, "argv", ["program", *arguments])
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(program, {})
            return printed.getvalue()

        monkeypatch.setattr("mic.cache.connect", lambda url: elsewhere)
        for form in ("_async", "_sync"):
            monkeypatch.setattr(f"mic.testing.contracts.{form}.cache.run_program", run)

    return pretend
