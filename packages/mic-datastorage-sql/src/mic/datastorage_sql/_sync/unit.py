# Generated from _async/unit.py by "make unasync"; edit that file.
"""A unit of work on a SQL database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as LoadingSession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from mic.datastorage.errors import CommitUnknownError, UnsupportedOperationError
from mic.datastorage.repository import Repository, RepositoryOptions
from mic.datastorage.uow import UnitOfWork, UnitOptions
from mic.datastorage_sql._driver_sync import call_core, new_session
from mic.datastorage_sql._events import allow_writes, begin_sqlite
from mic.datastorage_sql._mapping import map_record
from mic.datastorage_sql._sync.repository import SqlRepository
from mic.datastorage_sql._unit_plan import plan_unit
from mic.datastorage_sql.errors import ErrorContext, is_outage, raise_translated, translate

if TYPE_CHECKING:
    from mic.datastorage_sql._sync.engine import SqlDataStorage

__all__ = ["SqlUnitOfWork"]

T = TypeVar("T")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class SqlUnitOfWork(UnitOfWork):
    """One transaction on one connection.

    Attributes:
        storage: Where it comes from.
    """

    def __init__(self, storage: SqlDataStorage, options: UnitOptions) -> None:
        super().__init__(options)
        self.storage = storage
        self._plan = plan_unit(storage.dialect, options)
        self._grace_seconds = storage.settings.connect_timeout_seconds
        self._session: Session | None = None
        self._connection: Connection | None = None
        # Repositories load through a session of their own, so that what they give away and forget
        # is never an object that the caller put into `session`.
        self._loading: LoadingSession | None = None

    @property
    def session(self) -> Session:
        """SQLModel's session of this transaction.

        Its pending objects are flushed before a repository reads or writes, and before COMMIT.

        Raises:
            RuntimeError: The unit of work is finished.
        """
        self._book.check_active()
        return _present(self._session)

    def _repository(self, record_type: type[T], options: RepositoryOptions) -> Repository[T]:
        return SqlRepository(self, record_type, options, map_record(record_type, options))

    def _begin(self) -> None:
        try:
            self._session = new_session(self.storage._ready_engine())
            self._connection = self._session.connection(
                execution_options=dict(self._plan.execution_options)
            )
            if self.storage._borrows_sqlite:
                call_core(self._connection, begin_sqlite)
            for statement, parameters in self._plan.statements:
                self._connection.execute(text(statement), dict(parameters))
        except Exception as error:
            self._fail(error, connecting=True)

    def _flush(self) -> None:
        try:
            _present(self._session).flush()
        except Exception as error:
            self._fail(error, writing=True)

    def _commit(self) -> None:
        try:
            self._leave_nothing_set()
            _present(self._session).commit()
        except Exception as error:
            outcome = translate(error, self._context(writing=True))
            if is_outage(outcome) and self.storage.dialect != "sqlite":
                raise CommitUnknownError(details={"url": self.storage.place}) from error
            self._fail(error, writing=True)

    def _rollback(self) -> None:
        self._leave_nothing_set()
        _present(self._session).rollback()

    def _leave_nothing_set(self) -> None:
        if self.storage._borrows_sqlite:
            call_core(_present(self._connection), allow_writes)

    def _release(self) -> None:
        session, loading = self._session, self._loading
        self._session = self._loading = self._connection = None
        if loading is not None:
            loading.close()
        if session is not None:
            session.close()

    def _set_savepoint(self) -> SessionTransaction:
        try:
            mark = self.session.begin_nested()
            # SAVEPOINT is sent when the session first needs the connection, which repositories use
            # without it.
            self.session.connection()
        except Exception as error:
            self._fail(error, writing=True)
        return mark

    def _release_savepoint(self, mark: SessionTransaction) -> None:
        try:
            mark.commit()
        except Exception as error:
            self._fail(error, writing=True)

    def _rollback_to(self, mark: SessionTransaction) -> None:
        mark.rollback()

    def _run(
        self, statement: Executable, parameters: Parameters | None = None, *, writing: bool
    ) -> CursorResult[Any]:
        """For the repository: one statement.

        Raises:
            UnsupportedOperationError: A write in a read-only unit of work; nothing was sent.
        """
        connection = self._ready(writing=writing)
        try:
            return connection.execute(statement, parameters)
        except Exception as error:
            self._fail(error, writing=writing)

    def _load(
        self, statement: Select[Any], parameters: Parameters | None = None, *, locking: bool = False
    ) -> list[Any]:
        """For the repository: records that belong to no session."""
        connection = self._ready(writing=locking)
        if self._loading is None:
            # It joins the transaction, and neither ends it nor sets a savepoint of its own.
            self._loading = LoadingSession(
                connection, autoflush=False, join_transaction_mode="rollback_only"
            )
        try:
            result = self._loading.execute(statement, parameters)
            records = list(result.scalars())
        except Exception as error:
            self._fail(error)
        self._loading.expunge_all()
        return records

    def _ready(self, *, writing: bool) -> Connection:
        self._book.check_usable()
        if writing and self.read_only:
            raise UnsupportedOperationError(message="the unit of work is read-only")
        session = _present(self._session)
        if session.new or session.dirty or session.deleted:
            self._flush()
        return _present(self._connection)

    def _fail(
        self, error: Exception, *, writing: bool = False, connecting: bool = False
    ) -> NoReturn:
        """Raise what a caller gets for an engine's error; this level can only be rolled back."""
        self._book.fail()
        raise_translated(error, self._context(writing=writing, connecting=connecting))

    def _translated(self, error: BaseException) -> BaseException:
        if isinstance(error, SQLAlchemyError):
            return translate(error, self._context(writing=not self.read_only))
        return error

    def _context(self, *, writing: bool = False, connecting: bool = False) -> ErrorContext:
        return ErrorContext(
            dialect=self.storage.dialect,
            place=self.storage.place,
            writing=writing,
            read_only=self.read_only,
            connecting=connecting,
        )


def _present(value: T | None) -> T:
    """What is there while a unit of work is active."""
    if value is None:
        raise RuntimeError("the unit of work has no connection")
    return value
