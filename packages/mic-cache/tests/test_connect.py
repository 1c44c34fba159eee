"""Caches by URL."""

from typing import Any

import pytest

from mic.cache import AsyncInMemoryCache, InMemoryCache, aconnect, connect
from mic.model import ConfigurationError
from mic.testing import ManualClock


def test_memory() -> None:
    assert type(connect("memory://")) is InMemoryCache
    assert type(aconnect("memory://")) is AsyncInMemoryCache


def test_options_come_from_the_query_and_from_the_call() -> None:
    with pytest.raises(ValueError, match="max_entries"):
        connect("memory://?max_entries=0")
    with pytest.raises(ValueError, match="max_bytes"):
        aconnect("memory://?max_bytes=0")
    clock = ManualClock()
    cache = connect("memory://?max_entries=0&max_bytes=100000", max_entries=1, time_fn=clock)
    cache.set_many({"a": b"1", "b": b"2"}, ttl_seconds=1)
    assert cache.get_many(["a", "b"]) == {"b": b"2"}
    clock.advance(1)
    assert cache.get("b") is None


@pytest.mark.parametrize("connecting", [connect, aconnect])
def test_what_cannot_be_connected(connecting: Any) -> None:
    for url in ("memory://elsewhere", "memory:///path"):
        with pytest.raises(ConfigurationError, match="memory://"):
            connecting(url)
    with pytest.raises(ConfigurationError, match="max_entries"):
        connecting("memory://?colour=red")
    with pytest.raises(ConfigurationError, match="unknown"):
        connecting("nosuchscheme://host")
    with pytest.raises(TypeError, match="max_records"):
        connecting("memory://", max_records=5)
