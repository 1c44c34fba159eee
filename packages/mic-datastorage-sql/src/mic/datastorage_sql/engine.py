"""SQL databases as storages, and how other distributions join their transactions."""

from mic.datastorage_sql._async.engine import AsyncSqlDataStorage
from mic.datastorage_sql._async.unit import AsyncSqlUnitOfWork
from mic.datastorage_sql._from_url import afrom_url, from_url
from mic.datastorage_sql._sessions import async_session_of, session_of
from mic.datastorage_sql._sync.engine import SqlDataStorage
from mic.datastorage_sql._sync.unit import SqlUnitOfWork

SqlEngine = SqlDataStorage
AsyncSqlEngine = AsyncSqlDataStorage

__all__ = [
    "AsyncSqlDataStorage",
    "AsyncSqlEngine",
    "AsyncSqlUnitOfWork",
    "SqlDataStorage",
    "SqlEngine",
    "SqlUnitOfWork",
    "afrom_url",
    "async_session_of",
    "from_url",
    "session_of",
]
