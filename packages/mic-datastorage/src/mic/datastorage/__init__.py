"""Storage behind a small typed surface: lifecycle, unit of work, repository, key-value.

The same code runs on memory, SQLite or a server by changing a URL. Names of backends that are
distributions of their own (`SqlDataStorage`) are resolved on first use.
"""

from typing import TYPE_CHECKING

from mic.datastorage.base import (
    AsyncDataStorage,
    DataStorage,
    HealthReport,
    aconnect,
    connect,
    redact_url,
    resolve_optional_client,
)
from mic.datastorage.errors import (
    CommitUnknownError,
    ConstraintError,
    DuplicateRecordError,
    InvalidCursorError,
    InvalidQueryError,
    RecordNotFoundError,
    UnboundedResultError,
    UnknownFieldError,
    UnsupportedOperationError,
    VersionConflictError,
)
from mic.datastorage.keyvalue import AsyncKeyValueCapability, KeyValueCapability
from mic.datastorage.memory import (
    AsyncInMemoryKeyValueDataStorage,
    AsyncInMemoryRelationalDataStorage,
    InMemoryKeyValueDataStorage,
    InMemoryRelationalDataStorage,
)
from mic.datastorage.query import (
    AnyOf,
    Condition,
    Direction,
    KeysetPage,
    Op,
    Order,
    QuerySpec,
)
from mic.datastorage.repository import AsyncRepository, Repository
from mic.datastorage.uow import (
    AsyncTransactionalDataStorage,
    AsyncUnitOfWork,
    IsolationLevel,
    TransactionalDataStorage,
    UnitOfWork,
)
from mic.plugins import LazyExport, make_lazy_exports

if TYPE_CHECKING:
    from mic.datastorage_sql import AsyncSqlDataStorage as AsyncSqlDataStorage
    from mic.datastorage_sql import AsyncSqlEngine as AsyncSqlEngine
    from mic.datastorage_sql import SqlDataStorage as SqlDataStorage
    from mic.datastorage_sql import SqlEngine as SqlEngine

__getattr__, __dir__ = make_lazy_exports(
    __name__,
    {
        name: LazyExport(module="mic.datastorage_sql", distribution="mic-datastorage-sql")
        for name in ("AsyncSqlDataStorage", "AsyncSqlEngine", "SqlDataStorage", "SqlEngine")
    },
)

__all__ = [
    "AnyOf",
    "AsyncDataStorage",
    "AsyncInMemoryKeyValueDataStorage",
    "AsyncInMemoryRelationalDataStorage",
    "AsyncKeyValueCapability",
    "AsyncRepository",
    "AsyncTransactionalDataStorage",
    "AsyncUnitOfWork",
    "CommitUnknownError",
    "Condition",
    "ConstraintError",
    "DataStorage",
    "Direction",
    "DuplicateRecordError",
    "HealthReport",
    "InMemoryKeyValueDataStorage",
    "InMemoryRelationalDataStorage",
    "InvalidCursorError",
    "InvalidQueryError",
    "IsolationLevel",
    "KeyValueCapability",
    "KeysetPage",
    "Op",
    "Order",
    "QuerySpec",
    "RecordNotFoundError",
    "Repository",
    "TransactionalDataStorage",
    "UnboundedResultError",
    "UnitOfWork",
    "UnknownFieldError",
    "UnsupportedOperationError",
    "VersionConflictError",
    "aconnect",
    "connect",
    "redact_url",
    "resolve_optional_client",
]
