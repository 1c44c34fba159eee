"""What a configuration means for each engine."""

from typing import Any

import pytest
from sqlalchemy import make_url

from mic.datastorage_sql._settings import (
    EnginePlan,
    SqlSettings,
    parse_sql_url,
    place_of,
    plan_engine,
    plan_probe,
)


def _plan(url: str, **settings: Any) -> EnginePlan:
    return plan_engine(parse_sql_url(url, asynchronous=False), SqlSettings(**settings))


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"pool_size": 0}, "pool_size"),
        ({"max_overflow": -1}, "max_overflow"),
        ({"pool_timeout_seconds": 0}, "pool_timeout_seconds"),
        ({"pool_recycle_seconds": -1}, "pool_recycle_seconds"),
        ({"connect_timeout_seconds": float("inf")}, "connect_timeout_seconds"),
        ({"statement_timeout_seconds": 0}, "statement_timeout_seconds"),
        ({"isolation_level": "dirty"}, "isolation_level"),
    ],
)
def test_bad_numbers(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        SqlSettings(**arguments)


@pytest.mark.parametrize(
    ("url", "plain", "asynchronous"),
    [
        ("sqlite:///x.db", "sqlite+pysqlite", "sqlite+aiosqlite"),
        ("postgresql://h/d", "postgresql+psycopg", "postgresql+psycopg"),
        ("postgres://h/d", "postgresql+psycopg", "postgresql+psycopg"),
        ("mysql://h/d", "mysql+pymysql", "mysql+aiomysql"),
        ("mariadb://h/d", "mariadb+pymysql", "mariadb+aiomysql"),
        ("oracle://h/d", "oracle+oracledb", "oracle+oracledb_async"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg", "postgresql+asyncpg"),
        ("postgres+psycopg2://h/d", "postgresql+psycopg2", "postgresql+psycopg2"),
        ("mssql://h/d", "mssql", "mssql"),
    ],
)
def test_drivers(url: str, plain: str, asynchronous: str) -> None:
    assert parse_sql_url(url, asynchronous=False).drivername == plain
    assert parse_sql_url(url, asynchronous=True).drivername == asynchronous


def test_what_is_no_url_is_not_shown() -> None:
    with pytest.raises(ValueError, match="not a database URL") as caught:
        parse_sql_url("canary", asynchronous=False)
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in str(error)
        error = error.__cause__ or error.__context__


def test_the_place_shows_no_secret() -> None:
    url = make_url("postgresql://u:canary@h/d?sslpassword=canary&x=1")
    assert place_of(url) == "postgresql://u:***@h/d?sslpassword=***&x=1"
    assert "canary" not in repr(plan_engine(url, SqlSettings(connect_args={"password": "canary"})))


def test_a_sqlite_file() -> None:
    plan = _plan("sqlite:///x.db", connect_args={"timeout": 1})
    assert plan.url.database == "x.db"
    assert plan.statements == (
        "PRAGMA busy_timeout=5000",
        "PRAGMA foreign_keys=ON",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=NORMAL",
    )
    assert (plan.pre_ping, plan.memory_name, plan.isolation_level) == (False, None, None)
    assert plan.connect_args == {"timeout": 1}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_sqlite_in_memory(url: str) -> None:
    one, other = _plan(url), _plan(url)
    assert one.memory_name != other.memory_name
    assert one.url.database == f"file:/mic-{one.memory_name}"
    assert dict(one.url.query) == {"vfs": "memdb", "uri": "true"}
    assert one.statements == ("PRAGMA busy_timeout=5000", "PRAGMA foreign_keys=ON")
    assert _plan(f"{url}?name=shared").memory_name == "shared"


def test_postgresql() -> None:
    plan = _plan("postgresql://h/d", statement_timeout_seconds=3, connect_timeout_seconds=1.2)
    assert plan.connect_args == {
        "connect_timeout": 2,
        "application_name": "mic",
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "options": "-c statement_timeout=3000 -c lock_timeout=1500",
    }
    assert (plan.pre_ping, plan.isolation_level, plan.statements) == (True, None, ())
    bare = _plan(
        "postgresql://h/d",
        statement_timeout_seconds=None,
        isolation_level="repeatable_read",
        pool_pre_ping=False,
    )
    assert "options" not in bare.connect_args
    assert (bare.pre_ping, bare.isolation_level) == (False, "REPEATABLE READ")


@pytest.mark.parametrize(
    ("url", "connect_args"),
    [
        ("postgresql://h/d?options=-c%20work_mem%3D1MB", {}),
        ("postgresql://h/d", {"options": "-c work_mem=1MB"}),
    ],
)
@pytest.mark.parametrize("seconds", [None, 2])
def test_own_options_of_postgresql_stay(
    url: str, connect_args: dict[str, str], seconds: float | None
) -> None:
    plan = _plan(url, connect_args=connect_args, statement_timeout_seconds=seconds)
    ours = "" if seconds is None else "-c statement_timeout=2000 -c lock_timeout=1000 "
    assert plan.connect_args["options"] == f"{ours}-c work_mem=1MB"
    assert "options" not in plan.url.query


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_mysql(dialect: str) -> None:
    plan = _plan(f"{dialect}://h/d", statement_timeout_seconds=3)
    assert plan.connect_args == {"connect_timeout": 5, "charset": "utf8mb4"}
    assert plan.isolation_level == "READ COMMITTED"
    (statement,) = plan.statements
    assert statement == (
        "SET SESSION innodb_lock_wait_timeout=2 /*!50708 , max_execution_time=3000 */"
        " /*M!100101 , max_statement_time=3 */"
    )
    bare = _plan(f"{dialect}://h/d", statement_timeout_seconds=None, isolation_level="serializable")
    assert (bare.statements, bare.isolation_level) == ((), "SERIALIZABLE")


def test_oracle() -> None:
    plan = _plan("oracle://h/d", statement_timeout_seconds=3)
    assert plan.connect_args == {"tcp_connect_timeout": 5.0}
    assert plan.attributes == {"call_timeout": 3000}
    assert _plan("oracle://h/d", statement_timeout_seconds=None).attributes == {}


def test_an_unknown_dialect_has_its_own_defaults() -> None:
    plan = _plan("mssql+pyodbc://h/d", isolation_level="serializable", connect_args={"a": 1})
    assert (plan.connect_args, plan.isolation_level) == ({"a": 1}, "SERIALIZABLE")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://h/d", {"connect_timeout": 1}),
        ("oracle://h/d", {"tcp_connect_timeout": 0.5}),
        ("sqlite:///x.db", {}),
    ],
)
def test_a_probe_gives_up_sooner(url: str, expected: dict[str, float]) -> None:
    plan = _plan(url)
    probe = plan_probe(plan, timeout_seconds=0.5)
    assert probe.connect_args == {**plan.connect_args, **expected}
    assert probe.url == plan.url
