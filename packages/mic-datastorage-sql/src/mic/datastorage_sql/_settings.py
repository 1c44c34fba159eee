"""What a SQL storage was configured with, and what that means for each engine: pure functions."""

import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, get_args

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from mic.datastorage.base import redact_url
from mic.datastorage.uow import IsolationLevel

BUSY_TIMEOUT_MS = 5000
# The usual driver of each dialect, the synchronous one first.
_DRIVERS: Mapping[str, tuple[str, str]] = {
    "sqlite": ("pysqlite", "aiosqlite"),
    "postgresql": ("psycopg", "psycopg"),
    "mysql": ("pymysql", "aiomysql"),
    "mariadb": ("pymysql", "aiomysql"),
    "oracle": ("oracledb", "oracledb_async"),
}
_ALIASES = {"postgres": "postgresql"}
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSettings:
    """The checked arguments of a SQL storage, but for the engine; times are seconds.

    Raises:
        ValueError: A number is out of its range.
    """

    echo: bool = False
    pool_size: int = 10
    max_overflow: int = 10
    pool_timeout_seconds: float = 5.0
    pool_recycle_seconds: float = 1800.0
    pool_pre_ping: bool = True
    connect_timeout_seconds: float = 5.0
    statement_timeout_seconds: float | None = 30.0
    isolation_level: IsolationLevel | None = None
    connect_args: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, repr=False)
    application_name: str = "mic"

    def __post_init__(self) -> None:
        if self.pool_size < 1 or self.max_overflow < 0:
            raise ValueError("pool_size must be at least 1 and max_overflow at least 0")
        for name in (
            "pool_timeout_seconds",
            "pool_recycle_seconds",
            "connect_timeout_seconds",
            "statement_timeout_seconds",
        ):
            seconds = getattr(self, name)
            if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
                raise ValueError(f"{name} must be finite and above 0")
        if self.isolation_level not in {None, *get_args(IsolationLevel)}:
            raise ValueError(
                f"isolation_level must be one of {', '.join(get_args(IsolationLevel))}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlan:
    """How an engine is made.

    Attributes:
        url: With the driver, as SQLAlchemy takes it.
        connect_args: Keyword arguments of the driver's `connect`.
        statements: Sent on every new connection.
        attributes: Set on every new connection of the driver.
        pre_ping: Whether a pooled connection is tried before its use.
        isolation_level: As SQLAlchemy spells it; `None` is the engine's own.
        memory_name: Names the shared database of SQLite in memory; `None` for all others.
    """

    url: URL = field(repr=False)
    connect_args: Mapping[str, Any] = field(repr=False)
    statements: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    pre_ping: bool = True
    isolation_level: str | None = None
    memory_name: str | None = None


def parse_sql_url(url: str, *, asynchronous: bool) -> URL:
    """The URL with its driver: the one that it names, else the usual one of its dialect.

    Raises:
        ValueError: The text is no URL. It is not shown.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None:
        # Outside of the handler: the cause would show the text.
        raise ValueError("url is not a database URL: dialect[+driver]://user:password@host/name")
    dialect, plus, driver = parsed.drivername.partition("+")
    dialect = _ALIASES.get(dialect, dialect)
    if not plus and dialect in _DRIVERS:
        driver = _DRIVERS[dialect][asynchronous]
    return parsed.set(drivername=f"{dialect}+{driver}" if driver else dialect)


def place_of(url: URL) -> str:
    """The URL as messages and `details` may show it."""
    return redact_url(url.render_as_string(hide_password=True))


def plan_engine(url: URL, settings: SqlSettings) -> EnginePlan:
    """How the engine of a URL is made, with the settings that its dialect knows."""
    dialect = url.get_backend_name()
    plan = _PLANNERS.get(dialect, _plan_other)(url, settings)
    own = dict(settings.connect_args)
    if "options" in plan.connect_args:
        own.pop("options", None)  # merged by the plan of PostgreSQL
    merged = {**plan.connect_args, **own}
    pre_ping = plan.pre_ping and settings.pool_pre_ping
    return replace(plan, connect_args=merged, pre_ping=pre_ping)


def plan_probe(plan: EnginePlan, *, timeout_seconds: float) -> EnginePlan:
    """The plan of an engine that gives up connecting sooner."""
    timeouts = {
        "connect_timeout": math.ceil(timeout_seconds),
        "tcp_connect_timeout": timeout_seconds,
    }
    known = {name: value for name, value in timeouts.items() if name in plan.connect_args}
    return replace(plan, connect_args={**plan.connect_args, **known})


def sql_isolation(level: IsolationLevel | None) -> str | None:
    """The level as SQLAlchemy spells it."""
    return None if level is None else level.replace("_", " ").upper()


def _plan_sqlite(url: URL, settings: SqlSettings) -> EnginePlan:
    del settings  # SQLite is always serializable, and has neither a server nor a statement timeout.
    statements = [f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}", "PRAGMA foreign_keys=ON"]
    if url.database in {None, "", ":memory:"}:
        name = str(url.query.get("name") or uuid.uuid4().hex)
        return EnginePlan(
            url=memory_url(url, name),
            connect_args={"check_same_thread": False},
            statements=tuple(statements),
            pre_ping=False,
            memory_name=name,
        )
    return EnginePlan(
        url=url,
        connect_args={},
        statements=(*statements, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"),
        pre_ping=False,  # a file does not hang up
    )


def memory_url(url: URL, name: str) -> URL:
    """A database of the `memdb` VFS, which all connections of the process share by its name.

    (sqlite.org, "In-Memory Databases": a name that begins with `/` is shared.)
    """
    return url.set(database=f"file:/mic-{name}", query={"vfs": "memdb", "uri": "true"})


def _plan_postgresql(url: URL, settings: SqlSettings) -> EnginePlan:
    options = []
    if settings.statement_timeout_seconds is not None:
        options += [
            f"-c statement_timeout={_ms(settings.statement_timeout_seconds)}",
            f"-c lock_timeout={_ms(settings.statement_timeout_seconds / 2)}",
        ]
    own = url.query.get("options") or settings.connect_args.get("options")
    options += [str(own)] if own else []
    return EnginePlan(
        url=url.difference_update_query(["options"]),
        connect_args={
            "connect_timeout": math.ceil(settings.connect_timeout_seconds),
            "application_name": settings.application_name,
            "keepalives": 1,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            **({"options": " ".join(options)} if options else {}),
        },
        isolation_level=sql_isolation(settings.isolation_level),
    )


def _plan_mysql(url: URL, settings: SqlSettings) -> EnginePlan:
    seconds = settings.statement_timeout_seconds
    statements: tuple[str, ...] = ()
    if seconds is not None:
        # Executable comments: MySQL leaves the one of MariaDB out, MariaDB that of MySQL 5.7 and 8.
        statement = (
            f"SET SESSION innodb_lock_wait_timeout={max(1, round(seconds / 2))}"
            f" /*!50708 , max_execution_time={_ms(seconds)} */"
            f" /*M!100101 , max_statement_time={seconds:g} */"
        )
        statements = (statement,)
    return EnginePlan(
        url=url,
        connect_args={
            "connect_timeout": math.ceil(settings.connect_timeout_seconds),
            "charset": "utf8mb4",
        },
        statements=statements,
        isolation_level=sql_isolation(settings.isolation_level) or "READ COMMITTED",
    )


def _plan_oracle(url: URL, settings: SqlSettings) -> EnginePlan:
    seconds = settings.statement_timeout_seconds
    return EnginePlan(
        url=url,
        connect_args={"tcp_connect_timeout": settings.connect_timeout_seconds},
        attributes=_NOTHING if seconds is None else {"call_timeout": _ms(seconds)},
        isolation_level=sql_isolation(settings.isolation_level),
    )


def _plan_other(url: URL, settings: SqlSettings) -> EnginePlan:
    """A dialect that this distribution has no settings for: SQLAlchemy's own defaults."""
    return EnginePlan(
        url=url, connect_args={}, isolation_level=sql_isolation(settings.isolation_level)
    )


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


_PLANNERS: Mapping[str, Callable[[URL, SqlSettings], EnginePlan]] = {
    "sqlite": _plan_sqlite,
    "postgresql": _plan_postgresql,
    "mysql": _plan_mysql,
    "mariadb": _plan_mysql,
    "oracle": _plan_oracle,
}
