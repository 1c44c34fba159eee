# Generated from async/test_unit.py by "make unasync"; edit that file.
"""A unit of work on a SQL database; what all backends do is in the contract suites."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import select

from mic.datastorage import (
    CommitUnknownError,
    ConstraintError,
    DuplicateRecordError,
    QuerySpec,
    UnitOfWork,
    UnsupportedOperationError,
)
from mic.datastorage_sql import SqlDataStorage
from mic.datastorage_sql._driver_sync import core_of
from mic.model import ConfigurationError, TransientError

MOMENT = datetime(2024, 1, 2, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlDataStorage]:
    with SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        storage.create_all()
        yield storage


def test_a_unit_around_an_insert_is_three_statements(
    storage: SqlDataStorage, rows: Any, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    with storage.unit_of_work() as unit:
        unit.repository(rows.Account).insert(rows.Account(id="a", name="a"))
    assert log.verbs() == ["BEGIN", "INSERT", "COMMIT"]
    record = storage.repository(rows.Account).get("a")
    assert log.verbs() == ["PRAGMA", "BEGIN", "SELECT", "COMMIT"]
    storage.repository(rows.Account).get("a")
    assert log.verbs() == ["BEGIN", "SELECT", "COMMIT"]
    storage.repository(rows.Account).update(record)
    assert log.verbs() == ["PRAGMA", "BEGIN", "UPDATE", "COMMIT"]


def test_writers_begin_at_once_and_readers_do_not(
    storage: SqlDataStorage, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    with storage.unit_of_work():
        pass
    with storage.unit_of_work(read_only=True):
        pass
    with storage.session() as session:
        session.connection()
    begins = [statement for statement in log.sent if statement.startswith("BEGIN")]
    assert begins == ["BEGIN IMMEDIATE", "BEGIN", "BEGIN"]


def test_a_raw_write_in_a_read_only_unit_is_refused_by_the_engine(
    storage: SqlDataStorage, rows: Any
) -> None:
    def write() -> None:
        with storage.unit_of_work(read_only=True) as unit:
            connection = unit.session.connection()
            connection.execute(text("INSERT INTO parents VALUES ('a')"))

    with pytest.raises(UnsupportedOperationError, match="read-only"):
        write()
    with storage.unit_of_work() as unit:
        connection = unit.session.connection()
        connection.execute(text("INSERT INTO parents VALUES ('b')"))
    assert [record.id for record in storage.repository(rows.Parent).find()] == ["b"]


def test_objects_of_the_session_are_flushed_before_a_repository_acts(
    storage: SqlDataStorage, rows: Any
) -> None:
    with storage.unit_of_work() as unit:
        mine = rows.Parent(id="a")
        unit.session.add(mine)
        assert unit.repository(rows.Parent).get("a") is not mine
        assert mine in unit.session
        unit.session.add(rows.Parent(id="b"))
    assert storage.repository(rows.Parent).count() == 2
    assert mine.id == "a"


def test_what_a_flush_at_the_end_finds_is_translated(storage: SqlDataStorage, rows: Any) -> None:
    def work(record: Any) -> None:
        with storage.unit_of_work() as unit:
            unit.session.add(record)

    work(rows.Parent(id="a"))
    with pytest.raises(DuplicateRecordError, match="unique") as caught:
        work(rows.Parent(id="a"))
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert caught.value.table == "parents"
    with pytest.raises(ConstraintError, match="rule"):
        work(rows.Child(id="c", parent_id="nobody"))
    with pytest.raises(ValueError, match="column"):
        work(rows.Child(id="c", parent_id="a", at=MOMENT.replace(tzinfo=None)))
    assert storage.repository(rows.Child).count() == 0


def test_exceptions_of_sqlalchemy_are_translated_at_the_end_of_the_block(
    storage: SqlDataStorage,
) -> None:
    seen: list[Exception] = []

    def work() -> None:
        with storage.unit_of_work() as unit:
            connection = unit.session.connection()
            try:
                connection.execute(text("SELECT * FROM no_such"))
            except SQLAlchemyError as error:
                seen.append(error)
                raise

    with pytest.raises(ConfigurationError, match="rejects") as caught:
        work()
    assert caught.value.__cause__ is seen[0]


def test_an_exception_that_is_no_error_of_the_engine_passes(
    storage: SqlDataStorage, rows: Any
) -> None:
    def work() -> None:
        with storage.unit_of_work() as unit:
            (unit.session.exec(select(rows.Parent))).one()

    with pytest.raises(SQLAlchemyError, match="No row"):
        work()


def test_a_flush_inside_a_savepoint_undoes_that_alone(storage: SqlDataStorage, rows: Any) -> None:
    with storage.unit_of_work() as unit:
        unit.session.add(rows.Parent(id="a"))
        with unit.savepoint():
            unit.session.add(rows.Parent(id="b"))
            unit.flush()
            unit.session.add(rows.Parent(id="a"))
            with pytest.raises(DuplicateRecordError, match="unique"):
                unit.flush()
        unit.session.add(rows.Parent(id="c"))
    found = storage.repository(rows.Parent).find()
    assert [record.id for record in found] == ["a", "c"]


def test_what_a_savepoint_finds_at_its_ends_is_translated(
    storage: SqlDataStorage, rows: Any
) -> None:
    storage.repository(rows.Parent).insert(rows.Parent(id="a"))

    def at_the_beginning() -> None:
        with storage.unit_of_work() as unit:
            unit.session.add(rows.Parent(id="a"))
            with unit.savepoint():
                pytest.fail("the savepoint was set")

    def at_the_end() -> None:
        with storage.unit_of_work() as unit, unit.savepoint():
            unit.session.add(rows.Parent(id="a"))

    for work in (at_the_beginning, at_the_end):
        with pytest.raises(DuplicateRecordError, match="unique"):
            work()


def _lose_commits(storage: SqlDataStorage) -> None:
    """Let every COMMIT fail as it does when the connection is lost."""

    def fail(connection: Any) -> None:
        raise sqlite3.OperationalError("server closed the connection unexpectedly")

    vars(core_of(storage.sqlalchemy_engine).dialect)["do_commit"] = fail


def test_a_connection_lost_during_commit_leaves_the_outcome_unknown(
    storage: SqlDataStorage, rows: Any
) -> None:
    _lose_commits(storage)
    # As a server: SQLite is in this process, and has no connection to lose.
    storage.dialect = "postgresql"
    units: list[UnitOfWork] = []
    hooks: list[str] = []

    def work(unit: UnitOfWork) -> None:
        units.append(unit)
        unit.after_commit(lambda: hooks.append("committed"))
        unit.after_rollback(lambda: hooks.append("rolled back"))

    with pytest.raises(CommitUnknownError, match="not known") as caught:
        storage.run_in_transaction(work, base_delay_seconds=0)
    assert [unit.state for unit in units] == ["unknown"]
    assert hooks == []
    assert not caught.value.retryable
    assert isinstance(caught.value.__cause__, SQLAlchemyError)
    assert set(caught.value.details) == {"url"}


def test_sqlite_knows_that_a_failed_commit_did_not_happen(
    storage: SqlDataStorage, rows: Any
) -> None:
    _lose_commits(storage)

    def work() -> None:
        with storage.unit_of_work() as unit:
            units.append(unit)

    units: list[UnitOfWork] = []
    with pytest.raises(TransientError, match="unavailable"):
        work()
    assert units[0].state == "rolled_back"


def test_first_statements_are_sent_when_the_unit_begins(
    storage: SqlDataStorage, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    storage.dialect = "postgresql"
    with pytest.raises(TransientError, match="unavailable"):
        storage.unit_of_work(timeout_seconds=1).__enter__()
    assert log.sent[-2:] == ["SET LOCAL statement_timeout = 1000", "ROLLBACK"]


def test_a_unit_that_could_not_begin_has_no_session(postgres_like: Any) -> None:
    postgres_like.message = "the database system is starting up"
    storage = SqlDataStorage(url=postgres_like.url)
    scope = storage.unit_of_work()
    with pytest.raises(TransientError, match="unavailable"):
        scope.__enter__()
    with pytest.raises(RuntimeError, match="entered once"):
        scope.__enter__()
    storage.dispose()


def test_nothing_is_read_before_the_unit_is_entered(storage: SqlDataStorage, rows: Any) -> None:
    unit = storage._new_unit(storage.unit_of_work()._unit.options)  # type: ignore[attr-defined]  # white box
    with pytest.raises(RuntimeError, match="not entered"):
        unit.repository(rows.Parent).find(QuerySpec())
    with pytest.raises(RuntimeError, match="no connection"):
        unit._rollback()
