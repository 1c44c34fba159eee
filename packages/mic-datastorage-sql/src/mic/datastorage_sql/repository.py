"""The repositories of SQLModel table classes."""

from mic.datastorage_sql._async.repository import AsyncSqlRepository
from mic.datastorage_sql._sync.repository import SqlRepository

__all__ = ["AsyncSqlRepository", "SqlRepository"]
