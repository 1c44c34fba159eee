# Generated from async/test_base.py by "make unasync"; edit that file.
"""A third party's backend, with the five published methods alone."""

import threading
import time
from collections.abc import Callable

import pytest

from mic.cache import CacheBackend, CacheError
from mic.testing import ManualClock
from mic.testing.contracts.cache import BasicCacheContract


class Plain(CacheBackend):
    """A dict with a clock."""

    def __init__(self, time_fn: Callable[[], float] = time.monotonic) -> None:
        self.time_fn = time_fn
        self.entries: dict[str, tuple[bytes, float]] = {}

    def get(self, key: str) -> bytes | None:
        value, ends = self.entries.get(key, (None, 0.0))
        return value if self.time_fn() < ends else None

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        self.entries[key] = (value, self.time_fn() + ttl_seconds)

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        if self.get(key) is not None:
            return False
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True

    def delete(self, key: str) -> None:
        self.entries.pop(key, None)

    def clear(self) -> None:
        self.entries.clear()


class TestPlain(BasicCacheContract):
    """It does what is built on the five."""

    @pytest.fixture
    def backend(self, clock: ManualClock) -> Plain:
        return Plain(clock)


def test_it_cannot_be_used_when_closed_where_it_asks() -> None:
    cache = Plain()
    cache.close()
    with pytest.raises(RuntimeError, match="Plain is closed"):
        cache.__enter__()
    with pytest.raises(RuntimeError, match="Plain is closed"):
        cache._check_open()


def test_bad_arguments_of_what_is_built_on_the_five() -> None:
    cache = Plain()
    cache.set("k", b"v", ttl_seconds=60)
    with pytest.raises(ValueError, match="a key must"):
        cache.set_many({"k": b"w", "": b""}, ttl_seconds=60)
    with pytest.raises(ValueError, match="a key must"):
        cache.delete_many(["k", ""])
    assert cache.get_many(["k", "k"]) == {"k": b"v"}


class Fails(Plain):
    def get(self, key: str) -> bytes | None:
        raise CacheError("of the backend")


class Hangs(Plain):
    def get(self, key: str) -> bytes | None:
        threading.Event().wait()
        return None


def test_health_never_raises_and_never_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Plain().check_health() is True
    assert Fails().check_health() is False
    monkeypatch.setattr("mic.cache._sync.base._HEALTH_TIMEOUT_SECONDS", 0.05)
    began = time.monotonic()
    assert Hangs().check_health() is False
    assert time.monotonic() - began < 2
