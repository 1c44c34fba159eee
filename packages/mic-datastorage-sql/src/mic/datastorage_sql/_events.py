"""What happens on an engine's connections without being asked: set-up, BEGIN, fork."""

import os
import sqlite3
import threading
import weakref
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, event

from mic.datastorage_sql._settings import BUSY_TIMEOUT_MS, EnginePlan
from mic.datastorage_sql._unit_plan import BEGIN_OPTION, READ_ONLY_OPTION

_QUERY_ONLY = "mic_query_only"


class Forkable(Protocol):
    """What has connections that a forked child must not use."""

    def _after_fork(self) -> None: ...


_storages: "weakref.WeakSet[Forkable]" = weakref.WeakSet()
_registration = threading.Lock()
_registered = False


def set_up_connections(engine: Engine, plan: EnginePlan) -> None:
    """Send the plan's statements on every new connection, and take over BEGIN on SQLite."""
    is_sqlite = engine.dialect.name == "sqlite"

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        if is_sqlite:
            # The driver must not begin transactions by itself: `begin_sqlite` does.
            connection.isolation_level = None
        for name, value in plan.attributes.items():
            setattr(record.driver_connection, name, value)
        cursor = connection.cursor()
        for statement in plan.statements:
            try:
                cursor.execute(statement)
            except sqlite3.OperationalError:
                # Another process may be turning the file to WAL at this moment, which is as good.
                if "journal_mode" not in statement:
                    raise
        cursor.close()

    if is_sqlite:
        event.listen(engine, "begin", begin_sqlite)


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction of SQLite as its execution options want it, unless it has begun.

    `query_only` is set when the wish differs from what the connection last had, so that most
    transactions need no statement for it, and none can leave it behind for the next.
    """
    options = connection.get_execution_options()
    _set_query_only(connection, bool(options.get(READ_ONLY_OPTION, False)))
    adapted: Any = connection.connection.dbapi_connection
    driver_connection = getattr(adapted, "driver_connection", adapted)
    if not driver_connection.in_transaction:
        connection.exec_driver_sql(str(options.get(BEGIN_OPTION, "BEGIN")))


def allow_writes(connection: Connection) -> None:
    """Before a connection of somebody else's engine goes back: leave nothing set."""
    _set_query_only(connection, False)


def _set_query_only(connection: Connection, wanted: bool) -> None:
    if connection.info.get(_QUERY_ONLY, False) != wanted:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if wanted else 'OFF'}")
        connection.info[_QUERY_ONLY] = wanted


def open_keeper(name: str) -> sqlite3.Connection:
    """A connection that keeps a database in memory alive while no other is open.

    Nothing here waits: there is no file.
    """
    return sqlite3.connect(
        f"file:/mic-{name}?vfs=memdb",
        uri=True,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT_MS / 1000,
    )


def drop_connections_after_fork(storage: Forkable) -> None:
    """Let a forked child forget a storage's connections without closing them."""
    global _registered
    with _registration:
        _storages.add(storage)
        if not _registered and hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_in_child)
            _registered = True


def _in_child() -> None:
    for storage in list(_storages):
        storage._after_fork()
