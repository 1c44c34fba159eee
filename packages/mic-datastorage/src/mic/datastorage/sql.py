"""The SQL storages, resolved from mic-datastorage-sql on first use."""

from typing import TYPE_CHECKING

from mic.plugins import LazyExport, make_lazy_exports

if TYPE_CHECKING:
    from mic.datastorage_sql import AsyncSqlDataStorage as AsyncSqlDataStorage
    from mic.datastorage_sql import AsyncSqlEngine as AsyncSqlEngine
    from mic.datastorage_sql import SqlDataStorage as SqlDataStorage
    from mic.datastorage_sql import SqlEngine as SqlEngine
    from mic.datastorage_sql import async_session_of as async_session_of
    from mic.datastorage_sql import session_of as session_of

__all__: list[str] = []

__getattr__, __dir__ = make_lazy_exports(
    __name__,
    {
        name: LazyExport(module="mic.datastorage_sql", distribution="mic-datastorage-sql")
        for name in (
            "AsyncSqlDataStorage",
            "AsyncSqlEngine",
            "SqlDataStorage",
            "SqlEngine",
            "async_session_of",
            "session_of",
        )
    },
)
