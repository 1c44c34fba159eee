"""A unit of work on a SQL database; what all backends do is in the contract suites."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import select

from mic.datastorage import (
    AsyncUnitOfWork,
    CommitUnknownError,
    ConstraintError,
    DuplicateRecordError,
    QuerySpec,
    UnsupportedOperationError,
)
from mic.datastorage_sql import AsyncSqlDataStorage
from mic.datastorage_sql._driver_async import core_of
from mic.model import ConfigurationError, TransientError

MOMENT = datetime(2024, 1, 2, tzinfo=UTC)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[AsyncSqlDataStorage]:
    async with AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        await storage.create_all()
        yield storage


async def test_a_unit_around_an_insert_is_three_statements(
    storage: AsyncSqlDataStorage, rows: Any, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    async with storage.unit_of_work() as unit:
        await unit.repository(rows.Account).insert(rows.Account(id="a", name="a"))
    assert log.verbs() == ["BEGIN", "INSERT", "COMMIT"]
    record = await storage.repository(rows.Account).get("a")
    assert log.verbs() == ["PRAGMA", "BEGIN", "SELECT", "COMMIT"]
    await storage.repository(rows.Account).get("a")
    assert log.verbs() == ["BEGIN", "SELECT", "COMMIT"]
    await storage.repository(rows.Account).update(record)
    assert log.verbs() == ["PRAGMA", "BEGIN", "UPDATE", "COMMIT"]


async def test_writers_begin_at_once_and_readers_do_not(
    storage: AsyncSqlDataStorage, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    async with storage.unit_of_work():
        pass
    async with storage.unit_of_work(read_only=True):
        pass
    async with storage.session() as session:
        await session.connection()
    begins = [statement for statement in log.sent if statement.startswith("BEGIN")]
    assert begins == ["BEGIN IMMEDIATE", "BEGIN", "BEGIN"]


async def test_a_raw_write_in_a_read_only_unit_is_refused_by_the_engine(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    async def write() -> None:
        async with storage.unit_of_work(read_only=True) as unit:
            connection = await unit.session.connection()
            await connection.execute(text("INSERT INTO parents VALUES ('a')"))

    with pytest.raises(UnsupportedOperationError, match="read-only"):
        await write()
    async with storage.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.execute(text("INSERT INTO parents VALUES ('b')"))
    assert [record.id for record in await storage.repository(rows.Parent).find()] == ["b"]


async def test_objects_of_the_session_are_flushed_before_a_repository_acts(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    async with storage.unit_of_work() as unit:
        mine = rows.Parent(id="a")
        unit.session.add(mine)
        assert await unit.repository(rows.Parent).get("a") is not mine
        assert mine in unit.session
        unit.session.add(rows.Parent(id="b"))
    assert await storage.repository(rows.Parent).count() == 2
    assert mine.id == "a"


async def test_what_a_flush_at_the_end_finds_is_translated(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    async def work(record: Any) -> None:
        async with storage.unit_of_work() as unit:
            unit.session.add(record)

    await work(rows.Parent(id="a"))
    with pytest.raises(DuplicateRecordError, match="unique") as caught:
        await work(rows.Parent(id="a"))
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert caught.value.table == "parents"
    with pytest.raises(ConstraintError, match="rule"):
        await work(rows.Child(id="c", parent_id="nobody"))
    with pytest.raises(ValueError, match="column"):
        await work(rows.Child(id="c", parent_id="a", at=MOMENT.replace(tzinfo=None)))
    assert await storage.repository(rows.Child).count() == 0


async def test_exceptions_of_sqlalchemy_are_translated_at_the_end_of_the_block(
    storage: AsyncSqlDataStorage,
) -> None:
    seen: list[Exception] = []

    async def work() -> None:
        async with storage.unit_of_work() as unit:
            connection = await unit.session.connection()
            try:
                await connection.execute(text("SELECT * FROM no_such"))
            except SQLAlchemyError as error:
                seen.append(error)
                raise

    with pytest.raises(ConfigurationError, match="rejects") as caught:
        await work()
    assert caught.value.__cause__ is seen[0]


async def test_an_exception_that_is_no_error_of_the_engine_passes(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    async def work() -> None:
        async with storage.unit_of_work() as unit:
            (await unit.session.exec(select(rows.Parent))).one()

    with pytest.raises(SQLAlchemyError, match="No row"):
        await work()


async def test_a_flush_inside_a_savepoint_undoes_that_alone(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    async with storage.unit_of_work() as unit:
        unit.session.add(rows.Parent(id="a"))
        async with unit.savepoint():
            unit.session.add(rows.Parent(id="b"))
            await unit.flush()
            unit.session.add(rows.Parent(id="a"))
            with pytest.raises(DuplicateRecordError, match="unique"):
                await unit.flush()
        unit.session.add(rows.Parent(id="c"))
    found = await storage.repository(rows.Parent).find()
    assert [record.id for record in found] == ["a", "c"]


async def test_what_a_savepoint_finds_at_its_ends_is_translated(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    await storage.repository(rows.Parent).insert(rows.Parent(id="a"))

    async def at_the_beginning() -> None:
        async with storage.unit_of_work() as unit:
            unit.session.add(rows.Parent(id="a"))
            async with unit.savepoint():
                pytest.fail("the savepoint was set")

    async def at_the_end() -> None:
        async with storage.unit_of_work() as unit, unit.savepoint():
            unit.session.add(rows.Parent(id="a"))

    for work in (at_the_beginning, at_the_end):
        with pytest.raises(DuplicateRecordError, match="unique"):
            await work()


def _lose_commits(storage: AsyncSqlDataStorage) -> None:
    """Let every COMMIT fail as it does when the connection is lost."""

    def fail(connection: Any) -> None:
        raise sqlite3.OperationalError("server closed the connection unexpectedly")

    vars(core_of(storage.sqlalchemy_engine).dialect)["do_commit"] = fail


async def test_a_connection_lost_during_commit_leaves_the_outcome_unknown(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    _lose_commits(storage)
    # As a server: SQLite is in this process, and has no connection to lose.
    storage.dialect = "postgresql"
    units: list[AsyncUnitOfWork] = []
    hooks: list[str] = []

    async def work(unit: AsyncUnitOfWork) -> None:
        units.append(unit)
        unit.after_commit(lambda: hooks.append("committed"))
        unit.after_rollback(lambda: hooks.append("rolled back"))

    with pytest.raises(CommitUnknownError, match="not known") as caught:
        await storage.run_in_transaction(work, base_delay_seconds=0)
    assert [unit.state for unit in units] == ["unknown"]
    assert hooks == []
    assert not caught.value.retryable
    assert isinstance(caught.value.__cause__, SQLAlchemyError)
    assert set(caught.value.details) == {"url"}


async def test_sqlite_knows_that_a_failed_commit_did_not_happen(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    _lose_commits(storage)

    async def work() -> None:
        async with storage.unit_of_work() as unit:
            units.append(unit)

    units: list[AsyncUnitOfWork] = []
    with pytest.raises(TransientError, match="unavailable"):
        await work()
    assert units[0].state == "rolled_back"


async def test_first_statements_are_sent_when_the_unit_begins(
    storage: AsyncSqlDataStorage, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    storage.dialect = "postgresql"
    with pytest.raises(TransientError, match="unavailable"):
        await storage.unit_of_work(timeout_seconds=1).__aenter__()
    assert log.sent[-2:] == ["SET LOCAL statement_timeout = 1000", "ROLLBACK"]


async def test_a_unit_that_could_not_begin_has_no_session(postgres_like: Any) -> None:
    postgres_like.message = "the database system is starting up"
    storage = AsyncSqlDataStorage(url=postgres_like.url)
    scope = storage.unit_of_work()
    with pytest.raises(TransientError, match="unavailable"):
        await scope.__aenter__()
    with pytest.raises(RuntimeError, match="entered once"):
        await scope.__aenter__()
    await storage.dispose()


async def test_nothing_is_read_before_the_unit_is_entered(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    unit = storage._new_unit(storage.unit_of_work()._unit.options)  # type: ignore[attr-defined]  # white box
    with pytest.raises(RuntimeError, match="not entered"):
        await unit.repository(rows.Parent).find(QuerySpec())
    with pytest.raises(RuntimeError, match="no connection"):
        await unit._rollback()
