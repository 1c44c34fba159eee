"""SQL storage on SQLModel: SQLite, PostgreSQL, MySQL, MariaDB and Oracle."""

from mic.datastorage_sql.engine import (
    AsyncSqlDataStorage,
    AsyncSqlEngine,
    AsyncSqlUnitOfWork,
    SqlDataStorage,
    SqlEngine,
    SqlUnitOfWork,
    afrom_url,
    async_session_of,
    from_url,
    session_of,
)
from mic.datastorage_sql.repository import AsyncSqlRepository, SqlRepository
from mic.datastorage_sql.types import JsonDocument, LongText, UtcDateTime

__all__ = [
    "AsyncSqlDataStorage",
    "AsyncSqlEngine",
    "AsyncSqlRepository",
    "AsyncSqlUnitOfWork",
    "JsonDocument",
    "LongText",
    "SqlDataStorage",
    "SqlEngine",
    "SqlRepository",
    "SqlUnitOfWork",
    "UtcDateTime",
    "afrom_url",
    "async_session_of",
    "from_url",
    "session_of",
]
