"""What a unit of work needs to be told to each engine: a pure function of its options."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mic.datastorage.errors import UnsupportedOperationError
from mic.datastorage.uow import UnitOptions
from mic.datastorage_sql._settings import sql_isolation

BEGIN_OPTION = "mic_begin"
READ_ONLY_OPTION = "mic_read_only"


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """How the transaction of a unit of work begins.

    Attributes:
        execution_options: Of the connection, before the transaction begins.
        statements: Sent first in the transaction, each with its parameters.
    """

    execution_options: Mapping[str, Any] = field(default_factory=dict)
    statements: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def plan_unit(dialect: str, options: UnitOptions) -> UnitPlan:
    """The plan for a unit of work.

    `timeout_seconds` is enforced by PostgreSQL; the other engines have no timeout of one
    transaction, and there the storage's own `statement_timeout_seconds` holds.

    Raises:
        ValueError: The engine has no `settings`.
        UnsupportedOperationError: The engine has no such isolation level.
    """
    if options.settings and dialect != "postgresql":
        raise ValueError("settings: only PostgreSQL has variables of a transaction")
    if dialect == "sqlite":
        return _sqlite(options)
    if dialect == "oracle" and options.isolation == "repeatable_read":
        raise UnsupportedOperationError(message="Oracle has no isolation level repeatable_read")
    level = sql_isolation(options.isolation)
    return UnitPlan(
        {"isolation_level": level} if level else {}, _first_statements(dialect, options)
    )


def _sqlite(options: UnitOptions) -> UnitPlan:
    # Always serializable. A writer takes its lock at once: a reader that turns into a writer could
    # only fail when somebody else wrote meanwhile.
    begin = "BEGIN" if options.read_only else "BEGIN IMMEDIATE"
    return UnitPlan({BEGIN_OPTION: begin, READ_ONLY_OPTION: options.read_only})


def _first_statements(
    dialect: str, options: UnitOptions
) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    statements: list[tuple[str, Mapping[str, Any]]] = []
    if options.read_only:
        # MySQL: SET TRANSACTION would speak of the next one.
        mysql = dialect in {"mysql", "mariadb"}
        statements.append(
            ("START TRANSACTION READ ONLY" if mysql else "SET TRANSACTION READ ONLY", {})
        )
    if dialect == "postgresql":
        if options.timeout_seconds is not None:
            milliseconds = max(1, round(options.timeout_seconds * 1000))
            statements.append((f"SET LOCAL statement_timeout = {milliseconds}", {}))
        statements += [
            ("SELECT set_config(:name, :value, true)", {"name": name, "value": value})
            for name, value in options.settings.items()
        ]
    return tuple(statements)
