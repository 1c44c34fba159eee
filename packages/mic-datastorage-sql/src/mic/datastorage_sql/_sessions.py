"""The shared transaction protocol: how a store of another distribution joins a unit of work."""

from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncSession as PlainAsyncSession
from sqlalchemy.orm import Session as PlainSession

from mic.datastorage.uow import AsyncUnitOfWork, UnitOfWork
from mic.datastorage_sql._async.engine import AsyncSqlDataStorage
from mic.datastorage_sql._sync.engine import SqlDataStorage

S = TypeVar("S", PlainSession, PlainAsyncSession)


def session_of(value: Any, *, storage: SqlDataStorage | None = None) -> PlainSession:
    """The session of a unit of work, or the session itself.

    A store that joins adds its statements to this session and flushes; it never commits, rolls back
    or opens a second connection. It sends Core statements on `session.connection()`, so that no
    pending object of the caller is flushed before the store has handled its own conflicts.

    Args:
        value: A unit of work of a SQL storage, or a session of SQLAlchemy or SQLModel.
        storage: Where the session must belong to.

    Raises:
        TypeError: Anything else.
        RuntimeError: The unit of work is finished.
        ValueError: The session belongs to another database than `storage`.
    """
    session = _unwrapped(value, UnitOfWork, PlainSession)
    if storage is not None:
        _check_bind(session.get_bind(), storage.sqlalchemy_engine)
    return session


def async_session_of(
    value: Any, *, storage: AsyncSqlDataStorage | None = None
) -> PlainAsyncSession:
    """The asynchronous session of a unit of work, or the session itself; as `session_of`."""
    session = _unwrapped(value, AsyncUnitOfWork, PlainAsyncSession)
    if storage is not None:
        _check_bind(session.get_bind(), storage.sqlalchemy_engine.sync_engine)
    return session


def _unwrapped(value: Any, unit_type: type[Any], session_type: type[S]) -> S:
    session = value.session if isinstance(value, unit_type) else value
    if not isinstance(session, session_type):
        raise TypeError(
            f"expected a {session_type.__name__} or a unit of work that has one,"
            f" not {type(value).__name__}"
        )
    return session


def _check_bind(bind: Engine | Connection, engine: Engine) -> None:
    if bind.engine.pool is not engine.pool:
        raise ValueError("the session belongs to another database than the store")
