"""A SQL database as a storage."""

import asyncio  # unasync: drop
import logging
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from mic.datastorage import QuerySpec
from mic.datastorage_sql import AsyncSqlDataStorage
from mic.datastorage_sql._driver_async import ASYNCHRONOUS, core_of, make_engine
from mic.datastorage_sql._settings import parse_sql_url
from mic.model import ConfigurationError, TransientError
from mic.testing import LoopGuard  # unasync: drop


def _engine(url: str, **options: Any) -> AsyncEngine:
    return make_engine(parse_sql_url(url, asynchronous=ASYNCHRONOUS), **options)


# --- construction and lifecycle ------------------------------------------------------------------


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="url or an engine"):
        AsyncSqlDataStorage()
    with pytest.raises(ValueError, match="not a database URL"):
        AsyncSqlDataStorage(url="nonsense")
    with pytest.raises(ValueError, match="pool_size"):
        AsyncSqlDataStorage(url="sqlite://", pool_size=0)


def test_construction_opens_nothing(tmp_path: Path) -> None:
    storage = AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db")
    assert list(tmp_path.iterdir()) == []
    assert (storage.dialect, storage.disposed) == ("sqlite", False)


async def test_threads_that_come_first_together_build_one_engine() -> None:
    async with AsyncSqlDataStorage(url="sqlite://") as storage:
        start = threading.Barrier(8)

        def touch() -> AsyncEngine:
            start.wait()
            return storage.sqlalchemy_engine

        with ThreadPoolExecutor(8) as pool:
            engines = {id(each.result()) for each in [pool.submit(touch) for _ in range(8)]}
        assert engines == {id(storage.native)}


async def test_an_injected_engine_stays_open(tmp_path: Path) -> None:
    engine = _engine(f"sqlite:///{tmp_path}/test.db")
    pool = core_of(engine).pool
    storage = AsyncSqlDataStorage(engine=engine)
    await storage.prepare()
    assert storage.sqlalchemy_engine is engine
    await storage.dispose()
    assert core_of(engine).pool is pool
    assert not await storage.check_health()
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    owner = AsyncSqlDataStorage(engine=engine, owns_engine=True)
    await owner.dispose()
    assert core_of(engine).pool is not pool


async def test_dispose_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    storage = AsyncSqlDataStorage(url="sqlite://")
    await storage.prepare()
    keeper = storage._keeper
    assert keeper is not None

    @event.listens_for(core_of(storage.sqlalchemy_engine), "engine_disposed")
    def fail(engine: Any) -> None:
        raise LookupError("of the driver")

    await storage.dispose()
    await storage.dispose()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    keeper.close()


async def test_a_disposed_storage_builds_no_engine() -> None:
    storage = AsyncSqlDataStorage(url="sqlite://")
    await storage.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        _ = storage.sqlalchemy_engine
    with pytest.raises(RuntimeError, match="disposed"):
        await storage.create_all()
    with pytest.raises(RuntimeError, match="disposed"):
        storage.unit_of_work()


async def test_tables_in_memory_are_seen_by_every_thread(rows: Any) -> None:
    async with AsyncSqlDataStorage(url="sqlite://") as storage:
        await storage.create_all()
        name = storage._engine_plan.memory_name

        def count() -> int:
            other = sqlite3.connect(f"file:/mic-{name}?vfs=memdb", uri=True)
            try:
                return int(other.execute("SELECT count(*) FROM parents").fetchone()[0])
            finally:
                other.close()

        await storage.repository(rows.Parent).insert(rows.Parent(id="a"))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(count).result() == 1


async def test_nothing_but_create_all_sends_ddl(tmp_path: Path, statement_log: Any) -> None:
    async with AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        log = statement_log(core_of(storage.sqlalchemy_engine))
        await storage.prepare()
        await storage.check_health()
        async with storage.unit_of_work() as unit:
            await unit.flush()
        assert "CREATE" not in log.verbs()
        await storage.create_all()
        assert "CREATE" in log.verbs()
        await storage.create_all()
        assert "CREATE" not in log.verbs()


# --- sessions ------------------------------------------------------------------------------------


@pytest.fixture(params=["file", "memory", "injected"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path, rows: Any) -> Any:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/test.db"
    arguments: dict[str, Any] = {"url": url}
    if request.param == "injected":
        arguments = {"engine": _engine(url), "owns_engine": True}
    async with AsyncSqlDataStorage(**arguments) as storage:
        await storage.create_all()
        yield storage


async def test_a_session_commits_only_when_told(storage: AsyncSqlDataStorage, rows: Any) -> None:
    async with storage.session() as session:
        session.add(rows.Parent(id="lost"))
        await session.flush()
    async with storage.session() as session:
        kept = rows.Parent(id="kept")
        session.add(kept)
        await session.commit()
    assert kept.id == "kept"
    found = await storage.repository(rows.Parent).find()
    assert [record.id for record in found] == ["kept"]


async def test_exceptions_of_a_session_are_those_of_sqlalchemy(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    await storage.repository(rows.Parent).insert(rows.Parent(id="a"))

    async def add(record: Any) -> None:
        async with storage.session() as session:
            session.add(record)
            await session.commit()

    async def ask(statement: str) -> None:
        async with storage.session() as session:
            await (await session.connection()).execute(text(statement))

    with pytest.raises(IntegrityError, match="UNIQUE"):
        await add(rows.Parent(id="a"))
    with pytest.raises(OperationalError, match="no such table"):
        await ask("SELECT * FROM no_such")
    with pytest.raises(LookupError, match="of the caller"):
        await _fail_in(storage.session())
    assert await storage.repository(rows.Parent).count() == 1


async def _fail_in(scope: Any) -> None:
    async with scope:
        raise LookupError("of the caller")


# --- health --------------------------------------------------------------------------------------


async def test_a_starved_pool_does_not_delay_health(tmp_path: Path) -> None:
    async with AsyncSqlDataStorage(
        url=f"sqlite:///{tmp_path}/test.db",
        pool_size=1,
        max_overflow=0,
        pool_timeout_seconds=0.05,
    ) as storage:
        async with storage.unit_of_work():
            report = await storage.health()
            assert report.healthy
            assert report.latency_seconds < 2
            with pytest.raises(TransientError, match="unavailable") as caught:
                await storage.prepare()
        assert caught.value.code == "transient.sql_unavailable"
        assert "QueuePool" in str(caught.value.__cause__)


async def test_health_of_an_injected_engine_has_its_pool_and_a_deadline(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    engine = _engine(url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    async with AsyncSqlDataStorage(engine=engine, owns_engine=True) as storage:
        assert await storage.check_health()
        async with engine.connect():
            report = await storage.health()
            assert (report.healthy, report.reason) == (False, "pool_exhausted")
        assert await storage.check_health()


async def test_a_server_that_refuses_is_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = "postgresql://user:c%40nary@127.0.0.1:1/db?password=c@nary"
    async with AsyncSqlDataStorage(url=url) as storage:
        with pytest.raises(TransientError, match="unavailable") as caught:
            await storage.prepare()
        assert (caught.value.code, caught.value.retryable) == ("transient.sql_unavailable", True)
        assert caught.value.details == {
            "url": "postgresql+psycopg://user:***@127.0.0.1:1/db?password=***"
        }
        assert isinstance(caught.value.__cause__, OperationalError)
        report = await storage.health(timeout_seconds=5)
        assert (report.healthy, report.reason) == (False, "refused")
        for call in (storage.create_all, _unit_of(storage), _session_of(storage)):
            with pytest.raises(TransientError, match="unavailable"):
                await call()
    shown = f"{caught.value} {caught.value.details} {caplog.text}"
    assert "c@nary" not in shown
    assert "c%40nary" not in shown


def _unit_of(storage: AsyncSqlDataStorage) -> Any:
    async def enter() -> None:
        async with storage.unit_of_work():
            pytest.fail("a unit was begun")

    return enter


def _session_of(storage: AsyncSqlDataStorage) -> Any:
    async def use() -> None:
        async with storage.session() as session:
            await session.connection()

    return use


async def test_a_wrong_password_is_not_an_outage(postgres_like: Any) -> None:
    postgres_like.message = 'password authentication failed for user "user"'
    async with AsyncSqlDataStorage(url=postgres_like.url) as storage:
        for call in (storage.prepare, _unit_of(storage), _session_of(storage)):
            with pytest.raises(ConfigurationError, match="rejects") as caught:
                await call()
            assert caught.value.code == "config.storage_rejected"
            assert not caught.value.retryable
            assert caught.value.__cause__ is not None
            assert "canary" not in f"{caught.value} {caught.value.details}"
        report = await storage.health(timeout_seconds=5)
        assert (report.healthy, report.reason) == (False, "auth")


async def test_a_server_that_starts_up_is_an_outage(postgres_like: Any) -> None:
    postgres_like.state, postgres_like.message = "57P03", "the database system is starting up"
    storage = AsyncSqlDataStorage(url=postgres_like.url)
    with pytest.raises(TransientError, match="unavailable"):
        await storage.prepare()
    await storage.dispose()


async def test_a_server_that_hangs_delays_health_no_longer_than_its_deadline(
    postgres_like: Any,
) -> None:
    async with AsyncSqlDataStorage(url=postgres_like.url) as storage:
        report = await storage.health(timeout_seconds=0.2)
        assert (report.healthy, report.reason) == (False, "timeout")
        assert report.latency_seconds < 2


async def test_a_missing_driver_is_no_outage() -> None:
    for url in ("postgresql+nosuchdriver://h/d", "nosuchdialect://h/d"):
        async with AsyncSqlDataStorage(url=url) as storage:
            for call in (storage.prepare, _unit_of(storage)):
                with pytest.raises(ConfigurationError, match="driver"):
                    await call()
            assert (await storage.health()).reason == "auth"


async def test_a_rejected_option_is_no_outage() -> None:
    storage = AsyncSqlDataStorage(url="sqlite://", connect_args={"colour": "red"})
    for call in (storage.prepare, _unit_of(storage)):
        with pytest.raises(ConfigurationError, match="option"):
            await call()
    await storage.dispose()


async def test_probes_share_an_engine_while_the_deadline_is_the_same(tmp_path: Path) -> None:
    async with AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        await storage.health(timeout_seconds=1)
        first = storage._prober
        await storage.health(timeout_seconds=1)
        assert storage._prober is first
        await storage.health(timeout_seconds=2)
        assert storage._prober is not first


# --- SQLite --------------------------------------------------------------------------------------


async def test_connections_are_set_up(tmp_path: Path) -> None:
    async with (
        AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage,
        storage.session() as session,
    ):
        connection = await session.connection()
        pragmas = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 100)
    storage = AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/text.db")
    with pytest.raises(ConfigurationError, match="rejects"):
        await storage.prepare()
    await storage.dispose()


async def test_two_writers_wait_for_each_other_or_collide(tmp_path: Path, rows: Any) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    async with AsyncSqlDataStorage(url=url) as one, AsyncSqlDataStorage(url=url) as other:
        await one.create_all()

        @event.listens_for(core_of(other.sqlalchemy_engine), "connect")
        def hurry(connection: Any, record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=10")
            cursor.close()

        async with one.unit_of_work() as unit:
            await unit.repository(rows.Parent).insert(rows.Parent(id="a"))
            with pytest.raises(TransientError, match="collided") as caught:
                await other.repository(rows.Parent).insert(rows.Parent(id="b"))
            assert caught.value.code == "transient.sql_serialization"
            assert await other.repository(rows.Parent).count() == 0
        await other.repository(rows.Parent).insert(rows.Parent(id="b"))
        assert await one.repository(rows.Parent).count() == 2


async def test_own_statements_on_the_engine_are_transactions(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    async with storage.sqlalchemy_engine.connect() as connection:
        await connection.execute(rows.Parent.__table__.insert(), {"id": "a"})
        await connection.rollback()
    assert await storage.repository(rows.Parent).count() == 0


async def test_an_engine_of_ours_has_the_isolation_level_itself() -> None:
    url = "postgresql://user@127.0.0.1:1/db"
    storage = AsyncSqlDataStorage(url=url, isolation_level="repeatable_read")
    assert storage._engine_plan.isolation_level == "REPEATABLE READ"
    with pytest.raises(TransientError, match="unavailable"):
        await storage.prepare()
    await storage.dispose()


async def test_the_storages_isolation_level_is_the_default(tmp_path: Path, rows: Any) -> None:
    for arguments in (
        {"url": f"sqlite:///{tmp_path}/test.db"},
        {"engine": _engine(f"sqlite:///{tmp_path}/test.db"), "owns_engine": True},
    ):
        options: dict[str, Any] = {**arguments, "isolation_level": "serializable"}
        async with AsyncSqlDataStorage(**options) as storage:
            await storage.create_all()
            async with storage.unit_of_work() as unit:
                given = unit.options.isolation
                assert given == ("serializable" if "engine" in arguments else None)


# --- processes and loops -------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
async def test_a_forked_child_forgets_inherited_connections(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    await storage.health()
    pool = core_of(storage.sqlalchemy_engine).pool
    async with storage.sqlalchemy_engine.connect() as inherited:
        storage._after_fork()
        assert core_of(storage.sqlalchemy_engine).pool is not pool
        assert storage._prober is None
        assert await storage.repository(rows.Parent).count() == 0
        assert (await inherited.execute(text("SELECT 1"))).scalar() == 1
        await inherited.invalidate()


def test_a_storage_that_was_never_used_survives_a_fork() -> None:
    AsyncSqlDataStorage(url="sqlite://")._after_fork()


async def test_the_loop_is_never_held(tmp_path: Path, rows: Any) -> None:  # unasync: drop
    with LoopGuard() as guard:
        await asyncio.sleep(0)
        async with AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
            await storage.prepare()
            await storage.create_all()
            records = storage.repository(rows.Parent)
            await records.insert_many([rows.Parent(id=str(n)) for n in range(200)])
            await asyncio.gather(*(records.page(limit=50) for _ in range(10)))
            await storage.health()
            assert await records.count(QuerySpec()) == 200
    guard.check()
