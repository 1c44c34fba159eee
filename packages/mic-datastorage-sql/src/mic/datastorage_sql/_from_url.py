"""The entry points of `mic.datastorage.connect` and `aconnect`."""

from typing import Any, Literal

from sqlalchemy import make_url

from mic.contracts import StrictSchema
from mic.datastorage_sql._async.engine import AsyncSqlDataStorage
from mic.datastorage_sql._sync.engine import SqlDataStorage
from mic.plugins import parse_url


class _UrlOptions(StrictSchema):
    """What a URL may say besides the place; the constructor checks the ranges."""

    name: str = ""
    echo: bool = False
    pool_size: int = 10
    max_overflow: int = 10
    pool_timeout_seconds: float = 5.0
    pool_recycle_seconds: float = 1800.0
    pool_pre_ping: bool = True
    connect_timeout_seconds: float = 5.0
    statement_timeout_seconds: float | None = None
    isolation_level: Literal["read_committed", "repeatable_read", "serializable"] | None = None
    application_name: str = "mic"


def from_url(url: str, **options: Any) -> SqlDataStorage:
    """A SQL storage for a URL.

    Args:
        url: `dialect[+driver]://user:password@host/name`; query parameters are the constructor's
            keyword names, `name` for a shared SQLite database in memory, and `driver.x` for a
            parameter `x` of the driver.
        **options: Keyword arguments of the constructor; they win over the query.

    Raises:
        ConfigurationError: An unknown or bad parameter.
        ValueError: A value out of its range.
    """
    return SqlDataStorage(**_arguments(url, options))


def afrom_url(url: str, **options: Any) -> AsyncSqlDataStorage:
    """An asynchronous SQL storage for a URL, as `from_url`; not a coroutine."""
    return AsyncSqlDataStorage(**_arguments(url, options))


def _arguments(url: str, options: dict[str, Any]) -> dict[str, Any]:
    parsed = parse_url(url)
    schema = parsed.options_as(_UrlOptions, allow_driver=True)
    known = schema.model_dump(exclude_unset=True)
    query = dict(parsed.driver_options)
    if "name" in known:
        query["name"] = known.pop("name")
    target = make_url(parsed.driver_url).update_query_dict(query)
    return {"url": target.render_as_string(hide_password=False), **known, **options}
