"""Storages by URL."""

from typing import Any

import pytest

from mic.datastorage import (
    AsyncInMemoryKeyValueDataStorage,
    AsyncInMemoryRelationalDataStorage,
    InMemoryKeyValueDataStorage,
    InMemoryRelationalDataStorage,
    aconnect,
    connect,
)
from mic.model import ConfigurationError
from mic.testing import ManualClock


@pytest.mark.parametrize(
    ("url", "kind", "async_kind"),
    [
        ("memory://", InMemoryRelationalDataStorage, AsyncInMemoryRelationalDataStorage),
        ("memory://keyvalue", InMemoryKeyValueDataStorage, AsyncInMemoryKeyValueDataStorage),
    ],
)
def test_memory(url: str, kind: type[Any], async_kind: type[Any]) -> None:
    assert type(connect(url)) is kind
    assert type(aconnect(url)) is async_kind


def test_options_come_from_the_query_and_from_the_call() -> None:
    with pytest.raises(ValueError, match="max_records"):
        connect("memory://?max_records=0")
    with pytest.raises(ValueError, match="max_entries"):
        aconnect("memory://keyvalue?max_entries=0")
    storage = connect("memory://?max_records=0", max_records=1)
    assert isinstance(storage, InMemoryRelationalDataStorage)
    clock = ManualClock()
    entries = connect("memory://keyvalue", time_fn=clock)
    assert isinstance(entries, InMemoryKeyValueDataStorage)
    entries.kv_put("s", "k", 1, ttl_seconds=1)
    clock.advance(1)
    assert entries.kv_get("s", "k") is None


@pytest.mark.parametrize("connecting", [connect, aconnect])
def test_what_cannot_be_connected(connecting: Any) -> None:
    with pytest.raises(ConfigurationError, match="memory://keyvalue"):
        connecting("memory://elsewhere")
    with pytest.raises(ConfigurationError, match="max_records"):
        connecting("memory://?colour=red")
    with pytest.raises(ConfigurationError, match="unknown"):
        connecting("nosuchscheme://host")
    with pytest.raises(ConfigurationError, match="mic-datastorage-mongo"):
        connecting("mongodb://host")
    with pytest.raises(ConfigurationError, match="mic-datastorage-neo4j"):
        connecting("bolt+s://host")
