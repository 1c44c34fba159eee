"""What happens on connections without being asked."""

import os
import sqlite3
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from mic.datastorage import UnsupportedOperationError
from mic.datastorage_sql import SqlDataStorage, _events
from mic.datastorage_sql._events import open_keeper, set_up_connections
from mic.datastorage_sql._settings import EnginePlan


def _plan(*statements: str, **attributes: Any) -> EnginePlan:
    return EnginePlan(
        url=make_url("sqlite://"), connect_args={}, statements=statements, attributes=attributes
    )


def test_statements_and_attributes(tmp_path: Path) -> None:
    class Connection(sqlite3.Connection):
        call_timeout = 0

    engine = create_engine(
        f"sqlite:///{tmp_path}/x.db", poolclass=NullPool, connect_args={"factory": Connection}
    )
    set_up_connections(engine, _plan("PRAGMA cache_size=123", call_timeout=5))
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA cache_size")).scalar() == 123
        driver_connection: Any = connection.connection.driver_connection
        assert driver_connection.call_timeout == 5


def test_an_engine_that_is_not_sqlite_begins_by_itself() -> None:
    engine = create_engine("sqlite://", poolclass=NullPool)
    engine.dialect.name = "postgresql"
    set_up_connections(engine, _plan())
    with engine.begin() as connection:
        raw: Any = connection.connection.driver_connection
        assert not raw.in_transaction


def test_only_the_switch_to_wal_may_be_busy(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE t (x)")
    writer.execute("BEGIN EXCLUSIVE")
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    set_up_connections(engine, _plan("PRAGMA busy_timeout=1", "PRAGMA journal_mode=WAL"))
    engine.connect().close()
    writer.execute("ROLLBACK")
    broken = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    set_up_connections(broken, _plan("SELECT * FROM no_such"))
    with pytest.raises(OperationalError, match="no such table"):
        broken.connect()
    writer.close()


@pytest.mark.parametrize("begins", [False, True])
def test_an_injected_engine_may_begin_by_itself(
    tmp_path: Path, rows: SimpleNamespace, begins: bool
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/x.db", pool_size=1, max_overflow=0)

    if begins:

        @event.listens_for(engine, "connect")
        def connect(connection: Any, record: Any) -> None:
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN")

    with SqlDataStorage(engine=engine, owns_engine=True) as storage:
        storage.create_all()
        storage.repository(rows.Parent).insert(rows.Parent(id="a"))
        assert storage.repository(rows.Parent).count() == 1
        with pytest.raises(UnsupportedOperationError, match="read-only"):
            _write_while_reading(storage)
        # What the engine's owner does with the same connection is not read-only.
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO parents VALUES ('b')"))
        assert storage.repository(rows.Parent).count() == 2


def _write_while_reading(storage: SqlDataStorage) -> None:
    with storage.unit_of_work(read_only=True) as unit:
        unit.session.connection().execute(text("INSERT INTO parents VALUES ('c')"))


def test_a_keeper_keeps_the_database() -> None:
    keeper = open_keeper("kept-by-test")
    uri = "file:/mic-kept-by-test?vfs=memdb"
    for statement in ("CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"):
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        connection.execute(statement)
        connection.close()
    assert keeper.execute("SELECT * FROM t").fetchall() == [(1,)]
    keeper.close()
    fresh = sqlite3.connect(uri, uri=True)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        fresh.execute("SELECT * FROM t")
    fresh.close()


def test_each_storage_is_told_of_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    class Storage:
        told = 0

        def _after_fork(self) -> None:
            self.told += 1

    monkeypatch.setattr(_events, "_storages", weakref.WeakSet())
    storage, gone = Storage(), Storage()
    for each in (storage, gone):
        _events.drop_connections_after_fork(each)
    del gone, each
    _events._in_child()
    assert storage.told == 1
    assert len(_events._storages) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_connects_anew(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from sqlalchemy import text\n"
        "from mic.datastorage_sql import SqlDataStorage\n"
        "storage = SqlDataStorage(url=sys.argv[1])\n"
        "storage.prepare()\n"
        "pool = storage.sqlalchemy_engine.pool\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    changed = storage.sqlalchemy_engine.pool is not pool\n"
        "    storage.prepare()\n"
        "    os._exit(0 if changed and storage.check_health() else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "assert storage.sqlalchemy_engine.pool is pool\n"
        "storage.prepare()\n"
        "storage.dispose()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, f"sqlite:///{tmp_path}/x.db"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_read_only_is_never_left_behind(tmp_path: Path, rows: SimpleNamespace) -> None:
    with SqlDataStorage(url=f"sqlite:///{tmp_path}/x.db", pool_size=1, max_overflow=0) as storage:
        storage.create_all()
        with storage.unit_of_work(read_only=True) as unit:
            # A caller who ends the transaction on its own breaks the unit, and nothing else.
            unit.session.rollback()
        with storage.session() as session:
            session.add(rows.Parent(id="a"))
            session.commit()
        assert storage.repository(rows.Parent).count() == 1
