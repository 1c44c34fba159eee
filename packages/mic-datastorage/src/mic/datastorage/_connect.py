"""Storages by URL: the registry of the entry-point group `mic.datastorage`."""

from typing import Any

from mic.contracts import StrictSchema
from mic.datastorage._async.base import AsyncDataStorage
from mic.datastorage._async.memory import AsyncInMemoryRelationalDataStorage
from mic.datastorage._async.memory_keyvalue import AsyncInMemoryKeyValueDataStorage
from mic.datastorage._sync.base import DataStorage
from mic.datastorage._sync.memory import InMemoryRelationalDataStorage
from mic.datastorage._sync.memory_keyvalue import InMemoryKeyValueDataStorage
from mic.model import ConfigurationError
from mic.plugins import BackendRegistry, parse_url

__all__ = ["aconnect", "connect"]


class _RelationalOptions(StrictSchema):
    max_records: int = 100_000


class _KeyValueOptions(StrictSchema):
    max_entries: int = 100_000


_KINDS: dict[str, tuple[type[StrictSchema], type[DataStorage], type[AsyncDataStorage]]] = {
    "": (_RelationalOptions, InMemoryRelationalDataStorage, AsyncInMemoryRelationalDataStorage),
    "keyvalue": (_KeyValueOptions, InMemoryKeyValueDataStorage, AsyncInMemoryKeyValueDataStorage),
}


def connect(url: str, **options: Any) -> DataStorage:
    """The storage that a URL names; nothing is contacted before its first use.

    Args:
        url: `memory://` (records), `memory://keyvalue`, or a scheme of an installed backend:
            `sqlite`, `postgresql`, `postgres`, `mysql`, `mariadb`, `oracle` of mic-datastorage-sql.
            Query parameters are the constructor's keyword names; those that begin with `driver.`
            go to the driver as they are.
        **options: Keyword arguments of the constructor; they win over the query.

    Raises:
        ConfigurationError: An unknown scheme (the message names what to install) or parameter.
    """
    return _REGISTRY.connect(url, **options)


def aconnect(url: str, **options: Any) -> AsyncDataStorage:
    """The asynchronous storage that a URL names, as `connect` does; not a coroutine."""
    return _REGISTRY.aconnect(url, **options)


def _memory(url: str, **options: Any) -> DataStorage:
    schema, storage, _ = _kind_of(url)
    return storage(**_merged(url, schema, options))


def _amemory(url: str, **options: Any) -> AsyncDataStorage:
    schema, _, storage = _kind_of(url)
    return storage(**_merged(url, schema, options))


def _kind_of(url: str) -> tuple[type[StrictSchema], type[DataStorage], type[AsyncDataStorage]]:
    parsed = parse_url(url)
    place = f"{parsed.host or ''}{parsed.path}".strip("/")
    if place not in _KINDS:
        known = ", ".join(f"memory://{kind}" for kind in _KINDS)
        raise ConfigurationError(message=f"no such storage in memory; there are {known}")
    return _KINDS[place]


def _merged(url: str, schema: type[StrictSchema], options: dict[str, Any]) -> dict[str, Any]:
    return parse_url(url).options_as(schema).model_dump(exclude_unset=True) | options


_HINTS = {
    **dict.fromkeys(
        ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "oracle"), "mic-datastorage-sql"
    ),
    **dict.fromkeys(("mongodb", "mongodb+srv"), "mic-datastorage-mongo"),
    **dict.fromkeys(
        ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"), "mic-datastorage-neo4j"
    ),
}
_REGISTRY: BackendRegistry[DataStorage, AsyncDataStorage] = BackendRegistry(
    "mic.datastorage",
    hints=_HINTS,
    builtin={"memory": _memory},
    async_builtin={"memory": _amemory},
)
