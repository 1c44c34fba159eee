"""Column types that mean the same on every engine."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CLOB, DateTime, Dialect, String, Text
from sqlalchemy.dialects import mysql, oracle, postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["JsonDocument", "LongText", "UtcDateTime"]

_MYSQL = ("mysql", "mariadb")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: an aware `datetime` in UTC, in and out, to the microsecond, on every engine.

    PostgreSQL `timestamptz`, MySQL and MariaDB `DATETIME(6)`, Oracle `TIMESTAMP(6) WITH TIME ZONE`,
    SQLite text of fixed width (ISO 8601), so that its order is the order of time.

    A naive value is a `ValueError`.
    """

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """`datetime`."""
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name in _MYSQL:
            return mysql.DATETIME(fsp=6)
        if dialect.name == "oracle":
            return oracle.TIMESTAMP(timezone=True)
        if dialect.name == "sqlite":
            return String(32)
        return DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the engine.

        Raises:
            ValueError: The value is naive.
        """
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a naive datetime is not a moment: give it a time zone")
        moment = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return moment.isoformat(timespec="microseconds")
        return moment.replace(tzinfo=None) if dialect.name in _MYSQL else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the engine."""
        del dialect  # its types are told by the value
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        known = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        utc: datetime = known.astimezone(UTC)
        return utc


class JsonDocument(TypeDecorator[Any]):
    """A JSON value: PostgreSQL `JSONB`, MySQL and MariaDB `JSON`, Oracle `CLOB`, SQLite `TEXT`.

    `None` is NULL. What JSON cannot hold (NaN included) is a `ValueError`. A change inside a loaded
    value is not noticed by a session: assign a new value.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name == "postgresql":
            return postgresql.JSONB(none_as_null=True)
        if dialect.name in _MYSQL:
            return mysql.JSON(none_as_null=True)
        return CLOB() if dialect.name == "oracle" else Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """To the engine.

        Raises:
            ValueError: JSON cannot hold the value.
        """
        if value is None:
            return None
        try:
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError("the value must be JSON-serialisable") from error
        return value if _is_native(dialect) else text

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """From the engine."""
        return value if value is None or _is_native(dialect) else json.loads(value)


class LongText(TypeDecorator[str]):
    """Text without a bound of its own: `TEXT`, MySQL and MariaDB `LONGTEXT`, Oracle `CLOB`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name in _MYSQL:
            return mysql.LONGTEXT()
        return CLOB() if dialect.name == "oracle" else Text()


def _is_native(dialect: Dialect) -> bool:
    return dialect.name == "postgresql" or dialect.name in _MYSQL
