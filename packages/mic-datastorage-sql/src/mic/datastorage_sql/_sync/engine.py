# Generated from _async/engine.py by "make unasync"; edit that file.
"""A SQL database as a storage."""

import logging
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NoReturn

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel

from mic.datastorage.repository import RepositoryOptions
from mic.datastorage.uow import (
    IsolationLevel,
    TransactionalDataStorage,
    UnitOfWork,
    UnitOptions,
)
from mic.datastorage_sql._driver_sync import (
    ASYNCHRONOUS,
    QueuePoolClass,
    call_core,
    core_of,
    make_engine,
    new_session,
    off_loop,
)
from mic.datastorage_sql._events import (
    drop_connections_after_fork,
    open_keeper,
    set_up_connections,
)
from mic.datastorage_sql._mapping import map_record
from mic.datastorage_sql._settings import (
    EnginePlan,
    SqlSettings,
    parse_sql_url,
    place_of,
    plan_engine,
    plan_probe,
)
from mic.datastorage_sql._sync.unit import SqlUnitOfWork
from mic.datastorage_sql.errors import (
    SERIALIZATION_CODE,
    ErrorContext,
    raise_translated,
    reason_of,
    translate,
)
from mic.model import TransientError

__all__ = ["SqlDataStorage"]

_LOGGER = logging.getLogger("mic.datastorage")


class SqlDataStorage(TransactionalDataStorage):
    """A SQL database: SQLite, PostgreSQL, MySQL, MariaDB, Oracle; SQLModel on SQLAlchemy.

    Guarantees:
        - Nothing is imported or connected before the first use; threads and tasks that come first
          together build one engine. No DDL ever runs but in `create_all()` and the migrations.
        - Bounded: at most `pool_size + max_overflow` connections, each wait has a timeout.
        - `health()` never waits for the pool: it connects anew, and proves the password too. With
          an injected engine it has that engine's pool, and a deadline.
        - A driver's exception is wrapped once: `TransientError` when the database is unavailable
          (`transient.sql_unavailable`), slow (`transient.sql_timeout`) or transactions collided
          (`transient.sql_serialization`); `ConfigurationError` `config.storage_rejected` when
          waiting does not help. `details` hold the URL without its secrets.
        - It closes what it opened: an injected engine stays open unless `owns_engine`.
        - After a fork the child forgets inherited connections without closing them.

    SQLite: files are opened in WAL mode, with foreign keys; a writing unit of work begins with
    BEGIN IMMEDIATE and waits up to 5 s for another writer. `sqlite://` is a database in memory that
    all connections of the process share; storages with the same `?name=` share it as well.

    Args:
        url: `dialect[+driver]://user:password@host/name`.
        echo: Log every statement (SQLAlchemy's logger).
        engine: A ready engine to use instead of `url`.
        pool_size: Connections that are kept, at least 1.
        max_overflow: Connections beyond, 0 or more.
        pool_timeout_seconds: The longest wait for a connection.
        pool_recycle_seconds: Connections are replaced at this age.
        pool_pre_ping: Try a pooled connection before its use, and replace a stale one.
        connect_timeout_seconds: The longest wait for a new connection; also how long the outcome of
            a COMMIT is waited for after a cancellation.
        statement_timeout_seconds: The longest time of a statement (half of it for a lock), where
            the engine can enforce it; SQLite cannot. `None` is no limit.
        isolation_level: The isolation of all units of work; `None` is the engine's own (READ
            COMMITTED on MySQL and MariaDB).
        connect_args: Further arguments of the driver's `connect`.
        application_name: How PostgreSQL shows the connections.
        owns_engine: Dispose of the injected engine as well.

    Raises:
        ValueError: There is neither `url` nor `engine`, the URL is none, or a number is out of its
            range.
    """

    _rerun_codes: ClassVar[frozenset[str]] = frozenset({SERIALIZATION_CODE})

    def __init__(
        self,
        *,
        url: str = "",
        echo: bool = False,
        engine: Engine | None = None,
        pool_size: int = 10,
        max_overflow: int = 10,
        pool_timeout_seconds: float = 5.0,
        pool_recycle_seconds: float = 1800.0,
        pool_pre_ping: bool = True,
        connect_timeout_seconds: float = 5.0,
        statement_timeout_seconds: float | None = 30.0,
        isolation_level: IsolationLevel | None = None,
        connect_args: Mapping[str, Any] | None = None,
        application_name: str = "mic",
        owns_engine: bool = False,
    ) -> None:
        if not url and engine is None:
            raise ValueError("give a url or an engine")
        self.settings = SqlSettings(
            echo=echo,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout_seconds=pool_timeout_seconds,
            pool_recycle_seconds=pool_recycle_seconds,
            pool_pre_ping=pool_pre_ping,
            connect_timeout_seconds=connect_timeout_seconds,
            statement_timeout_seconds=statement_timeout_seconds,
            isolation_level=isolation_level,
            connect_args=dict(connect_args or {}),
            application_name=application_name,
        )
        self._engine = engine
        self._owns_engine = owns_engine or engine is None
        self._injected = engine is not None
        if engine is None:
            target = parse_sql_url(url, asynchronous=ASYNCHRONOUS)
            self._engine_plan = plan_engine(target, self.settings)
            self.place = place_of(target)
            self.dialect = target.get_backend_name()
        else:
            self._engine_plan = EnginePlan(url=engine.url, connect_args={})
            self.place = "(injected engine)"
            self.dialect = core_of(engine).dialect.name
        self._prober: tuple[float, Engine] | None = None
        self._keeper: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        drop_connections_after_fork(self)

    @property
    def sqlalchemy_engine(self) -> Engine:
        """The engine; built at the first access.

        Raises:
            RuntimeError: The storage is disposed.
            ConfigurationError: The driver is missing.
        """
        return self._open()

    @property
    def native(self) -> Engine:
        """The same as `sqlalchemy_engine`."""
        return self.sqlalchemy_engine

    @property
    def _borrows_sqlite(self) -> bool:
        """Whether the connections are SQLite's and have not the set-up of an engine of ours."""
        return self._injected and self.dialect == "sqlite"

    @property
    def _can_return(self) -> bool:
        """Whether an INSERT can return what the engine made; known once connected."""
        return bool(core_of(self.sqlalchemy_engine).dialect.insert_returning)

    def check_health(self) -> bool:
        """Whether the database answers. Never raises."""
        return (self.health()).healthy

    def prepare(self) -> None:
        """Make sure that the database can be reached, by one statement on a pooled connection.

        Raises:
            RuntimeError: The storage is disposed.
            TransientError: The database is unavailable.
            ConfigurationError: The database rejects the connection, or the driver is missing.
        """
        try:
            self._ask(self._ready_engine())
        except Exception as error:
            self._raise(error)

    def session(self) -> AbstractContextManager[Session]:
        """SQLModel's session, for statements of your own; nothing is committed unless you do.

        What you do not commit is rolled back at the end. Exceptions of SQLAlchemy pass as they are,
        but for those that say that the database is unavailable, slow or refuses the connection.

        Raises:
            RuntimeError: The storage is disposed.
        """
        self._check_alive()
        return self._session()

    def create_all(self) -> None:
        """Create the tables of all imported SQLModel classes that do not exist; for tests.

        Raises:
            TransientError: The database is unavailable.
            ConfigurationError: The database rejects the connection or a statement.
        """
        try:
            engine = self._ready_engine()
            with engine.begin() as connection:
                call_core(connection, SQLModel.metadata.create_all)
        except Exception as error:
            self._raise(error)

    def dispose(self) -> None:
        """Close what this storage opened. May be called any number of times; never raises."""
        self._mark_disposed()
        with self._lock:
            engine = self._engine if self._owns_engine else None
            keeper = self._keeper
            self._keeper = self._prober = None
        try:
            if engine is not None:
                engine.dispose()
            if keeper is not None:
                keeper.close()
        except Exception:
            _LOGGER.warning("%s could not be closed cleanly", self.place, exc_info=True)

    def _new_unit(self, options: UnitOptions) -> UnitOfWork:
        if self._injected and options.isolation is None:
            # Our own engines have the level already.
            options = replace(options, isolation=self.settings.isolation_level)
        return SqlUnitOfWork(self, options)

    def _known_fields(self, record_type: type[Any], options: RepositoryOptions) -> Collection[str]:
        return map_record(record_type, options).columns.keys()

    def _owns(self, unit: UnitOfWork) -> bool:
        if not isinstance(unit, SqlUnitOfWork):
            return False
        theirs, ours = core_of(unit.storage.sqlalchemy_engine), core_of(self.sqlalchemy_engine)
        return theirs.pool is ours.pool

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with new_session(self._ready_engine()) as session:
                yield session
        except (DBAPIError, PoolTimeoutError) as error:
            outcome = translate(error, self._context())
            connecting = getattr(error, "statement", None) is None
            if connecting or isinstance(outcome, TransientError):
                raise outcome from error
            raise

    def _probe(self, timeout_seconds: float) -> str | None:
        try:
            if self._injected:
                self._ask(self._ready_engine())
            else:
                self._ask(off_loop(partial(self._prober_for, timeout_seconds)))
        except Exception as error:
            return reason_of(error, self._context())
        return None

    def _ask(self, engine: Engine) -> None:
        with engine.connect() as connection:
            connection.execute(
                text("SELECT 1 FROM DUAL" if self.dialect == "oracle" else "SELECT 1")
            )

    def _ready_engine(self) -> Engine:
        """The engine for our own statements; the first call imports the driver."""
        self._check_alive()
        return off_loop(self._open) if self._engine is None else self._engine

    def _open(self) -> Engine:
        with self._lock:
            self._check_alive()
            if self._engine is None:
                self._engine = self._built()
            return self._engine

    def _built(self) -> Engine:
        settings, plan = self.settings, self._engine_plan
        engine = self._made(
            plan,
            poolclass=QueuePoolClass,
            pool_size=settings.pool_size,
            max_overflow=settings.max_overflow,
            pool_timeout=settings.pool_timeout_seconds,
            pool_recycle=settings.pool_recycle_seconds,
            pool_pre_ping=plan.pre_ping,
        )
        if plan.memory_name is not None:
            self._keeper = open_keeper(plan.memory_name)
        return engine

    def _prober_for(self, timeout_seconds: float) -> Engine:
        """An engine without a pool, so that a probe has to wait for nothing and nobody."""
        with self._lock:
            self._check_alive()
            if self._prober is None or self._prober[0] != timeout_seconds:
                probing = plan_probe(self._engine_plan, timeout_seconds=timeout_seconds)
                self._prober = (timeout_seconds, self._made(probing, poolclass=NullPool))
            return self._prober[1]

    def _made(self, plan: EnginePlan, **options: Any) -> Engine:
        if plan.isolation_level is not None:
            options["isolation_level"] = plan.isolation_level
        try:
            engine = make_engine(
                plan.url,
                echo=self.settings.echo,
                connect_args=dict(plan.connect_args),
                hide_parameters=not self.settings.echo,
                **options,
            )
        except Exception as error:
            self._raise(error)
        set_up_connections(core_of(engine), plan)
        return engine

    def _after_fork(self) -> None:
        """In a forked child: the connections belong to the parent."""
        self._lock = threading.Lock()
        self._prober = None
        if self._engine is not None:
            core_of(self._engine).dispose(close=False)

    def _context(self) -> ErrorContext:
        return ErrorContext(dialect=self.dialect, place=self.place, connecting=True)

    def _raise(self, error: Exception) -> NoReturn:
        raise_translated(error, self._context())
