# Generated from async/test_engine.py by "make unasync"; edit that file.
"""A SQL database as a storage."""

import logging
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from mic.datastorage_sql import SqlDataStorage
from mic.datastorage_sql._driver_sync import ASYNCHRONOUS, core_of, make_engine
from mic.datastorage_sql._settings import parse_sql_url
from mic.model import ConfigurationError, TransientError


def _engine(url: str, **options: Any) -> Engine:
    return make_engine(parse_sql_url(url, asynchronous=ASYNCHRONOUS), **options)


# --- construction and lifecycle ------------------------------------------------------------------


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="url or an engine"):
        SqlDataStorage()
    with pytest.raises(ValueError, match="not a database URL"):
        SqlDataStorage(url="nonsense")
    with pytest.raises(ValueError, match="pool_size"):
        SqlDataStorage(url="sqlite://", pool_size=0)


def test_construction_opens_nothing(tmp_path: Path) -> None:
    storage = SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db")
    assert list(tmp_path.iterdir()) == []
    assert (storage.dialect, storage.disposed) == ("sqlite", False)


def test_threads_that_come_first_together_build_one_engine() -> None:
    with SqlDataStorage(url="sqlite://") as storage:
        start = threading.Barrier(8)

        def touch() -> Engine:
            start.wait()
            return storage.sqlalchemy_engine

        with ThreadPoolExecutor(8) as pool:
            engines = {id(each.result()) for each in [pool.submit(touch) for _ in range(8)]}
        assert engines == {id(storage.native)}


def test_an_injected_engine_stays_open(tmp_path: Path) -> None:
    engine = _engine(f"sqlite:///{tmp_path}/test.db")
    pool = core_of(engine).pool
    storage = SqlDataStorage(engine=engine)
    storage.prepare()
    assert storage.sqlalchemy_engine is engine
    storage.dispose()
    assert core_of(engine).pool is pool
    assert not storage.check_health()
    with engine.connect() as connection:
        assert (connection.execute(text("SELECT 1"))).scalar() == 1
    owner = SqlDataStorage(engine=engine, owns_engine=True)
    owner.dispose()
    assert core_of(engine).pool is not pool


def test_dispose_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    storage = SqlDataStorage(url="sqlite://")
    storage.prepare()
    keeper = storage._keeper
    assert keeper is not None

    @event.listens_for(core_of(storage.sqlalchemy_engine), "engine_disposed")
    def fail(engine: Any) -> None:
        raise LookupError("of the driver")

    storage.dispose()
    storage.dispose()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    keeper.close()


def test_a_disposed_storage_builds_no_engine() -> None:
    storage = SqlDataStorage(url="sqlite://")
    storage.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        _ = storage.sqlalchemy_engine
    with pytest.raises(RuntimeError, match="disposed"):
        storage.create_all()
    with pytest.raises(RuntimeError, match="disposed"):
        storage.unit_of_work()


def test_tables_in_memory_are_seen_by_every_thread(rows: Any) -> None:
    with SqlDataStorage(url="sqlite://") as storage:
        storage.create_all()
        name = storage._engine_plan.memory_name

        def count() -> int:
            other = sqlite3.connect(f"file:/mic-{name}?vfs=memdb", uri=True)
            try:
                return int(other.execute("SELECT count(*) FROM parents").fetchone()[0])
            finally:
                other.close()

        storage.repository(rows.Parent).insert(rows.Parent(id="a"))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(count).result() == 1


def test_nothing_but_create_all_sends_ddl(tmp_path: Path, statement_log: Any) -> None:
    with SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        log = statement_log(core_of(storage.sqlalchemy_engine))
        storage.prepare()
        storage.check_health()
        with storage.unit_of_work() as unit:
            unit.flush()
        assert "CREATE" not in log.verbs()
        storage.create_all()
        assert "CREATE" in log.verbs()
        storage.create_all()
        assert "CREATE" not in log.verbs()


# --- sessions ------------------------------------------------------------------------------------


@pytest.fixture(params=["file", "memory", "injected"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, rows: Any) -> Any:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/test.db"
    arguments: dict[str, Any] = {"url": url}
    if request.param == "injected":
        arguments = {"engine": _engine(url), "owns_engine": True}
    with SqlDataStorage(**arguments) as storage:
        storage.create_all()
        yield storage


def test_a_session_commits_only_when_told(storage: SqlDataStorage, rows: Any) -> None:
    with storage.session() as session:
        session.add(rows.Parent(id="lost"))
        session.flush()
    with storage.session() as session:
        kept = rows.Parent(id="kept")
        session.add(kept)
        session.commit()
    assert kept.id == "kept"
    found = storage.repository(rows.Parent).find()
    assert [record.id for record in found] == ["kept"]


def test_exceptions_of_a_session_are_those_of_sqlalchemy(
    storage: SqlDataStorage, rows: Any
) -> None:
    storage.repository(rows.Parent).insert(rows.Parent(id="a"))

    def add(record: Any) -> None:
        with storage.session() as session:
            session.add(record)
            session.commit()

    def ask(statement: str) -> None:
        with storage.session() as session:
            (session.connection()).execute(text(statement))

    with pytest.raises(IntegrityError, match="UNIQUE"):
        add(rows.Parent(id="a"))
    with pytest.raises(OperationalError, match="no such table"):
        ask("SELECT * FROM no_such")
    with pytest.raises(LookupError, match="of the caller"):
        _fail_in(storage.session())
    assert storage.repository(rows.Parent).count() == 1


def _fail_in(scope: Any) -> None:
    with scope:
        raise LookupError("of the caller")


# --- health --------------------------------------------------------------------------------------


def test_a_starved_pool_does_not_delay_health(tmp_path: Path) -> None:
    with SqlDataStorage(
        url=f"sqlite:///{tmp_path}/test.db",
        pool_size=1,
        max_overflow=0,
        pool_timeout_seconds=0.05,
    ) as storage:
        with storage.unit_of_work():
            report = storage.health()
            assert report.healthy
            assert report.latency_seconds < 2
            with pytest.raises(TransientError, match="unavailable") as caught:
                storage.prepare()
        assert caught.value.code == "transient.sql_unavailable"
        assert "QueuePool" in str(caught.value.__cause__)


def test_health_of_an_injected_engine_has_its_pool_and_a_deadline(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    engine = _engine(url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    with SqlDataStorage(engine=engine, owns_engine=True) as storage:
        assert storage.check_health()
        with engine.connect():
            report = storage.health()
            assert (report.healthy, report.reason) == (False, "pool_exhausted")
        assert storage.check_health()


def test_a_server_that_refuses_is_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = "postgresql://user:c%40nary@127.0.0.1:1/db?password=c@nary"
    with SqlDataStorage(url=url) as storage:
        with pytest.raises(TransientError, match="unavailable") as caught:
            storage.prepare()
        assert (caught.value.code, caught.value.retryable) == ("transient.sql_unavailable", True)
        assert caught.value.details == {
            "url": "postgresql+psycopg://user:***@127.0.0.1:1/db?password=***"
        }
        assert isinstance(caught.value.__cause__, OperationalError)
        report = storage.health(timeout_seconds=5)
        assert (report.healthy, report.reason) == (False, "refused")
        for call in (storage.create_all, _unit_of(storage), _session_of(storage)):
            with pytest.raises(TransientError, match="unavailable"):
                call()
    shown = f"{caught.value} {caught.value.details} {caplog.text}"
    assert "c@nary" not in shown
    assert "c%40nary" not in shown


def _unit_of(storage: SqlDataStorage) -> Any:
    def enter() -> None:
        with storage.unit_of_work():
            pytest.fail("a unit was begun")

    return enter


def _session_of(storage: SqlDataStorage) -> Any:
    def use() -> None:
        with storage.session() as session:
            session.connection()

    return use


def test_a_wrong_password_is_not_an_outage(postgres_like: Any) -> None:
    postgres_like.message = 'password authentication failed for user "user"'
    with SqlDataStorage(url=postgres_like.url) as storage:
        for call in (storage.prepare, _unit_of(storage), _session_of(storage)):
            with pytest.raises(ConfigurationError, match="rejects") as caught:
                call()
            assert caught.value.code == "config.storage_rejected"
            assert not caught.value.retryable
            assert caught.value.__cause__ is not None
            assert "canary" not in f"{caught.value} {caught.value.details}"
        report = storage.health(timeout_seconds=5)
        assert (report.healthy, report.reason) == (False, "auth")


def test_a_server_that_starts_up_is_an_outage(postgres_like: Any) -> None:
    postgres_like.state, postgres_like.message = "57P03", "the database system is starting up"
    storage = SqlDataStorage(url=postgres_like.url)
    with pytest.raises(TransientError, match="unavailable"):
        storage.prepare()
    storage.dispose()


def test_a_server_that_hangs_delays_health_no_longer_than_its_deadline(
    postgres_like: Any,
) -> None:
    with SqlDataStorage(url=postgres_like.url) as storage:
        report = storage.health(timeout_seconds=0.2)
        assert (report.healthy, report.reason) == (False, "timeout")
        assert report.latency_seconds < 2


def test_a_missing_driver_is_no_outage() -> None:
    for url in ("postgresql+nosuchdriver://h/d", "nosuchdialect://h/d"):
        with SqlDataStorage(url=url) as storage:
            for call in (storage.prepare, _unit_of(storage)):
                with pytest.raises(ConfigurationError, match="driver"):
                    call()
            assert (storage.health()).reason == "auth"


def test_a_rejected_option_is_no_outage() -> None:
    storage = SqlDataStorage(url="sqlite://", connect_args={"colour": "red"})
    for call in (storage.prepare, _unit_of(storage)):
        with pytest.raises(ConfigurationError, match="option"):
            call()
    storage.dispose()


def test_probes_share_an_engine_while_the_deadline_is_the_same(tmp_path: Path) -> None:
    with SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        storage.health(timeout_seconds=1)
        first = storage._prober
        storage.health(timeout_seconds=1)
        assert storage._prober is first
        storage.health(timeout_seconds=2)
        assert storage._prober is not first


# --- SQLite --------------------------------------------------------------------------------------


def test_connections_are_set_up(tmp_path: Path) -> None:
    with (
        SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage,
        storage.session() as session,
    ):
        connection = session.connection()
        pragmas = {
            name: (connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 100)
    storage = SqlDataStorage(url=f"sqlite:///{tmp_path}/text.db")
    with pytest.raises(ConfigurationError, match="rejects"):
        storage.prepare()
    storage.dispose()


def test_two_writers_wait_for_each_other_or_collide(tmp_path: Path, rows: Any) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    with SqlDataStorage(url=url) as one, SqlDataStorage(url=url) as other:
        one.create_all()

        @event.listens_for(core_of(other.sqlalchemy_engine), "connect")
        def hurry(connection: Any, record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=10")
            cursor.close()

        with one.unit_of_work() as unit:
            unit.repository(rows.Parent).insert(rows.Parent(id="a"))
            with pytest.raises(TransientError, match="collided") as caught:
                other.repository(rows.Parent).insert(rows.Parent(id="b"))
            assert caught.value.code == "transient.sql_serialization"
            assert other.repository(rows.Parent).count() == 0
        other.repository(rows.Parent).insert(rows.Parent(id="b"))
        assert one.repository(rows.Parent).count() == 2


def test_own_statements_on_the_engine_are_transactions(storage: SqlDataStorage, rows: Any) -> None:
    with storage.sqlalchemy_engine.connect() as connection:
        connection.execute(rows.Parent.__table__.insert(), {"id": "a"})
        connection.rollback()
    assert storage.repository(rows.Parent).count() == 0


def test_an_engine_of_ours_has_the_isolation_level_itself() -> None:
    url = "postgresql://user@127.0.0.1:1/db"
    storage = SqlDataStorage(url=url, isolation_level="repeatable_read")
    assert storage._engine_plan.isolation_level == "REPEATABLE READ"
    with pytest.raises(TransientError, match="unavailable"):
        storage.prepare()
    storage.dispose()


def test_the_storages_isolation_level_is_the_default(tmp_path: Path, rows: Any) -> None:
    for arguments in (
        {"url": f"sqlite:///{tmp_path}/test.db"},
        {"engine": _engine(f"sqlite:///{tmp_path}/test.db"), "owns_engine": True},
    ):
        options: dict[str, Any] = {**arguments, "isolation_level": "serializable"}
        with SqlDataStorage(**options) as storage:
            storage.create_all()
            with storage.unit_of_work() as unit:
                given = unit.options.isolation
                assert given == ("serializable" if "engine" in arguments else None)


# --- processes and loops -------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_forgets_inherited_connections(storage: SqlDataStorage, rows: Any) -> None:
    storage.health()
    pool = core_of(storage.sqlalchemy_engine).pool
    with storage.sqlalchemy_engine.connect() as inherited:
        storage._after_fork()
        assert core_of(storage.sqlalchemy_engine).pool is not pool
        assert storage._prober is None
        assert storage.repository(rows.Parent).count() == 0
        assert (inherited.execute(text("SELECT 1"))).scalar() == 1
        inherited.invalidate()


def test_a_storage_that_was_never_used_survives_a_fork() -> None:
    SqlDataStorage(url="sqlite://")._after_fork()
